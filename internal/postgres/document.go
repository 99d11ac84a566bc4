package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/paper"
)

const insertContent = `INSERT INTO documents (sha256, media_type, size, bytes) VALUES ($1, $2, $3, $4)
ON CONFLICT (sha256) DO NOTHING`

const insertDocument = `
INSERT INTO document_links (id, order_id, fulfillment_order_id, provider, service_id, request_key, reference, kind,
	name, part, tracking_number, source_url, sha256, problem, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, CASE WHEN $15 THEN clock_timestamp() END)
ON CONFLICT (request_key, kind, name, tracking_number, part) DO NOTHING`

// KeepDocuments keeps what a provider has brought, with its content or to be fetched. What is there already stays as it
// is: an answer that comes again brings nothing new.
func (s *Store) KeepDocuments(ctx context.Context, found []paper.Found) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		batch := new(pgx.Batch)
		for _, f := range found {
			var sum []byte
			if f.Content != nil {
				of := sha256.Sum256(f.Content)
				sum = of[:]
				batch.Queue(insertContent, sum, f.MediaType, len(f.Content), f.Content)
			}
			batch.Queue(insertDocument, s.minter.Mint(), f.OrderID, f.FulfillmentOrderID, f.Provider, f.BroughtBy,
				f.RequestKey, clean(f.Reference), clean(string(f.Kind)), clean(f.Name), f.Part, clean(f.TrackingNumber),
				clean(f.SourceURL), sum, clean(f.Problem), sum == nil && f.Problem == "")
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("keep %d documents: %w", len(found), translate(err))
	}
	return nil
}

// selectDocuments reads links l with their contents d and the fulfillment orders f that they are of. A label is void
// when the service has stopped what it is for, in whatever way that was told.
const selectDocuments = `
SELECT l.id, l.order_id, l.fulfillment_order_id, coalesce(f.service_id, 0), l.provider, l.request_key, l.reference,
	l.kind, l.name, l.part, l.tracking_number, l.source_url, coalesce(encode(l.sha256, 'hex'), ''),
	coalesce(d.media_type, ''), coalesce(d.size, 0), l.problem, l.attempts, l.next_at, l.created_at, l.printed,
	CASE WHEN l.kind = 'label' THEN (SELECT min(t.at) FROM transitions t
		WHERE t.fulfillment_order_id = l.fulfillment_order_id AND t.kind = 'CANCELLATION_ACCEPTED'
		AND t.sequence > coalesce(substring(l.request_key from '#([0-9]{1,18})$')::bigint, 0)) END
FROM document_links l JOIN fulfillment_orders f ON f.id = l.fulfillment_order_id
	LEFT JOIN documents d ON d.sha256 = l.sha256`

func scanDocument(row pgx.CollectableRow) (*paper.Document, error) {
	d := new(paper.Document)
	err := row.Scan(&d.ID, &d.OrderID, &d.FulfillmentOrderID, &d.ServiceID, &d.Provider, &d.RequestKey, &d.Reference,
		&d.Kind, &d.Name, &d.Part, &d.TrackingNumber, &d.SourceURL, &d.SHA256, &d.MediaType, &d.Size, &d.Problem,
		&d.Attempts, &d.NextAt, &d.CreatedAt, &d.Printed, &d.VoidedAt)
	return d, err
}

// DocumentsOf reads the documents of fulfillment orders, without their contents, the oldest first.
func (s *Store) DocumentsOf(
	ctx context.Context, fulfillmentOrderIDs []fulfillment.ID,
) (map[fulfillment.ID][]*paper.Document, error) {
	rows, err := s.pool.Query(
		ctx, selectDocuments+` WHERE l.fulfillment_order_id = ANY($1) ORDER BY l.id`, distinct(fulfillmentOrderIDs),
	)
	var list []*paper.Document
	if err == nil {
		list, err = pgx.CollectRows(rows, scanDocument)
	}
	if err != nil {
		return nil, fmt.Errorf(
			"read the documents of %d fulfillment orders: %w", len(fulfillmentOrderIDs), translate(err),
		)
	}
	of := make(map[fulfillment.ID][]*paper.Document, len(fulfillmentOrderIDs))
	for _, id := range fulfillmentOrderIDs {
		of[id] = nil
	}
	for _, d := range list {
		of[d.FulfillmentOrderID] = append(of[d.FulfillmentOrderID], d)
	}
	return of, nil
}

// Document reads a document without its content; [fulfillment.ErrNotFound] when there is none of this ID.
func (s *Store) Document(ctx context.Context, id fulfillment.ID) (*paper.Document, error) {
	rows, err := s.pool.Query(ctx, selectDocuments+` WHERE l.id = $1`, id)
	var d *paper.Document
	if err == nil {
		d, err = pgx.CollectExactlyOneRow(rows, scanDocument)
	}
	if err != nil {
		return nil, fmt.Errorf("read document %d: %w", id, translate(err))
	}
	return d, nil
}

// DocumentsWith lists the documents that have a content, given the hexadecimal SHA-256 of it, the newest first.
func (s *Store) DocumentsWith(ctx context.Context, sum string) ([]*paper.Document, error) {
	rows, err := s.pool.Query(
		ctx, selectDocuments+` WHERE l.sha256 = decode($1, 'hex') ORDER BY l.id DESC LIMIT 100`, sum,
	)
	var list []*paper.Document
	if err == nil {
		list, err = pgx.CollectRows(rows, scanDocument)
	}
	if err != nil {
		return nil, fmt.Errorf("read the documents of a content: %w", translate(err))
	}
	return list, nil
}

