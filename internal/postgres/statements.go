package postgres

// Statements that add rows take all rows of a table as one JSON array. Rows that may be there already are found one
// fulfillment order at a time, by its ID: a statement for many is planned for tables as they are when a connection uses
// it first, and may read them from end to end as they grow.

// Rows have the time of the statement that writes them. By then the transaction has all that it could have to wait for:
// the order, its other rows, and the tables, which a migration may keep to itself while it makes an index.

// limitIdle does for a transaction what a connection does at its start where no pooler is between.
const limitIdle = "SET LOCAL idle_in_transaction_session_timeout = '" + idleInTransaction + "'"

const lockTables = `
LOCK TABLE orders, line_items, order_transitions, fulfillment_orders, fulfillment_order_line_items, fulfillments,
	fulfillment_line_items, fulfillment_events, transitions, outbox IN ROW EXCLUSIVE MODE`

// lockFulfillmentOrder finds no row when the stored version is not $3, or is of another one that had the ID.
const lockFulfillmentOrder = `
SELECT FROM fulfillment_orders WHERE id = $1 AND order_id = $2 AND version = $3 AND snapshot->>'createdAt' = $4
FOR NO KEY UPDATE`

const lockFulfillment = `SELECT FROM fulfillments WHERE id = $1 FOR NO KEY UPDATE`

const selectShipments = `SELECT id, fulfillment_order_id, name FROM fulfillments WHERE order_id = $1`

const lockOrder = `
SELECT version, cancelled_at IS NOT NULL, closed_at, display_fulfillment_status, fulfillment_status, returned
FROM orders WHERE id = $1 FOR NO KEY UPDATE`

const insertFulfillmentOrder = `
INSERT INTO fulfillment_orders (id, order_id, order_name, status, request_status, location_id, location_name,
	service_id, service_name, provider, delivery_method, fulfill_at, fulfill_by, accept_by, deadline_missed_at, due_at,
	total,
	remaining, holds, fulfillments, version, snapshot, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
	statement_timestamp(), statement_timestamp())`

const updateFulfillmentOrder = `
UPDATE fulfillment_orders SET status = $2, request_status = $3, location_id = $4, location_name = $5, service_id = $6,
	service_name = $7, provider = $8, delivery_method = $9, fulfill_at = $10, fulfill_by = $11, accept_by = $12,
	deadline_missed_at = $13, due_at = $14, total = $15, remaining = $16, holds = $17, fulfillments = $18,
	version = $19, snapshot = $20, updated_at = statement_timestamp()
WHERE id = $1`

const insertLines = `
INSERT INTO fulfillment_order_line_items (fulfillment_order_id, id, order_id, line_item_id, total, remaining, cancelled)
SELECT $1, id, $2, line_item_id, total, remaining, cancelled
FROM jsonb_to_recordset($3::jsonb) AS t (id bigint, line_item_id bigint, total integer, remaining integer, cancelled
	integer)`

// updateLines also removes the lines that left the fulfillment order $1. It leaves a row alone that is as it is meant
// to be: an ON CONFLICT that changes nothing still locks the row, which is a write as well.
const updateLines = `
WITH input AS (
	SELECT * FROM jsonb_to_recordset($3::jsonb) AS t (id bigint, line_item_id bigint, total integer, remaining
		integer, cancelled integer)
), stored AS MATERIALIZED (
	SELECT id, total, remaining, cancelled FROM fulfillment_order_line_items WHERE fulfillment_order_id = $1
), gone AS (
	DELETE FROM fulfillment_order_line_items WHERE fulfillment_order_id = $1
		AND id = ANY (ARRAY(SELECT id FROM stored EXCEPT SELECT id FROM input))
)
INSERT INTO fulfillment_order_line_items (fulfillment_order_id, id, order_id, line_item_id, total, remaining, cancelled)
SELECT $1, id, $2, line_item_id, total, remaining, cancelled FROM input i
WHERE NOT EXISTS (SELECT FROM stored s WHERE (s.id, s.total, s.remaining, s.cancelled) = (i.id, i.total, i.remaining,
	i.cancelled))
ON CONFLICT (fulfillment_order_id, id) DO UPDATE
SET total = excluded.total, remaining = excluded.remaining, cancelled = excluded.cancelled`

