-- +goose Up

CREATE TABLE services (
    id            bigint PRIMARY KEY,
    name          text NOT NULL CHECK (name <> ''),
    handle        text NOT NULL UNIQUE,
    provider      text NOT NULL,
    options       jsonb,
    accept_within interval NOT NULL DEFAULT '0' CHECK (accept_within >= interval '0'),
    accept_policy text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX services_name_key ON services (lower(name));

CREATE TABLE locations (
    id           bigint PRIMARY KEY,
    name         text NOT NULL CHECK (name <> ''),
    country_code text NOT NULL DEFAULT '',
    city         text NOT NULL DEFAULT '',
    active       boolean NOT NULL,
    priority     integer NOT NULL,
    is_default   boolean NOT NULL,
    stocks_all   boolean NOT NULL,
    skus         text[] NOT NULL DEFAULT '{}',
    service_id   bigint UNIQUE REFERENCES services,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX locations_default_key ON locations (is_default) WHERE is_default;

CREATE TABLE orders (
    id                         bigint PRIMARY KEY,
    name                       text NOT NULL,
    source_identifier          text UNIQUE,
    fingerprint                text NOT NULL, -- of the content, to tell a repeated order from another one
    version                    bigint NOT NULL DEFAULT 0, -- the number of order_transitions
    display_fulfillment_status text NOT NULL DEFAULT '',
    fulfillment_status         text NOT NULL DEFAULT '',
    processed_at               timestamptz,
    email                      text NOT NULL DEFAULT '',
    phone                      text NOT NULL DEFAULT '',
    note                       text NOT NULL DEFAULT '',
    tags                       text[] NOT NULL DEFAULT '{}',
    currency_code              text NOT NULL DEFAULT '',
    shipping_address           jsonb,
    delivery_method            text NOT NULL DEFAULT '',
    fulfill_at                 timestamptz,
    fulfill_by                 timestamptz,
    delivery_timeout           interval NOT NULL DEFAULT '0',
    metadata                   jsonb,
    cancelled_at               timestamptz,
    cancel_reason              text NOT NULL DEFAULT '',
    created_at                 timestamptz NOT NULL,
    updated_at                 timestamptz NOT NULL
);
CREATE INDEX orders_name_idx ON orders (name, id);
CREATE INDEX orders_display_fulfillment_status_idx ON orders (display_fulfillment_status, id);
CREATE INDEX orders_fulfillment_status_idx ON orders (fulfillment_status, id);

CREATE TABLE line_items (
    order_id          bigint NOT NULL REFERENCES orders,
    id                bigint NOT NULL,
    position          integer NOT NULL,
    title             text NOT NULL,
    sku               text NOT NULL DEFAULT '',
    quantity          integer NOT NULL, -- ever ordered
    current_quantity  integer NOT NULL, -- without what order edits took away
    requires_shipping boolean NOT NULL,
    unit_price        numeric,
    location_id       bigint NOT NULL DEFAULT 0, -- what the order asked for; 0: nothing
    fulfill_at        timestamptz,
    fulfill_by        timestamptz,
    metadata          jsonb,
    PRIMARY KEY (order_id, id),
    CONSTRAINT line_items_quantities CHECK (0 <= current_quantity AND current_quantity <= quantity)
);

-- The history of an order as a whole. That of its units is in transitions.
CREATE TABLE order_transitions (
    order_id    bigint NOT NULL REFERENCES orders,
    sequence    bigint NOT NULL CHECK (sequence > 0),
    kind        text NOT NULL,
    command_id  text NOT NULL DEFAULT '',
    fingerprint text NOT NULL DEFAULT '',
    actor       jsonb NOT NULL,
    at          timestamptz NOT NULL,
    reason      text NOT NULL DEFAULT '',
    before      jsonb,
    after       jsonb NOT NULL,
    details     jsonb,
    PRIMARY KEY (order_id, sequence)
);
CREATE UNIQUE INDEX order_transitions_command_key ON order_transitions (order_id, command_id) WHERE command_id <> '';

CREATE TABLE fulfillment_orders (
    id                 bigint PRIMARY KEY,
    order_id           bigint NOT NULL REFERENCES orders,
    order_name         text NOT NULL,
    status             text NOT NULL CHECK (status IN
        ('SCHEDULED', 'OPEN', 'ON_HOLD', 'IN_PROGRESS', 'INCOMPLETE', 'CANCELLED', 'CLOSED')),
    request_status     text NOT NULL CHECK (request_status IN
        ('UNSUBMITTED', 'SUBMITTED', 'ACCEPTED', 'REJECTED', 'CANCELLATION_REQUESTED', 'CANCELLATION_ACCEPTED',
         'CANCELLATION_REJECTED', 'CLOSED')),
    location_id        bigint NOT NULL,
    location_name      text NOT NULL,
    service_id         bigint NOT NULL DEFAULT 0, -- 0: the merchant's own location
    service_name       text NOT NULL DEFAULT '',
    provider           text NOT NULL DEFAULT '',
    delivery_method    text NOT NULL,
    fulfill_at         timestamptz,
    fulfill_by         timestamptz,
    accept_by          timestamptz,
    deadline_missed_at timestamptz,
    total              integer NOT NULL, -- units
    remaining          integer NOT NULL, -- units not shipped yet
    holds              integer NOT NULL DEFAULT 0,
    fulfillments       integer NOT NULL DEFAULT 0, -- not cancelled ones
    version            bigint NOT NULL CHECK (version > 0), -- the sequence of the last transition
    snapshot           jsonb NOT NULL,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    CONSTRAINT fulfillment_orders_quantities CHECK (0 <= remaining AND remaining <= total)
);
CREATE INDEX fulfillment_orders_order_idx ON fulfillment_orders (order_id, id);
CREATE INDEX fulfillment_orders_status_idx ON fulfillment_orders (status, id);
CREATE INDEX fulfillment_orders_request_status_idx ON fulfillment_orders (request_status, id);
CREATE INDEX fulfillment_orders_location_idx ON fulfillment_orders (location_id, id);
CREATE INDEX fulfillment_orders_service_idx ON fulfillment_orders (service_id, id) WHERE service_id <> 0;
CREATE INDEX fulfillment_orders_provider_idx ON fulfillment_orders (provider, id) WHERE provider <> '';
CREATE INDEX fulfillment_orders_fulfill_by_idx ON fulfillment_orders (fulfill_by, id) WHERE remaining > 0;
CREATE INDEX fulfillment_orders_updated_at_idx ON fulfillment_orders (updated_at, id);
CREATE INDEX fulfillment_orders_open_idx ON fulfillment_orders (status) WHERE status <> 'CLOSED';

CREATE TABLE fulfillment_order_line_items (
    fulfillment_order_id bigint NOT NULL REFERENCES fulfillment_orders,
    id                   bigint NOT NULL,
    order_id             bigint NOT NULL,
    line_item_id         bigint NOT NULL,
    total                integer NOT NULL,
    remaining            integer NOT NULL,
    cancelled            integer NOT NULL,
    PRIMARY KEY (fulfillment_order_id, id),
    FOREIGN KEY (order_id, line_item_id) REFERENCES line_items,
    CONSTRAINT fulfillment_order_line_items_quantities CHECK (0 <= remaining AND remaining <= total AND 0 <= cancelled)
);
CREATE INDEX fulfillment_order_line_items_order_idx ON fulfillment_order_line_items (order_id, line_item_id);

CREATE TABLE fulfillments (
    id                    bigint PRIMARY KEY,
    fulfillment_order_id  bigint NOT NULL REFERENCES fulfillment_orders,
    order_id              bigint NOT NULL,
    name                  text NOT NULL,
    status                text NOT NULL,
    display_status        text NOT NULL,
    requires_shipping     boolean NOT NULL,
    location_id           bigint NOT NULL,
    service_id            bigint NOT NULL,
    tracking              jsonb,
    data                  jsonb, -- message, origin address and whether to notify the customer
    shipped_at            timestamptz, -- the carrier's first news that it has the parcel
    in_transit_at         timestamptz,
    delivered_at          timestamptz,
    estimated_delivery_at timestamptz,
    cancelled_at          timestamptz,
    given_up_at           timestamptz,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL
);
CREATE INDEX fulfillments_order_idx ON fulfillments (order_id, id);
CREATE INDEX fulfillments_fulfillment_order_idx ON fulfillments (fulfillment_order_id, id);

CREATE TABLE fulfillment_line_items (
    fulfillment_id                 bigint NOT NULL REFERENCES fulfillments,
    id                             bigint NOT NULL,
    fulfillment_order_line_item_id bigint NOT NULL,
    line_item_id                   bigint NOT NULL,
    quantity                       integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (fulfillment_id, id)
);

CREATE TABLE fulfillment_events (
    fulfillment_id        bigint NOT NULL REFERENCES fulfillments,
    id                    bigint NOT NULL,
    status                text NOT NULL,
    happened_at           timestamptz NOT NULL,
    late                  boolean NOT NULL,
    estimated_delivery_at timestamptz,
    data                  jsonb NOT NULL, -- the whole event, with message and place
    created_at            timestamptz NOT NULL,
    PRIMARY KEY (fulfillment_id, id)
);

CREATE TABLE transitions (
    fulfillment_order_id bigint NOT NULL REFERENCES fulfillment_orders,
    sequence             bigint NOT NULL CHECK (sequence > 0),
    kind                 text NOT NULL,
    command              text NOT NULL DEFAULT '',
    command_id           text NOT NULL DEFAULT '',
    fingerprint          text NOT NULL DEFAULT '',
    actor                jsonb NOT NULL,
    at                   timestamptz NOT NULL,
    reason               text NOT NULL DEFAULT '',
    before               jsonb,
    after                jsonb NOT NULL,
    details              jsonb,
    topics               text[] NOT NULL DEFAULT '{}',
    result               jsonb, -- the answer, on the last transition of a command
    PRIMARY KEY (fulfillment_order_id, sequence)
);
-- A command may make several transitions, and a refused one may be sent again: only its answer is unique.
CREATE UNIQUE INDEX transitions_command_key ON transitions (fulfillment_order_id, command_id)
    WHERE command_id <> '' AND result IS NOT NULL;

-- Events for others, in the order of id within one order. Rows of fulfillment_order_id NULL are about the order itself.
CREATE TABLE outbox (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id             bigint NOT NULL,
    fulfillment_order_id bigint,
    sequence             bigint NOT NULL,
    position             integer NOT NULL,
    topic                text NOT NULL,
    payload              jsonb NOT NULL,
    created_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT outbox_source_key UNIQUE NULLS NOT DISTINCT (order_id, fulfillment_order_id, sequence, position)
);

-- +goose Down

DROP TABLE outbox, transitions, fulfillment_events, fulfillment_line_items, fulfillments, fulfillment_order_line_items,
    fulfillment_orders, order_transitions, line_items, orders, locations, services;
