package update_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/update"
	"packhorse/internal/worker/workertest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// storeClock is how exactly the store knows a time.
var storeClock = cmpopts.EquateApproxTime(time.Microsecond)

// hold is a command with everything that its sender can repeat.
func hold(commandID string) *fulfillment.PlaceHold {
	return &fulfillment.PlaceHold{
		Meta:   fulfillment.Meta{CommandID: commandID, FirstID: new(fulfillment.Minter).Mint()},
		Reason: fulfillment.HoldOther,
	}
}

// TestPausedAnswersFromTheBook repeats a command whose workflow was paused meanwhile.
func TestPausedAnswersFromTheBook(t *testing.T) {
	t.Parallel()
	s, pauses := workertest.StartPausable(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	cmd := hold("once")
	first := s.Send(id, cmd)
	pauses.Pause(id)
	if again := s.Send(id, cmd); again != first {
		t.Errorf("answered %+v, and at first %+v", again, first)
	}
	other := hold("once")
	other.ReasonNotes = "another body"
	_, err := s.Command.Send(t.Context(), id, other)
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
		t.Errorf("another command of the same ID: %v, want a conflict", err)
	}
}

// TestOthersCommandIDsAreHidden: a service is not told that a command ID came before to a fulfillment order that is not
// assigned to it, neither by its workflow nor by the book, which remembers the ID longer or answers for a paused one.
func TestOthersCommandIDsAreHidden(t *testing.T) {
	t.Parallel()
	s, pauses := workertest.StartPausable(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, hold("once"))
	ask := func(when string) {
		t.Helper()
		other := hold("once")
		other.Actor = fulfillment.Actor{Role: fulfillment.RoleService, App: "warehouse", ServiceID: 1}
		_, err := s.Command.Send(t.Context(), id, other)
		if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeAccessDenied ||
			refused.Status != "" {
			t.Errorf("%s: %v, want that it is denied", when, err)
		}
	}
	ask("while it is remembered")
	for i := range fulfillment.RecentAnswers {
		s.Send(id, &fulfillment.SetDeadline{
			Meta: fulfillment.Meta{CommandID: fmt.Sprint("later ", i), FirstID: new(fulfillment.Minter).Mint()},
		})
	}
	ask("when only the book remembers it")
	pauses.Pause(id)
	ask("while it is paused")
}

