-- +goose Up

CREATE TABLE webhook_subscriptions (
    id                   bigint PRIMARY KEY,
    app_id               bigint NOT NULL REFERENCES apps,
    by_operator          boolean NOT NULL, -- made for the app by an operator: the app does not see it
    topic                text NOT NULL CHECK (topic <> ''), -- as in the API, FULFILLMENT_ORDERS_MOVED
    uri                  text NOT NULL CHECK (octet_length(uri) BETWEEN 1 AND 65535),
    format               text NOT NULL CHECK (format IN ('JSON', 'XML')),
    filter               text CHECK (octet_length(filter) <= 65535),
    include_fields       text[] NOT NULL,
    metafield_namespaces text[] NOT NULL,
    metafields           jsonb NOT NULL,
    name                 text CHECK (name <> ''),
    api_version          text NOT NULL,
    address              bytea NOT NULL CHECK (octet_length(address) = 32), -- SHA-256 of what no two have in common
    state                text NOT NULL DEFAULT 'ENABLED' CHECK (state IN ('ENABLED', 'PAUSED', 'DISABLED')),
    state_reason         text NOT NULL DEFAULT '',
    state_since          timestamptz NOT NULL DEFAULT clock_timestamp(),
    cursor               bigint NOT NULL DEFAULT 0 CHECK (cursor >= 0), -- the position in the feed up to which all is done
    epoch                bigint NOT NULL DEFAULT 0,                     -- of whoever may move the cursor
    created_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT webhook_subscriptions_address_key UNIQUE (app_id, by_operator, address)
);
CREATE UNIQUE INDEX webhook_subscriptions_name_key ON webhook_subscriptions (app_id, by_operator, lower(name));
CREATE INDEX webhook_subscriptions_app_idx ON webhook_subscriptions (app_id, id);

-- +goose Down

DROP TABLE webhook_subscriptions;
