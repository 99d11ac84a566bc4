-- +goose Up

-- Attempts are paged by it, latest first; those of one event are found by its position.
ALTER TABLE webhook_attempts ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;
DROP INDEX webhook_attempts_subscription_idx;
CREATE UNIQUE INDEX webhook_attempts_subscription_idx ON webhook_attempts (subscription_id, id);
CREATE INDEX webhook_attempts_position_idx ON webhook_attempts (subscription_id, position, id);

-- Somebody has asked for the event again.
ALTER TABLE webhook_deliveries ADD COLUMN replay boolean NOT NULL DEFAULT false;
-- How often somebody has: whoever delivers sees by it that there are rows that it did not write.
ALTER TABLE webhook_subscriptions ADD COLUMN replays bigint NOT NULL DEFAULT 0;
DROP TRIGGER webhook_subscription_updated ON webhook_subscriptions;
CREATE TRIGGER webhook_subscription_updated
    AFTER UPDATE OF uri, format, filter, include_fields, name, api_version, state, replays ON webhook_subscriptions
    FOR EACH ROW EXECUTE FUNCTION webhook_subscription_changed();

-- +goose Down

DROP TRIGGER webhook_subscription_updated ON webhook_subscriptions;
CREATE TRIGGER webhook_subscription_updated
    AFTER UPDATE OF uri, format, filter, include_fields, name, api_version, state ON webhook_subscriptions
    FOR EACH ROW EXECUTE FUNCTION webhook_subscription_changed();
ALTER TABLE webhook_subscriptions DROP COLUMN replays;
ALTER TABLE webhook_deliveries DROP COLUMN replay;
DROP INDEX webhook_attempts_position_idx;
DROP INDEX webhook_attempts_subscription_idx;
CREATE INDEX webhook_attempts_subscription_idx ON webhook_attempts (subscription_id, at);
ALTER TABLE webhook_attempts DROP COLUMN id;
