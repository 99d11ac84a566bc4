// Package pooler connects to PostgreSQL directly, or through a pooler such as PgBouncer that gives each transaction
// another session (its transaction mode). Which of them it is, the database URL says: with default_query_exec_mode, as
// pgx names it, every mode but cache_statement needs no session.
package pooler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrPooler says that a pooler is between, and that the database URL does not say so.
var ErrPooler = errors.New("there is a connection pooler between that keeps no sessions, and the database URL does " +
	"not say so: add default_query_exec_mode=cache_describe to it (PACKHORSE_DATABASE_URL)")

// ParseConfig reads a database URL. Of the modes that guess the types of parameters (exec, simple_protocol), which suit
// no statement with JSON in it, it makes the one that asks for them without needing a session: cache_describe.
func ParseConfig(databaseURL string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	switch config.ConnConfig.DefaultQueryExecMode {
	case pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol:
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	config.ConnConfig.DialFunc = dial
	return config, nil
}

// Between tells whether a pooler is between: nothing may be kept in a session from one transaction to the next, no
// prepared statement, setting, lock or LISTEN.
func Between(config *pgx.ConnConfig) bool {
	return config.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement
}

// Explain adds [ErrPooler] to an error that comes of a pooler which the URL does not tell of: a prepared statement is
// not where it was, or a setting can't be made at the start of a connection.
func Explain(err error) error {
	var answer *pgconn.PgError
	if !errors.As(err, &answer) || errors.Is(err, ErrPooler) {
		return err
	}
	const unknownStatement, statementExists, protocolViolation = "26000", "42P05", "08P01"
	switch {
	case answer.Code == unknownStatement, answer.Code == statementExists,
		answer.Code == protocolViolation && strings.Contains(answer.Message, "startup parameter"):
		return fmt.Errorf("%w: %w", ErrPooler, err)
	}
	return err
}

// Locked runs something that only one process may do at a time, while the others wait, up to the given time. The lock
// is an advisory one of this number. It belongs to a transaction, which keeps its session whatever is between.
func Locked(ctx context.Context, databaseURL string, number int64, wait time.Duration, run func() error) (err error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return Explain(err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	for _, statement := range []string{
		"begin", fmt.Sprintf("set local lock_timeout = %d", wait.Milliseconds()),
		"set local idle_in_transaction_session_timeout = 0", fmt.Sprintf("select pg_advisory_xact_lock(%d)", number),
	} {
		if _, err := conn.Exec(ctx, statement, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("wait for the lock: %w", Explain(err))
		}
	}
	if err := run(); err != nil {
		return Explain(err)
	}
	_, err = conn.Exec(ctx, "commit", pgx.QueryExecModeSimpleProtocol)
	return err
}
