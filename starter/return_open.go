package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// openingFlags is what a return begins with, as it is named on the command line.
type openingFlags struct {
	lines  []units
	reason returns.Reason // of the lines that say none
	note   string
	kept   string // percent
	fee    string
	to     string
}

func (f *openingFlags) add(a *app, c *cobra.Command, in *returns.Opened, note string) {
	c.Flags().Var(
		reasonedUnitsValue(&f.lines), "line",
		"units of a line of a shipment, by ID or SKU, and why they come back; once for each line",
	)
	_ = c.MarkFlagRequired("line")
	c.Flags().Var(oneOf(&f.reason, returns.Reasons...), "reason", "why the lines come back that say no reason: one of "+
		joined(returns.Reasons))
	completeValues(c, "reason", returns.Reasons...)
	c.Flags().StringVar(&f.note, "note", "", note)
	c.Flags().StringVar(&f.kept, "restocking-fee", "", "`PERCENT` of the price that is kept")
	c.Flags().StringVar(
		&f.fee, "shipping-fee", "", "`AMOUNT` that the customer pays for the way back, in the order's currency",
	)
	c.Flags().StringVar(
		&in.RMANumber, "rma-number", "", "`NUMBER` that people write on the parcel (default: the return's name)",
	)
	c.Flags().StringVar(
		&f.to, "to", "", "where it comes back to: `LOCATION` (ID or name; default: where the first line was shipped from)",
	)
	completesFlag(c, "to", a.locationNames())
}

// fill makes what a return of the order begins with of the flags.
func (f *openingFlags) fill(
	ctx context.Context, b book, order *fulfillment.OrderRecord, who *asker, in *returns.Opened,
	explain func(l *returns.NewLine, note string),
) error {
	in.OrderID, in.Lines = order.ID, nil
	shipped, err := returnableOf(ctx, b, order, who.commandID)
	if err != nil {
		return err
	}
	for _, u := range f.lines {
		lines, err := shipped.take(u)
		if err != nil {
			return err
		}
		for _, l := range lines {
			l.Reason = cmp.Or(u.reason, f.reason)
			explain(&l, f.note)
			if f.kept != "" {
				l.RestockingFee = &returns.RestockingFee{Percentage: strings.TrimSuffix(f.kept, "%")}
			}
			in.Lines = append(in.Lines, l)
		}
	}
	if f.fee != "" {
		in.ShippingFee = &returns.ShippingFee{Amount: f.fee, CurrencyCode: order.CurrencyCode}
	}
	in.LocationID, err = optionalLocation(ctx, b, f.to)
	return err
}

func (a *app) newReturnRequest() *cobra.Command {
	cmd := &returns.Request{}
	var flags openingFlags
	c := a.opensReturn(
		"request", "Ask for a return", `'#1001' --line LANTERN=1=DEFECTIVE --note "It flickers."`, cmd, func(
			ctx context.Context, b book, order *fulfillment.OrderRecord, who *asker,
		) error {
			return flags.fill(ctx, b, order, who, &cmd.Opened, func(l *returns.NewLine, note string) {
				l.CustomerNote = note
			})
		},
	)
	c.Long = `Asks for a return, as a customer does: nothing comes back before it is approved. What can come back, and
the IDs of its lines: packhorse return returnable ORDER. One wrong line refuses the whole request.`
	flags.add(a, c, &cmd.Opened, "`TEXT` of the customer, for each line")
	return c
}

func (a *app) newReturnCreate() *cobra.Command {
	cmd := &returns.Create{}
	var flags openingFlags
	var exchange []string
	c := a.opensReturn(
		"create", "Make a return that needs no approval", `'#1001' --line LANTERN=1 --reason UNWANTED --expected-by 720h`,
		cmd, func(ctx context.Context, b book, order *fulfillment.OrderRecord, who *asker) error {
			cmd.ExchangeLines = nil
			for _, text := range exchange {
				line, err := readExchangeLine(text)
				if err != nil {
					return err
				}
				cmd.ExchangeLines = append(cmd.ExchangeLines, line)
			}
			return flags.fill(ctx, b, order, who, &cmd.Opened, func(l *returns.NewLine, note string) {
				l.ReasonNote = note
			})
		},
	)
	c.Long = `Makes an open return: parcels may come. What can come back, and the IDs of its lines: packhorse return
returnable ORDER. One wrong line refuses the whole return. With --exchange the customer gets something for it, once
that is inspected (packhorse return inspect --exchange), or at once.`
	flags.add(a, c, &cmd.Opened, "`TEXT` about the reason, for each line; needed for OTHER")
	a.expectedFlags(c, &cmd.Expected)
	c.Flags().StringArrayVar(
		&exchange, "exchange", nil,
		`what the customer gets for it: SKU=QTY, or as JSON, such as {"title": "Lantern", "sku": "LANTERN-2", `+
			`"unitPrice": "39.00", "quantity": 1}; once for each `+"`LINE`",
	)
	c.Flags().BoolVar(
		&cmd.ExchangeAtOnce, "exchange-at-once", false,
		"make order lines of the exchange now, not when units are inspected",
	)
	notifyFlag(c, &cmd.Notify)
	return c
}

// readExchangeLine reads SKU=QUANTITY, or a line as JSON.
func readExchangeLine(text string) (returns.NewExchangeLine, error) {
	var line returns.NewExchangeLine
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		if refused := fulfillment.DecodeInto("--exchange", []byte(text), &line, true); refused != nil {
			return line, refused
		}
		return line, nil
	}
	u, ok := readUnits(text)
	if !ok {
		return line, &usageError{fmt.Errorf("--exchange %q: write it as SKU=QUANTITY, or as a JSON object", text)}
	}
	return returns.NewExchangeLine{SKU: u.line, Quantity: u.n}, nil
}

// expectedFlags say until when a return should be back.
func (a *app) expectedFlags(c *cobra.Command, in *returns.Expected) {
	c.Flags().Var(a.optionalTimeValue(&in.By), "expected-by", "when all should be back: "+timeNotations)
	c.Flags().Var(
		oneOf(&in.Overdue, returns.OverdueActions...), "when-overdue",
		"what happens when it is not: WAIT, a person decides (the default); CLOSE, it is closed if nothing of it "+
			"waits to be inspected",
	)
	completeValues(c, "when-overdue", returns.OverdueActions...)
	c.Flags().Var(durationValue(&in.Remind), "remind-before", "how long before that to remind people, such as 72h")
}

func (a *app) newReturnExpect() *cobra.Command {
	cmd := &returns.Expect{}
	var none bool
	c := a.commandsReturn(
		"expect", "Set until when all of it should be back", `'#1001-R1' --expected-by 336h --remind-before 72h`, cmd, nil,
	)
	a.expectedFlags(c, &cmd.Expected)
	c.Flags().BoolVar(&none, "none", false, "wait without a time")
	c.MarkFlagsOneRequired("expected-by", "none")
	c.MarkFlagsMutuallyExclusive("expected-by", "none")
	return c
}

// expectation is until when a return should be back, in words.
func (a *app) expectation(r *returns.Return) string {
	if r.ExpectedBy == nil {
		return ""
	}
	text := a.when(r.ExpectedBy)
	if r.Overdue == returns.OverdueClose {
		text += ", then it is closed"
	}
	if r.Remind > 0 {
		text += ", reminder " + rough(time.Duration(r.Remind)) + " before"
	}
	if r.OverdueAt != nil {
		text += ", overdue"
	}
	return text
}
