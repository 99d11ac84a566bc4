package endtoend

import (
	"context"
	"fmt"
	"math/bits"
	"testing"
	"time"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/worker/workertest"
)

// auditor looks after what fuzzing leaves in the store: the order that an input was about, and now and then all.
type auditor struct {
	stack *gatewaytest.Stack
	from  audit.Sources
	done  uint         // inputs
	whole chan audited // the audit of everything that is under way; nil: none is
}

type audited struct {
	report audit.Report
	err    error
}

// audits has the whole store audited at the end, when nothing is under way any more; while fuzzing, whose processes are
// not given the time for it, after 16 inputs, after 32, and so on.
func audits(f *testing.F, s *gatewaytest.Stack) *auditor {
	f.Helper()
	a := &auditor{stack: s, from: audit.Sources{
		Database: s.SQL(), Store: s.Store, Temporal: s.Temporal, Namespace: s.Settings.Temporal.Namespace,
		Ledger: s.Ledger(),
	}}
	f.Cleanup(func() {
		if !fuzzing() && !f.Failed() {
			a.atRest(f)
		}
	})
	return a
}

// atRest waits until nothing is under way, and audits everything. The cleanup of a test has no context of its own.
func (a *auditor) atRest(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*time.Minute)
	defer cancel()
	workertest.WaitFor(t, "the store at rest", func() bool {
		waitingFor, err := audit.AtRest(ctx, a.from)
		if err != nil {
			t.Fatal(err)
		}
		return waitingFor == ""
	})
	report, err := audit.Check(ctx, a.from, audit.Witness{})
	a.tell(t, report, err)
	t.Logf("audited %d orders, %d fulfillment orders, %d runs", report.Orders, report.FulfillmentOrders, report.Runs)
}

// order audits an order, and everything when it is time for that.
func (a *auditor) order(t testing.TB, id fulfillment.ID) {
	t.Helper()
	report, err := audit.Live(t.Context(), a.from, audit.Options{OrderID: id, Pause: 200 * time.Millisecond})
	a.tell(t, report, err)
	a.count(t)
}

// count audits everything when it is time for that: meanwhile, since an input that takes ten seconds is ended as one
// that hangs. What is found is told with a later input.
func (a *auditor) count(t testing.TB) {
	t.Helper()
	select {
	case found := <-a.whole:
		a.whole = nil
		a.tell(t, found.report, found.err)
	default:
	}
	if a.done++; fuzzing() && a.done >= 16 && bits.OnesCount(a.done) == 1 && a.whole == nil {
		// It goes on while the next inputs are tried.
		whole, ctx := make(chan audited, 1), context.WithoutCancel(t.Context())
		a.whole = whole
		go func() {
			report, err := audit.Live(ctx, a.from, audit.Options{})
			whole <- audited{report, err}
		}()
	}
}

func (a *auditor) tell(t testing.TB, report audit.Report, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("audit: %v", err)
	}
	for _, v := range report.Violations() {
		t.Errorf("violation: order %d, fulfillment order %d: %s", v.OrderID, v.FulfillmentOrderID, v.What)
	}
}

// stillTakesCommands sends a command to each fulfillment order of an order, and to the order itself: none may be
// turned away, whatever came before.
func (a *auditor) stillTakesCommands(t testing.TB, orderID fulfillment.ID) {
	t.Helper()
	fos, err := a.stack.Store.FulfillmentOrdersOf(t.Context(), orderID)
	if err != nil {
		t.Fatal(err)
	}
	for _, fo := range fos {
		if _, err := a.stack.Command.Send(t.Context(), fo.ID, &fulfillment.SetDeadline{}); err != nil {
			t.Errorf("fulfillment order %d, %s/%s, takes no command any more: %v", fo.ID, fo.Status, fo.RequestStatus, err)
		}
	}
	note := fmt.Sprint("after ", a.done)
	update := fulfillment.UpdateOrder{OrderID: orderID, OrderFields: fulfillment.OrderFields{Note: &note}}
	if _, err := a.stack.Command.UpdateOrder(t.Context(), update); err != nil {
		t.Errorf("order %d takes no command any more: %v", orderID, err)
	}
}
