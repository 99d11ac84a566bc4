package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// returnAnswer is what a command on a return is answered to programs.
type returnAnswer struct {
	Command   fulfillment.Verb `json:"command"`
	CommandID string           `json:"commandId"`
	Result    returns.Result   `json:"result"`
	Return    returnPage       `json:"return"`
}

// commandsReturn makes the subcommand that sends cmd, which the flags fill in, to one return. prepare, if there is one,
// completes the command after the flags are read: the return is as it is now.
func (a *app) commandsReturn(
	use, short, example string, cmd returns.Command,
	prepare func(ctx context.Context, b book, r *returns.Return) error,
) *cobra.Command {
	c := &cobra.Command{
		Use: use + " RETURN", Short: short, Args: oneArgument("return", nil),
		ValidArgsFunction: completesOnce(a.livingReturns()),
		Example:           "  packhorse return " + use + " " + example,
	}
	who := a.askerFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		r, err := findReturn(ctx, b, args[0])
		if err != nil {
			return err
		}
		return a.sendReturn(ctx, b, r, cmd, who, prepare)
	}
	return c
}

// sendReturn has a command sent to a return and shows what the store says afterwards.
func (a *app) sendReturn(
	ctx context.Context, b book, r *returns.Return, cmd returns.Command, who *asker,
	prepare func(ctx context.Context, b book, r *returns.Return) error,
) error {
	if prepare != nil {
		if err := prepare(ctx, b, r); err != nil {
			return err
		}
	}
	asked, s, err := a.asking(ctx, b, cmd.Envelope(), who)
	if err != nil {
		return err
	}
	result, after, err := s.CommandReturn(asked, r.ID, cmd)
	if err != nil {
		return &sendError{cmd.Envelope().CommandID, &returnError{"packhorse return show " + shellWord(r.Name), err}}
	}
	return a.showReturnAnswer(ctx, b, cmd, result, after)
}

// opensReturn makes the subcommand that begins a return of an order with cmd; prepare completes it.
func (a *app) opensReturn(
	use, short, example string, cmd returns.Opening,
	prepare func(ctx context.Context, b book, order *fulfillment.OrderRecord, who *asker) error,
) *cobra.Command {
	c := &cobra.Command{
		Use: use + " ORDER", Short: short, Args: oneArgument("order", nil),
		ValidArgsFunction: completesOnce(a.shippedOrders()),
		Example:           "  packhorse return " + use + " " + example,
	}
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
		if err := prepare(ctx, b, order, who); err != nil {
			return err
		}
		asked, s, err := a.asking(ctx, b, cmd.Envelope(), who)
		if err != nil {
			return err
		}
		result, after, err := s.BeginReturn(asked, order.ID, cmd)
		if err != nil {
			return &sendError{
				cmd.Envelope().CommandID, &returnError{"packhorse return returnable " + shellWord(args[0]), err},
			}
		}
		return a.showReturnAnswer(ctx, b, cmd, result, after)
	}
	return c
}

func (a *app) showReturnAnswer(
	ctx context.Context, b book, cmd returns.Command, result returns.Result, r *returns.Return,
) error {
	page := newReturnPage(r, cmd.Envelope().Actor)
	if a.json() {
		return writeJSON(a.out, returnAnswer{
			Command: cmd.Verb(), CommandID: cmd.Envelope().CommandID, Result: result, Return: page,
		})
	}
	fmt.Fprintf(a.out, "%s: done\n\n", commandsFor([]fulfillment.Action{fulfillment.Action(cmd.Verb())})[0])
	if err := a.showReturn(ctx, b, page); err != nil {
		return fmt.Errorf("the command is done, but not shown: %w", err)
	}
	return nil
}

// returnError is a refusal of a command on a return, with the command that shows what it depends on.
type returnError struct {
	see string
	err error
}

func (e *returnError) Error() string { return e.err.Error() }
func (e *returnError) Unwrap() error { return e.err }
