package watch_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/temporalio/connect"
	"packhorse/internal/watch"
	"packhorse/internal/worker/workertest"
)

// TestDoubtAtStart has a store that is ahead of a workflow, with nothing that is due: only a process that starts finds
// it, and once.
func TestDoubtAtStart(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id, over, known := s.Order(s.Warehouse("Berlin").ID, 1), s.Order(
		s.Warehouse("Hamburg").ID, 1,
	), s.Order(s.Warehouse("Bonn").ID, 1)
	s.Send(known, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	shipped := s.Send(over, &fulfillment.CreateFulfillment{}).FulfillmentID
	s.Send(over, &fulfillment.RecordEvent{FulfillmentID: shipped, Status: fulfillment.EventDelivered})
	if err := s.Temporal.GetWorkflow(
		t.Context(), temporalio.FulfillmentOrderID(over), "",
	).Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	aheadOf(t, s, id)

	ctx, stop := context.WithCancel(t.Context())
	w := watchOver(t, s)
	w.Interval = 10 * time.Millisecond
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	workertest.WaitFor(
		t, "a workflow that knows what the store has",
		func() bool { return s.State(id).Status == fulfillment.StatusOnHold },
	)
	workertest.WaitFor(t, "the end of all doubts", func() bool {
		overdue, err := s.Store.Overdue(t.Context(), time.Now(), postgres.Overdue{})
		return err == nil && len(overdue) == 0
	})
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := s.Temporal.QueryWorkflow(
		t.Context(), temporalio.FulfillmentOrderID(over), "", temporalio.StateQuery,
	); err != nil {
		t.Fatal(err)
	}
	if run := s.Temporal.GetWorkflow(
		t.Context(), temporalio.FulfillmentOrderID(over), "",
	); run.Get(t.Context(), nil) != nil {
		t.Error("a life that is over was begun again")
	}
}

// TestDoubtAfterLostTask has a server that does not take a workflow task, of the SDK that Packhorse works with.
func TestDoubtAfterLostTask(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	workertest.WaitFor(
		t, "a workflow that has read the store", func() bool { return s.State(id) != nil },
	)
	doubt := new(watch.Doubt)
	w := watchOver(t, s)
	w.Doubt = doubt
	aheadOf(t, s, id)
	sweeps(t, w, watch.Swept{})
	task := startTask(t, id, doubt)
	task.answer(t, nil)
	sweeps(t, w, watch.Swept{})
	task.answer(t, serviceerror.NewNotFound("the task is lost"))
	sweeps(t, w, watch.Swept{Overdue: 1, Looked: 1, Refreshed: 1})
	if state := s.State(id); state.Status != fulfillment.StatusOnHold {
		t.Errorf("the workflow is %s, want ON_HOLD", state.Status)
	}
	sweeps(t, w, watch.Swept{})
}

// sdkTask is a real worker that ends workflow tasks of a workflow with a fulfillment order's ID, in a namespace where
// nobody else works.
type sdkTask struct {
	connection client.Client
	workflowID string
	answers    chan error // of the server, to the next task that ends
	got        chan error // what the SDK saw of it
}

// startTask starts the workflow and its worker. The doubt is where it is in Packhorse's own worker.
func startTask(t *testing.T, id fulfillment.ID, doubt *watch.Doubt) *sdkTask {
	t.Helper()
	task := &sdkTask{
		workflowID: temporalio.FulfillmentOrderID(id), answers: make(chan error, 1), got: make(chan error, 1),
	}
	server, namespace := devstacktest.Namespace(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var err error
	task.connection, err = connect.Dial(ctx, config.Temporal{Address: server.Address(), Namespace: namespace},
		nil, nil, task.outside, doubt.Intercept, task.inside)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(task.connection.Close)
	works := sdkworker.New(task.connection, "tasks", sdkworker.Options{})
	works.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		for {
			workflow.GetSignalChannel(ctx, "end a task").Receive(ctx, nil)
		}
	}, workflow.RegisterOptions{Name: "Tasks"})
	if err := works.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(works.Stop)
	task.answers <- nil
	if _, err := task.connection.ExecuteWorkflow(
		ctx, client.StartWorkflowOptions{ID: task.workflowID, TaskQueue: "tasks"}, "Tasks",
	); err != nil {
		t.Fatal(err)
	}
	if err := task.ended(t); err != nil {
		t.Fatal(err)
	}
	return task
}

// answer has the workflow's next task end so. An error is given without the server.
func (k *sdkTask) answer(t *testing.T, want error) {
	t.Helper()
	k.answers <- want
	if err := k.connection.SignalWorkflow(t.Context(), k.workflowID, "", "end a task", nil); err != nil {
		t.Fatal(err)
	}
	if got := k.ended(t); got != want {
		t.Errorf("the SDK got %v, want the answer %v", got, want)
	}
}

// ended waits until the SDK has ended a task.
func (k *sdkTask) ended(t *testing.T) error {
	t.Helper()
	select {
	case err := <-k.got:
		return err
	case <-time.After(time.Minute):
		t.Fatal("no task ended by a request that the watch knows")
		return nil
	}
}

func isTaskEnd(request any) bool {
	_, ok := request.(*workflowservice.RespondWorkflowTaskCompletedRequest)
	return ok
}

func (k *sdkTask) outside(
	ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	err := invoke(ctx, method, request, reply, conn, options...)
	if isTaskEnd(request) {
		select {
		case k.got <- err:
		default: // Nobody asked for this one.
		}
	}
	return err
}

func (k *sdkTask) inside(
	ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	if isTaskEnd(request) {
		select {
		case err := <-k.answers:
			if err != nil {
				return err
			}
		default:
		}
	}
	return invoke(ctx, method, request, reply, conn, options...)
}

// aheadOf commits a hold of which the workflow hears nothing.
func aheadOf(t *testing.T, s *workertest.Stack, id fulfillment.ID) {
	t.Helper()
	decision, err := s.Load(id).Decide(&fulfillment.PlaceHold{
		Meta: fulfillment.Meta{CommandID: "lost"}, Reason: fulfillment.HoldOther,
	},
		fulfillment.Env{Now: time.Now().UTC(), IDs: fulfillment.NewIDs(new(fulfillment.Minter).Mint())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.Commit(t.Context(), fulfillment.CommitOf(decision.State, decision)); err != nil {
		t.Fatal(err)
	}
}

func in(d time.Duration) *time.Time {
	t := time.Now().Add(d).UTC()
	return &t
}
