package workflows_test

import (
	"context"
	"errors"
	"os/exec"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// lostTask is a command whose worker dies when it has committed what it did, and before the server hears of that. The
// next worker decides the command again, later.
type lostTask struct {
	name   string
	cmd    fulfillment.Command // sent as it is, without the IDs that this program's client would give it
	signal bool
	first  bool                     // it starts the run: what that knew of the store is lost, too
	want   map[fulfillment.Kind]int // transitions

	s       *workertest.Stack
	id      fulfillment.ID
	process *exec.Cmd
	done    chan error
}

func TestLostTask(t *testing.T) {
	t.Parallel()
	cases := []*lostTask{
		{name: "update", cmd: &fulfillment.Split{}, want: map[fulfillment.Kind]int{fulfillment.KindSplit: 1}},
		{name: "update_with_ids",
			cmd: &fulfillment.Split{
				Meta: fulfillment.Meta{CommandID: "split", FirstID: fulfillment.DerivedID("test", uuid.NewString())},
			},
			want: map[fulfillment.Kind]int{fulfillment.KindSplit: 1}},
		{
			name: "signal", signal: true, cmd: &fulfillment.PlaceHold{Reason: fulfillment.HoldOther},
			want: map[fulfillment.Kind]int{fulfillment.KindHeld: 1},
		},
		{
			name: "refused_signal", signal: true, cmd: &fulfillment.AcceptFulfillmentRequest{},
			want: map[fulfillment.Kind]int{fulfillment.KindRefused: 1},
		},
		{
			name: "request", cmd: &fulfillment.SubmitFulfillmentRequest{},
			want: map[fulfillment.Kind]int{fulfillment.KindRequested: 1},
		},
	}
	for _, c := range cases[:len(cases):len(cases)] {
		first := *c
		first.name, first.first = c.name+"_in_the_first_task", true
		cases = append(cases, &first)
	}
	for _, c := range cases {
		c.start(t)
	}
	for _, c := range cases {
		isKilled(t, c.process, "after Commit")
		c.s.StartWorker()
	}
	for _, c := range cases {
		t.Run(c.name, c.check)
	}
}

func (c *lostTask) start(t *testing.T) {
	c.s = workertest.Start(t)
	service := c.s.Service(
		fulfillment.Service{Name: "North", Provider: "simulated", Options: map[string]any{"answer": "manual"}},
	)
	c.id = c.s.Order(service.LocationID, 3)
	if split, ok := c.cmd.(*fulfillment.Split); ok {
		lines := []fulfillment.Quantity{{ID: c.s.Load(c.id).Lines[0].ID, Quantity: 1}}
		c.cmd = &fulfillment.Split{Meta: split.Meta, Lines: lines} // Another case has the same, and may send it again.
	}
	c.s.State(c.id) // Its first task is over.
	c.s.StopWorker()
	if c.first {
		terminate(t, c.s, c.id)
	}
	c.process = startCrashing(t, c.s, "after Commit")
	c.done = make(chan error, 1)
	ctx := context.WithoutCancel(t.Context())
	go func() {
		if c.signal {
			c.done <- c.sendSignal(ctx)
			return
		}
		for {
			handle, err := c.sendUpdate(ctx)
			if err == nil {
				err = handle.Get(ctx, nil)
			}
			if notReady := new(serviceerror.WorkflowNotReady); !errors.As(err, &notReady) {
				// The server knows that a task was lost.
				c.done <- err
				return
			}
		}
	}()
}

// startOptions are those with which a command starts a run that has ended.
func (c *lostTask) startOptions() client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: temporalio.FulfillmentOrderID(c.id), TaskQueue: temporalio.TaskQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}
}

func (c *lostTask) sendSignal(ctx context.Context) error {
	if !c.first {
		return c.s.Temporal.SignalWorkflow(ctx, temporalio.FulfillmentOrderID(c.id), "", string(c.cmd.Verb()), c.cmd)
	}
	_, err := c.s.Temporal.SignalWithStartWorkflow(
		ctx, temporalio.FulfillmentOrderID(c.id), string(c.cmd.Verb()), c.cmd, c.startOptions(),
		temporalio.FulfillmentOrderType, temporalio.FulfillmentOrderInput{ID: c.id},
	)
	return err
}

func (c *lostTask) sendUpdate(ctx context.Context) (client.WorkflowUpdateHandle, error) {
	update := client.UpdateWorkflowOptions{
		UpdateID: "raw", WorkflowID: temporalio.FulfillmentOrderID(c.id), UpdateName: string(c.cmd.Verb()),
		Args: []any{c.cmd}, WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	if !c.first {
		return c.s.Temporal.UpdateWorkflow(ctx, update)
	}
	return c.s.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.s.Temporal.NewWithStartWorkflowOperation(
			c.startOptions(), temporalio.FulfillmentOrderType, temporalio.FulfillmentOrderInput{ID: c.id},
		),
		UpdateOptions: update,
	})
}

func (c *lostTask) check(t *testing.T) {
	if err := <-c.done; err != nil {
		t.Fatal(err)
	}
	s := c.s.For(t)
	var fos, living []*fulfillment.FulfillmentOrder
	workertest.WaitFor(t, "the workflows to know what the store has", func() bool {
		commanded := s.Load(c.id)
		var err error
		if fos, err = s.Store.FulfillmentOrdersOf(t.Context(), commanded.OrderID); err != nil {
			t.Fatal(err)
		}
		living = make([]*fulfillment.FulfillmentOrder, len(fos))
		for i, fo := range fos {
			if living[i] = s.State(fo.ID); living[i].Sequence != fo.Sequence {
				return false
			}
		}
		return commanded.Sequence > 1 // A signal takes its time.
	})
	for i, fo := range fos {
		if diff := cmp.Diff(
			fo, living[i],
			cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Recent" }, cmp.Ignore()),
			cmp.FilterPath(func(p cmp.Path) bool { // The store's own.
				return p.Last().Type() == reflect.TypeFor[fulfillment.Committed]()
			}, cmp.Ignore()),
		); diff != "" {
			t.Errorf("the workflow of %d has another state (-store +workflow):\n%s", fo.ID, diff)
		}
		replays(t, s, temporalio.FulfillmentOrderID(fo.ID))
	}
	// A later command commits on top, and proves that nothing is done again.
	s.Send(c.id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	transitions, err := s.Store.Transitions(t.Context(), c.id, postgres.Page{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[fulfillment.Kind]int{}
	for _, tr := range transitions.Items {
		got[tr.Kind]++
	}
	for kind, want := range c.want {
		if got[kind] != want {
			t.Errorf("%d transitions %s, want %d: %v", got[kind], kind, want, got)
		}
	}
}

// TestLostTaskOfOrder loses the task in which an order was committed.
func TestLostTaskOfOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	s.StopWorker()
	process := startCrashing(t, s, "after CreateOrder")
	created := make(chan error, 1)
	var order fulfillment.OrderCreated
	go func() {
		var err error
		order, err = s.Command.CreateOrder(context.WithoutCancel(t.Context()), fulfillment.Order{
			LineItems: []fulfillment.LineItem{{Title: "Blanket", Quantity: 1, LocationID: location}}})
		created <- err
	}()
	isKilled(t, process, "after CreateOrder")
	s.StartWorker()
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	id := order.FulfillmentOrderIDs[0]
	if stored, living := s.Load(id), s.State(id); !living.CreatedAt.Equal(stored.CreatedAt) {
		t.Errorf("the workflow was created at %v, the store says %v", living.CreatedAt, stored.CreatedAt)
	}
	replays(t, s, temporalio.OrderID(order.OrderID))
}
