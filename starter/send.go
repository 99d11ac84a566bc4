package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

// sends makes the subcommand that sends cmd, which the flags fill in, to one fulfillment order. It is named like the
// verb. prepare, if there is one, completes the command after the flags are read.
func (a *app) sends(
	cmd fulfillment.Command, short, example string, prepare func(ctx context.Context, b book) error,
) *cobra.Command {
	name := kebab(string(cmd.Verb()))
	c := &cobra.Command{
		Use: name + " FULFILLMENT-ORDER", Short: short, Args: oneArgument("fulfillment order", isFulfillmentOrderName),
		ValidArgsFunction: completesOnce(a.openFulfillmentOrders()),
		Example:           "  packhorse fulfillment-order " + name + " " + example,
	}
	who := a.askerFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		id, err := findFulfillmentOrder(ctx, b, args[0], who.commandID != "")
		if err != nil {
			return err
		}
		if prepare != nil {
			if err := prepare(ctx, b); err != nil {
				return err
			}
		}
		return a.send(ctx, b, cmd, who, func(
			ctx context.Context, o operation.FulfillmentOrders,
		) (fulfillment.Result, error) {
			return o.Send(ctx, id, cmd)
		})
	}
	return c
}

// send has the command sent and shows what the store says afterwards.
func (a *app) send(
	ctx context.Context, b book, cmd fulfillment.Command, who *asker,
	send func(context.Context, operation.FulfillmentOrders) (fulfillment.Result, error),
) error {
	asked, o, err := a.asks(ctx, b, cmd.Envelope(), who)
	if err != nil {
		return err
	}
	result, err := send(asked, o)
	if err != nil {
		return &sendError{cmd.Envelope().CommandID, err}
	}
	return a.showResult(ctx, b, cmd, result)
}

// asks fills who asks into the envelope of a command, and returns what there is to do with fulfillment orders, and the
// context in which the asker does it.
func (a *app) asks(
	ctx context.Context, b book, meta *fulfillment.Meta, who *asker,
) (context.Context, operation.FulfillmentOrders, error) {
	asked, s, err := a.asking(ctx, b, meta, who)
	return asked, operation.FulfillmentOrders{Store: b, Commands: s}, err
}

// asksOrders is [app.asks] for what there is to do with orders.
func (a *app) asksOrders(
	ctx context.Context, b book, meta *fulfillment.Meta, who *asker,
) (context.Context, operation.Orders, error) {
	asked, s, err := a.asking(ctx, b, meta, who)
	return asked, operation.Orders{Store: b, Commands: s}, err
}

func (a *app) asking(
	ctx context.Context, b book, meta *fulfillment.Meta, who *asker,
) (context.Context, sender, error) {
	if err := who.fill(ctx, b, meta); err != nil {
		return nil, nil, err
	}
	s, err := a.backend.sender(ctx)
	if err != nil {
		return nil, nil, err
	}
	return access.WithCaller(ctx, access.Trusted(meta.Actor)), s, nil
}

// commandAnswer is what a command is answered to programs.
type commandAnswer struct {
	Command          fulfillment.Verb         `json:"command"`
	CommandID        string                   `json:"commandId"`
	Result           fulfillment.Result       `json:"result"`
	FulfillmentOrder fulfillmentOrderPage     `json:"fulfillmentOrder"`
	Sibling          *fulfillmentOrderPage    `json:"sibling,omitempty"`
	Fulfillment      *fulfillment.Fulfillment `json:"fulfillment,omitempty"`
}

func (a *app) showResult(ctx context.Context, b book, cmd fulfillment.Command, result fulfillment.Result) error {
	by := cmd.Envelope().Actor
	answer := commandAnswer{Command: cmd.Verb(), CommandID: cmd.Envelope().CommandID, Result: result}
	fo, err := loadFulfillmentOrder(ctx, b, result.FulfillmentOrderID)
	if err != nil {
		return fmt.Errorf("the command is done, but not shown: %w", err)
	}
	answer.FulfillmentOrder = newFulfillmentOrderPage(fo, by)
	shown := []*fulfillment.FulfillmentOrder{fo}
	if result.SiblingID != 0 {
		sibling, err := loadFulfillmentOrder(ctx, b, result.SiblingID)
		if err != nil {
			return fmt.Errorf("the command is done, but not shown: %w", err)
		}
		page := newFulfillmentOrderPage(sibling, by)
		answer.Sibling = &page
		shown = append(shown, sibling)
	}
	for i := range fo.Fulfillments {
		if fo.Fulfillments[i].ID == result.FulfillmentID {
			answer.Fulfillment = fo.Fulfillments[i].AsCommitted()
		}
	}
	if a.json() {
		return writeJSON(a.out, answer)
	}
	fmt.Fprintf(a.out, "%s: done\n", kebab(string(cmd.Verb())))
	t := a.newTable()
	t.pair("hold", idText(result.HoldID))
	t.pair("request", idText(result.RequestID))
	if f := answer.Fulfillment; f != nil {
		t.pair("fulfillment", fmt.Sprintf("%s (%s), %s", f.Name, f.ID, f.DisplayStatus))
	}
	t.pair("event", idText(result.EventID))
	if result.SiblingID != 0 {
		t.pair("new", fmt.Sprintf("fulfillment order %s, %s", result.SiblingID, siblingWords[result.SiblingRole]))
	}
	if err := t.flush(); err != nil {
		return err
	}
	siblings, err := b.FulfillmentOrdersOf(ctx, shown[0].OrderID)
	if err != nil {
		return fmt.Errorf("the command is done, but not shown: %w", err)
	}
	return a.fulfillmentOrderTable(shown, siblings)
}

var siblingWords = map[fulfillment.SiblingRole]string{
	fulfillment.SiblingUnsubmitted: "with the units that were not requested",
	fulfillment.SiblingRemaining:   "with the other units",
	fulfillment.SiblingReplacement: "in its place",
	fulfillment.SiblingMoved:       "with the units that moved",
	fulfillment.SiblingRejected:    "with the units that were not accepted",
	fulfillment.SiblingCancelled:   "with the units that the service stopped",
	fulfillment.SiblingReopened:    "with the units that came back",
}
