package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

const followSubscription = `
UPDATE webhook_subscriptions s SET epoch = s.epoch + 1, followed_at = clock_timestamp()
WHERE id = $1 RETURNING ` + followingColumns

const followingColumns = subscriptionColumns + `, s.cursor, s.epoch, s.replays, s.followed_at, clock_timestamp()`

func scanFollowing(row pgx.CollectableRow) (f webhook.Following, err error) {
	f.Subscription, err = scanSubscriptionAnd(row, &f.Cursor, &f.Epoch, &f.Replays, &f.NotedAt, &f.Now)
	return f, err
}

// Follow begins to deliver a subscription's events: from now on, nobody who began before can move its cursor.
// [fulfillment.ErrNotFound] when there is no such subscription.
func (s *Store) Follow(ctx context.Context, id fulfillment.ID) (webhook.Following, error) {
	rows, err := s.pool.Query(ctx, followSubscription, id)
	var f webhook.Following
	if err == nil {
		f, err = pgx.CollectExactlyOneRow(rows, scanFollowing)
	}
	if err != nil {
		return webhook.Following{}, fmt.Errorf("follow for webhook subscription %d: %w", id, translate(err))
	}
	return f, nil
}

// Parked lists the events of a subscription that wait to be delivered, in their order and without their bodies.
func (s *Store) Parked(ctx context.Context, id fulfillment.ID) ([]webhook.Parked, error) {
	rows, err := s.pool.Query(ctx, `
SELECT `+parkedColumns+` FROM webhook_deliveries
WHERE subscription_id = $1 AND state = 'PENDING' ORDER BY position`, id)
	var parked []webhook.Parked
	if err == nil {
		parked, err = pgx.CollectRows(rows, scanParked)
	}
	if err != nil {
		return nil, fmt.Errorf("list what webhook subscription %d was not told: %w", id, translate(err))
	}
	return parked, nil
}

// maxGivenUp is how many dead letters of a subscription are looked at for what the next event of their orders says.
const maxGivenUp = 10_000

