package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The modes of a commit.
const (
	CommitLocal    = "local"    // inside the workflow task, as a local activity
	CommitActivity = "activity" // as a normal activity, after the local budget was spent
)

// latencyBuckets are seconds from the fastest commit to a provider that takes
// its time.
var latencyBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// Metrics is what Packhorse counts of its own work. Its methods may be called
// from several goroutines, and on a nil *Metrics, which counts nothing. Labels
// take words from fixed lists only, never IDs.
type Metrics struct {
	transitions     *prometheus.CounterVec
	refusals        *prometheus.CounterVec
	providerCalls   *prometheus.CounterVec
	providerSeconds *prometheus.HistogramVec
	commits         *prometheus.CounterVec
	commitSeconds   *prometheus.HistogramVec
	deadlinesMissed prometheus.Counter
	refreshed       prometheus.Counter
	lost            *prometheus.CounterVec
	setBacks        prometheus.Counter
	overdue         prometheus.Gauge
	paused          prometheus.Gauge
	sequenced       prometheus.Counter
	feedEvents      prometheus.Gauge
	feedSeconds     prometheus.Gauge
	webhookLag      prometheus.Gauge
	webhookSeconds  prometheus.Gauge
	registry        *prometheus.Registry
	openErrors      prometheus.Counter
	callbacks       callbacks
	news            newsMetrics
	documents       *prometheus.CounterVec
}

// NewMetrics registers the metrics. It panics if the registry has them already.
func NewMetrics(registry *prometheus.Registry) *Metrics {
	m := &Metrics{
		transitions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "packhorse_transitions_total", Help: "Transitions committed, by kind.",
		}, []string{"kind"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "packhorse_refusals_total", Help: "Commands refused, by command and error code.",
		}, []string{"command", "code"}),
		providerCalls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "packhorse_provider_calls_total",
			Help: "Calls to fulfillment providers, by what was asked and how it ended.",
		}, []string{"provider", "kind", "outcome"}),
		providerSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "packhorse_provider_call_seconds", Help: "How long fulfillment providers took to answer.",
			Buckets: latencyBuckets,
		}, []string{"provider", "kind"}),
		commits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "packhorse_commits_total", Help: "Attempts to commit transitions to the database, by result.",
		}, []string{"result"}),
		commitSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "packhorse_commit_seconds", Help: "How long attempts to commit took, as local or normal activities.",
			Buckets: latencyBuckets,
		}, []string{"mode"}),
		deadlinesMissed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "packhorse_deadlines_missed_total",
			Help: "Fulfillment orders whose fulfillBy passed with units left.",
		}),
		refreshed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "packhorse_watch_refreshed_total",
			Help: "Fulfillment orders whose workflow had to be started or told that the store is ahead of it.",
		}),
		lost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "packhorse_lost_total",
			Help: "Orders and fulfillment orders of which the database had lost something, because it was set back " +
				"to an older state: RESTORED ones went on from that, ENDED ones and ORDERs were gone.",
		}, []string{"kind"}),
		setBacks: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "packhorse_set_backs_total",
			Help: "Times that the database was found to have been set back to an older state.",
		}),
		overdue: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "packhorse_watch_overdue",
			Help: "Fulfillment orders with something that should have happened by itself, when this process looked " +
				"last; 0 where another one watches.",
		}),
		paused: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "packhorse_watch_paused",
			Help: "Of those overdue, fulfillment orders whose workflow somebody has paused in Temporal.",
		}),
		sequenced: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "packhorse_feed_events_total", Help: "Events that this process gave their positions in the feed.",
		}),
		feedEvents: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "packhorse_feed_waiting_events",
			Help: "Events that had no position in the feed when this process looked last, counted up to a thousand.",
		}),
		feedSeconds: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "packhorse_feed_waiting_seconds", Help: "How long the oldest of them had waited.",
		}),
		webhookLag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "packhorse_webhook_lag_events",
			Help: "Events of the feed that the webhook subscription farthest behind had yet to look at, of those " +
				"that are enabled, when this process looked last; 0 where another one keeps the feed.",
		}),
		webhookSeconds: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "packhorse_webhook_lag_seconds", Help: "How long ago the oldest of such events was committed.",
		}),
		openErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "packhorse_fulfillment_orders_open_errors_total",
			Help: "Times that open fulfillment orders could not be counted.",
		}),
		registry:  registry,
		callbacks: newCallbacks(registry),
		news:      newNewsMetrics(registry),
		documents: newDocuments(registry),
	}
	registry.MustRegister(m.transitions, m.refusals, m.providerCalls, m.providerSeconds,
		m.commits, m.commitSeconds, m.deadlinesMissed, m.refreshed, m.lost, m.setBacks, m.overdue, m.paused,
		m.sequenced, m.feedEvents, m.feedSeconds, m.webhookLag, m.webhookSeconds, m.openErrors)
	return m
}

