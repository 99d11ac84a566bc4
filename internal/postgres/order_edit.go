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

// Units that are to be shipped in addition raise what was ordered: that is counted on the fulfillment orders, where
// somebody may have cancelled units that no edit took away. It returns the quantities of before. The order is locked:
// nothing else changes them meanwhile.
const setQuantities = `
UPDATE line_items l SET quantity = greatest(l.quantity + q.raised, q.quantity), current_quantity = q.quantity
FROM jsonb_to_recordset($2::jsonb) AS q (id bigint, quantity integer, raised integer)
	JOIN line_items was ON was.order_id = $1 AND was.id = q.id
WHERE l.order_id = $1 AND l.id = q.id RETURNING l.id, was.current_quantity`

// What an order costs, how many units it has and whether it is paid follows from its lines, for those who search it.
const addUp = `
UPDATE orders o SET current_total = sums.total, current_units = sums.units,
	financial_status = financial_status(o.transactions, sums.total)
FROM (SELECT current_total(id, currency_digits(currency_code)) AS total, (SELECT coalesce(sum(l.current_quantity), 0)
	FROM line_items l WHERE l.order_id = $1) AS units, financial_status AS was FROM orders WHERE id = $1) AS sums
WHERE o.id = $1 RETURNING sums.was, o.financial_status`

// EditOrder writes an order edit. It succeeds without writing when the very same edit is there already;
// [fulfillment.ErrStale] says that its command ID was used for another one, [fulfillment.ErrNotFound] that the order or
// a line of SetQuantities does not exist.
func (s *Store) EditOrder(ctx context.Context, edit fulfillment.OrderEdit) error {
	if edit.CommandID == "" {
		return fmt.Errorf("edit order %d: %w: it has no command ID", edit.OrderID, fulfillment.ErrInvalid)
	}
	content := &fulfillment.OrderDetails{Add: edit.Add, SetQuantities: edit.SetQuantities}
	for _, fo := range edit.FulfillmentOrders {
		content.Made = append(content.Made, fo.ID)
	}
	fingerprint, err := fingerprint(content)
	if err != nil {
		return err
	}
	w := writing{
		orderID: edit.OrderID, states: edit.FulfillmentOrders, transitions: edit.Transitions,
		change: &fulfillment.OrderChange{
			Kind: fulfillment.OrderKindEdited, CommandID: edit.CommandID, Fingerprint: fingerprint, Actor: edit.Actor,
			At:      edit.At,
			Details: content,
		},
	}
	if len(edit.Add) > 0 {
		lines, err := lineItemsStatement(edit.OrderID, edit.Add)
		if err != nil {
			return err
		}
		w.more = append(w.more, lines)
	}
	if n := int64(len(edit.SetQuantities)); n > 0 {
		quantities, err := encode(raisedBy(edit))
		if err != nil {
			return err
		}
		w.more = append(
			w.more,
			statement{
				sql: setQuantities, args: []any{edit.OrderID, quantities}, rows: &n, fewer: fulfillment.ErrNotFound,
				read: func(rows pgx.Rows) (err error) {
					content.Quantities, err = pgx.CollectRows(rows, pgx.RowToStructByPos[fulfillment.Quantity])
					slices.SortFunc(
						content.Quantities, func(a, b fulfillment.Quantity) int { return cmp.Compare(a.ID, b.ID) },
					)
					return err
				},
			},
		)
	}
	w.more = append(w.more, statement{
		sql: addUp, args: []any{edit.OrderID}, read: func(rows pgx.Rows) error {
			var was, is fulfillment.FinancialStatus
			_, err := pgx.ForEachRow(rows, []any{&was, &is}, func() error {
				w.change.Paid = was != fulfillment.FinancialPaid && is == fulfillment.FinancialPaid
				return nil
			})
			return err
		},
	})
	err = s.write(ctx, w)
	if conflicts(err) {
		err = s.explainEdit(ctx, w, err)
	}
	if err != nil {
		return fmt.Errorf("edit order %d: %w", edit.OrderID, translate(err))
	}
	return nil
}

// setQuantity is a quantity as the statement takes it.
type setQuantity struct {
	fulfillment.Quantity
	Raised int `json:"raised"`
}

func raisedBy(edit fulfillment.OrderEdit) []setQuantity {
	set := make([]setQuantity, len(edit.SetQuantities))
	for i, q := range edit.SetQuantities {
		set[i].Quantity = q
		for _, raised := range edit.Raised {
			if raised.ID == q.ID {
				set[i].Raised = raised.Quantity
			}
		}
	}
	return set
}

// EditBy finds the edit of an order that had this command ID; [fulfillment.ErrNotFound] when nothing had it, and
// [fulfillment.ErrStale] when something else had.
func (s *Store) EditBy(
	ctx context.Context, orderID fulfillment.ID, commandID string,
) (fulfillment.OrderDetails, error) {
	const query = `SELECT kind, coalesce(details, '{}') FROM order_transitions
		WHERE order_id = $1 AND command_id = $2 AND command_id <> ''
		UNION ALL SELECT '', '{}' FROM order_unchanged WHERE order_id = $1 AND command_id = $2`
	var kind fulfillment.OrderKind
	var edit fulfillment.OrderDetails
	err := s.pool.QueryRow(ctx, query, orderID, clean(commandID)).Scan(&kind, &edit)
	if err == nil && kind != fulfillment.OrderKindEdited {
		err = fulfillment.ErrStale
	}
	if err != nil {
		return fulfillment.OrderDetails{}, fmt.Errorf(
			"read edit %q of order %d: %w", commandID, orderID, translate(err),
		)
	}
	return edit, nil
}

func (s *Store) explainEdit(ctx context.Context, w writing, conflict error) error {
	var fingerprint string
	err := s.pool.QueryRow(ctx,
		`SELECT fingerprint FROM order_transitions WHERE order_id = $1 AND command_id = $2 AND command_id <> ''`,
		w.orderID, clean(w.change.CommandID)).Scan(&fingerprint)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("%w: %w", fulfillment.ErrIDTaken, conflict)
	case err == nil && fingerprint != w.change.Fingerprint:
		return fmt.Errorf("%w: %w", fulfillment.ErrStale, conflict)
	}
	return err
}
