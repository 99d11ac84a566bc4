package shipbobtest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
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
	webhook, err := standardwebhooks.NewWebhook(WebhookSecret)
	if err != nil {
		panic(err)
	}
	signature, err := webhook.Sign(id, at, body)
	if err != nil {
		panic(err)
	}
	header := http.Header{}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	header.Set("x-webhook-topic", topic)
	header.Set("Content-Type", "application/json")
	return header
}
