package delivery

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/webhook"
)

// The expected signatures were made by openssl dgst and Node's crypto, the IDs by Python's uuid.uuid5.
const (
	newSecret = "phss_000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	oldSecret = "phss_f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f"
	body      = `{"fulfillment_order":{"id":"gid://shopify/FulfillmentOrder/7032405950699"},` +
		`"id":820982911946154508,"message":"Grüße ✓"}`
	webhookID = "08576dbd-3725-5661-90e6-ecf1ded9974a"
	eventID   = "bdb04ef2-4d93-51d0-9ddb-243521efa619"

	newShopify  = "LBiPa3DA5OdorX/7vvkMjQJODUH0haOadOg8gR3ojN4="
	oldShopify  = "64Qr12iCnXMn1+vkeWGeEms8A4uYKsWvf7At8sn/APo="
	newStandard = "v1,kGidZ05/xjTQnX/CjchSswEx2jjGxMBJ54OVDv0Tw5g="
	oldStandard = "v1,ujtbIW/V5l1M+rsFZG8SlCxRHEFMVbtn8yLJAT+B+I0="
)

var now = time.Unix(1727333496, 999_000_000)

func message() Message {
	return Message{
		Subscription: webhook.Subscription{ID: 1001, APIVersion: "2026-07"},
		Position:     42, Sequence: 7, Place: 1, OrderID: 450789469, CommandID: "c-1",
		TriggeredAt: time.Date(2024, 9, 26, 8, 51, 35, 781_200_000, time.FixedZone("", 2*3600)),
		Topic:       "fulfillment_orders/moved", Body: []byte(body), Attempt: 1,
	}
}

func signer() Signer {
	return Signer{ShopDomain: "example.myshopify.com", UserAgent: "Packhorse-Webhooks/1.2.3", Current: newSecret}
}

func check(t *testing.T, got http.Header, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if values := got[name]; len(values) != 1 || values[0] != want[name] {
			t.Errorf("%s is %q, want %q", name, values, want[name])
		}
	}
	for name := range want {
		if got[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
}

func plain() map[string]string {
	return map[string]string{
		"Content-Type":           "application/json",
		"User-Agent":             "Packhorse-Webhooks/1.2.3",
		"X-Shopify-Topic":        "fulfillment_orders/moved",
		"X-Shopify-Hmac-Sha256":  newShopify,
		"X-Shopify-Shop-Domain":  "example.myshopify.com",
		"X-Shopify-API-Version":  "2026-07",
		"X-Shopify-Webhook-Id":   webhookID,
		"X-Shopify-Event-Id":     eventID,
		"X-Shopify-Triggered-At": "2024-09-26T06:51:35.781200000Z",
		"webhook-id":             webhookID,
		"webhook-timestamp":      "1727333496",
		"webhook-signature":      newStandard,
		"Packhorse-Position":     "42",
		"Packhorse-Sequence":     "7.1",
		"Packhorse-Attempt":      "1",
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	name, empty := "wh-1", ""
	many := make([]int64, 60)
	positions := make([]string, 60)
	for i := range many {
		many[i] = int64(60 - i)
		positions[i] = fmt.Sprint(i + 1)
	}
	for title, test := range map[string]struct {
		change func(*Message)
		with   map[string]string
	}{
		"of_a_fulfillment_order": {func(*Message) {}, nil},
		"names_the_subscription": {
			func(m *Message) { m.Subscription.Name = &name }, map[string]string{"X-Shopify-Name": "wh-1"},
		},
		"without_a_name_says_none": {func(m *Message) { m.Subscription.Name = &empty }, nil},
		"of_an_order": {func(m *Message) { m.Topic = "orders/updated" }, map[string]string{
			"X-Shopify-Topic": "orders/updated", "X-Shopify-Order-Id": "450789469", "X-Shopify-Test": "false",
		}},
		"of_a_trial":  {func(m *Message) { m.Test = true }, map[string]string{"X-Shopify-Test": "true"}},
		"of_a_retry":  {func(m *Message) { m.Attempt = 3 }, map[string]string{"Packhorse-Attempt": "3"}},
		"of_a_replay": {func(m *Message) { m.Replay = true }, map[string]string{"Packhorse-Replay": "1"}},
		"after_dead_letters": {func(m *Message) { m.Skipped = []int64{41, 9} }, map[string]string{
			"Packhorse-Skipped": "9, 41",
		}},
		"after_many_dead_letters_names_the_newest": {func(m *Message) { m.Skipped = many }, map[string]string{
			"Packhorse-Skipped": strings.Join(positions[10:], ", "),
		}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			m, want := message(), plain()
			test.change(&m)
			maps.Copy(want, test.with)
			got := m.Header(signer(), now)
			check(t, got, want)
			for name := range got {
				if strings.HasPrefix(strings.ToLower(name), "shopify-") {
					t.Errorf("%s makes it a request of another kind", name)
				}
			}
		})
	}
}

// A receiver that knows an ID throws the message away, so it depends on nothing but the subscription and the event.
func TestIDs(t *testing.T) {
	t.Parallel()
	other := func(change func(*Message)) Message {
		m := message()
		change(&m)
		return m
	}
	for title, test := range map[string]struct {
		Message
		webhook, event string
	}{
		"constant_over_attempts": {other(func(m *Message) {
			m.Attempt, m.Replay, m.Skipped = 8, true, []int64{1}
		}), webhookID, eventID},
		"constant_while_the_subscription_changes": {other(func(m *Message) {
			m.Subscription.URI, m.Subscription.APIVersion, m.Body = "https://example.com", "2027-01", []byte("{}")
		}), webhookID, eventID},
		"another_event_of_the_command": {
			other(func(m *Message) { m.Position = 43 }), "e71d31bb-d03e-5d9a-8def-2b20f789fd0c", eventID,
		},
		"another_subscription": {
			other(func(m *Message) { m.Subscription.ID = 1002 }), "7caae887-bffa-5e4e-aa7e-b817ba02c39e", eventID,
		},
		"an_event_of_no_command": {
			other(func(m *Message) { m.CommandID = "" }), webhookID, "d5fb6a14-cfd0-5133-b685-c37a7b3fae29",
		},
		"a_trial": {
			other(func(m *Message) { m.Position = 0 }), "5ed321e2-a6eb-57cd-9da2-c691693b766c", eventID,
		},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			if got := test.WebhookID(); got != test.webhook {
				t.Errorf("the webhook's ID is %s, want %s", got, test.webhook)
			}
			if got := test.EventID(); got != test.event {
				t.Errorf("the event's ID is %s, want %s", got, test.event)
			}
		})
	}
}

func TestUserAgentIsOurs(t *testing.T) {
	t.Parallel()
	s := signer()
	s.UserAgent = ""
	agent := message().Header(s, now).Get("User-Agent")
	if !regexp.MustCompile(`^Packhorse-Webhooks/[\w.+-]+$`).MatchString(agent) {
		t.Errorf("the sender is %q", agent)
	}
}
