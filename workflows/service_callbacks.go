package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/temporalio"
)

// ServiceCallbacks calls a fulfillment service at its callback URL as long as it has one. One activity follows the feed
// all the time; what is to be called, and what became of it, is in the store. The workflow waits out what stops it, and
// shows how it goes. It completes when the service was deleted, or is not to be called any more.
func ServiceCallbacks(ctx workflow.Context) error {
	ctx = goingOn(ctx)
	id, err := temporalio.ParseServiceCallbacksID(workflow.GetInfo(ctx).WorkflowExecution.ID)
	if err != nil {
		return refusalOf(err)
	}
	changed := workflow.GetSignalChannel(ctx, temporalio.ChangedSignal)
	reports := workflow.GetSignalChannel(ctx, temporalio.ReportSignal)
	s := &callbackDesk{}
	following := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           temporalio.WebhookTaskQueue,
		StartToCloseTimeout: 2 * activities.DeliveryTurn,
		HeartbeatTimeout:    activities.DeliveryHeartbeat,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Second,
		},
		Summary: "call the service when there is a reason to",
	})
	for {
		for changed.ReceiveAsync(nil) { // What they were about, the activity sees in the store.
		}
		s.report = temporalio.CallbackReport{State: temporalio.DeliveryEnabled}
		future := workflow.ExecuteActivity(following, temporalio.CallService, id)
		for !future.IsReady() {
			workflow.NewSelector(ctx).
				AddFuture(future, func(workflow.Future) {}).
				// The activity hears of changes by itself.
				AddReceive(changed, func(c workflow.ReceiveChannel, _ bool) { c.ReceiveAsync(nil) }).
				AddReceive(reports, func(c workflow.ReceiveChannel, _ bool) { receive(c, &s.report) }).
				Select(ctx)
			if err := s.show(ctx); err != nil {
				return err
			}
		}
		var ended temporalio.Called
		if err := future.Get(ctx, &ended); err != nil {
			return err // Only what nobody can try again, such as a task queue's name that is none.
		}
		if ended.Gone {
			workflow.SetCurrentDetails(
				ctx, "**Not called any more.** The service was deleted, or has no callback URL."+pageEnd,
			)
			return nil
		}
		for reports.ReceiveAsync(nil) { // They are older.
		}
		s.report = ended.CallbackReport
		if err := s.show(ctx); err != nil {
			return err
		}
		if s.report.State == temporalio.DeliveryDisabled {
			changed.Receive(ctx, nil)
		}
		if !changed.ReceiveAsync(nil) && workflow.GetInfo(ctx).GetCurrentHistoryLength() > freshHistory {
			return workflow.NewContinueAsNewError(ctx, temporalio.ServiceCallbacksType)
		}
	}
}

// callbackDesk is what people see of the workflow of a service's callbacks.
type callbackDesk struct {
	report temporalio.CallbackReport
	shown  string // the state by which it is found
}

// show lets people see how it goes.
func (s *callbackDesk) show(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, callbackPage(s.report))
	if s.shown == s.report.State {
		return nil
	}
	s.shown = s.report.State
	return workflow.UpsertTypedSearchAttributes(ctx, temporalio.WebhookState.ValueSet(s.shown))
}

// callbackPage is the page of a service's callbacks.
func callbackPage(r temporalio.CallbackReport) string {
	var b strings.Builder
	switch r.State {
	case temporalio.DeliveryDisabled:
		b.WriteString("**Not called**, until the service gets a callback URL. " + markdown(r.Reason))
	case temporalio.DeliveryFailing:
		b.WriteString("**The service fails.** It is tried again.")
	default:
		b.WriteString("**Calls the service** when there is a reason to.")
	}
	b.WriteString("\n\n")
	if r.Name != "" {
		fmt.Fprintf(&b, "- %s\n", markdown(r.Name))
	}
	if r.Host != "" {
		fmt.Fprintf(&b, "- at `%s`, up to position %d of the feed, at %s\n", r.Host, r.Cursor, pageTime(r.At))
	}
	for _, c := range r.Calls {
		fmt.Fprintf(&b, "- `%s`:", c.Call)
		var parts []string
		if c.CalledAt.IsZero() {
			parts = append(parts, " never called")
		} else {
			parts = append(parts, " last called "+pageTime(c.CalledAt))
		}
		switch {
		case c.Error != "":
			parts = append(parts, "last error: "+markdown(c.Error))
		case c.Status != 0:
			parts = append(parts, fmt.Sprintf("answered %d", c.Status))
		}
		if !c.FailingSince.IsZero() {
			parts = append(parts, "failing since "+pageTime(c.FailingSince))
		}
		if !c.NextAt.IsZero() {
			parts = append(parts, "next attempt or look "+pageTime(c.NextAt))
		}
		if c.Note != "" {
			parts = append(parts, "not used: "+markdown(c.Note))
		}
		b.WriteString(strings.Join(parts, ", ") + "\n")
	}
	return temporalio.Clip(b.String(), maxDetails-len(pageEnd)) + pageEnd
}

func pageTime(at time.Time) string { return at.UTC().Format(time.DateTime + " MST") }
