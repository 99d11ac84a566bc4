package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// called is the condition of services that are called.
const called = `s.callback_url <> '' AND s.app_id IS NOT NULL AND s.deleted_at IS NULL`

const followService = `
INSERT INTO service_callbacks AS c (service_id, url, cursor, epoch, followed_at)
SELECT s.id, s.callback_url, f.position, 1, clock_timestamp() FROM services s, feed_cursor f
WHERE s.id = $1 AND ` + called + `
ON CONFLICT (service_id) DO UPDATE SET epoch = c.epoch + 1, followed_at = clock_timestamp()
RETURNING ` + callbackColumns

const callbackColumns = `c.url, c.stopped, c.cursor, c.epoch, c.epoch = 1, clock_timestamp()`

// noteCallbacks finds no row when somebody else has begun since. Who says that it is gone at an address which is not
// the service's any more stops nothing.
const noteCallbacks = `
UPDATE service_callbacks c SET cursor = $3, url = $4, followed_at = clock_timestamp(),
	stopped = CASE WHEN $5 <> '' AND s.callback_url = $4 THEN $5 ELSE c.stopped END
FROM services s WHERE c.service_id = $1 AND c.epoch = $2 AND s.id = c.service_id AND ` + called + `
RETURNING ` + callbackColumns

const callColumns = `call, next_at, owed, fresh, number, position, about, repeats, attempts, suffix, called_at, took,
	status, error, failing_since, succeeded_at, note`

const noteCall = `
INSERT INTO service_calls (service_id, ` + callColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
ON CONFLICT (service_id, call) DO UPDATE SET next_at = excluded.next_at, owed = excluded.owed, fresh = excluded.fresh,
	number = excluded.number, position = excluded.position, about = excluded.about, repeats = excluded.repeats,
	attempts = excluded.attempts, suffix = excluded.suffix, called_at = excluded.called_at, took = excluded.took,
	status = excluded.status, error = excluded.error, failing_since = excluded.failing_since,
	succeeded_at = excluded.succeeded_at, note = excluded.note`

// FollowService begins to call a service: from now on, nobody who began before can note anything.
// [fulfillment.ErrNotFound] when there is no such service that is to be called.
func (s *Store) FollowService(ctx context.Context, id fulfillment.ID) (callback.Following, error) {
	var f callback.Following
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if f, err = calledService(ctx, tx, id, followService, id); err != nil {
			return err
		}
		f.Calls, err = callsOf(ctx, tx, id)
		return err
	})
	if err != nil {
		return callback.Following{}, fmt.Errorf("begin to call service %d: %w", id, translate(err))
	}
	return f, nil
}

// NoteCalls notes what became of calls of a service, and how far the feed was read. It returns the service as it is
// now, without its calls; [fulfillment.ErrStale] says that somebody else calls it now or that it is not to be called
// any more, and nothing was noted.
func (s *Store) NoteCalls(ctx context.Context, p callback.Progress) (callback.Following, error) {
	var f callback.Following
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		f, err = calledService(
			ctx, tx, p.ServiceID, noteCallbacks, p.ServiceID, p.Epoch, p.Cursor, p.URL, clean(p.Stopped),
		)
		if err != nil {
			return err
		}
		batch := new(pgx.Batch)
		for _, c := range p.Calls {
			batch.Queue(noteCall, p.ServiceID, c.Call, c.NextAt, c.Owed, c.Fresh, c.Number, c.Position,
				append([]fulfillment.ID{}, c.About...), c.Repeats, c.Attempts, c.Suffix, c.CalledAt, c.Took, c.Status,
				clean(c.Error), c.FailingSince, c.SucceededAt, clean(c.Note))
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return f, fmt.Errorf("note calls of service %d: %w", p.ServiceID, fulfillment.ErrStale)
	case err != nil:
		return f, fmt.Errorf("note calls of service %d: %w", p.ServiceID, translate(err))
	}
	return f, nil
}

// calledService reads a service that is called, by a statement that returns callbackColumns.
func calledService(
	ctx context.Context, tx pgx.Tx, id fulfillment.ID, statement string, args ...any,
) (f callback.Following, err error) {
	err = tx.QueryRow(ctx, statement, args...).Scan(&f.URL, &f.Stopped, &f.Cursor, &f.Epoch, &f.New, &f.Now)
	if err != nil {
		return f, err
	}
	rows, err := tx.Query(ctx, selectLocations+` WHERE `+called+` AND s.id = $1`, id)
	if err != nil {
		return f, err
	}
	location, err := pgx.CollectExactlyOneRow(rows, scanLocation)
	if err == nil {
		f.Service = *location.Service
	}
	return f, err
}

func callsOf(ctx context.Context, db rowQuerier, id fulfillment.ID) ([]callback.Standing, error) {
	rows, err := db.Query(ctx, `SELECT `+callColumns+` FROM service_calls WHERE service_id = $1`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c callback.Standing, err error) {
		err = row.Scan(&c.Call, &c.NextAt, &c.Owed, &c.Fresh, &c.Number, &c.Position, &c.About, &c.Repeats, &c.Attempts,
			&c.Suffix, &c.CalledAt, &c.Took, &c.Status, &c.Error, &c.FailingSince, &c.SucceededAt, &c.Note)
		return c, err
	})
}

// ServiceCalls reads how the calls of a service stand, and why it is not called any more, if so. A service that was
// never called has none.
func (s *Store) ServiceCalls(
	ctx context.Context, id fulfillment.ID,
) (calls []callback.Standing, stopped string, err error) {
	err = s.pool.QueryRow(ctx, `SELECT stopped FROM service_callbacks WHERE service_id = $1`, id).Scan(&stopped)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, "", nil
	}
	if err == nil {
		calls, err = callsOf(ctx, s.pool, id)
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the calls of service %d: %w", id, translate(err))
	}
	return calls, stopped, nil
}

// UncalledServices lists services that are to be called and that nobody sees to, as far as has been heard for a time.
func (s *Store) UncalledServices(ctx context.Context, silence time.Duration) ([]fulfillment.ID, error) {
	rows, err := s.pool.Query(ctx, `
