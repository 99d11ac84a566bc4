-- +goose Up

-- Attempts are noted by whoever holds the subscription's row; to look for it again for each of them took more time than
-- all the rest of writing them. They go when it goes.
ALTER TABLE webhook_attempts DROP CONSTRAINT webhook_attempts_subscription_id_fkey;
-- +goose StatementBegin
CREATE FUNCTION webhook_attempts_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM webhook_attempts WHERE subscription_id = OLD.id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER webhook_subscription_attempts_go AFTER DELETE ON webhook_subscriptions
    FOR EACH ROW EXECUTE FUNCTION webhook_attempts_go();

-- +goose Down

DROP TRIGGER webhook_subscription_attempts_go ON webhook_subscriptions;
DROP FUNCTION webhook_attempts_go;
ALTER TABLE webhook_attempts ADD CONSTRAINT webhook_attempts_subscription_id_fkey FOREIGN KEY (subscription_id)
    REFERENCES webhook_subscriptions ON DELETE CASCADE;
