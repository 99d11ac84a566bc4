package demo

import (
	"context"
	"slices"

	"packhorse/internal/fulfillment"
)

// Warehouse is a running warehouse of examples/warehouse; the zero value: there is none.
type Warehouse struct {
	URL        string
	SecretName string // of the secret between it and Packhorse
}

// options are those of its service.
func (w Warehouse) options() map[string]any {
	return map[string]any{"url": w.URL, "secretName": w.SecretName}
}

// Places are the locations and the services that the sample orders are shipped from; a service is the one of its
// location. Their SKUs lead each sample order to where its story happens. One service is the warehouse, if there is
// one; else it is simulated.
func Places(w Warehouse) (own, services []fulfillment.Location) {
	id := func(kind, handle string) fulfillment.ID { return fulfillment.DerivedID(kind, "sample/"+handle) }
	own = []fulfillment.Location{
		{ID: id("location", "main-warehouse"), Name: "Main warehouse", City: "Porto", CountryCode: "PT", Active: true,
			Priority: 10,
			SKUs:     []string{"LANTERN", "WICK", "KETTLE", "TENT", "TENT-PEGS", "MAP-PDF", "ROPE", "COMPASS"}},
		{ID: id("location", "second-warehouse"), Name: "Second warehouse", City: "Lyon", CountryCode: "FR",
			Active: true, Priority: 20,
			SKUs: []string{"STOVE", "GAS", "SLEEPING-BAG", "ROPE"}},
	}
	service := func(
		handle, name, city, country, provider string, priority int, options map[string]any, skus ...string,
	) fulfillment.Location {
		s := &fulfillment.Service{
			ID: id("service", handle), Name: name, Handle: handle, Provider: provider, Options: options,
			LocationID: id("location", handle),
		}
		return fulfillment.Location{
			ID: s.LocationID, Name: name, City: city, CountryCode: country, Active: true, Priority: priority,
			SKUs: skus, ServiceID: s.ID, Service: s,
		}
	}
	nordlicht, options := "http", w.options()
	if w.URL == "" {
		nordlicht, options = "simulated", map[string]any{
			"answer": "pending", "acceptAfter": "400ms", "shipAfter": "800ms", "inTransitAfter": "400ms",
			"outForDeliveryAfter": "600ms", "deliveredAfter": "600ms", "trackingPrefix": "NL",
			"trackingCompany": "Nordlicht Express", "labels": true,
		}
	}
	services = []fulfillment.Location{
		// It answers, ships and delivers by itself, within seconds.
		service("nordlicht-3pl", "Nordlicht 3PL", "Kiel", "DE", nordlicht, 30, options,
			"BOOTS", "SOCKS", "JACKET", "GLOVES", "HAT", "SCARF", "MUG", "SPOON", "PAN", "TORCH"),
		// It never has anything. Its one SKU is also in the second warehouse.
		service("leerstand-lager", "Leerstand Lager", "Wien", "AT", "simulated", 15, map[string]any{
			"answer": "pending", "acceptAfter": "500ms", "rejectAlways": "INVENTORY_OUT_OF_STOCK",
		}, "SLEEPING-BAG"),
		// People run it: they read requests and answer them.
		service(
			"harbour-hands", "Harbour Hands", "Rotterdam", "NL", fulfillment.ManualProvider, 40, nil, "CANOE", "PADDLE",
		),
	}
	return own, services
}

// AddPlaces adds those of [Places] that are not there yet, and returns how many.
func AddPlaces(ctx context.Context, b Book, w Warehouse) (int, error) {
	own, services := Places(w)
	present, err := b.Locations(ctx)
	if err != nil {
		return 0, err
	}
	isThere := func(id fulfillment.ID) bool {
		return slices.ContainsFunc(present, func(l fulfillment.Location) bool { return l.ID == id })
	}
	// An order for something that nobody stocks has to go somewhere, unless somebody has decided where.
	own[0].Default = !slices.ContainsFunc(present, func(l fulfillment.Location) bool { return l.Default })
	added := 0
	for _, l := range own {
		if isThere(l.ID) {
			continue
		}
		if _, err := b.AddLocation(ctx, l); err != nil {
			return added, err
		}
		added++
	}
	for _, l := range services {
		if slices.ContainsFunc(
			present, func(other fulfillment.Location) bool { return other.ServiceID == l.ServiceID },
		) {
			continue
		}
		service := *l.Service
		if l.ServiceID, l.Service = 0, nil; !isThere(l.ID) {
			if _, err := b.AddLocation(ctx, l); err != nil {
				return added, err
			}
		}
		if _, err := b.AddService(ctx, service); err != nil {
			return added, err
		}
		added++
	}
	return added, nil
}
