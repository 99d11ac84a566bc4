package workflows_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestRawJSON is a caller with any Temporal SDK: no Go types of ours, no command ID, no new IDs.
func TestRawJSON(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	warehouse := s.Warehouse("Berlin")
	run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "order/5001", TaskQueue: "packhorse",
	}, "Order",
		json.RawMessage(
			`{"name":"#5001","lineItems":[{"title":"Blanket","quantity":2},{"title":"Manual","quantity":1,"requiresShipping":false}]}`,
		))
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		OrderID             string   `json:"orderId"` // Programs whose numbers are floats can't read others.
		FulfillmentOrderIDs []string `json:"fulfillmentOrderIds"`
	}
	if err := run.Get(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if out.OrderID != "5001" || len(out.FulfillmentOrderIDs) != 2 {
		t.Fatalf("got %+v, want order 5001 with two fulfillment orders: one is shipped, one is not", out)
	}
	workflowID := "fulfillment-order/" + out.FulfillmentOrderIDs[0]
	handle, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: "Hold", WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{json.RawMessage(`{"reason":"AWAITING_PAYMENT","reasonNotes":"invoice open"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var result map[string]any
	if err := handle.Get(t.Context(), &result); err != nil {
		t.Fatal(err)
	}
	if result["status"] != "ON_HOLD" || result["fulfillmentOrderId"] != out.FulfillmentOrderIDs[0] {
		t.Errorf("got %v, want status ON_HOLD of %s", result, out.FulfillmentOrderIDs[0])
	}
	id, err := fulfillment.ParseID(out.FulfillmentOrderIDs[0])
	if err != nil {
		t.Fatal(err)
	}
	if location := s.Load(id).AssignedLocation; location.LocationID != warehouse.ID {
		t.Errorf("assigned to %v, want %s", location, warehouse.Name)
	}
	byText, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: "ReleaseHold", WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{map[string]any{"holdIds": []any{result["holdId"]}}},
	})
	if err == nil {
		err = byText.Get(t.Context(), nil)
	}
	if err != nil {
		t.Errorf("an ID as it was answered: %v", err)
	}
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	released, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: "ReleaseHold", WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = released.Get(t.Context(), nil)
	}
	if err != nil {
		t.Errorf("an update without a payload: %v", err)
	}
	refused, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: "Hold", WaitForStage: client.WorkflowUpdateStageCompleted,
		Args: []any{json.RawMessage(`{"raeson":"OTHER"}`)},
	})
	if err == nil {
		err = refused.Get(t.Context(), nil)
	}
	if err == nil || !strings.Contains(err.Error(), "raeson") {
		t.Errorf("a misspelt field gave %v, want a refusal that names it", err)
	}
	replays(t, s, workflowID)
}

func TestRawOrderRefused(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	for name, payload := range map[string]string{
		"no lines":     `{}`,
		"bad quantity": `{"lineItems":[{"title":"x","quantity":0}]}`,
		"no location":  `{"lineItems":[{"title":"x","quantity":1}]}`,
		"misspelt":     `{"fulfilBy":"2030-01-01T00:00:00Z","lineItems":[{"title":"x","quantity":1}]}`,
		"country":      `{"shippingAddress":{"countryCode":"UK"},"lineItems":[{"title":"x","quantity":1}]}`,
		"currency":     `{"currencyCode":"BTC","lineItems":[{"title":"x","quantity":1}]}`,
		"far year":     `{"fulfillAt":"9999-12-31T23:59:59Z","lineItems":[{"title":"x","quantity":1}]}`,
		"other id":     `{"id":7,"lineItems":[{"title":"x","quantity":1}]}`,
		"not an order": `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id := fmt.Sprintf("order/%d", fulfillment.DerivedID("test", name))
			run, err := s.Temporal.ExecuteWorkflow(
				t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "packhorse"}, "Order",
				json.RawMessage(payload),
			)
			if err != nil {
				t.Fatal(err)
			}
			err = run.Get(t.Context(), nil)
			if refused, ok := temporalio.Refusal(err); !ok || refused.Message == "" {
				t.Errorf("got %v, want a refusal with its reason", err)
			} else if (refused.Code == fulfillment.CodeUnroutable) != (name == "no location") {
				t.Errorf("refused with %s: %s", refused.Code, refused.Message)
			}
		})
	}
}

