-- +goose Up

-- What carriers and customs ask of a line: an order that came before says none of it.
ALTER TABLE line_items
    ADD COLUMN weight                   jsonb,
    ADD COLUMN harmonized_system_code   text NOT NULL DEFAULT '',
    ADD COLUMN country_code_of_origin   text NOT NULL DEFAULT '';

-- +goose Down

ALTER TABLE line_items DROP COLUMN weight, DROP COLUMN harmonized_system_code, DROP COLUMN country_code_of_origin;
