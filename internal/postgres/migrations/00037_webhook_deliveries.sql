-- +goose Up

-- When somebody who delivers has last said so: one that is enabled and has been silent for long needs to be started.
ALTER TABLE webhook_subscriptions ADD COLUMN followed_at timestamptz;

-- What lies at or before a subscription's cursor and is not delivered. Everything else there was delivered, or was not
-- for the subscription.
CREATE TABLE webhook_deliveries (
    subscription_id bigint NOT NULL REFERENCES webhook_subscriptions ON DELETE CASCADE,
    position        bigint NOT NULL, -- in the feed
    order_id        bigint NOT NULL,
    event           jsonb NOT NULL,  -- what the request says beside the body
    body            bytea,           -- the same for every attempt; NULL: it could not be made
    state           text NOT NULL CHECK (state IN ('PENDING', 'DEAD')),
    attempts        integer NOT NULL,
    strikes         integer NOT NULL, -- attempts that failed while others succeeded
    next_at         timestamptz NOT NULL,
    last_error      text NOT NULL,
    PRIMARY KEY (subscription_id, position)
);

-- What became of each attempt, for people.
CREATE TABLE webhook_attempts (
    subscription_id bigint NOT NULL REFERENCES webhook_subscriptions ON DELETE CASCADE,
    position        bigint NOT NULL,
    attempt         integer NOT NULL,
    replay          boolean NOT NULL,
    at              timestamptz NOT NULL,
    took            interval NOT NULL,
    status          integer NOT NULL, -- 0: there was no answer
    error           text NOT NULL,    -- empty: it was delivered
    answer          text NOT NULL     -- its first 4 KiB
);
CREATE INDEX webhook_attempts_subscription_idx ON webhook_attempts (subscription_id, at);
CREATE INDEX webhook_attempts_at_idx ON webhook_attempts (at);

-- Whoever delivers hears of changes at once.
-- +goose StatementBegin
CREATE FUNCTION webhook_subscription_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('packhorse_webhooks', coalesce(NEW.id, OLD.id)::text);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER webhook_subscription_updated
    AFTER UPDATE OF uri, format, filter, include_fields, name, api_version, state ON webhook_subscriptions
    FOR EACH ROW EXECUTE FUNCTION webhook_subscription_changed();
CREATE TRIGGER webhook_subscription_deleted AFTER DELETE ON webhook_subscriptions
    FOR EACH ROW EXECUTE FUNCTION webhook_subscription_changed();

-- +goose Down

DROP TRIGGER webhook_subscription_deleted ON webhook_subscriptions;
DROP TRIGGER webhook_subscription_updated ON webhook_subscriptions;
DROP FUNCTION webhook_subscription_changed;
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
ALTER TABLE webhook_subscriptions DROP COLUMN followed_at;
