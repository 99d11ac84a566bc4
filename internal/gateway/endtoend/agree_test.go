package endtoend

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/serviceerror"

	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/temporalio"
)

// checkAnswer makes sure that every fulfillment order in an answer is what the app reads of it next, and what its
// workflow shows.
func (w *walk) checkAnswer(by *gatewaytest.App, answer *gatewaytest.Answer) {
	w.t.Helper()
	for id, told := range fulfillmentOrdersIn(answer.Data) {
		next := by.Must(w.t, `query ($id: ID!) { fulfillmentOrder(id: $id) { ...State } }`+state, vars{"id": id})
		if _, cancelling := answer.Data["fulfillmentOrderSubmitCancellationRequest"]; cancelling {
			// The one recorded answer of this mutation shows the request status of before, and what is done now.
			told, now := told.(map[string]any), next.Data["fulfillmentOrder"].(map[string]any)
			if told["requestStatus"] != "ACCEPTED" || now["requestStatus"] != "CANCELLATION_REQUESTED" {
				w.t.Fatalf(
					"asked to cancel, the answer says %v, the next query %v", told["requestStatus"],
					now["requestStatus"],
				)
			}
			told["requestStatus"], told["supportedActions"] = now["requestStatus"], now["supportedActions"]
		}
		if diff := cmp.Diff(told, next.Data["fulfillmentOrder"]); diff != "" {
			w.t.Fatalf("the payload (-) and the next query (+) differ:\n%s", diff)
		}
		w.checkWorkflow(gatewaytest.Get[*fulfillmentOrder](w.t, next, "fulfillmentOrder"))
	}
}

// fulfillmentOrdersIn finds what the fragment State selected, anywhere in an answer's data, by ID.
func fulfillmentOrdersIn(data any) map[string]any {
	found := map[string]any{}
	var look func(any)
	look = func(at any) {
		switch at := at.(type) {
		case map[string]any:
			id, _ := at["id"].(string)
			if _, ok := at["requestStatus"]; ok && id != "" {
				found[id] = at
				return
			}
			for _, value := range at {
				look(value)
			}
		case []any:
			for _, value := range at {
				look(value)
			}
		}
	}
	look(data)
	return found
}

// checkWorkflow makes sure that the fulfillment order's workflow says the same as the API.
func (w *walk) checkWorkflow(fo *fulfillmentOrder) {
	w.t.Helper()
	live := w.workflowState(w.number(fo.ID, admin.TypeFulfillmentOrder))
	shown := &fulfillmentOrder{
		ID: fo.ID, Status: string(live.Status), RequestStatus: string(live.RequestStatus), Actions: fo.Actions,
	}
	shown.AssignedLocation.Location.ID = gid(admin.TypeLocation, live.AssignedLocation.LocationID)
	shown.LineItems.Nodes, shown.Holds = []line{}, []hold{}
	for _, l := range live.Lines {
		shown.LineItems.Nodes = append(shown.LineItems.Nodes, line{
			gid(admin.TypeFulfillmentOrderLineItem, l.ID), l.Total, l.Remaining,
			object{gid(admin.TypeLineItem, l.LineItemID)},
		})
	}
	for _, h := range live.Holds {
		shown.Holds = append(shown.Holds, hold{gid(admin.TypeFulfillmentHold, h.ID), h.Handle, string(h.Reason)})
	}
	shown.Fulfillments.Nodes = slices.Clone(fo.Fulfillments.Nodes)
	for i := range shown.Fulfillments.Nodes {
		shown.Fulfillments.Nodes[i].Status = ""
		for _, f := range live.Fulfillments {
			if gid(admin.TypeFulfillment, f.ID) == shown.Fulfillments.Nodes[i].ID {
				shown.Fulfillments.Nodes[i].Status = string(f.Status)
			}
		}
	}
	if len(live.Fulfillments) != len(fo.Fulfillments.Nodes) {
		w.t.Fatalf("%s has %d shipments, its workflow %d", fo.ID, len(fo.Fulfillments.Nodes), len(live.Fulfillments))
	}
	if diff := cmp.Diff(fo, shown, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
		w.t.Fatalf("the API (-) and the workflow (+) differ:\n%s", diff)
	}
}

// workflowState asks a fulfillment order's workflow. That of a new one starts a moment after the answer that tells of
// it; until then, commands start it. What it has committed it shows when the task has ended that did so: the book, from
// which an answer may come, is ahead of it by that.
func (w *walk) workflowState(id fulfillment.ID) *fulfillment.FulfillmentOrder {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	stored, err := w.Store.Load(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	for {
		encoded, err := w.Temporal.QueryWorkflow(ctx, temporalio.FulfillmentOrderID(id), "", temporalio.StateQuery)
		var notYet *serviceerror.NotFound
		if err != nil && !errors.As(err, &notYet) {
			w.t.Fatalf("ask the workflow of fulfillment order %s: %v", id, err)
		}
		live := &fulfillment.FulfillmentOrder{}
		if err == nil {
			if err := encoded.Get(live); err != nil {
				w.t.Fatalf("read the state of the workflow of fulfillment order %s: %v", id, err)
			}
		}
		if err == nil && live.Sequence >= stored.Sequence {
			return live
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("the workflow of fulfillment order %s never came to what the book has", id)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// number is the number in a global ID.
func (w *walk) number(text, kind string) fulfillment.ID {
	w.t.Helper()
	id, err := admin.ParseGIDOf(text, kind)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	return id
}

func gid(kind string, id fulfillment.ID) string {
	return admin.GID{Type: kind, ID: id}.Text(admin.DefaultNamespace)
}
