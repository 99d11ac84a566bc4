package postgres

// Each statement takes all rows of its table as one JSON array. Rows that are stored as they are meant to be are left
// out of the writing: an ON CONFLICT that changes nothing still locks the row, which is a write as well.

const lockOrder = `SELECT display_fulfillment_status, fulfillment_status, cancelled_at IS NOT NULL FROM orders WHERE id = $1 FOR NO KEY UPDATE`

// writeFulfillmentOrders answers how many rows it wrote: fewer than it was given means that a fence did not hold.
const writeFulfillmentOrders = `
WITH input AS (
	SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (id bigint, order_id bigint, order_name text, status text,
		request_status text, location_id bigint, location_name text, service_id bigint, service_name text, provider text,
		delivery_method text, fulfill_at timestamptz, fulfill_by timestamptz, accept_by timestamptz,
		deadline_missed_at timestamptz, due_at timestamptz, total integer, remaining integer, holds integer, fulfillments integer,
		expected bigint, version bigint, snapshot jsonb, created_at timestamptz, updated_at timestamptz)
), updated AS (
	UPDATE fulfillment_orders f SET status = i.status, request_status = i.request_status, location_id = i.location_id,
		location_name = i.location_name, service_id = i.service_id, service_name = i.service_name, provider = i.provider,
		delivery_method = i.delivery_method, fulfill_at = i.fulfill_at, fulfill_by = i.fulfill_by, accept_by = i.accept_by,
		deadline_missed_at = i.deadline_missed_at, due_at = i.due_at, total = i.total, remaining = i.remaining, holds = i.holds,
		fulfillments = i.fulfillments, version = i.version, snapshot = i.snapshot, updated_at = i.updated_at
	FROM input i WHERE f.id = i.id AND f.order_id = i.order_id AND f.version = i.expected AND i.expected > 0
	RETURNING f.id
), inserted AS (
	INSERT INTO fulfillment_orders (id, order_id, order_name, status, request_status, location_id, location_name,
		service_id, service_name, provider, delivery_method, fulfill_at, fulfill_by, accept_by, deadline_missed_at, due_at, total,
		remaining, holds, fulfillments, version, snapshot, created_at, updated_at)
	SELECT id, order_id, order_name, status, request_status, location_id, location_name,
		service_id, service_name, provider, delivery_method, fulfill_at, fulfill_by, accept_by, deadline_missed_at, due_at, total,
		remaining, holds, fulfillments, version, snapshot, created_at, updated_at
	FROM input WHERE expected = 0 ORDER BY id
	RETURNING id
)
SELECT (SELECT count(*) FROM updated) + (SELECT count(*) FROM inserted)`

// writeLines also removes the lines that left the fulfillment orders $2.
const writeLines = `
WITH input AS (
	SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (fulfillment_order_id bigint, id bigint, order_id bigint,
		line_item_id bigint, total integer, remaining integer, cancelled integer)
), gone AS (
	DELETE FROM fulfillment_order_line_items l WHERE l.fulfillment_order_id = ANY($2::bigint[])
		AND NOT EXISTS (SELECT FROM input i WHERE i.fulfillment_order_id = l.fulfillment_order_id AND i.id = l.id)
)
INSERT INTO fulfillment_order_line_items AS l (fulfillment_order_id, id, order_id, line_item_id, total, remaining, cancelled)
SELECT fulfillment_order_id, id, order_id, line_item_id, total, remaining, cancelled FROM input i
WHERE NOT EXISTS (SELECT FROM fulfillment_order_line_items s WHERE s.fulfillment_order_id = i.fulfillment_order_id AND s.id = i.id
	AND (s.total, s.remaining, s.cancelled) = (i.total, i.remaining, i.cancelled))
ON CONFLICT (fulfillment_order_id, id) DO UPDATE
SET total = excluded.total, remaining = excluded.remaining, cancelled = excluded.cancelled`

