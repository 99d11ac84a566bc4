package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// How a call of a fulfillment service at its callback URL ended.
const (
	CallbackAnswered = "answered"
	CallbackFailed   = "failed"
	CallbackPutOff   = "put_off" // for a reason that is no fault of the service; often it was not even called
)

// callbacks is what is counted of the calls of fulfillment services.
type callbacks struct {
	calls    *prometheus.CounterVec
	failing  prometheus.Gauge
	stockAge prometheus.Gauge
}

func newCallbacks(registry *prometheus.Registry) callbacks {
	c := callbacks{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "packhorse_callbacks_total",
			Help: "Calls of fulfillment services at their callback URLs, by what for and how they ended.",
		}, []string{"call", "outcome"}),
		failing: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "packhorse_callback_services_failing",
			Help: "Fulfillment services whose last call has failed, or that are called no more because they said " +
				"that they are gone, when this process looked last; 0 where another one keeps the feed.",
		}),
		stockAge: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "packhorse_stock_age_seconds",
			Help: "How long ago the fulfillment service told its stock that has not told it for the longest time, of " +
				"those that are asked for it; from the same look.",
		}),
	}
	registry.MustRegister(c.calls, c.failing, c.stockAge)
	return c
}

// Callback counts a call of a fulfillment service, by what for and how it ended.
func (m *Metrics) Callback(call, outcome string) {
	if m != nil {
		m.callbacks.calls.WithLabelValues(call, outcome).Inc()
	}
}

// CallbackServices notes how many fulfillment services fail, and how old the oldest stock is.
func (m *Metrics) CallbackServices(failing int, stockAge time.Duration) {
	if m != nil {
		m.callbacks.failing.Set(float64(failing))
		m.callbacks.stockAge.Set(stockAge.Seconds())
	}
}
