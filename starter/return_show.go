package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
)

func (a *app) newReturnShow() *cobra.Command {
	var who asker
	c := &cobra.Command{
		Use: "show RETURN", Short: "Show a return and what can be done with it", Args: oneArgument("return", nil),
		ValidArgsFunction: completesOnce(a.livingReturns()),
		Example: `  packhorse return show '#1001-R1'
  packhorse return show '#1001-R1' --output json | jq .supportedActions`,
	}
	a.roleFlags(c, &who)
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
		by, err := who.resolve(ctx, b)
		if err != nil {
			return err
		}
		page := newReturnPage(r, by)
		if a.json() {
			return writeJSON(a.out, page)
		}
		return a.showReturn(ctx, b, page)
	}
	return c
}

func (a *app) showReturn(ctx context.Context, b book, page returnPage) error {
	r := page.Return
	order, err := b.Order(ctx, r.OrderID)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Return %s (%s): %s\n", r.Name, r.ID, r.Status)
	t := a.newTable()
	t.pair("order", fmt.Sprintf("%s (%s)", r.OrderName, r.OrderID))
	if r.RMANumber != r.Name {
		t.pair("RMA number", r.RMANumber)
	}
	t.pair("comes to", a.comesTo(ctx, b, r))
	t.pair("units", fmt.Sprintf("%d, %d received, %d inspected", r.Units(), r.ReceivedUnits(), r.ProcessedUnits()))
	if fee := r.ShippingFee; fee != nil {
		t.pair("shipping fee", fee.Amount+" "+fee.CurrencyCode)
	}
	if d := r.Decline; d != nil {
		t.pair("declined", strings.TrimSuffix(string(d.Reason)+": "+d.Note, ": "))
	}
	t.pair("approved", a.when(r.ApprovedAt))
	t.pair("expected by", a.expectation(r))
	t.pair("closed", a.when(r.ClosedAt))
	t.pair("waits for", waitsForReturn(r))
	t.pair("possible", strings.Join(commandsFor(page.SupportedActions), ", "))
	if l := r.LastRefusal; l != nil {
		t.pair("refused", fmt.Sprintf("%s of %s, %s: %s", kebab(string(l.Verb)), l.Actor, a.age(l.At), l.Message))
	}
	t.pair("made", a.when(&r.CreatedAt))
	t.pair("changed", a.when(&r.UpdatedAt))
	t.pair("workflow", a.backend.workflowURL(temporalio.ReturnID(r.ID)))
	if err := t.flush(); err != nil {
		return err
	}
	titles := map[fulfillment.ID]string{}
	for _, l := range order.LineItems {
		titles[l.ID] = l.Title
	}
	if len(r.Lines) > 0 {
		fmt.Fprintln(a.out)
		t = a.newTable("LINE", "SKU", "TITLE", "UNITS", "RECEIVED", "INSPECTED", "BECAME", "DIFFERENCES", "REASON")
		for _, l := range r.Lines {
			t.row(
				l.ID.String(), l.SKU, titles[l.LineItemID], number(l.Quantity), number(l.Received), number(l.Processed),
				became(r, l.ID), differences(l), reasonOf(l),
			)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	return a.showReturnParts(r)
}

// showReturnParts shows what a return may have: parcels, units that were declined, an exchange.
func (a *app) showReturnParts(r *returns.Return) error {
	var tables []*table
	parcels := a.newTable("PARCEL", "UNITS", "TRACKING", "LABEL", "MADE")
	for i := range r.Work {
		for _, d := range r.Work[i].Deliveries {
			n := 0
			for _, l := range d.Lines {
				n += l.Quantity
			}
			var label, way string
			if d.Label != nil {
				label = d.Label.FileURL
			}
			if d.Tracking != nil {
				way = strings.Join(strings.Fields(d.Tracking.CarrierName+" "+d.Tracking.Number+" "+d.Tracking.URL), " ")
			}
			parcels.row(d.ID.String(), number(n), way, label, a.when(&d.CreatedAt))
		}
	}
	declined := a.newTable("DECLINED LINE", "UNITS", "REASON", "NOTE")
	for _, l := range r.DeclinedLines {
		declined.row(l.ReturnLineID.String(), number(l.Quantity), string(l.Reason), l.Note)
	}
	exchange := a.newTable("EXCHANGE LINE", "SKU", "TITLE", "UNITS", "GOES OUT", "PRICE", "ORDER LINE")
	for _, l := range r.ExchangeLines {
		exchange.row(l.ID.String(), l.SKU, l.Title, number(l.Quantity), number(l.Processed), l.UnitPrice,
			idText(l.LineItemID))
	}
	for _, t := range append(tables, parcels, declined, exchange) {
		if len(t.rows) == 1 {
			continue
		}
		fmt.Fprintln(a.out)
		if err := t.flush(); err != nil {
			return err
		}
	}
	return nil
}

// comesTo names the location that a return comes to; one that is not known any more has its ID only.
func (a *app) comesTo(ctx context.Context, b book, r *returns.Return) string {
	id := r.Destination.LocationID
	if id == 0 {
		return ""
	}
	l, err := b.Location(ctx, id)
	if err != nil {
		return id.String()
	}
	return fmt.Sprintf("%s (%s)", l.Name, id)
}

// waitsForReturn says in words what has to happen next.
func waitsForReturn(r *returns.Return) string {
	switch r.Status {
	case returns.StatusRequested:
		return "approval"
	case returns.StatusOpen:
	default:
		return "nothing"
	}
	toInspect := max(0, r.ReceivedUnits()-r.ProcessedUnits())
	outstanding := r.Units() - max(r.ReceivedUnits(), r.ProcessedUnits())
	switch {
	case toInspect > 0 && outstanding > 0:
		return fmt.Sprintf("inspection of %s, and %d more", count(toInspect, "unit"), outstanding)
	case toInspect > 0:
		return "inspection of " + count(toInspect, "unit")
	case outstanding > 0:
		return count(outstanding, "unit")
	}
	return "being closed"
}

// became sums up what became of a line's units: "1 restocked, 1 missing".
func became(r *returns.Return, line fulfillment.ID) string {
	sums := map[returns.DispositionType]int{}
	for i := range r.Work {
		for _, l := range r.Work[i].Lines {
			for _, d := range l.Dispositions {
				if l.ReturnLineID == line {
					sums[d.Type] += d.Quantity
				}
			}
		}
	}
	var texts []string
	for _, kind := range returns.DispositionTypes {
		if n := sums[kind]; n > 0 {
			texts = append(texts, fmt.Sprintf("%d %s", n, inWords(string(kind))))
		}
	}
	return strings.Join(texts, ", ")
}

func differences(l returns.Line) string {
	texts := make([]string, len(l.Differences))
	for i, d := range l.Differences {
		texts[i] = strings.TrimSpace(fmt.Sprintf("%d %s %s", d.Quantity, inWords(string(d.Kind)), d.SKU))
	}
	return strings.Join(texts, ", ")
}

// reasonOf is why a line comes back, with what was written about it.
func reasonOf(l returns.Line) string {
	text := string(l.Reason)
	for _, note := range []string{l.ReasonNote, l.CustomerNote} {
		if note != "" {
			text += ": " + cut(oneLine(note), messageWidth)
		}
	}
	if l.RestockingFee != "" {
		text += " (" + l.RestockingFee + " % of the price kept)"
	}
	return text
}

func (a *app) newReturnHistory() *cobra.Command {
	c := &cobra.Command{
		Use: "history RETURN", Short: "Show every transition: who did what, when, and what it changed",
		Args:              oneArgument("return", nil),
		ValidArgsFunction: completesOnce(a.livingReturns()),
		Example: `  packhorse return history '#1001-R1'
  packhorse return history '#1001-R1' --output json | jq '.items[] | {at, kind, reason}'`,
	}
	page := pagingFlags(c, false)
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
		all, err := b.ReturnHistory(ctx, r.ID)
		if err != nil {
			return err
		}
		found, err := part(page, all, func(t returns.Transition) fulfillment.ID { return fulfillment.ID(t.Sequence) })
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		t := a.newTable("#", "AT", "WHAT", "BY", "STATE", "UNITS", "RECEIVED", "INSPECTED", "WHY")
		for _, step := range found.Items {
			state := string(step.After.Status)
			if step.Before != nil && step.Before.Status != step.After.Status {
				state = string(step.Before.Status) + " → " + state
			}
			t.row(
				number(int(step.Sequence)), step.At.In(a.zone).Format(secondLayout), inWords(string(step.Kind)),
				step.Actor.String(), state, number(step.After.Units), number(step.After.Received),
				number(step.After.Processed), whyReturn(step),
			)
		}
		if err := t.flush(); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "transitions", found.Next)
		return nil
	}
	return c
}

// whyReturn is the reason of a transition, with what was written with its command.
func whyReturn(step returns.Transition) string {
	d := step.Details
	if d == nil {
		return step.Reason
	}
	note := d.Note
	if d.Decline != nil {
		note = d.Decline.Note
	}
	if d.Refused != nil {
		note = d.Refused.Message
	}
	if note == "" {
		return step.Reason
	}
	return strings.TrimSpace(strings.TrimSuffix(step.Reason, ".") + ": " + cut(oneLine(note), messageWidth))
}
