package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
)

func (a *app) newDemo() *cobra.Command {
	var folder string
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
	_ = c.MarkFlagRequired("examples")
	_ = c.MarkFlagDirname("examples")
	c.RunE = func(c *cobra.Command, _ []string) error {
		examples, err := readExamples(folder)
		if err != nil {
			return err
		}
		return a.demo(c.Context(), examples)
	}
	return c
}

func (a *app) demo(ctx context.Context, examples []*example) error {
	b, err := a.backend.book(ctx)
	if err != nil {
		return err
	}
	places, err := addSamplePlaces(ctx, b)
	if err != nil {
		return fmt.Errorf("add the sample locations: %w", err)
	}
	// Connecting waits until something has to be sent: a second run has nothing to send.
	var connecting sync.Mutex
	connect := func(ctx context.Context) (sender, error) {
		connecting.Lock()
		defer connecting.Unlock()
		return a.backend.sender(ctx)
	}

	steps := 0
	for _, e := range examples {
		steps += 1 + len(e.Steps)
	}
	shown := a.newProgress(int64(steps), "sample orders")
	var telling sync.Mutex
	passed := 0
	step := func() {
		telling.Lock()
		defer telling.Unlock()
		passed++
		shown.to(int64(passed))
	}

	players := make([]*player, len(examples))
	errs := make([]error, len(examples))
	began := time.Now()
	var group sync.WaitGroup
	for i, e := range examples {
		players[i] = &player{example: e, book: b, sender: connect, passed: step}
		group.Go(func() {
			errs[i] = players[i].play(ctx)
			if errs[i] == nil && players[i].did > 0 {
				telling.Lock()
				defer telling.Unlock()
				shown.note(fmt.Sprintf("%s %s (%.1f s)", players[i].order.Name, e.name, time.Since(began).Seconds()))
			}
		})
	}
	group.Wait()
	shown.end()

	if ctx.Err() != nil {
		return ctx.Err()
	}
	sent := 0
	for _, p := range players {
		sent += p.did
	}
	if err := a.demoTable(ctx, b, players, places, sent); err != nil {
		return err
	}
	if err := errors.Join(errs...); err != nil {
		return &stoppedError{err, "Run it again: what is done is left alone, the rest goes on where it was.", true}
	}
	return nil
}

// demoOrder is what became of one sample order, as programs get it.
type demoOrder struct {
	Example string `json:"example"`
	Story   string `json:"story"`
	orderPage
}

func (a *app) demoTable(ctx context.Context, b book, players []*player, places, sent int) error {
	var orders []demoOrder
	for _, p := range players {
		if p.order.ID == 0 {
			continue
		}
		record, err := findOrder(ctx, b, p.order.ID.String())
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
		orders = append(orders, demoOrder{p.name, p.Story, page})
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
	t := newTable(a.out, "ORDER", "STATUS", "FULFILLMENT ORDER", "LOCATION", "UNITS", "LEFT", "STATE", "SHIPMENTS", "STORY")
	for _, o := range orders {
		name, status, story := o.Name, string(o.DisplayFulfillmentStatus), o.Story
		if o.CancelledAt != nil {
			status += ", cancelled"
		}
		for _, fo := range o.FulfillmentOrders {
			t.row(name, status, fo.ID.String(), fo.AssignedLocation.Name, number(fo.TotalUnits()), number(fo.RemainingUnits()),
				pair(fo.Status, fo.RequestStatus), shipments(fo), story)
			name, status, story = " ", " ", "" // Once for each order.
		}
	}
	return t.flush()
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
