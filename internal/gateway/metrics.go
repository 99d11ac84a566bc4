package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The values of the label operation where there is no single root field. The others are names of root fields, which the
// schema bounds: a document with any other is not carried out.
const (
	noOperation       = "none"
	severalOperations = "several"
)

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "packhorse_api_requests_total", Help: "Requests to the API, by root field and how they ended.",
		}, []string{"operation", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "packhorse_api_request_seconds", Help: "How long requests to the API took, by root field.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "packhorse_api_requests_in_flight", Help: "Requests to the API that are being handled.",
		}),
	}
	if registry != nil {
		registry.MustRegister(m.requests, m.seconds, m.inFlight)
	}
	return m
}

func (m *metrics) request(found *record, took time.Duration) {
	operation := noOperation
	switch len(found.fields) {
	case 0:
	case 1:
		operation = found.fields[0]
	default:
		operation = severalOperations
	}
	m.requests.WithLabelValues(operation, found.class).Inc()
	m.seconds.WithLabelValues(operation).Observe(took.Seconds())
}
