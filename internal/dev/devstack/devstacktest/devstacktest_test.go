package devstacktest

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

func TestMain(m *testing.M) { Main(m) }

var migrations atomic.Int32

func migrateItems(ctx context.Context, url string) error {
	migrations.Add(1)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE TABLE items (name text)")
	return err
}

var (
	errBroken     = errors.New("broken")
	badMigrations atomic.Int32
)

func migrateBadly(context.Context, string) error {
	badMigrations.Add(1)
	return errBroken
}

func TestDatabase(t *testing.T) {
	t.Parallel()
	for range 4 {
		t.Run("is_migrated_once_and_not_shared", func(t *testing.T) {
			t.Parallel()
			conn := Connect(t, Database(t, migrateItems))
			if _, err := conn.Exec(t.Context(), "INSERT INTO items VALUES ('a')"); err != nil {
				t.Fatal(err)
			}
			var count int
			if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM items").Scan(&count); err != nil {
				t.Fatal(err)
			}
			if count != 1 {
				t.Errorf("%d items in a database of one's own, want 1", count)
			}
			if got := migrations.Load(); got != 1 {
				t.Errorf("migrated %d times, want once", got)
			}
		})
	}
	t.Run("is_empty_without_migrations", func(t *testing.T) {
		t.Parallel()
		conn := Connect(t, Database(t))
		var tables int
		err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables)
		if err != nil || tables != 0 {
			t.Errorf("%d tables, %v; want none", tables, err)
		}
	})
}

func TestDatabaseIsDroppedAtTheEnd(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("use", func(t *testing.T) { url = Database(t) })
	_, err := pgx.Connect(t.Context(), url)
	if err == nil {
		t.Fatal("the database of an ended test is still there")
	}
}

func TestMigrationThatFailsFailsEveryTest(t *testing.T) {
	t.Parallel()
	server := Postgres(t)
	for range 2 {
		if _, err := migrated(server, migrateBadly); !errors.Is(err, errBroken) {
			t.Errorf("got %v, want the migration's error", err)
		}
	}
	if got := badMigrations.Load(); got != 1 {
		t.Errorf("tried %d times, want once", got)
	}
}

// A fresh namespace must be usable at once, with its search attributes: by a
// worker, a workflow and a list query.
func TestNamespace(t *testing.T) {
	t.Parallel()
	state := temporal.NewSearchAttributeKeyKeyword("ItemState")
	run := func(ctx workflow.Context) error {
		return workflow.UpsertTypedSearchAttributes(ctx, state.ValueSet("done"))
	}
	for range 3 {
		t.Run("is_usable_at_once", func(t *testing.T) {
			t.Parallel()
			server, namespace := Namespace(t, map[string]string{"ItemState": "Keyword", "ItemDue": "Datetime"})
			c, err := client.Dial(client.Options{
				HostPort: server.Address(), Namespace: namespace,
				Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			w := worker.New(c, "items", worker.Options{})
			w.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: "Item"})
			if err := w.Start(); err != nil {
				t.Fatal(err)
			}
			defer w.Stop()
			started, err := c.ExecuteWorkflow(
				t.Context(), client.StartWorkflowOptions{ID: "item/1", TaskQueue: "items"}, "Item",
			)
			if err != nil {
				t.Fatal(err)
			}
			if err := started.Get(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			waitUntilListed(t, c, namespace)
		})
	}
}

func waitUntilListed(t *testing.T, c client.Client, namespace string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		listed, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: namespace, Query: "ItemState = 'done'",
		})
		if err == nil && len(listed.GetExecutions()) == 1 {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the workflow is never listed by its search attribute: %v (last: %v)", listed, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
