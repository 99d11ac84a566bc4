-- +goose Up

-- Services that are asked what is new, and how far that is.
CREATE TABLE news_polls (
    service_id bigint PRIMARY KEY REFERENCES services ON DELETE CASCADE,
    provider   text NOT NULL,
    cursor     text NOT NULL DEFAULT '',  -- the provider's; empty: it was never asked
    epoch      bigint NOT NULL DEFAULT 0, -- how often somebody has begun to ask: the last one may note what came
    next_at    timestamptz NOT NULL DEFAULT now(), -- while somebody asks, when others may
    attempts   integer NOT NULL DEFAULT 0, -- that have failed since the last success
    asked_at   timestamptz,
    error      text NOT NULL DEFAULT ''
);
CREATE INDEX news_polls_due_idx ON news_polls (next_at);

-- +goose Down

DROP TABLE news_polls;
