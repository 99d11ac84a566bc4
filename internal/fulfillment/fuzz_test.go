package fulfillment_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

// FuzzDecide feeds any JSON as any command to fulfillment orders in many states: it must end in a decision or in a
// refusal, never in a panic, and all that always holds must hold afterwards.
func FuzzDecide(f *testing.F) {
	for verb, bodies := range fuzzSeeds {
		for _, body := range bodies {
			f.Add(string(verb), []byte(body))
		}
	}
	for _, verb := range fulfillment.Verbs() {
		f.Add(string(verb), []byte(`{}`))
		f.Add(
			string(verb),
			[]byte(`{"commandId":"a","firstId":-1,"actor":{"role":"SERVICE","serviceId":501,"app":"handmade"}}`),
		)
		f.Add(
			string(verb),
			[]byte(
				`{"commandId":"c\u0000","reason":"OTHER","actor":{"role":"MERCHANT","app":"\u0000","name":"\u0000"}}`,
			),
		)
		f.Add(
			string(verb),
			[]byte(`{"commandId":"b","actor":{"role":"EMPEROR","app":"x"},"message":null,"fulfillmentId":-1}`),
		)
	}
	starts, now := fuzzStarts(f)
	f.Fuzz(func(t *testing.T, verb string, body []byte) {
		cmd, refused := fulfillment.DecodeCommand(fulfillment.Verb(verb), body, false)
		strict, strictly := fulfillment.DecodeCommand(fulfillment.Verb(verb), body, true)
		checkUnread(t, refused, strictly)
		if refused != nil {
			return
		}
		if strictly == nil && !same(cmd, strict) {
			t.Fatalf("%s %s is read in two ways:\n%s", verb, body, diff(cmd, strict))
		}
		checkCommandJSON(t, cmd)
		for _, fo := range starts {
			d, refused := decide(t, fo, cmd, now, 1<<40)
			if refused == nil {
				if hasNUL(marshal(t, []any{d.State, d.Transitions, d.Siblings, d.SiblingTransitions})) {
					t.Fatalf(
						"%s: PostgreSQL keeps no NUL in a text, so this could never be committed", describe(fo, cmd),
					)
				}
				checkTimes(t, d)
			}
			if refused != nil {
				checkState(
					t, fo.Refuse(cmd, refused, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(1 << 40)}).State,
				)
			} else if d.State.Status != fulfillment.StatusClosed {
				tick := &fulfillment.Tick{Meta: fulfillment.Meta{Actor: fulfillment.System}}
				decide(t, d.State, tick, now.AddDate(1, 0, 0), 1<<41)
			}
		}
	})
}

// checkUnread makes sure that what can't be read is refused in a way that its sender can be told: plainly, and not
// longer than a message of Temporal should be. What is read strictly is read without being strict, too.
func checkUnread(t reporter, refused, strictly *fulfillment.Error) {
	if refused != nil && strictly == nil {
		t.Fatalf("it is read strictly, but else refused: %v", refused)
	}
	for _, e := range []*fulfillment.Error{refused, strictly} {
		if e != nil &&
			(e.Code != fulfillment.CodeInvalid || e.Message == "" || !storable(e.Message) ||
				len(e.Message) > longestRefusal) {
			t.Fatalf("refused as %s with %d bytes: %.300q", e.Code, len(e.Message), e.Message)
		}
	}
}

// longestRefusal is plenty for a list of problems, in bytes.
const longestRefusal = 16 << 10

// storable tells whether PostgreSQL can keep a text.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// checkTimes makes sure that every time which a decision holds is one that JSON and PostgreSQL can write.
func checkTimes(t reporter, decision any) {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			walk(v.Elem())
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			if at, ok := v.Interface().(time.Time); ok {
				if year := at.UTC().Year(); !at.IsZero() && (year < 1970 || year > 9999) {
					t.Fatalf("the time %s can't be kept:\n%s", at, marshal(t, decision))
				}
				return
			}
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		}
	}
	walk(reflect.ValueOf(decision))
}

// hasNUL tells whether a text in the JSON holds the character NUL.
func hasNUL(body []byte) bool {
	return bytes.Contains(bytes.ReplaceAll(body, []byte(`\\`), nil), []byte(`\u0000`))
}

