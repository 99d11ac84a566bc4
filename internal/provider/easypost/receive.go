package easypost

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"golang.org/x/text/unicode/norm"

	"packhorse/internal/provider"
)

// signatureHeader has the signature of a delivery, version 1.
const (
	signatureHeader = "X-Hmac-Signature"
	signaturePrefix = "hmac-sha256-hex="
)

// webhookEvent is EasyPost's Event.
type webhookEvent struct {
	ID          text            `json:"id"`
	Description text            `json:"description"`
	Result      json.RawMessage `json:"result"`
}

// Sign is the signature that EasyPost gives a body, over its very bytes. The key is the secret in the form NFKD: who
// types an accent otherwise still has the same secret.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, norm.NFKD.Bytes([]byte(secret)))
	mac.Write(body)
	return signaturePrefix + hex.EncodeToString(mac.Sum(nil))
}

// Verify checks the signature. The dedupe key is the event's ID. Each event goes to every address of the account, so
// two services with one account get it twice.
func (p *Provider) Verify(_ context.Context, d provider.Delivery) (string, error) {
	o, err := p.defaults.merge(d.ServiceOptions)
	if err != nil {
		return "", err
	}
	secrets, err := p.config.Secrets.All(o.WebhookSecret)
	if err != nil {
		return "", err
	}
	signature := d.Header.Get(signatureHeader)
	switch {
	case signature == "":
		return "", provider.Forged("there is no header %s: give the webhook at EasyPost the secret %s",
			signatureHeader, o.WebhookSecret)
	case !strings.HasPrefix(signature, signaturePrefix):
		return "", provider.Forged("the header %s does not begin with %s", signatureHeader, signaturePrefix)
	}
	for _, secret := range secrets {
		if hmac.Equal([]byte(signature), []byte(Sign(secret, d.Body))) {
			var e webhookEvent
			if json.Unmarshal(d.Body, &e) == nil && e.ID != "" {
				return string(e.ID), nil
			}
			sum := sha256.Sum256(d.Body)
			return "sha256:" + hex.EncodeToString(sum[:]), nil
		}
	}
	return "", provider.Forged("the signature is not that of the secret %s", o.WebhookSecret)
}

// Read reads updates of trackers, and refunds that came through. Of the other events there is nothing to tell.
func (p *Provider) Read(ctx context.Context, d provider.Delivery) ([]provider.News, error) {
	if !json.Valid(d.Body) {
		return nil, refuse("the event is no JSON")
	}
	var e webhookEvent
	if json.Unmarshal(d.Body, &e) != nil {
		return nil, nil // JSON, but no event.
	}
	switch {
	case strings.HasPrefix(string(e.Description), "tracker."):
		return p.readTracker(ctx, d, e)
	case e.Description == "refund.successful":
		return nil, p.readRefund(ctx, e)
	}
	return nil, nil
}

func (p *Provider) readTracker(ctx context.Context, d provider.Delivery, e webhookEvent) ([]provider.News, error) {
	var t maybe[tracker]
	if json.Unmarshal(e.Result, &t) != nil || t.Value == nil || t.Value.TrackingCode == "" {
		return nil, nil
	}
	code := string(t.Value.TrackingCode)
	call, parcel, there, err := p.config.Ledger.OfShipment(ctx, string(t.Value.ShipmentID), code)
	switch {
	case err != nil:
		return nil, unwritten(provider.Retryable, err)
	case there && call.ServiceID == d.Service:
		return p.follow(*t.Value, call, parcel)
	case there || bool(t.Value.IsReturn):
		return nil, nil // The other service gets it, too.
	}
	return tracked(*t.Value, provider.Subject{
		Shipment: string(t.Value.ShipmentID), TrackingNumber: code, Carrier: string(t.Value.Carrier),
	}, d.Service), nil
}

func (p *Provider) readRefund(ctx context.Context, e webhookEvent) error {
	var refund struct {
		ShipmentID   text `json:"shipment_id"`
		TrackingCode text `json:"tracking_code"`
		Status       text `json:"status"`
	}
	if json.Unmarshal(e.Result, &refund) != nil || refund.Status == "" {
		return nil
	}
	_, parcel, there, err := p.config.Ledger.OfShipment(ctx, string(refund.ShipmentID), string(refund.TrackingCode))
	if err == nil && there {
		err = p.config.Ledger.Refund(ctx, parcel.ID, string(refund.Status))
	}
	if err != nil {
		return unwritten(provider.Retryable, err)
	}
	return nil
}
