-- +goose Up

-- Fulfillment services that are called: who calls them, and how far it is with the feed.
CREATE TABLE service_callbacks (
    service_id  bigint PRIMARY KEY REFERENCES services ON DELETE CASCADE,
    url         text NOT NULL,               -- what service_calls is about
    cursor      bigint NOT NULL,             -- position in the feed up to which everything was seen to
    epoch       bigint NOT NULL,             -- how often somebody has begun to call it: the last one may note something
    followed_at timestamptz NOT NULL,        -- when whoever calls it has last said so
    stopped     text NOT NULL DEFAULT ''     -- why it is not called until it gets a callback URL again
);

-- How each call stands. What is not here was never to be made.
CREATE TABLE service_calls (
    service_id    bigint NOT NULL REFERENCES service_callbacks ON DELETE CASCADE,
    call          text NOT NULL CHECK (call IN
        ('FULFILLMENT_REQUEST', 'CANCELLATION_REQUEST', 'FETCH_TRACKING_NUMBERS', 'FETCH_STOCK')),
    next_at       timestamptz,               -- NULL: there is no reason to
    owed          boolean NOT NULL,          -- the next ping has something to say, whatever there is by then
    fresh         boolean NOT NULL,          -- it is another message than the last one
    number        bigint NOT NULL,           -- of the message
    position      bigint NOT NULL,           -- of the newest event that is told
    about         bigint[] NOT NULL,         -- fulfillment orders whose events are told
    repeats       integer NOT NULL,
    attempts      integer NOT NULL,          -- that have failed since the last success
    suffix        text NOT NULL,             -- of the path
    called_at     timestamptz,               -- the last attempt
    took          interval NOT NULL,
    status        integer NOT NULL,          -- of its answer; 0: there was none
    error         text NOT NULL,             -- empty: nothing was wrong
    failing_since timestamptz,
    succeeded_at  timestamptz,
    note          text NOT NULL,             -- what of the last answer was not used
    PRIMARY KEY (service_id, call)
);

-- Requests that services have not answered. What is closed keeps its request's status.
CREATE INDEX fulfillment_orders_unanswered_idx ON fulfillment_orders (service_id, id)
    WHERE service_id <> 0 AND request_status IN ('SUBMITTED', 'CANCELLATION_REQUESTED') AND status <> 'CLOSED';

-- Whoever calls a service hears of changes at once, where whoever sends webhooks does.
-- +goose StatementBegin
CREATE FUNCTION service_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('packhorse_webhooks', NEW.id::text);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER service_updated
    AFTER UPDATE OF callback_url, tracking_support, inventory_management, deleted_at ON services
    FOR EACH ROW EXECUTE FUNCTION service_changed();

-- +goose Down

DROP TRIGGER service_updated ON services;
DROP FUNCTION service_changed;
DROP INDEX fulfillment_orders_unanswered_idx;
DROP TABLE service_calls;
DROP TABLE service_callbacks;
