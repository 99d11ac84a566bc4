package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// newsMetrics are those of news that fulfillment services tell by themselves.
type newsMetrics struct {
	read, told, alerts, polls *prometheus.CounterVec
}

func newNewsMetrics(registry *prometheus.Registry) newsMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := newsMetrics{
		read: counter("packhorse_news_deliveries_read_total",
			"Deliveries of fulfillment services that were read, by how that ended.", "provider", "outcome"),
		told: counter("packhorse_news_told_total",
			"Attempts to tell news of fulfillment services, by what became of it.", "provider", "outcome"),
		alerts: counter("packhorse_news_alerts_total",
			"News that a person should look at although it was told: of a parcel whose shipment was cancelled, or a "+
				"failure after the delivery.", "provider", "alert"),
		polls: counter("packhorse_news_polls_total",
			"Times that fulfillment services were asked what is new, by how that ended.", "provider", "outcome"),
	}
	registry.MustRegister(m.read, m.told, m.alerts, m.polls)
	return m
}

// NewsRead counts a delivery that was read, and how that ended.
func (m *Metrics) NewsRead(provider, outcome string) {
	if m != nil {
		m.news.read.WithLabelValues(provider, outcome).Inc()
	}
}

// NewsTold counts an attempt to tell news, by the state that it has then, or
// AGAIN; and an alert, unless it is empty.
func (m *Metrics) NewsTold(provider, outcome, alert string) {
	if m == nil {
		return
	}
	m.news.told.WithLabelValues(provider, outcome).Inc()
	if alert != "" {
		m.news.alerts.WithLabelValues(provider, alert).Inc()
	}
}

// NewsPolled counts a time that a service was asked what is new.
func (m *Metrics) NewsPolled(provider, outcome string) {
	if m != nil {
		m.news.polls.WithLabelValues(provider, outcome).Inc()
	}
}

// A NewsCount is how much news of a provider is in a state, and how long ago the
// oldest of it came.
type NewsCount struct {
	Provider, State string
	Count           int
	Oldest          time.Duration
}

// CountNews fills packhorse_news_waiting and packhorse_news_oldest_seconds when
// they are scraped, as [Metrics.CountOpen] fills its gauge; while it fails both
// are absent. Call it at most once.
func (m *Metrics) CountNews(count func(context.Context) ([]NewsCount, error)) {
	if m == nil {
		return
	}
	labels := []string{"provider", "state"}
	m.registry.MustRegister(&newsCollector{
		count: count, now: time.Now,
		waiting: prometheus.NewDesc("packhorse_news_waiting",
			"News of fulfillment services that was not told, by state.", labels, nil),
		oldest: prometheus.NewDesc("packhorse_news_oldest_seconds", "How long ago the oldest of it came.", labels, nil),
	})
}

type newsCollector struct {
	count           func(context.Context) ([]NewsCount, error)
	waiting, oldest *prometheus.Desc
	now             func() time.Time

	mu     sync.Mutex
	asked  time.Time
	counts []NewsCount
}

// Describe is for the registry.
func (c *newsCollector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- c.waiting
	descriptions <- c.oldest
}

// Collect is for the registry.
func (c *newsCollector) Collect(metrics chan<- prometheus.Metric) {
	for _, n := range c.current() {
		metrics <- prometheus.MustNewConstMetric(
			c.waiting, prometheus.GaugeValue, float64(n.Count), n.Provider, n.State,
		)
		metrics <- prometheus.MustNewConstMetric(
			c.oldest, prometheus.GaugeValue, n.Oldest.Seconds(), n.Provider, n.State,
		)
	}
}

func (c *newsCollector) current() []NewsCount {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.asked.IsZero() && c.now().Sub(c.asked) < openCountAge {
		return c.counts
	}
	ctx, cancel := context.WithTimeout(context.Background(), openCountTimeout)
	defer cancel()
	counts, err := c.count(ctx)
	if err != nil {
		counts = nil
	}
	c.asked, c.counts = c.now(), counts
	return counts
}
