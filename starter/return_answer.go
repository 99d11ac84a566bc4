package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/returns"
)

// declineReasons lists the reasons in a fixed order.
var declineReasons = []returns.DeclineReason{
	returns.DeclineReturnPeriodEnded, returns.DeclineFinalSale, returns.DeclineOther,
}

func declineFlags(c *cobra.Command, reason *returns.DeclineReason, note *string) {
	c.Flags().Var(oneOf(reason, declineReasons...), "reason", "why it is declined: one of "+joined(declineReasons))
	completeValues(c, "reason", declineReasons...)
	c.Flags().StringVar(note, "note", "", "`TEXT` about the reason")
}

func (a *app) newReturnApprove() *cobra.Command {
	cmd := &returns.Approve{}
	var declined []string
	var reason returns.DeclineReason
	var note string
	c := a.commandsReturn("approve", "Let what was asked for come back", `'#1001-R1' --notify-customer`, cmd, func(
		_ context.Context, _ book, r *returns.Return,
	) error {
		cmd.Declined = nil
		for _, text := range declined {
			u, whole := units{line: text}, true
			if strings.Contains(text, "=") {
				if u, whole = readUnits(text); !whole || u.n < 1 {
					return &usageError{fmt.Errorf("--decline %q: write it as LINE, or as LINE=QUANTITY", text)}
				}
			}
			id, err := lineOf(r, u.line)
			if err != nil {
				return err
			}
			cmd.Declined = append(
				cmd.Declined, returns.DeclinedUnits{ReturnLineID: id, Quantity: u.n, Reason: reason, Note: note},
			)
		}
		if reason == "" && len(declined) > 0 {
			return &usageError{errors.New("--decline needs a --reason")}
		}
		return nil
	})
	c.Long = `Approves a request: the return is open, and parcels may come. With --decline a part of it is not
approved; to approve nothing of it, decline it.`
	c.Flags().StringArrayVar(
		&declined, "decline", nil, "`LINE[=QTY]`, by ID or SKU, that is not approved; once for each line",
	)
	declineFlags(c, &reason, &note)
	a.expectedFlags(c, &cmd.Expected)
	notifyFlag(c, &cmd.Notify)
	return c
}

func (a *app) newReturnDecline() *cobra.Command {
	cmd := &returns.Decline{}
	c := a.commandsReturn(
		"decline", "Refuse what was asked for", `'#1001-R1' --reason RETURN_PERIOD_ENDED --note "It was 90 days ago."`,
		cmd, nil,
	)
	c.Long = `Declines a request, all of it. Its units can be returned anew.`
	declineFlags(c, &cmd.Reason, &cmd.Note)
	_ = c.MarkFlagRequired("reason")
	notifyFlag(c, &cmd.Notify)
	return c
}

func (a *app) newReturnRemove() *cobra.Command {
	cmd := &returns.Remove{}
	var lines, exchange []units
	c := a.commandsReturn("remove", "Take units out that do not come back after all", `'#1001-R1' --line LANTERN=1`, cmd,
		func(_ context.Context, _ book, r *returns.Return) error {
			cmd.Lines, cmd.ExchangeLines = nil, nil
			for _, u := range lines {
				id, err := lineOf(r, u.line)
				if err != nil {
					return err
				}
				cmd.Lines = append(cmd.Lines, returns.RemovedUnits{ReturnLineID: id, Quantity: u.n})
			}
			for _, u := range exchange {
				id, err := exchangeLineOf(r, u.line)
				if err != nil {
					return err
				}
				cmd.ExchangeLines = append(
					cmd.ExchangeLines, returns.RemovedExchange{ExchangeLineID: id, Quantity: u.n},
				)
			}
			return nil
		})
	c.Long = `Takes units out of an open return with which nothing was done yet. A return that loses its last unit is
closed. To send a removal of a whole line again, name the line by its ID.`
	c.Flags().Var(unitsValue(&lines), "line", "units of a line, by ID or SKU, to take out; once for each line")
	c.Flags().Var(
		unitsValue(&exchange), "exchange", "units of the exchange, by ID or SKU, that the customer does not get",
	)
	c.MarkFlagsOneRequired("line", "exchange")
	return c
}

func (a *app) newReturnClose() *cobra.Command {
	c := a.commandsReturn("close", "Say that nothing is left to be done", `'#1001-R1'`, &returns.Close{}, nil)
	c.Long = `Closes an open return. Nothing is processed by it. Doing it twice is no error.`
	return c
}

func (a *app) newReturnReopen() *cobra.Command {
	c := a.commandsReturn("reopen", "Take up a closed return again", `'#1001-R1'`, &returns.Reopen{}, nil)
	c.Long = `Opens a closed return. Doing it twice is no error.`
	return c
}

func (a *app) newReturnCancel() *cobra.Command {
	cmd := &returns.Cancel{}
	c := a.commandsReturn("cancel", "Call it off before anything came", `'#1001-R1' --notify-customer`, cmd, nil)
	c.Long = `Cancels an open return of which nothing came, was inspected or disposed of. Its units can be returned
anew. A request is declined instead. Doing it twice is no error.`
	c.Flags().BoolVar(
		&cmd.WithExchange, "with-exchange", false, "take the order lines of its exchange back with it",
	)
	notifyFlag(c, &cmd.Notify)
	return c
}
