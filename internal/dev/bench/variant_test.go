package bench

import (
	"context"
	"testing"

	"packhorse/internal/dev/bench/bare"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/worker/workertest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// TestFloorIsWhatPackhorseDoes holds the comparison fair: the floor makes as many workflows, updates and calls as a
// real order, and naive one activity more for each of packhorse's commits.
func TestFloorIsWhatPackhorseDoes(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	url := string(s.Settings.Database.URL)
	if err := bare.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	pool := devstacktest.Pool(t, url)
	accepted := watchAcceptances(t.Context(), s.Store)
	t.Cleanup(accepted.close)
	packhorse, err := newPackhorseDriver(t.Context(), s.Temporal, s.Store, accepted)
	if err != nil {
		t.Fatal(err)
	}
	drivers := map[Variant]driver{Packhorse: packhorse}
	for _, kind := range []bare.Kind{bare.Floor, bare.Naive} {
		drivers[Variant(kind)] = newBareDriver(kind, s.Temporal)
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		ended := make(chan error, 1)
		go func() { ended <- bare.Run(ctx, kind, s.Settings, t.Output()) }()
		t.Cleanup(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}

	const (
		orders      = 4
		transitions = 6
	)
	shapes := map[Variant]Shape{}
	for v, d := range drivers {
		done := 0
		l, err := run(t.Context(), d, orders, 2, func() { done++ })
		if err != nil {
			t.Fatal(err)
		}
		if done != orders || len(l.sample) != orders || len(l.latency[Create]) != orders ||
			len(l.latency[Event]) != 2*orders {
			t.Errorf(
				"%s: %d orders done, %d sampled, %d created, %d events", v, done, len(l.sample), len(l.latency[Create]),
				len(l.latency[Event]),
			)
		}
		if shapes[v], err = shapeOf(t.Context(), s.Temporal, l.sample); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %+v", v, shapes[v])
	}
	floor, real, naive := shapes[Floor], shapes[Packhorse], shapes[Naive]
	if floor.Workflows != 2 || floor.Workflows != real.Workflows || floor.Updates != real.Updates ||
		floor.Activities != real.Activities {
		t.Errorf("the floor is %+v, packhorse %+v", floor, real)
	}
	if floor.Markers != 0 || real.Markers != transitions+1 { // And the snapshot, at the start of a fulfillment order.
		t.Errorf("%v local activities of the floor, %v of packhorse", floor.Markers, real.Markers)
	}
	if naive.Workflows != floor.Workflows || naive.Updates != floor.Updates ||
		naive.Activities != floor.Activities+transitions {
		t.Errorf("naive is %+v, the floor %+v", naive, floor)
	}
	var recorded int
	if err := pool.QueryRow(
		t.Context(), `SELECT count(*) FROM bench_naive.fulfillment_orders WHERE status = 'DELIVERED'`,
	).Scan(&recorded); err != nil || recorded != orders {
		t.Errorf("%d naive orders are delivered, %v; want %d", recorded, err, orders)
	}
}
