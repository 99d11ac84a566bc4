package watch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// lookBack is how far the changes go back that a process doubts when it starts: the one before it may have died between
// a commit and the end of the workflow task that made it.
const lookBack = 5 * time.Minute

// resource is what the SDK calls a workflow, but for its ID.
const resource = "workflow:"

// Doubt is fulfillment orders whose workflows may not know what is in the store: the server has not taken the workflow
// task that committed it. Usually the task is done again; but not when the server has forgotten the command that it was
// about, and whoever sent that is gone. The zero value is ready; it is safe for concurrent use.
type Doubt struct {
	mu  sync.Mutex
	ids map[fulfillment.ID]bool
}

// Intercept notes the fulfillment orders whose workflow tasks the server does not take. It is for the connection with
// which a process works.
func (d *Doubt) Intercept(
	ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	err := invoke(ctx, method, request, reply, conn, options...)
	task, ok := request.(*workflowservice.RespondWorkflowTaskCompletedRequest)
	if err == nil || !ok {
		return err
	}
	if workflowID, ok := strings.CutPrefix(task.GetResourceId(), resource); ok {
		if id, parseErr := temporalio.ParseFulfillmentOrderID(workflowID); parseErr == nil {
			d.add(id)
		}
	}
	return err
}

func (d *Doubt) add(ids ...fulfillment.ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ids == nil {
		d.ids = map[fulfillment.ID]bool{}
	}
	for _, id := range ids {
		d.ids[id] = true
	}
}

func (d *Doubt) take() []fulfillment.ID {
	d.mu.Lock()
	defer d.mu.Unlock()
	ids := slices.Sorted(maps.Keys(d.ids))
	d.ids = nil
	return ids
}

// tellDoubts lets the watch that works, which may be another process's, look at what this process doubts.
func (w *Watch) tellDoubts(ctx context.Context) error {
	if w.Doubt == nil {
		return nil
	}
	ids := w.Doubt.take()
	if len(ids) == 0 {
		return nil
	}
	if err := w.Store.Doubt(ctx, ids); err != nil {
		w.Doubt.add(ids...)
		return fmt.Errorf("doubt what lost workflow tasks may have committed: %w", err)
	}
	return nil
}
