-- +goose Up

-- Commands that changed nothing of an order. They are no part of its history, but who sends one again gets the same
-- answer, and another command under its ID is refused.
CREATE TABLE order_unchanged (
    order_id    bigint NOT NULL REFERENCES orders,
    command_id  text NOT NULL CHECK (command_id <> ''),
    fingerprint text NOT NULL,
    closed_at   timestamptz, -- the answer to a closing: since when the order was closed
    at          timestamptz NOT NULL,
    PRIMARY KEY (order_id, command_id)
);

-- +goose Down

DROP TABLE order_unchanged;
