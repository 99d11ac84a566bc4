package http_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/http"
)

// TestRead: each type of callback becomes the command that it stands for, about the request whose key it has.
func TestRead(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "https://warehouse.example.com")
	for i, d := range deliveries(t) {
		want := callbacks[i].verb
		news, err := p.Read(t.Context(), d)
		if err != nil || want == "" && len(news) != 0 || want != "" && len(news) != 1 {
			t.Errorf("%s: %v, %v", callbacks[i].Type, news, err)
			continue
		}
		if want == "" {
			continue
		}
		n := news[0]
		verb := fulfillment.Verb(n.What)
		if n.Command != nil {
			verb = n.Command.Verb()
		}
		if verb != want || n.About.RequestKey != "fulfillment-order/7#12" || n.Sequence != int64(i+1) ||
			n.Service != 8 || !strings.HasPrefix(n.ID, "fulfillment-order/7#12/") {
			t.Errorf("%s: %+v with %s, want %s", callbacks[i].Type, n, verb, want)
		}
		if strings.HasPrefix(callbacks[i].Type, "fulfillment.") && n.About.Shipment != "S-1" {
			t.Errorf("%s: the shipment is not named: %+v", callbacks[i].Type, n.About)
		}
	}
}

// TestReadTakesOver: nothing of what a callback says is lost on the way to the command.
func TestReadTakesOver(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "https://warehouse.example.com")
	happened := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	want := []fulfillment.Command{
		&fulfillment.AcceptFulfillmentRequest{EstimatedShippedAt: &happened},
		&fulfillment.RejectFulfillmentRequest{Reason: "INVALID_SKU", Message: "We have no such thing.",
			Lines: []fulfillment.RejectedLine{{LineID: 11}}},
		&fulfillment.PlaceHold{Reason: "INCORRECT_ADDRESS", Handle: "address", ReasonNotes: "There is no such street."},
		&fulfillment.ReleaseHold{OwnOnly: true},
		nil, // Progressed
		&fulfillment.CreateFulfillment{NotifyCustomer: true, Lines: []fulfillment.Quantity{{ID: 11, Quantity: 2}},
			Tracking: &fulfillment.TrackingInput{Company: "UPS", Numbers: []string{"T1", "T2"}, URLs: []string{"", ""}}},
		&fulfillment.UpdateTracking{Tracking: fulfillment.TrackingInput{Numbers: []string{"T3"}, URLs: []string{""}}},
		&fulfillment.CancelFulfillment{},
		&fulfillment.RecordEvent{Status: "IN_TRANSIT", HappenedAt: &happened, City: "Kiel"},
		&fulfillment.AcceptCancellationRequest{},
		&fulfillment.RejectCancellationRequest{Message: "It has left."},
	}
	for i, d := range deliveries(t)[:len(want)] {
		news, err := p.Read(t.Context(), d)
		if err != nil || len(news) != 1 {
			t.Fatalf("%s: %v, %v", callbacks[i].Type, news, err)
		}
		got, _ := json.Marshal(news[0].Command)
		wanted, _ := json.Marshal(want[i])
		if string(got) != string(wanted) {
			t.Errorf("%s became %s, want %s", callbacks[i].Type, got, wanted)
		}
	}
}

// TestNewsIsTheSameHoweverItComes: a shipment that an answer or a lookup tells of is the one that a callback tells of.
func TestNewsIsTheSameHoweverItComes(t *testing.T) {
	t.Parallel()
	const shipment = `{"shipmentId":"S-1","lines":[{"lineId":11,"quantity":2}],"parcels":[{"trackingNumber":"T1"}]}`
	server := serve(t, respond(200, `{"outcome":"ACCEPTED","reference":"W-1","shipments":[`+shipment+`],
		"hold":{"reason":"OTHER","handle":"h"}}`))
	p := newProvider(t, server.URL)
	found, err := p.Lookup(t.Context(), provider.Query{
		Key: "fulfillment-order/7#12", Kind: fulfillment.EffectRequest, RequestKey: "fulfillment-order/7#12",
	})
	if err != nil || len(found) != 1 || len(found[0].Answer.News) != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	body := `{"type":"fulfillment.shipped","key":"fo-7-12","sequence":3,"data":` + shipment + `}`
	told, err := p.Read(t.Context(), delivered(t, "msg_1", []byte(body)))
	if err != nil || len(told) != 1 {
		t.Fatalf("%+v, %v", told, err)
	}
	looked := found[0].Answer.News[0]
	if looked.ID != told[0].ID || fulfillment.Fingerprint(looked.Command) != fulfillment.Fingerprint(told[0].Command) {
		t.Errorf("a lookup tells %+v, a callback %+v", looked, told[0])
	}
	if hold, ok := found[0].Answer.News[1].Command.(*fulfillment.PlaceHold); !ok || hold.Handle != "h" {
		t.Errorf("the hold is %+v", found[0].Answer.News[1])
	}
}

