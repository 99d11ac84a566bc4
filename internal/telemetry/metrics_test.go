package telemetry

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := NewRegistry()
	m := NewMetrics(registry)
	m.Transition("HELD")
	m.Refusal("Hold", "NOT_OPEN")
	m.ProviderCall("simulated", "create", "accepted", 20*time.Millisecond)
	m.Commit(CommitLocal, "committed", 3*time.Millisecond)
	m.Commit(CommitActivity, "stale", 3*time.Second)
	m.DeadlineMissed()
	m.Refreshed()
	m.Overdue(3)
	m.Paused(2)
	m.WebhooksLag(7, 191*time.Second)
	m.Callback("FETCH_STOCK", CallbackAnswered)
	m.CallbackServices(2, time.Hour)
	err := testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP packhorse_callback_services_failing Fulfillment services whose last call has failed, or that are called no more because they said that they are gone, when this process looked last; 0 where another one keeps the feed.
# TYPE packhorse_callback_services_failing gauge
packhorse_callback_services_failing 2
# HELP packhorse_callbacks_total Calls of fulfillment services at their callback URLs, by what for and how they ended.
# TYPE packhorse_callbacks_total counter
packhorse_callbacks_total{call="FETCH_STOCK",outcome="answered"} 1
# HELP packhorse_commits_total Attempts to commit transitions to the database, by result.
# TYPE packhorse_commits_total counter
packhorse_commits_total{result="committed"} 1
packhorse_commits_total{result="stale"} 1
# HELP packhorse_deadlines_missed_total Fulfillment orders whose fulfillBy passed with units left.
# TYPE packhorse_deadlines_missed_total counter
packhorse_deadlines_missed_total 1
# HELP packhorse_provider_calls_total Calls to fulfillment providers, by what was asked and how it ended.
# TYPE packhorse_provider_calls_total counter
packhorse_provider_calls_total{kind="create",outcome="accepted",provider="simulated"} 1
# HELP packhorse_refusals_total Commands refused, by command and error code.
# TYPE packhorse_refusals_total counter
packhorse_refusals_total{code="NOT_OPEN",command="Hold"} 1
# HELP packhorse_transitions_total Transitions committed, by kind.
# TYPE packhorse_transitions_total counter
packhorse_transitions_total{kind="HELD"} 1
# HELP packhorse_watch_overdue Fulfillment orders with something that should have happened by itself, when this process looked last; 0 where another one watches.
# TYPE packhorse_watch_overdue gauge
packhorse_watch_overdue 3
# HELP packhorse_watch_paused Of those overdue, fulfillment orders whose workflow somebody has paused in Temporal.
# TYPE packhorse_watch_paused gauge
packhorse_watch_paused 2
# HELP packhorse_watch_refreshed_total Fulfillment orders whose workflow had to be started or told that the store is ahead of it.
# TYPE packhorse_watch_refreshed_total counter
packhorse_watch_refreshed_total 1
# HELP packhorse_webhook_lag_events Events of the feed that the webhook subscription farthest behind had yet to look at, of those that are enabled, when this process looked last; 0 where another one keeps the feed.
# TYPE packhorse_webhook_lag_events gauge
packhorse_webhook_lag_events 7
# HELP packhorse_webhook_lag_seconds How long ago the oldest of such events was committed.
# TYPE packhorse_webhook_lag_seconds gauge
packhorse_webhook_lag_seconds 191
`), "packhorse_callback_services_failing", "packhorse_callbacks_total", "packhorse_commits_total",
		"packhorse_deadlines_missed_total", "packhorse_provider_calls_total", "packhorse_refusals_total",
		"packhorse_transitions_total",
		"packhorse_watch_overdue", "packhorse_watch_paused", "packhorse_watch_refreshed_total",
		"packhorse_webhook_lag_events", "packhorse_webhook_lag_seconds")
	if err != nil {
		t.Error(err)
	}
	for name, want := range map[string]int{
		"packhorse_commit_seconds": 2, "packhorse_provider_call_seconds": 1, "packhorse_build_info": 1,
		"go_goroutines": 1, "process_resident_memory_bytes": 1,
	} {
		if got, err := testutil.GatherAndCount(registry, name); err != nil || got != want {
			t.Errorf("%d series of %s, %v; want %d", got, name, err, want)
		}
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		if strings.HasPrefix(problem.Metric, "packhorse_") {
			t.Errorf("%s: %s", problem.Metric, problem.Text)
		}
	}
}

func TestNilMetricsDoNothing(t *testing.T) {
	t.Parallel()
	var m *Metrics
	m.Transition("x")
	m.Refusal("x", "x")
	m.ProviderCall("x", "x", "x", 1)
	m.Commit("x", "x", 1)
	m.DeadlineMissed()
	m.Refreshed()
	m.Overdue(1)
	m.Paused(1)
	m.CountOpen(func(context.Context) ([]OpenCount, error) { return nil, nil })
}

func TestCountOpen(t *testing.T) {
	t.Parallel()
	newCollector := func(count func(context.Context) ([]OpenCount, error)) (*openCollector, *prometheus.Registry) {
		registry := prometheus.NewRegistry()
		m := NewMetrics(registry)
		m.CountOpen(count)
		c := &openCollector{
			count: count, errors: m.openErrors, now: time.Now,
			description: prometheus.NewDesc("open", "", []string{"status", "request_status"}, nil),
		}
		return c, registry
	}
	t.Run("is_on_the_registry", func(t *testing.T) {
		t.Parallel()
		_, registry := newCollector(func(context.Context) ([]OpenCount, error) {
			return []OpenCount{{"OPEN", "SUBMITTED", 2}, {"ON_HOLD", "UNSUBMITTED", 1}, {"OPEN", "SUBMITTED", 3}}, nil
		})
		if err := testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP packhorse_fulfillment_orders_open Fulfillment orders that are not closed, by state.
# TYPE packhorse_fulfillment_orders_open gauge
packhorse_fulfillment_orders_open{request_status="SUBMITTED",status="OPEN"} 5
packhorse_fulfillment_orders_open{request_status="UNSUBMITTED",status="ON_HOLD"} 1
`), "packhorse_fulfillment_orders_open"); err != nil {
			t.Error(err)
		}
	})
	t.Run("asks_again_after_its_age_and_never_twice_at_once", func(t *testing.T) {
		t.Parallel()
		var asked, running atomic.Int32
		c, _ := newCollector(func(context.Context) ([]OpenCount, error) {
			if running.Add(1) != 1 {
				t.Error("asked twice at once")
			}
			defer running.Add(-1)
			return []OpenCount{{"OPEN", "SUBMITTED", int(asked.Add(1))}}, nil
		})
		now := time.Now()
		c.now = func() time.Time { return now }
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { c.current() })
		}
		group.Wait()
		if got := asked.Load(); got != 1 {
			t.Errorf("asked %d times within its age, want once", got)
		}
		now = now.Add(openCountAge)
		if got := c.current(); len(got) != 1 || got[0].Count != 2 {
			t.Errorf("got %v, want a fresh count", got)
		}
	})
	t.Run("is_absent_while_it_fails", func(t *testing.T) {
		t.Parallel()
		fails := false
		c, _ := newCollector(func(ctx context.Context) ([]OpenCount, error) {
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("no deadline")
			}
			if fails {
				return nil, errors.New("down")
			}
			return []OpenCount{{"OPEN", "SUBMITTED", 1}}, nil
		})
		now := time.Now()
		c.now = func() time.Time { return now }
		if got := testutil.CollectAndCount(c); got != 1 {
			t.Fatalf("%d series, want 1", got)
		}
		fails, now = true, now.Add(openCountAge)
		if got := testutil.CollectAndCount(c); got != 0 {
			t.Errorf("%d series of an old count, want none", got)
		}
		if got := testutil.ToFloat64(c.errors); got != 1 {
			t.Errorf("%v errors counted, want 1", got)
		}
	})
}
