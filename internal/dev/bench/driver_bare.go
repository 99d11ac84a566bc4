package bench

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/dev/bench/bare"
)

// bareDriver is the caller of floor and naive.
type bareDriver struct {
	kind     bare.Kind
	temporal client.Client
	prefix   string // of this run's numbers
	last     atomic.Int64
}

func newBareDriver(kind bare.Kind, temporal client.Client) *bareDriver {
	return &bareDriver{kind: kind, temporal: temporal, prefix: strconv.FormatInt(time.Now().UnixNano(), 36)}
}

func (d *bareDriver) live(ctx context.Context, took timer) ([]string, error) {
	number := fmt.Sprintf("%s-%d", d.prefix, d.last.Add(1))
	ids := []string{d.kind.OrderID(number), d.kind.FulfillmentOrderID(number)}
	err := took.time(Create, func() error {
		run, err := d.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: ids[0], TaskQueue: d.kind.TaskQueue(),
		},
			bare.OrderType, bare.Input{Number: number})
		if err != nil {
			return err
		}
		return run.Get(ctx, nil)
	})
	if err != nil {
		return ids, fmt.Errorf("%s: create an order: %w", d.kind, err)
	}
	for _, u := range []struct {
		step Step
		name string
		args []any
	}{
		{Submit, bare.Submit, nil},
		{Ship, bare.Ship, nil},
		{Event, bare.Event, []any{"IN_TRANSIT"}},
		{Event, bare.Event, []any{bare.Delivered}},
	} {
		err := took.time(u.step, func() error {
			handle, err := d.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
				WorkflowID: ids[1], UpdateName: u.name, Args: u.args, WaitForStage: client.WorkflowUpdateStageCompleted,
			})
			if err != nil {
				return err
			}
			return handle.Get(ctx, nil)
		})
		if err != nil {
			return ids, fmt.Errorf("%s: %s: %w", d.kind, u.name, err)
		}
	}
	return ids, nil
}
