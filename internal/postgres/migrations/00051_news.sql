-- +goose Up

-- What systems of fulfillment services have sent, as it came: kept for a while, and read from it.
CREATE TABLE news_deliveries (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider    text NOT NULL,
    service_id  bigint NOT NULL REFERENCES services,
    key         text NOT NULL,              -- the same when it is sent again, and no other one's
    method      text NOT NULL,
    path        text NOT NULL,
    header      jsonb NOT NULL,             -- what is needed to read it, and no secrets
    body        bytea NOT NULL,
    received_at timestamptz NOT NULL,
    times       integer NOT NULL DEFAULT 1, -- that it was sent
    state       text NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'DONE', 'REFUSED')),
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,       -- when somebody may read it; while somebody does, when others may
    reason      text NOT NULL DEFAULT '',
    CONSTRAINT news_deliveries_key UNIQUE (service_id, key)
);
CREATE INDEX news_deliveries_due_idx ON news_deliveries (next_at) WHERE state = 'PENDING';
CREATE INDEX news_deliveries_received_idx ON news_deliveries (received_at);

-- What services have told, each once, however often and in whatever way it came.
CREATE TABLE news (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider             text NOT NULL,
    service_id           bigint NOT NULL REFERENCES services,
    key                  text NOT NULL,          -- what its commands' IDs are made of
    source               text NOT NULL CHECK (source IN ('DELIVERY', 'POLL', 'ANSWER')),
    delivery_id          bigint,                 -- which may be gone; NULL: it came in another way
    about                jsonb NOT NULL,         -- as the service says it
    command              text NOT NULL,
    payload              jsonb NOT NULL,
    state                text NOT NULL CHECK (state IN ('PENDING', 'DONE', 'UNMATCHED', 'REFUSED', 'IGNORED')),
    attempts             integer NOT NULL DEFAULT 0,
    epoch                bigint NOT NULL DEFAULT 0, -- how often somebody has begun with it: the last one may note how it went
    received_at          timestamptz NOT NULL,
    refused_since        timestamptz,            -- since when it is refused by what may pass
    next_at              timestamptz,            -- when somebody may look at it; NULL: when somebody asks for it
    finished_at          timestamptz,
    code                 text NOT NULL DEFAULT '',
    reason               text NOT NULL DEFAULT '',
    alert                text NOT NULL DEFAULT '',
    after_key            text NOT NULL DEFAULT '', -- of the effect whose answer comes first
    fulfillment_order_id bigint,                 -- that it was told to; of several, the first
    targets              jsonb,                  -- all that it is told to, once that is known
    waits_for            text[] NOT NULL DEFAULT '{}', -- names of what it is about: see news_names
    CONSTRAINT news_key UNIQUE (service_id, key)
);
CREATE INDEX news_due_idx ON news (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX news_waits_for_idx ON news USING gin (waits_for) WHERE state = 'UNMATCHED';
CREATE INDEX news_unfinished_idx ON news (state, id) WHERE state <> 'DONE';
CREATE INDEX news_fulfillment_order_idx ON news (fulfillment_order_id, id) WHERE fulfillment_order_id IS NOT NULL;
CREATE INDEX news_finished_idx ON news (finished_at) WHERE finished_at IS NOT NULL;

-- What the systems of services call requests and shipments.
CREATE TABLE news_names (
    service_id           bigint NOT NULL REFERENCES services,
    name                 text NOT NULL, -- 'reference:' or 'shipment:', and what the system calls it
    fulfillment_order_id bigint NOT NULL,
    fulfillment_id       bigint,        -- of a shipment
    created_at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service_id, name, fulfillment_order_id)
);

-- Who hears of news at once.
-- +goose StatementBegin
CREATE FUNCTION news_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('packhorse_news', '');
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER news_delivery_came AFTER INSERT ON news_deliveries FOR EACH STATEMENT EXECUTE FUNCTION news_came();
CREATE TRIGGER news_came AFTER INSERT ON news FOR EACH STATEMENT EXECUTE FUNCTION news_came();

-- +goose Down

DROP TABLE news_names;
DROP TABLE news;
DROP TABLE news_deliveries;
DROP FUNCTION news_came;
