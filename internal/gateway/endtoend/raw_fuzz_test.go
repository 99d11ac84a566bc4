package endtoend

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio"
)

// enough is how long an input may go on with further steps: one that takes ten seconds is ended as one that hangs.
const enough = 3 * time.Second

// answered is how long anything may take on a busy machine.
const answered = 2 * time.Minute

// rawFuzz is what the raw targets share: an engine, and places to ship from.
type rawFuzz struct {
	*gatewaytest.Stack
	auditor                     *auditor
	berlin, hamburg             fulfillment.ID
	byHand, automatic, refusing fulfillment.ID
	last                        fulfillment.ID // of the orders

	done, refused atomic.Int64 // updates
}

func newRawFuzz(f *testing.F) *rawFuzz {
	f.Helper()
	s := gatewaytest.Start(f, gatewaytest.Options{})
	automated := func(name string, options map[string]any) fulfillment.ID {
		return s.Service(fulfillment.Service{Name: name, Provider: simulated.DefaultID, Options: options}).LocationID
	}
	z := &rawFuzz{
		Stack: s, auditor: audits(f, s),
		berlin: s.Warehouse("Berlin").ID, hamburg: s.Warehouse("Hamburg").ID,
		byHand: s.Service(fulfillment.Service{Name: "By hand"}).LocationID,
		automatic: automated("Automatic", map[string]any{
			"answer": "pending", "acceptAfter": "10ms", "ship": true, "shipAfter": "10ms", "deliver": true,
			"inTransitAfter": "10ms", "outForDeliveryAfter": "10ms", "deliveredAfter": "10ms",
		}),
		refusing: automated("Refusing", map[string]any{"rejectAlways": "INVENTORY_OUT_OF_STOCK"}),
		last:     700_000,
	}
	f.Cleanup(func() { f.Logf("%d updates were done, %d were refused", z.done.Load(), z.refused.Load()) })
	return z
}

// target is a workflow that takes commands, and what stands for IDs in what is sent to it.
type target struct {
	workflowID, workflowType, input string
	ids                             *strings.Replacer
}

// targets are the order and its fulfillment orders, as they are now.
func (z *rawFuzz) targets(t testing.TB, orderID fulfillment.ID) (order target, fos []target) {
	t.Helper()
	all, err := z.Store.FulfillmentOrdersOf(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	ids := func(fo, other *fulfillment.FulfillmentOrder) *strings.Replacer {
		pairs := []string{
			"<order>", orderID.String(), "<fo>", fo.ID.String(), "<other>", other.ID.String(),
			"<place>", z.hamburg.String(), "<depot>", z.byHand.String(), "<robots>", z.automatic.String(),
			"<refusing>", z.refusing.String(),
		}
		line, orderLine, shipment, hold := "4711", "4712", "4713", "4714"
		for _, l := range fo.Lines {
			line, orderLine = l.ID.String(), l.LineItemID.String()
		}
		for _, f := range fo.Fulfillments {
			shipment = f.ID.String()
		}
		for _, h := range fo.Holds {
			hold = h.ID.String()
		}
		return strings.NewReplacer(append(
			pairs, "<line>", line, "<orderline>", orderLine, "<shipment>", shipment, "<hold>", hold,
		)...)
	}
	for i, fo := range all {
		fos = append(fos, target{
			temporalio.FulfillmentOrderID(fo.ID), temporalio.FulfillmentOrderType, `{"id":"` + fo.ID.String() + `"}`,
			ids(fo, all[(i+1)%len(all)]),
		})
	}
	return target{
		temporalio.OrderID(orderID), temporalio.OrderType, `{"existing":true}`, ids(all[0], all[len(all)-1]),
	}, fos
}

// FuzzRawCommands sends commands to an order and to its fulfillment orders as other SDKs can: valid ones that are
// mangled, as updates and as signals, one after the other and at the same time, repeated, or in another encoding. Each
// update is answered or refused, each of them takes commands afterwards, and the audit has nothing to say.
//
//	go test -fuzz FuzzRawCommands -fuzztime 60s ./internal/gateway/endtoend
func FuzzRawCommands(f *testing.F) {
	z := newRawFuzz(f)
	for i := range 6 {
		f.Add(shuffled(i, 60))
	}
	for i, life := range rawLives {
		f.Add(rawScript(byte(i%2), life))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		c := &chance{script}
		orderID := z.start(t, oneOf(c, rawOrders))
		order, fos := z.targets(t, orderID)
		var group sync.WaitGroup
		began := time.Now()
		for step := 0; step < 10 && !c.over() && time.Since(began) < enough; step++ {
			to, command := oneOf(c, fos), oneOf(c, rawCommands)
			if c.below(3) == 2 {
				to, command = order, oneOf(c, rawOrderCommands)
			}
			command.body = to.ids.Replace(mangle(c, command.body))
			send := z.sending(c, to, command)
			group.Go(func() { send(t) })
			if c.below(4) < 3 { // Else the next one is sent at the same time.
				group.Wait()
				order, fos = z.targets(t, orderID)
			}
		}
		group.Wait()
		z.auditor.stillTakesCommands(t, orderID)
		z.auditor.order(t, orderID)
	})
}

// start takes an order in that is valid, and tells its ID.
func (z *rawFuzz) start(t testing.TB, document string) fulfillment.ID {
	t.Helper()
	z.last++
	order, err := fulfillment.DecodeOrder([]byte(z.orderIDs().Replace(document)))
	if err != nil {
		t.Fatal(err)
	}
	order.ID, order.Name, order.FirstID, order.CommandID = z.last, "", 0, ""
	for i := range order.LineItems {
		order.LineItems[i].ID = 0
	}
	if _, err := z.Command.CreateOrder(t.Context(), order); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	return order.ID
}

