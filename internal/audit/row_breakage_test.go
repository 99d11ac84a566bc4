package audit

import (
	"fmt"

	"packhorse/internal/fulfillment"
)

// columnBreakages are commits that forgot something: each of a group of columns that is written for itself.
func columnBreakages(c cast) []breakage {
	ofShared, ofHeld := blame{RowsAgree, c.sharedOrder, c.shared}, blame{RowsAgree, c.heldOrder, c.held}
	row := func(name, set string) breakage {
		return breakage{
			name: name, want: []blame{ofHeld},
			sql: []string{fmt.Sprintf(`UPDATE fulfillment_orders SET %s WHERE id = %d`, set, c.held)},
		}
	}
	shipment := func(name, set string) breakage {
		return breakage{
			name: name, want: []blame{ofShared},
			sql: []string{fmt.Sprintf(`UPDATE fulfillments SET %s WHERE fulfillment_order_id = %d`, set, c.shared)},
		}
	}
	const of = ` WHERE fulfillment_id IN (SELECT id FROM fulfillments WHERE fulfillment_order_id = %d)`
	parcel := func(name, sql string) breakage {
		return breakage{name: name, want: []blame{ofShared}, sql: []string{fmt.Sprintf(sql+of, c.shared)}}
	}
	one := func(name string, orderID, id fulfillment.ID, sql string) breakage {
		return breakage{name: name, want: []blame{{RowsAgree, orderID, id}}, sql: []string{fmt.Sprintf(sql, id)}}
	}
	return []breakage{
		row("column location", `location_id = 4711`),
		row("column service", `service_id = 4711`),
		row("column provider", `provider = 'nobody'`),
		row("column fulfill at", `fulfill_at = now()`),
		row("column fulfill by", `fulfill_by = now()`),
		row("column accept by", `accept_by = now()`),
		row("column deadline missed", `deadline_missed_at = now()`),
		row("column delivery method", `delivery_method = 'LOCAL'`),
		row("column updated at", `updated_at = created_at - interval '2 milliseconds'`),
		row("column order name", `order_name = 'another'`),
		row("column location name", `location_name = 'another'`),
		row("column service name", `service_name = 'another'`),
		row("column created at", `created_at = updated_at + interval '2 milliseconds'`),
		one("never due", c.sharedOrder, c.shared, `UPDATE fulfillment_orders SET due_at = NULL WHERE id = %d`),
		one("due too late", c.sharedOrder, c.shared,
			`UPDATE fulfillment_orders SET due_at = due_at + interval '1 minute' WHERE id = %d`),
		{name: "due early, and what is not due", sql: []string{
			`UPDATE fulfillment_orders SET due_at = least(due_at, updated_at)`}},
		{name: "order of another name", want: []blame{{RowsAgree, c.heldOrder, 0}},
			sql: []string{fmt.Sprintf(`UPDATE orders SET name = 'another' WHERE id = %d`, c.heldOrder)}},
		one("line of another line item", c.editedOrder, c.edited, `UPDATE fulfillment_order_line_items l
			SET line_item_id = (SELECT id FROM line_items i WHERE i.order_id = l.order_id AND i.id <> l.line_item_id
				LIMIT 1) WHERE fulfillment_order_id = %d`),
		one(
			"line lost", c.heldOrder, c.held,
			`DELETE FROM fulfillment_order_line_items WHERE fulfillment_order_id = %d`,
		),
		one(
			"shipments of one name", c.mergedOrder, c.merged,
			`UPDATE fulfillments SET name = regexp_replace(name, '[0-9]+$', '1') WHERE fulfillment_order_id = %d`,
		),
		shipment("shipment without a name", `name = ''`),
		shipment("shipment of another order", `name = '#0-F1'`),
		shipment("shipment without a number", `name = name || 'x'`),
		shipment("shipment shipped at", `shipped_at = shipped_at + interval '1 second'`),
		shipment("shipment never shipped", `shipped_at = NULL`),
		shipment("shipment display status", `display_status = 'FULFILLED'`),
		shipment("shipment tracking", `tracking = NULL`),
		shipment("shipment tracking number", `tracking = jsonb_set(tracking, '{1,number}', '"1Z3"')`),
		shipment("shipment in transit", `in_transit_at = NULL`),
		one(
			"shipment delivered", c.shippedOrder, c.shipped,
			`UPDATE fulfillments SET delivered_at = NULL WHERE fulfillment_order_id = %d`,
		),
		shipment("shipment estimate", `estimated_delivery_at = estimated_delivery_at + interval '3 microseconds'`),
		one(
			"shipment cancelled", c.mergedOrder, c.merged,
			`UPDATE fulfillments SET cancelled_at = NULL WHERE status = 'CANCELLED' AND fulfillment_order_id = %d`,
		),
		one(
			"shipment given up", c.givenUpOrder, c.givenUp,
			`UPDATE fulfillments SET given_up_at = NULL WHERE fulfillment_order_id = %d`,
		),
		shipment("shipment updated at", `updated_at = created_at - interval '2 milliseconds'`),
		parcel("news lost", `DELETE FROM fulfillment_events`),
		parcel("news with another status", `UPDATE fulfillment_events SET status = 'FAILURE'`),
		parcel("news at another time", `UPDATE fulfillment_events SET happened_at = happened_at - interval '1 hour'`),
		parcel("units of another line", `UPDATE fulfillment_line_items SET fulfillment_order_line_item_id = 1`),
		parcel("units of another part", `UPDATE fulfillment_line_items s SET quantity = 5 - quantity`),
	}
}
