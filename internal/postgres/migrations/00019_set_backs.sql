-- +goose Up

-- How far the database has come, for the watch: the same is kept in Temporal, and when the database is not as far, it
-- was set back to an older state.
CREATE TABLE database_mark (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    database_id uuid NOT NULL,
    mark        bigint NOT NULL,
    marked_at   timestamptz NOT NULL,
    set_backs   bigint NOT NULL DEFAULT 0 -- how often it was set back
);

-- Each time that the database was found to have been set back, or that it may have been.
CREATE TABLE set_backs (
    number     bigint PRIMARY KEY,
    found_at   timestamptz NOT NULL,
    why        text NOT NULL,
    lost_since timestamptz, -- what was committed after this may be lost; NULL: nobody knows
    swept_at   timestamptz, -- when everything had been looked at; NULL: it is not yet
    looked     bigint NOT NULL DEFAULT 0, -- workflows
    lost       bigint NOT NULL DEFAULT 0  -- of them, those that had lost something
);

-- What was lost by it, see the domain's Loss.
CREATE TABLE losses (
    order_id             bigint NOT NULL,
    fulfillment_order_id bigint NOT NULL, -- 0: the order itself
    to_sequence          bigint NOT NULL, -- 0: the order itself
    from_sequence        bigint NOT NULL,
    kind                 text NOT NULL CHECK (kind IN ('RESTORED', 'ENDED', 'ORDER')),
    order_name           text NOT NULL,
    found_at             timestamptz NOT NULL,
    lost                 jsonb NOT NULL, -- a SetBack
    PRIMARY KEY (order_id, fulfillment_order_id, to_sequence)
);
CREATE INDEX losses_fulfillment_order_id_idx ON losses (fulfillment_order_id);

-- Calls to providers that may have been made in the lost time, see the domain's Asked. They are looked up before
-- anything else is asked for the same order.
CREATE TABLE lost_calls (
    key                  text PRIMARY KEY,
    order_id             bigint NOT NULL,
    fulfillment_order_id bigint NOT NULL,
    call                 jsonb NOT NULL,
    found_at             timestamptz NOT NULL,
    claimed_by           text NOT NULL DEFAULT '' -- key of the effect that what the provider has was taken for
);
CREATE INDEX lost_calls_order_id_idx ON lost_calls (order_id);

-- +goose Down

DROP TABLE lost_calls;
DROP TABLE losses;
DROP TABLE set_backs;
DROP TABLE database_mark;
