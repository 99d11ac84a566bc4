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

// WebhookSubscription delivers events to a webhook subscription as long as there is one. One activity follows the feed
// all the time; where it stands, and what was not delivered, is in the store. The workflow waits out what stops it, and
// shows how it goes. It completes when the subscription was deleted.
func WebhookSubscription(ctx workflow.Context) error {
	ctx = goingOn(ctx)
	id, err := temporalio.ParseWebhookSubscriptionID(workflow.GetInfo(ctx).WorkflowExecution.ID)
	if err != nil {
		return refusalOf(err)
	}
	changed := workflow.GetSignalChannel(ctx, temporalio.ChangedSignal)
	reports := workflow.GetSignalChannel(ctx, temporalio.ReportSignal)
	s := &subscriptionDesk{}
	following := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           temporalio.WebhookTaskQueue,
		StartToCloseTimeout: 2 * activities.DeliveryTurn,
		HeartbeatTimeout:    activities.DeliveryHeartbeat,
		// Whatever ended the attempt before, a worker that is there goes on at once: one that waits for something waits
		// by itself.
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Second,
		},
		Summary: "deliver what is new in the feed",
	})
	for {
		for changed.ReceiveAsync(nil) { // What they were about, the delivery sees in the store.
		}
		s.report = temporalio.DeliveryReport{State: temporalio.DeliveryEnabled}
		future := workflow.ExecuteActivity(following, temporalio.FollowFeed, id)
		for !future.IsReady() {
			workflow.NewSelector(ctx).
				AddFuture(future, func(workflow.Future) {}).
				// The delivery hears of changes by itself.
				AddReceive(changed, func(c workflow.ReceiveChannel, _ bool) { c.ReceiveAsync(nil) }).
				AddReceive(reports, func(c workflow.ReceiveChannel, _ bool) { receive(c, &s.report) }).
				Select(ctx)
			if err := s.show(ctx); err != nil {
				return err
			}
		}
		var ended temporalio.Delivered
		if err := future.Get(ctx, &ended); err != nil {
			return err // Only what nobody can try again, such as a task queue's name that is none.
		}
		if ended.Gone {
			workflow.SetCurrentDetails(ctx, "**Deleted.** Nothing is delivered any more."+pageEnd)
			return nil
		}
		for reports.ReceiveAsync(nil) { // They are older.
		}
		s.report = ended.DeliveryReport
		if err := s.show(ctx); err != nil {
			return err
		}
		if s.report.State != temporalio.DeliveryEnabled {
			changed.Receive(ctx, nil)
		}
		if !changed.ReceiveAsync(nil) && workflow.GetInfo(ctx).GetCurrentHistoryLength() > freshHistory {
			return workflow.NewContinueAsNewError(ctx, temporalio.WebhookSubscriptionType)
		}
	}
}

// receive takes a signal's value in place of the one before, of which nothing stays: JSON that is read into a value
// leaves what it lacks as it was.
func receive[T any](from workflow.ReceiveChannel, into *T) {
	var value T
	if from.ReceiveAsync(&value) {
		*into = value
	}
}

// freshHistory is how many events a history has that is not worth to be begun anew.
const freshHistory = 50

// subscriptionDesk is what people see of a subscription's workflow.
type subscriptionDesk struct {
	report, shown temporalio.DeliveryReport
}

// show lets people see how the delivery goes.
func (s *subscriptionDesk) show(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, deliveryPage(s.report))
	first := s.shown.State == ""
	var updates []temporal.SearchAttributeUpdate
	if first || s.shown.State != s.report.State {
		updates = append(updates, temporalio.WebhookState.ValueSet(s.report.State))
	}
	if first || s.shown.Lag != s.report.Lag {
		updates = append(updates, temporalio.WebhookLag.ValueSet(s.report.Lag))
	}
	s.shown = s.report
	if len(updates) == 0 {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

// deliveryPage is the page of a subscription.
func deliveryPage(r temporalio.DeliveryReport) string {
	var b strings.Builder
	switch r.State {
	case temporalio.DeliveryPaused:
		b.WriteString("**Paused.** Nothing is sent until it is resumed (`packhorse webhook resume`); then it goes on " +
			"where it stopped.")
	case temporalio.DeliveryDisabled:
		b.WriteString("**Disabled.** Nothing is sent until it is resumed (`packhorse webhook resume`) or gets another " +
			"address; then it goes on where it stopped.")
	case temporalio.DeliveryFailing:
		b.WriteString("**The receiver fails.** It is tried now and then, and everything else waits in the feed.")
	default:
		b.WriteString("**Delivers.**")
	}
	if r.Reason != "" {
		b.WriteString(" " + markdown(r.Reason))
	}
	b.WriteString("\n\n")
	if r.Topic != "" {
		fmt.Fprintf(&b, "- topic `%s`, app `%s`\n", r.Topic, r.App)
	}
	if !r.At.IsZero() {
		behind := temporalio.Count(int(r.Lag), "position") + " behind"
		if r.LagSeconds > 0 {
			behind += " since " + (time.Duration(r.LagSeconds) * time.Second).String()
		}
		fmt.Fprintf(&b, "- up to position %d of the feed, %s, at %s\n", r.Cursor, behind,
			r.At.UTC().Format(time.DateTime+" MST"))
	}
	if r.Parked > 0 {
		fmt.Fprintf(&b, "- %s to be tried again\n", temporalio.Count(r.Parked, "event"))
	}
	if r.LastError != "" {
		fmt.Fprintf(&b, "- last error: %s\n", markdown(r.LastError))
	}
	if !r.NextAttempt.IsZero() {
		fmt.Fprintf(&b, "- next attempt: %s\n", r.NextAttempt.UTC().Format(time.DateTime+" MST"))
	}
	return b.String() + pageEnd
}
