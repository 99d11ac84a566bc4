package workflows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// sofa is an order as a shop hands it over.
func sofa() fulfillment.Order {
	return fulfillment.Order{
		SourceIdentifier: "re-1", Name: "#RE1", Tags: []string{"gift"},
		ShippingAddress: &fulfillment.Address{FirstName: "Ada", Address1: "Old street 1", City: "Porto", CountryCode: "PT"},
		LineItems:       []fulfillment.LineItem{{Title: "Sofa", SKU: "S", Quantity: 2, UnitPrice: "99.00"}},
	}
}

// TestTheSameOrderAgain hands an order over again by the client and by a program of any kind: the same one is answered
// the same, and another one is refused with what differs.
func TestTheSameOrderAgain(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.Warehouse("Berlin")
	first, err := s.Command.CreateOrder(t.Context(), sofa())
	if err != nil {
		t.Fatal(err)
	}
	if first.Repeated {
		t.Error("a new order was there already")
	}
	raw := func(order fulfillment.Order) (temporalio.OrderOutput, error) {
		run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: temporalio.OrderID(first.OrderID), TaskQueue: temporalio.TaskQueue,
			WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		}, temporalio.OrderType, order)
		if err != nil {
			t.Fatal(err)
		}
		var out temporalio.OrderOutput
		return out, run.Get(t.Context(), &out)
	}
	for name, test := range map[string]struct {
		change  func(*fulfillment.Order)
		differs string
	}{
		"the_same":                 {func(*fulfillment.Order) {}, ""},
		"by_another_command":       {func(o *fulfillment.Order) { o.CommandID = "again" }, ""},
		"without_its_name":         {func(o *fulfillment.Order) { o.Name = "" }, ""},
		"with_another_address":     {func(o *fulfillment.Order) { o.ShippingAddress.Address1 = "New street 99" }, "shippingAddress.address1"},
		"with_another_price":       {func(o *fulfillment.Order) { o.LineItems[0].UnitPrice = "98.00" }, "lineItems[0].unitPrice"},
		"with_another_tag":         {func(o *fulfillment.Order) { o.Tags = []string{"gift", "vip"} }, "tags"},
		"with_another_note":        {func(o *fulfillment.Order) { o.Note = "Ring" }, "note"},
		"with_a_deadline":          {func(o *fulfillment.Order) { o.FulfillBy = in(48 * time.Hour) }, "fulfillBy"},
		"with_another_method":      {func(o *fulfillment.Order) { o.DeliveryMethod = fulfillment.DeliveryPickUp }, "deliveryMethod"},
		"that_nobody_could_ship":   {func(o *fulfillment.Order) { o.LineItems[0].LocationID = 99 }, "lineItems[0].locationId"},
		"with_another_source_name": {func(o *fulfillment.Order) { o.ID, o.SourceIdentifier = first.OrderID, "re-2" }, "sourceIdentifier"},
	} {
		order := sofa()
		test.change(&order)
		again, err := s.Command.CreateOrder(t.Context(), order)
		checkAgain(t, "client/"+name, err, test.differs)
		if test.differs == "" && (!again.Repeated || again.Name != "#RE1" || again.OrderID != first.OrderID ||
			len(again.FulfillmentOrderIDs) != 1 || again.FulfillmentOrderIDs[0] != first.FulfillmentOrderIDs[0]) {
			t.Errorf("client/%s: answered %+v, the first time %+v", name, again, first)
		}
		out, err := raw(order)
		checkAgain(t, "raw/"+name, err, test.differs)
		if test.differs == "" && (out.OrderID != first.OrderID || len(out.FulfillmentOrderIDs) != 1 ||
			out.FulfillmentOrderIDs[0] != first.FulfillmentOrderIDs[0]) {
			t.Errorf("raw/%s: answered %+v, the first time %+v", name, out, first)
		}
	}
	replays(t, s, temporalio.OrderID(first.OrderID))
}

// checkAgain wants no refusal, or one that names the field and nothing personal.
func checkAgain(t *testing.T, name string, err error, differs string) {
	t.Helper()
	refused, ok := temporalio.Refusal(err)
	if !ok {
		refused, ok = fulfillment.AsError(err)
	}
	switch {
	case differs == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case differs == "":
	case !ok || refused.Code != fulfillment.CodeOrderExists || !strings.Contains(refused.Message, "differs in "+differs):
		t.Errorf("%s: got %v, want %s, naming %s", name, err, fulfillment.CodeOrderExists, differs)
	case strings.Contains(refused.Message, "street"):
		t.Errorf("%s: it tells an address: %s", name, refused.Message)
	}
}

