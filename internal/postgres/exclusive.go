package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Exclusive is a right that one process has at a time, for as long as the connection lives that it belongs to; behind a
// pooler, the transaction. It must not be used concurrently.
type Exclusive struct {
	conn *pgx.Conn
	lock int64
}

// The rights there are. A number means nothing; it only must not be another program's.
const (
	watchLock    = 7093170294
	sequenceLock = 7093170295
)

// releaseTimeout is how long to wait for the server to hear that a right is given up. It notices anyway, a little
// later.
const releaseTimeout = 2 * time.Second

// TryWatch asks for the right to watch over what is overdue; nil says that another process has it. The right takes a
// connection of its own out of the pool, and ends when it was not checked for the time idle: a process that hangs does
// not keep it for ever.
func (s *Store) TryWatch(ctx context.Context, idle time.Duration) (*Exclusive, error) {
	return s.tryExclusive(ctx, watchLock, idle)
}

func (s *Store) tryExclusive(ctx context.Context, right int64, idle time.Duration) (*Exclusive, error) {
	pooled, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for an exclusive right: %w", translate(err))
	}
	lock, limit, local := `SELECT pg_try_advisory_lock($1)`, "idle_session_timeout", false
	if s.pooled {
		lock, limit, local = `SELECT pg_try_advisory_xact_lock($1)`, "idle_in_transaction_session_timeout", true
		if _, err := pooled.Exec(ctx, "begin"); err != nil {
			pooled.Release()
			return nil, fmt.Errorf("ask for an exclusive right: %w", translate(err))
		}
	}
	var ok bool
	err = pooled.QueryRow(ctx, lock, right).Scan(&ok)
	if err == nil && !ok {
		pooled.Release()
		return nil, nil
	}
	e := &Exclusive{pooled.Hijack(), right}
	if err != nil { // The server may have given it nevertheless.
		e.Release()
		return nil, fmt.Errorf("ask for an exclusive right: %w", translate(err))
	}
	if _, err := e.conn.Exec(
		ctx, `SELECT set_config($1, $2, $3)`, limit, fmt.Sprint(idle.Milliseconds()), local,
	); err != nil {
		e.Release()
		return nil, fmt.Errorf("limit an exclusive right: %w", translate(err))
	}
	return e, nil
}

// Check says why the right is lost, or nil.
func (e *Exclusive) Check(ctx context.Context) error {
	if err := e.conn.Ping(ctx); err != nil {
		return fmt.Errorf("the exclusive right was lost: %w", err)
	}
	return nil
}

// Release gives the right up. It has a time of its own, because whoever stops has a context that is over. A nil
// Exclusive is nobody's.
func (e *Exclusive) Release() {
	if e == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	// Whatever the server hears, the connection is gone; to say it lets the next one have the right at once.
	if e.conn.PgConn().TxStatus() == 'I' {
		_, _ = e.conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, e.lock)
	} else {
		_, _ = e.conn.Exec(ctx, "rollback")
	}
	_ = e.conn.Close(ctx)
}
