package postgres

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/fulfillment"
	"packhorse/internal/pooler"
)

// IsUnavailable tells whether an error says that the database can't be reached, or does no work at this moment: it
// starts, stops, takes no writes, has too much to do, or lets others go first. The same may succeed later. What was
// being written may have been.
func IsUnavailable(err error) bool {
	// Also one that is closed to everybody while it is restored, or that knows a new password before we do.
	if errors.As(err, new(*pgconn.ConnectError)) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// Connection exceptions, insufficient resources, an operator's intervention (a time limit is one, too).
		return slices.Contains([]string{"08", "53", "57"}, pg.Code[:min(2, len(pg.Code))]) ||
			slices.Contains(passing, pg.Code)
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed)
}

// passing are the errors outside those classes that pass by themselves, or when an operator has done something.
var passing = []string{
	readOnly, idleInTransactionLimit, transactionLimit, serializationFailure, completionUnknown, deadlockDetected,
	lockNotAvailable, ioError,
}

// WhatToDo is what an operator does about an error of the database that won't go away by itself; empty: there is
// nothing to do, or nothing more to say.
func WhatToDo(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return ""
	}
	return remedies[pg.Code]
}

var remedies = map[string]string{
	readOnly: "PostgreSQL takes no writes: it is a standby, or was set read-only. Let PACKHORSE_DATABASE_URL name " +
		"the primary (several hosts, with target_session_attrs=read-write), or turn default_transaction_read_only off.",
	diskFull: "The disk of PostgreSQL is full: make room there.",
	tooManyConnections: "All connections of PostgreSQL are taken: end what takes them, lower " +
		"PACKHORSE_DATABASE_MAX_CONNS, or raise max_connections.",
	queryCanceled: "A statement was ended before it was done, by statement_timeout or by somebody: take the limit " +
		"from Packhorse's role, or see in pg_stat_activity what PostgreSQL is busy with.",
	closedDatabase: "The database is closed to everybody, perhaps while it is restored: ALTER DATABASE … " +
		"ALLOW_CONNECTIONS true opens it.",
	noDatabase: "There is no such database at this moment: restore or create it, or correct PACKHORSE_DATABASE_URL.",
	wrongPassword: "PostgreSQL does not take this user with this password: correct them in PACKHORSE_DATABASE_URL, " +
		"and start again what runs with the former ones.",
	lockNotAvailable: "Somebody holds a lock for longer than lock_timeout: pg_locks says who.",
}

// remedied is an error of the database with what to do about it.
type remedied struct{ error }

// Error says both.
func (e remedied) Error() string { return e.error.Error() + ": " + WhatToDo(e.error) }

// Unwrap is the error itself.
func (e remedied) Unwrap() error { return e.error }

// withRemedy adds what to do to an error, once.
func withRemedy(err error) error {
	if WhatToDo(err) == "" || errors.As(err, new(remedied)) {
		return err
	}
	return remedied{err}
}

// PostgreSQL's codes of single errors.
const (
	foreignKeyViolation = "23503"
	uniqueViolation     = "23505"
	undefinedTable      = "42P01"
	queryCanceled       = "57014"
	readOnly            = "25006"
	diskFull            = "53100"
	tooManyConnections  = "53300"
	lockNotAvailable    = "55P03"
	closedDatabase      = "55000" // when connecting
	noDatabase          = "3D000"
	wrongPassword       = "28P01"

	idleInTransactionLimit = "25P03"
	transactionLimit       = "25P04"
	serializationFailure   = "40001"
	completionUnknown      = "40003"
	deadlockDetected       = "40P01"
	ioError                = "58030"
)

// translate maps what PostgreSQL says to the sentinels, once for all. Unique violations stay as they are: only the
// writer can tell a retry from a conflict.
func translate(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fulfillment.ErrNotFound
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code == uniqueViolation {
		return err
	}
	err = pooler.Explain(err)
	switch pg.Code[:2] {
	case "22", "23": // data exceptions and integrity constraint violations
		return fmt.Errorf("%w: %w", fulfillment.ErrInvalid, err)
	}
	return withRemedy(err)
}

// violates tells whether a unique constraint refused a row: any of them, or one of those named.
func violates(err error, constraints ...string) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != uniqueViolation {
		return false
	}
	return len(constraints) == 0 || slices.Contains(constraints, pg.ConstraintName)
}

// refused is a refusal with code INVALID of what was given as this field.
func refused(field, format string, args ...any) *fulfillment.Error {
	return &fulfillment.Error{
		Code: fulfillment.CodeInvalid, Field: []string{field}, Message: fmt.Sprintf(format, args...),
	}
}
