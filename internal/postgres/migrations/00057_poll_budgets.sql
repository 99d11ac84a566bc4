-- +goose Up

-- When the system of a provider that bears only so many calls may be asked again what is new. All workers share it.
CREATE TABLE poll_budgets (
    provider text PRIMARY KEY,
    free_at  timestamptz NOT NULL DEFAULT now()
);

-- +goose Down

DROP TABLE poll_budgets;
