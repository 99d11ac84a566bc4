package audit

import (
	"fmt"
	"slices"
)

// breakage is something that must be found.
type breakage struct {
	name string
	sql  []string // breaks a copy of the store
	saw  Witness  // what a caller claims besides
	want []blame
}

func breakages(c cast) []breakage {
	return slices.Concat(
		claims(c), absences(c), commandBreakages(c), lifeBreakages(c), rowBreakages(c), columnBreakages(c),
		effectBreakages(c), eventBreakages(c),
	)
}

// claims are about what never was.
func claims(c cast) []breakage {
	return []breakage{
		{name: "order that never was", saw: Witness{Orders: ids(4711)}, want: []blame{{OrdersExist, 4711, 0}}},
		{name: "command that never was", saw: Witness{Commands: []Command{{"never", c.heldOrder, c.held, "Hold"}}},
			want: []blame{{CommandsInHistory, c.heldOrder, c.held}, {CommandsInStore, c.heldOrder, c.held}}},
		{name: "command of another order", saw: Witness{Commands: []Command{{"edit-order", c.heldOrder, 0, "Edit"}}},
			want: []blame{{CommandsInHistory, c.heldOrder, 0}, {CommandsInStore, c.heldOrder, 0}}},
		{name: "command in no history",
			sql: []string{
				fmt.Sprintf(
					`UPDATE transitions SET command_id = 'ghost' WHERE fulfillment_order_id = %d AND sequence = 1`,
					c.held,
				),
			},
			saw:  Witness{Commands: []Command{{"ghost", c.heldOrder, c.held, "Hold"}}},
			want: []blame{{CommandsInHistory, c.heldOrder, c.held}, {EventsOnce, c.heldOrder, c.held}}},
	}
}

// absences are of what is nowhere but in one table.
func absences(c cast) []breakage {
	return []breakage{
		{name: "fulfillment order without a workflow",
			want: []blame{{OrdersExist, c.editedOrder, 999}, {TransitionsGapFree, c.editedOrder, 999}},
			sql: []string{fmt.Sprintf(`INSERT INTO fulfillment_orders SELECT (jsonb_populate_record(f,
				jsonb_build_object('id', 999, 'version', 1, 'total', 0,
				'remaining', 0, 'snapshot', f.snapshot || '{"id": "999", "sequence": 1, "lineItems": []}'))).* FROM
					fulfillment_orders f WHERE id = %d`, c.edited)}},
		{name: "order without fulfillment orders", want: []blame{{OrdersExist, 998, 0}, {OrderStatusesDerived, 998, 0}},
			sql: []string{fmt.Sprintf(`INSERT INTO orders SELECT (jsonb_populate_record(o,
				'{"id": 998, "name": "#998", "source_identifier": null,
				"version": 0, "display_fulfillment_status": "", "fulfillment_status":
					""}')).* FROM orders o WHERE id = %d`, c.editedOrder)}},
	}
}