// TestReadRefuses what is about nothing or says nothing, with the reason, and says what is not known, which may be
// misspelt.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "https://warehouse.example.com")
	for body, want := range map[string]string{
		`{"type":"request.accepted","key":"7","sequence":1}`:                                                                                      `the key "7"`,
		`{"type":"request.accepted","key":"fo-7-12"}`:                                                                                             "no sequence",
		`{"type":"request.accepted","key":"fo-99999999999999999999-2","sequence":1}`:                                                              "none of ours",
		`{"key":"fo-7-12","sequence":1}`:                                                                                                          "no type",
		`{"type":"fulfillment.shipped","key":"fo-7-12","sequence":1,"data":{}}`:                                                                   "data.shipmentId",
		`{"type":"fulfillment.shipped","key":"fo-7-12","sequence":1,"data":{"shipmentId":"S","lines":[{"lineId":"x"}]}}`:                          "data.lines",
		`{"type":"fulfillment.event","key":"fo-7-12","sequence":1,"data":{"shipmentId":"S","status":"DELIVERED"}}`:                                "data.happenedAt",
		`{"type":"request.held","key":"fo-7-12","sequence":1}`:                                                                                    "data.reason",
		`{"type":"return.received","key":"fo-7-12","sequence":1,"data":{}}`:                                                                       "data.lines",
		`{"type":"stock.changed","key":"fo-7-12","sequence":1}`:                                                                                   `"stock.changed" are not known here: there are cancellation.accepted, `,
		`{"type":"fulfillment.event","key":"fo-7-12","sequence":1,"data":{"shipmentId":"S","status":"LOST","happenedAt":"2026-03-04T12:00:00Z"}}`: `status "LOST" of an event is not known here: there are `,
	} {
		news, err := p.Read(t.Context(), delivered(t, "msg_1", []byte(body)))
		switch {
		case strings.Contains(want, "not known here"):
			if !errors.As(err, new(*provider.NotUnderstoodError)) || !strings.Contains(err.Error(), want) || len(news) != 0 {
				t.Errorf("%s: %v, %v; want %q", body, news, err, want)
			}
		case provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), want):
			t.Errorf("%s: %v, want a permanent error with %q", body, err, want)
		}
	}
	d := delivered(t, "msg_1", []byte(`{"type":"request.accepted","key":"fo-7-12","sequence":1}`))
	d.Header.Set("Packhorse-Version", "2031-01")
	if _, err := p.Read(t.Context(), d); err == nil || !strings.Contains(err.Error(), "2026-11") {
		t.Errorf("another version: %v", err)
	}
}

