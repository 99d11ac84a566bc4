package telemetry

import "github.com/prometheus/client_golang/prometheus"

// What becomes of an attempt to fetch a document.
const (
	DocumentFetched = "fetched"
	DocumentAgain   = "again"    // it is tried again
	DocumentGivenUp = "given_up" // it was not to be had; a person can have it tried again
)

func newDocuments(registry *prometheus.Registry) *prometheus.CounterVec {
	documents := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "packhorse_documents_total",
		Help: "Attempts to fetch labels and documents of fulfillment services, by how that ended.",
	}, []string{"provider", "outcome"})
	registry.MustRegister(documents)
	return documents
}

// Document counts an attempt to fetch a document of a provider's.
func (m *Metrics) Document(provider, outcome string) {
	if m != nil {
		m.documents.WithLabelValues(provider, outcome).Inc()
	}
}
