package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

func (a *app) newFulfillmentOrderHistory() *cobra.Command {
	c := &cobra.Command{
		Use: "history FULFILLMENT-ORDER", Short: "Show every transition: who did what, when, and what it changed",
		Args:              oneArgument("fulfillment order", isFulfillmentOrderName),
		ValidArgsFunction: completesOnce(a.openFulfillmentOrders()),
		Example: `  packhorse fulfillment-order history 4711
  packhorse fulfillment-order history 4711 --output json | jq '.items[] | {at, kind, reason}'`,
	}
	page := pagingFlags(c, false)
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		id, err := findFulfillmentOrder(ctx, b, args[0], false)
		if err != nil {
			return err
		}
		if _, err := loadFulfillmentOrder(ctx, b, id); err != nil {
			return err
		}
		found, err := collect(page, func(p postgres.Page) (postgres.Results[fulfillment.Transition], error) {
			return b.Transitions(ctx, id, p)
		})
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		t := a.newTable("#", "AT", "WHAT", "BY", "STATE", "UNITS LEFT", "WHY")
		for _, step := range found.Items {
			t.row(number(int(step.Sequence)), step.At.In(a.zone).Format(secondLayout),
				inWords(string(step.Kind)), step.Actor.String(),
				change(step.Before, step.After), number(step.After.Remaining), why(step))
		}
		if err := t.flush(); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "transitions", found.Next)
		return nil
	}
	return c
}

// change is the state after a transition, with the state before it where that was another one.
func change(before, after fulfillment.State) string {
	now := pair(after.Status, after.RequestStatus)
	then := pair(before.Status, before.RequestStatus)
	if before.Status == "" || then == now {
		return now
	}
	return then + " → " + now
}

// messageWidth is how much of a message is shown beside other things.
const messageWidth = 120

// why is the reason of a transition, with what the service wrote where it says no.
func why(step fulfillment.Transition) string {
	switch step.Kind {
	case fulfillment.KindRejected, fulfillment.KindCancellationRejected:
	default:
		return step.Reason
	}
	said := whatWasSaid(step.Details, nil)
	if said == "" {
		return step.Reason
	}
	return strings.TrimSuffix(step.Reason, ".") + ": " + said
}

// shownLines is how many lines that a service says something about are shown beside other things.
const shownLines = 3

// whatWasSaid is what a service wrote where it says no: in all, and line by line. Lines are named by their SKUs as far
// as the fulfillment order, which may be nil, is there to ask.
func whatWasSaid(d *fulfillment.Details, fo *fulfillment.FulfillmentOrder) string {
	if d == nil {
		return ""
	}
	var said []string
	if d.Message != "" {
		said = append(said, oneLine(d.Message))
	}
	for i, l := range d.Rejected {
		if i == shownLines {
			said = append(said, fmt.Sprintf("and %d more", len(d.Rejected)-i))
			break
		}
		name := "line " + l.LineID.String()
		if fo != nil {
			if at := slices.IndexFunc(fo.Lines, func(of fulfillment.Line) bool { return of.ID == l.LineID }); at >= 0 {
				name = cmp.Or(fo.Lines[at].SKU, name)
			}
		}
		said = append(said, strings.TrimSuffix(name+": "+oneLine(l.Message), ": "))
	}
	for i := range said {
		said[i] = cut(said[i], messageWidth)
	}
	return strings.Join(said, "; ")
}

// goesOnOf is why a service goes on with what it was asked to stop; empty: it was not, or does not say why.
func goesOnOf(ctx context.Context, b book, fo *fulfillment.FulfillmentOrder) (string, error) {
	if fo.RequestStatus != fulfillment.RequestCancellationRejected {
		return "", nil
	}
	page, err := b.Transitions(ctx, fo.ID, postgres.Page{Limit: postgres.MaxLimit, Reverse: true})
	if err != nil {
		return "", err
	}
	for _, step := range page.Items {
		if step.Kind != fulfillment.KindCancellationRejected {
			continue
		}
		d := cmp.Or(step.Details, new(fulfillment.Details))
		text := []string{string(d.RejectionReason), whatWasSaid(d, fo)}
		return strings.Join(slices.DeleteFunc(text, func(s string) bool { return s == "" }), ": "), nil
	}
	return "", nil
}

// rejectionOf is why the request of a fulfillment order is rejected; empty: it is not. What a service takes in part
// leaves the rest to a sibling, whose request is rejected from its creation on.
func rejectionOf(ctx context.Context, b book, fo *fulfillment.FulfillmentOrder) (string, error) {
	if fo.RequestStatus != fulfillment.RequestRejected {
		return "", nil
	}
	page, err := b.Transitions(ctx, fo.ID, postgres.Page{Limit: postgres.MaxLimit, Reverse: true})
	if err != nil {
		return "", err
	}
	for _, step := range page.Items {
		if step.Kind != fulfillment.KindRejected && step.Kind != fulfillment.KindCreated {
			continue
		}
		d := cmp.Or(step.Details, new(fulfillment.Details))
		text := []string{string(d.RejectionReason), cut(oneLine(d.Message), messageWidth)}
		return strings.Join(slices.DeleteFunc(text, func(s string) bool { return s == "" }), ": "), nil
	}
	return "", nil
}

// inWords makes "deadline missed" of DEADLINE_MISSED.
func inWords(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", " ")) }
