package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio"
)

// Loss is something that the database has lost, because it was set back to an older state. It is no violation, and
// explains what would be one.
type Loss struct {
	OrderID            fulfillment.ID
	FulfillmentOrderID fulfillment.ID     // 0: it is about the order
	FulfillmentID      fulfillment.ID     // the shipment that it is about; 0: none
	What               string             // as a sentence for an operator
	Effects            []simulated.Effect // what the simulated provider has of the lost time
}

// losses are what was lost of a scope.
type losses struct {
	all     []fulfillment.Loss
	claimed map[string]string // keys of effects for which something of the lost time was taken, with its key
}

const lossColumns = `kind, order_id, order_name, fulfillment_order_id, found_at, lost`

const selectLosses = `SELECT ` + lossColumns + ` FROM losses `

func scanLoss(row pgx.CollectableRow) (fulfillment.Loss, error) {
	var l fulfillment.Loss
	err := row.Scan(&l.Kind, &l.OrderID, &l.OrderName, &l.FulfillmentOrderID, &l.FoundAt, &l.SetBack)
	return l, err
}

// readLosses reads what was lost of these orders and fulfillment orders.
func (e *evidence) readLosses(ctx context.Context, db queryer) error {
	e.lost = losses{claimed: map[string]string{}}
	ids := slices.Concat(e.of.orders, e.of.fos, e.foIDs)
	const which = `WHERE order_id = ANY($1) OR fulfillment_order_id = ANY($1) ORDER BY found_at`
	err := each(ctx, db, selectLosses+which, ids, func(row pgx.CollectableRow) error {
		loss, err := scanLoss(row)
		e.lost.all = append(e.lost.all, loss)
		return err
	})
	if err != nil {
		return fmt.Errorf("read what was lost: %w", err)
	}
	const claimed = `
SELECT claimed_by, key FROM lost_calls
WHERE claimed_by <> '' AND (order_id = ANY($1) OR fulfillment_order_id = ANY($1))`
	err = each(ctx, db, claimed, ids, func(row pgx.CollectableRow) error {
		var by, key string
		err := row.Scan(&by, &key)
		e.lost.claimed[by] = key
		return err
	})
	if err != nil {
		return fmt.Errorf("read which lost calls were taken: %w", err)
	}
	return nil
}

// order tells whether an order was found to be gone, or one of its fulfillment orders with it.
func (l losses) order(id fulfillment.ID) bool {
	return slices.ContainsFunc(l.all, func(loss fulfillment.Loss) bool {
		return loss.OrderID == id && loss.Kind != fulfillment.LossRestored
	})
}

// fulfillmentOrder tells whether one was found to be gone.
func (l losses) fulfillmentOrder(id fulfillment.ID) bool {
	return slices.ContainsFunc(l.all, func(loss fulfillment.Loss) bool {
		return loss.FulfillmentOrderID == id && loss.Kind == fulfillment.LossEnded
	})
}

// anyOf tells whether something of a fulfillment order was lost.
func (l losses) anyOf(id fulfillment.ID) bool {
	return slices.ContainsFunc(l.all, func(loss fulfillment.Loss) bool { return loss.FulfillmentOrderID == id })
}

// transition tells whether a transition of a fulfillment order was lost, or may have been.
func (l losses) transition(id fulfillment.ID, sequence int64) bool {
	return slices.ContainsFunc(l.all, func(loss fulfillment.Loss) bool {
		return loss.FulfillmentOrderID == id && loss.Covers(sequence)
	})
}

// key tells whether the transition was lost that asked for the effect of this key, or for the request that an effect
// withdraws.
func (l losses) key(key string) bool {
	id, sequence, ok := fulfillment.ParseEffectKey(strings.TrimSuffix(key, "/withdraw"))
	return ok && l.transition(id, sequence)
}

// isLost tells whether a run ended because its fulfillment order is gone.
func (r *run) isLost() bool {
	return r.failure.GetApplicationFailureInfo().GetType() == temporalio.LostType
}

// toldLoss is a loss, and whether somebody has made it good.
type toldLoss struct {
	fulfillment.Loss
	again bool // the order is there again
}

// selectLossesToTell has orders last that are there again: nobody has to do anything about them.
const selectLossesToTell = `
SELECT ` + lossColumns + `, kind = 'ORDER' AND EXISTS (SELECT FROM orders o WHERE o.id = order_id) AS again
FROM losses WHERE $1::bigint = 0 OR order_id = $1
ORDER BY again, found_at DESC, order_id, fulfillment_order_id LIMIT $2`

