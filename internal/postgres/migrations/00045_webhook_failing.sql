-- +goose Up

-- Whether the receiver fails throughout and is only probed, as far as whoever delivers has said last.
ALTER TABLE webhook_subscriptions ADD COLUMN failing boolean NOT NULL DEFAULT false;

-- +goose Down

ALTER TABLE webhook_subscriptions DROP COLUMN failing;
