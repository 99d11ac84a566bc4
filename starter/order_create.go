package main

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

// longestOrder bounds the JSON of one order, in bytes: Temporal takes no larger payload without a warning, and 512
// lines fit in it well.
const longestOrder = 1 << 20

func (a *app) newOrderCreate() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "create -f FILE", Short: "Hand an order over", Args: cobra.NoArgs,
		Long: `Hands over one order, written as a JSON object. It is routed, and answered when its fulfillment orders are committed.

    {"sourceIdentifier": "web-2026-4711", "name": "#1001",
     "lineItems": [{"title": "Lantern", "sku": "LAN-1", "quantity": 2}]}

An order that has an id or a sourceIdentifier is recognised when it comes again; any other by --command-id.`,
		Example: `  packhorse order create -f order.json
  jq '.name = "#1002"' order.json | packhorse order create -f -`,
	}
	c.Flags().StringVarP(&file, "file", "f", "", "the order's JSON `FILE`; - is the standard input")
	_ = c.MarkFlagRequired("file")
	who := a.askerFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx := c.Context()
		order, err := a.readOrder(file)
		if err != nil {
			return err
		}
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		order.CommandID = cmp.Or(who.commandID, order.CommandID)
		operation.IdentifyOrder(&order) // So that it can be told how to send it again.
		meta := fulfillment.Meta{}
		asked, orders, err := a.asksOrders(ctx, b, &meta, who)
		if err != nil {
			return err
		}
		created, err := orders.Create(asked, operation.NewOrder{Order: order})
		if err != nil {
			return &sendError{order.CommandID, err}
		}
		record, err := b.Order(ctx, created.OrderID)
		if err != nil {
			return fmt.Errorf("the order is taken in, but not shown: %w", err)
		}
		if created.Repeated && !a.json() {
			fmt.Fprintln(a.errOut, "this order was there already: nothing was created")
		}
		return a.showOrder(ctx, b, record)
	}
	return c
}

// readOrder reads an order from a file, or from the standard input.
func (a *app) readOrder(file string) (fulfillment.Order, error) {
	text, err := a.readInput(file, longestOrder)
	if err != nil {
		return fulfillment.Order{}, err
	}
	return fulfillment.DecodeOrder(text)
}

func (a *app) readInput(file string, longest int64) ([]byte, error) {
	in := a.in
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err // It names the file.
		}
		defer opened.Close()
		in = opened
	}
	text, err := io.ReadAll(io.LimitReader(in, longest+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if int64(len(text)) > longest {
		return nil, fmt.Errorf("%s is longer than %d bytes: that is no order", file, longest)
	}
	return text, nil
}