SELECT s.id FROM services s LEFT JOIN service_callbacks c ON c.service_id = s.id
WHERE `+called+` AND coalesce(c.stopped, '') = ''
	AND coalesce(c.followed_at, '-infinity') < clock_timestamp() - make_interval(secs => $1) ORDER BY s.id`,
		silence.Seconds())
	var ids []fulfillment.ID
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
	}
	if err != nil {
		return nil, fmt.Errorf("list services that nobody calls: %w", translate(err))
	}
	return ids, nil
}

// CalledServices tells of the services that are to be called how many fail, or have said that they are gone, and how
// long ago that one told its stock which has not told it for the longest time, of those that are asked for it.
func (s *Store) CalledServices(ctx context.Context) (failing int, stockAge time.Duration, err error) {
	var seconds float64
	err = s.pool.QueryRow(ctx, `
SELECT count(DISTINCT s.id) FILTER (WHERE b.stopped <> '' OR c.error <> ''),
	coalesce(max(extract(epoch FROM clock_timestamp() - coalesce(c.succeeded_at, c.failing_since)))
		FILTER (WHERE c.call = 'FETCH_STOCK' AND s.inventory_management), 0)::float8
FROM services s JOIN service_callbacks b ON b.service_id = s.id LEFT JOIN service_calls c ON c.service_id = s.id
WHERE `+called).Scan(&failing, &seconds)
	if err != nil {
		return 0, 0, fmt.Errorf("look how the services fare that are called: %w", translate(err))
	}
	return failing, time.Duration(seconds * float64(time.Second)), nil
}

// unanswered looks at no more than so many requests: when the newest are too old, so are the others.
const unanswered = `
SELECT id FROM (
	SELECT id, snapshot FROM fulfillment_orders
	WHERE service_id = $1 AND service_id <> 0 AND request_status = '%s' AND status <> 'CLOSED'
	ORDER BY id DESC LIMIT 1000
) f
WHERE $3::float8 = 0 OR EXISTS (
	SELECT FROM jsonb_array_elements(snapshot->'merchantRequests') r
	WHERE r->>'kind' = $2 AND (r->>'sentAt')::timestamptz > clock_timestamp() - make_interval(secs => $3))
