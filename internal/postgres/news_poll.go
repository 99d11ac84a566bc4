package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
)

// ClaimPolls takes services of these providers that are to be asked what is new. Nobody else asks them for the time
// lease.
func (s *Store) ClaimPolls(
	ctx context.Context, providers []string, lease time.Duration, limit int,
) (claimed []news.Poll, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		claimed, err = claimPolls(ctx, tx, providers, lease, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take services to ask what is new: %w", translate(err))
	}
	return claimed, nil
}

// pollBurst is the time whose polls may be made at once, when there were none for so long: who looks now and then
// whether something is due comes to the whole rate nevertheless.
const pollBurst = 2 * time.Second

// ClaimRatedPolls is [Store.ClaimPolls] for a provider whose services may be asked so many times a second, all of them
// together and by all workers: in any time T it gives at most 1 + rate × (T + 2 s) of them.
func (s *Store) ClaimRatedPolls(
	ctx context.Context, provider string, rate float64, lease time.Duration, limit int,
) (claimed []news.Poll, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(
			ctx, `INSERT INTO poll_budgets (provider) VALUES ($1) ON CONFLICT DO NOTHING`, provider,
		); err != nil {
			return err
		}
		var allowed int // Nothing while another worker claims: it takes what there is.
		err := tx.QueryRow(ctx, `
SELECT least($4, 1 + floor($2 * extract(epoch FROM least(clock_timestamp() - free_at, make_interval(secs => $3)))))::int
FROM poll_budgets WHERE provider = $1 AND free_at <= clock_timestamp() FOR UPDATE SKIP LOCKED`,
			provider, rate, pollBurst.Seconds(), limit).Scan(&allowed)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if claimed, err = claimPolls(ctx, tx, []string{provider}, lease, allowed); err != nil || len(claimed) == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `
UPDATE poll_budgets SET free_at = greatest(free_at, clock_timestamp() - make_interval(secs => $2)) +
	make_interval(secs => $3) WHERE provider = $1`,
			provider, pollBurst.Seconds(), float64(len(claimed))/rate)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take services of %s to ask what is new: %w", provider, translate(err))
	}
	return claimed, nil
}

func claimPolls(
	ctx context.Context, tx pgx.Tx, providers []string, lease time.Duration, limit int,
) ([]news.Poll, error) {
	if _, err := tx.Exec(ctx, `
INSERT INTO news_polls (service_id, provider)
SELECT id, provider FROM services s WHERE provider = ANY ($1) AND deleted_at IS NULL
	AND NOT EXISTS (SELECT FROM news_polls p WHERE p.service_id = s.id)
ON CONFLICT DO NOTHING`, providers); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
UPDATE news_polls p SET epoch = p.epoch + 1, asked_at = clock_timestamp(),
	next_at = clock_timestamp() + make_interval(secs => $2)
FROM services s WHERE s.id = p.service_id AND p.service_id IN (
	SELECT due.service_id FROM news_polls due JOIN services of ON of.id = due.service_id
	WHERE due.next_at <= clock_timestamp() AND of.provider = ANY ($1) AND of.deleted_at IS NULL
	ORDER BY due.next_at LIMIT $3 FOR UPDATE OF due SKIP LOCKED)
RETURNING p.service_id, s.provider, s.options, p.cursor, p.epoch, p.attempts`, providers, lease.Seconds(), limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p news.Poll, err error) {
		err = row.Scan(&p.ServiceID, &p.Provider, &p.Options, &p.Cursor, &p.Epoch, &p.Attempts)
		return p, err
	})
}

// EndPoll keeps what a service has told when it was asked, and from where on it is asked the next time, after a pause:
// both or neither. [fulfillment.ErrStale] says that somebody else asks it by now, and nothing was kept.
func (s *Store) EndPoll(
	ctx context.Context, p news.Poll, told []news.Item, next string, pause time.Duration,
) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
UPDATE news_polls SET cursor = $3, attempts = 0, error = '', next_at = clock_timestamp() + make_interval(secs => $4)
WHERE service_id = $1 AND epoch = $2`, p.ServiceID, p.Epoch, clean(next), pause.Seconds())
		if err == nil && tag.RowsAffected() == 0 {
			err = fulfillment.ErrStale
		}
		if err != nil {
			return err
		}
		return keepNews(ctx, tx, told)
	})
	if err != nil {
		return fmt.Errorf("keep what service %d has told: %w", p.ServiceID, translate(err))
	}
	return nil
}

// FailPoll notes why a service did not say what is new; it is asked again after a pause.
func (s *Store) FailPoll(ctx context.Context, p news.Poll, why string, pause time.Duration) error {
	_, err := s.pool.Exec(ctx, `
UPDATE news_polls SET attempts = attempts + 1, error = $3, next_at = clock_timestamp() + make_interval(secs => $4)
WHERE service_id = $1 AND epoch = $2`, p.ServiceID, p.Epoch, clean(why), pause.Seconds())
	if err != nil {
		return fmt.Errorf("note why service %d told nothing: %w", p.ServiceID, translate(err))
	}
	return nil
}
