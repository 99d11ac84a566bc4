package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
)

// newsRow is an item that comes; its tags are the columns.
type newsRow struct {
	Provider   string           `json:"provider"`
	ServiceID  fulfillment.ID   `json:"service_id"`
	Key        string           `json:"key"`
	Source     news.Source      `json:"source"`
	DeliveryID *int64           `json:"delivery_id"`
	About      news.Subject     `json:"about"`
	Verb       fulfillment.Verb `json:"command"`
	Payload    json.RawMessage  `json:"payload"`
	ReceivedAt time.Time        `json:"received_at"`
	After      string           `json:"after_key"`
	Names      []string         `json:"names"`
	Number     string           `json:"number"`
	Sequence   int64            `json:"sequence"`
}

// What came with an answer is not told before that can be there; the pause grows if it is not.
const insertNews = `
INSERT INTO news (provider, service_id, key, source, delivery_id, about, command, payload, state, received_at, next_at,
	after_key, sequence, waits_for)
SELECT provider, service_id, key, source, delivery_id, about, command, payload, 'PENDING', received_at,
	clock_timestamp() + CASE WHEN after_key = '' THEN interval '0' ELSE interval '100 milliseconds' END, after_key,
	coalesce(sequence, 0),
	coalesce(names, '{}') || ARRAY(SELECT 'number:' || n
		FROM unnest(parcel_numbers(jsonb_build_array(jsonb_build_object('number', number)))) AS n)
FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (provider text, service_id bigint, key text, source text,
	delivery_id bigint, about jsonb, command text, payload jsonb, received_at timestamptz, after_key text, names text[],
	number text, sequence bigint)) WITH ORDINALITY AS t (provider, service_id, key, source, delivery_id, about, command,
	payload, received_at, after_key, names, number, sequence, place)
ORDER BY place
ON CONFLICT (service_id, key) DO NOTHING`

// KeepNews keeps what services tell, all of it or nothing. What is known already is not told again.
func (s *Store) KeepNews(ctx context.Context, told []news.Item) error {
	if err := keepNews(ctx, s.pool, told); err != nil {
		return fmt.Errorf("keep %d pieces of news: %w", len(told), translate(err))
	}
	return nil
}

func keepNews(ctx context.Context, db interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}, told []news.Item,
) error {
	if len(told) == 0 {
		return nil
	}
	rows := make([]newsRow, len(told))
	for i, n := range told {
		rows[i] = newsRow{
			Provider: n.Provider, ServiceID: n.ServiceID, Key: n.Key, Source: n.Source, About: n.About, Verb: n.Verb,
			Payload: n.Payload, ReceivedAt: n.ReceivedAt, After: n.After, Names: n.About.Names(),
			Number: n.About.TrackingNumber, Sequence: n.Sequence,
		}
		if n.DeliveryID != 0 {
			rows[i].DeliveryID = &n.DeliveryID
		}
	}
	body, err := encode(rows)
	if err == nil {
		_, err = db.Exec(ctx, insertNews, json.RawMessage(body))
	}
	return err
}

const newsColumns = `n.id, n.provider, n.service_id, n.key, n.source, coalesce(n.delivery_id, 0), n.about, n.command,
	n.payload, n.state, n.attempts, n.received_at, n.next_at, n.finished_at, n.code, n.reason, n.alert, n.after_key,
	n.refused_since, coalesce(n.fulfillment_order_id, 0), n.targets, n.epoch,
	n.sequence`

func scanNews(row pgx.CollectableRow) (n news.Item, err error) {
	err = row.Scan(&n.ID, &n.Provider, &n.ServiceID, &n.Key, &n.Source, &n.DeliveryID, &n.About, &n.Verb, &n.Payload,
		&n.State, &n.Attempts, &n.ReceivedAt, &n.NextAt, &n.FinishedAt, &n.Code, &n.Reason, &n.Alert, &n.After,
		&n.RefusedSince, &n.FulfillmentOrderID, &n.Targets, &n.Epoch, &n.Sequence)
	return n, err
}

// ClaimNews takes news that is to be told, or looked at again, in the order in which it is due. Nobody else gets it for
// the time lease.
func (s *Store) ClaimNews(ctx context.Context, lease time.Duration, limit int) ([]news.Item, error) {
	rows, err := s.pool.Query(ctx, `
UPDATE news n SET attempts = n.attempts + 1, epoch = n.epoch + 1,
	next_at = clock_timestamp() + make_interval(secs => $1)
WHERE n.id IN (
	SELECT id FROM news WHERE next_at IS NOT NULL AND next_at <= clock_timestamp()
	ORDER BY next_at, id LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING `+newsColumns, lease.Seconds(), limit)
	var claimed []news.Item
	if err == nil {
		claimed, err = pgx.CollectRows(rows, scanNews)
	}
	if err != nil {
		return nil, fmt.Errorf("take news to tell: %w", translate(err))
	}
	return claimed, nil
}

