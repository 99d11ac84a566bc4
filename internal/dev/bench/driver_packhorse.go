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
		command:  operation.NewCommands(temporal, store, operation.Options{Timeout: 5 * time.Minute}),
		accepted: accepted, location: service.LocationID,
	}, nil
}

// at is the same caller, with orders for another location.
func (d *packhorseDriver) at(location fulfillment.ID) *packhorseDriver {
	other := *d
	other.location = location
	return &other
}

// request makes an order and requests it, and leaves the rest to its service.
func (d *packhorseDriver) request(ctx context.Context) error {
	id, _, err := d.create(ctx)
	if err != nil {
		return err
	}
	if _, err := d.command.Send(ctx, id, &fulfillment.SubmitFulfillmentRequest{}); err != nil {
		return fmt.Errorf("packhorse: request: %w", err)
	}
	return nil
}

// create makes an order of one fulfillment order; the IDs are those of the workflows.
func (d *packhorseDriver) create(ctx context.Context) (id fulfillment.ID, workflowIDs []string, err error) {
	created, err := d.command.CreateOrder(ctx, fulfillment.Order{
		LineItems: []fulfillment.LineItem{{Title: "Blanket", SKU: "BLANKET", Quantity: 2, LocationID: d.location}},
	})
	if err != nil {
		return 0, nil, fmt.Errorf("packhorse: create an order: %w", err)
	}
	if len(created.FulfillmentOrderIDs) != 1 {
		return 0, nil, fmt.Errorf(
			"packhorse: the order became %d fulfillment orders instead of one", len(created.FulfillmentOrderIDs),
		)
	}
	id = created.FulfillmentOrderIDs[0]
	return id, []string{temporalio.OrderID(created.OrderID), temporalio.FulfillmentOrderID(id)}, nil
}

func (d *packhorseDriver) live(ctx context.Context, took timer) ([]string, error) {
	var id fulfillment.ID
	var ids []string
	if err := took.time(Create, func() (err error) {
		id, ids, err = d.create(ctx)
		return err
	}); err != nil {
		return nil, err
	}
	var requested time.Time
	var result fulfillment.Result
	send := func(step Step, cmd fulfillment.Command) error {
		err := took.time(step, func() (err error) {
			switch step {
			case Submit:
				requested = time.Now()
			case Ship: // A request that is not accepted yet can't be shipped.
				if err := d.accepted.wait(ctx, id); err != nil {
					return err
				}
				took(Accept, time.Since(requested))
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
