package inbox

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/provider"
)

const (
	// doorTimeout is how long a delivery may take. Senders give up after 7 to 30 s, and send it again.
	doorTimeout = 10 * time.Second
	// doorAtOnce is how many deliveries are taken at the same time: each may need memory for a whole body before
	// anybody knows who sends it.
	doorAtOnce = 32
	// longestKey is what is kept of a dedupe key as it is.
	longestKey = 255
	// retrySoon and retryLater are what a sender is asked to wait, where nobody else says.
	retrySoon, retryLater = time.Second, 30 * time.Second
)

// Path is where a service's system sends what it has to tell; more may follow.
const Path = "/providers/{provider}/{service}"

// DoorStore is what a [Door] needs of the store: a *postgres.Store.
type DoorStore interface {
	// ServiceNamed finds a service that was not deleted by its ID or handle; nil: there is none.
	ServiceNamed(ctx context.Context, name string) (*fulfillment.Service, error)
	// ServiceDeleted tells whether a service of the provider with this ID or handle was deleted.
	ServiceDeleted(ctx context.Context, provider, name string) (bool, error)
	KeepDelivery(ctx context.Context, d news.Delivery) (repeated bool, err error)
}

// Door takes on what the systems of fulfillment services send. It answers 2xx when that is in the store, and not
// before. It is an http.Handler for [Path].
type Door struct {
	store     DoorStore
	receivers map[string]provider.Receiver
	logger    *slog.Logger
	taken     *prometheus.CounterVec
	places    chan struct{}
}

// NewDoor is a Door for these providers, by their IDs. It panics if the registry has a Door's metrics already; nil:
// nobody sees them.
func NewDoor(
	store DoorStore, receivers map[string]provider.Receiver, logger *slog.Logger, registry prometheus.Registerer,
) *Door {
	d := &Door{
		store: store, receivers: receivers, logger: logger, places: make(chan struct{}, doorAtOnce),
		taken: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "packhorse_news_deliveries_total",
			Help: "Deliveries that systems of fulfillment services have sent, by what became of them.",
		}, []string{"provider", "outcome"}),
	}
	if registry != nil {
		registry.MustRegister(d.taken)
	}
	return d
}

// refused is an answer to a delivery that is not taken: a problem of RFC 9457.
type refused struct {
	outcome string // for the metrics
	status  int
	detail  string
	retry   time.Duration // 0: the sender is not asked to send it again
	err     error         // for the log; nil: there is nothing to say
}

var noSuchPlace = &refused{outcome: "unknown", status: http.StatusNotFound,
	detail: "There is no fulfillment service here whose provider receives news. The address is " +
		"/providers/PROVIDER/SERVICE, with the service's ID or handle."}

// ServeHTTP answers one delivery.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	providerID := r.PathValue("provider")
	receiver, known := d.receivers[providerID]
	if !known {
		providerID = ""
	}
	outcome, no := d.take(w, r, providerID, receiver)
	if no == nil {
		d.taken.WithLabelValues(providerID, outcome).Inc()
		w.WriteHeader(http.StatusNoContent)
		return
	}
	d.taken.WithLabelValues(cmp.Or(providerID, "unknown"), no.outcome).Inc()
	if no.err != nil {
		d.logger.WarnContext(context.WithoutCancel(r.Context()), "A delivery of a fulfillment service is not taken.",
			"provider", providerID, "outcome", no.outcome, "error", no.err)
	}
	no.write(w)
}

func (d *Door) take(
	w http.ResponseWriter, r *http.Request, providerID string, receiver provider.Receiver,
) (outcome string, no *refused) {
	if receiver == nil {
		return "", noSuchPlace
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return "", &refused{outcome: "method", status: http.StatusMethodNotAllowed, detail: "Send it with POST."}
	}
	ctx, cancel := context.WithTimeout(r.Context(), doorTimeout)
	defer cancel()
	service, err := d.store.ServiceNamed(ctx, r.PathValue("service"))
	switch {
	case err != nil:
		return "", away(err)
	case service == nil || service.Provider != providerID:
		return "", d.nowhere(ctx, providerID, r.PathValue("service"))
	}
	select {
	case d.places <- struct{}{}:
		defer func() { <-d.places }()
	default:
		return "", &refused{outcome: "busy", status: http.StatusServiceUnavailable, retry: retrySoon,
			detail: "Too much is being taken at this moment: send it again."}
	}
	body, no := bodyOf(w, r)
	if no != nil {
		return "", no
	}
	delivery := provider.Delivery{
		Service: service.ID, ServiceOptions: service.Options, Method: r.Method, Path: r.URL.EscapedPath(),
		Header: r.Header, Body: body, ReceivedAt: now(),
	}
	key, no := verified(ctx, receiver, delivery)
	if no != nil {
		return "", no
	}
	repeated, err := d.store.KeepDelivery(ctx, news.Delivery{
		Provider: providerID, ServiceID: service.ID, Key: key, Method: delivery.Method, Path: delivery.Path,
		Header: needed(r.Header), Body: body, ReceivedAt: delivery.ReceivedAt,
	})
	switch {
	case err != nil:
		return "", away(err)
	case repeated:
		return "repeated", nil
	}
	return "stored", nil
}

