package telemetry

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// openCountTimeout keeps a scrape below Prometheus' usual limit of 10 s.
	openCountTimeout = 2 * time.Second
	// openCountAge spares the database when several scrape.
	openCountAge = 10 * time.Second
)

// An OpenCount is how many fulfillment orders are in a state.
type OpenCount struct {
	Status, RequestStatus string
	Count                 int
}

// CountOpen fills packhorse_fulfillment_orders_open when it is scraped. The
// function has 2 s, is never called twice at the same time, and its answer, also
// an error, holds for 10 s. While it fails the metric is absent, so that nobody
// takes an old number for a fresh one; failures are counted in
// packhorse_fulfillment_orders_open_errors_total. Call it at most once.
func (m *Metrics) CountOpen(count func(context.Context) ([]OpenCount, error)) {
	if m != nil {
		m.registry.MustRegister(&openCollector{count: count, errors: m.openErrors, now: time.Now,
			description: prometheus.NewDesc(
				"packhorse_fulfillment_orders_open", "Fulfillment orders that are not closed, by state.",
				[]string{"status", "request_status"}, nil,
			)})
	}
}

type openCollector struct {
	count       func(context.Context) ([]OpenCount, error)
	description *prometheus.Desc
	errors      prometheus.Counter
	now         func() time.Time

	mu     sync.Mutex
	asked  time.Time // when counts were asked for; zero before the first time.
	counts []OpenCount
}

// Describe is for the registry.
func (c *openCollector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- c.description
}

// Collect is for the registry.
func (c *openCollector) Collect(metrics chan<- prometheus.Metric) {
	type state struct{ status, requestStatus string }
	sums := make(map[state]int) // The registry would refuse all of a state that is there twice.
	for _, open := range c.current() {
		sums[state{open.Status, open.RequestStatus}] += open.Count
	}
	for s, count := range sums {
		metrics <- prometheus.MustNewConstMetric(
			c.description, prometheus.GaugeValue, float64(count), s.status, s.requestStatus,
		)
	}
}

func (c *openCollector) current() []OpenCount {
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
		c.errors.Inc()
	}
	c.asked, c.counts = c.now(), counts
	return counts
}
