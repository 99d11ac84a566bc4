package temporalio

import (
	"fmt"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
)

// StartOptions are those of a fulfillment order's workflow: its ID, its task queue, and what it is found and recognised
// by. What to do about a run that is there already is the caller's to say.
func StartOptions(fo *fulfillment.FulfillmentOrder) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: FulfillmentOrderID(fo.ID), TaskQueue: TaskQueue,
		TypedSearchAttributes: SearchableOf(fo).Attributes(), StaticSummary: Summary(fo),
	}
}

// maxSummary is the longest summary, in bytes, that the server takes.
const maxSummary = 400

// Summary is the one line by which people recognise a fulfillment order, such as "#1001 · 2 units · Berlin".
func Summary(fo *fulfillment.FulfillmentOrder) string {
	units := Count(fo.TotalUnits(), "unit")
	return Clip(fmt.Sprintf("%s · %s · %s", fo.OrderName, units, fo.AssignedLocation.Name), maxSummary)
}

// Count is so many of a noun that takes an s: "1 unit", "2 units".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Clip shortens text to at most n bytes, at a rune's edge, and ends it with "…" then: the server refuses what is longer
// than its limits.
func Clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	n -= len("…")
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n] + "…"
}
