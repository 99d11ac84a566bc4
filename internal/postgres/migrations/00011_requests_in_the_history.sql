-- +goose Up

-- Finding a merchant request by its ID when the snapshot keeps only the last ones.
CREATE INDEX transitions_merchant_request_idx ON transitions ((details -> 'merchantRequest' ->> 'id'))
    WHERE kind IN ('FULFILLMENT_REQUESTED', 'CANCELLATION_REQUESTED');

-- +goose Down

DROP INDEX transitions_merchant_request_idx;
