package chaos

import (
	"context"
	"fmt"
	"maps"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/simulated"
)

// shop is where orders are shipped from.
type shop struct {
	locations []fulfillment.Location  // of the merchant first, then of the services
	apart     map[fulfillment.ID]bool // services whose systems alone do what services do: see keeps
}

// warehouses are the merchant's own.
var warehouses = []string{"Harbour", "Hilltop"}

// services are those of the shop, each with a trouble of its own. What takes time takes seconds: a run is short.
var services = []fulfillment.Service{
	{Name: "Swift", Provider: simulated.DefaultID, Options: behaves(nil)},
	{Name: "Choosy", Provider: simulated.DefaultID, Options: behaves(map[string]any{
		"answer": "pending", "acceptAfter": "1s", "rejectionRate": 0.25, "cancelRefusalRate": 0.4,
		"partialShipmentRate": 0.5,
		"latency":             map[string]any{"min": "20ms", "max": "400ms"}, "shipAfter": "3s",
	})},
	{
		Name: deaf, Provider: simulated.DefaultID,
		Options: behaves(map[string]any{"lostAnswerRate": 1, "shipAfter": "2s"}),
	},
	{
		Name: "Echo", Provider: simulated.DefaultID,
		Options: behaves(map[string]any{"duplicateAnswerRate": 1, "acceptAfter": "500ms", "answer": "pending"}),
	},
	{Name: "Tardy", Provider: simulated.DefaultID, Options: behaves(map[string]any{
		"lateAnswerRate": 0.7, "lateAnswerAfter": "2s", "duplicateAnswerRate": 0.3, "cancelRefusalRate": 0.3,
		"ship": false,
	})},
	{Name: "Silent", Provider: simulated.DefaultID, Options: behaves(map[string]any{"answer": "manual"})},
	{Name: "Forgetful", Provider: simulated.DefaultID, Options: behaves(map[string]any{"answer": "manual"}),
		AcceptWithin: fulfillment.Duration(5 * time.Second), AcceptPolicy: fulfillment.AcceptReroute},
	{
		Name: "Paper", Provider: fulfillment.ManualProvider, AcceptWithin: fulfillment.Duration(8 * time.Second),
		AcceptPolicy: fulfillment.AcceptHold,
	},
}

// halving are the services that accept half of the units now and then, and how often. None does when the database may
// be set back: a person must look at what was asked for in the lost time and taken in part, because the units have
// other IDs then.
var halving = map[string]float64{"Choosy": 0.3, deaf: 0.4, "Tardy": 0.3}

// deaf is the service whose every answer gets lost on the way back.
const deaf = "Deaf"

// behaves is the settings of a simulated service that differ from one that accepts at once and delivers in seconds.
func behaves(settings map[string]any) map[string]any {
	all := map[string]any{
		"shipAfter": "1s", "inTransitAfter": "1s", "outForDeliveryAfter": "1s", "deliveredAfter": "1s",
	}
	for name, value := range settings {
		all[name] = value
	}
	return all
}

// openShop adds the warehouses and the services to the store; halves: those of halving do.
func openShop(ctx context.Context, store *postgres.Store, halves bool) (*shop, error) {
	for i, name := range warehouses {
		_, err := store.AddLocation(
			ctx,
			fulfillment.Location{
				Name: name, CountryCode: "BR", Active: true, StocksAll: true, Default: i == 0, Priority: i,
			},
		)
		if err != nil {
			return nil, fmt.Errorf("add the warehouse %s: %w", name, err)
		}
	}
	for _, service := range services {
		if rate := halving[service.Name]; halves && rate > 0 {
			service.Options = maps.Clone(service.Options)
			service.Options["partialRate"] = rate
		}
		if _, err := store.AddService(ctx, service); err != nil {
			return nil, fmt.Errorf("add the service %s: %w", service.Name, err)
		}
	}
	locations, err := store.Locations(ctx)
	if err != nil {
		return nil, err
	}
	return &shop{locations: locations}, nil
}
