-- +goose Up

-- What an app's webhooks and callbacks are signed with. Sealed: the keys are in the settings, not here.
CREATE TABLE app_secrets (
    app_id         bigint PRIMARY KEY REFERENCES apps,
    current        bytea NOT NULL,
    made_at        timestamptz NOT NULL DEFAULT now(), -- the current one
    previous       bytea,                              -- the one before, as long as receivers may still check with it
    previous_until timestamptz,
    CHECK ((previous IS NULL) = (previous_until IS NULL))
);

-- +goose Down

DROP TABLE app_secrets;
