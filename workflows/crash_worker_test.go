package workflows_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	sdkactivity "go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
	"packhorse/internal/temporalio"
	"packhorse/internal/temporalio/connect"
	"packhorse/internal/update"
	"packhorse/internal/worker/workertest"
	"packhorse/workflows"
)

// A worker that kills itself is this test binary, run with these in its environment.
const (
	crashPoint     = "PACKHORSE_TEST_CRASH_POINT" // such as "before CommitJoint" or "after Reserve 2"
	crashDatabase  = "PACKHORSE_TEST_CRASH_DATABASE"
	crashTemporal  = "PACKHORSE_TEST_CRASH_TEMPORAL"
	crashNamespace = "PACKHORSE_TEST_CRASH_NAMESPACE"
)

// startCrashing starts a worker in a process of its own that kills itself, without any warning, when it gets to a
// point.
func startCrashing(t *testing.T, s *workertest.Stack, point string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashPoint+"="+point, crashDatabase+"="+string(s.Settings.Database.URL),
		crashTemporal+"="+s.Settings.Temporal.Address, crashNamespace+"="+s.Settings.Temporal.Namespace)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if _, err := cmd.StdinPipe(); err != nil { // It closes with this process, whatever ends it.
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// isKilled waits until the worker has killed itself.
func isKilled(t *testing.T, cmd *exec.Cmd, point string) {
	t.Helper()
	timeout := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer timeout.Stop()
	_ = cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("the worker never got to %q: %v", point, cmd.ProcessState)
	}
}

// runCrashing is the main program of such a worker.
func runCrashing(point string) error {
	ctx := context.Background()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	store, err := postgres.Open(ctx, os.Getenv(crashDatabase), postgres.Options{MaxConns: 8})
	if err != nil {
		return err
	}
	settings := config.Temporal{Address: os.Getenv(crashTemporal), Namespace: os.Getenv(crashNamespace)}
	connection, err := connect.Dial(ctx, settings, telemetry.NewLogger(os.Stderr, slog.LevelError, "text"), nil)
	if err != nil {
		return err
	}
	crash := &crasher{point: point}
	w := worker.New(
		connection, temporalio.TaskQueue, worker.Options{Interceptors: []interceptor.WorkerInterceptor{crash}},
	)
	w.RegisterWorkflowWithOptions(workflows.Order, workflow.RegisterOptions{Name: temporalio.OrderType})
	w.RegisterWorkflowWithOptions(
		workflows.FulfillmentOrder, workflow.RegisterOptions{Name: temporalio.FulfillmentOrderType},
	)
	w.RegisterWorkflowWithOptions(workflows.ServiceDeletion,
		workflow.RegisterOptions{Name: temporalio.ServiceDeletionType})
	w.RegisterWorkflowWithOptions(workflows.Return, workflow.RegisterOptions{Name: temporalio.ReturnType})
	w.RegisterActivity(&activities.Returns{Store: store})
	updates := update.New(connection, store, update.Options{Timeout: 50 * time.Second})
	w.RegisterActivity(&activities.Activities{Store: store, Workflows: &crashingUpdates{Client: updates, crash: crash}})
	return w.Run(worker.InterruptCh())
}

// crasher kills the process at its point.
type crasher struct {
	interceptor.WorkerInterceptorBase
	point             string
	reserved, applied atomic.Int64
	moved             atomic.Int64
}

func (c *crasher) at(format string, args ...any) {
	if fmt.Sprintf(format, args...) == c.point {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {} // Nothing after the point happens.
	}
}

// crashingUpdates counts the fulfillment orders that were reserved, and those that were applied.
type crashingUpdates struct {
	*update.Client
	crash *crasher
}

func (u *crashingUpdates) Reserve(ctx context.Context, id fulfillment.ID, by string) (int64, error) {
	version, err := u.Client.Reserve(ctx, id, by)
	if err == nil {
		u.crash.at("after Reserve %d", u.crash.reserved.Add(1))
	}
	return version, err
}

func (u *crashingUpdates) Apply(
	ctx context.Context, id fulfillment.ID, by string, done *fulfillment.Answered,
) error {
	u.crash.at("before Apply %d", u.crash.applied.Load()+1)
	err := u.Client.Apply(ctx, id, by, done)
	if err == nil {
		u.crash.at("after Apply %d", u.crash.applied.Add(1))
	}
	return err
}

// Command counts the moves.
func (u *crashingUpdates) Command(
	ctx context.Context, id fulfillment.ID, cmd fulfillment.Command,
) (fulfillment.Result, error) {
	result, err := u.Client.Command(ctx, id, cmd)
	if _, move := cmd.(*fulfillment.Move); move && err == nil {
		u.crash.at("after Move %d", u.crash.moved.Add(1))
	}
	return result, err
}

// InterceptActivity is called by the SDK for each attempt of an activity.
func (c *crasher) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	i := &activityCrasher{crash: c}
	i.Next = next
	return i
}

type activityCrasher struct {
	interceptor.ActivityInboundInterceptorBase
	crash *crasher
}

// ExecuteActivity has two points, such as "before CommitJoint" and "after CommitJoint".
func (i *activityCrasher) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	name := sdkactivity.GetInfo(ctx).ActivityType.Name
	i.crash.at("before %s", name)
	result, err := i.Next.ExecuteActivity(ctx, in)
	i.crash.at("after %s", name)
	return result, err
}

// InterceptWorkflow is called by the SDK for each workflow run.
func (c *crasher) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	i := &workflowCrasher{crash: c}
	i.Next = next
	return i
}

type workflowCrasher struct {
	interceptor.WorkflowInboundInterceptorBase
	crash *crasher
}

// Init puts the crasher between a workflow and what it starts.
func (i *workflowCrasher) Init(out interceptor.WorkflowOutboundInterceptor) error {
	o := &childCrasher{crash: i.crash}
	o.Next = out
	return i.Next.Init(o)
}

// ExecuteWorkflow has the point "child starts": a fulfillment order that an order started lives, and the order has not
// heard of it.
func (i *workflowCrasher) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	if parent := workflow.GetInfo(ctx).ParentWorkflowExecution; parent != nil && !workflow.IsReplaying(ctx) {
		i.crash.at("child starts")
	}
	return i.Next.ExecuteWorkflow(ctx, in)
}

type childCrasher struct {
	interceptor.WorkflowOutboundInterceptorBase
	crash *crasher
}

// ExecuteChildWorkflow has the point "before child": the commit is done, and nobody has started what it made.
func (o *childCrasher) ExecuteChildWorkflow(
	ctx workflow.Context, kind string, args ...any,
) workflow.ChildWorkflowFuture {
	o.crash.at("before child")
	return o.Next.ExecuteChildWorkflow(ctx, kind, args...)
}