// TestTheBookKnowsWhatWasTidied repeats commands as they were written: who decided about them has tidied them before.
func TestTheBookKnowsWhatWasTidied(t *testing.T) {
	t.Parallel()
	s, pauses := workertest.StartPausable(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	orderID := s.Load(id).OrderID
	meta := func(commandID string) fulfillment.Meta {
		return fulfillment.Meta{CommandID: commandID, FirstID: new(fulfillment.Minter).Mint(),
			Actor: fulfillment.Actor{Role: fulfillment.RoleMerchant, App: " desk "}}
	}
	by := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	deadlines := &fulfillment.SetDeadlines{
		Meta: meta("deadlines"), FulfillmentOrderIDs: []fulfillment.ID{id}, FulfillBy: &by,
	}
	ship := &fulfillment.CreateFulfillment{Meta: meta("ship"), Tracking: &fulfillment.TrackingInput{
		Company: "UPS ", Numbers: []string{" 1Z5 "}, URLs: []string{""},
	}}
	joint, err := s.Command.Joint(t.Context(), orderID, deadlines)
	if err != nil {
		t.Fatal(err)
	}
	first := s.Send(id, ship)
	pauses.Pause(id)
	pauses.PauseWorkflow(temporalio.OrderID(orderID))
	if again, err := s.Command.Send(t.Context(), id, ship); err != nil || again != first {
		t.Errorf("answered %+v, %v, and at first %+v", again, err, first)
	}
	again, err := s.Command.Joint(t.Context(), orderID, deadlines)
	if diff := cmp.Diff(joint, again, storeClock); err != nil || diff != "" {
		t.Errorf("the joint one: %v, and otherwise than at first (-first +again):\n%s", err, diff)
	}
	other := *ship
	other.Tracking = &fulfillment.TrackingInput{Company: "UPS", Number: "1Z6"}
	_, err = s.Command.Send(t.Context(), id, &other)
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeIdempotencyConflict {
		t.Errorf("another command of the same ID: %v, want a conflict", err)
	}
}

// TestPausedSaysSo gives a new command to a workflow that is paused: whoever waits is told what to do, and when that is
// done, the command is.
func TestPausedSaysSo(t *testing.T) {
	t.Parallel()
	s, pauses := workertest.StartPausable(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	pauses.Pause(id)
	unpause := "temporal workflow unpause --workflow-id " + temporalio.FulfillmentOrderID(id)
	cmd := hold("waits")

	_, err := update.New(s.Temporal, s.Store, update.Options{Timeout: time.Second}).Command(t.Context(), id, cmd)
	waited, ok := errors.AsType[*update.Unanswered](err)
	if !ok {
		t.Fatal(err)
	}
	if step, known := waited.WhatToDo(); !known || !strings.Contains(step, unpause) ||
		!strings.Contains(err.Error(), "is paused in Temporal") {
		t.Errorf("got %v, want that it is paused, and %s", err, unpause)
	}
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeUnavailable {
		t.Errorf("got %v, want a refusal that it is unavailable", err)
	}
	if err := s.Updates.Refresh(t.Context(), id); !errors.As(err, new(*temporalio.PausedError)) {
		t.Errorf("the refresh of a paused workflow: %v, want that it is paused", err)
	}

	told := make(chan error, 100)
	c := update.New(s.Temporal, s.Store, update.Options{
		Waiting: func(_ context.Context, cause error) { told <- cause },
	})
	ended := make(chan error, 1)
	go func() {
		_, err := c.Command(t.Context(), id, cmd)
		ended <- err
	}()
	if cause := <-told; !strings.Contains(update.ExplainCause(cause), unpause) {
		t.Errorf("told %v, want %s", cause, unpause)
	}
	pauses.Unpause()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if fo := s.Load(id); len(fo.Holds) != 1 {
		t.Errorf("%d holds, want one", len(fo.Holds))
	}
}

// TestPausedOrderAnswersFromTheBook repeats each command on a whole order while the order's workflow is paused.
func TestPausedOrderAnswersFromTheBook(t *testing.T) {
	t.Parallel()
	s, pauses := workertest.StartPausable(t)
	berlin, hamburg := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{LineItems: []fulfillment.LineItem{
		{Title: "Blanket", SKU: "BLANKET", Quantity: 2, LocationID: berlin},
		{Title: "Pillow", SKU: "PILLOW", Quantity: 1, LocationID: hamburg},
	}})
	if err != nil {
		t.Fatal(err)
	}
	order, err := s.Store.Order(t.Context(), created.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	meta := func(commandID string) fulfillment.Meta {
		return fulfillment.Meta{CommandID: commandID, FirstID: new(fulfillment.Minter).Mint()}
	}
	note, by := "a note", time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	merge := &fulfillment.SetDeadlines{
		Meta: meta("deadlines"), FulfillmentOrderIDs: created.FulfillmentOrderIDs,
		FulfillBy: &by,
	}
	edit := fulfillment.EditOrder{
		Meta: meta("edit"), OrderID: order.ID, Add: []fulfillment.LineItem{
			{Title: "Sheet", SKU: "SHEET", Quantity: 1, LocationID: berlin},
		},
	}
	change := fulfillment.UpdateOrder{Meta: meta("update"), OrderID: order.ID}
	change.Note = &note
	steps := []struct {
		name string
		send func(ctx context.Context) (any, error)
	}{
		{"joint", func(ctx context.Context) (any, error) { return s.Command.Joint(ctx, order.ID, merge) }},
		{"edit", func(ctx context.Context) (any, error) { return s.Command.EditOrder(ctx, edit) }},
		{"update", func(ctx context.Context) (any, error) { return s.Command.UpdateOrder(ctx, change) }},
		{"close", func(ctx context.Context) (any, error) {
			return s.Command.CloseOrder(ctx, fulfillment.CloseOrder{Meta: meta("close"), OrderID: order.ID})
		}},
		{"close once more", func(ctx context.Context) (any, error) {
			return s.Command.CloseOrder(ctx, fulfillment.CloseOrder{Meta: meta("close once more"), OrderID: order.ID})
		}},
		{"open", func(ctx context.Context) (any, error) {
			return s.Command.OpenOrder(ctx, fulfillment.OpenOrder{Meta: meta("open"), OrderID: order.ID})
		}},
		{"cancel", func(ctx context.Context) (any, error) {
			return s.Command.CancelOrder(
				ctx, fulfillment.CancelOrder{Meta: meta("cancel"), OrderID: order.ID, Reason: "changed mind"},
			)
		}},
	}
	first := map[string]any{}
	for _, step := range steps {
		if first[step.name], err = step.send(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	pauses.PauseWorkflow(temporalio.OrderID(order.ID))
	for _, step := range steps {
		again, err := step.send(t.Context())
		if err != nil {
			t.Errorf("%s again: %v", step.name, err)
		} else if diff := cmp.Diff(first[step.name], again, storeClock); diff != "" {
			t.Errorf("%s is answered otherwise than at first (-first +again):\n%s", step.name, diff)
		}
	}
}

// TestCancelNamesWhomItWaitsFor has an order's cancellation wait for one fulfillment order of two.
func TestCancelNamesWhomItWaitsFor(t *testing.T) {
	t.Parallel()
	s, pauses := workertest.StartPausable(t)
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{LineItems: []fulfillment.LineItem{
		{Title: "Blanket", SKU: "BLANKET", Quantity: 1, LocationID: s.Warehouse("Berlin").ID},
		{Title: "Pillow", SKU: "PILLOW", Quantity: 1, LocationID: s.Warehouse("Hamburg").ID},
	}})
	if err != nil {
		t.Fatal(err)
	}
	paused := created.FulfillmentOrderIDs[1]
	pauses.Pause(paused)
	told := make(chan string, 100)
	c := update.New(s.Temporal, s.Store, update.Options{Waiting: func(_ context.Context, cause error) {
		told <- update.ExplainCause(cause)
	}})
	cmd := fulfillment.CancelOrder{OrderID: created.OrderID, Reason: "changed mind"}
	cmd.CommandID, cmd.FirstID = "cancel", new(fulfillment.Minter).Mint()
	ended := make(chan error, 1)
	go func() {
		_, err := c.CancelOrder(t.Context(), cmd)
		ended <- err
	}()
	want := "temporal workflow unpause --workflow-id " + temporalio.FulfillmentOrderID(paused)
	for text := ""; !strings.Contains(text, want); {
		select {
		case text = <-told:
		case <-time.After(time.Minute):
			t.Fatalf("told %q, want %s", text, want)
		}
	}
	pauses.Unpause()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