// fuzzSeeds are bodies that come close to the edge of what a command can say. The lines of the fuzzed fulfillment
// orders are 10001 and 10002, the order lines 2001 and 2002.
var fuzzSeeds = map[fulfillment.Verb][]string{
	fulfillment.VerbSubmitFulfillmentRequest: {
		`{"fulfillmentOrderLineItems":[{"id":10001,"quantity":1}],"message":"a\u0000b"}`,
		`{"fulfillmentOrderLineItems":[{"id":10001,"quantity":9223372036854775807},{"id":10001,"quantity":9223372036854775807}]}`},
	fulfillment.VerbAcceptFulfillmentRequest: {
		`{"estimatedShippedAt":"9999-12-31T23:59:59-23:59"}`, `{"estimatedShippedAt":"0000-01-01T00:00:00+23:59"}`,
	},
	fulfillment.VerbRejectFulfillmentRequest: {
		`{"reason":"OTHER","lineItems":[{"fulfillmentOrderLineItemId":10001,"message":"\ud800"},{}]}`,
	},
	fulfillment.VerbHold: {
		`{"reason":"OTHER","handle":"ü","fulfillmentOrderLineItems":[{"id":10001,"quantity":1},{"id":10002,"quantity":1}],"expiresAt":"2026-01-06T00:00:00+14:00"}`,
		`{"reason":"OTHER","expiresAt":"9999-12-31T23:59:59-23:59"}`},
	fulfillment.VerbReleaseHold: {`{"holdIds":[0,-1,1099511627776]}`, `{"ownOnly":true,"externalId":"x"}`},
	fulfillment.VerbReschedule:  {`{"fulfillAt":"9999-12-31T23:59:59-23:59"}`, `{"fulfillAt":"2026-02-01T00:00:00Z"}`},
	fulfillment.VerbSetDeadline: {
		`{"fulfillmentDeadline":"0000-01-01T00:00:00+23:59"}`, `{"fulfillmentDeadline":"9999-12-31T23:59:59-23:59"}`,
		`{"fulfillmentDeadline":null}`,
	},
	fulfillment.VerbMove: {
		`{"newLocationId":12,"location":{"locationId":12,"name":"Paris"},"fulfillmentOrderLineItems":[{"id":10001,"quantity":2}]}`,
		`{"newLocationId":14,"location":{"locationId":14,"name":"Robots","serviceId":502,"provider":"simulated","acceptWithin":"-1h","acceptPolicy":"PRAY"}}`},
	fulfillment.VerbSplit: {
		`{"fulfillmentOrderLineItems":[{"id":10001,"quantity":1},{"id":10001,"quantity":1}]}`,
		`{"fulfillmentOrderLineItems":[{"id":10001,"quantity":-1},{"id":10002,"quantity":2}]}`,
	},
	fulfillment.VerbCreateFulfillment: {
		`{"fulfillmentOrderLineItems":[{"id":10001,"quantity":1}],"trackingInfo":{"company":"DHL","numbers":["1","","\u0000"],"urls":["%zz"]}}`,
		`{"trackingInfo":{"company":"UPS","number":"1"},"originAddress":{"countryCode":"DE"}}`},
	fulfillment.VerbCancelFulfillment: {`{"fulfillmentId":1099511627776}`},
	fulfillment.VerbUpdateTracking: {
		`{"fulfillmentId":1099511627776,"trackingInfoInput":{"url":"javascript:alert(1)"}}`,
	},
	fulfillment.VerbRecordEvent: {
		`{"fulfillmentId":1099511627776,"status":"DELIVERED","happenedAt":"9999-12-31T23:59:59-23:59","latitude":1e308}`,
	},
	fulfillment.VerbCancelUnits: {
		`{"lineItems":[{"id":2001,"quantity":1},{"id":2001,"quantity":9223372036854775807}]}`, `{"wholeOrder":true}`,
	},
}

// fuzzStarts are fulfillment orders in the states that an operator can bring about.
func fuzzStarts(f *testing.F) ([]*fulfillment.FulfillmentOrder, time.Time) {
	var starts []*fulfillment.FulfillmentOrder
	var now time.Time
	ways := [][]fulfillment.Command{
		{&fulfillment.SubmitFulfillmentRequest{}},
		{&fulfillment.SubmitFulfillmentRequest{}, &fulfillment.AcceptFulfillmentRequest{}},
		{
			&fulfillment.SubmitFulfillmentRequest{}, &fulfillment.AcceptFulfillmentRequest{},
			&fulfillment.SubmitCancellationRequest{},
		},
		{&fulfillment.SubmitFulfillmentRequest{}, &fulfillment.AcceptFulfillmentRequest{}, &fulfillment.Close{}},
		{&fulfillment.PlaceHold{Reason: fulfillment.HoldOther}},
		{&fulfillment.CreateFulfillment{}},
		{&fulfillment.ReportProgress{}},
	}
	for _, v := range walkStarts(f) {
		now = v.now
		starts = append(starts, v.fo)
		for _, way := range ways {
			fo, reached := v.fo, true
			for i, cmd := range way {
				d, err := fo.Decide(
					cmd,
					fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(fulfillment.ID(1<<40 + i*fulfillment.IDBlock))},
				)
				if err != nil {
					reached = false
					break
				}
				fo = d.State
			}
			if reached {
				starts = append(starts, fo)
			}
		}
	}
	if len(starts) < 10 {
		f.Fatalf("only %d states to start from", len(starts))
	}
	return starts, now
}