// TestOrderAgainWhileItIsCommanded hands an order over again while a command on the whole order waits for the database.
// That command's run is open under the order's ID, and is nobody's success.
func TestOrderAgainWhileItIsCommanded(t *testing.T) {
	t.Parallel()
	server := devstacktest.NewPostgres(t)
	if err := server.CreateDatabase(t.Context(), "outage"); err != nil {
		t.Fatal(err)
	}
	s := workertest.StartOn(t, server.URL("outage"))
	s.Warehouse("Berlin")
	first, err := s.Command.CreateOrder(t.Context(), sofa())
	if err != nil {
		t.Fatal(err)
	}
	// A run of the order that waits for the database: what an edit, a cancellation or a re-route starts.
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	edited := make(chan error, 1)
	go func() {
		ctx := context.WithoutCancel(t.Context())
		update := client.UpdateWorkflowOptions{
			UpdateID: "edit", WorkflowID: temporalio.OrderID(first.OrderID), UpdateName: temporalio.EditOrderUpdate,
			Args:         []any{fulfillment.EditOrder{Add: []fulfillment.LineItem{{Title: "Lamp", Quantity: 1}}}},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		}
		handle, err := s.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
			UpdateOptions: update,
			StartWorkflowOperation: s.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
				ID: temporalio.OrderID(first.OrderID), TaskQueue: temporalio.TaskQueue,
				WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
			}, temporalio.OrderType, temporalio.OrderInput{
				Order: fulfillment.Order{ID: first.OrderID}, Existing: true,
			}),
		})
		if err == nil {
			err = handle.Get(ctx, nil)
		}
		edited <- err
	}()
	workertest.WaitFor(t, "the edit waiting as a normal activity", func() bool {
		return count(history(t, s, temporalio.OrderID(first.OrderID)), enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) > 0
	})
	other := sofa()
	other.ShippingAddress.Address1 = "New street 99"
	answers := map[string]chan error{"the_same": make(chan error, 1), "other_content": make(chan error, 1)}
	var again fulfillment.OrderCreated
	for name, order := range map[string]fulfillment.Order{"the_same": sofa(), "other_content": other} {
		go func() {
			created, err := s.Command.CreateOrder(context.WithoutCancel(t.Context()), order)
			if name == "the_same" {
				again = created
			}
			answers[name] <- err
		}()
	}
	// Neither is told anything before the store can be asked.
	_, err = s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: temporalio.OrderID(first.OrderID), TaskQueue: temporalio.TaskQueue,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, temporalio.OrderType, other)
	if !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		t.Errorf("a start while the edit's run is open: %v", err)
	}
	for name, answer := range answers {
		select {
		case err := <-answer:
			t.Errorf("%s: answered %v while the store was away", name, err)
		default:
		}
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkAgain(t, "other_content", <-answers["other_content"], "shippingAddress.address1")
	checkAgain(t, "the_same", <-answers["the_same"], "")
	if !again.Repeated || again.FulfillmentOrderIDs[0] != first.FulfillmentOrderIDs[0] {
		t.Errorf("the same was answered %+v, the first time %+v", again, first)
	}
	if err := <-edited; err != nil {
		t.Fatal(err)
	}
	replays(t, s, temporalio.OrderID(first.OrderID))
}

// TestOrderAgainByItsSource hands an order over again without the ID that its first sender gave it: its source
// identifier says which one it is.
func TestOrderAgainByItsSource(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.Warehouse("Berlin")
	const given = 5001
	run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: temporalio.OrderID(given), TaskQueue: temporalio.TaskQueue,
	}, temporalio.OrderType, sofa())
	var first temporalio.OrderOutput
	if err == nil {
		err = run.Get(t.Context(), &first)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change  func(*fulfillment.Order)
		differs string
	}{
		"the_same":                {func(*fulfillment.Order) {}, ""},
		"without_its_name":        {func(o *fulfillment.Order) { o.Name = "" }, ""},
		"with_another_note":       {func(o *fulfillment.Order) { o.Note = "Ring" }, "note"},
		"that_nobody_could_ship":  {func(o *fulfillment.Order) { o.LineItems[0].LocationID = 99 }, "lineItems[0].locationId"},
		"with_blanks_in_its_name": {func(o *fulfillment.Order) { o.SourceIdentifier = " re-1\t" }, ""},
	} {
		order := sofa()
		test.change(&order)
		again, err := s.Command.CreateOrder(t.Context(), order)
		checkAgain(t, name, err, test.differs)
		if test.differs == "" && (!again.Repeated || again.OrderID != given || again.Name != "#RE1" ||
			len(again.FulfillmentOrderIDs) != 1 || again.FulfillmentOrderIDs[0] != first.FulfillmentOrderIDs[0]) {
			t.Errorf("%s: answered %+v, the first time %+v", name, again, first)
		}
	}
	other := sofa()
	other.ID = 5002 // It names an ID of its own, and so another order.
	if _, err := s.Command.CreateOrder(t.Context(), other); err == nil {
		t.Error("a second order has the source identifier of the first")
	}
}

