package postgres

import (
	"context"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
)

// unordered is by how much an event may have been committed before another one that has a lower position: positions
// are given as commits end, and times are those of when they began.
const unordered = time.Minute

// FeedBefore is the position after which the events begin that were committed at a time or later; a few among them may
// be a little older. 0: all of them were, and none is missing. It is refused with a *[fulfillment.Error], whose field
// is since, when there are no such events, or when the first of them are not kept any more.
func (s *Store) FeedBefore(ctx context.Context, since time.Time) (int64, error) {
	after, err := s.feedBefore(ctx, since)
	if _, refused := fulfillment.AsError(err); err != nil && !refused {
		err = fmt.Errorf("find a time in the feed: %w", translate(err))
	}
	return after, err
}

func (s *Store) feedBefore(ctx context.Context, since time.Time) (int64, error) {
	var oldest, newest int64
	err := s.pool.QueryRow(ctx, `SELECT oldest, position FROM feed_cursor`).Scan(&oldest, &newest)
	if err != nil {
		return 0, err
	}
	// All before low were committed long before the time, and those from high on were not.
	low, high := oldest, newest+1
	for low < high {
		middle := low + (high-low)/2
		var before bool
		err := s.pool.QueryRow(ctx, `SELECT committed_at < $2 FROM feed WHERE position = $1`, middle,
			since.Add(-unordered)).Scan(&before)
		switch {
		case err != nil:
			return 0, err
		case before:
			low = middle + 1
		default:
			high = middle
		}
	}
	var first *int64
	var firstAt *time.Time
	err = s.pool.QueryRow(ctx, `
SELECT f.position, o.committed_at FROM (SELECT $3::bigint AS position) k
LEFT JOIN LATERAL (
	SELECT position FROM feed WHERE position >= $1 AND committed_at >= $2 ORDER BY position LIMIT 1
) f ON true LEFT JOIN feed o ON o.position = k.position`, low, since, oldest).Scan(&first, &firstAt)
	switch {
	case err != nil:
		return 0, err
	case first == nil:
		return 0, refused("since", "Nothing has happened since %s.", since.Format(time.RFC3339))
	case low == oldest && oldest > 1 && firstAt != nil:
		return 0, refused("since", "The events since %s are not kept any more: the oldest is of %s. Replay what was "+
			"after %d.", since.Format(time.RFC3339), firstAt.UTC().Format(time.RFC3339), oldest-1)
	}
	return *first - 1, nil
}
