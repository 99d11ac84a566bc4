package telemetry

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
)

// sdkTags are the tags of the SDK's metrics that become labels. Prometheus wants
// the same labels on all series of a name, and the SDK gives a name now these
// tags, now those; so every metric has all of them, and those not given are
// empty, which Prometheus treats as absent. Tags that are not listed are
// dropped: workflow and run IDs and the like have no bound, and client_name is
// always the same.
var sdkTags = [...]string{
	"activity_type", "cause", "failure_reason", "namespace", "nexus_operation", "nexus_service",
	"operation", "poller_type", "status_code", "task_queue", "worker_type", "workflow_type",
}

// tagValues are the values of sdkTags, in their order.
type tagValues [len(sdkTags)]string

// NewMetricsHandler makes the metrics of the Temporal SDK, and those that
// workflows and activities make through it, metrics of the registry: counters
// end in _total and timers are histograms in seconds that end in _seconds. Of
// tags it knows those of the SDK and drops others. Two handlers on one registry
// share their metrics.
func NewMetricsHandler(registry prometheus.Registerer) client.MetricsHandler {
	return (&sdkMetrics{
		registry: registry,
		families: make(map[string]any),
		handlers: make(map[tagValues]*sdkHandler),
	}).handler(tagValues{})
}

// sdkMetrics is what the handlers of a registry share.
type sdkMetrics struct {
	registry prometheus.Registerer

	mu       sync.RWMutex
	families map[string]any // a *CounterVec, *GaugeVec or *HistogramVec for each full name.
	handlers map[tagValues]*sdkHandler
}

// handler is the one handler for these tags, so that what it has looked up once
// is found again without work.
func (m *sdkMetrics) handler(tags tagValues) *sdkHandler {
	m.mu.RLock()
	h := m.handlers[tags]
	m.mu.RUnlock()
	if h != nil {
		return h
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if h = m.handlers[tags]; h == nil {
		h = &sdkHandler{
			metrics: m, tags: tags,
			counters: make(map[string]client.MetricsCounter),
			gauges:   make(map[string]client.MetricsGauge),
			timers:   make(map[string]client.MetricsTimer),
		}
		m.handlers[tags] = h
	}
	return h
}

// sdkHandler is a client.MetricsHandler for one set of tags.
type sdkHandler struct {
	metrics *sdkMetrics
	tags    tagValues

	mu       sync.RWMutex
	counters map[string]client.MetricsCounter
	gauges   map[string]client.MetricsGauge
	timers   map[string]client.MetricsTimer
}

// WithTags is the handler for these tags over the present ones.
func (h *sdkHandler) WithTags(tags map[string]string) client.MetricsHandler {
	merged := h.tags
	for key, value := range tags {
		if i, found := slices.BinarySearch(sdkTags[:], key); found {
			merged[i] = label(value)
		}
	}
	return h.metrics.handler(merged)
}

// label is a tag's value as a label's: the SDK says "none" for what isn't there,
// and task queues of Temporal's own have a name for each process.
func label(value string) string {
	if value == "none" {
		return ""
	}
	if strings.HasPrefix(value, "temporal-sys/") || strings.HasPrefix(value, "/temporal-sys/") {
		return "temporal-sys"
	}
	return strings.ToValidUTF8(value, "_")
}

// Counter is the counter name_total.
func (h *sdkHandler) Counter(name string) client.MetricsCounter {
	return cached(h, h.counters, name, func() client.MetricsCounter {
		vec := family(h.metrics, metricName(name, "_total"), func(name string) *prometheus.CounterVec {
			return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: sdkHelp}, sdkTags[:])
		})
		if vec == nil {
			return client.MetricsNopHandler.Counter(name)
		}
		return sdkCounter{vec.WithLabelValues(h.tags[:]...)}
	})
}

// processGauge is a gauge of the whole process. The SDK tags it with whatever
// workflow changed it last, so with its tags every workflow type would keep an
// old value of its own.
const processGauge = "temporal_sticky_cache_size"

// Gauge is the gauge of that name.
func (h *sdkHandler) Gauge(name string) client.MetricsGauge {
	if name == processGauge && h.tags != (tagValues{}) {
		return h.metrics.handler(tagValues{}).Gauge(name)
	}
	return cached(h, h.gauges, name, func() client.MetricsGauge {
		vec := family(h.metrics, metricName(name, ""), func(name string) *prometheus.GaugeVec {
			return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: sdkHelp}, sdkTags[:])
		})
		if vec == nil {
			return client.MetricsNopHandler.Gauge(name)
		}
		return sdkGauge{vec.WithLabelValues(h.tags[:]...)}
	})
}

// Timer is the histogram name_seconds.
func (h *sdkHandler) Timer(name string) client.MetricsTimer {
	return cached(h, h.timers, name, func() client.MetricsTimer {
		vec := family(h.metrics, metricName(name, "_seconds"), func(name string) *prometheus.HistogramVec {
			return prometheus.NewHistogramVec(
				prometheus.HistogramOpts{Name: name, Help: sdkHelp, Buckets: latencyBuckets}, sdkTags[:],
			)
		})
		if vec == nil {
			return client.MetricsNopHandler.Timer(name)
		}
		return sdkTimer{vec.WithLabelValues(h.tags[:]...)}
	})
}

// sdkHelp is all there is to say: the SDK sends names without explanations.
const sdkHelp = "A metric of the Temporal SDK; see its metrics reference."

func cached[M any](h *sdkHandler, known map[string]M, name string, make func() M) M {
	h.mu.RLock()
	metric, ok := known[name]
	h.mu.RUnlock()
	if ok {
		return metric
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if metric, ok = known[name]; !ok {
		metric = make()
		known[name] = metric
	}
	return metric
}

// family is the metric of a full name, registered when it is asked for first. It
// is nil when the name belongs to a metric of another kind: the second one isn't
// counted, since a telemetry mistake must not stop the work it tells of.
func family[V prometheus.Collector](m *sdkMetrics, name string, make func(name string) V) (vec V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if existing, ok := m.families[name]; ok {
		vec, _ = existing.(V)
		return vec
	}
	fresh := make(name)
	err := m.registry.Register(fresh)
	var already prometheus.AlreadyRegisteredError
	switch {
	case err == nil:
		vec = fresh
	case errors.As(err, &already):
		vec, _ = already.ExistingCollector.(V)
	}
	m.families[name] = vec
	return vec
}

// metricName is a name that Prometheus' own query language can spell.
func metricName(name, suffix string) string {
	valid := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == ':' {
			return r
		}
		return '_'
	}, name)
	if valid == "" || valid[0] >= '0' && valid[0] <= '9' {
		valid = "_" + valid
	}
	if strings.HasSuffix(valid, suffix) {
		return valid
	}
	return valid + suffix
}

type sdkCounter struct{ counter prometheus.Counter }

// Inc ignores what would make the counter fall, for which Prometheus panics.
func (c sdkCounter) Inc(delta int64) {
	if delta > 0 {
		c.counter.Add(float64(delta))
	}
}

type sdkGauge struct{ gauge prometheus.Gauge }

func (g sdkGauge) Update(value float64) { g.gauge.Set(value) }

type sdkTimer struct{ histogram prometheus.Observer }

func (t sdkTimer) Record(took time.Duration) { t.histogram.Observe(took.Seconds()) }
