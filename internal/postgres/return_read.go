package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

const selectReturn = `SELECT r.snapshot, r.created_at, r.updated_at FROM returns r `

// scanReturn reads what [selectReturn] selects.
func scanReturn(row pgx.CollectableRow) (*returns.Return, error) {
	r := new(returns.Return)
	var first, last time.Time
	err := row.Scan(r, &first, &last)
	r.Committed = fulfillment.Committed{First: first.UTC(), Last: last.UTC()}
	return r, err
}

func (s *Store) returns(ctx context.Context, which string, args ...any) ([]*returns.Return, error) {
	rows, err := s.pool.Query(ctx, selectReturn+which, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanReturn)
}

// Return reads a return, without its last answers; [fulfillment.ErrNotFound] when there is none.
func (s *Store) Return(ctx context.Context, id fulfillment.ID) (*returns.Return, error) {
	found, err := s.returns(ctx, `WHERE r.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fulfillment.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read return %d: %w", id, translate(err))
	}
	return found[0], nil
}

// Returns reads those of these returns that there are, by ID.
func (s *Store) Returns(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]*returns.Return, error) {
	found, err := s.returns(ctx, `WHERE r.id = ANY($1::bigint[])`, ids)
	if err != nil {
		return nil, fmt.Errorf("read %d returns: %w", len(ids), translate(err))
	}
	byID := make(map[fulfillment.ID]*returns.Return, len(found))
	for _, r := range found {
		byID[r.ID] = r
	}
	return byID, nil
}

// OrderReturns reads the returns of these orders, by the orders' IDs, each order's in their numbers' order. An order
// without returns is left out.
func (s *Store) OrderReturns(
	ctx context.Context, orderIDs []fulfillment.ID,
) (map[fulfillment.ID][]*returns.Return, error) {
	found, err := s.returns(ctx, `WHERE r.order_id = ANY($1::bigint[]) ORDER BY r.order_id, r.number`, orderIDs)
	if err != nil {
		return nil, fmt.Errorf("read the returns of %d orders: %w", len(orderIDs), translate(err))
	}
	byOrder := make(map[fulfillment.ID][]*returns.Return)
	for _, r := range found {
		byOrder[r.OrderID] = append(byOrder[r.OrderID], r)
	}
	return byOrder, nil
}

// ReturnOf finds the returns that parts are of, by the parts' IDs: return lines, reverse fulfillment orders and their
// lines, reverse deliveries and their lines, dispositions, exchange lines, and fees. Parts that a return has lost since
// are found, too; what is no part of one is left out.
func (s *Store) ReturnOf(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]fulfillment.ID, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, return_id FROM return_parts WHERE id = ANY($1::bigint[])`, ids)
	of := make(map[fulfillment.ID]fulfillment.ID)
	if err == nil {
		var part, whole fulfillment.ID
		_, err = pgx.ForEachRow(rows, []any{&part, &whole}, func() error {
			of[part] = whole
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read what %d parts are of: %w", len(ids), translate(err))
	}
	return of, nil
}

// ReturnHistory reads all transitions of a return by sequence. A return that does not exist has none.
func (s *Store) ReturnHistory(ctx context.Context, id fulfillment.ID) ([]returns.Transition, error) {
	const query = `
SELECT t.return_id, r.order_id, t.sequence, t.kind, t.command, t.command_id, t.fingerprint, t.actor, t.at, t.reason,
	t.before, t.after, t.details, t.topics, t.result
FROM return_transitions t JOIN returns r ON r.id = t.return_id WHERE t.return_id = $1 ORDER BY t.sequence`
	steps, err := collect[returns.Transition](ctx, s, query, []any{id})
	if err != nil {
		return nil, fmt.Errorf("read the history of return %d: %w", id, translate(err))
	}
	for i := range steps {
		steps[i].At = steps[i].At.UTC()
		if len(steps[i].Topics) == 0 {
			steps[i].Topics = nil
		}
	}
	return steps, nil
}

// ReturnAnswer finds what a return answered to one command, however old; nil: it never answered that.
func (s *Store) ReturnAnswer(
	ctx context.Context, id fulfillment.ID, commandID string,
) (*returns.Answered, error) {
	answers, err := collect[returns.Answered](ctx, s, selectReturnAnswer, []any{id, clean(commandID)})
	if err != nil {
		return nil, fmt.Errorf("read what return %d answered: %w", id, translate(err))
	}
	if len(answers) == 0 {
		return nil, nil
	}
	return &answers[0], nil
}

const selectReturnAnswer = `
SELECT command_id, fingerprint, result FROM return_transitions
WHERE return_id = $1 AND command_id = $2 AND command_id <> '' AND result IS NOT NULL`
