package devstack

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A Standby is a server that follows another one, to take its place.
type Standby struct {
	of     *Postgres
	server *Postgres
	inStep bool // every commit waits for it
}

// Follow starts a standby, and waits until it follows. With inStep, every commit
// waits until the standby has it; else the standby may be behind. The caller
// must FailOver to it or Stop it.
func (pg *Postgres) Follow(ctx context.Context, inStep bool) (_ *Standby, err error) {
	s := &Standby{of: pg, server: &Postgres{
		options: pg.options, temporary: pg.temporary, programs: pg.programs,
		data: dataFolder{path: pg.beside("standby"), user: pg.data.user}, passwords: pg.passwords,
	}}
	s.server.options.Port = 0
	if err := pg.copyTo(ctx, s.server.data.path, "--write-recovery-conf"); err != nil {
		return nil, err
	}
	if err := s.server.startOnFreePort(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop(context.WithoutCancel(ctx))) // Its time may be what is up.
		}
	}()
	err = pg.until(ctx, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming')")
	if err == nil && inStep {
		s.inStep = true
		err = errors.Join(
			pg.set(ctx, "synchronous_standby_names = '*'"),
			pg.until(ctx, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')"),
		)
	}
	if err != nil {
		return nil, fmt.Errorf("start a standby of PostgreSQL: %w", err)
	}
	return s, nil
}

// FallBehind cuts the standby off: what is committed from now on it hasn't got.
func (s *Standby) FallBehind(ctx context.Context) error {
	err := errors.Join(
		s.server.set(ctx, "primary_conninfo = ''"), s.of.until(ctx, "SELECT count(*) = 0 FROM pg_stat_replication"),
	)
	if err != nil {
		return fmt.Errorf("cut the standby of PostgreSQL off: %w", err)
	}
	return nil
}

// FailOver ends the server as a crash would, and lets the standby take its
// place, on the same port: what it hasn't got is lost.
func (s *Standby) FailOver(ctx context.Context) error {
	if err := s.of.Kill(ctx); err != nil {
		return err
	}
	err := s.server.asAdmin(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SELECT pg_promote()")
		return err
	})
	// Nobody knows it by its own port: it moves to the other's.
	if err = errors.Join(err, s.server.Stop(ctx)); err != nil {
		return fmt.Errorf("promote the standby of PostgreSQL: %w", err)
	}
	if err := s.of.replaceData(s.server.data.path); err != nil {
		return fmt.Errorf("promote the standby of PostgreSQL: %w", err)
	}
	return s.of.Start(ctx)
}

// Stop ends the standby. No commit waits for it any more.
func (s *Standby) Stop(ctx context.Context) error {
	var err error
	if s.inStep {
		err = s.of.set(ctx, "synchronous_standby_names = ''")
	}
	return errors.Join(err, s.server.Stop(ctx))
}

// set changes a setting for good. It is in force a moment later.
func (pg *Postgres) set(ctx context.Context, setting string) error {
	return pg.asAdmin(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "ALTER SYSTEM SET "+setting); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "SELECT pg_reload_conf()")
		return err
	})
}

// until waits for an answer that is true.
func (pg *Postgres) until(ctx context.Context, sql string) error {
	return pg.insist(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		var is bool
		if err := conn.QueryRow(ctx, sql).Scan(&is); err != nil || is {
			return err
		}
		return fmt.Errorf("it is not so yet: %s", sql)
	})
}
