package easypost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/fulfillment"
	"packhorse/internal/pooler"
	"packhorse/internal/provider"
)

// PostgresLedger is a Ledger in PostgreSQL, in the schema easypost_provider. See [Migrate].
type PostgresLedger struct{ pool *pgxpool.Pool }

var _ Ledger = (*PostgresLedger)(nil)

const maxConnections = 8

// OpenLedger makes a pool of connections to the database. It dials later.
func OpenLedger(ctx context.Context, databaseURL string) (*PostgresLedger, error) {
	config, err := pooler.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open the ledger of EasyPost's shipments: %w", err)
	}
	config.MaxConns = maxConnections
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the ledger of EasyPost's shipments: %w", err)
	}
	return &PostgresLedger{pool}, nil
}

// Close ends the connections.
func (l *PostgresLedger) Close() { l.pool.Close() }

// tx runs statements in one transaction.
func (l *PostgresLedger) tx(ctx context.Context, what string, run func(pgx.Tx) error) error {
	if err := pgx.BeginFunc(ctx, l.pool, run); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

const selectCall = `
	SELECT key, kind, fulfillment_order_id, service_id, options, notify, created_at, ended
	  FROM easypost_provider.calls`

const parcelColumns = `id, number, units, grams, coalesce(shipment_id, ''), purchase, refund_status`

func scanCall(row pgx.CollectableRow) (c Call, err error) {
	err = row.Scan(
		&c.Key, &c.Kind, &c.FulfillmentOrderID, &c.ServiceID, &c.Options, &c.Notify, &c.CreatedAt, &c.Ended)
	return c, err
}

func scanParcel(row pgx.CollectableRow) (p Parcel, err error) {
	var purchase *Purchase
	err = row.Scan(&p.ID, &p.Number, &p.Units, &p.Grams, &p.ShipmentID, &purchase, &p.RefundStatus)
	if purchase != nil {
		p.Bought, p.Purchase = true, *purchase
	}
	return p, err
}

// read is a call with its parcels; [pgx.ErrNoRows]: there is none.
func read(ctx context.Context, tx pgx.Tx, key string) (Call, error) {
	rows, err := tx.Query(ctx, selectCall+` WHERE key = $1`, key)
	if err != nil {
		return Call{}, err
	}
	call, err := pgx.CollectExactlyOneRow(rows, scanCall)
	if err != nil {
		return Call{}, err
	}
	rows, err = tx.Query(
		ctx, `SELECT `+parcelColumns+` FROM easypost_provider.parcels WHERE key = $1 ORDER BY number`, key)
	if err != nil {
		return Call{}, err
	}
	call.Parcels, err = pgx.CollectRows(rows, scanParcel)
	return call, err
}

// begin is Begin in a transaction. Who comes second waits at the key until the first has written the parcels, too.
func begin(ctx context.Context, tx pgx.Tx, call Call) error {
	done, err := tx.Exec(ctx, `
		INSERT INTO easypost_provider.calls
		       (key, kind, fulfillment_order_id, service_id, options, notify, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (key) DO NOTHING`,
		call.Key, call.Kind, call.FulfillmentOrderID, call.ServiceID, call.Options, call.Notify, call.CreatedAt)
	if err != nil || done.RowsAffected() == 0 {
		return err
	}
	for _, p := range call.Parcels {
		units, err := json.Marshal(append([]fulfillment.Quantity{}, p.Units...))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO easypost_provider.parcels (key, number, service_id, units, grams, looked_at)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			call.Key, p.Number, call.ServiceID, units, p.Grams, call.CreatedAt); err != nil {
			return err
		}
	}
	return nil
}

// Begin is Ledger's.
func (l *PostgresLedger) Begin(ctx context.Context, call Call) (kept Call, err error) {
	err = l.tx(ctx, "begin "+call.Key, func(tx pgx.Tx) error {
		if err := begin(ctx, tx, call); err != nil {
			return err
		}
		kept, err = read(ctx, tx, call.Key)
		return err
	})
	return kept, err
}

