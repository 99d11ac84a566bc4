package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

func (a *app) newFulfillment() *cobra.Command {
	return group("fulfillment", "Look at shipments and follow them", `A fulfillment is a shipment made from a fulfillment order (packhorse fulfillment-order create-fulfillment). It is named
by its ID or its name, such as "#1001-F1". Commands go to the fulfillment order that it belongs to.`,
		a.newFulfillmentShow(), a.newFulfillmentLabel(), a.newFulfillmentTrack(), a.newFulfillmentEvent(),
		a.newFulfillmentCancel())
}

func (a *app) newFulfillmentShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show FULFILLMENT", Short: "Show a shipment and the carrier's news", Args: oneArgument("fulfillment", nil),
		Example: "  packhorse fulfillment show '#1001-F1'",
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		fo, f, err := findFulfillment(c.Context(), b, args[0])
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, struct {
				*fulfillment.Fulfillment
				FulfillmentOrderID fulfillment.ID `json:"fulfillmentOrderId"`
				OrderID            fulfillment.ID `json:"orderId"`
			}{f.AsCommitted(), fo.ID, fo.OrderID})
		}
		alerts, err := b.NewsList(c.Context(), postgres.NewsFilter{FulfillmentOrderID: fo.ID, Alert: true},
			postgres.Page{Limit: shownAlerts, Reverse: true})
		if err != nil {
			return err
		}
		return a.showFulfillment(fo, f, alerts.Items)
	}
	return c
}

// shownAlerts is how many alerts of a fulfillment order are looked at for those of a shipment.
const shownAlerts = 50

func (a *app) showFulfillment(
	fo *fulfillment.FulfillmentOrder, f *fulfillment.Fulfillment, alerts []news.Item,
) error {
	fmt.Fprintf(a.out, "Fulfillment %s (%s): %s\n", f.Name, f.ID, f.DisplayStatus)
	t := a.newTable()
	t.pair("order", fmt.Sprintf("%s (%s)", fo.OrderName, fo.OrderID))
	t.pair("from", fmt.Sprintf("fulfillment order %s at %s", fo.ID, fo.AssignedLocation.Name))
	t.pair("status", string(f.Status))
	t.pair("tracking", tracking(f.Tracking))
	t.pair("message", f.Message)
	t.pair("made", a.when(new(f.Created())))
	t.pair("in transit", a.when(f.InTransitAt))
	t.pair("estimated", a.when(f.EstimatedDeliveryAt))
	t.pair("delivered", a.when(f.DeliveredAt))
	t.pair("cancelled", a.when(f.CancelledAt))
	t.pair("given up", a.when(f.GivenUpAt))
	for _, alert := range alerts {
		if alert.Alert == news.NothingHeard && !alert.StillSilent(f) || !alert.ToldTo(f.ID) {
			continue // It is over, or about another one.
		}
		t.pair("alert", fmt.Sprintf(
			"%s, %s: news %d. %s", alert.Alert, a.when(&alert.ReceivedAt), alert.ID, alert.Reason,
		))
	}
	t.pair("workflow", a.backend.workflowURL(temporalio.FulfillmentOrderID(fo.ID)))
	if err := t.flush(); err != nil {
		return err
	}
	titles := map[fulfillment.ID]fulfillment.Line{}
	for _, l := range fo.Lines {
		titles[l.LineItemID] = l
	}
	fmt.Fprintln(a.out)
	t = a.newTable("LINE", "SKU", "TITLE", "UNITS")
	for _, l := range f.Lines {
		t.row(l.ID.String(), titles[l.LineItemID].SKU, titles[l.LineItemID].Title, number(l.Quantity))
	}
	if err := t.flush(); err != nil || len(f.Events) == 0 {
		return err
	}
	fmt.Fprintln(a.out)
	t = a.newTable("HAPPENED", "NEWS", "WHERE", "MESSAGE")
	for _, e := range f.Events {
		status := string(e.Status)
		if e.Late {
			status += " (late)"
		}
		t.row(a.when(&e.HappenedAt), status, place(e), e.Message)
	}
	return t.flush()
}

func place(e fulfillment.FulfillmentEvent) string {
	var parts []string
	for _, part := range []string{e.Zip, e.City, e.Province, e.Country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

// shipmentCommand makes a subcommand that sends cmd to the owner of a shipment; into gets the shipment.
func (a *app) shipmentCommand(
	use, short, example string, cmd fulfillment.ShipmentCommand, into *fulfillment.ID, prepare func(),
) *cobra.Command {
	c := &cobra.Command{
		Use: use + " FULFILLMENT", Short: short, Args: oneArgument("fulfillment", nil),
		Example: "  packhorse fulfillment " + use + " " + example,
	}
	who := a.askerFlags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		_, f, err := findFulfillment(ctx, b, args[0])
		if err != nil {
			return err
		}
		*into = f.ID
		if prepare != nil {
			prepare()
		}
		return a.send(ctx, b, cmd, who, func(
			ctx context.Context, o operation.FulfillmentOrders,
		) (fulfillment.Result, error) {
			return o.SendToOwner(ctx, cmd)
		})
	}
	return c
}

func (a *app) newFulfillmentTrack() *cobra.Command {
	cmd := &fulfillment.UpdateTracking{}
	var track trackingFlags
	c := a.shipmentCommand("track", "Replace a shipment's tracking",
		"'#1001-F1' --tracking-company UPS --tracking-number 1Z12345E0205271688", cmd, &cmd.FulfillmentID, func() {
			if input := track.input(); input != nil {
				cmd.Tracking = *input
			}
		})
	track.add(c)
	notifyFlag(c, &cmd.NotifyCustomer)
	c.MarkFlagsOneRequired("tracking-company", "tracking-number", "tracking-url")
	return c
}

func (a *app) newFulfillmentEvent() *cobra.Command {
	cmd := &fulfillment.RecordEvent{}
	c := a.shipmentCommand(
		"event", "Record a carrier's news about a shipment", "'#1001-F1' --status DELIVERED --happened-at -2h", cmd,
		&cmd.FulfillmentID, nil,
	)
	a.eventFlags(c, cmd)
	return c
}

func (a *app) newFulfillmentCancel() *cobra.Command {
	cmd := &fulfillment.CancelFulfillment{}
	c := a.shipmentCommand("cancel", "Take a shipment back", "'#1001-F1'", cmd, &cmd.FulfillmentID, nil)
	c.Long = `Takes a shipment back: its units are to be shipped again. Doing it twice is no error.`
	return c
}
