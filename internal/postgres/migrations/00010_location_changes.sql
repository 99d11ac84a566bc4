-- +goose Up

ALTER TABLE locations
    ADD COLUMN updated_at     timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN deactivated_at timestamptz,
    ADD COLUMN deleted_by     text NOT NULL DEFAULT '', -- ID of the command that deleted it
    ADD COLUMN added_as       text NOT NULL DEFAULT ''; -- fingerprint of what was added; '': not known
UPDATE locations SET updated_at = coalesce(deleted_at, created_at);

-- +goose Down

ALTER TABLE locations
    DROP COLUMN updated_at,
    DROP COLUMN deactivated_at,
    DROP COLUMN deleted_by,
    DROP COLUMN added_as;
