-- +goose Up
CREATE SCHEMA easypost_provider;

-- Requests and returns, by their idempotency keys. "ended" is the answer of one that has no labels, or has them no more.
CREATE TABLE easypost_provider.calls (
    key                  text PRIMARY KEY,
    kind                 text NOT NULL CHECK (kind IN ('REQUEST', 'RETURN')),
    fulfillment_order_id bigint NOT NULL,
    service_id           bigint NOT NULL,
    options              jsonb NOT NULL,
    notify               boolean NOT NULL,
    created_at           timestamptz NOT NULL,
    ended                jsonb
);

-- Their parcels, each with the shipment of EasyPost's whose label is bought for it.
CREATE TABLE easypost_provider.parcels (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key           text NOT NULL REFERENCES easypost_provider.calls,
    number        integer NOT NULL CHECK (number >= 1),
    service_id    bigint NOT NULL,
    units         jsonb NOT NULL,
    grams         bigint NOT NULL,
    shipment_id   text UNIQUE,
    tracking_code text,
    purchase      jsonb, -- null: not bought
    refund_status text NOT NULL DEFAULT '',
    looked_at     timestamptz NOT NULL,
    finished      boolean NOT NULL DEFAULT false,
    UNIQUE (key, number)
);
CREATE INDEX parcels_tracking_code ON easypost_provider.parcels (tracking_code) WHERE tracking_code IS NOT NULL;
CREATE INDEX parcels_due ON easypost_provider.parcels (service_id, looked_at, id)
    WHERE shipment_id IS NOT NULL AND NOT finished;

-- What was answered to cancellations, by their idempotency keys.
CREATE TABLE easypost_provider.cancellations (
    key         text PRIMARY KEY,
    request_key text NOT NULL,
    answer      jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP SCHEMA easypost_provider CASCADE;