// orderIDs is what stands for IDs in the document of an order.
func (z *rawFuzz) orderIDs() *strings.Replacer {
	return strings.NewReplacer("<order>", z.last.String(), "<place>", z.hamburg.String(), "<depot>", z.byHand.String(),
		"<fo>", z.last.String(), "<other>", "1", "<line>", "2", "<orderline>", "3", "<shipment>", "4", "<hold>", "5")
}

// sending chooses how a command is sent.
func (z *rawFuzz) sending(c *chance, to target, command rawCommand) func(testing.TB) {
	way, times := c.below(6), 1+c.below(8)/7 // Seldom twice.
	arguments := payloads(c, command.body)
	updateID := ""
	if c.below(4) == 3 {
		updateID = "the-same"
	}
	return func(t testing.TB) {
		for range times {
			if way == 5 && to.workflowType == temporalio.FulfillmentOrderType {
				z.signal(t, to, command, arguments)
			} else {
				z.update(t, to, command, arguments, updateID)
			}
		}
	}
}

// payloads are a command's arguments: one JSON object, as a rule.
func payloads(c *chance, body string) []any {
	of := func(encoding string) any {
		return converter.NewRawValue(
			&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte(encoding)}, Data: []byte(body)},
		)
	}
	switch c.below(24) {
	case 23:
		return nil
	case 22:
		return []any{of("json/plain"), of("json/plain")}
	case 21:
		return []any{of("binary/plain")}
	case 20:
		return []any{of("binary/null")}
	case 19:
		return []any{of("json/protobuf")}
	case 18:
		return []any{of("something/else")}
	}
	return []any{of("json/plain")}
}

func (z *rawFuzz) signal(t testing.TB, to target, command rawCommand, arguments []any) {
	t.Helper()
	var argument any
	if len(arguments) > 0 {
		argument = arguments[0]
	}
	err := z.Temporal.SignalWorkflow(t.Context(), to.workflowID, "", command.verb, argument)
	var over *serviceerror.NotFound
	if err != nil && !errors.As(err, &over) {
		t.Errorf("signal %s %.300s to %s: %v", command.verb, command.body, to.workflowID, err)
	}
}

// update sends an update, which starts the workflow if that is over. It is answered, or refused in the domain's words.
func (z *rawFuzz) update(t testing.TB, to target, command rawCommand, arguments []any, updateID string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answered)
	defer cancel()
	start := z.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: to.workflowID, TaskQueue: temporalio.TaskQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, to.workflowType, converter.NewRawValue(
		&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(to.input)},
	))
	handle, err := z.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start, UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID: updateID, WorkflowID: to.workflowID, UpdateName: command.verb, Args: arguments,
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	switch {
	case err == nil:
		z.done.Add(1)
		return
	case mayBeTold(err):
		z.refused.Add(1)
		return
	}
	t.Errorf("update %s %.300s of %s: %v (%T)", command.verb, command.body, to.workflowID, err, err)
}

// mayBeTold tells whether an error is an answer: a refusal that isn't about ourselves, or the server's word that the
// run just ended or knows no such update.
func mayBeTold(err error) bool {
	if refused, ok := temporalio.Refusal(err); ok {
		return refused.Code != fulfillment.CodeInternal && refused.Message != ""
	}
	var over *serviceerror.NotFound
	return errors.As(err, &over) || strings.Contains(err.Error(), "unknown update") ||
		strings.Contains(err.Error(), "workflow execution already completed")
}

// FuzzRawStarts starts orders and fulfillment orders with mangled documents, under workflow IDs that fit and that
// don't. A run ends well, or with a refusal, and the audit has nothing to say.
//
//	go test -fuzz FuzzRawStarts -fuzztime 60s ./internal/gateway/endtoend
func FuzzRawStarts(f *testing.F) {
	z := newRawFuzz(f)
	for i := range 16 {
		f.Add(shuffled(100+i, 24), []byte(nil))
	}
	f.Add([]byte(nil), []byte(`{"lineItems":[{"title":"Cup","quantity":1,"quantity":2}]}`))
	f.Add([]byte(nil), []byte(`[1]`))
	f.Fuzz(func(t *testing.T, script, document []byte) {
		z.last++
		orderID := z.last
		c := &chance{script}
		kind, workflowID := temporalio.OrderType, temporalio.OrderID(orderID)
		text := oneOf(c, rawOrders)
		if c.below(6) == 5 {
			kind, workflowID = temporalio.FulfillmentOrderType, temporalio.FulfillmentOrderID(orderID)
			text = `{"id":"<order>","state":{"id":"<order>","orderId":"1","status":"OPEN","requestStatus":"UNSUBMITTED","lineItems":[]}}`
		}
		if c.below(12) == 11 {
			workflowID = oneOf(c, []string{"mine", "order/0", "order/-1", "order/x", "fulfillment-order/99999999999999999999"}) +
				strings.Repeat("/", int(orderID-700_000))
		}
		text = mangle(c, text)
		if len(document) > 0 {
			text = string(document)
		}
		text = z.orderIDs().Replace(text)
		ctx, cancel := context.WithTimeout(t.Context(), answered)
		defer cancel()
		run, err := z.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: workflowID, TaskQueue: temporalio.TaskQueue,
		}, kind, payloads(c, text)...)
		if err != nil {
			t.Fatalf("start %s %s: %v", workflowID, text, err)
		}
		if err := run.Get(ctx, nil); err != nil && !mayBeTold(err) {
			t.Errorf("%s %s: %v", workflowID, text, err)
		}
		if fos, err := z.Store.FulfillmentOrdersOf(t.Context(), orderID); err != nil || len(fos) > 0 {
			z.auditor.stillTakesCommands(t, orderID)
		}
		z.auditor.order(t, orderID)
	})
}
