package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

// Mark is how far the database has come.
type Mark struct {
	Database string // of the database, and of all copies of it; empty: it has no mark yet
	Mark     int64  // it only grows
	MarkedAt time.Time
	SetBacks int64 // how often it was found to be set back
	Open     int64 // number of the last set-back that was not swept to its end; 0: there is none
	// Server names the server and its last start; empty: it can't be told. Commits are lost only while a server
	// starts, or when somebody loads an older state into one.
	Server string
	// Next grows with whatever is written on the server.
	Next int64
	Feed int64 // the newest position of the feed
	// SweptAt is when everything was looked at after the last set-back; nil: it was not, or there was none.
	SweptAt *time.Time
}

// SetBackFound is that the database was set back, or that nobody can be sure that it was not.
type SetBackFound struct {
	Number    int64
	Why       string     // in words for people
	LostSince *time.Time // what was committed after this may be lost; nil: nobody knows
}

// Mark reads how far the database has come.
func (s *Store) Mark(ctx context.Context) (Mark, error) {
	const query = `
SELECT coalesce(database_id::text, ''), coalesce(mark, 0), coalesce(marked_at, 'epoch'), coalesce(set_backs, 0),
	coalesce((SELECT max(number) FROM set_backs WHERE swept_at IS NULL), 0), position,
	(SELECT swept_at FROM set_backs ORDER BY number DESC LIMIT 1)
FROM feed_cursor LEFT JOIN database_mark ON true`
	const server = `
SELECT pg_postmaster_start_time()::text || ' ' || left(pg_walfile_name(pg_current_wal_lsn()), 8),
	pg_snapshot_xmax(pg_current_snapshot())::text::bigint`
	var m Mark
	err := s.pool.QueryRow(ctx, query).Scan(&m.Database, &m.Mark, &m.MarkedAt, &m.SetBacks, &m.Open, &m.Feed,
		&m.SweptAt)
	if err != nil {
		return Mark{}, fmt.Errorf("read how far the database has come: %w", translate(err))
	}
	if err := s.pool.QueryRow(ctx, server).Scan(&m.Server, &m.Next); err != nil && IsUnavailable(err) {
		return Mark{}, fmt.Errorf("read which server the database is on: %w", translate(err))
	}
	return m, nil
}

// SetMark marks how far the database has come. Mark grows, or stays.
func (s *Store) SetMark(ctx context.Context, m Mark) error {
	_, err := s.pool.Exec(ctx, `
INSERT INTO database_mark (database_id, mark, marked_at, set_backs) VALUES ($1, $2, now(), $3)
ON CONFLICT (one) DO UPDATE SET mark = greatest(database_mark.mark, excluded.mark), marked_at = excluded.marked_at,
	set_backs = greatest(database_mark.set_backs, excluded.set_backs)`, m.Database, m.Mark, m.SetBacks)
	if err != nil {
		return fmt.Errorf("mark how far the database has come: %w", translate(err))
	}
	return nil
}

// FindSetBack notes that the database was set back, and gives the copies of before another number. The feed goes on at
// the mark's position, unless it is there already.
func (s *Store) FindSetBack(ctx context.Context, m Mark, found SetBackFound) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
INSERT INTO database_mark (database_id, mark, marked_at, set_backs) VALUES ($1, $2, now(), $3)
ON CONFLICT (one) DO UPDATE SET mark = excluded.mark, marked_at = excluded.marked_at, set_backs = excluded.set_backs`,
			m.Database, m.Mark, found.Number)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
INSERT INTO set_backs (number, found_at, why, lost_since) VALUES ($1, now(), $2, $3) ON CONFLICT DO NOTHING`,
			found.Number, found.Why, found.LostSince)
		if err != nil {
			return err
		}
		var newest, still int64
		if err := tx.QueryRow(ctx, lockFeed).Scan(&newest); err != nil || newest >= m.Feed {
			return err
		}
		err = tx.QueryRow(ctx, `
SELECT coalesce(max(position), 0) FROM feed WHERE committed_at < $1::timestamptz - interval '1 second'`,
			found.LostSince).Scan(&still)
		if err != nil {
			return err
		}
		return jumpFeed(ctx, tx, still, m.Feed)
	})
	if err != nil {
		return fmt.Errorf("note that the database was set back: %w", translate(err))
	}
	return nil
}

// SweepOf reads a set-back.
func (s *Store) SweepOf(ctx context.Context, number int64) (SetBackFound, error) {
	found := SetBackFound{Number: number}
	err := s.pool.QueryRow(ctx, `SELECT why, lost_since FROM set_backs WHERE number = $1`, number).
		Scan(&found.Why, &found.LostSince)
	if err != nil {
		return found, fmt.Errorf("read set-back %d: %w", number, translate(err))
	}
	return found, nil
}

// EndSweep notes that everything was looked at after a set-back, and of how much something was lost.
func (s *Store) EndSweep(ctx context.Context, number int64, looked, lost int) error {
	_, err := s.pool.Exec(ctx, `UPDATE set_backs SET swept_at = now(), looked = $2, lost = $3 WHERE number <= $1 AND
	swept_at IS NULL`, number, looked, lost)
	if err != nil {
		return fmt.Errorf("end the sweep after set-back %d: %w", number, translate(err))
	}
	return nil
}

// SetBacks is how often the database was found to be set back. What was answered before may have another meaning after.
func (s *Store) SetBacks(ctx context.Context) (int64, error) {
	var n int64
	err := s.pool.QueryRow(ctx, `SELECT coalesce(max(set_backs), 0) FROM database_mark`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("read how often the database was set back: %w", translate(err))
	}
	return n, nil
}

// Versions are those of fulfillment orders, by their IDs. What the store does not have is missing.
func (s *Store) Versions(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]int64, error) {
	versions := make(map[fulfillment.ID]int64, len(ids))
	rows, err := s.pool.Query(ctx, `SELECT id, version FROM fulfillment_orders WHERE id = ANY($1)`, ids)
	if err == nil {
		var id fulfillment.ID
		var version int64
		_, err = pgx.ForEachRow(rows, []any{&id, &version}, func() error {
			versions[id] = version
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read the versions of fulfillment orders: %w", translate(err))
	}
	return versions, nil
}

// OrdersThere are those of some orders that the store has.
func (s *Store) OrdersThere(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]bool, error) {
	there := make(map[fulfillment.ID]bool, len(ids))
	rows, err := s.pool.Query(ctx, `SELECT id FROM orders WHERE id = ANY($1)`, ids)
	if err == nil {
		var id fulfillment.ID
		_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
			there[id] = true
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look for orders: %w", translate(err))
	}
	return there, nil
}

// Alive lists fulfillment orders that have a life to go on with, by ID: at most limit of those after one.
func (s *Store) Alive(ctx context.Context, after fulfillment.ID, limit int) ([]fulfillment.ID, error) {
	const query = `
SELECT id FROM fulfillment_orders WHERE id > $1 AND (status <> 'CLOSED' OR due_at IS NOT NULL) ORDER BY id LIMIT $2`
	ids, err := column[fulfillment.ID](ctx, s, query, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list the fulfillment orders that are alive: %w", translate(err))
	}
	return ids, nil
}
