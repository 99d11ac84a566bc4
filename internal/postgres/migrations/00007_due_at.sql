-- +goose Up

-- The earliest time at which something must happen by itself; NULL: nothing.
ALTER TABLE fulfillment_orders ADD COLUMN due_at timestamptz;
-- Of those that are there nobody knows it: the watch looks at each that is not over, and puts it right.
UPDATE fulfillment_orders f SET due_at = updated_at
WHERE status <> 'CLOSED' OR snapshot ? 'effects' OR EXISTS (SELECT FROM fulfillments s WHERE s.fulfillment_order_id = f.id
    AND s.status = 'SUCCESS' AND s.requires_shipping AND s.delivered_at IS NULL AND s.given_up_at IS NULL);
CREATE INDEX fulfillment_orders_due_at_idx ON fulfillment_orders (due_at, id) WHERE due_at IS NOT NULL;

-- +goose Down

ALTER TABLE fulfillment_orders DROP COLUMN due_at;
