package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// lagging is how many positions of the feed f a subscription s has not looked at yet, and how many seconds ago the
// first of them was committed.
const lagging = `greatest(f.position - s.cursor, 0), CASE WHEN f.position > s.cursor THEN greatest(floor(extract(epoch
	FROM clock_timestamp() - (SELECT committed_at FROM feed WHERE position > s.cursor ORDER BY position LIMIT 1)
)), 0)::bigint ELSE 0 END`

// WebhookStanding tells how far the delivery to a subscription is. [fulfillment.ErrNotFound] when there is no such
// subscription.
func (s *Store) WebhookStanding(ctx context.Context, id fulfillment.ID) (webhook.Standing, error) {
	of, err := s.WebhookStandings(ctx, []fulfillment.ID{id})
	if _, there := of[id]; err == nil && !there {
		err = fmt.Errorf("look how far webhook subscription %d is: %w", id, fulfillment.ErrNotFound)
	}
	return of[id], err
}

// WebhookStandings tells how far the delivery to each of the subscriptions is; one that there is not is missing.
func (s *Store) WebhookStandings(
	ctx context.Context, ids []fulfillment.ID,
) (map[fulfillment.ID]webhook.Standing, error) {
	rows, err := s.pool.Query(ctx, `
SELECT s.id, s.cursor, f.position, `+lagging+`, d.waiting, d.dead, s.failing AND s.state = 'ENABLED',
	coalesce(o.last_error, ''), o.next_at
FROM webhook_subscriptions s CROSS JOIN feed_cursor f CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE state = 'PENDING') AS waiting, count(*) FILTER (WHERE state = 'DEAD') AS dead
	FROM webhook_deliveries WHERE subscription_id = s.id
) d LEFT JOIN LATERAL (
	SELECT last_error, next_at FROM webhook_deliveries
	WHERE subscription_id = s.id AND state = 'PENDING' AND last_error <> '' ORDER BY position LIMIT 1
) o ON true WHERE s.id = ANY ($1)`, ids)
	of := make(map[fulfillment.ID]webhook.Standing, len(ids))
	if err == nil {
		var found []webhook.Standing
		var foundIDs []fulfillment.ID
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (st webhook.Standing, err error) {
			var id fulfillment.ID
			err = row.Scan(&id, &st.Cursor, &st.Newest, &st.Lag, &st.LagSeconds, &st.Waiting, &st.Dead, &st.Failing,
				&st.LastError, &st.NextAttempt)
			foundIDs = append(foundIDs, id)
			return st, err
		})
		for i, st := range found {
			of[foundIDs[i]] = st
		}
	}
	if err != nil {
		return nil, fmt.Errorf("look how far %d webhook subscriptions are: %w", len(ids), translate(err))
	}
	return of, nil
}

// WebhookLag is how many positions of the feed the subscription that is farthest behind has not looked at yet, and how
// long ago the first of those was committed that another one has not, of all that are enabled.
func (s *Store) WebhookLag(ctx context.Context) (positions int64, age time.Duration, err error) {
	var seconds int64
	err = s.pool.QueryRow(ctx, `
SELECT coalesce(max(lag), 0), coalesce(max(seconds), 0) FROM (
	SELECT `+lagging+` FROM webhook_subscriptions s CROSS JOIN feed_cursor f WHERE s.state = 'ENABLED'
) l (lag, seconds)`).Scan(&positions, &seconds)
	if err != nil {
		return 0, 0, fmt.Errorf("look how far webhook subscriptions are: %w", translate(err))
	}
	return positions, time.Duration(seconds) * time.Second, nil
}

var attempts = listed{
	table: "webhook_attempts", alias: "a", parent: "a.subscription_id",
	columns: "a.position, a.attempt, a.replay, a.at, a.took, a.status, a.error, a.answer",
}

// AttemptList asks for attempts, by their IDs: as they were noted.
type AttemptList struct {
	Window         // sorts: ID
	Position int64 // only those of the event there; 0: of all events
}