// TestRawOrderTwice is an order system that repeats itself after the first run has ended.
func TestRawOrderTwice(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.Warehouse("Berlin")
	var outs [2]temporalio.OrderOutput
	for i := range outs {
		run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: "order/5002", TaskQueue: "packhorse",
		}, "Order",
			json.RawMessage(`{"name":"#5002","lineItems":[{"title":"Blanket","quantity":2}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Get(t.Context(), &outs[i]); err != nil {
			t.Fatal(err)
		}
	}
	if len(outs[0].FulfillmentOrderIDs) != 1 ||
		!slices.Equal(outs[0].FulfillmentOrderIDs, outs[1].FulfillmentOrderIDs) {
		t.Errorf("the first time gave %+v, the second time %+v", outs[0], outs[1])
	}
}

func TestSignals(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	workflowID := temporalio.FulfillmentOrderID(id)
	if err := s.Temporal.SignalWorkflow(
		t.Context(), workflowID, "", "Hold", json.RawMessage(`{"reason":"OTHER","reasonNotes":"by signal"}`),
	); err != nil {
		t.Fatal(err)
	}
	s.Eventually(
		id, "held", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Status == fulfillment.StatusOnHold },
	)
	if err := s.Temporal.SignalWorkflow(t.Context(), workflowID, "", "AcceptFulfillmentRequest", nil); err != nil {
		t.Fatal(err)
	}
	fo := s.Eventually(id, "refused", func(fo *fulfillment.FulfillmentOrder) bool { return fo.LastRefusal != nil })
	if fo.Status != fulfillment.StatusOnHold || fo.LastRefusal.Verb != fulfillment.VerbAcceptFulfillmentRequest {
		t.Errorf("got %s with refusal %+v, want ON_HOLD with a refused accept", fo.Status, fo.LastRefusal)
	}
	page, err := s.Store.Transitions(t.Context(), id, postgres.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if last := page.Items[len(page.Items)-1]; last.Kind != fulfillment.KindRefused {
		t.Errorf("the history ends with %s, want REFUSED", last.Kind)
	}
	replays(t, s, workflowID)
}

func TestRepeatedCommand(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 5)
	ship := func() *fulfillment.CreateFulfillment {
		c := &fulfillment.CreateFulfillment{Lines: []fulfillment.Quantity{{ID: s.Load(id).Lines[0].ID, Quantity: 1}}}
		c.CommandID = "ship-once"
		return c
	}
	first := s.Send(id, ship())
	for range 60 { // More than the answers that travel with the state, so the store has to remember.
		at := time.Now().Add(time.Hour)
		s.Send(id, &fulfillment.SetDeadline{FulfillBy: &at})
	}
	again := s.Send(id, ship())
	if again.FulfillmentID != first.FulfillmentID {
		t.Errorf(
			"the repeated command made fulfillment %d, the first one made %d", again.FulfillmentID, first.FulfillmentID,
		)
	}
	if n := len(s.Load(id).Fulfillments); n != 1 {
		t.Errorf("%d fulfillments, want 1", n)
	}
	other := ship()
	other.Lines[0].Quantity = 2
	_, err := s.Command.Send(t.Context(), id, other)
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
		t.Errorf("the same command ID with another body gave %v, want %s", err, fulfillment.CodeIdempotencyConflict)
	}
}

// TestTogether sends commands at once: each is answered and none is lost.
func TestTogether(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 100)
	line := s.Load(id).Lines[0].ID
	const n = 40
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			_, err := s.Command.Send(
				t.Context(), id, &fulfillment.CreateFulfillment{Lines: []fulfillment.Quantity{{ID: line, Quantity: 1}}},
			)
			if err != nil {
				t.Errorf("command %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	fo := s.Load(id)
	if fo.RemainingUnits() != 100-n || len(fo.Fulfillments) != n {
		t.Errorf(
			"%d units left and %d fulfillments, want %d and %d", fo.RemainingUnits(), len(fo.Fulfillments), 100-n, n,
		)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// commits counts local activities. Versions are markers, too.
func commits(events []*historypb.HistoryEvent) (n int) {
	for _, e := range events {
		if e.GetMarkerRecordedEventAttributes().GetMarkerName() == "LocalActivity" {
			n++
		}
	}
	return n
}

// TestTogetherShareACommit lets commands pile up while no worker runs.
func TestTogetherShareACommit(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 10)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)}) // Its answer ends the task before.
	line := s.Load(id).Lines[0].ID
	workflowID := temporalio.FulfillmentOrderID(id)
	before := commits(history(t, s, workflowID))
	s.StopWorker()
	var minter fulfillment.Minter
	for range 10 {
		ship := &fulfillment.CreateFulfillment{Lines: []fulfillment.Quantity{{ID: line, Quantity: 1}}}
		ship.FirstID = minter.Mint() // Else the workflow mints, which is a marker too.
		if err := s.Temporal.SignalWorkflow(t.Context(), workflowID, "", string(ship.Verb()), ship); err != nil {
			t.Fatal(err)
		}
	}
	s.StartWorker()
	s.Eventually(id, "shipped", func(fo *fulfillment.FulfillmentOrder) bool { return fo.RemainingUnits() == 0 })
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)}) // By its answer, the history has what came before.
	if n := commits(history(t, s, workflowID)) - before; n != 2 {
		t.Errorf("%d commits for ten commands that arrived together and one that followed, want 2", n)
	}
	if n := len(s.Load(id).Fulfillments); n != 10 {
		t.Errorf("%d fulfillments, want 10", n)
	}
}

// TestExactlyOneShips is the race that ships twice elsewhere.
func TestExactlyOneShips(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	var mu sync.Mutex
	done, refused := 0, 0
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := s.Command.Send(t.Context(), id, &fulfillment.CreateFulfillment{})
			mu.Lock()
			defer mu.Unlock()
			if _, ok := fulfillment.AsError(err); ok {
				refused++
			} else if err == nil {
				done++
			}
		})
	}
	wg.Wait()
	if done != 1 || refused != 19 {
		t.Errorf("%d succeeded and %d were refused, want 1 and 19", done, refused)
	}
}
