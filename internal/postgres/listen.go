package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// listen is a connection of its own that hears of what is told on some channels. Whoever has it hangs up.
func (s *Store) listen(ctx context.Context, channels ...string) (*pgx.Conn, error) {
	pooled, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	conn := pooled.Hijack()
	for _, channel := range channels {
		if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
			hangUp(ctx, conn)
			return nil, err
		}
	}
	return conn, nil
}

// hangUp closes a connection, also when the context is over.
func hangUp(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_ = conn.Close(ctx) // Whatever it says, the connection is gone.
}
