package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"packhorse/internal/fulfillment"
)

// live has the service work until the context ends: it is asked, answers some requests and leaves others, and ships
// without saying a tracking number, which it is asked for later. What fails is tried with the next one.
func (d *desk) live(ctx context.Context, rng *rand.Rand, mayCreate bool) {
	commands := d.commands(d.straight)
	for n := 0; sleep(ctx, time.Duration(rng.Int64N(int64(pace)))); n++ {
		trying, cancel := context.WithTimeout(ctx, apiTimeout)
		waiting, err := d.store.WaitingAt(trying, d.of.LocationID, 0, 250)
		if mayCreate && err == nil && chance(rng, 0.2) {
			_, _ = commands.CreateOrder(trying, fulfillment.Order{
				SourceIdentifier: fmt.Sprintf("desk-%d", n),
				LineItems:        []fulfillment.LineItem{{Title: "Parcel", Quantity: 2, LocationID: d.of.LocationID}},
			})
		}
		if len(waiting) > 0 {
			fo := oneOf(rng, waiting)
			for _, one := range waiting { // Few get that far by chance.
				if one.RequestStatus == fulfillment.RequestAccepted && chance(rng, 0.5) {
					fo = one
				}
			}
			if next := d.next(rng, fo); next != nil {
				_, _ = commands.Send(trying, fo.ID, next)
			}
		}
		cancel()
	}
}

// next is what happens to a fulfillment order of the service; nil: nothing.
func (d *desk) next(rng *rand.Rand, fo *fulfillment.FulfillmentOrder) fulfillment.Command {
	service := fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleService, ServiceID: d.of.ID}}
	switch fo.RequestStatus {
	case fulfillment.RequestUnsubmitted:
		return &fulfillment.SubmitFulfillmentRequest{}
	case fulfillment.RequestSubmitted:
		if chance(rng, 0.1) {
			return &fulfillment.Cancel{} // Its request is withdrawn.
		}
		if chance(rng, 0.7) {
			return &fulfillment.AcceptFulfillmentRequest{Meta: service}
		}
	case fulfillment.RequestAccepted:
		if chance(rng, 0.2) {
			return &fulfillment.SubmitCancellationRequest{}
		}
		return &fulfillment.CreateFulfillment{Meta: service}
	case fulfillment.RequestCancellationRequested:
		if chance(rng, 0.3) {
			return &fulfillment.RejectCancellationRequest{Meta: service}
		}
	}
	return nil
}
