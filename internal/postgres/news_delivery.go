package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/news"
)

// KeepDelivery keeps what a service's system has sent; repeated: it was kept before.
func (s *Store) KeepDelivery(ctx context.Context, d news.Delivery) (repeated bool, err error) {
	header, err := encode(d.Header)
	if err != nil {
		return false, err
	}
	var times int
	err = s.pool.QueryRow(ctx, `
INSERT INTO news_deliveries AS d (provider, service_id, key, method, path, header, body, received_at, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())
ON CONFLICT (service_id, key) DO UPDATE SET times = d.times + 1 RETURNING times`,
		d.Provider, d.ServiceID, clean(d.Key), clean(d.Method), clean(d.Path), json.RawMessage(header),
		append([]byte{}, d.Body...), d.ReceivedAt).Scan(&times)
	if err != nil {
		return false, fmt.Errorf("keep a delivery of service %d: %w", d.ServiceID, translate(err))
	}
	return times > 1, nil
}

const deliveryColumns = `d.id, d.provider, d.service_id, d.key, d.method, d.path, d.header, octet_length(d.body),
	d.received_at, d.times, d.state, d.attempts, d.reason`

func scanDelivery(row pgx.CollectableRow) (news.Delivery, error) { return scanDeliveryAnd(row) }

func scanDeliveryAnd(row pgx.CollectableRow, more ...any) (d news.Delivery, err error) {
	err = row.Scan(append([]any{&d.ID, &d.Provider, &d.ServiceID, &d.Key, &d.Method, &d.Path, &d.Header, &d.Bytes,
		&d.ReceivedAt, &d.Times, &d.State, &d.Attempts, &d.Reason}, more...)...)
	return d, err
}

func scanDeliveryWithBody(row pgx.CollectableRow) (news.Delivery, error) {
	var body []byte
	d, err := scanDeliveryAnd(row, &body)
	d.Body = body
	return d, err
}

// ClaimDeliveries takes deliveries for these providers that are to be read, the oldest first. Nobody else gets them for
// the time lease.
func (s *Store) ClaimDeliveries(
	ctx context.Context, providers []string, lease time.Duration, limit int,
) ([]news.Delivery, error) {
	rows, err := s.pool.Query(ctx, `
UPDATE news_deliveries d SET attempts = d.attempts + 1, next_at = clock_timestamp() + make_interval(secs => $2)
WHERE d.id IN (
	SELECT id FROM news_deliveries WHERE state = 'PENDING' AND next_at <= clock_timestamp() AND provider = ANY ($1)
	ORDER BY next_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING `+deliveryColumns+`, d.body`, providers, lease.Seconds(), limit)
	var claimed []news.Delivery
	if err == nil {
		claimed, err = pgx.CollectRows(rows, scanDeliveryWithBody)
	}
	if err != nil {
		return nil, fmt.Errorf("take deliveries to read: %w", translate(err))
	}
	return claimed, nil
}

// EndDelivery keeps what a delivery tells, and why it tells less than it seems to; empty: it does not. What is known
// already is not told again.
func (s *Store) EndDelivery(ctx context.Context, id int64, told []news.Item, reason string) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := keepNews(ctx, tx, told); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE news_deliveries SET state = 'DONE', reason = $2 WHERE id = $1`, id, clean(reason))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep what delivery %d tells: %w", id, translate(err))
	}
	return nil
}

// PostponeDelivery has a delivery read again, after a pause.
func (s *Store) PostponeDelivery(ctx context.Context, id int64, pause time.Duration, reason string) error {
	return s.noteDelivery(ctx, id, news.DeliveryPending, pause, reason)
}

// RefuseDelivery notes that a delivery can't be read.
func (s *Store) RefuseDelivery(ctx context.Context, id int64, reason string) error {
	return s.noteDelivery(ctx, id, news.DeliveryRefused, 0, reason)
}

func (s *Store) noteDelivery(
	ctx context.Context, id int64, state news.DeliveryState, pause time.Duration, reason string,
) error {
	_, err := s.pool.Exec(ctx, `
UPDATE news_deliveries SET state = $2, next_at = clock_timestamp() + make_interval(secs => $3), reason = $4
WHERE id = $1 AND state = 'PENDING'`, id, state, pause.Seconds(), clean(reason))
	if err != nil {
		return fmt.Errorf("note how delivery %d was read: %w", id, translate(err))
	}
	return nil
}
