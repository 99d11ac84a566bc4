package worker_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/update"
	"packhorse/internal/worker/workertest"
)

// TestUnavailableDatabase has a PostgreSQL that is there and does not do what it is asked: a command waits, whoever
// sent it is told why and what to do, and it is done once when that is over.
func TestUnavailableDatabase(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		begin, end func(t *testing.T, admin *pgx.Conn, url string)
		todo       string
	}{
		"read_only": {
			begin: func(t *testing.T, admin *pgx.Conn, _ string) {
				exec(t, admin, `ALTER SYSTEM SET default_transaction_read_only = on`, `SELECT pg_reload_conf()`)
				breakOff(t, admin)
			},
			end: func(t *testing.T, admin *pgx.Conn, _ string) {
				exec(t, admin, `ALTER SYSTEM RESET default_transaction_read_only`, `SELECT pg_reload_conf()`)
				breakOff(t, admin)
			},
			todo: "takes no writes",
		},
		"connections_taken": {begin: takeConnections, end: leaveConnections, todo: "All connections of PostgreSQL are taken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := devstacktest.NewPostgres(t)
			if err := server.CreateDatabase(t.Context(), "unavailable"); err != nil {
				t.Fatal(err)
			}
			url := server.URL("unavailable")
			s := workertest.StartOn(t, url)
			id := s.Order(s.Warehouse("Berlin").ID, 1)
			s.Send(id, &fulfillment.SetDeadline{FulfillBy: new(time.Now().Add(time.Hour))})
			admin := devstacktest.Connect(t, server.AdminURL("unavailable")+"&application_name=admin")
			told := make(chan string, 1000)
			c := update.New(s.Temporal, s.Store, update.Options{Waiting: func(_ context.Context, cause error) {
				told <- update.ExplainCause(cause)
			}})
			test.begin(t, admin, url)
			ended := make(chan error, 1)
			go func() {
				_, err := c.Command(t.Context(), id, &fulfillment.PlaceHold{
					Meta:   fulfillment.Meta{CommandID: "waits", FirstID: new(fulfillment.Minter).Mint()},
					Reason: fulfillment.HoldOther,
				})
				ended <- err
			}()
			for text := ""; !strings.Contains(text, test.todo); {
				select {
				case text = <-told:
				case err := <-ended:
					t.Fatalf("answered with %v", err)
				case <-time.After(time.Minute):
					t.Fatalf("told %q, want %q", text, test.todo)
				}
			}
			test.end(t, admin, url)
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			workertest.WaitFor(t, "one hold", func() bool { // Connections that broke off are found out by use.
				fo, err := s.Store.Load(t.Context(), id)
				return err == nil && len(fo.Holds) == 1
			})
		})
	}
}

// takers are the applications that take connections from others.
const takers = "taker"

// takeConnections takes every connection that is left when Packhorse has lost its own.
func takeConnections(t *testing.T, admin *pgx.Conn, url string) {
	t.Helper()
	for {
		taken, err := pgx.Connect(t.Context(), url+"&application_name="+takers)
		var full *pgconn.PgError
		switch {
		case err == nil: // The test's own context ends before its cleanup.
			t.Cleanup(func() { _ = taken.Close(context.WithoutCancel(t.Context())) })
		case !errors.As(err, &full) || full.Code != "53300":
			t.Fatal(err)
		default: // While connections are broken off and taken, others may come.
			var others int
			if err := admin.QueryRow(t.Context(), `SELECT count(*) FROM `+othersConnections).Scan(&others); err != nil {
				t.Fatal(err)
			}
			if others == 0 {
				return
			}
			breakOff(t, admin)
		}
	}
}

func leaveConnections(t *testing.T, admin *pgx.Conn, _ string) {
	t.Helper()
	exec(t, admin, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '`+takers+`'`)
}

// othersConnections are those of Packhorse.
const othersConnections = `pg_stat_activity
	WHERE application_name NOT IN ('admin', '` + takers + `') AND backend_type = 'client backend'`

// breakOff ends the connections of Packhorse.
func breakOff(t *testing.T, admin *pgx.Conn) {
	t.Helper()
	exec(t, admin, `SELECT pg_terminate_backend(pid, 10000) FROM `+othersConnections)
}

func exec(t *testing.T, admin *pgx.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
