package worker

import (
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/telemetry"
	"packhorse/internal/temporalio"
)

// countRefusals counts commands that were refused. A refused update leaves no trace in the history, so this is where
// it can be seen.
type countRefusals struct {
	interceptor.WorkerInterceptorBase
	metrics *telemetry.Metrics
}

// InterceptWorkflow is called by the SDK for each workflow run.
func (c *countRefusals) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	i := &refusalCounter{metrics: c.metrics}
	i.Next = next
	return i
}

type refusalCounter struct {
	interceptor.WorkflowInboundInterceptorBase
	metrics *telemetry.Metrics
}

// ValidateUpdate sees what a validator refuses; validators do not run on replay.
func (i *refusalCounter) ValidateUpdate(ctx workflow.Context, in *interceptor.UpdateInput) error {
	err := i.Next.ValidateUpdate(ctx, in)
	i.count(in.Name, err)
	return err
}

// ExecuteUpdate sees what a handler refuses because the state changed after the validator looked.
func (i *refusalCounter) ExecuteUpdate(ctx workflow.Context, in *interceptor.UpdateInput) (any, error) {
	result, err := i.Next.ExecuteUpdate(ctx, in)
	if !workflow.IsReplaying(ctx) {
		i.count(in.Name, err)
	}
	return result, err
}

func (i *refusalCounter) count(command string, err error) {
	if refused, ok := temporalio.Refusal(err); ok {
		i.metrics.Refusal(command, string(refused.Code))
	}
}
