// Package receivertest gives tests receivers of webhooks that check what arrives with the libraries that apps use.
package receivertest

import (
	_ "embed"
	"encoding/json"
	"testing"

	"packhorse/internal/dev/npmtest"
)

//go:embed receiver.mjs
var script []byte

// Receiver is an app that was subscribed with its URL. It answers 200 to what it believes, and 401 to the rest.
type Receiver struct {
	URL   string
	lines <-chan string
}

// Verdict is what a receiver makes of a request.
type Verdict struct {
	Valid  bool   `json:"valid"`
	Reason string `json:"reason"` // why it is not valid, in the library's words
	// These are as @shopify/shopify-api reads them: Topic is FULFILLMENT_ORDERS_MOVED.
	Topic      string `json:"topic"`
	Domain     string `json:"domain"`
	APIVersion string `json:"apiVersion"`
	WebhookID  string `json:"webhookId"`
	EventID    string `json:"eventId"`
	Name       string `json:"name"`

	Path    string            `json:"path"`    // with the query
	Headers map[string]string `json:"headers"` // names in lower case
	Body    []byte            `json:"body"`
}

// Shopify is an app made with @shopify/shopify-api. Its secret is as the app has it.
func Shopify(t testing.TB, secret string) *Receiver { return start(t, "shopify", secret) }

// Service is an app that runs a fulfillment service, made with @shopify/shopify-api. Its secret is as the app has it.
func Service(t testing.TB, secret string) *Receiver { return start(t, "service", secret) }

// Standard is a receiver made with standardwebhooks. Its secret begins with whsec_.
func Standard(t testing.TB, secret string) *Receiver { return start(t, "standard", secret) }

func start(t testing.TB, library, secret string) *Receiver {
	t.Helper()
	r := &Receiver{lines: npmtest.Start(t, "receiver.mjs", script, "LIBRARY="+library, "SECRET="+secret)}
	var place struct{ URL string }
	r.next(t, &place)
	r.URL = place.URL
	return r
}

// Next is what became of the next request. It waits for one as long as the test may.
func (r *Receiver) Next(t testing.TB) Verdict {
	t.Helper()
	var v Verdict
	r.next(t, &v)
	return v
}

func (r *Receiver) next(t testing.TB, into any) {
	t.Helper()
	select {
	case line, ok := <-r.lines:
		if !ok {
			t.Fatal("the receiver has ended")
		}
		if err := json.Unmarshal([]byte(line), into); err != nil {
			t.Fatalf("the receiver says %s: %v", line, err)
		}
	case <-t.Context().Done():
		t.Fatal("the receiver says nothing")
	}
}
