-- +goose Up

-- What changed since somebody looked last, of one status. It also counts the statuses, as the one that it replaces.
CREATE INDEX fulfillment_orders_status_updated_idx ON fulfillment_orders (status, updated_at, id) WHERE status <> 'CLOSED';
DROP INDEX fulfillment_orders_open_idx;

-- +goose Down

CREATE INDEX fulfillment_orders_open_idx ON fulfillment_orders (status) WHERE status <> 'CLOSED';
DROP INDEX fulfillment_orders_status_updated_idx;
