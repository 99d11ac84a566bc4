package audit

import (
	"fmt"

	"packhorse/internal/fulfillment"
)

func ids(all ...fulfillment.ID) []fulfillment.ID { return all }

func rowBreakages(c cast) []breakage {
	return []breakage{
		{name: "row", want: []blame{{RowsAgree, c.editedOrder, c.edited}},
			sql: []string{fmt.Sprintf(`UPDATE fulfillment_orders SET holds = 5 WHERE id = %d`, c.edited)}},
		{name: "row of a line", want: []blame{{RowsAgree, c.editedOrder, c.edited}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE fulfillment_order_line_items SET cancelled = 9 WHERE fulfillment_order_id = %d`, c.edited,
				),
			}},
		{name: "row of a shipment", want: []blame{{RowsAgree, c.shippedOrder, c.shipped}},
			sql: []string{
				fmt.Sprintf(`UPDATE fulfillments SET status = 'CANCELLED' WHERE fulfillment_order_id = %d`, c.shipped),
			}},
		{name: "units of a shipment", want: []blame{{RowsAgree, c.shippedOrder, c.shipped}},
			sql: []string{
				fmt.Sprintf(
					`DELETE FROM fulfillment_line_items WHERE fulfillment_id IN (SELECT id FROM fulfillments WHERE fulfillment_order_id = %d)`,
					c.shipped,
				),
			}},
		{name: "state of an open workflow", want: []blame{{StatesAgree, c.heldOrder, c.held}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE fulfillment_orders SET snapshot = jsonb_set(snapshot, '{requestReference}', '"another"') WHERE id = %d`,
					c.held,
				),
			}},
		{name: "state of a closed workflow", want: []blame{{StatesAgree, c.shippedOrder, c.shipped}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE fulfillment_orders SET snapshot = jsonb_set(snapshot, '{requestReference}', '"another"') WHERE id = %d`,
					c.shipped,
				),
			}},
		{name: "life that goes on without a workflow", want: []blame{{IntentsResolved, c.withdrawnOrder, c.withdrawn},
			{RowsAgree, c.withdrawnOrder, c.withdrawn}, {StatesAgree, c.withdrawnOrder, c.withdrawn},
			{WorkflowsLive, c.withdrawnOrder, c.withdrawn}},
			sql: []string{fmt.Sprintf(`UPDATE fulfillment_orders SET snapshot = snapshot ||
				'{"effects": [{"key": "fulfillment-order/%[1]d#2", "kind": "REQUEST", "status": "DUE", "since": "2026-01-01T00:00:00Z"}]}' WHERE id = %[1]d`, c.withdrawn)}},
	}
}

const copyEffect = `INSERT INTO simulated_provider.effects (key, kind, request_key, fulfillment_order_id, service_id,
	reference, answer, settings, created_at)
	SELECT '%s', kind, request_key, fulfillment_order_id, service_id, reference, answer, settings, created_at +
		interval '1 second'
	FROM simulated_provider.effects WHERE fulfillment_order_id = %d AND kind = '%s'`

func effectBreakages(c cast) []breakage {
	return []breakage{
		{name: "effect twice", want: []blame{{EffectsOnce, c.shippedOrder, c.shipped}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE simulated_provider.effects SET calls = 2, effects = 2 WHERE fulfillment_order_id = %d`,
					c.shipped,
				),
			}},
		{name: "two requests",
			want: []blame{{EffectsOnce, c.shippedOrder, c.shipped}, {EffectsIntended, c.shippedOrder, c.shipped}},
			sql: []string{
				fmt.Sprintf(copyEffect, fmt.Sprintf("fulfillment-order/%d#3", c.shipped), c.shipped, "CREATE"),
			}},
		{name: "effect without an intent", want: []blame{{EffectsIntended, c.stoppedOrder, c.stopped}},
			sql: []string{
				fmt.Sprintf(copyEffect, fmt.Sprintf("fulfillment-order/%d#99", c.stopped), c.stopped, "CANCEL"),
			}},
		{name: "effect of nobody", want: []blame{{EffectsIntended, c.stoppedOrder, c.stopped}},
			sql: []string{fmt.Sprintf(copyEffect, "fulfillment-order/4711#2", c.stopped, "CANCEL")}},
		{name: "cancellation of nothing", want: []blame{{EffectsIntended, c.stoppedOrder, c.stopped}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE simulated_provider.effects SET request_key = 'another' WHERE fulfillment_order_id = %d AND kind = 'CANCEL'`,
					c.stopped,
				),
			}},
		{name: "parts of a request", want: []blame{{IntentsResolved, c.partedOrder, c.parted}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE simulated_provider.effects SET answer = jsonb_set(answer, '{accepted,0,quantity}', '3') WHERE fulfillment_order_id = %d`,
					c.parted,
				),
			}},
		{name: "answer without a request", want: []blame{{IntentsResolved, c.shippedOrder, c.shipped}},
			sql: []string{
				fmt.Sprintf(`DELETE FROM simulated_provider.effects WHERE fulfillment_order_id = %d`, c.shipped),
			}},
		{name: "withdrawal that never came", want: []blame{{IntentsResolved, c.withdrawnOrder, c.withdrawn}},
			sql: []string{
				fmt.Sprintf(
					`DELETE FROM simulated_provider.effects WHERE fulfillment_order_id = %d AND kind = 'WITHDRAW'`,
					c.withdrawn,
				),
			}},
		{name: "request that is forgotten", want: []blame{{IntentsResolved, c.stoppedOrder, c.stopped},
			{StatesAgree, c.stoppedOrder, c.stopped},
			{RowsAgree, c.stoppedOrder, c.stopped}, {TransitionsGapFree, c.stoppedOrder, c.stopped},
			{OrderStatusesDerived, c.stoppedOrder, 0}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE fulfillment_orders SET snapshot = snapshot || '{"status": "OPEN", "requestStatus": "SUBMITTED"}' WHERE id = %d`,
					c.stopped,
				),
			}},
	}
}

func eventBreakages(c cast) []breakage {
	payload := func(name, set string) breakage {
		return breakage{name: name, want: []blame{{EventsOnce, c.heldOrder, c.held}},
			sql: []string{fmt.Sprintf(
				`UPDATE feed o SET payload = %s FROM transitions t WHERE t.fulfillment_order_id = %d
				AND t.kind = 'HELD' AND (o.fulfillment_order_id, o.sequence) = (t.fulfillment_order_id, t.sequence)`,
				set, c.held,
			)}}
	}
	return []breakage{
		{name: "event lost", want: []blame{{EventsOnce, c.shippedOrder, c.shipped}},
			sql: []string{
				fmt.Sprintf(`DELETE FROM feed WHERE fulfillment_order_id = %d AND sequence = 3`, c.shipped),
			}},
		{name: "event of the order lost", want: []blame{{EventsOnce, c.shippedOrder, 0}},
			sql: []string{
				fmt.Sprintf(
					`DELETE FROM feed WHERE order_id = %d AND fulfillment_order_id IS NULL AND sequence = 2`,
					c.shippedOrder,
				),
			}},
		{name: "event twice", want: []blame{{EventsOnce, c.heldOrder, c.held}},
			sql: []string{fmt.Sprintf(`INSERT INTO outbox (order_id, fulfillment_order_id, sequence, position, topic, payload)
				SELECT order_id, fulfillment_order_id, sequence, place, topic, payload FROM feed
				WHERE fulfillment_order_id = %d ORDER BY position DESC LIMIT 1`, c.held)}},
		{name: "event of nothing", want: []blame{{EventsOnce, c.heldOrder, c.held}},
			sql: []string{fmt.Sprintf(`INSERT INTO outbox (order_id, fulfillment_order_id, sequence, position, topic,
				payload)
				VALUES (%d, %d, 99, 0, 'fulfillment_orders/moved', '{}')`, c.heldOrder, c.held)}},
		{name: "event that says something else", want: []blame{{EventsOnce, c.heldOrder, c.held}},
			sql: []string{
				fmt.Sprintf(
					`UPDATE feed SET topic = 'fulfillment_orders/moved' WHERE fulfillment_order_id = %d AND place = 0 AND sequence = 2`,
					c.held,
				),
			}},
		payload("actor of an event", `jsonb_set(payload, '{actor}', '{"role": "MERCHANT", "app": "another"}')`),
		payload("status of an event", `jsonb_set(payload, '{after,status}', '"CLOSED"')`),
		payload("time of an event", `jsonb_set(payload, '{at}', '"2026-01-01T00:00:00Z"')`),
		payload("command of an event", `payload - 'commandId'`),
		payload("details of an event", `jsonb_set(payload, '{details,fulfillmentHold,reason}', '"OTHERS"')`),
		payload("version of an event", `payload - 'version'`),
		payload("event that says more", `payload || '{"more": 1}'`),
		{name: "event of an order by another", want: []blame{{EventsOnce, c.editedOrder, 0}},
			sql: []string{
				fmt.Sprintf(`UPDATE feed SET payload = jsonb_set(payload, '{actor}', '{"role": "SYSTEM"}')
					WHERE order_id = %d AND fulfillment_order_id IS NULL AND sequence = 1`, c.editedOrder),
			}},
		{name: "event of another command", want: []blame{{EventsOnce, c.sharedOrder, c.shared}},
			sql: []string{
				fmt.Sprintf(`UPDATE feed SET payload = payload || '{"commandId": "another"}'
					WHERE fulfillment_order_id = %d AND sequence = 1`, c.shared),
			}},
		{name: "transition by another actor", want: []blame{{EventsOnce, c.heldOrder, c.held}},
			sql: []string{
				fmt.Sprintf(`UPDATE transitions SET actor = '{"app": "another"}'
					WHERE fulfillment_order_id = %d AND kind = 'HELD'`, c.held),
			}},
		{name: "events without a version", sql: []string{
			`UPDATE transitions SET feed_whole = false`, `UPDATE order_transitions SET feed_whole = false`,
			`UPDATE feed SET payload = jsonb_build_object('kind', payload->'kind', 'sequence', sequence)`}},
		{name: "event of before about another", want: []blame{{EventsOnce, c.heldOrder, c.held}}, sql: []string{
			`UPDATE transitions SET feed_whole = false`,
			fmt.Sprintf(`UPDATE feed SET payload = jsonb_build_object('kind', payload->'kind', 'sequence', 99)
				WHERE fulfillment_order_id = %d AND sequence = 1`, c.held)}},
		{name: "events out of order", want: []blame{{EventsInOrder, c.shippedOrder, c.shipped}},
			sql: []string{fmt.Sprintf(
				`UPDATE feed SET position = position + 50000 WHERE fulfillment_order_id = %d AND sequence = 3`, c.shipped,
			)}},
	}
}
