package shipbobtest

import (
	"encoding/json"
	"net/http"
	"time"

	"packhorse/internal/standardwebhook"
)

// WebhookSecret is that of the server's webhooks.
const WebhookSecret = "whsec_c2hpcGJvYi10ZXN0LXNlY3JldC1vZi13ZWJob29rcw=="

// Webhook is a delivery about an order, as ShipBob signs it at a time.
func (s *Server) Webhook(id, topic, reference string, at time.Time) (http.Header, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := json.Marshal(s.view(s.order(reference)))
	if err != nil {
		panic(err)
	}
	return Sign(id, topic, body, at), body
}

// Sign is the header of a delivery with this body.
func Sign(id, topic string, body []byte, at time.Time) http.Header {
	secrets, err := standardwebhook.ParseSecrets(WebhookSecret)
	if err != nil {
		panic(err)
	}
	header := http.Header{}
	if err := secrets.Sign(header, id, at, body); err != nil {
		panic(err)
	}
	header.Set("x-webhook-topic", topic)
	header.Set("Content-Type", "application/json")
	return header
}
