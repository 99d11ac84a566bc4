package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// runLives are those in which runs end and others go on, or several things happen at once.
var runLives = []life{
	{"continued-as-new", func(r *recorder) {
		id := r.units(r.berlin, 3)
		ship := &fulfillment.CreateFulfillment{Lines: r.part(id, 1)}
		ship.CommandID = "before"
		r.Send(id, ship)
		r.keep(temporalio.FulfillmentOrderID(id))
		first := presentRun(r.t, r.Stack, id)
		// A command that was carried out already costs an event and does nothing: the cheapest way to a long history.
		again := &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)}
		again.CommandID, again.FirstID = "again", 1
		for presentRun(r.t, r.Stack, id) == first {
			for range 100 {
				workertest.WaitFor(r.t, "a signal that the server takes", func() bool {
					return r.Temporal.SignalWorkflow(r.t.Context(), temporalio.FulfillmentOrderID(id), "",
						string(again.Verb()), again) == nil
				})
			}
		}
		r.Send(id, ship) // Is still answered the same.
		r.Send(id, &fulfillment.CreateFulfillment{})
	}},
	{"commanded-after-its-end", func(r *recorder) { // A new run begins with the snapshot.
		id := r.units(r.berlin, 1)
		f := r.Send(id, &fulfillment.CreateFulfillment{}).FulfillmentID
		r.Send(id, &fulfillment.RecordEvent{FulfillmentID: f, Status: fulfillment.EventDelivered})
		for _, number := range []string{"41", "42"} {
			closes(r.t, r.Stack, temporalio.FulfillmentOrderID(id))
			r.keep(temporalio.FulfillmentOrderID(id))
			r.Send(
				id,
				&fulfillment.UpdateTracking{
					FulfillmentID: f, Tracking: fulfillment.TrackingInput{Number: number, Company: "UPS"},
				},
			)
		}
		closes(r.t, r.Stack, temporalio.FulfillmentOrderID(id))
		r.keep(temporalio.FulfillmentOrderID(id))
		r.Send(id, &fulfillment.CancelFulfillment{FulfillmentID: f})
	}},
	{"refreshed", func(r *recorder) { // It is asked to look whether the store is ahead of it.
		id := r.units(r.berlin, 1)
		if err := r.Updates.Refresh(r.t.Context(), id); err != nil {
			r.t.Fatal(err)
		}
		r.Send(id, &fulfillment.CreateFulfillment{})
	}},
	{"terminated", func(r *recorder) { // An operator ends the run; the next command starts another.
		id := r.units(r.service(map[string]any{"answer": "manual"}), 1)
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		r.Eventually(id, "taken", func(fo *fulfillment.FulfillmentOrder) bool {
			return len(fo.Effects) == 1 && fo.Effects[0].Status == fulfillment.EffectWaiting
		})
		r.keep(temporalio.FulfillmentOrderID(id))
		if err := r.Temporal.TerminateWorkflow(
			r.t.Context(), temporalio.FulfillmentOrderID(id), "", "recorded",
		); err != nil {
			r.t.Fatal(err)
		}
		r.Send(id, &fulfillment.AcceptFulfillmentRequest{})
	}},
	{"reset", func(r *recorder) { // An operator sends it back to its first task; the store is ahead of it.
		id := r.units(r.berlin, 5)
		for range 2 {
			r.Send(id, &fulfillment.CreateFulfillment{Lines: r.part(id, 1)})
		}
		r.keep(temporalio.FulfillmentOrderID(id))
		_, err := r.Temporal.ResetWorkflowExecution(r.t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
			Namespace:                 r.Settings.Temporal.Namespace,
			WorkflowExecution:         execution(temporalio.FulfillmentOrderID(id), presentRun(r.t, r.Stack, id)),
			Reason:                    "recorded",
			WorkflowTaskFinishEventId: 4, RequestId: uuid.NewString(),
			ResetReapplyExcludeTypes: []enumspb.ResetReapplyExcludeType{
				enumspb.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL, enumspb.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
			},
		})
		if err != nil {
			r.t.Fatal(err)
		}
		r.Send(id, &fulfillment.CreateFulfillment{Lines: r.part(id, 1)})
	}},
	{"unknown", func(r *recorder) { // The store has no such fulfillment order.
		_, err := r.Temporal.ExecuteWorkflow(r.t.Context(), client.StartWorkflowOptions{
			ID: "fulfillment-order/78", TaskQueue: temporalio.TaskQueue,
		},
			temporalio.FulfillmentOrderType, json.RawMessage(`{"id":78}`))
		if err != nil {
			r.t.Fatal(err)
		}
		closes(r.t, r.Stack, "fulfillment-order/78")
		r.keep("fulfillment-order/78")
	}},
	{"crowded", func(r *recorder) { // Commands that arrive together share commits; too many ships are refused.
		id := r.units(r.berlin, 8)
		ship := r.part(id, 1)
		refused := 0
		for _, err := range atOnce(10, func(int) error {
			_, err := r.Command.Send(r.t.Context(), id, &fulfillment.CreateFulfillment{Lines: ship})
			return err
		}) {
			if err != nil {
				refused++
			}
		}
		if refused != 2 {
			r.t.Errorf("%d of 10 were refused, want 2", refused)
		}
	}},
	{"refused", func(r *recorder) { // A signal that is refused is a transition.
		id := r.units(r.berlin, 1)
		for _, verb := range []string{"AcceptFulfillmentRequest", "Move"} {
			before := r.Load(id).Sequence
			if err := r.Temporal.SignalWorkflow(
				r.t.Context(), temporalio.FulfillmentOrderID(id), "", verb, nil,
			); err != nil {
				r.t.Fatal(err)
			}
			r.Eventually(
				id, "refused",
				func(fo *fulfillment.FulfillmentOrder) bool { return fo.Sequence > before && fo.LastRefusal != nil },
			)
		}
	}},
	{"refused-too-often", func(r *recorder) { // Of many refused signals, the last ones are only counted.
		id := r.units(r.berlin, 1)
		const sent = fulfillment.MaxRefusals + 20
		for range sent {
			if err := signal(r.t.Context(), r.Stack, id, &fulfillment.AcceptFulfillmentRequest{}); err != nil {
				r.t.Fatal(err)
			}
		}
		f := r.Send(id, &fulfillment.CreateFulfillment{}).FulfillmentID
		r.Send(id, &fulfillment.RecordEvent{FulfillmentID: f, Status: fulfillment.EventDelivered})
		r.Eventually(id, "told of all", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.Refusals.Total == sent
		})
	}},
	{"misspelt", func(r *recorder) { // A signal with a field that there is not would ship everything without it.
		id := r.units(r.berlin, 2)
		before := r.Load(id).Sequence
		err := r.Temporal.SignalWorkflow(r.t.Context(), temporalio.FulfillmentOrderID(id), "", "CreateFulfillment",
			json.RawMessage(fmt.Sprintf(`{"fulfillmentOrderLineItmes":[{"id":%d,"quantity":1}]}`, r.Load(id).Lines[0].ID)))
		if err != nil {
			r.t.Fatal(err)
		}
		r.Eventually(id, "answered", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Sequence > before })
	}},
	{"ids-taken", func(r *recorder) { // By a sender that counts for itself, and counts wrong.
		for range 2 {
			id := r.units(r.berlin, 3)
			split := &fulfillment.Split{Lines: r.part(id, 1)}
			split.FirstID = 4713
			r.Send(id, split)
		}
	}},
	{"store-down", func(r *recorder) { // The commit leaves the workflow task and becomes an activity.
		server := devstacktest.NewPostgres(r.t)
		if err := server.CreateDatabase(r.t.Context(), "outage"); err != nil {
			r.t.Fatal(err)
		}
		r.Stack = workertest.StartOn(r.t, server.URL("outage"))
		id := r.units(r.Warehouse("Berlin").ID, 1)
		r.Send(id, &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)}) // It has loaded its snapshot then.
		if err := server.Kill(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		answered := make(chan error, 1)
		go func() {
			_, err := r.Command.Send(
				context.WithoutCancel(r.t.Context()), id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther},
			)
			answered <- err
		}()
		workertest.WaitFor(r.t, "the commit as an activity", func() bool {
			return count(
				history(r.t, r.Stack, temporalio.FulfillmentOrderID(id)), enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
			) > 0
		})
		if err := server.Start(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		if err := <-answered; err != nil {
			r.t.Fatal(err)
		}
	}},
	{"worker-away", func(r *recorder) { // Whatever came meanwhile is taken in one task.
		r.apart()
		id := r.units(r.Warehouse("Berlin").ID, 4)
		line := r.part(id, 1)
		r.Send(id, &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)})
		r.StopWorker()
		for range 3 {
			if err := r.Temporal.SignalWorkflow(
				r.t.Context(), temporalio.FulfillmentOrderID(id), "", "CreateFulfillment",
				&fulfillment.CreateFulfillment{Lines: line},
			); err != nil {
				r.t.Fatal(err)
			}
		}
		r.StartWorker()
		r.Eventually(id, "shipped", func(fo *fulfillment.FulfillmentOrder) bool { return fo.RemainingUnits() == 1 })
	}},
	{"flooded", func(r *recorder) { // More than a commit takes has come meanwhile.
		r.apart()
		id := r.units(r.Warehouse("Berlin").ID, 1)
		r.State(id)
		r.StopWorker()
		const sent = 120
		for i := range sent {
			deadline := &fulfillment.SetDeadline{FulfillBy: in(time.Duration(24+i) * time.Hour)}
			if err := signal(r.t.Context(), r.Stack, id, deadline); err != nil {
				r.t.Fatal(err)
			}
		}
		r.StartWorker()
		r.Eventually(id, "as the last signal left it", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.Sequence == 1+sent
		})
	}},
}
