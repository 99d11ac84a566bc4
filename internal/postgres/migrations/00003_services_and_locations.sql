-- +goose Up

ALTER TABLE services
    ADD COLUMN callback_url             text NOT NULL DEFAULT '',
    ADD COLUMN tracking_support         boolean NOT NULL DEFAULT false,
    ADD COLUMN inventory_management     boolean NOT NULL DEFAULT false,
    ADD COLUMN requires_shipping_method boolean NOT NULL DEFAULT true,
    ADD COLUMN deleted_at               timestamptz,
    ADD COLUMN deleted_by               text NOT NULL DEFAULT '', -- ID of the command that deleted it
    DROP CONSTRAINT services_handle_key;
DROP INDEX services_name_key;
-- A deleted service leaves its name and handle to others.
CREATE UNIQUE INDEX services_handle_key ON services (handle) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX services_name_key ON services (lower(name)) WHERE deleted_at IS NULL;

ALTER TABLE locations
    ADD COLUMN address1               text NOT NULL DEFAULT '',
    ADD COLUMN address2               text NOT NULL DEFAULT '',
    ADD COLUMN province_code          text NOT NULL DEFAULT '',
    ADD COLUMN zip                    text NOT NULL DEFAULT '',
    ADD COLUMN phone                  text NOT NULL DEFAULT '',
    ADD COLUMN fulfills_online_orders boolean NOT NULL DEFAULT true,
    ADD COLUMN deleted_at             timestamptz,
    ADD CONSTRAINT locations_deleted CHECK (deleted_at IS NULL OR NOT active AND NOT is_default);
CREATE INDEX locations_name_idx ON locations (lower(name), id);
CREATE INDEX locations_created_at_idx ON locations (created_at, id);

-- +goose Down

-- What was deleted has given its name and handle away; nothing refers to its rows.
DELETE FROM locations WHERE deleted_at IS NOT NULL;
DELETE FROM services WHERE deleted_at IS NOT NULL;

DROP INDEX locations_name_idx, locations_created_at_idx;
ALTER TABLE locations
    DROP COLUMN address1,
    DROP COLUMN address2,
    DROP COLUMN province_code,
    DROP COLUMN zip,
    DROP COLUMN phone,
    DROP COLUMN fulfills_online_orders,
    DROP COLUMN deleted_at;

DROP INDEX services_name_key, services_handle_key;
ALTER TABLE services
    DROP COLUMN callback_url,
    DROP COLUMN tracking_support,
    DROP COLUMN inventory_management,
    DROP COLUMN requires_shipping_method,
    DROP COLUMN deleted_at,
    DROP COLUMN deleted_by,
    ADD CONSTRAINT services_handle_key UNIQUE (handle);
CREATE UNIQUE INDEX services_name_key ON services (lower(name));
