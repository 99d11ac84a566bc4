package workflows

import (
	"context"
	"testing"
	"time"

	sdkactivity "go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// TestADisabledSubscriptionIsLeftAlone: nobody follows the feed for it, however long that is, until it is told of a
// change; then somebody does.
func TestADisabledSubscriptionIsLeftAlone(t *testing.T) {
	t.Parallel()
	env := new(testsuite.WorkflowTestSuite).NewTestWorkflowEnvironment()
	env.SetTestTimeout(time.Minute)
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: temporalio.WebhookSubscriptionID(7)})
	var began []time.Time
	env.RegisterActivityWithOptions(func(context.Context, fulfillment.ID) (temporalio.Delivered, error) {
		began = append(began, env.Now())
		report := temporalio.DeliveryReport{State: temporalio.DeliveryDisabled, Reason: "410 Gone"}
		return temporalio.Delivered{DeliveryReport: report, Gone: len(began) == 2}, nil
	}, sdkactivity.RegisterOptions{Name: temporalio.FollowFeed})
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(temporalio.ChangedSignal, nil) }, time.Hour)
	env.ExecuteWorkflow(WebhookSubscription)
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if len(began) != 2 || began[1].Sub(began[0]) < 59*time.Minute {
		t.Errorf("somebody followed at %v", began)
	}
}
