package growth

import (
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"time"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/workflows"
)

func sizeOf(h *historypb.History) History {
	size := History{Events: len(h.Events)}
	for _, event := range h.Events {
		size.Bytes += proto.Size(event)
	}
	return size
}

// replay runs a history against the code some times, and notes what that takes.
func (r *Replay) replay(id fulfillment.ID, h *historypb.History) error {
	var took []time.Duration
	var before, after runtime.MemStats
	for range replays {
		replayer := sdkworker.NewWorkflowReplayer()
		replayer.RegisterWorkflowWithOptions(
			workflows.FulfillmentOrder, workflow.RegisterOptions{Name: temporalio.FulfillmentOrderType},
		)
		options := sdkworker.ReplayWorkflowHistoryOptions{
			OriginalExecution: workflow.Execution{ID: temporalio.FulfillmentOrderID(id)},
		}
		// A replay writes the search attributes that it comes to into the history's first event.
		fresh := proto.CloneOf(h)
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		err := replayer.ReplayWorkflowHistoryWithOptions(
			log.NewStructuredLogger(slog.New(slog.DiscardHandler)), fresh, options,
		)
		took = append(took, time.Since(began))
		runtime.ReadMemStats(&after)
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		r.AllocBytes, r.Allocations = after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs
	}
	slices.Sort(took)
	r.Took = percentile(took, 50)
	return nil
}

// write tells people.
func (r *Replay) write(out io.Writer) error {
	_, err := fmt.Fprintf(out, `%d commands to one fulfillment order: %v in the middle, p99 %v
runs, each continued as the next:%s
replay of the longest run (%d events, %d kB): %v, %d kB in %d allocations
a command on a worker that has just started, on a run of %d events: %v
`, r.Commands, r.WarmP50.Round(100*time.Microsecond), r.WarmP99.Round(100*time.Microsecond), runsText(r.Runs),
		r.Longest.Events, r.Longest.Bytes>>10, r.Took.Round(100*time.Microsecond), r.AllocBytes>>10, r.Allocations,
		r.Events, r.Cold.Round(100*time.Microsecond))
	return err
}

func runsText(runs []History) string {
	text := ""
	for _, run := range runs {
		text += fmt.Sprintf(" %d events (%d kB)", run.Events, run.Bytes>>10)
	}
	return text
}
