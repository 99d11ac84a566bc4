package simulated

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// FuzzSettings takes anything for the settings of a service: they are refused for good, or the ledger can keep them,
// nothing that follows from them is planned for before its time, and no command that the service is going to send is
// refused as malformed.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{`{}`, `null`, `{"id":"simulated-fulfillment"}`, `{"id":{}}`,
		`{"id":["simulated-fulfillment"]}`,
		`{"latency":{"min":"1s","max":"1m30s"},"answer":"pending","acceptAfter":"1h","jitter":1}`,
		`{"acceptAfter":"2562047h47m16.854775807s","shipAfter":"2562047h","jitter":1,"answer":"pending"}`,
		`{"rejectAlways":"OTHER","rejectionReasons":[]}`, `{"rejectionRate":1,"rejectionReasons":["","INVALID_SKU"]}`,
		`{"rejectionRate":1e-400}`,
		`{"trackingCompany":"a\u0000b","trackingPrefix":"\u0000"}`, `{"trackingPrefix":"\ud800"}`,
		`{"currencyCode":"\u0000\u0000\u0000"}`,
		`{"answer":"manual","lateAnswerRate":1,"lateAnswerAfter":"1s"}`,
		`{"partialShipmentRate":1,"ship":true,"deliver":true}`,
		`{"lateAnswerRate":1,"duplicateAnswerRate":1,"lostAnswerRate":1,"ignoreKeys":true,"cancelRefusalRate":1}`,
		`{"price":"4.90","currencyCode":"EUR"}`, `{"price":"-1","currencyCode":"E"}`,
		`{"Answer":"pending","ANSWER":"manual"}`} {
		f.Add([]byte(seed), int64(1))
	}
	f.Fuzz(func(t *testing.T, body []byte, seed int64) {
		var data map[string]any
		if json.Unmarshal(body, &data) != nil {
			return
		}
		s, err := DefaultSettings().merge(data)
		if err != nil {
			if provider.Classify(err) != provider.Permanent || !utf8.ValidString(err.Error()) {
				t.Fatalf("%s is refused with %v", body, err)
			}
			return
		}
		if kept := keep(t, s); !bytes.Equal(kept, keep(t, reread(t, kept))) {
			t.Fatalf("%s is another when it is read again", kept)
		}
		fo := newRequest(t)
		request := provider.Request{
			Key: fo.Effects[0].Key, FulfillmentOrderID: fo.ID, DeliveryMethod: fo.DeliveryMethod,
		}
		for _, l := range fo.Lines {
			request.Lines = append(request.Lines, provider.RequestLine{LineID: l.ID, Quantity: l.Remaining})
		}
		c := chance{seed, request.Key}
		for _, v := range []verdict{decide(request, s, c, fo.CreatedAt), decideCancellation(request.Key, s, c)} {
			answer, steps, _ := v.plan(s, c)
			keep(t, answer)
			for _, e := range []provider.Answer{v.answer, answer} {
				if e.Outcome == "" || e.Reference == "" {
					t.Fatalf("%s: an answer without a meaning: %+v", body, e)
				}
			}
			live(t, told(t, fo, answer), steps, 0)
		}
	})
}

// told is the fulfillment order when it has the answer to its request.
func told(t *testing.T, fo *fulfillment.FulfillmentOrder, a provider.Answer) *fulfillment.FulfillmentOrder {
	t.Helper()
	cmd := &fulfillment.ProviderAnswer{Meta: fulfillment.Meta{
		Actor: fulfillment.System,
	}, Key: fo.Effects[0].Key, Outcome: a.Outcome,
		Reference: a.Reference, Reason: a.Reason, Message: a.Message, Lines: a.Lines,
		EstimatedShippedAt: a.EstimatedShippedAt, Attachments: a.Attachments()}
	d, err := fo.Decide(cmd, fulfillment.Env{Now: fo.UpdatedAt, IDs: fulfillment.NewIDs(300)})
	if err != nil {
		t.Fatalf("%+v is refused: %v", a, err)
	}
	return d.State
}

// live lets the service do what it planned.
func live(t *testing.T, fo *fulfillment.FulfillmentOrder, steps []Step, shipment fulfillment.ID) {
	t.Helper()
	keep(t, steps)
	for _, s := range steps {
		if s.After < 0 || s.After > 2*longestDelay {
			t.Fatalf("%s comes after %s", s.Name, time.Duration(s.After))
		}
		cmd, refused := fulfillment.DecodeCommand(s.Verb, s.Body, true)
		if refused != nil {
			t.Fatalf("%s can't be read: %v", s.Name, refused)
		}
		if event, ok := cmd.(*fulfillment.RecordEvent); ok {
			event.FulfillmentID = shipment
		}
		next, made := fo, shipment
		d, err := fo.Decide(
			cmd,
			fulfillment.Env{
				Now: fo.UpdatedAt.Add(time.Minute), IDs: fulfillment.NewIDs(fo.ID + 10*fulfillment.ID(fo.Sequence)),
			},
		)
		refused, _ = fulfillment.AsError(err)
		malformed := refused != nil &&
			(refused.Code == fulfillment.CodeInvalid || refused.Code == fulfillment.CodeLineItemNotFound)
		if malformed || refused != nil && fo.RequestStatus == fulfillment.RequestAccepted &&
			s.Verb == fulfillment.VerbCreateFulfillment {
			t.Fatalf("%s %s is refused: %v", s.Verb, s.Body, err)
		}
		if err == nil {
			next = d.State
			if d.Result.FulfillmentID != 0 {
				made = d.Result.FulfillmentID
			}
		}
		live(t, next, s.Then, made)
	}
}

// keep is what the ledger keeps of something.
func keep(t *testing.T, v any) []byte {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil || bytes.Contains(bytes.ReplaceAll(body, []byte(`\\`), nil), []byte(`\u0000`)) {
		t.Fatalf("PostgreSQL can't keep %+v: %v", v, err)
	}
	return body
}

func reread(t *testing.T, kept []byte) Settings {
	t.Helper()
	var s Settings
	if err := json.Unmarshal(kept, &s); err != nil {
		t.Fatalf("%s can't be read again: %v", kept, err)
	}
	return s
}

// newRequest is a fulfillment order of two lines whose service was asked for it.
func newRequest(t *testing.T) *fulfillment.FulfillmentOrder {
	t.Helper()
	now := time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)
	order := &fulfillment.Order{
		ID:        1,
		LineItems: []fulfillment.LineItem{{ID: 2, Title: "Cup", Quantity: 3}, {ID: 3, Title: "Tea", Quantity: 1}},
	}
	if err := order.Complete(now); err != nil {
		t.Fatal(err)
	}
	at := fulfillment.AssignedLocation{
		LocationID: 7, Name: "Robots", CountryCode: "NL", ServiceID: 8, ServiceName: "Robots", Provider: DefaultID,
	}
	fos, _, err := fulfillment.NewFulfillmentOrders(order, []fulfillment.Assignment{{Location: at,
		DeliveryMethod: fulfillment.DeliveryShipping,
		Lines: []fulfillment.Quantity{
			{ID: 2, Quantity: 3}, {ID: 3, Quantity: 1},
		}}}, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(100)})
	if err != nil {
		t.Fatal(err)
	}
	d, err := fos[0].Decide(
		&fulfillment.SubmitFulfillmentRequest{}, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(200)},
	)
	if err != nil || len(d.State.Effects) != 1 {
		t.Fatalf("the request was not made: %v", err)
	}
	return d.State
}