// AttemptsOfSubscriptions lists what became of the requests to each of these subscriptions, which are all in the map.
func (s *Store) AttemptsOfSubscriptions(
	ctx context.Context, ids []fulfillment.ID, list AttemptList,
) (map[fulfillment.ID]Segment[webhook.Attempt], error) {
	span, err := list.check(SortID)
	if err != nil {
		return nil, err
	}
	c := conditions{sql: " AND a.subscription_id = parent.id", args: []any{distinct(ids)}}
	if list.Position != 0 {
		c.add("a.position = $%d", list.Position)
	}
	of, err := segments(ctx, s, span, attempts, c, true, func() ([]any, func() webhook.Attempt) {
		var position *int64
		var attempt, status *int
		var replay *bool
		var at *time.Time
		var took *time.Duration
		var wrong, answer *string
		return []any{&position, &attempt, &replay, &at, &took, &status, &wrong, &answer}, func() webhook.Attempt {
			return webhook.Attempt{
				Position: *position, Attempt: *attempt, Replay: *replay, At: *at, Took: *took, Status: *status,
				Error: *wrong, Answer: *answer,
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list attempts for webhook subscriptions: %w", translate(err))
	}
	return of, nil
}

// WebhookAttempts lists what became of the requests to a subscription, of all events or (unless it is 0) of that at a
// position, as they were noted.
func (s *Store) WebhookAttempts(
	ctx context.Context, id fulfillment.ID, position int64, page Page,
) (Results[webhook.Attempt], error) {
	args := []any{id}
	sql := `SELECT id, position, attempt, replay, at, took, status, error, answer FROM webhook_attempts
WHERE subscription_id = $1`
	if position != 0 {
		args = append(args, position)
		sql += " AND position = $2"
	}
	type attempt struct {
		webhook.Attempt
		id int64
	}
	rows, err := s.pool.Query(ctx, sql+page.clause("id", &args), args...)
	var read []attempt
	if err == nil {
		read, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a attempt, err error) {
			err = row.Scan(
				&a.id, &a.Position, &a.Attempt.Attempt, &a.Replay, &a.At, &a.Took, &a.Status, &a.Error, &a.Answer,
			)
			return a, err
		})
	}
	if err != nil {
		err = fmt.Errorf("list attempts for webhook subscription %d: %w", id, translate(err))
		return Results[webhook.Attempt]{}, err
	}
	found := paged(read, page, func(a *attempt) int64 { return a.id })
	items := make([]webhook.Attempt, len(found.Items))
	for i, a := range found.Items {
		items[i] = a.Attempt
	}
	return Results[webhook.Attempt]{Items: items, Next: found.Next, HasMore: found.HasMore}, nil
}

// DeadLetters lists the events that a subscription was not told in the end, by position and without their bodies.
func (s *Store) DeadLetters(
	ctx context.Context, id fulfillment.ID, page Page,
) (Results[webhook.Parked], error) {
	args := []any{id}
	rows, err := s.pool.Query(ctx, `SELECT `+parkedColumns+` FROM webhook_deliveries
WHERE subscription_id = $1 AND state = 'DEAD' `+page.clause("position", &args), args...)
	var dead []webhook.Parked
	if err == nil {
		dead, err = pgx.CollectRows(rows, scanParked)
	}
	if err != nil {
		err = fmt.Errorf("list dead letters of webhook subscription %d: %w", id, translate(err))
		return Results[webhook.Parked]{}, err
	}
	return paged(dead, page, func(p *webhook.Parked) int64 { return p.Position }), nil
}

const parkedColumns = `event, state, attempts, strikes, next_at, last_error, replay`

func scanParked(row pgx.CollectableRow) (p webhook.Parked, err error) {
	err = row.Scan(&p.Event, &p.State, &p.Attempts, &p.Strikes, &p.NextAt, &p.LastError, &p.Replay)
	return p, err
}

// AttemptsTrimmed is how many attempts are deleted at once.
const AttemptsTrimmed = 1000

// TrimAttempts deletes attempts that are older than an age, the oldest first, and tells how many. There may be more
// when it was [AttemptsTrimmed].
func (s *Store) TrimAttempts(ctx context.Context, age time.Duration) (int, error) {
	tag, err := s.pool.Exec(ctx, `
DELETE FROM webhook_attempts WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM webhook_attempts WHERE at < clock_timestamp() - make_interval(secs => $1) ORDER BY at LIMIT $2))`,
		age.Seconds(), AttemptsTrimmed)
	if err != nil {
		return 0, fmt.Errorf("delete old attempts: %w", translate(err))
	}
	return int(tag.RowsAffected()), nil
}
