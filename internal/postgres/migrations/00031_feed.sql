-- +goose Up

-- The transaction that wrote an event: so the sequencer finds what was committed since it looked, whatever else is open.
ALTER TABLE outbox ADD COLUMN txid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX outbox_txid_idx ON outbox (txid, id);
-- The transitions' primary key stops a second commit, and so a second event; here it would only be written again.
ALTER TABLE outbox DROP CONSTRAINT outbox_source_key;
-- Rows come and go.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000);

-- Every event in the order that everybody reads them in: positions are dense, and of one order they ascend as its
-- commits did. The sequencer moves events here from the outbox, which has what has no position yet.
CREATE TABLE feed (
    position             bigint NOT NULL,
    order_id             bigint NOT NULL,
    fulfillment_order_id bigint,
    sequence             bigint NOT NULL,
    place                integer NOT NULL, -- among the events of the transition
    topic                text NOT NULL,
    payload              jsonb NOT NULL,
    committed_at         timestamptz NOT NULL,
    PRIMARY KEY (position)
) PARTITION BY RANGE (position);
CREATE INDEX feed_order_id_idx ON feed (order_id, position);

-- How far the sequencer is.
CREATE TABLE feed_cursor (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0,          -- the newest there is; 0: none
    oldest   bigint NOT NULL DEFAULT 1,          -- the oldest that is kept
    seen     pg_snapshot NOT NULL DEFAULT '1:1:' -- whatever it shows is in the feed
);
INSERT INTO feed_cursor DEFAULT VALUES;

-- All events, those without a position last: ORDER BY feed_position, outbox_id.
CREATE VIEW events AS
SELECT position AS feed_position, NULL::bigint AS outbox_id, order_id, fulfillment_order_id, sequence, place, topic,
    payload, committed_at FROM feed
UNION ALL
SELECT NULL, id, order_id, fulfillment_order_id, sequence, position, topic, payload, created_at FROM outbox;

-- +goose Down

-- What is in the feed alone goes back to where it came from.
INSERT INTO outbox (order_id, fulfillment_order_id, sequence, position, topic, payload, created_at)
SELECT order_id, fulfillment_order_id, sequence, place, topic, payload, committed_at FROM feed ORDER BY position;
DROP VIEW events;
DROP TABLE feed_cursor;
DROP TABLE feed;
ALTER TABLE outbox RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold);
DROP INDEX outbox_txid_idx;
ALTER TABLE outbox DROP COLUMN txid;
ALTER TABLE outbox ADD CONSTRAINT outbox_source_key UNIQUE NULLS NOT DISTINCT (order_id, fulfillment_order_id, sequence,
    position);
