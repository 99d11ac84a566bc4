package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/dev/devstack/devstacktest"
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
		"query_cancelled":   {&pgconn.PgError{Code: "57014"}, true},
		"out_of_memory":     {&pgconn.PgError{Code: "53200"}, true},
		"disk_full":         {&pgconn.PgError{Code: "53100"}, true},
		"read_only":         {fmt.Errorf("commit: %w", &pgconn.PgError{Code: "25006"}), true},
		"idle_too_long":     {&pgconn.PgError{Code: "25P03"}, true},
		"open_too_long":     {&pgconn.PgError{Code: "25P04"}, true},
		"others_first":      {&pgconn.PgError{Code: "40001"}, true},
		"deadlock":          {&pgconn.PgError{Code: "40P01"}, true},
		"locked":            {&pgconn.PgError{Code: "55P03"}, true},
		"fails_a_check":     {&pgconn.PgError{Code: "23514"}, false},
		"integrity":         {&pgconn.PgError{Code: "40002"}, false},
		"aborted_before":    {&pgconn.PgError{Code: "25P02"}, false},
		"out_of_range":      {&pgconn.PgError{Code: "22003"}, false},
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

// TestUnavailableOfAServer has a real server refuse what it would do at another time: whoever asks is told that, and
// what an operator does about it.
func TestUnavailableOfAServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		parameter, code, todo string
		locked                bool
	}{
		"read_only":         {"default_transaction_read_only=on", readOnly, "PACKHORSE_DATABASE_URL", false},
		"statement_timeout": {"statement_timeout=200", queryCanceled, "statement_timeout", true},
		"lock_timeout":      {"lock_timeout=200", lockNotAvailable, "pg_locks", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			if test.locked {
				other, err := b.pool.Begin(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer other.Rollback(context.WithoutCancel(t.Context())) //nolint:errcheck // It only locked.
				if _, err := other.Exec(t.Context(), `LOCK TABLE locations`); err != nil {
					t.Fatal(err)
				}
			}
			requireUnavailable(t, b.with(test.parameter), test.code, test.todo)
		})
	}
}

// TestUnavailableToConnect: a database that lets nobody in is away, whatever it says, as while it is restored.
func TestUnavailableToConnect(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change     func(*url.URL)
		closed     bool
		code, todo string
	}{
		"closed": {func(*url.URL) {}, true, closedDatabase, "ALLOW_CONNECTIONS"},
		"gone":   {func(u *url.URL) { u.Path += "_gone" }, false, noDatabase, "restore"},
		"wrong_password": {
			func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "x") }, false, wrongPassword, "password",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			u, err := url.Parse(b.url)
			if err != nil {
				t.Fatal(err)
			}
			if test.closed {
				database := strings.TrimPrefix(u.Path, "/")
				admin := devstacktest.Connect(t, devstacktest.Postgres(t).AdminURL("postgres"))
				if _, err := admin.Exec(
					t.Context(), fmt.Sprintf(`ALTER DATABASE %s ALLOW_CONNECTIONS false`, database),
				); err != nil {
					t.Fatal(err)
				}
			}
			test.change(u)
			b.url = u.String()
			requireUnavailable(t, b.open(Options{}), test.code, test.todo)
		})
	}
}

// TestTakesWrites: whoever asks before anything is written is told as well.
func TestTakesWrites(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	if err := b.TakesWrites(t.Context()); err != nil {
		t.Errorf("one that does: %v", err)
	}
	readOnly := b.with("default_transaction_read_only=on")
	if err := readOnly.TakesWrites(t.Context()); err == nil || !strings.Contains(err.Error(), "takes no writes") {
		t.Errorf("one that is read-only: %v", err)
	}
	if err := readOnly.Ready(t.Context()); err != nil {
		t.Errorf("it can be read, and is not ready: %v", err)
	}
}

// TestUnavailableWithoutConnections has others take all connections that the server gives, until they leave.
func TestUnavailableWithoutConnections(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	u, err := url.Parse(b.url)
	if err != nil {
		t.Fatal(err)
	}
	admin := devstacktest.Connect(t, devstacktest.Postgres(t).AdminURL(strings.TrimPrefix(u.Path, "/")))
	role := "limited_" + b.minter.Mint().String()
	if _, err := admin.Exec(t.Context(), fmt.Sprintf(
		`CREATE ROLE %[1]s LOGIN PASSWORD 'limited' CONNECTION LIMIT 2; GRANT ALL ON ALL TABLES IN SCHEMA public TO %[1]s`,
		role,
	)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // Roles outlive the database, and the test's context.
		ctx := context.WithoutCancel(t.Context())
		if _, err := admin.Exec(ctx, fmt.Sprintf(`DROP OWNED BY %[1]s; DROP ROLE %[1]s`, role)); err != nil {
			t.Error(err)
		}
	})
	u.User = url.UserPassword(role, "limited")
	var others []*pgx.Conn
	for range 2 {
		others = append(others, devstacktest.Connect(t, u.String()))
	}
	b.url = u.String()
	store := b.open(Options{})
	requireUnavailable(t, store, tooManyConnections, "max_connections")
	for _, other := range others {
		if err := other.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for { // The server counts a connection for a moment after its end.
		_, err := store.Locations(t.Context())
		if err == nil {
			break
		}
		if !IsUnavailable(err) {
			t.Fatal(err)
		}
	}
	store.Close()
}

// with is a store on the same database whose sessions have this parameter.
func (b *book) with(parameter string) *Store {
	b.t.Helper()
	separator := "?"
	if strings.Contains(b.url, "?") {
		separator = "&"
	}
	return (&book{t: b.t, url: b.url + separator + parameter}).open(Options{})
}

// requireUnavailable adds a location, which can't be done.
func requireUnavailable(t *testing.T, store *Store, code, todo string) {
	t.Helper()
	_, err := store.AddLocation(t.Context(), fulfillment.Location{Name: "Berlin", Active: true, StocksAll: true})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != code {
		t.Fatalf("got %v, want an error %s of the server", err, code)
	}
	if !IsUnavailable(err) || errors.Is(err, fulfillment.ErrInvalid) {
		t.Errorf("%v counts as something that stays", err)
	}
	if !strings.Contains(WhatToDo(err), todo) || strings.Count(err.Error(), WhatToDo(err)) != 1 {
		t.Errorf("%q does not say once what to do about %s", err, todo)
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
