package workflows

import (
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/temporalio"
)

// show lets people see where the fulfillment order stands. An unchanged attribute costs nothing; the details page is
// no part of the history.
func (l *life) show(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, Details(l.fo, l.calls != nil, l.parked.page()+l.untold(ctx)))
	now := temporalio.SearchableOf(l.fo)
	if l.shown == (temporalio.Searchable{}) {
		l.shown = temporalio.SearchableIn(workflow.GetTypedSearchAttributes(ctx))
	}
	updates := now.Updates(l.shown)
	if len(updates) == 0 {
		return nil
	}
	l.shown = now
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}
