package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// CommitJointly is [Store.Commit] for several fulfillment orders: all of it is written, or nothing. It costs
// the two round trips that a commit costs; orders are locked by ID, so that joint commits never wait for each other in
// a circle.
func (s *Store) CommitJointly(ctx context.Context, c fulfillment.JointCommit) error {
	if len(c.States) == 0 {
		return nil
	}
	err := s.write(ctx, jointWritings(c)...)
	if conflicts(err) {
		err = s.explainJointCommit(ctx, c, err)
	}
	if err != nil {
		return fmt.Errorf("commit %d fulfillment orders: %w", len(c.States), translate(err))
	}
	return nil
}

// jointWritings are what is written of each order, by the orders' IDs.
func jointWritings(c fulfillment.JointCommit) []writing {
	owner := make(map[fulfillment.ID]fulfillment.ID, len(c.States))
	var ws []writing
	at := func(orderID fulfillment.ID) *writing {
		i := slices.IndexFunc(ws, func(w writing) bool { return w.orderID == orderID })
		if i < 0 {
			i = len(ws)
			ws = append(ws, writing{orderID: orderID})
		}
		return &ws[i]
	}
	for _, fo := range c.States {
		owner[fo.ID] = fo.OrderID
		w := at(fo.OrderID)
		w.states = append(w.states, fo)
	}
	for _, t := range c.Transitions {
		w := at(owner[t.FulfillmentOrderID])
		w.transitions = append(w.transitions, t)
	}
	slices.SortFunc(ws, func(a, b writing) int { return cmp.Compare(a.orderID, b.orderID) })
	return ws
}

// explainJointCommit tells what a conflict was, once its transaction is over: nil, if it was with the very same commit.
func (s *Store) explainJointCommit(ctx context.Context, c fulfillment.JointCommit, conflict error) error {
	stored, err := s.stored(ctx, c.Transitions)
	switch {
	case err != nil:
		return err
	case stored.has(c.Transitions):
		return nil
	case violates(conflict) && !violates(conflict, "transitions_command_key", "transitions_pkey") ||
		errors.Is(conflict, fulfillment.ErrIDTaken):
		return fmt.Errorf("%w: %w", fulfillment.ErrIDTaken, conflict)
	}
	return fmt.Errorf("%w: %w", fulfillment.ErrStale, conflict)
}

// JointStates reads every fulfillment order of the orders that the named ones belong to, by ID, in one statement. Each
// has in Recent what it answered to the command, or to a part of it.
func (s *Store) JointStates(
	ctx context.Context, ids []fulfillment.ID, commandID string,
) ([]*fulfillment.FulfillmentOrder, error) {
	const query = `
SELECT snapshot, ` + besideSnapshot + `, (
	SELECT coalesce(jsonb_agg(jsonb_build_object('commandId', command_id, 'fingerprint', fingerprint, 'result',
		result) ORDER BY sequence), '[]')
	FROM transitions t WHERE t.fulfillment_order_id = f.id AND result IS NOT NULL AND $2 <> ''
		AND (command_id = $2 OR starts_with(command_id, $2 || '/')))
FROM fulfillment_orders f WHERE order_id IN (SELECT order_id FROM fulfillment_orders WHERE id = ANY($1::bigint[]))
	ORDER BY id`
	rows, err := s.pool.Query(ctx, query, ids, clean(commandID))
	if err == nil {
		var fos []*fulfillment.FulfillmentOrder
		fos, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (*fulfillment.FulfillmentOrder, error) {
			var fo fulfillment.FulfillmentOrder
			var stored beside
			err := row.Scan(&fo, &stored, &fo.Recent)
			stored.addTo(&fo)
			return &fo, err
		})
		if err == nil {
			return fos, s.whole(ctx, fos...)
		}
	}
	return nil, fmt.Errorf("read the fulfillment orders of a joint command: %w", translate(err))
}
