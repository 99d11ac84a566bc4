// Package workflows is the two workflows of Packhorse and the names and payloads that callers need to start and
// command them from any Temporal SDK.
package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
)

// TaskQueue is where both workflows, and all activities but the providers', run.
const TaskQueue = "packhorse"

// Workflow types, the query, and the updates of an order. The updates and signals of a fulfillment order are named
// by [fulfillment.Verbs].
const (
	OrderType            = "Order"
	FulfillmentOrderType = "FulfillmentOrder"
	StateQuery           = "state"
	CancelOrderUpdate    = "Cancel"
	EditOrderUpdate      = "Edit"
)

// OrderID is the workflow ID of an order.
func OrderID(id fulfillment.ID) string { return "order/" + id.String() }

// FulfillmentOrderID is the workflow ID of a fulfillment order.
func FulfillmentOrderID(id fulfillment.ID) string { return "fulfillment-order/" + id.String() }

// StartOptions are those of a fulfillment order's workflow.
func StartOptions(fo *fulfillment.FulfillmentOrder) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: FulfillmentOrderID(fo.ID), TaskQueue: TaskQueue,
		TypedSearchAttributes: searchableOf(fo).attributes(), StaticSummary: Summary(fo),
	}
}

// idOf reads the number out of a workflow ID such as "order/123".
func idOf(workflowID, prefix string) (fulfillment.ID, error) {
	text, ok := strings.CutPrefix(workflowID, prefix)
	if !ok {
		return 0, &fulfillment.Error{Code: fulfillment.CodeInvalid, Message: fmt.Sprintf("The workflow ID %q must be %q followed by a number.", workflowID, prefix)}
	}
	return fulfillment.ParseID(text)
}

// Summary is the one line by which people recognise a fulfillment order, such as "#1001 · 2 units · Berlin".
func Summary(fo *fulfillment.FulfillmentOrder) string {
	units := fo.TotalUnits()
	noun := "units"
	if units == 1 {
		noun = "unit"
	}
	return clip(fmt.Sprintf("%s · %d %s · %s", fo.OrderName, units, noun, fo.AssignedLocation.Name), 400)
}

// clip shortens text to at most n bytes, at a rune's edge: the server refuses longer summaries.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	n -= len("…")
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n] + "…"
}
