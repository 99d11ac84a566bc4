package workflows_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
	"packhorse/workflows"
)

// oneReturn is a store of one return, without an order around it.
type oneReturn struct {
	state *returns.Return
	at    []time.Time // when something was committed
}

func (o *oneReturn) Return(context.Context, fulfillment.ID) (*returns.Return, error) {
	if o.state == nil {
		return nil, fulfillment.ErrNotFound
	}
	return o.state, nil
}

func (o *oneReturn) CommandReturn(
	_ context.Context, _ fulfillment.ID, cmd returns.Command, now time.Time,
) (*returns.Decision, error) {
	d, err := returns.Decide(o.state, cmd, returns.Env{Now: now, Facts: returns.Facts{
		Order: &fulfillment.Order{ID: 10, Name: "#77"},
		Shipments: []fulfillment.Fulfillment{{ID: 20, Status: fulfillment.FulfillmentSuccess, Lines: []fulfillment.
			FulfillmentLine{{ID: 31, LineItemID: 11, Quantity: 1}}}},
	}})
	if err == nil && len(d.Transitions) > 0 {
		o.state, o.at = d.State, append(o.at, now)
	}
	return d, err
}

func (o *oneReturn) RefuseReturn(
	context.Context, fulfillment.ID, returns.Command, returns.SignalRefusal, time.Time,
) (*returns.Decision, error) {
	return &returns.Decision{State: o.state}, nil
}

// A return waits 90 days for its parcel. It reminds of it, and acts on its date.
func TestReturnWaitsForItsParcel(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent)
	env := suite.NewTestWorkflowEnvironment()
	const day = 24 * time.Hour
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	env.SetStartTime(began)
	env.SetTestTimeout(time.Minute)
	env.SetStartWorkflowOptions(temporalio.ReturnStartOptions(5000, nil))
	store := new(oneReturn)
	env.RegisterWorkflowWithOptions(workflows.Return, workflow.RegisterOptions{Name: temporalio.ReturnType})
	env.RegisterActivity(&activities.Returns{Store: store})
	by := began.Add(90 * day)
	create := &returns.Create{
		Opened: returns.Opened{OrderID: 10, Lines: []returns.NewLine{{
			FulfillmentLineID: 31, Quantity: 1, Reason: "DEFECTIVE",
		}}},
		Expected: returns.Expected{
			By: &by, Overdue: returns.OverdueClose, Remind: fulfillment.Duration(10 * day),
		},
	}
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(string(returns.VerbCreate), "create", &testsuite.TestUpdateCallback{
			OnReject: func(err error) { t.Error(err) },
			OnComplete: func(_ any, err error) {
				if err != nil {
					t.Error(err)
				}
			},
		}, create)
	}, 0)
	env.ExecuteWorkflow(temporalio.ReturnType, temporalio.ReturnInput{ID: 5000})
	if !env.IsWorkflowCompleted() || env.GetWorkflowError() != nil {
		t.Fatalf("it did not end: %v", env.GetWorkflowError())
	}
	if store.state.Status != returns.StatusClosed || len(store.at) != 3 || store.at[1].Sub(began) < 80*day ||
		store.at[2].Sub(began) < 90*day || store.at[2].Sub(began) > 90*day+time.Minute {
		t.Errorf("it is %s, committed at %v", store.state.Status, store.at)
	}
}
