package growth

import (
	"testing"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// TestStores measures small stores: what is loaded is found by every query, with one statement, and can be commanded.
func TestStores(t *testing.T) {
	t.Parallel()
	var result Result
	if err := measureStores(
		t.Context(), devstacktest.Postgres(t), Options{Sizes: []int{400, 2000}, Rounds: 1}, &result, t.Output(),
	); err != nil {
		t.Fatal(err)
	}
	if result.RoundTrips == 0 || result.RoundTrips > MostRoundTrips {
		t.Errorf("a commit takes %d round trips, want 1 to %d", result.RoundTrips, MostRoundTrips)
	}
	for _, q := range result.Queries {
		if q.Statements != 1 {
			t.Errorf("%s takes %d statements, want 1", q.Name, q.Statements)
		}
	}
}

// TestLoaded reads all of a small store one by one: what was copied is what the store would have written.
func TestLoaded(t *testing.T) {
	t.Parallel()
	server := devstacktest.Postgres(t)
	rows, err := readLives(t.Context(), server, "loaded_lives")
	if err != nil {
		t.Fatal(err)
	}
	const size = 200
	s, err := loadStore(t.Context(), server, rows, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	all, err := s.ListFulfillmentOrders(
		t.Context(),
		postgres.FulfillmentOrderList{Window: postgres.Window{First: postgres.MaxLimit}, IncludeClosed: true},
	)
	if err != nil || len(all.Items) != size {
		t.Fatalf("%d are listed, %v; want %d", len(all.Items), err, size)
	}
	for i, listed := range all.Items {
		fo, err := s.Load(t.Context(), fulfillmentOrderOf(firstCopy+int64(i)))
		if err != nil {
			t.Fatal(err)
		}
		order, err := s.Order(t.Context(), fo.OrderID)
		if err != nil {
			t.Fatal(err)
		}
		history, err := s.Transitions(t.Context(), fo.ID, postgres.Page{})
		if err != nil {
			t.Fatal(err)
		}
		l := lives()[i%len(lives())]
		last := history.Items[len(history.Items)-1]
		switch {
		case fo.ID != listed.ID || fo.OrderName != order.Name || len(order.LineItems) != len(fo.Lines):
			t.Errorf(
				"%d of order %s is listed as %d of order %s with %d lines", fo.ID, fo.OrderName, listed.ID, order.Name,
				len(order.LineItems),
			)
		case len(fo.Recent) != len(l.commands) || int64(len(history.Items)) != fo.Sequence ||
			last.After.Status != fo.Status:
			t.Errorf("%d has %d answers to %d commands, and %d transitions, the last to %s: it is %s at %d", fo.ID,
				len(fo.Recent), len(l.commands),
				len(history.Items), last.After.Status, fo.Status, fo.Sequence)
		case !last.At.Equal(fo.UpdatedAt) || fo.UpdatedAt.Before(dayOf(i, size)) ||
			fo.UpdatedAt.After(dayOf(i, size).AddDate(0, 0, 2)):
			t.Errorf(
				"%d was changed at %s, by its history at %s, and belongs to %s", fo.ID, fo.UpdatedAt, last.At,
				dayOf(i, size),
			)
		}
	}
}

// TestReplay measures a short life: all of it is in the history of one run, which replays.
func TestReplay(t *testing.T) {
	t.Parallel()
	server, namespace := devstacktest.Namespace(t, temporalio.SearchAttributes())
	r, err := replay(
		t.Context(), devstacktest.Database(t, postgres.Migrate),
		config.Temporal{Address: server.Address(), Namespace: namespace}, 8, t.Output(),
	)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Runs) != 1 || r.Longest != r.Runs[0] || r.Longest.Events < 8*5 || r.AllocBytes == 0 || r.Cold == 0 {
		t.Errorf("got %+v, want one run with the events of 8 commands", r)
	}
}
