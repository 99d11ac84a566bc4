package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/temporalio"
	"packhorse/starter/demo"
)

func (a *app) newDemo() *cobra.Command {
	var folder string
	var warehouse demo.Warehouse
	c := &cobra.Command{
		Use: "demo --examples DIR", Short: "Take sample orders through their lives", Args: cobra.NoArgs,
		Long: `Adds sample locations and services, hands over the sample orders of a folder, takes each through its life with the
running worker, and ends with a table of what became of them. Run again, it finishes what was interrupted and leaves
alone what is done.

Each *.json file of the folder has a story (in words), an order (as for "order create", with a sourceIdentifier) and
steps: commands ({"do": "Hold", "with": {...}}), {"do": "CancelOrder"}, and conditions to wait for
({"do": "Wait", "until": {"status": "OPEN"}}).`,
		Example: "  packhorse demo --examples examples",
	}
	c.Flags().StringVar(&folder, "examples", "", "`FOLDER` of the sample orders")
	c.Flags().StringVar(
		&warehouse.URL, "warehouse", "", "`URL` of a running warehouse of examples/warehouse, for one of the services",
	)
	c.Flags().StringVar(
		&warehouse.SecretName, "warehouse-secret", "SAMPLE_WAREHOUSE", "`NAME` of the secret between it and Packhorse",
	)
	_ = c.MarkFlagRequired("examples")
	_ = c.MarkFlagDirname("examples")
	c.RunE = func(c *cobra.Command, _ []string) error {
		examples, err := demo.Read(folder)
		if err != nil {
			return err
		}
		return a.demo(c.Context(), examples, warehouse)
	}
	return c
}

func (a *app) demo(ctx context.Context, examples []*demo.Example, warehouse demo.Warehouse) error {
	b, err := a.backend.book(ctx)
	if err != nil {
		return err
	}
	places, err := demo.AddPlaces(ctx, b, warehouse)
	if err != nil {
		return fmt.Errorf("add the sample locations: %w", err)
	}
	var connecting sync.Mutex
	shown := a.newProgress(int64(demo.Steps(examples)), "sample orders")
	stage := &demo.Stage{
		Book: b,
		Sender: func(ctx context.Context) (demo.Sender, error) {
			connecting.Lock()
			defer connecting.Unlock()
			s, err := a.backend.sender(ctx)
			return demo.Sender{
				Orders:            operation.Orders{Store: b, Commands: s},
				FulfillmentOrders: operation.FulfillmentOrders{Store: b, Commands: s},
			}, err
		},
		Location: func(ctx context.Context, name string) (fulfillment.Location, error) {
			return location(ctx, b, name)
		},
		Progress: func(passed int) { shown.to(int64(passed)) },
		Note:     shown.note,
	}
	lives, failed := stage.Play(ctx, examples)
	shown.end()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := a.demoTable(ctx, b, lives, places); err != nil {
		return err
	}
	if failed != nil {
		return &stoppedError{failed, "Run it again: what is done is left alone, the rest goes on where it was.", true}
	}
	return nil
}

// demoOrder is what became of one sample order, as programs get it.
type demoOrder struct {
	Example string `json:"example"`
	Story   string `json:"story"`
	orderPage
}

func (a *app) demoTable(ctx context.Context, b book, lives []demo.Life, places int) error {
	var orders []demoOrder
	sent := 0
	for _, life := range lives {
		sent += life.Sent
		if life.OrderID == 0 {
			continue
		}
		record, err := findOrder(ctx, b, life.OrderID.String())
		if refused, ok := fulfillment.AsError(err); ok && refused.Code == fulfillment.CodeOrderNotFound {
			continue // It could not be handed over; that is told after the table.
		}
		if err != nil {
			return err
		}
		page, err := loadOrderPage(ctx, b, record)
		if err != nil {
			return err
		}
		orders = append(orders, demoOrder{life.Name, life.Story, page})
	}
	if a.json() {
		return writeJSON(a.out, struct {
			Items  []demoOrder `json:"items"`
			Places int         `json:"addedLocations"`
			Sent   int         `json:"sentCommands"`
		}{orders, places, sent})
	}
	if sent == 0 {
		fmt.Fprintln(a.out, "The sample orders were there already; nothing was created.")
	}
	t := a.newTable(
		"ORDER", "STATUS", "FULFILLMENT ORDER", "LOCATION", "UNITS", "LEFT", "STATE", "SHIPMENTS", "STORY",
	)
	for _, o := range orders {
		name, status, story := o.Name, string(o.DisplayFulfillmentStatus), o.Story
		if o.CancelledAt != nil {
			status += ", cancelled"
		}
		for _, fo := range o.FulfillmentOrders {
			t.row(name, status, nameAmong(o.FulfillmentOrders, fo), fo.AssignedLocation.Name, number(fo.TotalUnits()),
				number(fo.RemainingUnits()),
				pair(fo.Status, fo.RequestStatus), shipments(fo), story)
			name, status, story = " ", " ", "" // Once for each order.
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, o := range orders {
		for _, fo := range o.FulfillmentOrders {
			at := a.backend.workflowURL(temporalio.FulfillmentOrderID(fo.ID))
			if fo.Status == fulfillment.StatusOnHold && at != "" {
				fmt.Fprintf(a.out, "\n%s is on hold. Its workflow in the Temporal UI:\n  %s\n", o.Name, at)
			}
		}
	}
	return nil
}

// shipments says of each shipment how many units it has and how far it is.
func shipments(fo *fulfillment.FulfillmentOrder) string {
	text := ""
	for i := range fo.Fulfillments {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", shippedUnits(fo.Fulfillments[i].Lines), fo.Fulfillments[i].DisplayStatus)
	}
	return text
}
