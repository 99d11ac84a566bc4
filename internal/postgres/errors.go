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
// starts, stops, or has too much to do. The same may succeed later. What was being written may have been.
func IsUnavailable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// Connection exceptions, insufficient resources, an operator's intervention.
		return slices.Contains([]string{"08", "53", "57"}, pg.Code[:min(2, len(pg.Code))]) && pg.Code != queryCanceled
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed)
}

// PostgreSQL's codes of single errors.
const (
	foreignKeyViolation = "23503"
	uniqueViolation     = "23505"
	undefinedTable      = "42P01"
	queryCanceled       = "57014"
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
	return err
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
