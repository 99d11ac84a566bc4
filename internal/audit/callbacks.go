package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// toldRequest is a request that waits for the answer of a service that has a callback URL, and how far its telling is.
type toldRequest struct {
	OrderID, ID, ServiceID fulfillment.ID
	Call                   callback.Call
	Age                    time.Duration // since it was sent
	Within                 time.Duration // in which the service is to answer; 0: whenever

	Unfed    bool  // its event has no position in the feed yet
	Position int64 // of its event; 0: it is not known, or not any more

	Stopped string         // why the service is not called
	Cursor  *int64         // how far its callbacks have read the feed; nil: nobody has begun
	Silent  time.Duration  // since whoever calls it has said so
	Noted   bool           // there is something noted of such calls
	Due     *time.Duration // since when the next one is due, below zero when it is not yet; nil: there is no next one
	Owed    bool           // the next one has something to say
	Error   string         // of the last one
}

// selectTold is about the orders in $1, or all: NULL. The kinds of merchants' requests are those of the pings.
const selectTold = `
SELECT f.order_id, f.id, s.id, k.call, extract(epoch FROM now() - k.sent_at)::float8,
	extract(epoch FROM s.accept_within)::float8, coalesce(v.unfed, false), coalesce(v.position, 0),
	coalesce(c.stopped, ''), c.cursor, coalesce(extract(epoch FROM now() - c.followed_at), 0)::float8,
	p.call IS NOT NULL, extract(epoch FROM now() - p.next_at)::float8, coalesce(p.owed, false), coalesce(p.error, '')
FROM fulfillment_orders f JOIN services s ON s.id = f.service_id
CROSS JOIN LATERAL (
	SELECT r.call, (SELECT max((m->>'sentAt')::timestamptz) FROM jsonb_array_elements(f.snapshot->'merchantRequests') m
		WHERE m->>'kind' = r.call) AS sent_at
	FROM (SELECT CASE f.request_status WHEN 'SUBMITTED' THEN 'FULFILLMENT_REQUEST' ELSE 'CANCELLATION_REQUEST' END
		AS call) r
) k
CROSS JOIN LATERAL (
	SELECT bool_or(e.feed_position IS NULL) AS unfed, max(e.feed_position) AS position FROM events e
	WHERE e.order_id = f.order_id AND e.fulfillment_order_id = f.id AND e.place = 0
		AND e.payload #>> '{after,requestStatus}' = f.request_status
		AND (e.payload #>> '{before,requestStatus}' IS DISTINCT FROM f.request_status
			OR e.payload #>> '{before,locationId}' IS DISTINCT FROM e.payload #>> '{after,locationId}')
) v
LEFT JOIN service_callbacks c ON c.service_id = s.id
LEFT JOIN service_calls p ON p.service_id = s.id AND p.call = k.call
WHERE ($1::bigint[] IS NULL OR f.order_id = ANY($1)) AND f.service_id <> 0
	AND f.request_status IN ('SUBMITTED', 'CANCELLATION_REQUESTED') AND f.status <> 'CLOSED'
	AND s.callback_url <> '' AND s.app_id IS NOT NULL AND s.deleted_at IS NULL
ORDER BY f.order_id, f.id`

func readTold(ctx context.Context, db queryer, orders []fulfillment.ID) ([]toldRequest, error) {
	var ids []int64 // nil: all
	if orders != nil {
		ids = numbers(orders)
	}
	rows, err := db.Query(ctx, selectTold, ids)
	if err != nil {
		return nil, err
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r toldRequest, err error) {
		var age, due *float64
		var within, silent float64
		err = row.Scan(&r.OrderID, &r.ID, &r.ServiceID, &r.Call, &age, &within, &r.Unfed, &r.Position, &r.Stopped,
			&r.Cursor, &silent, &r.Noted, &due, &r.Owed, &r.Error)
		r.Within, r.Silent = seconds(within), seconds(silent)
		if age != nil {
			r.Age = seconds(*age)
		}
		if due != nil {
			r.Due = new(seconds(*due))
		}
		return r, err
	})
}

func (e *evidence) readCallbacks(ctx context.Context, db queryer, orders []fulfillment.ID) (err error) {
	if e.told, err = readTold(ctx, db, append([]fulfillment.ID{}, orders...)); err != nil {
		return fmt.Errorf("read what services are told: %w", err)
	}
	const sql = `SELECT service_id FROM service_calls WHERE call = $1 AND called_at IS NOT NULL`
	rows, err := db.Query(ctx, sql, callback.TrackingNumbers)
	var ids []fulfillment.ID
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
	}
	if err != nil {
		return fmt.Errorf("read which services were asked for tracking numbers: %w", err)
	}
	e.asked = make(map[fulfillment.ID]bool, len(ids))
	for _, id := range ids {
		e.asked[id] = true
	}
	return nil
}

// patience is how late a call may be, and how long whoever calls a service may say nothing of himself, before nobody
// does.
const patience = time.Minute

// unread tells whether whoever calls the service has not come to the request's event yet.
func (r toldRequest) unread() bool {
	return r.Stopped == "" && r.Cursor != nil && r.Silent <= patience && (r.Unfed || r.Position > *r.Cursor)
}

