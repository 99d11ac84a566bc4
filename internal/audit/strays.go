package audit

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// strays looks at what is of no order in the store, and at what two orders have of each other: pages of the runs, of
// the ledger, of the feed and of what was seen, each against the store.
func (a *auditor) strays(ctx context.Context) error {
	looks := []func(context.Context) error{a.strayWitness, a.strayRuns, a.strayEffects, a.strayEvents, a.shared,
		a.callbacksBehind}
	for _, look := range looks {
		if err := look(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *auditor) strayWitness(ctx context.Context) error {
	return a.lookAtUnknown(ctx, scope{orders: sortedIDs(a.saw)})
}

func (a *auditor) strayRuns(ctx context.Context) error {
	return eachPage(ctx, a.from, "", func(page []*run) error {
		orders, fos := map[fulfillment.ID]bool{}, map[fulfillment.ID]bool{}
		for _, r := range page {
			if id := r.orderID(); id != 0 {
				orders[id] = true
			} else if id := r.fulfillmentOrderID(); id != 0 {
				fos[id] = true
			}
		}
		return a.lookAtUnknown(ctx, scope{orders: sortedIDs(orders), fos: sortedIDs(fos)})
	})
}

func (a *auditor) strayEffects(ctx context.Context) error {
	if a.noLedger != "" {
		return nil
	}
	for after := ""; ; {
		effects, err := a.from.Ledger.EffectsAfter(ctx, after, pageSize)
		if err != nil || len(effects) == 0 {
			return err
		}
		fos := map[fulfillment.ID]bool{}
		for _, effect := range effects {
			fos[effect.FulfillmentOrderID] = true
		}
		if err := a.lookAtUnknown(ctx, scope{fos: sortedIDs(fos)}); err != nil {
			return err
		}
		after = effects[len(effects)-1].Key
	}
}

// selectStrayEvents are the orders that only events know.
const selectStrayEvents = `
SELECT DISTINCT order_id FROM events v
WHERE v.order_id <> 0 AND NOT EXISTS (SELECT FROM orders o WHERE o.id = v.order_id)
ORDER BY order_id`

func (a *auditor) strayEvents(ctx context.Context) error {
	rows, err := a.from.Database.Query(ctx, selectStrayEvents)
	if err != nil {
		return fmt.Errorf("look for events of no order: %w", err)
	}
	orders, err := pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
	if err != nil {
		return fmt.Errorf("look for events of no order: %w", err)
	}
	return a.lookAtUnknown(ctx, scope{orders: orders})
}

// lookAtUnknown looks at those of a scope that the store doesn't have.
func (a *auditor) lookAtUnknown(ctx context.Context, of scope) error {
	known := map[fulfillment.ID]bool{}
	const sql = `SELECT id FROM orders WHERE id = ANY($1)`
	err := each(ctx, a.from.Database, sql, of.orders, func(row pgx.CollectableRow) error {
		var id fulfillment.ID
		err := row.Scan(&id)
		known[id] = true
		return err
	})
	if err != nil {
		return fmt.Errorf("look for orders: %w", err)
	}
	knownFOs, err := ordersOf(ctx, a.from.Database, of.fos)
	if err != nil {
		return err
	}
	orders := slices.DeleteFunc(of.orders, func(id fulfillment.ID) bool { return known[id] || a.looked[id] })
	fos := slices.DeleteFunc(of.fos, func(id fulfillment.ID) bool { return knownFOs[id] != 0 || a.looked[id] })
	for _, id := range slices.Concat(orders, fos) {
		a.looked[id] = true
	}
	for some := range slices.Chunk(orders, a.batch) {
		if err := a.look(ctx, scope{orders: some}); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(fos, a.batch) {
		if err := a.look(ctx, scope{fos: some}); err != nil {
			return err
		}
	}
	return nil
}

// selectShared are the orders that have a command ID in common that a joint command has; few of them, where there are
// many. Orders are read apart from each other, so that what one command did to two of them is found only here.
const selectShared = `
SELECT (array_agg(DISTINCT f.order_id))[1:50]
FROM transitions t JOIN fulfillment_orders f ON f.id = t.fulfillment_order_id WHERE t.command_id <> ''
GROUP BY t.command_id HAVING min(f.order_id) <> max(f.order_id) AND bool_or(t.command = ANY($1))`

func (a *auditor) shared(ctx context.Context) error {
	rows, err := a.from.Database.Query(ctx, selectShared, verbs(fulfillment.JointVerbs))
	if err != nil {
		return fmt.Errorf("look for commands on two orders: %w", err)
	}
	groups, err := pgx.CollectRows(rows, pgx.RowTo[[]fulfillment.ID])
	if err != nil {
		return fmt.Errorf("look for commands on two orders: %w", err)
	}
	i := slices.IndexFunc(a.report.Assertions, func(a Assertion) bool { return a.Name == CommandsOnce })
	for _, orders := range groups {
		e, err := a.gather(ctx, scope{orders: orders})
		if err != nil {
			return err
		}
		var found Assertion
		e.checkJointOnce(&found)
		for _, v := range found.Violations {
			known := func(other Violation) bool { return other == v }
			if !slices.ContainsFunc(a.report.Assertions[i].Violations, known) { // It may be of two orders of a batch.
				a.convict(suspect{assertion: i, Violation: v, stays: true})
			}
		}
	}
	return nil
}

func verbs(all []fulfillment.Verb) []string {
	texts := make([]string, len(all))
	for i, verb := range all {
		texts[i] = string(verb)
	}
	return texts
}
