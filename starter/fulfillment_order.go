package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
)

func (a *app) newFulfillmentOrder() *cobra.Command {
	c := group("fulfillment-order", "Look at fulfillment orders and command them", `A fulfillment order is the lines of one order that one location ships. It has two states: its status (the work) and its
request status (the conversation between the merchant and the fulfillment service).

Every command is sent to the workflow that owns the fulfillment order, is done at most once for each --command-id, and
is answered when it is committed: what is shown afterwards is read from the store. A command that is refused changes
nothing, and says what is possible instead.`)
	c.Aliases = []string{"fo"}
	c.AddGroup(&cobra.Group{ID: "look", Title: "Look:"},
		&cobra.Group{ID: "request", Title: "The merchant and the service:"},
		&cobra.Group{ID: "work", Title: "The work:"}, &cobra.Group{ID: "ship", Title: "Shipments:"})
	add := func(id string, commands ...*cobra.Command) {
		for _, sub := range commands {
			sub.GroupID = id
		}
		c.AddCommand(commands...)
	}
	add("look", a.newFulfillmentOrderList(), a.newFulfillmentOrderShow(), a.newFulfillmentOrderHistory())
	add("request", a.newSubmitFulfillmentRequest(), a.newAcceptFulfillmentRequest(), a.newRejectFulfillmentRequest(),
		a.newSubmitCancellationRequest(), a.newAcceptCancellationRequest(), a.newRejectCancellationRequest(),
		a.newClose())
	add("work", a.newHold(), a.newReleaseHold(), a.newOpen(), a.newReschedule(), a.newReportProgress(),
		a.newSetDeadline(),
		a.newMove(), a.newReroute(), a.newSplit(), a.newMerge(), a.newCancel())
	add("ship", a.newLineItemsPreparedForPickup(), a.newLineItemsPreparedForLocalDelivery(), a.newCreateFulfillment(),
		a.newCancelFulfillment(), a.newUpdateTracking(), a.newRecordEvent())
	return c
}

// fulfillmentOrderPage is a fulfillment order as programs get it: with what the asker may do now.
type fulfillmentOrderPage struct {
	*fulfillment.FulfillmentOrder
	SupportedActions []fulfillment.Action `json:"supportedActions"`
}

func newFulfillmentOrderPage(fo *fulfillment.FulfillmentOrder, by fulfillment.Actor) fulfillmentOrderPage {
	actions := fo.SupportedActions(by)
	if actions == nil {
		actions = []fulfillment.Action{}
	}
	return fulfillmentOrderPage{fo.AsCommitted(), actions}
}

// fulfillmentOrderTable is a line for each fulfillment order; siblings are all of the order, by which they are named.
func (a *app) fulfillmentOrderTable(fos, siblings []*fulfillment.FulfillmentOrder) error {
	t := a.newTable(
		"NAME", "ID", "LOCATION", "STATUS", "REQUEST", "UNITS", "LEFT", "SHIP BY", "WAITS FOR",
	)
	for _, fo := range fos {
		t.row(nameAmong(siblings, fo), fo.ID.String(), fo.AssignedLocation.Name, string(fo.Status),
			string(fo.RequestStatus), number(fo.TotalUnits()), number(fo.RemainingUnits()),
			a.deadline(fo.FulfillBy, fo.DeadlineMissedAt), a.waitsFor(fo, siblings))
	}
	return t.flush()
}

// deadline is the time by which it should be shipped, marked when that was missed.
func (a *app) deadline(by, missed *time.Time) string {
	if by == nil {
		return ""
	}
	if missed != nil {
		return a.date(*by) + " missed"
	}
	return a.date(*by)
}

// waitsFor says in words what has to happen next.
func (a *app) waitsFor(fo *fulfillment.FulfillmentOrder, siblings []*fulfillment.FulfillmentOrder) string {
	for _, e := range fo.Effects {
		if e.Status == fulfillment.EffectParked {
			return "a person: " + e.Problem
		}
	}
	ready := fo.PreparedUnits() > 0 && fo.PreparedUnits() == fo.RemainingUnits()
	switch fo.Status {
	case fulfillment.StatusScheduled:
		if fo.FulfillAt != nil {
			return "its time, " + a.age(*fo.FulfillAt)
		}
	case fulfillment.StatusOnHold:
		return "release: " + holdWords(fo.Holds)
	case fulfillment.StatusOpen:
		if fo.RequestStatus == fulfillment.RequestSubmitted {
			return "an answer of " + fo.AssignedLocation.ServiceName
		}
		if ready {
			return readyWords[fo.DeliveryMethod]
		}
	case fulfillment.StatusInProgress:
		if fo.RequestStatus == fulfillment.RequestCancellationRequested {
			return "an answer of " + fo.AssignedLocation.ServiceName + " about stopping"
		}
		if len(fo.Holds) > 0 {
			return fo.AssignedLocation.ServiceName + ": " + holdWords(fo.Holds)
		}
		if ready {
			return readyWords[fo.DeliveryMethod]
		}
		return "shipping"
	case fulfillment.StatusClosed:
		if len(fo.SupersededBy) > 0 && fo.TotalUnits() == 0 {
			return "nothing: see " + namesAmong(siblings, fo.SupersededBy)
		}
		if n := underWay(fo); n > 0 {
			return "delivery of " + count(n, "shipment")
		}
		return "nothing"
	}
	return "a command"
}

var readyWords = map[fulfillment.DeliveryMethodType]string{
	fulfillment.DeliveryPickUp: "the customer, who picks it up",
	fulfillment.DeliveryLocal:  "being brought to the customer",
}

func underWay(fo *fulfillment.FulfillmentOrder) int {
	n := 0
	for i := range fo.Fulfillments {
		if fo.Fulfillments[i].OnItsWay() {
			n++
		}
	}
	return n
}

func holdWords(holds []fulfillment.Hold) string {
	words := make([]string, len(holds))
	for i, h := range holds {
		words[i] = strings.ToLower(fulfillment.HoldReasons[h.Reason])
	}
	return strings.Join(words, ", ")
}

func tracking(infos []fulfillment.TrackingInfo) string {
	texts := make([]string, len(infos))
	for i, info := range infos {
		texts[i] = strings.TrimSpace(fmt.Sprintf("%s %s", info.Company, info.Number))
		if info.URL != "" {
			texts[i] = strings.TrimSpace(texts[i] + " " + info.URL)
		}
	}
	return strings.Join(texts, ", ")
}