// GivenUp are the positions of a subscription's dead letters by their orders: of the newest ones, if there are many.
func (s *Store) GivenUp(ctx context.Context, id fulfillment.ID) (map[fulfillment.ID][]int64, error) {
	rows, err := s.pool.Query(ctx, `
SELECT order_id, position FROM webhook_deliveries
WHERE subscription_id = $1 AND state = 'DEAD' ORDER BY position DESC LIMIT $2`, id, maxGivenUp)
	of := map[fulfillment.ID][]int64{}
	if err == nil {
		var order fulfillment.ID
		var position int64
		_, err = pgx.ForEachRow(rows, []any{&order, &position}, func() error {
			of[order] = append(of[order], position)
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("list what webhook subscription %d was given up to tell: %w", id, translate(err))
	}
	return of, nil
}

// ParkedBodies reads bodies, by positions; one that could not be made is missing.
func (s *Store) ParkedBodies(ctx context.Context, id fulfillment.ID, positions []int64) (map[int64][]byte, error) {
	rows, err := s.pool.Query(ctx, `
SELECT position, body FROM webhook_deliveries
WHERE subscription_id = $1 AND position = ANY ($2) AND body IS NOT NULL`, id, positions)
	bodies := make(map[int64][]byte, len(positions))
	if err == nil {
		var position int64
		var body []byte
		_, err = pgx.ForEachRow(rows, []any{&position, &body}, func() error {
			bodies[position] = append([]byte(nil), body...)
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read bodies for webhook subscription %d: %w", id, translate(err))
	}
	return bodies, nil
}

// progressed finds no row when somebody else has begun since, the subscription is gone, or the database was set back to
// what it had before the one who follows noted something last. The state is only written
// when it is to be another: whoever delivers is told of each write, and so would be of all that he has noted himself.
const (
	// sameHistory is missing where the one who follows has read what the feed does not have any more, too.
	sameHistory = `id = $1 AND epoch = $2 AND coalesce(followed_at >= $4, true)
	AND $3 <= (SELECT position FROM feed_cursor)`

	progressed = `
UPDATE webhook_subscriptions s SET cursor = greatest(cursor, $3), followed_at = clock_timestamp(), failing = $5
WHERE ` + sameHistory + ` RETURNING ` + followingColumns

	progressedInto = `
UPDATE webhook_subscriptions s SET cursor = greatest(cursor, $3), followed_at = clock_timestamp(), failing = $5,
	state = CASE WHEN $8 IN ('', uri) THEN $6 ELSE state END,
	state_reason = CASE WHEN $8 IN ('', uri) THEN $7 ELSE state_reason END,
	state_since = CASE WHEN $8 IN ('', uri) THEN clock_timestamp() ELSE state_since END
WHERE ` + sameHistory + ` RETURNING ` + followingColumns
)

// What is noted beside the cursor is noted only where that was moved, which holds the subscription's row: all of it
// goes in one round trip.
const moved = `s.id = $1 AND s.epoch = $2 AND s.xmin = pg_current_xact_id()::xid`

const unpark = `
DELETE FROM webhook_deliveries d USING webhook_subscriptions s
WHERE ` + moved + ` AND d.subscription_id = s.id
	AND (d.position = ANY ($3) AND NOT d.replay OR d.position = ANY ($4) AND d.replay)`

const noteAttempts = `
INSERT INTO webhook_attempts (subscription_id, position, attempt, replay, at, took, status, error, answer)
SELECT s.id, t.position, t.attempt, t.replay, t.at, t.took, t.status, t.error, t.answer
FROM webhook_subscriptions s, unnest($3::bigint[], $4::integer[], $5::boolean[], $6::timestamptz[], $7::interval[],
	$8::integer[], $9::text[], $10::text[])
	WITH ORDINALITY AS t (position, attempt, replay, at, took, status, error, answer, n)
WHERE ` + moved + ` ORDER BY t.n`

// park leaves alone what somebody has asked for again while the one who follows did not know.
const park = `
INSERT INTO webhook_deliveries (subscription_id, position, order_id, event, body, state, attempts, strikes, next_at,
	last_error, replay)
SELECT s.id, t.position, t.order_id, t.event, decode(t.body, 'base64'), t.state, t.attempts, t.strikes, t.next_at,
	t.last_error, t.replay
FROM webhook_subscriptions s, jsonb_to_recordset($3::jsonb) AS t (position bigint, order_id bigint, event jsonb,
	body text, state text, attempts integer, strikes integer, next_at timestamptz, last_error text, replay boolean)
WHERE ` + moved + `
ON CONFLICT (subscription_id, position) DO UPDATE SET event = excluded.event,
	body = coalesce(webhook_deliveries.body, excluded.body), state = excluded.state, attempts = excluded.attempts,
	strikes = excluded.strikes, next_at = excluded.next_at, last_error = excluded.last_error
WHERE excluded.replay OR NOT webhook_deliveries.replay`

// Progress notes what was delivered, and moves the cursor. It returns the subscription as it is now;
// [fulfillment.ErrStale] says that somebody else follows now, that it is gone, or that the database was set back since
// something was noted last, and nothing was noted.
func (s *Store) Progress(ctx context.Context, p webhook.Progress) (webhook.Following, error) {
	type row struct {
		Position  int64                 `json:"position"`
		OrderID   fulfillment.ID        `json:"order_id"`
		Event     webhook.Event         `json:"event"`
		Body      []byte                `json:"body,omitempty"`
		State     webhook.DeliveryState `json:"state"`
		Attempts  int                   `json:"attempts"`
		Strikes   int                   `json:"strikes"`
		NextAt    time.Time             `json:"next_at"`
		LastError string                `json:"last_error"`
		Replay    bool                  `json:"replay"`
	}
	rows := make([]row, len(p.Parked))
	for i, d := range p.Parked {
		rows[i] = row{
			d.Position, d.OrderID, d.Event, d.Body, d.State, d.Attempts, d.Strikes, d.NextAt, clean(d.LastError),
			d.Replay,
		}
	}
	encoded, err := encode(rows)
	if err != nil {
		return webhook.Following{}, err
	}
	b := new(pgx.Batch)
	var f webhook.Following
	move, args := progressed, []any{p.ID, p.Epoch, p.Cursor, p.After, p.Failing}
	if p.State != "" {
		move, args = progressedInto, append(args, string(p.State), clean(p.Reason), p.URI)
	}
	b.Queue(move, args...).Query(func(rows pgx.Rows) (err error) {
		f, err = pgx.CollectExactlyOneRow(rows, scanFollowing)
		return err
	})
	if len(p.Delivered)+len(p.Replayed) > 0 {
		b.Queue(unpark, p.ID, p.Epoch, append([]int64{}, p.Delivered...), append([]int64{}, p.Replayed...))
	}
	if len(rows) > 0 {
		b.Queue(park, p.ID, p.Epoch, json.RawMessage(encoded))
	}
	if len(p.Attempts) > 0 {
		b.Queue(noteAttempts, append([]any{p.ID, p.Epoch}, attemptColumns(p.Attempts)...)...)
	}
	err = s.pool.SendBatch(ctx, b).Close()
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return f, fmt.Errorf("note what webhook subscription %d was told: %w", p.ID, fulfillment.ErrStale)
	case err != nil:
		return f, fmt.Errorf("note what webhook subscription %d was told: %w", p.ID, translate(err))
	}
	return f, nil
}

// attemptColumns are the columns of attempts, each as an array.
func attemptColumns(attempts []webhook.Attempt) []any {
	n := len(attempts)
	position, attempt, status := make([]int64, n), make([]int, n), make([]int, n)
	replay, at, took := make([]bool, n), make([]time.Time, n), make([]time.Duration, n)
	failure, answer := make([]string, n), make([]string, n)
	for i, a := range attempts {
		position[i], attempt[i], replay[i], at[i], took[i] = a.Position, a.Attempt, a.Replay, a.At, a.Took
		status[i], failure[i], answer[i] = a.Status, clean(a.Error), clean(a.Answer)
	}
	return []any{position, attempt, replay, at, took, status, failure, answer}
}

// Unfollowed lists subscriptions that are enabled and that nobody delivers to, as far as has been heard for a time.
func (s *Store) Unfollowed(ctx context.Context, silence time.Duration) ([]fulfillment.ID, error) {
	rows, err := s.pool.Query(ctx, `
SELECT id FROM webhook_subscriptions WHERE state = 'ENABLED'
	AND coalesce(followed_at, '-infinity') < clock_timestamp() - make_interval(secs => $1) ORDER BY id`, silence.Seconds())
	var ids []fulfillment.ID
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
	}
	if err != nil {
		return nil, fmt.Errorf("list webhook subscriptions that nobody delivers to: %w", translate(err))
	}
	return ids, nil
}

// Subscriber is an app as one who is told of events, with all services that were ever its own.
// [fulfillment.ErrNotFound] when there is no such app.
func (s *Store) Subscriber(ctx context.Context, appID fulfillment.ID) (access.Caller, error) {
	var c access.Caller
	err := s.pool.QueryRow(ctx, `
SELECT a.id, a.handle, a.name, a.scopes, a.created_at, ARRAY(SELECT id FROM services WHERE app_id = a.id)
FROM apps a WHERE a.id = $1`, appID).
		Scan(&c.App.ID, &c.App.Handle, &c.App.Name, &c.App.Scopes, &c.App.CreatedAt, &c.Services)
	if err != nil {
		return access.Caller{}, fmt.Errorf("look up app %d: %w", appID, translate(err))
	}
	return c, nil
}
