package rehearsal

import (
	"context"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio"
)

// findings are what the system says in the end.
type findings struct {
	stored  map[fulfillment.ID]*storedOrder
	effects map[fulfillment.ID][]simulated.Effect // by fulfillment order
	runs    runs
	lives   lives
}

// awaitRest reads what the system says until it has come to rest: every provider call is made, every workflow whose
// life is over is closed. It gives the system the time that the options say; what is not at rest then is reported as it
// is. A system that doesn't answer at all is waited for, as during the rehearsal.
func (r *rehearsal) awaitRest(ctx context.Context) error {
	deadline := time.Now().Add(r.options.RestTimeout)
	for pause := retryFirst; ; pause = min(2*pause, retryAtMost) {
		rest, err := r.look(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return fmt.Errorf("read what became of the orders: %w", ctx.Err())
		case err != nil:
			r.waiting(err)
		case rest || time.Now().After(deadline):
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// look reads everything, and tells whether the system has come to rest.
func (r *rehearsal) look(ctx context.Context) (rest bool, err error) {
	ids := r.ids()
	outstanding, err := r.book.outstanding(ctx, ids)
	if err != nil {
		return false, err
	}
	if r.stored, err = r.book.orders(ctx, ids); err != nil {
		return false, err
	}
	var fos []fulfillment.ID
	for _, o := range r.stored {
		for _, fo := range o.FulfillmentOrders {
			fos = append(fos, fo.ID)
		}
	}
	over, err := r.book.finished(ctx, fos)
	if err != nil {
		return false, err
	}
	finished := make(map[fulfillment.ID]bool, len(over))
	for _, id := range over {
		finished[id] = true
	}
	if r.runs, err = listRuns(ctx, r.Workflows, r.clock.Start); err != nil {
		return false, err
	}
	effects, err := r.Ledger.Effects(ctx)
	if err != nil {
		return false, fmt.Errorf("read the provider's ledger: %w", err)
	}
	delivered, callbacks := r.warehouse.done()
	effects, r.report.Callbacks = append(effects, delivered...), callbacks
	r.effects = make(map[fulfillment.ID][]simulated.Effect, len(fos))
	for _, e := range effects {
		r.effects[e.FulfillmentOrderID] = append(r.effects[e.FulfillmentOrderID], e)
	}
	r.lives = checkLives(r.runs, r.orders, r.stored, finished)
	return outstanding == 0 && len(r.lives.shouldClose) == 0 && len(r.lives.shouldBeOpen) == 0, nil
}

// reconcile compares what was read with the records.
func (r *rehearsal) reconcile() *Report {
	report := r.report
	report.Retries = int(r.retries.Load())
	report.Store = storeTotals(r.orders, r.stored)
	for _, o := range r.orders {
		report.Differences = append(report.Differences, reconcile(o, r.stored[o.id], r.effects)...)
		for _, refused := range o.refusals {
			report.Refusals[string(refused.Step)+": "+refused.Message]++
		}
		report.WorkflowsOpen += one(r.runs.open[temporalio.OrderID(o.id)])
		if s := r.stored[o.id]; s != nil {
			for _, fo := range s.FulfillmentOrders {
				report.DeadlinesMissed += one(fo.DeadlineMissedAt != nil)
				report.WorkflowsOpen += one(r.runs.open[temporalio.FulfillmentOrderID(fo.ID)])
				for _, e := range r.effects[fo.ID] {
					report.ProviderKeys++
					report.ProviderCalls += e.Calls
					report.ProviderEffects += e.Effects
					report.ProviderMoreThanOnce += one(e.Effects > 1)
				}
			}
		}
	}
	report.WorkflowsFailed = len(r.lives.failed)
	report.WorkflowsShouldBeClosed, report.WorkflowsShouldBeOpen = len(r.lives.shouldClose), len(r.lives.shouldBeOpen)
	for _, id := range r.lives.failed {
		report.differ("workflow "+id, "ended well", r.runs.failed[id].String())
	}
	for _, id := range r.lives.shouldClose {
		report.differ("workflow "+id, "closed", "open, although its life is over")
	}
	for _, id := range r.lives.shouldBeOpen {
		report.differ("workflow "+id, "open", "closed, although its life is not over")
	}
	if len(report.Differences) == 0 && report.File != report.Store { // The orders agree, so the sums must.
		report.differ("totals", fmt.Sprintf("%+v", report.File), fmt.Sprintf("%+v", report.Store))
	}
	return report
}

func (r *Report) differ(what, file, store string) {
	r.Differences = append(r.Differences, Difference{What: what, File: file, Store: store})
}
