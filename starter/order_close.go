package main

import (
	"context"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

func (a *app) newOrderClose() *cobra.Command {
	cmd := fulfillment.CloseOrder{}
	c := &cobra.Command{
		Use: "close ORDER", Short: "Put an order away", Args: oneArgument("order", nil),
		ValidArgsFunction: completesOnce(a.openOrders()),
		Long: `Closes the order: nothing is left to be done with it. Its fulfillment orders go on as before. An order also
closes by itself when it is shipped whole or cancelled. Closing a closed order changes nothing.`,
		Example: `  packhorse order close '#1001'`,
	}
	a.changesOrder(c, &cmd.Meta, func(
		ctx context.Context, orders operation.Orders, id fulfillment.ID,
	) (any, func(*table), error) {
		cmd.OrderID = id
		done, err := orders.Close(ctx, cmd)
		return done, nil, err
	})
	return c
}

func (a *app) newOrderOpen() *cobra.Command {
	cmd := fulfillment.OpenOrder{}
	c := &cobra.Command{
		Use: "open ORDER", Short: "Open a closed order again", Args: oneArgument("order", nil),
		Long: `Opens an order that was closed, or that closed by itself when it was shipped whole. A cancelled one stays
closed. Opening an open order changes nothing.`,
		Example: `  packhorse order open '#1001'`,
	}
	a.changesOrder(c, &cmd.Meta, func(
		ctx context.Context, orders operation.Orders, id fulfillment.ID,
	) (any, func(*table), error) {
		cmd.OrderID = id
		done, err := orders.Open(ctx, cmd)
		return done, nil, err
	})
	return c
}
