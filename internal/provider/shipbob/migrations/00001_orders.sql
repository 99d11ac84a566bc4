-- +goose Up
CREATE SCHEMA IF NOT EXISTS shipbob_provider;
-- What Packhorse has to remember of an order at ShipBob, because ShipBob does not tell it. Most orders have no row.
CREATE TABLE shipbob_provider.marks (
    reference text        NOT NULL, -- ShipBob's reference_id of the order
    mark      text        NOT NULL CHECK (mark IN ('pending', 'stopping')),
    made_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (reference, mark)
);
CREATE INDEX marks_made_at ON shipbob_provider.marks (made_at);

-- +goose Down
DROP TABLE shipbob_provider.marks;
DROP SCHEMA shipbob_provider;
