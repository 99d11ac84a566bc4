package bench

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"
)

// Shape is what an order leaves in the histories of its workflows: means over the orders that were looked at.
type Shape struct {
	Workflows     float64 `json:"workflows"`
	Events        float64 `json:"events"`
	Bytes         float64 `json:"bytes"`
	WorkflowTasks float64 `json:"workflowTasks"`
	Updates       float64 `json:"updates"`
	Activities    float64 `json:"activities"` // scheduled on a task queue
	Markers       float64 `json:"markers"`    // local activities, and side effects
	Timers        float64 `json:"timers"`
}

// shapeOf reads the histories of orders. It waits until their workflows have completed.
func shapeOf(ctx context.Context, c client.Client, orders [][]string) (Shape, error) {
	var sum Shape
	for _, ids := range orders {
		for _, id := range ids {
			if err := c.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
				return Shape{}, fmt.Errorf("wait until %s completes: %w", id, err)
			}
			if err := sum.add(ctx, c, id); err != nil {
				return Shape{}, fmt.Errorf("read the history of %s: %w", id, err)
			}
		}
	}
	n := float64(max(1, len(orders)))
	for _, f := range []*float64{
		&sum.Workflows, &sum.Events, &sum.Bytes, &sum.WorkflowTasks, &sum.Updates, &sum.Activities, &sum.Markers,
		&sum.Timers,
	} {
		*f /= n
	}
	return sum, nil
}

func (s *Shape) add(ctx context.Context, c client.Client, workflowID string) error {
	s.Workflows++
	events := c.GetWorkflowHistory(ctx, workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return err
		}
		s.Events++
		s.Bytes += float64(proto.Size(event))
		switch event.EventType {
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			s.WorkflowTasks++
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
			s.Updates++
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			s.Activities++
		case enumspb.EVENT_TYPE_MARKER_RECORDED:
			s.Markers++
		case enumspb.EVENT_TYPE_TIMER_STARTED:
			s.Timers++
		}
	}
	return nil
}