// NewsDue is when there is something to be done the next time, of news and of deliveries for these providers; after:
// how long that is from now on. ok is false when nothing waits for a time.
func (s *Store) NewsDue(ctx context.Context, providers []string) (after time.Duration, ok bool, err error) {
	var seconds *float64
	err = s.pool.QueryRow(ctx, `
SELECT extract(epoch FROM least(
	(SELECT min(next_at) FROM news WHERE next_at IS NOT NULL),
	(SELECT min(next_at) FROM news_deliveries WHERE state = 'PENDING' AND provider = ANY ($1))
) - clock_timestamp())::float8`, providers).Scan(&seconds)
	if err != nil {
		return 0, false, fmt.Errorf("look when news is due: %w", translate(err))
	}
	if seconds == nil {
		return 0, false, nil
	}
	return time.Duration(*seconds * float64(time.Second)), true, nil
}

// NoteNews notes how it went with news that was claimed: its state and what belongs to that, and when to look again;
// wait below zero: when somebody asks for it. [fulfillment.ErrStale] says that somebody else has taken it since, and
// nothing was noted.
func (s *Store) NoteNews(ctx context.Context, n news.Item, wait time.Duration) error {
	targets, err := encode(n.Targets)
	if err != nil {
		return err
	}
	tag, err := s.pool.Exec(ctx, `
UPDATE news SET state = $3::text, attempts = $4, code = $5, reason = $6, alert = $7, refused_since = $8,
	fulfillment_order_id = nullif($9::bigint, 0), targets = nullif($10::jsonb, 'null'),
	next_at = CASE WHEN $11::float8 >= 0 THEN clock_timestamp() + make_interval(secs => $11::float8) END,
	finished_at = CASE WHEN $3::text IN ('DONE', 'REFUSED', 'IGNORED') THEN clock_timestamp() END
WHERE id = $1 AND epoch = $2`, n.ID, n.Epoch, n.State, n.Attempts, n.Code, clean(n.Reason), n.Alert, n.RefusedSince,
		n.FulfillmentOrderID, json.RawMessage(targets), wait.Seconds())
	if err == nil && tag.RowsAffected() == 0 {
		err = fulfillment.ErrStale
	}
	if err != nil {
		return fmt.Errorf("note what became of news %d: %w", n.ID, translate(err))
	}
	return nil
}

// newsTrimmed is how many rows are deleted at once.
const newsTrimmed = 500

// TrimNews deletes deliveries, and news that was told or given up, that are older than an age, and gives up what nobody
// knew for so long. more tells that there may be more.
func (s *Store) TrimNews(ctx context.Context, age time.Duration) (more bool, err error) {
	for _, sql := range []string{
		`DELETE FROM news_deliveries WHERE id IN (SELECT id FROM news_deliveries
			WHERE received_at < clock_timestamp() - make_interval(secs => $1) ORDER BY received_at LIMIT $2)`,
		`DELETE FROM news WHERE id IN (SELECT id FROM news
			WHERE finished_at < clock_timestamp() - make_interval(secs => $1) ORDER BY finished_at LIMIT $2)`,
		`UPDATE news SET state = 'IGNORED', next_at = NULL, finished_at = clock_timestamp(), epoch = epoch + 1
		WHERE id IN (SELECT id FROM news
			WHERE state = 'UNMATCHED' AND received_at < clock_timestamp() - make_interval(secs => $1) LIMIT $2)`,
	} {
		tag, err := s.pool.Exec(ctx, sql, age.Seconds(), newsTrimmed)
		if err != nil {
			return false, fmt.Errorf("delete old news: %w", translate(err))
		}
		more = more || tag.RowsAffected() == newsTrimmed
	}
	return more, nil
}

// CountNews counts what is not told, by provider and state, and what was told with an alert.
func (s *Store) CountNews(ctx context.Context) ([]news.Count, error) {
	rows, err := s.pool.Query(ctx, `
SELECT provider, state, count(*), coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)::float8
FROM news WHERE state <> 'DONE' GROUP BY provider, state
UNION ALL
SELECT provider, 'DELIVERY_' || state, count(*), extract(epoch FROM clock_timestamp() - min(received_at))::float8
FROM news_deliveries WHERE state = 'PENDING' GROUP BY provider, state ORDER BY 1, 2`)
	var counts []news.Count
	if err == nil {
		counts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c news.Count, err error) {
			var seconds float64
			err = row.Scan(&c.Provider, &c.State, &c.Count, &seconds)
			c.Oldest = time.Duration(seconds * float64(time.Second))
			return c, err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("count news: %w", translate(err))
	}
	return counts, nil
}
