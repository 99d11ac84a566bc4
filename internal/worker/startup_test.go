package worker_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/provider/manual"
	"packhorse/internal/temporalio"
	"packhorse/internal/temporalio/connect"
	"packhorse/internal/worker"
	"packhorse/internal/worker/workertest"
)

// health asks a worker for a path of its health and returns the status with the text; 0: nothing answers.
func health(t *testing.T, s worker.Settings, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(
		t.Context(), http.MethodGet, "http://"+s.Worker.MetricsAddress+path, nil,
	)
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// notReady waits until /readyz gives this reason, and wants /livez to answer meanwhile.
func notReady(t *testing.T, s worker.Settings, reason string) {
	t.Helper()
	workertest.WaitFor(t, "/readyz with: "+reason, func() bool {
		status, text := health(t, s, "/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(text, reason)
	})
	if status, _ := health(t, s, "/livez"); status != http.StatusOK {
		t.Errorf("/livez is %d while it waits: it would be killed and started again", status)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	port, err := devstack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

func unprepared(t *testing.T, databaseURL, temporal, namespace string) worker.Settings {
	return worker.Settings{
		Database: config.Database{URL: config.DatabaseURL(databaseURL), MaxConns: 4},
		Temporal: config.Temporal{Address: temporal, Namespace: namespace},
		Worker: config.Worker{
			MetricsAddress: freeAddress(t), StopTimeout: time.Second,
			StickyCacheSize: 1000, MaxConcurrentWorkflowTasks: 10, MaxConcurrentActivities: 10, WorkflowPollers: 2,
			ActivityPollers: 2, ProviderConcurrency: 2, Providers: config.Names{fulfillment.ManualProvider},
			LogLevel: slog.LevelWarn, LogFormat: "text",
		},
		Providers: catalogue.Catalogue{manual.Entry()},
	}
}

// A worker that is started in an outage, or before anything is prepared, answers for its health, says what it waits
// for, and begins its work by itself once everything is there.
func TestWorkerWaitsAtTheStart(t *testing.T) {
	t.Parallel()
	database := devstacktest.Postgres(t)
	name := "waits_" + strings.ToLower(t.Name())
	server := devstacktest.NewTemporal(t, nil)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := unprepared(t, database.URL(name), server.Address(), server.Namespace())
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, s, t.Output()) }()

	notReady(t, s, `database "`+name+`" does not exist`)
	if err := database.CreateDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	defer func() {
		stop()
		<-done
		if err := database.DropDatabase(context.WithoutCancel(t.Context()), name); err != nil {
			t.Error(err)
		}
	}()
	notReady(t, s, "start: waits for PostgreSQL: the database has version 0")
	if err := postgres.Migrate(t.Context(), database.URL(name)); err != nil {
		t.Fatal(err)
	}
	notReady(t, s, "start: waits for Temporal: connect to Temporal at "+server.Address())
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	notReady(t, s, "start: waits for the search attributes")
	notReady(t, s, "temporal operator search-attribute create")
	client, err := connect.Dial(t.Context(), s.Temporal, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := temporalio.RegisterSearchAttributes(t.Context(), client, s.Temporal.Namespace); err != nil {
		t.Fatal(err)
	}
	ready := func() bool {
		status, _ := health(t, s, "/readyz")
		return status == http.StatusOK
	}
	workertest.WaitFor(t, "the worker at work", ready)

	// A server that is stopped with SIGSTOP stands for one that answers nothing any more.
	if err := server.Process().Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	notReady(t, s, "temporal: connect to Temporal at "+server.Address())
	if err := server.Process().Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "the worker at work again", ready)
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	done <- nil
}

// What can be mended from outside is waited for: a namespace can be made, and nobody has to start the worker again.
func TestWorkerWaitsForItsNamespace(t *testing.T) {
	t.Parallel()
	server := devstacktest.Temporal(t, nil)
	s := unprepared(t, devstacktest.Database(t, postgres.Migrate), server.Address(), "not-made-yet")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, s, t.Output()) }()
	notReady(t, s, `there is no namespace "not-made-yet"`)
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWorkerStopsWhileItWaits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ database, waits string }{
		"for_postgres": {"postgres://nobody@" + freeAddress(t) + "/x", "waits for PostgreSQL"},
		"for_temporal": {devstacktest.Database(t, postgres.Migrate), "waits for Temporal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := unprepared(t, test.database, freeAddress(t), "default")
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			done := make(chan error, 1)
			go func() { done <- worker.Run(ctx, s, t.Output()) }()
			notReady(t, s, test.waits)
			stop()
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(20 * time.Second):
				t.Error("it still runs 20 s after it was told to stop")
			}
		})
	}
}

// A worker whose database takes no writes, such as a standby, is not ready: it could commit nothing.
func TestWorkerIsNotReadyWithoutWrites(t *testing.T) {
	t.Parallel()
	server, namespace := devstacktest.Namespace(t, nil)
	url := devstacktest.Database(t, postgres.Migrate) + "&default_transaction_read_only=on"
	s := unprepared(t, url, server.Address(), namespace)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, s, t.Output()) }()
	notReady(t, s, "[-] writes: PostgreSQL takes no writes")
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
