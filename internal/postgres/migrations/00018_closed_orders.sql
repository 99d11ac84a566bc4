-- +goose Up

-- Since when an order is closed, see the domain's ClosedSince; NULL: it is open. An order that a worker of the version
-- before ships whole or cancels while this is applied stays open until somebody closes it.
ALTER TABLE orders ADD COLUMN closed_at timestamptz;
UPDATE orders o SET closed_at = coalesce(
    (SELECT min(t.at) FROM order_transitions t WHERE t.order_id = o.id AND t.kind = 'CANCELLED'),
    (SELECT max(t.at) FROM order_transitions t WHERE t.order_id = o.id
        AND t.after ->> 'displayFulfillmentStatus' = 'FULFILLED'
        AND t.before ->> 'displayFulfillmentStatus' IS DISTINCT FROM 'FULFILLED'))
WHERE o.cancelled_at IS NOT NULL OR o.display_fulfillment_status = 'FULFILLED';

-- +goose Down

ALTER TABLE orders DROP COLUMN closed_at;
