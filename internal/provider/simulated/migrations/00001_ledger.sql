-- +goose Up
CREATE SCHEMA simulated_provider;

-- What the simulated system did, once per key. More than one in "effects" means that it was done twice.
CREATE TABLE simulated_provider.effects (
    key                  text PRIMARY KEY,
    kind                 text NOT NULL CHECK (kind IN ('CREATE', 'CANCEL', 'WITHDRAW', 'RETURN')),
    request_key          text NOT NULL,
    fulfillment_order_id bigint NOT NULL,
    service_id           bigint NOT NULL,
    reference            text NOT NULL,
    answer               jsonb NOT NULL,
    settings             jsonb NOT NULL,
    created_at           timestamptz NOT NULL,
    calls                integer NOT NULL DEFAULT 1 CHECK (calls >= effects),
    effects              integer NOT NULL DEFAULT 1 CHECK (effects >= 1)
);
CREATE INDEX effects_fulfillment_order ON simulated_provider.effects (fulfillment_order_id);
CREATE INDEX effects_created_at ON simulated_provider.effects (created_at, key);

-- What it is going to do by itself.
CREATE TABLE simulated_provider.schedule (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key                  text NOT NULL,
    fulfillment_order_id bigint NOT NULL,
    service_id           bigint NOT NULL,
    fulfillment_id       bigint NOT NULL,
    due_at               timestamptz NOT NULL,
    claimed_until        timestamptz NOT NULL DEFAULT '-infinity',
    attempts             integer NOT NULL DEFAULT 0,
    action               jsonb NOT NULL,
    problem              text, -- of the last attempt
    done_at              timestamptz,
    outcome              text  -- 'done', 'dropped', or the refusal
);
CREATE INDEX schedule_due ON simulated_provider.schedule (due_at, id) WHERE done_at IS NULL;
CREATE INDEX schedule_open_key ON simulated_provider.schedule (key) WHERE done_at IS NULL;

-- +goose Down
DROP SCHEMA simulated_provider CASCADE;
