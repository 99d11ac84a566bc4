package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// maxReplays is how many events of a subscription may wait that somebody has asked for again.
const maxReplays = 10_000

// Replay has events delivered again: those of a subscription's topic in a range of positions that it has passed, its
// dead letters among them. Dead letters are told in the same bytes, whatever the feed still has; bodies of the others
// are made again. The error is a *[fulfillment.Error] when there are none, or more than may wait, and
// [fulfillment.ErrNotFound] when there is no such subscription.
func (s *Store) Replay(ctx context.Context, id fulfillment.ID, r webhook.Replay) (webhook.Replayed, error) {
	var done webhook.Replayed
	events, err := s.toReplay(ctx, id, r)
	if err == nil {
		err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			done, err = replay(ctx, tx, id, r, events)
			return err
		})
	}
	if err != nil {
		if _, ok := fulfillment.AsError(err); ok {
			return webhook.Replayed{}, err
		}
		return webhook.Replayed{}, fmt.Errorf("replay for webhook subscription %d: %w", id, translate(err))
	}
	return done, nil
}

// toReplay reads from the feed what is asked for. Nobody waits for it: a cursor only goes on.
func (s *Store) toReplay(ctx context.Context, id fulfillment.ID, r webhook.Replay) ([]webhook.Event, error) {
	var topic webhook.Topic
	var cursor, oldest, newest int64
	err := s.pool.QueryRow(ctx, `
SELECT s.topic, s.cursor, f.oldest, f.position FROM webhook_subscriptions s CROSS JOIN feed_cursor f WHERE s.id = $1`, id).
		Scan(&topic, &cursor, &oldest, &newest)
	if err != nil {
		return nil, err
	}
	if r.After >= cursor {
		return nil, notReplayed(
			"after", "The subscription has been told nothing after position %d yet: it is at %d.", r.After, cursor,
		)
	}
	if r.Until <= r.After {
		return nil, notReplayed("until", "Position %d does not come after %d.", r.Until, r.After)
	}
	if r.After > 0 && r.After < oldest-1 && r.Until > r.After+1 {
		return nil, notReplayed("after", "The events after position %d are not kept any more: the oldest has %d. "+
			"Replay after %d, and dead letters before it one by one.", r.After, oldest, oldest-1)
	}
	until := min(r.Until, cursor, newest) // The database may have been set back.
	var events []webhook.Event
	for after := max(r.After, oldest-1); after < until; {
		page, err := s.Feed(ctx, FeedQuery{After: after, Topics: []string{topic.Wire()}})
		var gone *FeedGoneError
		if errors.As(err, &gone) && gone.Oldest-1 > after {
			after = gone.Oldest - 1 // It went while this was read.
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			if e.OrderID == 0 || e.Position > until {
				continue
			}
			if events = append(events, e.Told(nil)); len(events) > maxReplays {
				return nil, notReplayed("until", "There are more than %d events: replay up to position %d, and when "+
					"they are told go on after it.", maxReplays, events[maxReplays-1].Position)
			}
		}
		after = page.Next
	}
	return events, nil
}

// replay writes rows for events, and has dead letters told again.
func replay(
	ctx context.Context, tx pgx.Tx, id fulfillment.ID, r webhook.Replay, events []webhook.Event,
) (done webhook.Replayed, err error) {
	var cursor int64 // Whoever delivers notes nothing meanwhile.
	err = tx.QueryRow(ctx, `UPDATE webhook_subscriptions SET replays = replays + 1 WHERE id = $1 RETURNING cursor`, id).
		Scan(&cursor)
	if err != nil {
		return done, err
	}
	revived, err := tx.Exec(ctx, `
UPDATE webhook_deliveries SET state = 'PENDING', replay = true, strikes = 0, next_at = clock_timestamp()
WHERE subscription_id = $1 AND state = 'DEAD' AND position > $2 AND position <= $3`, id, r.After, min(r.Until, cursor))
	if err != nil {
		return done, err
	}
	type row struct {
		Position int64          `json:"position"`
		OrderID  fulfillment.ID `json:"order_id"`
		Event    webhook.Event  `json:"event"`
	}
	rows := make([]row, len(events))
	for i, e := range events {
		rows[i] = row{e.Position, e.OrderID, e}
	}
	encoded, err := encode(rows)
	if err != nil {
		return done, err
	}
	added, err := tx.Exec(ctx, `
INSERT INTO webhook_deliveries (subscription_id, position, order_id, event, state, attempts, strikes, next_at,
	last_error, replay)
SELECT $1, position, order_id, event, 'PENDING', 0, 0, clock_timestamp(), '', true
FROM jsonb_to_recordset($2::jsonb) AS t (position bigint, order_id bigint, event jsonb)
ON CONFLICT DO NOTHING`, id, encoded)
	if err != nil {
		return done, err
	}
	var waiting, inRange int
	err = tx.QueryRow(ctx, `
SELECT count(*) FILTER (WHERE replay), count(*) FILTER (WHERE position > $2 AND position <= $3) FROM webhook_deliveries
WHERE subscription_id = $1 AND state = 'PENDING'`, id, r.After, r.Until).Scan(&waiting, &inRange)
	if err != nil {
		return done, err
	}
	done.Events = int(revived.RowsAffected() + added.RowsAffected())
	done.Waiting = inRange - done.Events
	switch {
	case inRange == 0:
		return done, notReplayed(
			"after", "There is no event of the subscription's topic there, or it is not kept any more.",
		)
	case done.Events > 0 && waiting > maxReplays:
		return done, notReplayed("until", "With them %d events would wait that were asked for again, and at most %d "+
			"may: ask for fewer, or wait until the others are told.", waiting, maxReplays)
	}
	return done, nil
}

func notReplayed(field, format string, args ...any) error {
	return &fulfillment.Error{
		Code: fulfillment.CodeInvalid, Field: []string{field}, Message: fmt.Sprintf(format, args...),
	}
}
