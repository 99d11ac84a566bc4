-- +goose Up

CREATE TABLE apps (
    id         bigint PRIMARY KEY,
    handle     text NOT NULL UNIQUE CHECK (handle <> ''),
    name       text NOT NULL CHECK (name <> ''),
    scopes     text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tokens (
    id           bigint PRIMARY KEY,
    app_id       bigint NOT NULL REFERENCES apps,
    hash         bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32), -- SHA-256; the token itself is nowhere
    last_four    text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX tokens_app_idx ON tokens (app_id, id);

ALTER TABLE services ADD COLUMN app_id bigint REFERENCES apps; -- that made it; NULL: no app
CREATE INDEX services_app_idx ON services (app_id) WHERE app_id IS NOT NULL;

-- Gateways remember who has which token, and hear here that they have to ask again.
-- +goose StatementBegin
CREATE FUNCTION notify_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('packhorse_access', '');
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER apps_access AFTER UPDATE OR DELETE ON apps FOR EACH STATEMENT EXECUTE FUNCTION notify_access();
CREATE TRIGGER tokens_access AFTER UPDATE OF revoked_at OR DELETE ON tokens FOR EACH STATEMENT EXECUTE FUNCTION notify_access();
CREATE TRIGGER services_access AFTER INSERT OR UPDATE OF app_id OR DELETE ON services FOR EACH STATEMENT EXECUTE FUNCTION notify_access();

-- +goose Down

DROP TRIGGER services_access ON services;
ALTER TABLE services DROP COLUMN app_id;
DROP TABLE tokens, apps;
DROP FUNCTION notify_access;
