package growth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Replay is what a fulfillment order costs that was commanded many times. Durations are in nanoseconds.
type Replay struct {
	Commands int           `json:"commands"`
	Runs     []History     `json:"runs"` // each continued as the next one, the present one last
	WarmP50  time.Duration `json:"warmP50"`
	WarmP99  time.Duration `json:"warmP99"` // of all commands, on a worker that has the workflow in memory
	// median of a command on a worker that has just started and has to replay the present run
	Cold   time.Duration `json:"cold"`
	Events int           `json:"events"` // of the present run, when the first cold worker met it

	Longest     History       `json:"longest"`     // of the runs; what follows is about its replay
	Took        time.Duration `json:"took"`        // median
	AllocBytes  uint64        `json:"allocBytes"`  // in all, not at the same time
	Allocations uint64        `json:"allocations"` // how many
}

// History is the size of a run's history.
type History struct {
	Events int `json:"events"`
	Bytes  int `json:"bytes"` // of all events in the encoding of the protocol
}

const replays = 10

// coldStarts is how many workers start after so many commands: a short life has no time for more than one.
func coldStarts(commands int) int { return min(5, 1+commands/100) }

// replay commands a fulfillment order so many times, and measures what it takes to go on with it.
func replay(
	ctx context.Context, databaseURL string, server config.Temporal, commands int, out io.Writer,
) (_ *Replay, err error) {
	e, err := newEngine(ctx, databaseURL, server)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	id, err := e.order(ctx)
	if err != nil {
		return nil, err
	}
	r := &Replay{Commands: commands}
	if err := e.live(ctx, id, r); err != nil {
		return nil, err
	}
	if err := e.meetCold(ctx, id, r); err != nil {
		return nil, err
	}
	var longest *historypb.History
	for runID := ""; ; {
		h, err := history(ctx, e.temporal, id, runID)
		if err != nil {
			return nil, err
		}
		size := sizeOf(h)
		r.Runs = append(r.Runs, size)
		if size.Events > r.Longest.Events {
			r.Longest, longest = size, h
		}
		if runID = h.Events[0].GetWorkflowExecutionStartedEventAttributes().ContinuedExecutionRunId; runID == "" {
			break
		}
	}
	slices.Reverse(r.Runs)
	if err := r.replay(id, longest); err != nil {
		return nil, err
	}
	return r, r.write(out)
}

// live sends the commands, and then so many more that the present run is about to continue as new.
func (e *engine) live(ctx context.Context, id fulfillment.ID, r *Replay) error {
	var took []time.Duration
	longest := 0
	for n := 0; ; n++ {
		began := time.Now()
		if err := e.send(ctx, id, n); err != nil {
			return fmt.Errorf("command %d: %w", n, err)
		}
		if n < r.Commands {
			took = append(took, time.Since(began))
		}
		described, err := e.temporal.DescribeWorkflowExecution(ctx, temporalio.FulfillmentOrderID(id), "")
		if err != nil {
			return fmt.Errorf("ask for the history's length: %w", err)
		}
		r.Events = int(described.WorkflowExecutionInfo.HistoryLength)
		longest = max(longest, r.Events)
		const aCommand = 10 // events, and more than it takes; a cold start needs another
		if n >= r.Commands-1 && r.Events > longest-aCommand*(coldStarts(r.Commands)+2) {
			break
		}
	}
	slices.Sort(took)
	r.WarmP50, r.WarmP99 = percentile(took, 50), percentile(took, 99)
	return nil
}

// meetCold lets workers that have just started answer a command.
func (e *engine) meetCold(ctx context.Context, id fulfillment.ID, r *Replay) error {
	other, err := e.order(ctx)
	if err != nil {
		return err
	}
	var took []time.Duration
	for n := range coldStarts(r.Commands) {
		if err := e.stop(); err != nil {
			return err
		}
		e.start(ctx)
		if err := e.send(ctx, other, n); err != nil { // The worker works.
			return err
		}
		began := time.Now()
		if err := e.send(ctx, id, r.Commands+n); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	r.Cold = percentile(took, 50)
	return nil
}

// history reads the events of a run; empty: of the present one.
func history(ctx context.Context, temporal client.Client, id fulfillment.ID, runID string) (*historypb.History, error) {
	var h historypb.History
	all := temporal.GetWorkflowHistory(
		ctx, temporalio.FulfillmentOrderID(id), runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT,
	)
	for all.HasNext() {
		event, err := all.Next()
		if err != nil {
			return nil, fmt.Errorf("read the history: %w", err)
		}
		h.Events = append(h.Events, event)
	}
	return &h, nil
}
