-- +goose Up

-- How the line reaches the customer; empty: as the order says.
ALTER TABLE line_items ADD COLUMN delivery_method text NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE line_items DROP COLUMN delivery_method;