// Transition counts a committed transition.
func (m *Metrics) Transition(kind string) {
	if m != nil {
		m.transitions.WithLabelValues(kind).Inc()
	}
}

// Refusal counts a refused command by its verb and the code of the error.
func (m *Metrics) Refusal(command, code string) {
	if m != nil {
		m.refusals.WithLabelValues(command, code).Inc()
	}
}

// ProviderCall counts a call to a provider: what kind of call, how it ended, and
// how long it took.
func (m *Metrics) ProviderCall(provider, kind, outcome string, took time.Duration) {
	if m != nil {
		m.providerCalls.WithLabelValues(provider, kind, outcome).Inc()
		m.providerSeconds.WithLabelValues(provider, kind).Observe(took.Seconds())
	}
}

// Commit counts an attempt to commit: CommitLocal or CommitActivity, its result
// in a word, and how long it took.
func (m *Metrics) Commit(mode, result string, took time.Duration) {
	if m != nil {
		m.commits.WithLabelValues(result).Inc()
		m.commitSeconds.WithLabelValues(mode).Observe(took.Seconds())
	}
}

// DeadlineMissed counts a fulfillment order whose fulfillBy passed with units
// left.
func (m *Metrics) DeadlineMissed() {
	if m != nil {
		m.deadlinesMissed.Inc()
	}
}

// Refreshed counts a fulfillment order whose workflow the watch had to start, or to
// tell that the store is ahead of it.
func (m *Metrics) Refreshed() {
	if m != nil {
		m.refreshed.Inc()
	}
}

// Lost counts an order or fulfillment order of which the database had lost
// something, by what became of it.
func (m *Metrics) Lost(kind string) {
	if m != nil {
		m.lost.WithLabelValues(kind).Inc()
	}
}

// SetBack counts that the database was found to have been set back.
func (m *Metrics) SetBack() {
	if m != nil {
		m.setBacks.Inc()
	}
}

// Overdue notes how many fulfillment orders have something that should have
// happened by itself.
func (m *Metrics) Overdue(n int) {
	if m != nil {
		m.overdue.Set(float64(n))
	}
}

// Paused notes how many of those overdue have a workflow that is paused.
func (m *Metrics) Paused(n int) {
	if m != nil {
		m.paused.Set(float64(n))
	}
}

// Sequenced counts events that got their positions in the feed.
func (m *Metrics) Sequenced(n int) {
	if m != nil {
		m.sequenced.Add(float64(n))
	}
}

// FeedWaits notes how many events have no position in the feed yet, and how
// long the oldest has waited.
func (m *Metrics) FeedWaits(n int, oldest time.Duration) {
	if m != nil {
		m.feedEvents.Set(float64(n))
		m.feedSeconds.Set(oldest.Seconds())
	}
}

// WebhooksLag notes how many events the webhook subscription farthest behind
// has yet to look at, and how old the oldest of such events is.
func (m *Metrics) WebhooksLag(events int64, oldest time.Duration) {
	if m != nil {
		m.webhookLag.Set(float64(events))
		m.webhookSeconds.Set(oldest.Seconds())
	}
}
