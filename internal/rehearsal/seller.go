package rehearsal

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	providerhttp "packhorse/internal/provider/http"
)

// Who the rehearsal is, besides every seller's service.
var merchant = fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "rehearsal", Name: "Rehearsal"}

// providerID is the plug-in that takes the requests of sellers that are no warehouses over HTTP.
const providerID = "simulated"

// Setting up works on so many sellers at the same time.
const setupConcurrency = 8

func serviceID(seller string) fulfillment.ID { return fulfillment.DerivedID("seller", seller) }

func locationID(seller string) fulfillment.ID {
	return fulfillment.DerivedID("seller/location", seller)
}

// service is the actor that answers for the seller.
func service(seller string) fulfillment.Actor {
	return fulfillment.Actor{
		Role: fulfillment.RoleService, App: "rehearsal", Name: "Seller " + short(seller), ServiceID: serviceID(seller),
	}
}

// addSellers makes sure that every seller of the records is a fulfillment service with its location. A seller's IDs
// follow from its name, so rehearsals on one store share them, and an interrupted set-up goes on where it stopped.
func addSellers(
	ctx context.Context, store Store, records []Record, w *warehouse,
) (added int, err error) {
	services, err := store.Services(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the services: %w", err)
	}
	known := make(map[fulfillment.ID]bool, len(services))
	for _, s := range services {
		known[s.ID] = true
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(setupConcurrency)
	for i := range records {
		for _, item := range records[i].Items {
			id := serviceID(item.SellerID)
			if known[id] {
				continue
			}
			known[id] = true
			added++
			group.Go(func() error {
				if err := addSeller(ctx, store, item.SellerID, w); err != nil {
					return fmt.Errorf("add seller %s: %w", item.SellerID, err)
				}
				return nil
			})
		}
	}
	return added, group.Wait()
}

func addSeller(ctx context.Context, store Store, seller string, w *warehouse) error {
	service := fulfillment.Service{
		ID: serviceID(seller), Name: "Seller " + seller, Provider: providerID, LocationID: locationID(seller),
		// The provider takes a request and leaves the answer to the service, which the rehearsal plays.
		Options: map[string]any{"answer": "manual"},
	}
	if w.plays(seller) {
		service.Provider, service.Options = providerhttp.ID, w.options()
	}
	_, err := store.AddService(ctx, service)
	return err
}
