-- +goose Up
-- What it has said of an effect since the call was answered, if that is another answer: a lookup gives it.
ALTER TABLE simulated_provider.effects ADD COLUMN said jsonb;
-- Of which requests a parcel has left.
CREATE INDEX schedule_left ON simulated_provider.schedule (key)
    WHERE outcome = 'done' AND action ->> 'command' = 'CreateFulfillment';

-- +goose Down
DROP INDEX simulated_provider.schedule_left;
ALTER TABLE simulated_provider.effects DROP COLUMN said;