// The first print of a label is news of its shipment: it is told as any other.
const printDocument = `
WITH printed AS (
	UPDATE document_links SET printed = printed + 1 WHERE id = $1 AND sha256 IS NOT NULL
	RETURNING *
), noted AS (
	INSERT INTO document_accesses (document_id, order_id, who) SELECT id, order_id, $2 FROM printed
), told AS (
	INSERT INTO news
		(provider, service_id, key, source, about, command, payload, state, received_at, next_at, waits_for)
	SELECT provider, service_id, 'label-printed/' || id, 'PRINT', jsonb_strip_nulls(jsonb_build_object(
			'fulfillmentOrderId', fulfillment_order_id::text, 'trackingNumber', nullif(tracking_number, ''))),
		$3, $4::jsonb, 'PENDING', clock_timestamp(), clock_timestamp(), ARRAY(SELECT 'number:' || n FROM
			unnest(parcel_numbers(jsonb_build_array(jsonb_build_object('number', tracking_number)))) AS n)
	FROM printed p WHERE p.printed = 1 AND p.kind = 'label'
		AND EXISTS (SELECT FROM services s WHERE s.id = p.service_id)
	ON CONFLICT (service_id, key) DO NOTHING
)
SELECT d.bytes FROM printed p JOIN documents d ON d.sha256 = p.sha256`

// PrintDocument hands a document out: the same bytes each time. That it was, and to whom, is noted first.
// With the first print of a label, its shipment is told of it. [fulfillment.ErrNotFound] when there is none of this ID,
// or no content yet.
func (s *Store) PrintDocument(ctx context.Context, id fulfillment.ID, who string) (content []byte, err error) {
	verb, event := news.Printed()
	if err := s.pool.QueryRow(ctx, printDocument, id, clean(who), verb, event).Scan(&content); err != nil {
		return nil, fmt.Errorf("read document %d: %w", id, translate(err))
	}
	return content, nil
}

// DocumentAccesses lists who was handed a document out, the latest first.
func (s *Store) DocumentAccesses(ctx context.Context, id fulfillment.ID) ([]paper.Access, error) {
	rows, err := s.pool.Query(
		ctx, `SELECT at, who FROM document_accesses WHERE document_id = $1 ORDER BY at DESC LIMIT 1000`, id,
	)
	var list []paper.Access
	if err == nil {
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[paper.Access])
	}
	if err != nil {
		return nil, fmt.Errorf("read who has seen document %d: %w", id, translate(err))
	}
	return list, nil
}

const dueDocuments = `
WITH due AS (
	UPDATE document_links SET attempts = attempts + 1, next_at = clock_timestamp() + make_interval(secs => $3)
	WHERE id IN (
		SELECT id FROM document_links
		WHERE sha256 IS NULL AND next_at <= clock_timestamp() AND (source_url <> '' OR provider = ANY($1))
		ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED
	)
	RETURNING id, fulfillment_order_id, provider, service_id, request_key, reference, kind, name, part, source_url,
		attempts
) SELECT due.*, s.options FROM due LEFT JOIN services s ON s.id = due.service_id`

// DueDocuments takes some documents that are to be fetched now, from these providers or from a URL, for as long as the
// lease: then they are due again.
func (s *Store) DueDocuments(
	ctx context.Context, providers []string, limit int, lease time.Duration,
) ([]paper.Document, error) {
	rows, err := s.pool.Query(ctx, dueDocuments, providers, limit, lease.Seconds())
	var due []paper.Document
	if err == nil {
		due, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (d paper.Document, err error) {
			err = row.Scan(&d.ID, &d.FulfillmentOrderID, &d.Provider, &d.BroughtBy, &d.RequestKey, &d.Reference,
				&d.Kind,
				&d.Name, &d.Part, &d.SourceURL, &d.Attempts, &d.ServiceOptions)
			return d, err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look for documents to fetch: %w", translate(err))
	}
	return due, nil
}

// DocumentFetched keeps the content of a document. One that has a content keeps it.
func (s *Store) DocumentFetched(
	ctx context.Context, id fulfillment.ID, content []byte, mediaType string,
) error {
	sum := sha256.Sum256(content)
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, insertContent, sum[:], mediaType, len(content), content); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE document_links SET sha256 = $2, problem = '', next_at = NULL
			WHERE id = $1 AND sha256 IS NULL`, id, sum[:])
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the content of document %d: %w", id, translate(err))
	}
	return nil
}

// DocumentMissed notes why a document has no content yet, and after which time it is tried again; 0: not any more.
func (s *Store) DocumentMissed(
	ctx context.Context, id fulfillment.ID, problem string, again time.Duration,
) error {
	_, err := s.pool.Exec(ctx, `UPDATE document_links SET problem = $2,
		next_at = CASE WHEN $3::float8 > 0 THEN clock_timestamp() + make_interval(secs => $3) END
		WHERE id = $1 AND sha256 IS NULL`, id, clean(problem), again.Seconds())
	if err != nil {
		return fmt.Errorf("note what became of document %d: %w", id, translate(err))
	}
	return nil
}

// RefetchDocument has a document without a content tried again at once, and tells whether there is anything to try.
func (s *Store) RefetchDocument(ctx context.Context, id fulfillment.ID) (bool, error) {
	done, err := s.pool.Exec(ctx, `UPDATE document_links SET attempts = 0, next_at = clock_timestamp()
		WHERE id = $1 AND sha256 IS NULL`, id)
	if err != nil {
		return false, fmt.Errorf("have document %d fetched: %w", id, translate(err))
	}
	return done.RowsAffected() > 0, nil
}
