package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/fulfillment"
)

func TestIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"none":              {nil, false},
		"not_connected":     {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, true},
		"broken_off":        {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		"stops":             {fmt.Errorf("list: %w", &pgconn.PgError{Code: "57P01"}), true},
		"starts":            {&pgconn.PgError{Code: "57P03"}, true},
		"full":              {&pgconn.PgError{Code: "53300"}, true},
		"query_cancelled":   {&pgconn.PgError{Code: "57014"}, false},
		"wrong_statement":   {&pgconn.PgError{Code: "42601"}, false},
		"without_a_code":    {&pgconn.PgError{}, false},
		"gone_away":         {context.Canceled, false},
		"nothing_of_a_kind": {fulfillment.ErrStale, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := IsUnavailable(test.err); got != test.want {
				t.Errorf("IsUnavailable(%v) = %v", test.err, got)
			}
		})
	}
}

// A database that nobody serves is one that may be there later, by the error that a Store really gives.
func TestIsUnavailableOfAStore(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	store, err := Open(t.Context(), "postgres://nobody@"+address+"/none?sslmode=disable", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Locations(t.Context()); !IsUnavailable(err) {
		t.Errorf("got %v", err)
	}
}
