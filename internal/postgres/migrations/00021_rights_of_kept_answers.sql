-- +goose Up

-- The rights that an answer kept under a key rests on, for whoever is to get it again; NULL: nobody noted them. And for
-- how long it is kept, where that is shorter than the key is remembered: it tells something of a person.
ALTER TABLE idempotency_keys ADD COLUMN grounds jsonb, ADD COLUMN answer_until timestamptz;
CREATE INDEX idempotency_keys_answer_until_idx ON idempotency_keys (answer_until) WHERE answer_until IS NOT NULL;

-- +goose Down

DROP INDEX idempotency_keys_answer_until_idx;
ALTER TABLE idempotency_keys DROP COLUMN grounds, DROP COLUMN answer_until;
