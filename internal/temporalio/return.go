package temporalio

import (
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// ReturnStartOptions are those of a return's workflow: its ID, its task queue, and what it is found and recognised by,
// as far as that is known. A return that is about to be made is nil.
func ReturnStartOptions(id fulfillment.ID, r *returns.Return) client.StartWorkflowOptions {
	options := client.StartWorkflowOptions{ID: ReturnID(id), TaskQueue: TaskQueue}
	if r != nil {
		options.TypedSearchAttributes = temporal.NewSearchAttributes(ReturnAttributes(r)...)
		options.StaticSummary = ReturnSummary(r)
	}
	return options
}

// ReturnAttributes are the search attributes of a return's workflow. No personal data: the server keeps it in the
// clear.
func ReturnAttributes(r *returns.Return) []temporal.SearchAttributeUpdate {
	return []temporal.SearchAttributeUpdate{
		Keyword(ReturnStatus, string(r.Status)), Keyword(OrderName, r.OrderName),
	}
}

// ReturnSummary is the one line by which people recognise a return, such as "#1001-R1 · 2 units".
func ReturnSummary(r *returns.Return) string {
	return Clip(fmt.Sprintf("%s · %s", r.Name, Count(r.Units(), "unit")), maxSummary)
}
