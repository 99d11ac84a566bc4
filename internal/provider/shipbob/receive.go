package shipbob

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"packhorse/internal/provider"
)

// tolerance is how far the time of a delivery may be from ours (Standard Webhooks).
const tolerance = 5 * time.Minute

// Verify checks the signature of Standard Webhooks. While the secret is changed, any of its values will do. A webhook
// of ShipBob's old kind has no signature and is refused.
func (p *Provider) Verify(_ context.Context, d provider.Delivery) (string, error) {
	s, err := settingsOf(d.ServiceOptions)
	if err != nil {
		return "", err
	}
	id, at := d.Header.Get(standardwebhooks.HeaderWebhookID), d.Header.Get(standardwebhooks.HeaderWebhookTimestamp)
	if id == "" || at == "" || d.Header.Get(standardwebhooks.HeaderWebhookSignature) == "" {
		return "", provider.Forged("the headers webhook-id, webhook-timestamp and webhook-signature are missing: " +
			"subscribe with ShipBob's API 2026-01 or later")
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return "", provider.Forged("webhook-timestamp is no number of seconds")
	}
	if off := d.ReceivedAt.Unix() - seconds; off > int64(tolerance.Seconds()) || off < -int64(tolerance.Seconds()) {
		return "", provider.Forged("webhook-timestamp is %d s away from the time here", off)
	}
	if p.config.Secrets == nil {
		return "", refuse("the provider shipbob has no secrets here")
	}
	secrets, err := p.config.Secrets(s.WebhookSecret)
	if err != nil {
		return "", err
	}
	usable := false
	for _, secret := range strings.Fields(secrets) {
		webhook, err := standardwebhooks.NewWebhook(secret)
		if err != nil || strings.TrimPrefix(secret, "whsec_") == "" {
			continue
		}
		usable = true
		if webhook.VerifyIgnoringTimestamp(d.Body, d.Header) == nil {
			return id, nil
		}
	}
	if !usable {
		return "", refuse("the secret %s is no secret of Standard Webhooks: whsec_ and base64", s.WebhookSecret)
	}
	return "", provider.Forged("no signature in webhook-signature is right")
}

// hint is what is taken from a webhook: what its body holds is not published, so only the IDs in it are believed, and
// the rest is asked for.
type hint struct {
	ID          text `json:"id"`
	OrderID     text `json:"order_id"`
	ReferenceID text `json:"reference_id"`

	Order    maybe[orderHint]    `json:"order"`
	Shipment maybe[shipmentHint] `json:"shipment"`
	Data     json.RawMessage     `json:"data"`
}

type orderHint struct {
	ID          text `json:"id"`
	ReferenceID text `json:"reference_id"`
}

type shipmentHint struct {
	OrderID     text `json:"order_id"`
	ReferenceID text `json:"reference_id"`
}

// Read asks for the order that a webhook is about, and says what is new of it. Holds are told by [Provider.Changes]
// alone, which also tells when they end: no webhook does.
func (p *Provider) Read(ctx context.Context, d provider.Delivery) ([]provider.News, error) {
	var body any
	if err := json.Unmarshal(d.Body, &body); err != nil {
		return nil, refuse("the body of ShipBob's webhook is no JSON: %s", err)
	}
	if topic := d.Header.Get("x-webhook-topic"); topic != "" && !strings.HasPrefix(topic, "order.") {
		return nil, nil
	}
	var h hint
	if json.Unmarshal(d.Body, &h) != nil {
		return nil, nil // Something else than an object.
	}
	reference, id := h.about()
	if reference == "" && id == "" {
		return nil, nil
	}
	if reference != "" {
		key, ours := provider.ParsePathKey(string(reference))
		if !ours {
			return nil, nil // An order of somebody else's.
		}
		a, err := p.open(d.ServiceOptions)
		if err != nil {
			return nil, err
		}
		orders, err := a.byReference(ctx, key, true)
		if err != nil {
			return nil, err
		}
		return p.newsOf(ctx, a, d.Service, orders)
	}
	a, err := p.open(d.ServiceOptions)
	if err != nil {
		return nil, err
	}
	o, found, err := a.order(ctx, id, true)
	if err != nil || !found {
		return nil, err
	}
	return p.newsOf(ctx, a, d.Service, []order{o})
}

// about is the order's reference, or else its ID.
func (h hint) about() (reference, id text) {
	if len(h.Data) > 0 {
		var inner hint
		if json.Unmarshal(h.Data, &inner) == nil {
			inner.Data = nil // One envelope is enough.
			if reference, id = inner.about(); reference != "" || id != "" {
				return reference, id
			}
		}
	}
	for _, r := range []text{h.ReferenceID, h.Order.is.ReferenceID, h.Shipment.is.ReferenceID} {
		if r != "" {
			return r, ""
		}
	}
	for _, id := range []text{h.OrderID, h.Order.is.ID, h.Shipment.is.OrderID, h.ID} {
		if id.digits() {
			return "", id
		}
	}
	return "", ""
}
