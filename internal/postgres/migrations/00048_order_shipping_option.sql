-- +goose Up

-- How an order is to be shipped; NULL: it leaves that to the service.
ALTER TABLE orders ADD COLUMN shipping_option jsonb;

-- +goose Down

ALTER TABLE orders DROP COLUMN shipping_option;
