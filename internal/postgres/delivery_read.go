package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// WebhookStanding tells how far the delivery to a subscription is. [fulfillment.ErrNotFound] when there is no such
// subscription.
func (s *Store) WebhookStanding(ctx context.Context, id fulfillment.ID) (webhook.Standing, error) {
	var st webhook.Standing
	err := s.pool.QueryRow(ctx, `
SELECT s.cursor, f.position, d.waiting, d.dead, coalesce(o.last_error, ''), o.next_at
FROM webhook_subscriptions s CROSS JOIN feed_cursor f CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE state = 'PENDING') AS waiting, count(*) FILTER (WHERE state = 'DEAD') AS dead
	FROM webhook_deliveries WHERE subscription_id = s.id
) d LEFT JOIN LATERAL (
	SELECT last_error, next_at FROM webhook_deliveries
	WHERE subscription_id = s.id AND state = 'PENDING' AND last_error <> '' ORDER BY position LIMIT 1
) o ON true WHERE s.id = $1`, id).
		Scan(&st.Cursor, &st.Newest, &st.Waiting, &st.Dead, &st.LastError, &st.NextAttempt)
	if err != nil {
		return webhook.Standing{}, fmt.Errorf("look how far webhook subscription %d is: %w", id, translate(err))
	}
	return st, nil
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
