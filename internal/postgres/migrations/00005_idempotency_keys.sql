-- +goose Up

-- What an app sent under a key, and the whole answer that it got, for a day.
CREATE TABLE idempotency_keys (
    app_id      bigint NOT NULL,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL, -- of the document and its variables
    attempt     bigint NOT NULL DEFAULT 1, -- who carries it out now; an earlier one may not answer any more
    lease_until timestamptz NOT NULL, -- until then nobody else may take an unanswered one over
    answer      bytea, -- NULL while it is carried out, and after a failure
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (app_id, key)
);
CREATE INDEX idempotency_keys_expires_at_idx ON idempotency_keys (expires_at);

-- +goose Down

DROP TABLE idempotency_keys;
