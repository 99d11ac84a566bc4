-- +goose Up

-- Secrets that subscriptions have of their own, sealed as those of apps.
CREATE TABLE webhook_secrets (
    subscription_id bigint PRIMARY KEY REFERENCES webhook_subscriptions ON DELETE CASCADE,
    current         bytea NOT NULL,
    made_at         timestamptz NOT NULL DEFAULT now(), -- the current one
    previous        bytea,                              -- the one before, as long as receivers may still check with it
    previous_until  timestamptz,
    CHECK ((previous IS NULL) = (previous_until IS NULL))
);

-- +goose Down

DROP TABLE webhook_secrets;
