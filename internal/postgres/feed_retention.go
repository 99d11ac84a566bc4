package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// feedPatience is how long to drop a partition may wait for readers, and keep later readers waiting behind it.
const feedPatience = 500 * time.Millisecond

// FeedWaiting tells how many events have no position yet, counted up to a thousand, and how old the oldest is.
func (s *Store) FeedWaiting(ctx context.Context) (events int, oldest time.Duration, err error) {
	var seconds float64
	err = s.pool.QueryRow(ctx, `
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8
FROM (SELECT created_at FROM outbox ORDER BY id LIMIT 1000) o`).Scan(&events, &seconds)
	if err != nil {
		return 0, 0, fmt.Errorf("count the events without a position: %w", translate(err))
	}
	return events, time.Duration(seconds * float64(time.Second)), nil
}

// TrimFeed drops the oldest partition of the feed if all of its events are older than the retention, and tells whether
// it did: then there may be another. One that somebody reads at the moment is left for the next time.
func (s *Store) TrimFeed(ctx context.Context, retention time.Duration) (dropped bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var from int64
		err := tx.QueryRow(ctx, `
SELECT oldest / $1::bigint * $1::bigint FROM feed_cursor
WHERE oldest / $1::bigint < (position + 1) / $1::bigint AND clock_timestamp() - make_interval(secs => $2) > (
	SELECT committed_at FROM feed WHERE position < (oldest / $1::bigint + 1) * $1::bigint ORDER BY position DESC LIMIT 1)`,
			int64(feedPartition), retention.Seconds()).Scan(&from)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		// Nobody gives positions meanwhile; after a jump, partitions in between may never have been made.
		for _, statement := range []string{
			lockFeed,
			fmt.Sprintf("SET LOCAL lock_timeout = %d", feedPatience.Milliseconds()),
			fmt.Sprintf("DROP TABLE IF EXISTS feed_%d", from),
			`UPDATE feed_cursor SET oldest = coalesce((SELECT min(position) FROM feed), position + 1)`,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		dropped = true
		return nil
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == lockNotAvailable {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("drop old events: %w", translate(err))
	}
	return dropped, nil
}
