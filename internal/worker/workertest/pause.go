package workertest

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/proxy"
	querypb "go.temporal.io/api/query/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Pauses stands between a stack and its Temporal server, and answers as a server of 1.32 does for workflows that
// somebody has paused: the dev server can pause none. What it says of them is all: they go on inside.
type Pauses struct {
	mu     sync.Mutex
	paused map[string]bool // by workflow ID
}

// Pause pauses the workflows of fulfillment orders.
func (p *Pauses) Pause(ids ...fulfillment.ID) {
	for _, id := range ids {
		p.PauseWorkflow(temporalio.FulfillmentOrderID(id))
	}
}

// PauseWorkflow pauses a workflow.
func (p *Pauses) PauseWorkflow(workflowID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused[workflowID] = true
}

// Unpause lets all go on.
func (p *Pauses) Unpause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.paused)
}

func (p *Pauses) has(workflowID string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused[workflowID]
}

// startPauses listens in front of the server at the address until the test ends.
func startPauses(t testing.TB, address string) (*Pauses, string) {
	t.Helper()
	p := &Pauses{paused: map[string]bool{}}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	service, err := proxy.NewWorkflowServiceProxyServer(
		proxy.WorkflowServiceProxyOptions{Client: workflowservice.NewWorkflowServiceClient(conn)},
	)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(p.intercept))
	workflowservice.RegisterWorkflowServiceServer(server, service)
	operatorservice.RegisterOperatorServiceServer(
		server, &operator{client: operatorservice.NewOperatorServiceClient(conn)},
	)
	healthy := health.NewServer()
	healthy.SetServingStatus(
		workflowservice.WorkflowService_ServiceDesc.ServiceName, healthpb.HealthCheckResponse_SERVING,
	)
	healthpb.RegisterHealthServer(server, healthy)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		_ = conn.Close()
	})
	return p, listener.Addr().String()
}

// operator asks the server what a worker asks before it begins.
type operator struct {
	operatorservice.UnimplementedOperatorServiceServer
	client operatorservice.OperatorServiceClient
}

// ListSearchAttributes is the server's.
func (o *operator) ListSearchAttributes(
	ctx context.Context, request *operatorservice.ListSearchAttributesRequest,
) (*operatorservice.ListSearchAttributesResponse, error) {
	return o.client.ListSearchAttributes(ctx, request)
}

// intercept answers for paused workflows.
func (p *Pauses) intercept(
	ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
) (any, error) {
	refused := serviceerror.NewFailedPrecondition("Workflow is paused. Cannot update the workflow.")
	switch r := request.(type) {
	case *workflowservice.UpdateWorkflowExecutionRequest:
		if p.has(r.GetWorkflowExecution().GetWorkflowId()) {
			return nil, serviceerror.ToStatus(refused).Err()
		}
	case *workflowservice.ExecuteMultiOperationRequest:
		if p.has(r.GetOperations()[0].GetStartWorkflow().GetWorkflowId()) {
			aborted := serviceerror.NewMultiOperationAborted("Operation was aborted.")
			return nil, serviceerror.ToStatus(serviceerror.NewMultiOperationExecution(
				"Update-with-Start could not be executed.", []error{aborted, refused},
			)).Err()
		}
	case *workflowservice.QueryWorkflowRequest:
		if p.has(r.GetExecution().GetWorkflowId()) {
			return &workflowservice.QueryWorkflowResponse{
				QueryRejected: &querypb.QueryRejected{Status: enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED},
			}, nil
		}
	}
	if list, ok := request.(*workflowservice.ListWorkflowExecutionsRequest); ok {
		return p.list(ctx, list, handle)
	}
	answer, err := handle(ctx, request)
	if described, ok := answer.(*workflowservice.DescribeWorkflowExecutionResponse); ok && err == nil {
		if info := described.GetWorkflowExecutionInfo(); p.has(info.GetExecution().GetWorkflowId()) {
			info.Status = enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
		}
	}
	return answer, err
}

// list lists runs. Paused ones are none that are running, and have not ended either. All must fit into a page.
func (p *Pauses) list(
	ctx context.Context, list *workflowservice.ListWorkflowExecutionsRequest, handle grpc.UnaryHandler,
) (any, error) {
	const running, others = "ExecutionStatus = 'Running'", "ExecutionStatus != 'Running'"
	answer, err := handle(ctx, list)
	if err != nil {
		return nil, err
	}
	listed := answer.(*workflowservice.ListWorkflowExecutionsResponse)
	if strings.Contains(list.GetQuery(), others) && !strings.Contains(list.GetQuery(), "CloseTime") {
		all := &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: list.GetNamespace(), Query: strings.ReplaceAll(list.GetQuery(), others, running),
		}
		answer, err := handle(ctx, all)
		if err != nil {
			return nil, err
		}
		for _, info := range answer.(*workflowservice.ListWorkflowExecutionsResponse).GetExecutions() {
			if p.has(info.GetExecution().GetWorkflowId()) {
				listed.Executions = append(listed.Executions, info)
			}
		}
	}
	for _, info := range listed.GetExecutions() {
		if info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING && p.has(info.GetExecution().GetWorkflowId()) {
			info.Status = enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
		}
	}
	if strings.Contains(list.GetQuery(), running) {
		listed.Executions = slices.DeleteFunc(listed.Executions, func(info *workflowpb.WorkflowExecutionInfo) bool {
			return info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
		})
	}
	return listed, nil
}
