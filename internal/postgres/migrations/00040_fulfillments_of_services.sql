-- +goose Up

-- The latest shipments of a service.
CREATE INDEX fulfillments_service_idx ON fulfillments (service_id, created_at) WHERE service_id <> 0;

-- +goose Down

DROP INDEX fulfillments_service_idx;