func commandBreakages(c cast) []breakage {
	return []breakage{
		{name: "command without its transition",
			want: []blame{{CommandsInStore, c.heldOrder, c.held}, {EventsOnce, c.heldOrder, c.held}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE transitions SET command_id = '' WHERE fulfillment_order_id = %d AND kind = 'HELD'`, c.held,
				),
			}},
		{name: "command with another answer", want: []blame{{CommandsInStore, c.heldOrder, c.held}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE transitions SET result = result || '{"holdId": 1}' WHERE fulfillment_order_id = %d AND kind = 'HELD'`,
					c.held,
				),
			}},
		{name: "edit without its transition",
			want: []blame{{CommandsInStore, c.editedOrder, 0}, {EventsOnce, c.editedOrder, 0}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE order_transitions SET command_id = '' WHERE order_id = %d AND kind = 'EDITED'`,
					c.editedOrder,
				),
			}},
		{name: "cancellation without its transition",
			want: []blame{{CommandsInStore, c.withdrawnOrder, 0}, {EventsOnce, c.withdrawnOrder, 0}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE order_transitions SET command_id = '' WHERE order_id = %d AND kind = 'CANCELLED'`,
					c.withdrawnOrder,
				),
			}},
		{name: "joint command without its transition",
			want: []blame{{CommandsInStore, c.mergedOrder, 0}, {EventsOnce, c.mergedOrder, c.merged}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE transitions SET command_id = '' WHERE fulfillment_order_id = %d AND kind = 'MERGED'`,
					c.merged,
				),
			}},
		{name: "command twice", want: []blame{{CommandsOnce, c.heldOrder, c.held}, {EventsOnce, c.heldOrder, c.held}},
			sql: []string{fmt.Sprintf(`UPDATE transitions SET command_id = (SELECT command_id FROM transitions WHERE
				fulfillment_order_id = %[1]d AND kind = 'HELD')
				WHERE fulfillment_order_id = %[1]d AND sequence = 1`, c.held)}},
		{name: "joint command twice",
			want: []blame{{CommandsOnce, c.editedOrder, c.edited}, {EventsOnce, c.editedOrder, c.edited}},
			sql: []string{fmt.Sprintf(`UPDATE transitions SET command_id = (SELECT command_id FROM transitions WHERE
				fulfillment_order_id = %d AND kind = 'MERGED')
				WHERE fulfillment_order_id = %d AND sequence = 1`, c.merged, c.edited)}},
		{name: "order command twice", want: []blame{{CommandsOnce, c.editedOrder, 0}, {EventsOnce, c.editedOrder, 0}},
			sql: []string{`DROP INDEX order_transitions_command_key`,
				fmt.Sprintf(
					`UPDATE order_transitions SET command_id = 'edit-order' WHERE order_id = %d AND sequence = 1`,
					c.editedOrder,
				)}},
	}
}

func lifeBreakages(c cast) []breakage {
	return []breakage{
		{name: "unit lost", want: []blame{{UnitsConserved, c.mergedOrder, 0}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE line_items SET quantity = quantity + 1, current_quantity = current_quantity + 1 WHERE order_id = %d`,
					c.mergedOrder,
				),
			}},
		{name: "unit edited away and not cancelled", want: []blame{{UnitsConserved, c.heldOrder, 0}},
			sql: []string{fmt.Sprintf(`UPDATE line_items SET current_quantity = 0 WHERE order_id = %d`, c.heldOrder)}},
		{name: "more units ready than remain",
			want: []blame{{UnitsConserved, c.heldOrder, c.held}, {StatesAgree, c.heldOrder, c.held}},
			sql: []string{fmt.Sprintf(`UPDATE fulfillment_orders SET snapshot = jsonb_set(snapshot,
				'{lineItems,0,preparedQuantity}', '4') WHERE id = %d`, c.held)}},
		{name: "gap", want: []blame{{TransitionsGapFree, c.shippedOrder, c.shipped}},
			sql: []string{fmt.Sprintf(
				`DELETE FROM transitions WHERE fulfillment_order_id = %d AND sequence = 5`, c.shipped,
			),
				fmt.Sprintf(`DELETE FROM feed WHERE fulfillment_order_id = %d AND sequence = 5`, c.shipped)}},
		{name: "jump",
			want: []blame{{TransitionsGapFree, c.shippedOrder, c.shipped}, {EventsOnce, c.shippedOrder, c.shipped}},
			sql: []string{
				fmt.Sprintf( // Also of what changed nothing after that.
					`UPDATE transitions SET before = jsonb_set(before, '{remainingQuantity}', '7') WHERE fulfillment_order_id = %d AND sequence = 4`,
					c.shipped,
				),
			}},
		{name: "somebody else's location",
			want: []blame{{TransitionsGapFree, c.shippedOrder, c.shipped}, {EventsOnce, c.shippedOrder, c.shipped}},
			sql: []string{fmt.Sprintf(`UPDATE transitions SET details = coalesce(details, '{}') || '{"serviceId": "4711"}'
				WHERE fulfillment_order_id = %d
				AND sequence = (SELECT version FROM fulfillment_orders WHERE id = fulfillment_order_id)`, c.shipped)}},
		{name: "last transition lost", want: []blame{{TransitionsGapFree, c.editedOrder, c.edited}},
			sql: []string{fmt.Sprintf(`DELETE FROM feed o USING transitions t WHERE t.fulfillment_order_id = %d AND
				t.kind = 'UNITS_CANCELLED'
				AND (o.fulfillment_order_id, o.sequence) = (t.fulfillment_order_id, t.sequence)`, c.edited),
				fmt.Sprintf(
					`DELETE FROM transitions WHERE fulfillment_order_id = %d AND kind = 'UNITS_CANCELLED'`, c.edited,
				)}},
		{name: "event without a topic lost", want: []blame{{EventsOnce, c.editedOrder, c.edited}},
			sql: []string{fmt.Sprintf(`DELETE FROM feed WHERE fulfillment_order_id = %d AND topic = ''`, c.edited)}},
		{name: "events of before there was one for every transition", sql: []string{
			`UPDATE transitions SET feed_whole = false`, `UPDATE order_transitions SET feed_whole = false`,
			`DELETE FROM feed WHERE topic = '' OR fulfillment_order_id IS NULL AND place > 0`}},
		{name: "order gap", want: []blame{{TransitionsGapFree, c.shippedOrder, 0}},
			sql: []string{fmt.Sprintf(
				`DELETE FROM order_transitions WHERE order_id = %d AND sequence = 3`, c.shippedOrder,
			),
				fmt.Sprintf(
					`DELETE FROM feed WHERE order_id = %d AND fulfillment_order_id IS NULL AND sequence = 3`,
					c.shippedOrder,
				)}},
		{name: "order version", want: []blame{{TransitionsGapFree, c.shippedOrder, 0}},
			sql: []string{fmt.Sprintf(`UPDATE orders SET version = version + 1 WHERE id = %d`, c.shippedOrder)}},
		{name: "hold of nobody",
			want: []blame{{HoldsHeld, c.heldOrder, c.held}, {StatesAgree, c.heldOrder, c.held},
				{EventsOnce, c.heldOrder, c.held}},
			sql: []string{fmt.Sprintf(
				`UPDATE fulfillment_orders SET holds = 0, snapshot = snapshot - 'fulfillmentHolds' WHERE id = %d`,
				c.held,
			),
				fmt.Sprintf( // Also of what changed nothing after that.
					`UPDATE transitions SET before = before - 'holds', after = after - 'holds' WHERE fulfillment_order_id = %d`,
					c.held,
				)}},
		{name: "order cancelled by nobody", want: []blame{{TransitionsGapFree, c.editedOrder, 0}},
			sql: []string{fmt.Sprintf(`UPDATE orders SET cancelled_at = now() WHERE id = %d`, c.editedOrder)}},
		{name: "cancellation forgotten", want: []blame{{TransitionsGapFree, c.withdrawnOrder, 0}},
			sql: []string{fmt.Sprintf(`UPDATE orders SET cancelled_at = NULL WHERE id = %d`, c.withdrawnOrder)}},
		{name: "cancellation at another time", want: []blame{{TransitionsGapFree, c.withdrawnOrder, 0}},
			sql: []string{fmt.Sprintf(
				`UPDATE orders SET cancelled_at = cancelled_at - interval '1 second' WHERE id = %d`, c.withdrawnOrder,
			)}},
		{name: "order closed by nobody, or at another time", want: []blame{{TransitionsGapFree, c.editedOrder, 0}},
			sql: []string{fmt.Sprintf(
				`UPDATE orders SET closed_at = coalesce(closed_at, now()) + interval '1 hour' WHERE id = %d`, c.editedOrder,
			)}},
		{name: "closing forgotten", want: []blame{{TransitionsGapFree, c.withdrawnOrder, 0}},
			sql: []string{fmt.Sprintf(`UPDATE orders SET closed_at = NULL WHERE id = %d`, c.withdrawnOrder)}},
		{name: "order status", want: []blame{{OrderStatusesDerived, c.editedOrder, 0}, {EventsOnce, c.editedOrder, 0}},
			sql: []string{fmt.Sprintf(
				`UPDATE orders SET display_fulfillment_status = 'ON_HOLD' WHERE id = %d`, c.editedOrder,
			),
				fmt.Sprintf(`UPDATE order_transitions SET after = jsonb_set(after, '{displayFulfillmentStatus}',
					'"ON_HOLD"')
					WHERE order_id = %[1]d AND sequence = (SELECT version FROM orders WHERE id =
						%[1]d)`, c.editedOrder)}},
	}
}
