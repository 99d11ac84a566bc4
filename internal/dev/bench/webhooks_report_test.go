package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// heard is a report of webhooks that just reaches every target.
func heard() *WebhooksReport {
	round := func(speed float64) []*Round { return []*Round{{Orders: 10, OrdersPerSecond: speed}} }
	cost := func(h Hearing, speed, toSilence float64) *HearingCost {
		return &HearingCost{
			Hearing: h, Rounds: round(speed), Result: resultOf(round(speed)), ToSilence: spreadOf([]float64{toSilence}),
		}
	}
	return &WebhooksReport{
		Cost: []*HearingCost{
			cost(HearsNothing, 20, 1), cost(HearsOne, 19, leastToSilence), cost(HearsEverything, 10, 0.5),
		},
		Latency: []*HearingLatency{
			{Hearing: HearsOne, OrdersPerSecond: 20, Latency: Latency{P99: mostToArrive}},
			{Hearing: HearsEverything, OrdersPerSecond: 20, Latency: Latency{P99: 10 * mostToArrive}},
		},
		Backlog: &Backlog{
			Events: 100_000, PerSecond: leastDeliveries, Ratio: leastToOneByOne, FirstHeap: 1, LastHeap: mostHeapGrowth,
		},
	}
}

// What is asked of one subscription is not asked of all at once.
func TestWebhooksTargets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*WebhooksReport)
		missed string // in the target's name; empty: none is
	}{
		"all_reached":       {func(*WebhooksReport) {}, ""},
		"orders_slow_down":  {func(r *WebhooksReport) { r.Cost[1].ToSilence.Median -= 0.01 }, "orders/s"},
		"events_come_late":  {func(r *WebhooksReport) { r.Latency[0].P99 += 0.01 }, "from commit to arrival"},
		"few_deliveries":    {func(r *WebhooksReport) { r.Backlog.PerSecond-- }, "deliveries/s"},
		"hardly_any_faster": {func(r *WebhooksReport) { r.Backlog.Ratio-- }, "an activity for each"},
		"memory_grows":      {func(r *WebhooksReport) { r.Backlog.LastHeap++ }, "heap"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := heard()
			test.change(r)
			r.Targets = r.targets()
			missed := r.Missed()
			if len(r.Targets) != 5 || len(missed) != min(1, len(test.missed)) {
				t.Fatalf("of %d targets, %+v are missed", len(r.Targets), missed)
			}
			if len(missed) == 1 && !strings.Contains(missed[0].Name, test.missed) {
				t.Errorf("missed is %+v", missed[0])
			}
			var b bytes.Buffer
			r.Print(&b)
			if got := strings.Count(b.String(), "target MISSED"); got != len(missed) {
				t.Errorf("%d targets are missed in\n%s", got, &b)
			}
		})
	}
}

// The receiver counts an event once, however often it comes, and knows when it came first.
func TestReceiver(t *testing.T) {
	t.Parallel()
	r, err := startReceiver()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.close() }()
	caller := newCaller()
	defer caller.CloseIdleConnections()
	for _, position := range []int64{7, 8, 7} {
		if err := (parcel{URL: r.url + "/topic", Position: position}).post(t.Context(), caller); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.await(t.Context(), 2); err != nil {
		t.Error(err)
	}
	if events, requests := r.count(); events != 2 || requests != 3 {
		t.Errorf("%d events came in %d requests", events, requests)
	}
	if at := r.arrivals(); len(at) != 2 || at[8].Before(at[7]) || time.Since(at[7]) > time.Minute {
		t.Errorf("they came at %v", at)
	}
}