// TestVerify: only the service's own secret for callbacks is believed, near the time of the delivery.
func TestVerify(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "https://warehouse.example.com")
	d := delivered(t, "msg_1", []byte(`{}`))
	if key, err := p.Verify(t.Context(), d); err != nil || key != "8/msg_1" {
		t.Errorf("%q, %v", key, err)
	}
	late := d
	late.ReceivedAt = d.ReceivedAt.Add(302 * time.Second)
	reflected := d
	reflected.Header = reflected.Header.Clone()
	if err := parsed(t, secret).Sign(reflected.Header, "msg_1", d.ReceivedAt, d.Body); err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string]provider.Delivery{"late": late, "reflected": reflected} {
		if _, err := p.Verify(t.Context(), forged); !errors.Is(err, provider.ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.ServiceOptions = map[string]any{"callbackSecretName": "NOT_SET"}
	if _, err := p.Verify(t.Context(), d); err == nil || errors.Is(err, provider.ErrForged) {
		t.Errorf("a secret that is not set: %v; nobody can tell whether it is forged", err)
	}
}

// TestAnswersAreReadLeniently: members of another kind than the contract's cost no answer, but units that can't be read
// are for a person: they would be taken for all.
func TestAnswersAreReadLeniently(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"outcome":"ACCEPTED","reference":5,"message":null,"lines":{},"estimatedShippedAt":"soon","labels":[1],"data":[]}`: "ACCEPTED 5  []",
		`{"outcome":"REJECTED","reason":"SOMETHING_NEW","lines":[{"lineId":11},{"lineId":"x"},7]}`:                          "REJECTED  OTHER []",
		`{"outcome":"ACCEPTED","reason":"INVALID_SKU","accepted":[{"lineId":"11","quantity":1}]}`:                           "ACCEPTED  INVALID_SKU [{11 1}]",
		`{"outcome":"ACCEPTED","accepted":[{"lineId":"11","quantity":"one"}]}`:                                              "PARKED   []",
		`{"outcome":"ACCEPTED","accepted":[],"reason":"INVALID_SKU"}`:                                                       "REJECTED  INVALID_SKU []",
		`{"outcome":"MAYBE"}`: "PARKED   []",
	} {
		request := provider.Query{Key: "a", Kind: fulfillment.EffectRequest, RequestKey: "a"}
		got, err := provider.Call(t.Context(), newProvider(t, serve(t, respond(200, body)).URL),
			provider.Attempt{Query: request}, nil)
		if said := fmt.Sprint(got.Outcome, " ", got.Reference, " ", got.Reason, " ", got.Accepted); err != nil || said != want {
			t.Errorf("%s: %q, %v; want %q", body, said, err, want)
		}
	}
}

// TestUnreadablePartSaysOfWhat: units that can't be read are told of what was asked for, also of what is looked up.
func TestUnreadablePartSaysOfWhat(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fulfillment.EffectKind]string{
		fulfillment.EffectRequest: "took a part of the request", fulfillment.EffectReturn: "took a part of the return",
		fulfillment.EffectCancel: "the cancellation", fulfillment.EffectWithdraw: "the cancellation",
	} {
		body := `{"outcome":"ACCEPTED","accepted":[{"lineId":"11","quantity":0}]}`
		p := newProvider(t, serve(t, respond(200, body)).URL)
		got, err := p.Lookup(t.Context(), provider.Query{Key: "a", Kind: kind, RequestKey: "a"})
		if err != nil || len(got) != 1 || got[0].Answer.Outcome != fulfillment.OutcomeParked ||
			!strings.Contains(got[0].Answer.Message, want) {
			t.Errorf("%s: %+v, %v; want %q", kind, got, err, want)
		}
	}
	p := newProvider(t, serve(t, respond(200, `{"outcome":"ACCEPTED","accepted":[{"lineId":"11","quantity":0}]}`)).URL)
	got, err := p.Cancel(t.Context(), provider.Cancellation{Key: "b", RequestKey: "a"})
	if err != nil || !strings.Contains(got.Message, "the cancellation") || strings.Contains(got.Message, "request") {
		t.Errorf("a cancellation: %+v, %v", got, err)
	}
}

// TestSettings: what is wrong with a service's options is named, with what is allowed; a secret that stands there by
// mistake is not repeated.
func TestSettings(t *testing.T) {
	t.Parallel()
	offline := catalogued(t)
	valid := map[string]any{"url": "https://warehouse.example.com/packhorse", "secretName": "NORTH_WAREHOUSE"}
	for _, more := range []map[string]any{
		{}, {"timeout": "1s"}, // The connection has no longer, either.
		{"timeout": nil, "connectTimeout": nil, "option": nil},
	} {
		maps.Copy(more, valid)
		if err := offline.ValidateOption(t.Context(), more); err != nil {
			t.Errorf("%v: %v", more, err)
		}
	}
	for _, test := range []struct {
		name  string
		value any
		want  []string
	}{
		{"url", nil, []string{"url is missing"}},
		{"url", "warehouse", []string{"url: it is no address"}},
		{"url", "https://me:pass@warehouse.example.com", []string{"url: ", "name a secret"}},
		{"url", "https://warehouse.example.com/?a=b", []string{"url: it has a"}},
		{"url", " ", []string{"url is blank"}},
		{"url", 7, []string{"url is a number: it must be text"}},
		{"secretName", nil, []string{"secretName is missing"}},
		{"secretName", secret, []string{"secretName: ", "capital letters"}},
		{"callbackSecretName", "north", []string{"callbackSecretName: "}},
		{"timeout", "26s", []string{"timeout is 26s: it must be between 100ms and 25s"}},
		{"timeout", "1ms", []string{"timeout is 1ms: it must be between 100ms and 25s"}},
		{"timeout", "0s", []string{"timeout is 0s: it must be between 100ms and 25s"}},
		{"timeout", "-5s", []string{"timeout is -5s: it must be between 100ms and 25s"}},
		{"timeout", 5, []string{"timeout is a number: it must be a duration such as 30s"}},
		{"timeout", "long", []string{`timeout is "long": it must be a duration such as 30s`}},
		{"connectTimeout", "16s", []string{"connectTimeout is 16s: it must be between 100ms and 15s"}},
		{"connectTimeout", "0s", []string{"connectTimeout is 0s: it must be between 100ms and 15s"}},
		{"option", strings.Repeat("x", 201), []string{"option has 201 bytes: it may have at most 200"}},
		{"option", "", []string{"option is blank: give it a value, or leave it out"}},
		{"token", "x", []string{`"token"`, "secretName"}},
	} {
		data := map[string]any{}
		for name, value := range valid {
			data[name] = value
		}
		if data[test.name] = test.value; test.value == nil {
			delete(data, test.name)
		}
		err := offline.ValidateOption(t.Context(), data)
		missing := func(want string) bool { return !strings.Contains(fmt.Sprint(err), want) }
		if provider.Classify(err) != provider.Permanent || slices.ContainsFunc(test.want, missing) ||
			strings.Contains(fmt.Sprint(err), secret) || strings.Contains(fmt.Sprint(err), "pass@") {
			t.Errorf("%s %v: %v, want %q", test.name, test.value, err, test.want)
		}
	}
}

// TestPartOfARequest: a callback may accept some units, or stop some, and end one hold of several.
func TestPartOfARequest(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "https://warehouse.example.com")
	some := []fulfillment.Quantity{{ID: 11, Quantity: 1}}
	const accepted = `"accepted":[{"lineId":"11","quantity":1}]`
	for body, want := range map[string]fulfillment.Command{
		`{"type":"request.accepted","data":{"reason":"INVALID_SKU","lines":[{"lineId":"12","message":"none"}],` + accepted + `}`: &fulfillment.AcceptFulfillmentRequest{
			Lines: some, Reason: "INVALID_SKU", Rejected: []fulfillment.RejectedLine{{LineID: 12, Message: "none"}}},
		`{"type":"cancellation.accepted","data":{` + accepted + `}`: &fulfillment.AcceptCancellationRequest{Lines: some},
		`{"type":"cancellation.accepted","data":{"reason":"OTHER","lines":[{"lineId":"12","message":"packed"}],` + accepted + `}`: &fulfillment.AcceptCancellationRequest{
			Lines: some, Reason: "OTHER", Rejected: []fulfillment.RejectedLine{{LineID: 12, Message: "packed"}}},
		`{"type":"request.released","data":{"handle":"address"}`:      &fulfillment.ReleaseHold{OwnOnly: true, Handles: []string{"address"}},
		`{"type":"request.accepted","data":{"accepted":"everything"}`: nil,
	} {
		news, err := p.Read(t.Context(), delivered(t, "msg_1", []byte(body+`,"key":"fo-7-12","sequence":1}`)))
		if want == nil {
			if provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), "data.accepted") {
				t.Errorf("%s: %v, %v", body, news, err)
			}
			continue
		}
		if err != nil || len(news) != 1 || fulfillment.Fingerprint(news[0].Command) != fulfillment.Fingerprint(want) {
			t.Errorf("%s: %v, %v", body, news, err)
		}
	}
}

// TestAcceptedWithoutUnitsIsARejection: a callback that accepts a list without units says that nothing is taken, or
// stopped.
func TestAcceptedWithoutUnitsIsARejection(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "https://warehouse.example.com")
	const data = `"data":{"accepted":[],"reason":"INVALID_SKU","message":"None.",
		"lines":[{"lineId":"11","message":"Sold."}]}`
	for kind, want := range map[string]fulfillment.Command{
		"request.accepted": &fulfillment.RejectFulfillmentRequest{
			Reason: "INVALID_SKU", Message: "None.",
			Lines: []fulfillment.RejectedLine{{LineID: 11, Message: "Sold."}},
		},
		"cancellation.accepted": &fulfillment.RejectCancellationRequest{Message: "None."},
	} {
		body := `{"type":"` + kind + `","key":"fo-7-12","sequence":3,"occurredAt":"2026-03-04T12:00:00Z",` + data + `}`
		if err := http.Callback(kind, instance(t, body)); err != nil {
			t.Errorf("it is not the contract's: %v", err)
		}
		told, err := p.Read(t.Context(), delivered(t, "msg_1", []byte(body)))
		if err != nil || len(told) != 1 || fulfillment.Fingerprint(told[0].Command) != fulfillment.Fingerprint(want) {
			t.Errorf("%s became %+v, %v; want %+v", kind, told, err, want)
		}
	}
}
