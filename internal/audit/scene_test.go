package audit

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/worker/workertest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// scene is a running engine whose callers remember what they were told.
type scene struct {
	*workertest.Stack
	t   testing.TB
	saw Witness
}

func newScene(t testing.TB) *scene { return &scene{Stack: workertest.Start(t), t: t} }

// service adds a service with the simulated provider.
func (s *scene) service(name string, options map[string]any) fulfillment.ID {
	s.t.Helper()
	return s.Service(fulfillment.Service{Name: name, Provider: simulated.DefaultID, Options: options}).LocationID
}

// order creates an order of one line and tells its ID and that of its only fulfillment order.
func (s *scene) order(location fulfillment.ID, quantity int) (orderID, id fulfillment.ID) {
	s.t.Helper()
	id = s.Order(location, quantity)
	orderID = s.Load(id).OrderID
	s.saw.Orders = append(s.saw.Orders, orderID)
	return orderID, id
}

// send sends a command that must succeed.
func (s *scene) send(id fulfillment.ID, cmd fulfillment.Command) fulfillment.Result {
	s.t.Helper()
	result := s.Send(id, cmd)
	s.did(s.Load(id).OrderID, id, cmd.Verb(), cmd.Envelope())
	return result
}

// joint sends a joint command that must succeed.
func (s *scene) joint(orderID fulfillment.ID, cmd fulfillment.Joint) {
	s.t.Helper()
	if _, err := s.Command.Joint(s.t.Context(), orderID, cmd); err != nil {
		s.t.Fatalf("%s: %v", cmd.Verb(), err)
	}
	s.did(orderID, 0, cmd.Verb(), cmd.Envelope())
}

func (s *scene) did(orderID, id fulfillment.ID, verb fulfillment.Verb, meta *fulfillment.Meta) {
	s.saw.Commands = append(
		s.saw.Commands, Command{ID: meta.CommandID, OrderID: orderID, FulfillmentOrderID: id, Verb: string(verb)},
	)
}

// on are the sources with this database.
func (s *scene) on(t testing.TB, databaseURL string) Sources {
	t.Helper()
	pool := devstacktest.Pool(t, databaseURL)
	store, err := postgres.Open(t.Context(), databaseURL, postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	ledger, err := simulated.OpenLedger(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ledger.Close)
	return Sources{
		Database: pool, Store: store, Temporal: s.Temporal, Namespace: s.Settings.Temporal.Namespace, Ledger: ledger,
	}
}

// comesToRest waits until nothing is under way.
func comesToRest(t testing.TB, from Sources) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	waitingFor := ""
	for {
		now, err := AtRest(ctx, from)
		if err != nil {
			t.Fatalf("%v; it waited for %s", err, waitingFor)
		}
		if waitingFor = now; now == "" {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("it never came to rest: %s", waitingFor)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// databaseName is the database that a URL names.
func databaseName(t testing.TB, databaseURL string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// frozen copies the scene's database once, so that tests can copy the copy, and break that, while the workers are at
// work on the scene's own.
func (s *scene) frozen(t testing.TB) string {
	t.Helper()
	server := devstacktest.Postgres(t)
	source := databaseName(t, string(s.Settings.Database.URL))
	name := source + "_frozen"
	workertest.WaitFor(t, "all events in the feed", func() bool {
		waiting, _, err := s.Store.FeedWaiting(t.Context())
		return err == nil && waiting == 0
	})
	s.StopWorker()
	s.Store.Close() // A copy needs a database that nobody is connected to.
	conn := devstacktest.Connect(t, server.AdminURL("postgres"))
	if _, err := conn.Exec(
		t.Context(), `SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = $1`, source,
	); err != nil {
		t.Fatal(err)
	}
	if err := server.CopyDatabase(t.Context(), name, source); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.DropDatabase(context.WithoutCancel(t.Context()), name); err != nil {
			t.Error(err)
		}
	})
	s.StartWorker()
	return name
}

// broken copies a frozen database and breaks the copy.
func (s *scene) broken(t testing.TB, frozen string, statements ...string) Sources {
	t.Helper()
	server := devstacktest.Postgres(t)
	name := frozen + "_" + strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, t.Name()[strings.LastIndexByte(t.Name(), '/')+1:]))
	if err := server.CopyDatabase(t.Context(), name, frozen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.DropDatabase(context.WithoutCancel(t.Context()), name); err != nil {
			t.Error(err)
		}
	})
	from := s.on(t, server.URL(name))
	for _, sql := range statements {
		tag, err := from.Database.Exec(t.Context(), sql)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if !strings.HasPrefix(sql, "ALTER") && !strings.HasPrefix(sql, "DROP") && tag.RowsAffected() == 0 {
			t.Fatalf("%s: it broke nothing", sql)
		}
	}
	return from
}
