package gateway

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestBucket(t *testing.T) {
	t.Parallel()
	b := NewBucket(Rate{Maximum: 100, RestorePerSecond: 10})
	for _, step := range []struct {
		rule      string
		after     time.Duration // since noon
		take      int
		refund    int
		ok        bool
		available int
	}{
		{"it starts full", 0, 70, 0, true, 30},
		{"what is not there is not given", 0, 31, 0, false, 30},
		{"nothing was taken then", 0, 30, 0, true, 0},
		{"it refills", 2 * time.Second, 5, 0, true, 15},
		{"by parts of a second", 2*time.Second + 50*time.Millisecond, 0, 0, true, 15},
		{"which add up", 2*time.Second + 100*time.Millisecond, 16, 0, true, 0},
		{"a clock going back restores nothing", time.Second, 1, 0, false, 0},
		{"nor is it restored twice", 2*time.Second + 100*time.Millisecond, 1, 0, false, 0},
		{"a refund", 2*time.Second + 100*time.Millisecond, 0, 12, true, 12},
		{"it is never fuller than full", time.Hour, 0, 50, true, 100},
		{"more than it holds is never given", time.Hour, 101, 0, false, 100},
	} {
		now := noon.Add(step.after)
		ok, status := b.Take(now, step.take)
		if step.refund > 0 {
			status = b.Refund(now, step.refund)
		}
		want := Status{MaximumAvailable: 100, CurrentlyAvailable: step.available, RestoreRate: 10}
		if ok != step.ok || status != want {
			t.Errorf("%s: Take = %v, %+v; want %v, %+v", step.rule, ok, status, step.ok, want)
		}
	}
}

func TestBucketConcurrently(t *testing.T) {
	t.Parallel()
	buckets, err := NewBuckets(Rate{Maximum: 50}, 10)
	if err != nil {
		t.Fatal(err)
	}
	var taken atomic.Int64
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			if ok, _ := buckets.For("a").Take(noon, 1); ok {
				taken.Add(1)
			}
		})
	}
	group.Wait()
	if got := taken.Load(); got != 50 {
		t.Errorf("taken = %d, want the 50 there were", got)
	}
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	if _, err := NewBuckets(DefaultRate, 0); err == nil {
		t.Error("NewBuckets(0) = nil error, want one")
	}
	buckets, err := NewBuckets(Rate{Maximum: 10}, 2)
	if err != nil {
		t.Fatal(err)
	}
	take := func(token string) bool { ok, _ := buckets.For(token).Take(noon, 10); return ok }
	if !take("a") || take("a") {
		t.Error("a token has not one bucket")
	}
	if !take("b") {
		t.Error("tokens share a bucket")
	}
	take("a")
	take("c") // drops b, which was used least lately
	if take("a") || !take("b") {
		t.Error("the buckets kept are not those used last")
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	bucket := NewBucket(DefaultRate)
	_, status := bucket.Take(noon, 12)
	actual := 5
	for want, extension := range map[string]extension{
		`{"requestedQueryCost":12,"actualQueryCost":5,"throttleStatus":{"maximumAvailable":2000,"currentlyAvailable":1988,"restoreRate":100}}`: {
			RequestedQueryCost: 12, ActualQueryCost: &actual, ThrottleStatus: status,
		},
		`{"requestedQueryCost":12,"actualQueryCost":null,"throttleStatus":{"maximumAvailable":2000,"currentlyAvailable":1988,"restoreRate":100}}`: {
			RequestedQueryCost: 12, ThrottleStatus: status,
		},
	} {
		got, err := json.Marshal(extension)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	throttled := refuseGraphQL(t.Context(), faultThrottled).Body
	want := `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}]}`
	if diff := cmp.Diff(want, string(throttled)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
