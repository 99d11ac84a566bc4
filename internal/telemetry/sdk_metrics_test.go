package telemetry

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestSDKTagsAreSorted(t *testing.T) {
	t.Parallel()
	if !slices.IsSorted(sdkTags[:]) {
		t.Errorf("%v is not sorted, so tags aren't found in it", sdkTags)
	}
}

// The SDK gives one name different tags; all of them must be counted.
func TestMetricsHandlerTakesAnyTags(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	handler := NewMetricsHandler(registry)
	handler.Counter("temporal_request").Inc(1)
	tagged := handler.WithTags(
		map[string]string{"namespace": "a", "workflow_type": "none", "workflow_id": "w", "client_name": "temporal_go"},
	)
	tagged.Counter("temporal_request").Inc(2)
	tagged.WithTags(map[string]string{"namespace": "b", "operation": "Poll"}).Counter("temporal_request").Inc(3)
	tagged.WithTags(
		map[string]string{"task_queue": "temporal-sys/worker-commands/a/123"},
	).Counter("temporal_request").Inc(4)
	tagged.Counter("temporal_request").Inc(-5)
	tagged.Gauge("temporal_num_pollers").Update(7)
	tagged.Gauge("temporal_sticky_cache_size").Update(8)
	handler.WithTags(map[string]string{"workflow_type": "Order"}).Gauge("temporal_sticky_cache_size").Update(9)
	tagged.Timer("temporal_request_latency").Record(30 * time.Millisecond)
	err := testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP temporal_num_pollers A metric of the Temporal SDK; see its metrics reference.
# TYPE temporal_num_pollers gauge
temporal_num_pollers{`+labels("namespace", "a")+`} 7
# HELP temporal_request_total A metric of the Temporal SDK; see its metrics reference.
# TYPE temporal_request_total counter
temporal_request_total{`+labels()+`} 1
temporal_request_total{`+labels("namespace", "a")+`} 2
temporal_request_total{`+labels("namespace", "b", "operation", "Poll")+`} 3
temporal_request_total{`+labels("namespace", "a", "task_queue", "temporal-sys")+`} 4
# HELP temporal_sticky_cache_size A metric of the Temporal SDK; see its metrics reference.
# TYPE temporal_sticky_cache_size gauge
temporal_sticky_cache_size{`+labels()+`} 9
`), "temporal_request_total", "temporal_sticky_cache_size", "temporal_num_pollers")
	if err != nil {
		t.Error(err)
	}
	if got, err := testutil.GatherAndCount(registry, "temporal_request_latency_seconds"); err != nil || got != 1 {
		t.Errorf("%d histograms, %v; want 1", got, err)
	}
}

// labels is all labels of an SDK metric, empty but for the given ones.
func labels(pairs ...string) string {
	var all []string
	for _, tag := range sdkTags {
		value := ""
		if i := slices.Index(pairs, tag); i >= 0 {
			value = pairs[i+1]
		}
		all = append(all, fmt.Sprintf("%s=%q", tag, value))
	}
	return strings.Join(all, ",")
}

func TestMetricsHandlerSurvivesAnything(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "taken_total", Help: "x"}))
	handler := NewMetricsHandler(registry)
	for range 2 {
		handler.Counter("x_seconds").Inc(1)
		handler.Gauge("x_total").Update(1)
		handler.Counter("x").Inc(1) // a counter under the name of a gauge
		handler.Timer("x").Record(1)
		handler.Gauge("x_seconds").Update(1) // a gauge under the name of a histogram
		handler.Counter("taken").Inc(1)      // somebody else's, with other labels
		handler.Counter("1 ü-\x00").Inc(1)
		handler.Counter("").Inc(1)
		handler.WithTags(nil).WithTags(map[string]string{"cause": "\xff"}).Counter("x_y").Inc(1)
	}
	NewMetricsHandler(registry).Counter("x_y").Inc(1) // shares the metric
	if got, err := testutil.GatherAndCount(registry, "x_y_total"); err != nil || got != 2 {
		t.Errorf("%d series, %v; want 2", got, err)
	}
	if got, err := testutil.GatherAndCount(registry, "_1_____total"); err != nil || got != 1 {
		t.Errorf("%d series, %v; want 1", got, err)
	}
}

func TestMetricsHandlerIsSafeForGoroutines(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	handler := NewMetricsHandler(registry)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 200 {
				h := handler.WithTags(
					map[string]string{"task_queue": fmt.Sprint(j % 5), "worker_type": fmt.Sprint(i % 2)},
				)
				h.Counter(fmt.Sprint("c", j%7)).Inc(1)
				h.Gauge("g").Update(1)
				h.Timer("t").Record(1)
			}
		})
	}
	group.Wait()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			sum += metric.GetCounter().GetValue()
		}
	}
	if sum != 8*200 {
		t.Errorf("counted %v, want %d", sum, 8*200)
	}
}

func TestMetricsHandlerDoesNotAllocate(t *testing.T) {
	handler := NewMetricsHandler(prometheus.NewRegistry())
	tags := map[string]string{"workflow_type": "FulfillmentOrder", "task_queue": "packhorse"}
	allocations := testing.AllocsPerRun(1000, func() {
		h := handler.WithTags(tags)
		h.Counter("c").Inc(1)
		h.Gauge("g").Update(1)
		h.Timer("t").Record(time.Second)
	})
	if allocations != 0 {
		t.Errorf("%v allocations for known series, want none", allocations)
	}
}
