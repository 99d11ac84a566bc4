package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// scope is whom one reading is about.
type scope struct {
	orders []fulfillment.ID // with all that is theirs; also such as only a caller, a workflow or an event knows
	fos    []fulfillment.ID // fulfillment orders that may be missing in the store, with their effects and workflows
}

// workflowIDs are the workflows of a scope; fos are the fulfillment orders that the store has of it.
func (s scope) workflowIDs(fos []fulfillment.ID) []string {
	var ids []string
	for _, id := range s.orders {
		ids = append(ids, temporalio.OrderID(id))
	}
	for _, id := range fos {
		ids = append(ids, temporalio.FulfillmentOrderID(id))
	}
	for _, id := range s.fos {
		ids = append(ids, temporalio.FulfillmentOrderID(id))
	}
	return ids
}

// known puts the orders of fulfillment orders that the store has by now into the place of the fulfillment orders.
func (s scope) known(ctx context.Context, database *pgxpool.Pool) (scope, error) {
	of, err := ordersOf(ctx, database, s.fos)
	if err != nil || len(s.fos) == 0 {
		return s, err
	}
	orders := map[fulfillment.ID]bool{}
	for _, id := range s.orders {
		orders[id] = true
	}
	var missing []fulfillment.ID
	for _, id := range s.fos {
		if orderID, known := of[id]; known {
			orders[orderID] = true
		} else {
			missing = append(missing, id)
		}
	}
	return scope{orders: sortedIDs(orders), fos: missing}, nil
}

// ordersOf tells the orders of fulfillment orders, as far as the store has them.
func ordersOf(
	ctx context.Context, database *pgxpool.Pool, ids []fulfillment.ID,
) (map[fulfillment.ID]fulfillment.ID, error) {
	of := map[fulfillment.ID]fulfillment.ID{}
	if len(ids) == 0 {
		return of, nil
	}
	const sql = `SELECT id, order_id FROM fulfillment_orders WHERE id = ANY($1)`
	err := each(ctx, database, sql, ids, func(row pgx.CollectableRow) error {
		var id, orderID fulfillment.ID
		err := row.Scan(&id, &orderID)
		of[id] = orderID
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for the orders of fulfillment orders: %w", err)
	}
	return of, nil
}
