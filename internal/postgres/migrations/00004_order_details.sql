-- +goose Up

ALTER TABLE orders
    ADD COLUMN test              boolean NOT NULL DEFAULT false,
    ADD COLUMN custom_attributes jsonb,
    ADD COLUMN transactions      jsonb;

ALTER TABLE line_items
    ADD COLUMN variant_title     text NOT NULL DEFAULT '',
    ADD COLUMN vendor            text NOT NULL DEFAULT '',
    ADD COLUMN taxable           boolean,
    ADD COLUMN tax_lines         jsonb,
    ADD COLUMN custom_attributes jsonb;

-- The names of orders that come without one: "#1001", "#1002". Gaps are fine.
CREATE SEQUENCE order_names START 1001;

-- What somebody is about to change about an order.
CREATE TABLE edit_sessions (
    id           bigint PRIMARY KEY,
    order_id     bigint NOT NULL REFERENCES orders,
    app          text NOT NULL DEFAULT '',
    version      bigint NOT NULL DEFAULT 1, -- of the changes
    changes      jsonb NOT NULL DEFAULT '{}',
    committed_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX edit_sessions_order_idx ON edit_sessions (order_id, id);

-- Lists of the orders, in each of the ways in which they can be sorted.
CREATE INDEX orders_processed_at_idx ON orders (coalesce(processed_at, created_at), id);
CREATE INDEX orders_created_at_idx ON orders (created_at, id);
CREATE INDEX orders_updated_at_idx ON orders (updated_at, id);

-- Lists of the fulfillment orders leave closed ones out, which become the most by far.
CREATE INDEX fulfillment_orders_unclosed_idx ON fulfillment_orders (id) WHERE status <> 'CLOSED';
CREATE INDEX fulfillment_orders_unclosed_updated_idx ON fulfillment_orders (updated_at, id) WHERE status <> 'CLOSED';
CREATE INDEX fulfillment_orders_location_unclosed_idx ON fulfillment_orders (location_id, id) WHERE status <> 'CLOSED';
CREATE INDEX fulfillment_orders_location_updated_idx ON fulfillment_orders (location_id, updated_at, id) WHERE status <> 'CLOSED';
CREATE INDEX fulfillment_orders_service_unclosed_idx ON fulfillment_orders (service_id, id) WHERE status <> 'CLOSED';
CREATE INDEX fulfillment_orders_service_updated_idx ON fulfillment_orders (service_id, updated_at, id) WHERE status <> 'CLOSED';
-- What a fulfillment service polls: what it was asked for, or is to stop.
CREATE INDEX fulfillment_orders_assigned_idx ON fulfillment_orders (service_id, request_status, id)
    WHERE status <> 'CLOSED' AND service_id <> 0;

-- The same for texts that are searched in any case, and by their start.
CREATE INDEX orders_lower_name_idx ON orders (lower(name) text_pattern_ops);
CREATE INDEX orders_lower_email_idx ON orders (lower(email) text_pattern_ops);

-- Finding what belongs to what, by the ID of the part alone.
CREATE INDEX line_items_id_idx ON line_items (id);
CREATE INDEX fulfillment_order_line_items_id_idx ON fulfillment_order_line_items (id);
CREATE INDEX fulfillment_line_items_id_idx ON fulfillment_line_items (id);
CREATE INDEX fulfillment_events_id_idx ON fulfillment_events (id);
CREATE INDEX fulfillment_orders_holds_idx ON fulfillment_orders USING gin ((snapshot -> 'fulfillmentHolds') jsonb_path_ops)
    WHERE holds > 0;
CREATE INDEX fulfillment_orders_merchant_requests_idx ON fulfillment_orders
    USING gin ((snapshot -> 'merchantRequests') jsonb_path_ops) WHERE snapshot ? 'merchantRequests';

-- +goose Down

DROP INDEX fulfillment_orders_merchant_requests_idx, fulfillment_orders_holds_idx, fulfillment_events_id_idx,
    fulfillment_line_items_id_idx, fulfillment_order_line_items_id_idx, line_items_id_idx, orders_lower_email_idx,
    orders_lower_name_idx, fulfillment_orders_assigned_idx, fulfillment_orders_service_updated_idx,
    fulfillment_orders_service_unclosed_idx, fulfillment_orders_location_updated_idx,
    fulfillment_orders_location_unclosed_idx, fulfillment_orders_unclosed_updated_idx, fulfillment_orders_unclosed_idx,
    orders_updated_at_idx, orders_created_at_idx, orders_processed_at_idx;
DROP TABLE edit_sessions;
DROP SEQUENCE order_names;
ALTER TABLE line_items DROP COLUMN variant_title, DROP COLUMN vendor, DROP COLUMN taxable, DROP COLUMN tax_lines,
    DROP COLUMN custom_attributes;
ALTER TABLE orders DROP COLUMN test, DROP COLUMN custom_attributes, DROP COLUMN transactions;
