-- +goose Up

-- What comes back.
CREATE TABLE returns (
    id         bigint PRIMARY KEY,
    order_id   bigint NOT NULL REFERENCES orders,
    number     integer NOT NULL CHECK (number > 0), -- over the order, declined ones counted, as in the name
    name       text NOT NULL,
    status     text NOT NULL CHECK (status IN ('REQUESTED', 'OPEN', 'CLOSED', 'DECLINED', 'CANCELED')),
    due_at     timestamptz, -- when its workflow has something to do by itself; NULL: never
    version    bigint NOT NULL CHECK (version > 0), -- the sequence of the last transition
    snapshot   jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT returns_number_key UNIQUE (order_id, number)
);
CREATE INDEX returns_created_at_idx ON returns (created_at, id);
CREATE INDEX returns_status_idx ON returns (status, created_at, id);
CREATE INDEX returns_name_idx ON returns (name, id);
CREATE INDEX returns_due_at_idx ON returns (due_at) WHERE due_at IS NOT NULL;

-- Which return a line, a reverse fulfillment order, a parcel or a disposition is of. Parts that are gone are known, too.
CREATE TABLE return_parts (
    id        bigint PRIMARY KEY,
    return_id bigint NOT NULL REFERENCES returns
);

CREATE TABLE return_transitions (
    return_id   bigint NOT NULL REFERENCES returns,
    sequence    bigint NOT NULL CHECK (sequence > 0),
    kind        text NOT NULL,
    command     text NOT NULL DEFAULT '',
    command_id  text NOT NULL DEFAULT '',
    fingerprint text NOT NULL DEFAULT '',
    actor       jsonb NOT NULL,
    at          timestamptz NOT NULL,
    reason      text NOT NULL DEFAULT '',
    before      jsonb,
    after       jsonb NOT NULL,
    details     jsonb,
    topics      text[] NOT NULL DEFAULT '{}',
    result      jsonb, -- the answer, on the last transition of a command
    PRIMARY KEY (return_id, sequence)
);
CREATE UNIQUE INDEX return_transitions_command_key ON return_transitions (return_id, command_id)
    WHERE command_id <> '' AND result IS NOT NULL;

-- What follows from an order's returns: what it shows, and how many units of its lines are back (by line ID; NULL: none).
ALTER TABLE orders ADD COLUMN return_status text NOT NULL DEFAULT 'NO_RETURN', ADD COLUMN returned jsonb;
CREATE INDEX orders_return_status_idx ON orders (return_status, id) WHERE return_status <> 'NO_RETURN';

-- +goose Down

DELETE FROM outbox WHERE payload ? 'returnId';
DELETE FROM feed WHERE payload ? 'returnId';
ALTER TABLE orders DROP COLUMN returned, DROP COLUMN return_status;
DROP TABLE return_transitions, return_parts, returns;
