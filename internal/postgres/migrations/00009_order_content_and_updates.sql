-- +goose Up

-- What the order's sender said of it, in digests by field: an order that comes again is compared with that, and not with
-- what the order has become since. Orders of before have only a fingerprint of another making.
ALTER TABLE orders ADD COLUMN content jsonb;

-- How many updates the order has had.
ALTER TABLE orders ADD COLUMN updates integer NOT NULL DEFAULT 0;

-- What updates of orders have changed: only those fields, before and after. Personal data, and so apart from the history,
-- which the feed is made of. A fulfillment order that still goes where its order went names an update: it goes to the
-- address before that.
CREATE TABLE order_updates (
    order_id bigint NOT NULL REFERENCES orders,
    number   integer NOT NULL CHECK (number > 0),
    before   jsonb NOT NULL,
    after    jsonb NOT NULL,
    PRIMARY KEY (order_id, number)
);

-- +goose Down

DROP TABLE order_updates;
ALTER TABLE orders DROP COLUMN updates;
ALTER TABLE orders DROP COLUMN content;
