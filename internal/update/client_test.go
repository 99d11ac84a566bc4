package update

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// server answers updates with the errors that it was given, one after the other, and the last one again and again.
type server struct {
	client.Client // nil: nothing else is asked of it

	mu      sync.Mutex
	answers []error
	updates []client.UpdateWorkflowOptions
}

// UpdateWorkflow keeps what it was asked.
func (s *server) UpdateWorkflow(
	_ context.Context, update client.UpdateWorkflowOptions,
) (client.WorkflowUpdateHandle, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := s.answers[min(len(s.updates), len(s.answers)-1)]
	s.updates = append(s.updates, update)
	return answered{err: answer}, nil
}

// DescribeWorkflowExecution knows of nothing that stands in the way.
func (s *server) DescribeWorkflowExecution(
	context.Context, string, string,
) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return nil, closed
}

// answered is the handle of an update that has ended.
type answered struct {
	client.WorkflowUpdateHandle
	err error
}

// Get gives the answer at once.
func (a answered) Get(context.Context, any) error { return a.err }

var (
	closed  = serviceerror.NewNotFound("workflow execution already completed")
	passing = serviceerror.NewUnavailable("the server starts")
	refusal = &fulfillment.Error{
		Code: fulfillment.CodeNotFound, Field: []string{"id"}, Message: "Fulfillment order 7 does not exist.",
	}
	unavailable = &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "Not now."}
)

type step func(c *Client, ctx context.Context, id fulfillment.ID, by string) error

// TestStepsOfAJointCommand has no store: what would start a closed run again panics.
func TestStepsOfAJointCommand(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step    step
		answers []error
		want    error
		updates int
	}{
		"reserve":         {reserve, []error{nil}, nil, 1},
		"reserve refused": {reserve, []error{temporalio.RefusalError(refusal)}, refusal, 1},
		"reserve asks again": {
			reserve, []error{passing, temporalio.RefusalError(unavailable), nil}, nil, 3,
		},
		"apply":                 {apply, []error{nil}, nil, 1},
		"apply asks again":      {apply, []error{passing, nil}, nil, 2},
		"apply to a closed run": {apply, []error{closed}, nil, 1},
		"abort":                 {(*Client).Abort, []error{nil}, nil, 1},
		"abort of a closed run": {(*Client).Abort, []error{closed}, nil, 1},
		"abort refused":         {(*Client).Abort, []error{temporalio.RefusalError(refusal)}, refusal, 1},
		"abort that nobody may send": {
			(*Client).Abort, []error{serviceerror.NewPermissionDenied("no", "")},
			errors.New("send command Merge of x: no"), 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answers: test.answers}
			err := test.step(New(s, nil, Options{}), t.Context(), 7, "Merge of x")
			if want, ok := fulfillment.AsError(test.want); ok {
				if got, _ := fulfillment.AsError(err); !reflect.DeepEqual(got, want) {
					t.Errorf("error %#v, want %#v", err, want)
				}
			} else if (err == nil) != (test.want == nil) || err != nil && err.Error() != test.want.Error() {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if len(s.updates) != test.updates {
				t.Fatalf("sent %d times, want %d", len(s.updates), test.updates)
			}
			for _, update := range s.updates {
				if !reflect.DeepEqual(update, s.updates[0]) {
					t.Errorf("sent %+v, and then %+v", s.updates[0], update)
				}
			}
		})
	}
}

// reserve is [Client.Reserve] with what the store knows left out.
func reserve(c *Client, ctx context.Context, id fulfillment.ID, by string) error {
	return c.step(ctx, id, temporalio.ReserveUpdate, temporalio.Reservation{By: by})
}

// apply is [Client.Apply] of a joint command that answered nothing for the fulfillment order.
func apply(c *Client, ctx context.Context, id fulfillment.ID, by string) error {
	return c.Apply(ctx, id, by, nil)
}

// TestCancelledIsAnEnd: the server keeps the outcome of an update, so the same one is never answered otherwise.
func TestCancelledIsAnEnd(t *testing.T) {
	t.Parallel()
	s := &server{answers: []error{temporal.NewCanceledError()}}
	err := New(s, nil, Options{}).Apply(t.Context(), 7, "Merge of x", nil)
	refused, ok := fulfillment.AsError(err)
	if !ok || refused.Retryable() || !strings.Contains(refused.Message, "another command ID") {
		t.Errorf("got %v, want a refusal that says what to do", err)
	}
	if len(s.updates) != 1 {
		t.Errorf("sent %d times, want once", len(s.updates))
	}
}

func TestStepsNameTheirUpdates(t *testing.T) {
	t.Parallel()
	s := &server{answers: []error{nil}}
	if err := New(s, nil, Options{}).Apply(t.Context(), 7, "Merge of x", nil); err != nil {
		t.Fatal(err)
	}
	want := client.UpdateWorkflowOptions{
		UpdateID: "Apply/Merge of x", WorkflowID: "fulfillment-order/7", UpdateName: "Apply",
		Args: []any{temporalio.Reservation{By: "Merge of x"}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	if !reflect.DeepEqual(s.updates[0], want) {
		t.Errorf("sent %+v, want %+v", s.updates[0], want)
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()

	t.Run("ends as unavailable", func(t *testing.T) {
		t.Parallel()
		var told []error
		c := New(
			&server{answers: []error{passing}}, nil,
			Options{Timeout: 200 * time.Millisecond, Repeats: func(err error) { told = append(told, err) }},
		)
		err := c.Apply(t.Context(), 7, "Merge of x", nil)
		refused, ok := fulfillment.AsError(err)
		if !ok || refused.Code != fulfillment.CodeUnavailable || !strings.Contains(refused.Message, passing.Error()) ||
			!strings.Contains(refused.Message, "Merge of x") {
			t.Errorf("error %v, want one that says what stands in the way and what to send again", err)
		}
		if len(told) == 0 || !errors.Is(told[0], passing) {
			t.Errorf("told %v, want %v", told, passing)
		}
	})

	t.Run("ends with its caller", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		c := New(&server{answers: []error{passing}}, nil, Options{Repeats: func(error) { cancel() }})
		if err := c.Apply(ctx, 7, "Merge of x", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	})
}
