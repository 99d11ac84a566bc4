-- +goose Up

-- What services said how many units they have.
CREATE TABLE stock_levels (
    location_id bigint NOT NULL REFERENCES locations,
    sku         text NOT NULL,
    available   bigint NOT NULL CHECK (available >= 0),
    read_at     timestamptz NOT NULL,
    PRIMARY KEY (location_id, sku)
);

-- +goose Down

DROP TABLE stock_levels;
