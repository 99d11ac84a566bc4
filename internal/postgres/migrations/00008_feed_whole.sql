-- +goose Up

-- Whether every event that the transition yields is in the outbox: one for each topic, or one without a topic. Of what
-- was written before, those without a topic are missing, and some topics of orders.
ALTER TABLE transitions ADD COLUMN feed_whole boolean NOT NULL DEFAULT false;
ALTER TABLE order_transitions ADD COLUMN feed_whole boolean NOT NULL DEFAULT false;

-- +goose Down

ALTER TABLE transitions DROP COLUMN feed_whole;
ALTER TABLE order_transitions DROP COLUMN feed_whole;