ORDER BY id DESC LIMIT $4`

// Unanswered lists the newest fulfillment orders, up to [callback.MaxNamed] and the newest at the end, whose requests
// of the kind of the ping a service has not answered, and which are younger than it may take to (0: however old).
func (s *Store) Unanswered(
	ctx context.Context, serviceID fulfillment.ID, ping callback.Call, within time.Duration,
) ([]fulfillment.ID, error) {
	status := fulfillment.RequestSubmitted
	if ping == callback.CancellationRequest {
		status = fulfillment.RequestCancellationRequested
	}
	rows, err := s.pool.Query(ctx, `SELECT id FROM (`+fmt.Sprintf(unanswered, status)+`) n ORDER BY id`,
		serviceID, ping, within.Seconds(), callback.MaxNamed)
	var ids []fulfillment.ID
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
	}
	if err != nil {
		return nil, fmt.Errorf("list what service %d has not answered: %w", serviceID, translate(err))
	}
	return ids, nil
}

// serviceEvent is the condition of events that a service may be called for.
const serviceEvent = `place = 0 AND fulfillment_order_id IS NOT NULL AND (payload->>'kind' = 'FULFILLMENT_CREATED'
	OR payload #>> '{before,requestStatus}' <> payload #>> '{after,requestStatus}'
	OR payload #>> '{before,status}' <> payload #>> '{after,status}'
	OR payload #>> '{before,locationId}' <> payload #>> '{after,locationId}'
	OR payload->'before' IS NULL AND payload #>> '{after,requestStatus}' = 'SUBMITTED')`

// waitsFor is the status of the request before and after, as far as it waits for an answer.
const waitsFor = `CASE f.payload #>> '{before,status}' WHEN 'CLOSED' THEN '' ELSE
		coalesce(f.payload #>> '{before,requestStatus}', '') END,
	CASE f.payload #>> '{after,status}' WHEN 'CLOSED' THEN '' ELSE coalesce(f.payload #>> '{after,requestStatus}', '') END`

const selectServiceEvents = `
SELECT c.position, c.begin, f.position, f.fulfillment_order_id, coalesce(f.payload->>'kind', ''),
	coalesce(f.payload #>> '{before,locationId}', '') = $2, coalesce(f.payload #>> '{after,locationId}', '') = $2,
	` + waitsFor + `
FROM (SELECT position, greatest($1::bigint, oldest - 1) AS begin FROM feed_cursor) c LEFT JOIN LATERAL (
	SELECT * FROM feed e WHERE position > c.begin AND position <= least(c.position, c.begin + $3::bigint)
		AND $2 IN (payload #>> '{before,locationId}', payload #>> '{after,locationId}') AND ` + serviceEvent + `
	ORDER BY position LIMIT $4
) f ON true ORDER BY f.position`

// ServiceEvents reads what has happened at the location of a service after a position, as far as the service may be
// called for it. Next is the position to go on after; more tells that there is something. What is not kept any more is
// passed over, and so is what the database does not have any more after it was set back: lost says so.
func (s *Store) ServiceEvents(
	ctx context.Context, locationID fulfillment.ID, after int64,
) (events []callback.Event, next int64, more, lost bool, err error) {
	rows, err := s.pool.Query(ctx, selectServiceEvents, after, locationID.String(), int64(feedSpan), FeedLimit)
	var newest, begin int64
	if err == nil {
		var position *int64
		var id *fulfillment.ID
		var e callback.Event
		_, err = pgx.ForEachRow(rows, []any{
			&newest, &begin, &position, &id, &e.Kind, &e.WasHere, &e.IsHere, &e.Before, &e.After,
		}, func() error {
			if position != nil {
				e.Position, e.FulfillmentOrderID = *position, *id
				events = append(events, e)
			}
			return nil
		})
	}
	if err != nil {
		return nil, 0, false, false, fmt.Errorf("read what happened at location %d: %w", locationID, translate(err))
	}
	next = min(begin+feedSpan, newest)
	if len(events) == FeedLimit {
		next = events[len(events)-1].Position
	}
	return events, next, next < newest, after > newest || begin > after, nil
}

// CalledLocations are the locations at which something has happened, after one position and up to another, that a
// service may be called for.
func (s *Store) CalledLocations(ctx context.Context, after, to int64) ([]fulfillment.ID, error) {
	rows, err := s.pool.Query(ctx, `
SELECT DISTINCT l.id FROM feed e, LATERAL (VALUES ((payload #>> '{before,locationId}')::bigint),
	((payload #>> '{after,locationId}')::bigint)) AS l (id)
WHERE position > $1 AND position <= $2 AND `+serviceEvent+` AND l.id IS NOT NULL`, after, to)
	var ids []fulfillment.ID
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
	}
	if err != nil {
		return nil, fmt.Errorf("find the locations where something happened: %w", translate(err))
	}
	return ids, nil
}

// Untracked lists shipments of a service that have no tracking number and are not older than [callback.MaxAge], by ID
// after one of them and up to [callback.MaxNames].
func (s *Store) Untracked(
	ctx context.Context, serviceID, after fulfillment.ID,
) ([]callback.Untracked, error) {
	rows, err := s.pool.Query(ctx, `
SELECT id, fulfillment_order_id, name, coalesce(tracking->0->>'company', ''), coalesce(tracking->0->>'url', ''),
	updated_at
FROM fulfillments
WHERE service_id = $1 AND service_id <> 0 AND created_at > clock_timestamp() - make_interval(secs => $2) AND id > $3
	AND status = 'SUCCESS' AND NOT coalesce(jsonb_path_exists(tracking, '$[*].number ? (@ != "")'), false)
ORDER BY id LIMIT $4`, serviceID, callback.MaxAge.Seconds(), after, callback.MaxNames)
	var found []callback.Untracked
	if err == nil {
		found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[callback.Untracked])
	}
	if err != nil {
		return nil, fmt.Errorf("list shipments of service %d without a tracking number: %w", serviceID, translate(err))
	}
	return found, nil
}
