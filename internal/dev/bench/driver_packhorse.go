package bench

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio"
)

// packhorseDriver is Packhorse's caller: it uses the client that the CLI and the gateway use.
type packhorseDriver struct {
	command  *operation.Commands
	accepted *acceptances
	location fulfillment.ID
}

// newPackhorseDriver adds a simulated service that accepts at once and does nothing by itself.
func newPackhorseDriver(
	ctx context.Context, temporal client.Client, store *postgres.Store, accepted *acceptances,
) (*packhorseDriver, error) {
	service, err := store.AddService(ctx, fulfillment.Service{
		Name: "Bench", Provider: simulated.DefaultID,
		Options: map[string]any{"answer": simulated.AnswerImmediate, "ship": false, "deliver": false},
	})
	if err != nil {
		return nil, fmt.Errorf("add a fulfillment service: %w", err)
	}
	return &packhorseDriver{
		command:  operation.NewCommands(temporal, store, operation.Options{Timeout: time.Minute}),
		accepted: accepted, location: service.LocationID,
	}, nil
}

func (d *packhorseDriver) live(ctx context.Context, took timer) ([]string, error) {
	var created fulfillment.OrderCreated
	err := took.time(Create, func() (err error) {
		created, err = d.command.CreateOrder(ctx, fulfillment.Order{
			LineItems: []fulfillment.LineItem{{Title: "Blanket", SKU: "BLANKET", Quantity: 2, LocationID: d.location}},
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("packhorse: create an order: %w", err)
	}
	if len(created.FulfillmentOrderIDs) != 1 {
		return nil, fmt.Errorf(
			"packhorse: the order became %d fulfillment orders instead of one", len(created.FulfillmentOrderIDs),
		)
	}
	id := created.FulfillmentOrderIDs[0]
	ids := []string{temporalio.OrderID(created.OrderID), temporalio.FulfillmentOrderID(id)}
	var result fulfillment.Result
	send := func(step Step, cmd fulfillment.Command) error {
		err := took.time(step, func() (err error) {
			if step == Ship { // A request that is not accepted yet can't be shipped.
				if err := d.accepted.wait(ctx, id); err != nil {
					return err
				}
			}
			result, err = d.command.Send(ctx, id, cmd)
			return err
		})
		if err != nil {
			return fmt.Errorf("packhorse: %s: %w", cmd.Verb(), err)
		}
		return nil
	}
	if err := send(Submit, &fulfillment.SubmitFulfillmentRequest{}); err != nil {
		return ids, err
	}
	if err := send(
		Ship, &fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Company: "UPS", Number: "1Z999"}},
	); err != nil {
		return ids, err
	}
	shipment := result.FulfillmentID
	for _, status := range []fulfillment.EventStatus{fulfillment.EventInTransit, fulfillment.EventDelivered} {
		if err := send(Event, &fulfillment.RecordEvent{FulfillmentID: shipment, Status: status}); err != nil {
			return ids, err
		}
	}
	return ids, nil
}