// tellLost lists all that was lost, with what the simulated provider has of it.
func (a *auditor) tellLost(ctx context.Context, only fulfillment.ID) error {
	rows, err := a.from.Database.Query(ctx, selectLossesToTell, only, keptViolations)
	if err != nil {
		return fmt.Errorf("list what was lost: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (toldLoss, error) {
		var l toldLoss
		err := row.Scan(
			&l.Kind, &l.OrderID, &l.OrderName, &l.FulfillmentOrderID, &l.FoundAt, &l.SetBack, &l.again,
		)
		return l, err
	})
	if err != nil {
		return fmt.Errorf("list what was lost: %w", err)
	}
	for _, told := range all {
		loss := told.Loss
		one := Loss{OrderID: loss.OrderID, FulfillmentOrderID: loss.FulfillmentOrderID, What: told.what()}
		var sent []Loss
		if a.noLedger == "" && loss.FulfillmentOrderID != 0 {
			if one.Effects, err = a.effectsOf(ctx, loss); err != nil {
				return err
			}
			if sent, err = a.sentFor(ctx, loss, one.Effects); err != nil {
				return err
			}
		}
		a.report.Lost = append(a.report.Lost, one)
		a.report.Lost = append(a.report.Lost, sent...)
		for _, shipment := range loss.Shipments {
			a.report.Lost = append(a.report.Lost, Loss{
				OrderID: loss.OrderID, FulfillmentOrderID: loss.FulfillmentOrderID, FulfillmentID: shipment.ID,
				What: "the database does not have shipment " + shipment.ID.String() + " any more" +
					trackingOf(shipment),
			})
		}
	}
	return nil
}

// effectsOf is what the provider has of the lost time.
func (a *auditor) effectsOf(ctx context.Context, loss fulfillment.Loss) (lost []simulated.Effect, err error) {
	effects, err := a.from.Ledger.EffectsOf(ctx, []fulfillment.ID{loss.FulfillmentOrderID})
	for _, effect := range effects {
		if (losses{all: []fulfillment.Loss{loss}}).key(effect.Key) {
			lost = append(lost, effect)
		}
	}
	return lost, err
}

// sentFor lists shipments that the provider knows and that neither the database has nor the workflow knew: they were
// committed and lost before it heard of them.
func (a *auditor) sentFor(ctx context.Context, loss fulfillment.Loss, effects []simulated.Effect) ([]Loss, error) {
	keys := make([]string, len(effects))
	for i, effect := range effects {
		keys[i] = effect.Key
	}
	sent, err := a.from.Ledger.Shipments(ctx, keys)
	if err != nil || len(sent) == 0 {
		return nil, err
	}
	rows, err := a.from.Database.Query(ctx, `SELECT id FROM fulfillments WHERE fulfillment_order_id = $1`,
		loss.FulfillmentOrderID)
	if err != nil {
		return nil, fmt.Errorf("list shipments of fulfillment order %d: %w", loss.FulfillmentOrderID, err)
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
	if err != nil {
		return nil, fmt.Errorf("list shipments of fulfillment order %d: %w", loss.FulfillmentOrderID, err)
	}
	for _, shipment := range loss.Shipments {
		known = append(known, shipment.ID)
	}
	var all []Loss
	for _, key := range keys {
		for _, id := range sent[key] {
			if !slices.Contains(known, id) {
				all = append(all, Loss{
					OrderID: loss.OrderID, FulfillmentOrderID: loss.FulfillmentOrderID, FulfillmentID: id,
					What: fmt.Sprintf("the database does not have shipment %s any more, which the provider sent for %s",
						id, key),
				})
			}
		}
	}
	return all, nil
}

func (loss toldLoss) what() string {
	switch {
	case loss.again:
		return fmt.Sprintf("order %s was gone, and is there again", loss.OrderName)
	case loss.Kind == fulfillment.LossOrder:
		return fmt.Sprintf("order %s is gone: send it again", loss.OrderName)
	case loss.Kind == fulfillment.LossEnded:
		return fmt.Sprintf("the fulfillment order of %s is gone: %d transitions", loss.OrderName, loss.To) +
			callsOf(loss.Loss)
	}
	return fmt.Sprintf("it goes on from transition %d, and %d was committed", loss.From, loss.To) + callsOf(loss.Loss)
}

func callsOf(loss fulfillment.Loss) string {
	var text strings.Builder
	for _, call := range loss.Calls {
		fmt.Fprintf(&text, "; %s was called: %s %s", call.Provider, call.Kind, call.Key)
	}
	if n := len(loss.CommandIDs); n > 0 {
		fmt.Fprintf(
			&text, "; commands that were answered, and may be sent again: %s", strings.Join(loss.CommandIDs, ", "),
		)
	}
	return text.String()
}

func trackingOf(shipment fulfillment.LostShipment) string {
	var text strings.Builder
	for _, t := range shipment.Tracking {
		fmt.Fprintf(&text, ", %s %s", t.Company, t.Number)
	}
	return text.String()
}
