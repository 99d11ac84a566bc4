package shipbob_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/provider"
	"packhorse/internal/provider/shipbob"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

// TestVectors: signatures are judged as the standard's own implementation judges them, where its verdicts are at hand.
func TestVectors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(material + "/../signatures/standard-webhooks.json")
	if err != nil {
		t.Skipf("the vectors are not at hand: %v", err)
	}
	var file struct {
		Vectors []struct {
			Name    string            `json:"name"`
			Secrets []string          `json:"secrets"`
			Now     int64             `json:"now"`
			Headers map[string]string `json:"headers"`
			Body    string            `json:"body"`
			BodyHex *string           `json:"body_hex"`
			Valid   bool              `json:"valid"`
		} `json:"vectors"`
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Vectors) == 0 {
		t.Fatal(err)
	}
	for _, v := range file.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			p := shipbob.New(shipbob.Config{Secrets: func(string) (string, error) {
				return strings.Join(v.Secrets, "\n") + "\n", nil
			}})
			header := http.Header{}
			for name, value := range v.Headers {
				header.Set(name, value)
			}
			key, err := p.Verify(t.Context(), provider.Delivery{
				Header: header, Body: []byte(v.Body), ReceivedAt: time.Unix(v.Now, 0),
			})
			if (err == nil) != v.Valid || v.Valid && key != header.Get("webhook-id") {
				t.Errorf("key %q, %v; want valid: %v", key, err, v.Valid)
			}
		})
	}
}

// TestOldWebhooksAreRefused: ShipBob's old kind is not signed, so anybody could send it.
func TestOldWebhooksAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	header := http.Header{}
	header.Set("shipbob-topic", "order_shipped")
	header.Set("shipbob-subscription-id", "1")
	_, err := w.Verify(t.Context(), provider.Delivery{Header: header, Body: []byte("{}"), ReceivedAt: began})
	if !errors.Is(err, provider.ErrForged) {
		t.Errorf("%v, want it refused", err)
	}
}

// TestHints: whatever the body of a webhook looks like, an ID or reference in it is enough, and only that is believed.
func TestHints(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	created := w.create(t, r)
	w.server.Complete(reference(r), 0, "1ZA")
	shipment := w.server.Shipments(reference(r))[0]
	for name, c := range map[string]struct {
		topic, body string
		told        bool
	}{
		"order":               {"order.shipped", fmt.Sprintf(`{"id":%s,"reference_id":%q,"status":"Lies"}`, created.Reference, reference(r)), true},
		"order by ID":         {"order.shipped", fmt.Sprintf(`{"id":%s}`, created.Reference), true},
		"ID as text":          {"order.shipped", fmt.Sprintf(`{"id":%q}`, created.Reference), true},
		"shipment":            {"order.shipment.delivered", fmt.Sprintf(`{"id":%d,"order_id":%s}`, shipment, created.Reference), true},
		"envelope":            {"order.shipped", fmt.Sprintf(`{"topic":"order.shipped","data":{"order":{"id":%s}}}`, created.Reference), true},
		"unknown order topic": {"order.shipment.tracking.updated", fmt.Sprintf(`{"order_id":%s}`, created.Reference), true},
		"no topic":            {"", fmt.Sprintf(`{"order_id":%s}`, created.Reference), true},
		"somebody else's":     {"order.shipped", `{"id":1,"reference_id":"web-17"}`, false},
		"unknown order":       {"order.shipped", `{"id":1}`, false},
		"return":              {"return.completed", fmt.Sprintf(`{"id":%s}`, created.Reference), false},
		"billing":             {"billing.charge.created", `{"id":1}`, false},
		"nothing":             {"order.shipped", `{"id":null,"order_id":{},"shipments":7}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := shipbobtest.Sign("msg_1", c.topic, []byte(c.body), began)
			d := provider.Delivery{Service: 7, Header: header, Body: []byte(c.body), ReceivedAt: began}
			if _, err := w.Verify(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			news, err := w.Read(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if c.told {
				want = []string{"CreateFulfillment 11×2 12×1 1ZA", "UpdateTracking 1ZA", "LABEL_PRINTED", "CARRIER_PICKED_UP"}
			}
			if got := told(news); !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// TestReadAndPollTellTheSame: what a webhook hints at and what is found by asking is the same news.
func TestReadAndPollTellTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	w.server.Complete(reference(r), 0, "1ZA")
	w.server.Scan(reference(r), 0, shipbobtest.Scan{Status: "Delivered"})
	header, body := w.server.Webhook("msg_1", "order.shipment.delivered", reference(r), began)
	heard, err := w.Read(t.Context(), provider.Delivery{Service: 7, Header: header, Body: body, ReceivedAt: began})
	if err != nil {
		t.Fatal(err)
	}
	found, _ := w.poll(t, "")
	ids := func(news []provider.News) (list []string) {
		for _, n := range news {
			if !slices.Contains(list, n.ID) {
				list = append(list, n.ID)
			}
		}
		return list
	}
	if a, b := ids(heard), ids(found); len(a) == 0 || !slices.Equal(a, b) {
		t.Errorf("heard %q, found %q", a, b)
	}
}

// TestReadAgainWhenShipBobIsAway: a hint that can't be followed is read again.
func TestReadAgainWhenShipBobIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	header, body := w.server.Webhook("msg_1", "order.shipped", reference(r), began)
	w.server.Fail(shipbobtest.Fault{Operation: "GET /order", Do: shipbobtest.FaultAnswer, Status: 500})
	_, err := w.Read(t.Context(), provider.Delivery{Service: 7, Header: header, Body: body, ReceivedAt: began})
	if provider.Classify(err) != provider.Retryable {
		t.Errorf("%v, want it retryable", err)
	}
}
