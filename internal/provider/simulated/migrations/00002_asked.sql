-- +goose Up
-- What a request was about, as a real service knows it from its papers: the order, and the units of its lines.
ALTER TABLE simulated_provider.effects
    ADD COLUMN order_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN units    jsonb  NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE simulated_provider.effects DROP COLUMN units, DROP COLUMN order_id;
