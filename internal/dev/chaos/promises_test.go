package chaos

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"packhorse/internal/audit"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// TestPromises has each promise kept once, and once broken.
func TestPromises(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	database := devstacktest.Pool(t, string(s.Settings.Database.URL))
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	hold := &fulfillment.PlaceHold{Meta: fulfillment.Meta{CommandID: "hold"}, Reason: fulfillment.HoldOther}
	answered := s.Send(id, hold)
	otherwise := answered
	otherwise.Sequence++
	known, unheard := sent{id: "hold", verb: "Hold", fulfillmentOrderID: id}, sent{
		id: "unheard-of", verb: "Hold", fulfillmentOrderID: id,
	}

	for _, promise := range []struct {
		name         string
		kept, broken func(a *actor)
	}{
		{promiseAnswer,
			func(a *actor) { a.insist(known, func(context.Context) error { return nil }) },
			func(a *actor) { a.insist(known, func(context.Context) error { return errors.New("no reason") }) }},
		{promiseRead, func(a *actor) { a.read(known, answered) }, func(a *actor) { a.read(known, otherwise) }},
		{
			promiseSame, func(a *actor) { a.repeat(known, hold, answered) },
			func(a *actor) { a.repeat(known, hold, otherwise) },
		},
		// Nobody has used the other ID yet: the command that was to be refused is carried out.
		{promiseConflict, func(a *actor) { a.reuse(known) }, func(a *actor) { a.reuse(unheard) }},
		{
			promiseSignal, looksUp(t, database, known),
			looksUp(t, database, sent{id: "lost", verb: "Move", fulfillmentOrderID: id}),
		},
	} {
		a := &actor{rng: rand.New(rand.NewPCG(1, 1)), commands: s.Command, pool: &pool{store: s.Store},
			journal: newJournal(io.Discard, nil),
			minter:  new(fulfillment.Minter), patience: t.Context()}
		seen := a.journal.promises[promise.name]
		if promise.kept(a); seen.Checked != 1 || len(seen.Violations) != 0 {
			t.Errorf("%s: it is kept, but checked %d times and broken %v", promise.name, seen.Checked, seen.Violations)
		}
		if promise.broken(a); seen.Checked != 2 || len(seen.Violations) != 1 {
			t.Errorf(
				"%s: it is broken, but checked %d times and broken %v", promise.name, seen.Checked, seen.Violations,
			)
		}
	}
}

// looksUp looks for what became of a signal.
func looksUp(t *testing.T, database *pgxpool.Pool, signal sent) func(*actor) {
	return func(a *actor) {
		a.journal.signals = []answered{{sent: signal}}
		r := &run{stage: &stage{sources: audit.Sources{Database: database}}, journal: a.journal}
		if err := r.checkSignals(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestUnrest asks a system to come to rest in which something is still to happen.
func TestUnrest(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	database := devstacktest.Pool(t, string(s.Settings.Database.URL))
	r := &run{Options: Options{
		Rest: time.Millisecond, Notice: func(string) {},
	}, result: new(Result), journal: newJournal(io.Discard, nil),
		stage: &stage{
			store: s.Store,
			sources: audit.Sources{
				Database: database, Store: s.Store, Ledger: s.Ledger(), Temporal: s.Temporal,
				Namespace: s.Settings.Temporal.Namespace,
			},
		}}
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: new(time.Now().Add(30 * time.Second).UTC())})
	if err := r.rest(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rest := r.result.Assertions[0]; rest.Name != promiseRest || len(rest.Violations) != 1 ||
		rest.Violations[0].FulfillmentOrderID != id {
		t.Errorf("a deadline is near, but it says %+v", rest)
	}
}