// nowhere is the answer where there is no service: who tells of one that was deleted is to stop.
func (d *Door) nowhere(ctx context.Context, providerID, name string) *refused {
	switch deleted, err := d.store.ServiceDeleted(ctx, providerID, name); {
	case err != nil:
		return away(err)
	case deleted:
		return &refused{outcome: "gone", status: http.StatusGone,
			detail: "The fulfillment service was deleted: send nothing more."}
	}
	return noSuchPlace
}

// away is the answer when it can't be stored now.
func away(err error) *refused {
	return &refused{outcome: "not_stored", status: http.StatusServiceUnavailable, retry: retryLater, err: err,
		detail: "It can't be stored at this moment: send it again."}
}

func bodyOf(w http.ResponseWriter, r *http.Request) ([]byte, *refused) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, news.MaxBody))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, &refused{outcome: "too_large", status: http.StatusRequestEntityTooLarge,
			detail: fmt.Sprintf("A body has %d bytes at the most.", news.MaxBody)}
	case err != nil:
		return nil, &refused{outcome: "cut", status: http.StatusBadRequest,
			detail: "The body could not be read to its end."}
	}
	return body, nil
}

// verified is the dedupe key of a delivery that is the system's.
func verified(ctx context.Context, receiver provider.Receiver, d provider.Delivery) (string, *refused) {
	key, err := receiver.Verify(ctx, d)
	switch {
	case errors.Is(err, provider.ErrForged):
		// Why is for whoever runs the system: a secret may be another one, or the clock be wrong.
		return "", &refused{outcome: "forged", status: http.StatusUnauthorized, err: err,
			detail: "It is not signed as what this service's system sends is signed."}
	case err != nil:
		return "", &refused{outcome: "unverified", status: http.StatusServiceUnavailable, err: err,
			retry:  cmp.Or(provider.RetryAfter(err), retryLater),
			detail: "Nobody can tell at this moment whether the service's system sent it: send it again."}
	}
	if key == "" || len(key) > longestKey || !utf8.ValidString(key) || strings.ContainsRune(key, 0) {
		sum := sha256.Sum256(append([]byte(key+"\x00"), d.Body...))
		if key != "" {
			sum = sha256.Sum256([]byte(key))
		}
		key = "sha256:" + hex.EncodeToString(sum[:])
	}
	return key, nil
}

// write answers.
func (no *refused) write(w http.ResponseWriter) {
	if no.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(no.retry.Seconds()))))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(no.status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // Whoever has gone hears nothing.
		"type": "about:blank", "title": http.StatusText(no.status), "status": no.status, "detail": no.detail,
	})
}

// What is kept of a header: enough to read the body, and nothing that a secret or a person is in.
const (
	maxHeaders   = 50
	maxHeaderLen = 1000
)

var notKept = []string{
	"auth", "cookie", "credential", "forward", "ip", "key", "password", "secret", "session", "signature", "token",
	"hmac", "client",
}

// needed is what is kept of a delivery's header: see [provider.Receiver].
func needed(header http.Header) map[string][]string {
	kept := map[string][]string{}
	for name, values := range header {
		small := strings.ToLower(name)
		if small != "content-type" && !strings.HasPrefix(small, "x-") && !strings.HasPrefix(small, "webhook-") {
			continue
		}
		if isNotKept(small) || len(kept) == maxHeaders {
			continue
		}
		for _, value := range values {
			if len(value) <= maxHeaderLen && len(kept[name]) < maxHeaders {
				kept[name] = append(kept[name], strings.ToValidUTF8(value, "\uFFFD"))
			}
		}
	}
	return kept
}

// isNotKept tells whether a word of a header's name says that it is nothing to keep. "ip" is a word of its own: a
// shipment has it in it, too.
func isNotKept(name string) bool {
	for _, word := range strings.Split(name, "-") {
		for _, not := range notKept {
			if word == not || not != "ip" && strings.Contains(word, not) {
				return true
			}
		}
	}
	return false
}
