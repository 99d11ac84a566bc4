-- +goose Up

-- What is made appears when it is made, and not when its transaction began: that may have waited since. The times of
-- commits are written by the commits themselves; rows from before keep those of their decisions, which is the best that
-- is known of them.
ALTER TABLE services ALTER COLUMN created_at SET DEFAULT clock_timestamp();
ALTER TABLE locations ALTER COLUMN created_at SET DEFAULT clock_timestamp();
ALTER TABLE apps ALTER COLUMN created_at SET DEFAULT clock_timestamp();
ALTER TABLE tokens ALTER COLUMN created_at SET DEFAULT clock_timestamp();
ALTER TABLE outbox ALTER COLUMN created_at SET DEFAULT clock_timestamp();

-- +goose Down

ALTER TABLE outbox ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE tokens ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE apps ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE locations ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE services ALTER COLUMN created_at SET DEFAULT now();
