package workflows

import (
	"testing"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/temporalio"
)

// TestNothingStaysOfTheReportBefore: a page must not show an error that is over, which a report does not mention.
func TestNothingStaysOfTheReportBefore(t *testing.T) {
	t.Parallel()
	env := new(testsuite.WorkflowTestSuite).NewTestWorkflowEnvironment()
	env.RegisterDelayedCallback(func() {
		env.SignalWorkflow("report", map[string]any{"state": "FAILING", "lastError": "500", "lagSeconds": 12})
		env.SignalWorkflow("report", map[string]any{"state": "ENABLED"})
		env.SignalWorkflow("calls", map[string]any{"calls": []any{map[string]any{"call": "A", "error": "503"}}})
		env.SignalWorkflow("calls", map[string]any{"calls": []any{map[string]any{"call": "B", "status": 200}}})
	}, 0)
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		var report temporalio.DeliveryReport
		var calls temporalio.CallbackReport
		for range 2 {
			workflow.NewSelector(ctx).AddReceive(workflow.GetSignalChannel(ctx, "report"),
				func(c workflow.ReceiveChannel, _ bool) { receive(c, &report) }).Select(ctx)
			workflow.NewSelector(ctx).AddReceive(workflow.GetSignalChannel(ctx, "calls"),
				func(c workflow.ReceiveChannel, _ bool) { receive(c, &calls) }).Select(ctx)
		}
		if report != (temporalio.DeliveryReport{State: "ENABLED"}) {
			t.Errorf("the report is %+v", report)
		}
		if len(calls.Calls) != 1 || calls.Calls[0] != (temporalio.CallbackCalled{Call: "B", Status: 200}) {
			t.Errorf("the calls are %+v", calls.Calls)
		}
		return nil
	})
	if err := env.GetWorkflowError(); err != nil {
		t.Error(err)
	}
}