const insertFulfillments = `
INSERT INTO fulfillments (id, fulfillment_order_id, order_id, name, status, display_status, requires_shipping,
	location_id, service_id, tracking, data, shipped_at, in_transit_at, delivered_at, estimated_delivery_at,
	cancelled_at, given_up_at, created_at, updated_at)
SELECT id, fulfillment_order_id, order_id, name, status, display_status, requires_shipping, location_id, service_id,
	tracking, data, shipped_at, in_transit_at, delivered_at, estimated_delivery_at, cancelled_at, given_up_at,
	statement_timestamp(), statement_timestamp()
FROM jsonb_to_recordset($1::jsonb) AS i (id bigint, fulfillment_order_id bigint, order_id bigint, name text,
	status text, display_status text, requires_shipping boolean, location_id bigint, service_id bigint, tracking jsonb,
	data jsonb, shipped_at timestamptz, in_transit_at timestamptz, delivered_at timestamptz,
	estimated_delivery_at timestamptz, cancelled_at timestamptz, given_up_at timestamptz)`

// updateFulfillments is for shipments that are there.
const updateFulfillments = insertFulfillments + `
ON CONFLICT (id) DO UPDATE SET status = excluded.status, display_status = excluded.display_status,
	tracking = excluded.tracking, data = excluded.data, shipped_at = excluded.shipped_at,
	in_transit_at = excluded.in_transit_at, delivered_at = excluded.delivered_at,
	estimated_delivery_at = excluded.estimated_delivery_at, cancelled_at = excluded.cancelled_at,
	given_up_at = excluded.given_up_at, updated_at = excluded.updated_at`

// The units of a shipment and a carrier's news never change once they are written.
const writeFulfillmentLines = `
INSERT INTO fulfillment_line_items (fulfillment_id, id, fulfillment_order_line_item_id, line_item_id, quantity)
SELECT fulfillment_id, id, fulfillment_order_line_item_id, line_item_id, quantity
FROM jsonb_to_recordset($1::jsonb) AS t (fulfillment_id bigint, id bigint, fulfillment_order_line_item_id bigint,
	line_item_id bigint, quantity integer)
ON CONFLICT DO NOTHING`

const writeEvents = `
INSERT INTO fulfillment_events (fulfillment_id, id, status, happened_at, late, estimated_delivery_at, data, created_at)
SELECT fulfillment_id, id, status, happened_at, late, estimated_delivery_at, data, statement_timestamp()
FROM jsonb_to_recordset($1::jsonb) AS t (fulfillment_id bigint, id bigint, status text, happened_at timestamptz,
	late boolean, estimated_delivery_at timestamptz, data jsonb)
ON CONFLICT DO NOTHING`

const writeTransitions = `
INSERT INTO transitions (fulfillment_order_id, sequence, kind, command, command_id, fingerprint, actor, at, reason,
	before, after, details, topics, result, feed_whole)
SELECT fulfillment_order_id, sequence, kind, command, command_id, fingerprint, actor, at, reason,
	before, after, details, coalesce(topics, '{}'), result, true
FROM jsonb_to_recordset($1::jsonb) AS t (fulfillment_order_id bigint, sequence bigint, kind text, command text,
	command_id text, fingerprint text, actor jsonb, at timestamptz, reason text, before jsonb, after jsonb, details
		jsonb,
	topics text[], result jsonb)
ORDER BY fulfillment_order_id, sequence`

const writeOutbox = `
INSERT INTO outbox (order_id, fulfillment_order_id, sequence, position, topic, payload)
SELECT order_id, fulfillment_order_id, sequence, position, topic, payload
FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (order_id bigint, fulfillment_order_id bigint, sequence bigint,
	position integer, topic text, payload jsonb)) WITH ORDINALITY AS t (order_id, fulfillment_order_id, sequence,
	position, topic, payload, place)
ORDER BY place`

// writeOrderTransition moves the order's version on, sets its statuses and since when it is closed, and appends to its
// history.
const writeOrderTransition = `
WITH input AS (
	SELECT * FROM jsonb_to_record($2::jsonb) AS t (sequence bigint, kind text, command_id text, fingerprint text,
		actor jsonb,
		at timestamptz, reason text, before jsonb, after jsonb, details jsonb, closed_at timestamptz)
), moved AS (
	UPDATE orders o SET version = i.sequence,
		updated_at = CASE i.sequence WHEN 1 THEN o.created_at ELSE statement_timestamp() END,
		display_fulfillment_status = i.after->>'displayFulfillmentStatus', fulfillment_status =
			i.after->>'fulfillmentStatus', closed_at = i.closed_at
	FROM input i WHERE o.id = $1
)
INSERT INTO order_transitions (order_id, sequence, kind, command_id, fingerprint, actor, at, reason, before, after,
	details, feed_whole)
SELECT $1, sequence, kind, command_id, fingerprint, actor, at, reason, before, after, details, true FROM input`

// selectOthers reads the order's fulfillment orders that the writer does not have itself.
const selectOthers = `SELECT snapshot FROM fulfillment_orders WHERE order_id = $1 AND id <> ALL($2::bigint[]) ORDER BY id`
