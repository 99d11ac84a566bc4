-- +goose Up

-- How a subscription's receiver is called where that is not as the workers' settings say; NULL: it is.
ALTER TABLE webhook_subscriptions
    ADD COLUMN timeout_ms integer CHECK (timeout_ms BETWEEN 1000 AND 30000), -- of a whole exchange
    ADD COLUMN concurrency integer CHECK (concurrency BETWEEN 1 AND 64);     -- orders that are told at the same time
DROP TRIGGER webhook_subscription_updated ON webhook_subscriptions;
CREATE TRIGGER webhook_subscription_updated
    AFTER UPDATE OF uri, format, filter, include_fields, name, api_version, state, replays, timeout_ms, concurrency
    ON webhook_subscriptions FOR EACH ROW EXECUTE FUNCTION webhook_subscription_changed();

-- +goose Down

DROP TRIGGER webhook_subscription_updated ON webhook_subscriptions;
CREATE TRIGGER webhook_subscription_updated
    AFTER UPDATE OF uri, format, filter, include_fields, name, api_version, state, replays ON webhook_subscriptions
    FOR EACH ROW EXECUTE FUNCTION webhook_subscription_changed();
ALTER TABLE webhook_subscriptions DROP COLUMN timeout_ms, DROP COLUMN concurrency;
