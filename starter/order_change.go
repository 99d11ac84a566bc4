package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

func (a *app) newOrderCancel() *cobra.Command {
	cmd := fulfillment.CancelOrder{}
	c := &cobra.Command{
		Use: "cancel ORDER", Short: "Cancel an order of which nothing is shipped", Args: oneArgument("order", nil),
		ValidArgsFunction: completesOnce(a.openOrders()),
		Long: `Cancels the order with each of its fulfillment orders. Where a service has accepted the work, it is asked to stop first:
the units are out of the order when it agrees.

An order of which a part is shipped can't be cancelled. Take what is left out of it with packhorse order edit
(--set-quantity LINE=units that are shipped), or cancel its shipments first (packhorse fulfillment cancel).`,
		Example: `  packhorse order cancel '#1001' --reason "customer changed their mind"`,
	}
	c.Flags().StringVar(&cmd.Reason, "reason", "", "`TEXT` that says why")
	a.changesOrder(c, &cmd.Meta, func(
		ctx context.Context, orders operation.Orders, id fulfillment.ID,
	) (any, func(*table), error) {
		cmd.OrderID = id
		done, err := orders.Cancel(ctx, operation.Cancellation{CancelOrder: cmd})
		return done, func(t *table) { outcomes(t, done.FulfillmentOrders) }, err
	})
	return c
}

func (a *app) newOrderEdit() *cobra.Command {
	cmd := fulfillment.EditOrder{}
	var add []string
	c := &cobra.Command{
		Use: "edit ORDER", Short: "Add lines to an order, or change quantities", Args: oneArgument("order", nil),
		ValidArgsFunction: completesOnce(a.openOrders()),
		Long: `Adds lines, and sets quantities of lines that are there. Added lines and raised quantities are routed, and become
fulfillment orders of their own. Lowered ones (0 takes a line out) come from what nobody is at work on: units that a
service has been asked for, or that are shipped, stay. An edit is done as a whole or refused as a whole.`,
		Example: `  packhorse order edit '#1001' --add '{"title": "Matches", "sku": "MAT-1", "quantity": 1}'
  packhorse order edit '#1001' --add more-lines.json --set-quantity 4712=1 --set-quantity 4713=5`,
	}
	c.Flags().StringArrayVar(
		&add, "add", nil,
		"a line to add, as `JSON`, or a file with one, or with a list of them; - is the standard input",
	)
	c.Flags().Var(
		quantitiesValue(&cmd.SetQuantities), "set-quantity", "new quantity of an order line; once for each line",
	)
	c.MarkFlagsOneRequired("add", "set-quantity")
	a.changesOrder(c, &cmd.Meta, func(
		ctx context.Context, orders operation.Orders, id fulfillment.ID,
	) (any, func(*table), error) {
		cmd.OrderID, cmd.Add = id, nil
		for _, text := range add {
			lines, err := a.readLines(text)
			if err != nil {
				return nil, nil, err
			}
			cmd.Add = append(cmd.Add, lines...)
		}
		done, err := orders.Edit(ctx, cmd)
		return done, func(t *table) {
			for _, id := range done.FulfillmentOrderIDs {
				t.row(id.String(), "ADDED", "")
			}
			outcomes(t, done.Lowered)
		}, err
	})
	return c
}

// changesOrder completes a subcommand that commands an order: send does it, and shows in a table what it did to
// its fulfillment orders, if that is anything.
func (a *app) changesOrder(
	c *cobra.Command, meta *fulfillment.Meta,
	send func(context.Context, operation.Orders, fulfillment.ID) (any, func(*table), error),
) {
	who := a.askerFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		order, err := findOrder(ctx, b, args[0])
		if err != nil {
			return err
		}
		asked, orders, err := a.asksOrders(ctx, b, meta, who)
		if err != nil {
			return err
		}
		done, rows, err := send(asked, orders, order.ID)
		if err != nil {
			return &sendError{meta.CommandID, err}
		}
		if order, err = b.Order(ctx, order.ID); err != nil {
			return fmt.Errorf("the command is done, but not shown: %w", err)
		}
		if a.json() {
			page, err := loadOrderPage(ctx, b, order)
			if err != nil {
				return fmt.Errorf("the command is done, but not shown: %w", err)
			}
			return writeJSON(a.out, struct {
				CommandID string    `json:"commandId"`
				Result    any       `json:"result"`
				Order     orderPage `json:"order"`
			}{meta.CommandID, done, page})
		}
		if rows != nil {
			t := a.newTable("FULFILLMENT ORDER", "OUTCOME", "WHY")
			if rows(t); len(t.rows) > 1 { // Else no fulfillment order is concerned.
				if err := t.flush(); err != nil {
					return err
				}
				fmt.Fprintln(a.out)
			}
		}
		return a.showOrder(ctx, b, order)
	}
}

func outcomes(t *table, list []fulfillment.CancelledFulfillmentOrder) {
	for _, one := range list {
		why := ""
		if one.Error != nil {
			why = one.Error.Told()
		}
		t.row(one.FulfillmentOrderID.String(), string(one.Outcome), why)
	}
}

// readLines reads order lines: text is JSON itself, or names a file with JSON; a line, or a list of lines.
func (a *app) readLines(text string) ([]fulfillment.LineItem, error) {
	body := []byte(text)
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || (trimmed[0] != '{' && trimmed[0] != '[') {
		var err error
		if body, err = a.readInput(text, longestOrder); err != nil {
			return nil, err
		}
	}
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '{' {
		body = append(append([]byte{'['}, body...), ']')
	}
	// An order's own reader is strict about its lines, and says where it stumbles.
	order, err := fulfillment.DecodeOrder(append(append([]byte(`{"lineItems":`), body...), '}'))
	if err != nil {
		return nil, err
	}
	if !json.Valid(body) || len(order.LineItems) == 0 {
		return nil, errors.New("--add has no line")
	}
	return order.LineItems, nil
}
