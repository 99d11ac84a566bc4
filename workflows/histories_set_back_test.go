package workflows_test

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// setBackLives are those in which the database is set back to an older state.
var setBackLives = []life{
	{"set-back", func(r *recorder) { // The next command finds out: the run goes on in another one.
		r.apart()
		id := r.units(r.Warehouse("Berlin").ID, 3)
		setBack := r.Copy()
		r.Send(id, &fulfillment.CreateFulfillment{Lines: r.part(id, 1)})
		r.keep(temporalio.FulfillmentOrderID(id))
		setBack()
		r.Send(id, &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)})
	}},
	{"set-back-and-refreshed", func(r *recorder) {
		r.apart()
		id := r.units(r.Warehouse("Berlin").ID, 3)
		setBack := r.Copy()
		r.Send(id, &fulfillment.Split{Lines: r.part(id, 1)})
		sibling := r.Load(id).SupersededBy[0]
		r.keep(temporalio.FulfillmentOrderID(id))
		setBack()
		for _, id := range []fulfillment.ID{id, sibling} { // The sibling is gone.
			if err := r.Updates.Refresh(r.t.Context(), id); err != nil {
				r.t.Fatal(err)
			}
		}
		ended(r.t, r.Stack, sibling, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED)
		r.keep(temporalio.FulfillmentOrderID(sibling))
		r.Send(id, &fulfillment.CreateFulfillment{})
	}},
	{"set-back-and-gone", func(r *recorder) {
		r.apart()
		location := r.Warehouse("Berlin").ID
		setBack := r.Copy()
		id := r.units(location, 1)
		r.State(id) // It has loaded its snapshot then.
		setBack()
		if _, err := r.Command.Send(r.t.Context(), id, &fulfillment.ReportProgress{}); err == nil {
			r.t.Fatal("a command on what is gone was carried out")
		}
		ended(r.t, r.Stack, id, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED)
		r.keep(temporalio.FulfillmentOrderID(id))
	}},
	{"set-back-after-its-end", func(r *recorder) { // The next run learns what the last one knew.
		r.apart()
		id := r.units(r.Warehouse("Berlin").ID, 1)
		setBack := r.Copy()
		r.Send(id, &fulfillment.Cancel{})
		closes(r.t, r.Stack, temporalio.FulfillmentOrderID(id))
		r.keep(temporalio.FulfillmentOrderID(id))
		setBack()
		r.Send(id, &fulfillment.ReportProgress{})
	}},
	{"set-back-twice", func(r *recorder) { // The next run finds less than the one before had committed.
		r.apart()
		location := r.Warehouse("Berlin").ID
		before := r.Copy()
		id := r.units(location, 1)
		workflowID := temporalio.FulfillmentOrderID(id)
		setBack := r.Copy()
		r.Send(id, &fulfillment.CreateFulfillment{})
		r.keep(workflowID)
		setBack()
		goesOn(r.t, r.Stack, id)
		setBack()
		resetBefore(r.t, r.Stack, workflowID, enumspb.EVENT_TYPE_MARKER_RECORDED)
		r.Send(id, &fulfillment.SetDeadline{FulfillBy: in(24 * time.Hour)})
		r.keep(workflowID)
		setBack()
		goesOn(r.t, r.Stack, id)
		before()
		resetBefore(r.t, r.Stack, workflowID, enumspb.EVENT_TYPE_MARKER_RECORDED)
		ended(r.t, r.Stack, id, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED)
		r.keep(workflowID)
	}},
	{"set-back-while-asked", func(r *recorder) { // The service is asked what it says now.
		r.apart()
		id := r.units(r.service(map[string]any{"answer": "manual"}), 1)
		taken := func() {
			r.Eventually(id, "taken", func(fo *fulfillment.FulfillmentOrder) bool {
				return len(fo.Effects) == 1 && fo.Effects[0].Status == fulfillment.EffectWaiting
			})
		}
		r.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		taken()
		setBack := r.Copy()
		r.Send(id, &fulfillment.AcceptFulfillmentRequest{})
		r.keep(temporalio.FulfillmentOrderID(id))
		setBack()
		if err := r.Updates.Refresh(r.t.Context(), id); err != nil {
			r.t.Fatal(err)
		}
		taken()
		r.Send(id, &fulfillment.AcceptFulfillmentRequest{})
	}},
}
