-- +goose Up

-- What the order's sender said of it, in digests by field: an order that comes again is compared with that, and not with
-- what the order has become since. Orders of before have only a fingerprint of another making.
ALTER TABLE orders ADD COLUMN content jsonb;

-- +goose Down

ALTER TABLE orders DROP COLUMN content;
