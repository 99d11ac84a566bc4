package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

func (a *app) newFulfillmentOrderShow() *cobra.Command {
	var who asker
	c := &cobra.Command{
		Use: "show FULFILLMENT-ORDER", Short: "Show a fulfillment order and what can be done with it",
		Args:              oneArgument("fulfillment order", isFulfillmentOrderName),
		ValidArgsFunction: completesOnce(a.openFulfillmentOrders()),
		Example: `  packhorse fulfillment-order show '#1010-1'
  packhorse fulfillment-order show 4711 --as service:nordlicht-3pl --output json | jq .supportedActions`,
	}
	a.roleFlags(c, &who)
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
		by, err := who.resolve(ctx, b)
		if err != nil {
			return err
		}
		fo, err := loadFulfillmentOrder(ctx, b, id)
		if err != nil {
			return err
		}
		shipments, err := shipmentsOf(ctx, b, fo)
		if err != nil {
			return err
		}
		completeParts(fo, shipments)
		page := newFulfillmentOrderPage(fo, by)
		if a.json() {
			return writeJSON(a.out, page)
		}
		siblings, err := b.FulfillmentOrdersOf(ctx, fo.OrderID)
		if err != nil {
			return err
		}
		rejection, err := rejectionOf(ctx, b, fo)
		if err != nil {
			return err
		}
		goesOn, err := goesOnOf(ctx, b, fo)
		if err != nil {
			return err
		}
		kept, err := keptOf(ctx, b, fo)
		if err != nil {
			return err
		}
		return a.showFulfillmentOrder(page, siblings, shipments, rejection, goesOn, kept)
	}
	return c
}

// keptOf is the latest that a service has told of a fulfillment order and no command tells of, such as that it is being
// packed; empty: there is nothing.
func keptOf(ctx context.Context, b book, fo *fulfillment.FulfillmentOrder) ([]news.Item, error) {
	found, err := b.NewsList(ctx, postgres.NewsFilter{
		FulfillmentOrderID: fo.ID, States: []news.State{news.Kept},
	}, postgres.Page{Limit: 1, Reverse: true})
	return found.Items, err
}

// toldText is what a service has told, in a line.
func (a *app) toldText(n news.Item) string {
	var said struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(n.Payload, &said) // Not all of it has a message.
	text := fmt.Sprintf("%s, %s", n.Verb, a.when(&n.ReceivedAt))
	if said.Message != "" {
		text += ": " + cut(oneLine(said.Message), messageWidth)
	}
	return fmt.Sprintf("%s (news %d)", text, n.ID)
}

func (a *app) showFulfillmentOrder(
	page fulfillmentOrderPage, siblings []*fulfillment.FulfillmentOrder, shipments []*postgres.OwnedFulfillment,
	rejection, goesOn string, kept []news.Item,
) error {
	fo := page.FulfillmentOrder
	fmt.Fprintf(
		a.out, "Fulfillment order %s (%s): %s\n", nameAmong(siblings, fo), fo.ID, pair(fo.Status, fo.RequestStatus),
	)
	t := a.newTable()
	at := fo.AssignedLocation
	t.pair("order", fmt.Sprintf("%s (%s)", fo.OrderName, fo.OrderID))
	t.pair("location", fmt.Sprintf("%s (%s)", at.Name, at.LocationID))
	if at.AtService() {
		t.pair(
			"service",
			fmt.Sprintf(
				"%s (%s), provider %s", at.ServiceName, at.ServiceID, cmp.Or(at.Provider, fulfillment.ManualProvider),
			),
		)
	}
	t.pair("why there", at.Why)
	t.pair("rejected", rejection)
	t.pair("not stopped", goesOn)
	t.pair("delivery", string(fo.DeliveryMethod))
	t.pair("units", fmt.Sprintf("%d, %d left to ship", fo.TotalUnits(), fo.RemainingUnits()))
	if n := fo.PreparedUnits(); n > 0 {
		t.pair("ready", fmt.Sprintf("%s, since %s", count(n, "unit"), a.when(fo.PreparedAt)))
	}
	if fo.Status == fulfillment.StatusScheduled {
		t.pair("opens", a.when(fo.FulfillAt))
	}
	t.pair("ship by", a.when(fo.FulfillBy))
	t.pair("missed", a.when(fo.DeadlineMissedAt))
	t.pair("answer by", a.when(fo.AcceptBy))
	t.pair("estimated", a.when(fo.EstimatedShippedAt))
	if a := fo.RequestAttachments; a != nil {
		t.pair("labels", joinedBy(a.Labels, func(l fulfillment.Label) string {
			return cmp.Or(l.TrackingNumber, l.LabelURL, l.TrackingURL)
		}))
		t.pair("documents", joinedBy(a.Documents, func(d fulfillment.Document) string { return d.Name }))
	}
	for _, n := range kept {
		t.pair("service told", a.toldText(n))
	}
	t.pair("came from", namesAmong(siblings, fo.Supersedes))
	t.pair("went to", namesAmong(siblings, fo.SupersededBy))
	t.pair("shipped with", namesAmong(siblings, togetherWith(shipments, fo)))
	t.pair("waits for", a.waitsFor(fo, siblings))
	t.pair("possible", strings.Join(commandsFor(page.SupportedActions), ", "))
	if r := fo.LastRefusal; r != nil {
		t.pair("refused", fmt.Sprintf("%s of %s, %s: %s", kebab(string(r.Verb)), r.Actor, a.age(r.At), r.Message))
	}
	t.pair("changed", a.when(&fo.UpdatedAt))
	t.pair("workflow", a.backend.workflowURL(temporalio.FulfillmentOrderID(fo.ID)))
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	t = a.newTable("LINE", "SKU", "TITLE", "UNITS", "LEFT", "CANCELLED", "WARNING")
	for _, l := range fo.Lines {
		t.row(
			l.ID.String(), l.SKU, l.Title, number(l.Total), number(l.Remaining), number(l.Cancelled),
			warnings(l.Warnings),
		)
	}
	if err := t.flush(); err != nil {
		return err
	}
	return a.showParts(fo, shipments)
}

// showParts shows what a fulfillment order may have: holds, provider calls, shipments.
func (a *app) showParts(fo *fulfillment.FulfillmentOrder, shipments []*postgres.OwnedFulfillment) error {
	if len(fo.Holds) > 0 {
		fmt.Fprintln(a.out)
		t := a.newTable("HOLD", "REASON", "NOTES", "BY", "SINCE", "UNTIL")
		for _, h := range fo.Holds {
			t.row(
				h.ID.String(), string(h.Reason), h.ReasonNotes, h.HeldBy.String(), a.when(&h.HeldAt),
				cmp.Or(a.when(h.ExpiresAt), "released"),
			)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if len(fo.Effects) > 0 {
		fmt.Fprintln(a.out)
		t := a.newTable("PROVIDER CALL", "PROVIDER", "STATE", "SINCE", "REFERENCE", "PROBLEM")
		for _, e := range fo.Effects {
			t.row(string(e.Kind), e.Provider, string(e.Status), a.when(&e.Since), e.Reference, e.Problem)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if len(shipments) == 0 {
		return nil
	}
	fmt.Fprintln(a.out)
	return a.fulfillmentTable(shipments, fo)
}

func warnings(list []fulfillment.Warning) string {
	texts := make([]string, len(list))
	for i, w := range list {
		texts[i] = w.Title
		if w.Description != "" {
			texts[i] += ": " + w.Description
		}
	}
	return strings.Join(texts, "; ")
}
