package workflows

import (
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

func (l *life) takeRefreshes(ctx workflow.Context) error {
	return workflow.SetUpdateHandlerWithOptions(
		ctx, temporalio.RefreshUpdate, l.refresh, workflow.UpdateHandlerOptions{Validator: l.mayRefresh},
	)
}

// mayRefresh turns a look away when the next run is to take it: that one may begin while this one is still looking.
func (l *life) mayRefresh(workflow.Context) error {
	if l.leaving && !l.waitsToLeave() {
		return temporalio.RefusalError(cannotRefresh)
	}
	return nil
}

var cannotRefresh = &fulfillment.Error{
	Code: fulfillment.CodeUnavailable, Message: "The fulfillment order can't look into the store at this moment.",
}

// refresh goes on from what the store has, if that is more; or if it is less, because the store was set back. Nothing
// is decided before that is known.
func (l *life) refresh(ctx workflow.Context) error {
	ctx = goingOn(ctx)
	if err := workflow.Await(ctx, func() bool { return l.fo != nil }); err != nil || l.missing {
		return err
	}
	if err := workflow.Await(ctx, l.reservable); err != nil {
		return err
	}
	l.reservedBy = temporalio.RefreshUpdate
	defer func() { l.reservedBy = "" }()
	loaded, err := l.read(ctx, activities.LoadInput{ID: l.fo.ID, Known: activities.KnownOf(l.inStore)})
	if err != nil {
		return err
	}
	if loaded.Gone {
		l.lose(ctx)
		return nil
	}
	l.restored = l.restored || loaded.Restored
	if l.parked != nil { // Try again what would be decided now.
		l.parked = nil
		l.epoch++
	}
	if loaded.State.Sequence > l.committed {
		l.adopt(loaded.State, loaded.Answered)
		l.epoch++
	}
	return nil
}