// TestOrderCommandsAgain: an edit or a cancellation that is sent again under its command ID is answered as the first
// time; with any other content, or under the command ID of another command on the order, it is refused and does
// nothing.
func TestOrderCommandsAgain(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.Warehouse("Berlin")
	created, err := s.Command.CreateOrder(t.Context(), sofa())
	if err != nil {
		t.Fatal(err)
	}
	edit := func(commandID string, change func(*fulfillment.LineItem)) error {
		line := fulfillment.LineItem{Title: "Lamp", Quantity: 1, UnitPrice: "5.00"}
		change(&line)
		cmd := fulfillment.EditOrder{OrderID: created.OrderID, Add: []fulfillment.LineItem{line}}
		cmd.CommandID = commandID
		_, err := s.Command.EditOrder(t.Context(), cmd)
		return err
	}
	cancel := func(commandID, reason string) error {
		cmd := fulfillment.CancelOrder{OrderID: created.OrderID, Reason: reason}
		cmd.CommandID = commandID
		_, err := s.Command.CancelOrder(t.Context(), cmd)
		return err
	}
	update := fulfillment.UpdateOrder{OrderID: created.OrderID}
	update.CommandID, update.Note = "update", new("Ring")
	if _, err := s.Command.UpdateOrder(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	same := func(*fulfillment.LineItem) {}
	for _, step := range []struct {
		name    string
		err     error
		refused bool
	}{
		{"an edit", edit("edit", same), false},
		{"the same", edit("edit", same), false},
		{"the same with blanks", edit("edit", func(l *fulfillment.LineItem) { l.Title = " Lamp " }), false},
		{"another price", edit("edit", func(l *fulfillment.LineItem) { l.UnitPrice = "6.00" }), true},
		{"another deadline", edit("edit", func(l *fulfillment.LineItem) { l.FulfillBy = in(time.Hour) }), true},
		{"another method", edit("edit", func(l *fulfillment.LineItem) { l.DeliveryMethod = fulfillment.DeliveryPickUp }), true},
		{"an edit under the ID of an update", edit("update", same), true},
		{"a cancellation under the ID of an edit", cancel("edit", "twice"), true},
		{"a cancellation under the ID of an update", cancel("update", "twice"), true},
	} {
		checkConflict(t, step.name, step.err, step.refused)
	}
	order, err := s.Store.Order(t.Context(), created.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	if len(order.LineItems) != 2 || order.CurrentQuantities[0].Quantity != 2 || order.CancelledAt != nil {
		t.Errorf("what was refused did something: %+v", order.CurrentQuantities)
	}
	checkConflict(t, "a cancellation", cancel("cancel", "twice"), false)
	checkConflict(t, "the same cancellation", cancel("cancel", "twice"), false)
	checkConflict(t, "one for another reason", cancel("cancel", "lost"), true)
	replays(t, s, temporalio.OrderID(created.OrderID))
}

func checkConflict(t *testing.T, name string, err error, want bool) {
	t.Helper()
	refused, ok := fulfillment.AsError(err)
	if want != (ok && refused.Code == fulfillment.CodeIdempotencyConflict) || !want && err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// TestOrderAfterARunWithoutIt hands over an order whose ID a run has had that took nothing in.
func TestOrderAfterARunWithoutIt(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.Warehouse("Berlin")
	run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: temporalio.OrderID(4711), TaskQueue: temporalio.TaskQueue,
	}, temporalio.OrderType, temporalio.OrderInput{Order: fulfillment.Order{ID: 4711}, Existing: true})
	if err == nil {
		err = run.Get(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	order := sofa()
	order.ID = 4711
	created, err := s.Command.CreateOrder(t.Context(), order)
	if err != nil || created.Repeated || len(created.FulfillmentOrderIDs) != 1 {
		t.Errorf("%+v, %v", created, err)
	}
}

// TestOrdersWithoutAName get the next number, by whichever way they come.
func TestOrdersWithoutAName(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	s.Warehouse("Berlin")
	unnamed := fulfillment.Order{LineItems: []fulfillment.LineItem{{Title: "Blanket", Quantity: 1}}}
	byClient, err := s.Command.CreateOrder(t.Context(), unnamed)
	if err != nil || byClient.Name != "#1001" {
		t.Fatalf("by the client: %+v, %v", byClient, err)
	}
	for range 2 { // The second time, it keeps the one that it got.
		run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: temporalio.OrderID(5001), TaskQueue: temporalio.TaskQueue,
		}, temporalio.OrderType, unnamed)
		if err == nil {
			err = run.Get(t.Context(), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		order, err := s.Store.Order(t.Context(), 5001)
		if err != nil || order.Name != "#1002" {
			t.Fatalf("raw: %+v, %v", order, err)
		}
		described, err := s.Temporal.DescribeWorkflow(t.Context(), temporalio.OrderID(5001), "")
		if err != nil {
			t.Fatal(err)
		}
		if name, _ := described.TypedSearchAttributes.GetKeyword(temporalio.OrderName); name != "#1002" {
			t.Errorf("its run is called %q", name)
		}
		replays(t, s, temporalio.OrderID(5001))
	}
	if _, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{}); err == nil {
		t.Error("an order without lines was taken in")
	}
	again, err := s.Command.CreateOrder(
		t.Context(), fulfillment.Order{ID: byClient.OrderID, LineItems: unnamed.LineItems},
	)
	if err != nil || again.Name != "#1001" || !again.Repeated {
		t.Errorf("again: %+v, %v", again, err)
	}
}
