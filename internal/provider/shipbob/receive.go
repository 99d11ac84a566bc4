package shipbob

import (
	"context"
	"encoding/json"
	"strings"

	"packhorse/internal/provider"
	"packhorse/internal/standardwebhook"
)

// Verify checks the signature of Standard Webhooks. While the secret is changed, any of its values will do. A webhook
// of ShipBob's old kind has no signature and is refused.
func (p *Provider) Verify(_ context.Context, d provider.Delivery) (string, error) {
	s, err := settingsOf(d.ServiceOptions)
	if err != nil {
		return "", err
	}
	if p.config.Secrets == nil {
		return "", refuse("the provider shipbob has no secrets here")
	}
	values, err := p.config.Secrets(s.WebhookSecret)
	if err != nil {
		return "", err
	}
	secrets, err := standardwebhook.ParseSecrets(values)
	if err != nil {
		return "", &provider.Error{
			Class: provider.Retryable, Message: "the secret " + s.WebhookSecret + " is none of ShipBob's webhooks",
			Cause: err,
		}
	}
	id, err := secrets.Verify(d.Header, d.Body, d.ReceivedAt)
	if err != nil {
		return "", provider.Forged("%s; subscribe with ShipBob's API 2026-01 or later, which signs", err)
	}
	return id, nil
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