// Find is Ledger's.
func (l *PostgresLedger) Find(ctx context.Context, key string) (call Call, found bool, err error) {
	err = l.tx(ctx, "find "+key, func(tx pgx.Tx) error {
		call, err = read(ctx, tx, key)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Call{}, false, nil
	}
	return call, err == nil, err
}

// Made is Ledger's.
func (l *PostgresLedger) Made(
	ctx context.Context, key string, number int, shipmentID string,
) (first string, err error) {
	err = l.pool.QueryRow(ctx, `
		UPDATE easypost_provider.parcels SET shipment_id = coalesce(shipment_id, $3)
		 WHERE key = $1 AND number = $2
		RETURNING shipment_id`, key, number, shipmentID).Scan(&first)
	if err != nil {
		return "", fmt.Errorf("keep the shipment of %s: %w", key, err)
	}
	return first, nil
}

// Bought is Ledger's.
func (l *PostgresLedger) Bought(
	ctx context.Context, key string, number int, purchase Purchase,
) (ended *provider.Answer, err error) {
	body, err := json.Marshal(purchase)
	if err != nil {
		return nil, err
	}
	err = l.tx(ctx, "keep the label of "+key, func(tx pgx.Tx) error {
		// The call's row is locked first: who ends the call at the same time sees this label, or is seen here.
		if err := tx.QueryRow(ctx, `SELECT ended FROM easypost_provider.calls WHERE key = $1 FOR UPDATE`, key).
			Scan(&ended); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE easypost_provider.parcels SET purchase = $3, tracking_code = $4
			 WHERE key = $1 AND number = $2`, key, number, body, purchase.TrackingCode)
		return err
	})
	return ended, err
}

// end ends a call in a transaction, unless it has ended.
func end(ctx context.Context, tx pgx.Tx, key string, answer provider.Answer) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE easypost_provider.calls SET ended = $2 WHERE key = $1 AND ended IS NULL`, key, body)
	return err
}

// End is Ledger's.
func (l *PostgresLedger) End(
	ctx context.Context, call Call, answer provider.Answer,
) (counts provider.Answer, err error) {
	err = l.tx(ctx, "end "+call.Key, func(tx pgx.Tx) error {
		if err := begin(ctx, tx, call); err != nil {
			return err
		}
		if err := end(ctx, tx, call.Key, answer); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT ended FROM easypost_provider.calls WHERE key = $1`, call.Key).Scan(&counts)
	})
	return counts, err
}

// Cancel is Ledger's.
func (l *PostgresLedger) Cancel(
	ctx context.Context, key, requestKey string, answer provider.Answer, ended *provider.Answer,
) (counts provider.Answer, err error) {
	body, err := json.Marshal(answer)
	if err != nil {
		return provider.Answer{}, err
	}
	err = l.tx(ctx, "keep the cancellation "+key, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `
			INSERT INTO easypost_provider.cancellations (key, request_key, answer) VALUES ($1, $2, $3)
			ON CONFLICT (key) DO NOTHING`, key, requestKey, body)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 1 && ended != nil {
			if err := end(ctx, tx, requestKey, *ended); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, `SELECT answer FROM easypost_provider.cancellations WHERE key = $1`, key).Scan(&counts)
	})
	return counts, err
}

// Cancellation is Ledger's.
func (l *PostgresLedger) Cancellation(ctx context.Context, key string) (answer provider.Answer, found bool, err error) {
	err = l.pool.QueryRow(ctx, `SELECT answer FROM easypost_provider.cancellations WHERE key = $1`, key).Scan(&answer)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return provider.Answer{}, false, nil
	case err != nil:
		return provider.Answer{}, false, fmt.Errorf("find the cancellation %s: %w", key, err)
	}
	return answer, true, nil
}

// Refund is Ledger's.
func (l *PostgresLedger) Refund(ctx context.Context, parcelID int64, status string) error {
	if _, err := l.pool.Exec(ctx,
		`UPDATE easypost_provider.parcels SET refund_status = $2 WHERE id = $1`, parcelID, status); err != nil {
		return fmt.Errorf("keep a refund: %w", err)
	}
	return nil
}

// OfShipment is Ledger's.
func (l *PostgresLedger) OfShipment(
	ctx context.Context, shipmentID, trackingCode string,
) (call Call, parcel Parcel, found bool, err error) {
	err = l.tx(ctx, "find a shipment", func(tx pgx.Tx) error {
		where, of := `shipment_id = $1`, shipmentID
		if shipmentID == "" {
			where, of = `tracking_code = $1`, trackingCode
		}
		var key string
		var number int
		if err := tx.QueryRow(ctx, `
			SELECT key, number FROM easypost_provider.parcels WHERE `+where+` ORDER BY id DESC LIMIT 1`, of).
			Scan(&key, &number); err != nil {
			return err
		}
		if call, err = read(ctx, tx, key); err == nil {
			parcel = *call.parcel(number)
		}
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Call{}, Parcel{}, false, nil
	}
	return call, parcel, err == nil, err
}

// Due is Ledger's.
func (l *PostgresLedger) Due(
	ctx context.Context, service fulfillment.ID, before time.Time, limit int,
) (due []Due, err error) {
	err = l.tx(ctx, "find parcels to look at", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT p.key, p.number
			  FROM easypost_provider.parcels p JOIN easypost_provider.calls c USING (key)
			 WHERE p.service_id = $1 AND p.looked_at < $2 AND p.shipment_id IS NOT NULL AND NOT p.finished
			   AND (p.purchase IS NOT NULL OR c.ended IS NOT NULL)
			 ORDER BY p.looked_at, p.id LIMIT $3`, service, before, limit)
		if err != nil {
			return err
		}
		type place struct {
			Key    string
			Number int
		}
		places, err := pgx.CollectRows(rows, pgx.RowToStructByPos[place])
		if err != nil {
			return err
		}
		for _, at := range places {
			call, err := read(ctx, tx, at.Key)
			if err != nil {
				return err
			}
			due = append(due, Due{call, *call.parcel(at.Number)})
		}
		return nil
	})
	return due, err
}

// Looked is Ledger's.
func (l *PostgresLedger) Looked(ctx context.Context, ids, finished []int64, at time.Time) error {
	if _, err := l.pool.Exec(ctx, `
		UPDATE easypost_provider.parcels SET looked_at = $2, finished = finished OR id = ANY ($3)
		 WHERE id = ANY ($1)`, ids, at, append([]int64{}, finished...)); err != nil {
		return fmt.Errorf("keep which parcels were looked at: %w", err)
	}
	return nil
}
