package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// temporalLimit is the largest payload that Temporal takes, in bytes.
const temporalLimit = 2 << 20

// FuzzAnswer lets a service's system answer anything, at once or when it is looked up, in JSON with texts in any
// encoding: what comes of it has a meaning, can be passed on and kept, and is taken by a fulfillment order that waits
// for it.
func FuzzAnswer(f *testing.F) {
	long := strings.Repeat("&", 900)
	for _, seed := range []string{`{}`,
		`{"outcome":"ACCEPTED","reference":"R1","estimatedShippedAt":"2026-03-05T10:00:00+14:00"}`,
		`{"outcome":"MAYBE","reference":"\u0000"}`, `{"outcome":"accepted"}`,
		`{"outcome":"PENDING","labels":[{"trackingNumber":"-1"}]}`,
		`{"outcome":"ACCEPTED","data":{"a":"` + strings.Repeat("<", 3000) + `"},"labels":[` +
			strings.Repeat(`{"trackingNumber":"\u0000","labelUrl":"https://a.example/`+long+`"},`, 99) +
			`{}],"documents":[{"kind":"label","name":"a","content":"` + strings.Repeat("QUFB", 99) + `"}]}`,
		`{"outcome":"ACCEPTED","estimatedShippedAt":"0000-01-01T00:00:00+23:59"}`,
		`{"outcome":"ACCEPTED","estimatedShippedAt":"9999-12-31T23:59:59-23:59"}`,
		`{"outcome":"REJECTED","reason":"BECAUSE","lineItems":[{"fulfillmentOrderLineItemId":2,"message":"a\u0000b"},{"fulfillmentOrderLineItemId":2},{"fulfillmentOrderLineItemId":-9}]}`,
		`{"outcome":"UNKNOWN","message":"` + strings.Repeat("<", 30_000) + `"}`,
		`{"outcome":"` + strings.Repeat("x", 30_000) + `"}`,
		`{"outcome":"REJECTED","lineItems":[` + strings.Repeat(`{"message":"`+strings.Repeat("&", 600)+`"},`, 600) +
			`{}]}`} {
		f.Add([]byte(seed), "", 1)
		f.Add([]byte(seed), "\xff\x00\xc3", 0)
		f.Add([]byte(seed), strings.Repeat("\xf0\x9f\x93", 10_000), 3)
	}
	f.Fuzz(func(t *testing.T, body []byte, raw string, finds int) {
		var said provider.Answer
		if json.Unmarshal(body, &said) != nil {
			said.Outcome = fulfillment.Outcome(body)
		}
		said.Message += raw // JSON has no broken text; other formats do.
		said.Reference += raw
		if said.Reason != "" {
			said.Reason += fulfillment.RejectionReason(raw)
		}
		system := finding{finds: make([]provider.Found, max(0, min(finds, 50)))}
		for i := range system.finds {
			system.finds[i] = provider.Found{Reference: raw, Answer: said}
		}
		for _, attempt := range []provider.Attempt{
			{Query: asked, First: true}, {Query: asked},
		} {
			answer, err := provider.Call(
				t.Context(), system, attempt, func(context.Context) (provider.Answer, error) { return said, nil },
			)
			if err != nil {
				t.Fatalf("no answer: %v", err)
			}
			checkAnswer(t, answer)
		}
		for _, err := range []error{
			errors.New(raw), &provider.Error{Class: provider.Permanent, Message: raw},
			&provider.Error{Class: provider.Retryable, RetryAfter: time.Minute, Message: raw},
		} {
			for _, p := range []provider.Provider{finding{err: err}, plain{}} {
				answer, got := provider.Call(
					t.Context(), p, provider.Attempt{Query: asked, First: p == provider.Provider(plain{})},
					func(context.Context) (provider.Answer, error) { return provider.Answer{}, err },
				)
				if got == nil {
					checkAnswer(t, answer) // Parked.
				} else if text := got.Error(); !utf8.ValidString(text) || strings.ContainsRune(text, 0) ||
					len(text) > temporalLimit/6 {
					t.Fatalf("an error that can't be passed on: %d bytes, %.300q", len(text), text)
				} else if provider.RetryAfter(got) != provider.RetryAfter(err) {
					t.Fatalf("%v lost when to try again", got)
				}
			}
		}
	})
}

// checkAnswer makes sure that an answer gets to a fulfillment order that has made the call, and can be kept there.
func checkAnswer(t *testing.T, a provider.Answer) {
	t.Helper()
	fo := submitted(t)
	cmd := &fulfillment.ProviderAnswer{Meta: fulfillment.Meta{
		Actor: fulfillment.System,
	}, Key: fo.Effects[0].Key, Outcome: a.Outcome,
		Reference: a.Reference, Reason: a.Reason, Message: a.Message, Lines: a.Lines,
		EstimatedShippedAt: a.EstimatedShippedAt, Attachments: a.Attachments()}
	body, err := json.Marshal(cmd)
	if err != nil || len(body) > temporalLimit {
		t.Fatalf("an answer that can't be passed on: %v, %d bytes: %.300s", err, len(body), body)
	}
	for _, text := range []string{a.Reference, a.Message, string(a.Reason), string(a.Outcome)} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			t.Fatalf("a text that can't be kept: %.300q", text)
		}
	}
	d, err := fo.Decide(cmd, fulfillment.Env{Now: answered, IDs: fulfillment.NewIDs(1000)})
	if err != nil {
		t.Fatalf("%.1000s was refused, and nobody would hear of it: %v", body, err)
	}
	state, err := json.Marshal([]any{d.State, d.Transitions})
	if err != nil || bytes.Contains(bytes.ReplaceAll(state, []byte(`\\`), nil), []byte(`\u0000`)) {
		t.Fatalf("%.1000s became what can't be kept: %v", body, err)
	}
	if at := d.State.EstimatedShippedAt; at != nil && (at.UTC().Year() < 1970 || at.UTC().Year() > 9999) {
		t.Fatalf("it ships at %s, which can't be kept", at)
	}
}

var answered = time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)

// submitted is a fulfillment order whose service's system was asked for it.
func submitted(t *testing.T) *fulfillment.FulfillmentOrder {
	t.Helper()
	order := &fulfillment.Order{ID: 1, LineItems: []fulfillment.LineItem{{ID: 2, Title: "Cup", Quantity: 3}}}
	if err := order.Complete(answered); err != nil {
		t.Fatal(err)
	}
	at := fulfillment.AssignedLocation{
		LocationID: 7, Name: "Robots", CountryCode: "NL", ServiceID: 8, ServiceName: "Robots", Provider: "simulated",
	}
	fos, _, err := fulfillment.NewFulfillmentOrders(order, []fulfillment.Assignment{{Location: at,
		DeliveryMethod: fulfillment.DeliveryShipping,
		Lines:          []fulfillment.Quantity{{ID: 2, Quantity: 3}}}}, fulfillment.Env{
		Now: answered, IDs: fulfillment.NewIDs(100),
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := fos[0].Decide(
		&fulfillment.SubmitFulfillmentRequest{}, fulfillment.Env{Now: answered, IDs: fulfillment.NewIDs(200)},
	)
	if err != nil || len(d.State.Effects) != 1 {
		t.Fatalf("the request was not made: %v", err)
	}
	return d.State
}
