package easypost_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/providertest"
)

// delivery is a body as EasyPost sends it to a service.
func delivery(service fulfillment.ID, body []byte) provider.Delivery {
	return provider.Delivery{
		Service: service, Method: http.MethodPost, Body: body, ReceivedAt: easyposttest.Began,
		Header: http.Header{"X-Hmac-Signature": {easypost.Sign(secret, body)}},
	}
}

// deliveries are the events of a parcel's way, and of a refund.
func deliveries(t *testing.T) []provider.Delivery {
	t.Helper()
	server := easyposttest.New(t)
	answer := create(t, newProvider(t, server, nil, options()), providertest.Request("elsewhere"))
	code := answer.Labels[0].TrackingNumber
	bodies := [][]byte{
		server.Scan(code, easyposttest.Scan{
			Status: "in_transit", Detail: "arrived_at_facility", Message: "Arrived", City: "HAMBURG", Country: "DE",
		}),
		server.Refunded(answer.Reference),
	}
	// Another parcel: an update has the whole history, and so the news of the one before.
	answer = create(t, newProvider(t, server, nil, options()), providertest.Request("elsewhere too"))
	bodies = append(bodies, server.Scan(answer.Labels[0].TrackingNumber, easyposttest.Scan{
		Status: "delivered", Detail: "arrived_at_destination", Message: "Delivered",
	}))
	var list []provider.Delivery
	for _, body := range bodies {
		list = append(list, delivery(7, body))
	}
	return list
}

type vectors struct {
	Vectors []struct {
		Name   string            `json:"name"`
		Secret string            `json:"secret"`
		Header map[string]string `json:"header"`
		Body   string            `json:"body"`
		Valid  bool              `json:"valid"`
	} `json:"vectors"`
}

// TestSignatureVectors: what is a signature, by vectors with the verdict of EasyPost's own client beside them.
func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	var list vectors
	readShared(t, "signatures/easypost-v1.json", &list)
	if len(list.Vectors) < 8 {
		t.Fatalf("there are %d vectors", len(list.Vectors))
	}
	for _, v := range list.Vectors {
		p, err := easypost.New(easypost.Config{
			Ledger: &easypost.MemoryLedger{}, Secrets: func(string) (string, error) { return v.Secret, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{}
		for name, value := range v.Header {
			header.Set(name, value)
		}
		_, err = p.Verify(t.Context(), provider.Delivery{Service: 7, Header: header, Body: []byte(v.Body)})
		if (err == nil) != v.Valid || err != nil && !errors.Is(err, provider.ErrForged) {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

// TestFormerSecretStillCounts while a secret is replaced; a secret that is not set is nobody's forgery.
func TestFormerSecretStillCounts(t *testing.T) {
	t.Parallel()
	p := newProvider(t, easyposttest.New(t), nil, options())
	d := delivery(7, []byte(`{"id":"evt_1"}`))
	d.Header.Set("X-Hmac-Signature", easypost.Sign("former", d.Body))
	if key, err := p.Verify(t.Context(), d); err != nil || key != "evt_1" {
		t.Errorf("the former secret: %q, %v", key, err)
	}
	d.ServiceOptions = map[string]any{"webhookSecretName": "NOT_SET"}
	if _, err := p.Verify(t.Context(), d); err == nil || errors.Is(err, provider.ErrForged) ||
		!strings.Contains(err.Error(), "NOT_SET") {
		t.Errorf("a secret that is not set: %v", err)
	}
}

// TestParcelsOfOthers: an event goes to every address of the account. What another service sent is not told again; a
// number that is not known here is told by itself.
func TestParcelsOfOthers(t *testing.T) {
	t.Parallel()
	for name, open := range ledgers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := easyposttest.New(t)
			p := newProvider(t, server, open(t), options())
			code := create(t, p, providertest.Request("a")).Labels[0].TrackingNumber
			body := server.Scan(code, easyposttest.Scan{Status: "in_transit"})
			if news, err := p.Read(t.Context(), delivery(8, body)); err != nil || len(news) != 0 {
				t.Errorf("to another service it tells %v, %v", told(news), err)
			}
			stranger := newProvider(t, server, open(t), options())
			news, err := stranger.Read(t.Context(), delivery(8, body))
			if err != nil || len(news) != 1 || news[0].About.TrackingNumber != code || news[0].About.FulfillmentOrderID != 0 ||
				news[0].Service != 8 {
				t.Errorf("of a parcel that is not known it tells %+v, %v", news, err)
			}
		})
	}
}

// TestRefundThatCameThroughIsKept when EasyPost says so.
func TestRefundThatCameThroughIsKept(t *testing.T) {
	t.Parallel()
	server, ledger := easyposttest.New(t), &easypost.MemoryLedger{}
	p := newProvider(t, server, ledger, options())
	reference := create(t, p, providertest.Request("a")).Reference
	if news, err := p.Read(t.Context(), delivery(7, server.Refunded(reference))); err != nil || len(news) != 0 {
		t.Fatalf("told %v, %v", told(news), err)
	}
	if _, parcel, _, _ := ledger.OfShipment(t.Context(), reference, ""); parcel.RefundStatus != "refunded" {
		t.Errorf("kept %+v", parcel)
	}
}