// writeFulfillments answers how many of the rows, after it, are the fulfillment order's own: fewer than it was given
// means that an ID belongs to another one's. New shipments are numbered over the whole order ("#1001-F1", "-F2"), which
// only the store can do: the order's row is locked.
const writeFulfillments = `
WITH input AS (
	SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (id bigint, fulfillment_order_id bigint, order_id bigint, name text,
		status text, display_status text, requires_shipping boolean, location_id bigint, service_id bigint, tracking jsonb,
		data jsonb, shipped_at timestamptz, in_transit_at timestamptz, delivered_at timestamptz,
		estimated_delivery_at timestamptz, cancelled_at timestamptz, given_up_at timestamptz, created_at timestamptz,
		updated_at timestamptz)
), foreign_owners AS (
	SELECT count(*) AS n FROM fulfillments f JOIN input i USING (id) WHERE f.fulfillment_order_id <> i.fulfillment_order_id
), numbered AS (
	SELECT i.id, o.name || '-F' || (SELECT count(*) FROM fulfillments f WHERE f.order_id = i.order_id)
		+ row_number() OVER (ORDER BY i.created_at, i.id) AS name
	FROM input i JOIN orders o ON o.id = i.order_id
	WHERE NOT EXISTS (SELECT FROM fulfillments f WHERE f.id = i.id)
), written AS (
	INSERT INTO fulfillments AS f (id, fulfillment_order_id, order_id, name, status, display_status, requires_shipping,
		location_id, service_id, tracking, data, shipped_at, in_transit_at, delivered_at, estimated_delivery_at, cancelled_at,
		given_up_at, created_at, updated_at)
	SELECT i.id, fulfillment_order_id, order_id, coalesce(n.name, i.name), status, display_status, requires_shipping,
		location_id, service_id, tracking, data, shipped_at, in_transit_at, delivered_at, estimated_delivery_at, cancelled_at,
		given_up_at, created_at, updated_at FROM input i LEFT JOIN numbered n USING (id)
	WHERE NOT EXISTS (SELECT FROM fulfillments s WHERE s.id = i.id
		AND (s.status, s.display_status, s.tracking, s.data, s.shipped_at, s.in_transit_at, s.delivered_at,
			s.estimated_delivery_at, s.cancelled_at, s.given_up_at, s.updated_at)
		IS NOT DISTINCT FROM (i.status, i.display_status, i.tracking, i.data, i.shipped_at, i.in_transit_at, i.delivered_at,
			i.estimated_delivery_at, i.cancelled_at, i.given_up_at, i.updated_at))
	ON CONFLICT (id) DO UPDATE SET status = excluded.status, display_status = excluded.display_status,
		tracking = excluded.tracking, data = excluded.data, shipped_at = excluded.shipped_at,
		in_transit_at = excluded.in_transit_at, delivered_at = excluded.delivered_at,
		estimated_delivery_at = excluded.estimated_delivery_at, cancelled_at = excluded.cancelled_at,
		given_up_at = excluded.given_up_at, updated_at = excluded.updated_at
	WHERE f.fulfillment_order_id = excluded.fulfillment_order_id
)
SELECT (SELECT count(*) FROM input) - n FROM foreign_owners`

// The units of a shipment and a carrier's news never change once they are written.
const writeFulfillmentLines = `
INSERT INTO fulfillment_line_items (fulfillment_id, id, fulfillment_order_line_item_id, line_item_id, quantity)
SELECT fulfillment_id, id, fulfillment_order_line_item_id, line_item_id, quantity
FROM jsonb_to_recordset($1::jsonb) AS t (fulfillment_id bigint, id bigint, fulfillment_order_line_item_id bigint,
	line_item_id bigint, quantity integer)
ON CONFLICT DO NOTHING`

const writeEvents = `
INSERT INTO fulfillment_events (fulfillment_id, id, status, happened_at, late, estimated_delivery_at, data, created_at)
SELECT fulfillment_id, id, status, happened_at, late, estimated_delivery_at, data, created_at
FROM jsonb_to_recordset($1::jsonb) AS t (fulfillment_id bigint, id bigint, status text, happened_at timestamptz,
	late boolean, estimated_delivery_at timestamptz, data jsonb, created_at timestamptz)
ON CONFLICT DO NOTHING`

const writeTransitions = `
INSERT INTO transitions (fulfillment_order_id, sequence, kind, command, command_id, fingerprint, actor, at, reason,
	before, after, details, topics, result)
SELECT fulfillment_order_id, sequence, kind, command, command_id, fingerprint, actor, at, reason,
	before, after, details, coalesce(topics, '{}'), result
FROM jsonb_to_recordset($1::jsonb) AS t (fulfillment_order_id bigint, sequence bigint, kind text, command text,
	command_id text, fingerprint text, actor jsonb, at timestamptz, reason text, before jsonb, after jsonb, details jsonb,
	topics text[], result jsonb)
ORDER BY fulfillment_order_id, sequence`

const writeOutbox = `
INSERT INTO outbox (order_id, fulfillment_order_id, sequence, position, topic, payload)
SELECT order_id, fulfillment_order_id, sequence, position, topic, payload
FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (order_id bigint, fulfillment_order_id bigint, sequence bigint,
	position integer, topic text, payload jsonb)) WITH ORDINALITY AS t (order_id, fulfillment_order_id, sequence,
	position, topic, payload, place)
ORDER BY place`

// writeOrderTransition moves the order's version on, sets its statuses, and appends to its history and to the outbox.
const writeOrderTransition = `
WITH input AS (
	SELECT * FROM jsonb_to_record($2::jsonb) AS t (kind text, command_id text, fingerprint text, actor jsonb,
		at timestamptz, reason text, before jsonb, after jsonb, details jsonb, topic text)
), moved AS (
	UPDATE orders o SET version = o.version + 1, updated_at = i.at,
		display_fulfillment_status = i.after->>'displayFulfillmentStatus', fulfillment_status = i.after->>'fulfillmentStatus'
	FROM input i WHERE o.id = $1 RETURNING o.version
), noted AS (
	INSERT INTO order_transitions (order_id, sequence, kind, command_id, fingerprint, actor, at, reason, before, after, details)
	SELECT $1, version, kind, command_id, fingerprint, actor, at, reason, before, after, details FROM input, moved
)
INSERT INTO outbox (order_id, sequence, position, topic, payload)
SELECT $1, version, 0, topic, jsonb_strip_nulls(jsonb_build_object('orderId', $1::bigint, 'sequence', version, 'kind', kind, 'at', at,
	'before', before, 'after', after, 'details', details))
FROM input, moved`

// selectOthers reads the order's fulfillment orders that the writer does not have itself.
const selectOthers = `SELECT snapshot FROM fulfillment_orders WHERE order_id = $1 AND id <> ALL($2::bigint[]) ORDER BY id`
