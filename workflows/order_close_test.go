package workflows_test

import (
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// TestCloseOrder closes and opens an order: its fulfillment orders go on, doing it twice changes nothing, sent again it
// is the first answer, and a cancelled order stays closed.
func TestCloseOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	fo := s.Order(s.Warehouse("Berlin").ID, 2)
	order := s.Load(fo).OrderID
	closeIt := func(commandID string) (fulfillment.OrderClosed, error) {
		cmd := fulfillment.CloseOrder{OrderID: order}
		cmd.CommandID, cmd.Actor = commandID, fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "desk"}
		return s.Command.CloseOrder(t.Context(), cmd)
	}
	openIt := func(commandID string) (fulfillment.OrderClosed, error) {
		cmd := fulfillment.OpenOrder{OrderID: order}
		cmd.CommandID = commandID
		return s.Command.OpenOrder(t.Context(), cmd)
	}
	closedAt := func() *time.Time {
		t.Helper()
		record, err := s.Store.Order(t.Context(), order)
		if err != nil {
			t.Fatal(err)
		}
		return record.ClosedAt
	}
	at := func(answer fulfillment.OrderClosed, err error, changed bool) time.Time {
		t.Helper()
		stored := closedAt()
		if err != nil || answer.ClosedAt == nil || stored == nil || answer.Changed != changed ||
			answer.ClosedAt.Sub(*stored).Abs() > time.Millisecond {
			t.Fatalf("closed: %+v, %v; stored is %v", answer, err, stored)
		}
		return *stored
	}
	refused := func(err error, code fulfillment.Code) {
		t.Helper()
		if refusal, ok := fulfillment.AsError(err); !ok || refusal.Code != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}

	first, err := closeIt("close")
	since := at(first, err, true)
	second, err := closeIt("twice")
	if again := at(second, err, false); !again.Equal(since) {
		t.Errorf("closed twice, it is closed since %s, want %s", again, since)
	}
	s.Send(fo, &fulfillment.CreateFulfillment{Lines: []fulfillment.Quantity{{ID: s.Load(fo).Lines[0].ID, Quantity: 1}}})
	if now := closedAt(); now == nil || !now.Equal(since) {
		t.Errorf("shipped in part, it is closed since %v, want %s", now, since)
	}
	opened, err := openIt("open")
	if err != nil || opened.ClosedAt != nil || !opened.Changed || closedAt() != nil {
		t.Fatalf("opened: %+v, %v", opened, err)
	}
	same, err := closeIt("close")
	if err != nil || !same.Changed || !same.ClosedAt.Equal(since) || closedAt() != nil {
		t.Errorf("sent again: %+v, %v, and the order is closed since %v", same, err, closedAt())
	}
	_, err = openIt("close")
	refused(err, fulfillment.CodeIdempotencyConflict)
	if opened, err = openIt("open-twice"); err != nil || opened.Changed {
		t.Errorf("opened twice: %+v, %v", opened, err)
	}

	// It closes by itself, and can be opened all the same.
	s.Send(fo, &fulfillment.CreateFulfillment{})
	if closedAt() == nil {
		t.Error("shipped whole, it is open")
	}
	if opened, err = openIt("open-again"); err != nil || !opened.Changed || closedAt() != nil {
		t.Errorf("opened when it was shipped: %+v, %v", opened, err)
	}
	record, err := s.Store.Order(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []fulfillment.OrderKind
	for _, step := range record.Transitions {
		kinds = append(kinds, step.Kind)
	}
	want := []fulfillment.OrderKind{
		fulfillment.OrderKindCreated, fulfillment.OrderKindClosed, fulfillment.OrderKindStatusChanged,
		fulfillment.OrderKindOpened, fulfillment.OrderKindStatusChanged, fulfillment.OrderKindOpened,
	}
	if !slices.Equal(kinds, want) || record.Transitions[1].Actor.App != "desk" {
		t.Errorf("its history is %v, closed by %+v", kinds, record.Transitions[1].Actor)
	}
	var events int
	err = database(t, s).QueryRow(t.Context(), `SELECT count(*) FROM events WHERE order_id = $1 AND
		topic = 'orders/updated' AND payload->>'kind' IN ('CLOSED', 'OPENED')`, order).Scan(&events)
	if err != nil || events != 3 {
		t.Errorf("%d events of it, %v", events, err)
	}

	fo = s.Order(s.Warehouse("Hamburg").ID, 1)
	order = s.Load(fo).OrderID
	if _, err := s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: order}); err != nil {
		t.Fatal(err)
	}
	if closedAt() == nil {
		t.Error("cancelled, it is open")
	}
	_, err = openIt("open")
	refused(err, fulfillment.CodeOrderCancelled)
	order = 99
	_, err = closeIt("close")
	refused(err, fulfillment.CodeOrderNotFound)
}
