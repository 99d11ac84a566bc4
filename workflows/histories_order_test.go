package workflows_test

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// orderLives are about whole orders.
var orderLives = []life{
	{"created-at-two-locations", func(r *recorder) {
		r.order(fulfillment.Order{Name: "#1001", LineItems: append(blankets(2, r.berlin), blankets(1, r.hamburg)...)})
	}},
	{"created-by-any-sdk", func(r *recorder) { // No IDs, no search attributes, no command IDs: the workflows see to it.
		r.raw("order/5001", `{"name":"#5001","lineItems":[{"title":"Blanket","quantity":2}]}`)
		r.orders = append(r.orders, 5001)
		fos, err := r.Store.FulfillmentOrdersOf(r.t.Context(), 5001)
		if err != nil || len(fos) != 1 {
			r.t.Fatalf("%d fulfillment orders, %v", len(fos), err)
		}
		workflowID := temporalio.FulfillmentOrderID(fos[0].ID)
		r.update(workflowID, "Hold", `{"reason":"AWAITING_PAYMENT"}`)
		r.update(workflowID, "ReleaseHold", `{}`)
		r.update(workflowID, "Cancel", `{}`)
	}},
	{"created-without-a-name", func(r *recorder) {
		if err := r.raw("order/5003", `{"lineItems":[{"title":"Blanket","quantity":2}]}`); err != nil {
			r.t.Fatal(err)
		}
		r.orders = append(r.orders, 5003)
	}},
	{"created-twice", func(r *recorder) {
		order := fulfillment.Order{SourceIdentifier: "web-1", LineItems: blankets(1, r.berlin)}
		ids := r.order(order)
		id := r.Load(ids[0]).OrderID
		body := fmt.Sprintf(
			`{"sourceIdentifier":"web-1","lineItems":[{"title":"Blanket","sku":"BLANKET","quantity":1,"locationId":%d}]%s}`,
			r.berlin, "%s",
		)
		if err := r.raw(temporalio.OrderID(id), fmt.Sprintf(body, ``)); err != nil {
			r.t.Errorf("the same order again: %v", err)
		}
		r.keep(temporalio.OrderID(id))
		if r.raw(temporalio.OrderID(id), fmt.Sprintf(body, `,"note":"Another"`)) == nil {
			r.t.Error("another order was taken for the same")
		}
	}},
	{"commanded-by-any-sdk", func(r *recorder) {
		// What the siblings have a say in, the fulfillment order hands on to the order.
		id := r.units(r.service(nil), 6)
		workflowID := temporalio.FulfillmentOrderID(id)
		line := r.Load(id).Lines[0].ID
		r.update(
			workflowID, "Move",
			fmt.Sprintf(`{"newLocationId":%d,"fulfillmentOrderLineItems":[{"id":%d,"quantity":1}]}`, r.berlin, line),
		)
		r.update(
			workflowID, "Hold",
			fmt.Sprintf(`{"reason":"OTHER","fulfillmentOrderLineItems":[{"id":%d,"quantity":2}]}`, line),
		)
		r.update(workflowID, "ReleaseHold", `{}`)
		r.update(workflowID, "SubmitFulfillmentRequest", `{"message":"Please."}`)
		r.update(workflowID, "AcceptFulfillmentRequest", `{}`)
		r.update(
			workflowID, "CreateFulfillment",
			fmt.Sprintf(`{"fulfillmentOrderLineItems":[{"id":%d,"quantity":2}]}`, line),
		)
		r.update(workflowID, "SubmitCancellationRequest", `{}`)
		r.update(workflowID, "AcceptCancellationRequest", `{"replace":true}`)
		r.update(workflowID, "CancelFulfillment", fmt.Sprintf(`{"fulfillmentId":%d}`, r.Load(id).Fulfillments[0].ID))
	}},
	{"created-by-a-shipping-rule", func(r *recorder) { // Two could ship it; one of them says what it costs.
		r.apart()
		for _, options := range []map[string]any{{"ship": false}, {"price": "4.90", "currencyCode": "EUR", "ship": false}} {
			if _, err := r.Store.AddService(r.t.Context(), fulfillment.Service{
				Name: fmt.Sprint("Service ", len(options)), Provider: "simulated", Options: options,
			}); err != nil {
				r.t.Fatal(err)
			}
		}
		r.order(fulfillment.Order{
			ShippingOption: &fulfillment.ShippingOption{Rule: fulfillment.RuleCheapest}, LineItems: blankets(1, 0),
		})
	}},
	{"created-refused", func(r *recorder) {
		if r.raw("order/5002", `{"lineItems":[]}`) == nil {
			r.t.Error("an order without lines was taken in")
		}
		r.keep("order/5002")
	}},
	{"created-for-a-country-that-there-is-not", func(r *recorder) { // Taken once, refused now.
		_ = r.raw("order/5004", `{"name":"#5004","shippingAddress":{"city":"London","countryCode":"UK"},
			"lineItems":[{"title":"Blanket","quantity":1}]}`)
		r.keep("order/5004")
	}},
	{"created-with-ids-taken", func(r *recorder) {
		for range 2 {
			r.order(fulfillment.Order{FirstID: 816, LineItems: blankets(1, r.berlin)})
		}
	}},
	{"order-cancelled", func(r *recorder) {
		ids := r.order(fulfillment.Order{LineItems: append(blankets(2, r.berlin), blankets(1, r.service(nil))...)})
		order := r.Load(ids[0]).OrderID
		served := ids[0]
		if !r.Load(served).AssignedLocation.AtService() {
			served = ids[1]
		}
		r.Send(served, &fulfillment.SubmitFulfillmentRequest{})
		r.Send(served, &fulfillment.AcceptFulfillmentRequest{})
		if _, err := r.Command.CancelOrder(
			r.t.Context(), fulfillment.CancelOrder{OrderID: order, Reason: "changed my mind"},
		); err != nil {
			r.t.Fatal(err)
		}
		r.keep(temporalio.OrderID(order))
		r.Send(served, &fulfillment.AcceptCancellationRequest{})
	}},
	{"order-not-cancelled", func(r *recorder) {
		id := r.units(r.berlin, 2)
		order := r.Load(id).OrderID
		r.Send(id, &fulfillment.CreateFulfillment{Lines: r.part(id, 1)})
		if _, err := r.Command.CancelOrder(r.t.Context(), fulfillment.CancelOrder{OrderID: order}); err == nil {
			r.t.Error("an order that was shipped in part was cancelled")
		}
	}},
	{"order-updated", func(r *recorder) {
		ids := r.order(fulfillment.Order{LineItems: append(blankets(2, r.berlin), blankets(1, r.service(nil))...)})
		served := ids[0]
		if !r.Load(served).AssignedLocation.AtService() {
			served = ids[1]
		}
		order := r.Load(served).OrderID
		r.Send(served, &fulfillment.SubmitFulfillmentRequest{})
		update := func(city string) {
			if _, err := r.Command.UpdateOrder(r.t.Context(), fulfillment.UpdateOrder{
				OrderID: order, OrderFields: fulfillment.OrderFields{ShippingAddress: &fulfillment.Address{City: city}},
			}); err != nil {
				r.t.Fatal(err)
			}
			r.keep(temporalio.OrderID(order))
		}
		update("Porto")
		update("Porto") // Nothing changes.
		r.Send(served, &fulfillment.RejectFulfillmentRequest{})
		update("Lyon")
	}},
	{"order-commanded-by-any-sdk", func(r *recorder) { // It looks up what it commands, be it there or not.
		order := r.Load(r.units(r.berlin, 3)).OrderID
		for _, id := range []fulfillment.ID{order, 4711} {
			err := commandOrder(r.t, r.Stack, id, "Update", `{"note":"by the gate"}`)
			if (err == nil) != (id == order) {
				r.t.Errorf("order %d: %v", id, err)
			}
			r.keep(temporalio.OrderID(id))
		}
	}},
	{"order-closed", func(r *recorder) {
		id := r.units(r.berlin, 1)
		order := r.Load(id).OrderID
		keep := func(_ fulfillment.OrderClosed, err error) {
			if err != nil {
				r.t.Fatal(err)
			}
			r.keep(temporalio.OrderID(order))
		}
		keep(r.Command.CloseOrder(r.t.Context(), fulfillment.CloseOrder{OrderID: order}))
		keep(r.Command.CloseOrder(r.t.Context(), fulfillment.CloseOrder{OrderID: order})) // Nothing changes.
		keep(r.Command.OpenOrder(r.t.Context(), fulfillment.OpenOrder{OrderID: order}))
		if _, err := r.Command.CancelOrder(r.t.Context(), fulfillment.CancelOrder{OrderID: order}); err != nil {
			r.t.Fatal(err)
		}
		if _, err := r.Command.OpenOrder(r.t.Context(), fulfillment.OpenOrder{OrderID: order}); err == nil {
			r.t.Error("a cancelled order was opened")
		}
		r.keep(temporalio.OrderID(order))
	}},
	{"order-edited", func(r *recorder) {
		id := r.units(r.berlin, 3)
		fo := r.Load(id)
		_, err := r.Command.EditOrder(r.t.Context(), fulfillment.EditOrder{OrderID: fo.OrderID,
			Add:           []fulfillment.LineItem{{Title: "Bridle", Quantity: 1}},
			SetQuantities: []fulfillment.Quantity{{ID: fo.Lines[0].LineItemID, Quantity: 1}}})
		if err != nil {
			r.t.Fatal(err)
		}
		r.keep(temporalio.OrderID(fo.OrderID))
		_, err = r.Command.EditOrder(r.t.Context(), fulfillment.EditOrder{OrderID: fo.OrderID,
			Add: []fulfillment.LineItem{{Title: "Bridle", Quantity: fulfillment.MaxLineQuantity + 1}}})
		if err == nil {
			r.t.Error("too many bridles were added")
		}
	}},
}

// raw starts an order as another SDK would.
func (r *recorder) raw(workflowID, payload string) error {
	r.t.Helper()
	run, err := r.Temporal.ExecuteWorkflow(r.t.Context(), client.StartWorkflowOptions{
		ID: workflowID, TaskQueue: temporalio.TaskQueue,
	},
		temporalio.OrderType, json.RawMessage(payload))
	if err != nil {
		r.t.Fatal(err)
	}
	return run.Get(r.t.Context(), nil)
}

// update commands as another SDK would.
func (r *recorder) update(workflowID, verb, payload string) {
	r.t.Helper()
	handle, err := r.Temporal.UpdateWorkflow(r.t.Context(), client.UpdateWorkflowOptions{WorkflowID: workflowID,
		UpdateName:   verb,
		WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{json.RawMessage(payload)}})
	if err == nil {
		err = handle.Get(r.t.Context(), nil)
	}
	if err != nil {
		r.t.Fatalf("%s: %v", verb, err)
	}
}
