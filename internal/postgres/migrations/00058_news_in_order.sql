-- +goose Up

-- The place of news among all that its system tells about the same request; 0: the system does not count.
ALTER TABLE news ADD COLUMN sequence bigint NOT NULL DEFAULT 0;
CREATE INDEX news_in_order_idx ON news (service_id, (about ->> 'requestKey'), sequence) WHERE sequence > 0;

-- What no command tells of yet is kept.
ALTER TABLE news DROP CONSTRAINT news_state_check;
ALTER TABLE news ADD CONSTRAINT news_state_check
    CHECK (state IN ('PENDING', 'DONE', 'UNMATCHED', 'REFUSED', 'IGNORED', 'KEPT'));

-- Whose turn it is to be told, of the news of a request that is told in order: one at a time.
CREATE TABLE news_turns (
    service_id  bigint NOT NULL REFERENCES services,
    request_key text NOT NULL,
    news_id     bigint NOT NULL,
    until       timestamptz NOT NULL, -- when another may take the turn
    PRIMARY KEY (service_id, request_key)
);

-- +goose Down

DROP TABLE news_turns;
ALTER TABLE news DROP CONSTRAINT news_state_check;
UPDATE news SET state = 'IGNORED', finished_at = now() WHERE state = 'KEPT';
ALTER TABLE news ADD CONSTRAINT news_state_check
    CHECK (state IN ('PENDING', 'DONE', 'UNMATCHED', 'REFUSED', 'IGNORED'));
DROP INDEX news_in_order_idx;
ALTER TABLE news DROP COLUMN sequence;