// untold is why the service is not told of the request, nor will be; empty: it was told and is told again, or it is
// known what it failed of.
func (r toldRequest) untold() string {
	switch {
	case r.Stopped != "": // It has said so, and it is shown with the service.
		return ""
	case r.Cursor == nil:
		return "nobody has begun to call it"
	case r.Silent > patience:
		return fmt.Sprintf("nobody has called it for %s", r.Silent.Round(time.Second))
	case !r.Noted:
		return fmt.Sprintf("its callbacks are at position %d of the feed, and nothing is noted of it", *r.Cursor)
	case r.Due == nil && r.Owed:
		return "it is owed, and no call is due"
	case r.Due == nil && (r.Within == 0 || r.Age < r.Within):
		return "it waits, and is not told again"
	case r.Due != nil && *r.Due > patience:
		return fmt.Sprintf("the call is due since %s", r.Due.Round(time.Second))
	}
	return ""
}

// checkRequestsTold looks at every request that waits for an answer at a service that is called: either the service has
// heard of it and is told again as long as it waits, or a call is due, which the last one may have failed of, or it is
// noted why the service is not called. One that is older than the service may take is not told again.
func checkRequestsTold(e *evidence, a *Assertion) {
	a.Checked += len(e.foIDs)
	for _, r := range e.told {
		why := r.untold()
		if why != "" && r.Error != "" {
			why += "; the last call failed: " + r.Error
		}
		switch {
		case r.unread():
			a.underWay(r.OrderID, r.ID, "service %s is still to hear of it (%s): its callbacks are at position %d of "+
				"the feed, before it", r.ServiceID, r.Call, *r.Cursor)
		case why != "": // It says for how long.
			a.violatedAs("untold", r.OrderID, r.ID, "service %s does not hear of it (%s): %s", r.ServiceID, r.Call, why)
		}
	}
}

// callbacksAtRest looks for requests that services are still to be told of for the first time.
func callbacksAtRest(ctx context.Context, from Sources) (string, error) {
	told, err := readTold(ctx, from.Database, nil)
	if err != nil {
		return "", fmt.Errorf("look what services are told: %w", err)
	}
	for _, r := range told {
		if r.unread() {
			return fmt.Sprintf("callbacks of service %s: they are at position %d, before fulfillment order %s",
				r.ServiceID, *r.Cursor, r.ID), nil
		}
	}
	return "", nil
}

// checkNumbersFetched looks at every shipment that got the tracking numbers that its service was asked for: they are
// those of the command, which is named after the answer, in the name of a service that was asked.
func checkNumbersFetched(e *evidence, a *Assertion) {
	for _, id := range e.foIDs {
		a.Checked++
		for _, t := range e.fos[id].transitions {
			if why := e.unfetched(t); why != "" {
				a.violated(e.fos[id].OrderID, id, "transition %d: %s", t.Sequence, why)
			}
		}
	}
}

// unfetched is why the tracking numbers that a transition took over are not what a service was asked for; empty: they
// are, or it took over none.
func (e *evidence) unfetched(t transition) string {
	if fetched, _ := callback.Fetched(t.CommandID, 0, nil); !fetched || t.Kind != fulfillment.KindTrackingUpdated {
		return ""
	}
	var details fulfillment.Details
	if err := json.Unmarshal(t.Details, &details); err != nil || details.Fulfillment == nil {
		return "it took over tracking numbers, and does not say which"
	}
	shipment := details.Fulfillment
	var taken []string
	for _, tracking := range shipment.Tracking {
		if tracking.Number != "" {
			taken = append(taken, tracking.Number)
		}
	}
	_, same := callback.Fetched(t.CommandID, shipment.ID, taken)
	switch by := t.Actor; {
	case !same:
		return fmt.Sprintf("shipment %s got tracking numbers %q, which are not the answer of %s", shipment.ID, taken,
			t.CommandID)
	case by.Role != fulfillment.RoleService || !e.asked[by.ServiceID]:
		return fmt.Sprintf("shipment %s got tracking numbers of service %s, which was never asked", shipment.ID,
			by.ServiceID)
	}
	return ""
}

// ahead is a service whose callbacks have read more of the feed than there is.
type ahead struct {
	ServiceID        fulfillment.ID
	Cursor, Position int64
}

// callbacksBehind looks at how far the callbacks of all services have read the feed. After the database was set back,
// they are ahead until they look again.
func (a *auditor) callbacksBehind(ctx context.Context) error {
	i := slices.IndexFunc(a.report.Assertions, func(a Assertion) bool { return a.Name == CallbacksBehind })
	to := &a.report.Assertions[i]
	pause := a.pause
	for look := 1; ; look++ {
		found, checked, err := a.callbacksAhead(ctx)
		if err != nil {
			return err
		}
		to.Checked = checked
		if len(found) > 0 && !a.strict && look < looks {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
			pause *= 2
			continue
		}
		for _, f := range found {
			to.violated(0, 0, "service %s: its callbacks are at position %d of the feed, which ends at %d", f.ServiceID,
				f.Cursor, f.Position)
		}
		return nil
	}
}

func (a *auditor) callbacksAhead(ctx context.Context) (found []ahead, checked int, err error) {
	rows, err := a.from.Database.Query(ctx, `
SELECT coalesce(c.service_id, 0), coalesce(c.cursor, 0), f.position
FROM feed_cursor f LEFT JOIN service_callbacks c ON true ORDER BY c.service_id`)
	var all []ahead
	if err == nil {
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[ahead])
	}
	if err != nil {
		return nil, 0, fmt.Errorf("look how far callbacks have read the feed: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(f ahead) bool { return f.Cursor <= f.Position }), len(all), nil
}
