package postgres

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/pooler"
)

// Behind PgBouncer in transaction mode everything works once the URL names a mode that needs no session: migrations,
// commits, lists, and the right to watch.
func TestBehindAPooler(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			direct := devstacktest.Database(t)
			url := devstacktest.Pooled(t, direct) + "&default_query_exec_mode=" + mode
			var migrations errgroup.Group
			for range 2 {
				migrations.Go(func() error { return Migrate(t.Context(), url) })
			}
			if err := migrations.Wait(); err != nil {
				t.Fatal(err)
			}
			b := &book{t: t, url: url, now: testStart, calls: new(tripCounter)}
			b.Store = b.open(Options{MaxConns: 8})
			if err := b.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			var orders []*fulfillment.FulfillmentOrder
			for range 8 {
				_, fos := b.create(merchant, service)
				orders = append(orders, fos...)
			}
			var commits errgroup.Group // Many at once, over fewer sessions.
			for _, fo := range orders {
				var planned []fulfillment.Commit
				for _, cmd := range []fulfillment.Command{
					&fulfillment.PlaceHold{Reason: fulfillment.HoldOther}, &fulfillment.ReleaseHold{},
					&fulfillment.CreateFulfillment{},
				} {
					c := b.decide(fo, cmd)
					planned, fo = append(planned, c), c.State
				}
				commits.Go(func() error {
					for _, c := range planned {
						if _, err := b.Commit(t.Context(), c); err != nil {
							return err
						}
					}
					return nil
				})
			}
			if err := commits.Wait(); err != nil {
				t.Fatal(err)
			}
			list := FulfillmentOrderList{IncludeClosed: true, Search: searched(t, FulfillmentOrderSearch, "status:closed"),
				Window: Window{Sort: SortUpdatedAt, First: 100}}
			got, err := b.ListFulfillmentOrders(t.Context(), list)
			if err != nil || len(got.Items) != len(orders) {
				t.Errorf("%d of %d are listed, %v", len(got.Items), len(orders), err)
			}
			first, err := b.TryWatch(t.Context(), time.Minute)
			if err != nil || first == nil {
				t.Fatalf("nobody watches, and the right was not given: %v", err)
			}
			if second, err := b.TryWatch(t.Context(), time.Minute); err != nil || second != nil {
				t.Errorf("two watch, %v", err)
			}
			if err := first.Check(t.Context()); err != nil {
				t.Error(err)
			}
			first.Release()
			second, err := b.TryWatch(t.Context(), time.Minute)
			if err != nil || second == nil {
				t.Errorf("the right was given up, and not given again: %v", err)
			}
			second.Release()
		})
	}
}

// A URL that does not tell of the pooler is met with an error that does.
func TestAPoolerNobodyTellsOf(t *testing.T) {
	t.Parallel()
	store, err := Open(t.Context(), devstacktest.Pooled(t, devstacktest.Database(t, Migrate)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Ping(t.Context()); !errors.Is(err, pooler.ErrPooler) {
		t.Errorf("%v, want to hear of the pooler", err)
	}
	if err := store.Ready(t.Context()); !errors.Is(err, pooler.ErrPooler) {
		t.Errorf("%v, want to hear of the pooler", err)
	}
}
