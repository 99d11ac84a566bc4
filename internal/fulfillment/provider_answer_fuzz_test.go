package fulfillment_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// longestState is how large the fulfillment orders of the fuzzing may become, in bytes of JSON, by one answer: Temporal
// carries the state from run to run, and there is a limit to that.
const longestState = 256 << 10

// FuzzProviderAnswer feeds anything that a service's system may say to fulfillment orders that wait for an answer: it
// must be taken, because nobody would hear of a refusal, and not become more than a fulfillment order can hold. The
// same again, and another answer after it, must be taken as well.
func FuzzProviderAnswer(f *testing.F) {
	for _, body := range []string{`{}`, `{"outcome":"ACCEPTED"}`, `{"outcome":"REJECTED"}`,
		`{"outcome":"PENDING","reference":"R-1"}`,
		`{"outcome":"UNKNOWN","message":"no answer"}`, `{"outcome":"PARKED","message":"two of them"}`,
		`{"outcome":"MAYBE","reason":"BECAUSE"}`,
		`{"outcome":"ACCEPTED","estimatedShippedAt":"9999-12-31T23:59:59-23:59","reference":"\u0000"}`,
		`{"outcome":"ACCEPTED","estimatedShippedAt":"0000-01-01T00:00:00+23:59"}`,
		`{"outcome":"REJECTED","reason":"NONSENSE","message":"a\u0000b","lineItems":[{"fulfillmentOrderLineItemId":10001,"message":"\u0000"},{"fulfillmentOrderLineItemId":10001},{"fulfillmentOrderLineItemId":-1},{}]}`,
		`{"outcome":"REJECTED","message":"` + strings.Repeat("ü", 6000) + `","reference":"` + strings.Repeat("R", 300) +
			`"}`,
		`{"outcome":"PARKED","message":"` + strings.Repeat("\U0001F4E6", 6000) + `","reference":"` +
			strings.Repeat("\\u0000", 300) + `"}`,
		`{"outcome":"ACCEPTED","labels":[{"trackingNumber":"a\u0000b","labelUrl":"https://a.example/` +
			strings.Repeat("<", 2000) +
			`"},{}],"documents":[{"kind":"label","name":"\u0000"}],"data":{"\u0000":{"a":["\u0000",1e300]},"token":1}}`,
		`{"outcome":"PENDING","labels":[` +
			strings.Repeat(`{"labelUrl":"https://a.example/`+strings.Repeat("x", 900)+`"},`, 60) +
			`{}],"data":{"a":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}}`,
		`{"outcome":"ACCEPTED","accepted":[]}`, `{"outcome":"ACCEPTED","accepted":[{"id":"10001","quantity":1}]}`,
		`{"outcome":"ACCEPTED","accepted":[{"id":10001,"quantity":9223372036854775807},{"id":10001,"quantity":9223372036854775807},{"id":-1,"quantity":-1}],"lineItems":[{"fulfillmentOrderLineItemId":10002}]}`,
		`{"outcome":"accepted"}`, `{"outcome":"\ud800"}`} {
		f.Add([]byte(body), []byte(`{"outcome":"REJECTED","message":"after all"}`))
		f.Add([]byte(`{"outcome":"UNKNOWN"}`), []byte(body))
	}
	starts, now := answerStarts(f)
	f.Fuzz(func(t *testing.T, one, other []byte) {
		for _, start := range starts {
			for i := range start.Effects {
				fo := start
				for n, body := range [][]byte{one, one, other} {
					var answer fulfillment.ProviderAnswer
					if json.Unmarshal(body, &answer) != nil {
						return
					}
					// What is not the service's to say is the worker's.
					answer.Meta, answer.Key, answer.Location = fulfillment.Meta{
						Actor: fulfillment.System,
					}, start.Effects[i].Key, nil
					if start.Effects[i].Kind == fulfillment.EffectReroute {
						answer.Location = &paris
					}
					d, refused := decide(
						t, fo, &answer, now.Add(time.Duration(n)*time.Minute),
						fulfillment.ID(1<<40+n*fulfillment.IDBlock),
					)
					known := json.Valid(body) && isOutcome(answer.Outcome)
					if refused != nil {
						if known {
							t.Fatalf("%s: refused, and nobody would hear of it: %v", describe(fo, &answer), refused)
						}
						continue // provider.Call parks what has no meaning.
					}
					checkAuthority(t, fo, &answer, d, refused)
					checkTimes(t, d)
					whole := marshal(t, []any{d.State, d.Transitions, d.Siblings, d.SiblingTransitions})
					if hasNUL(whole) || len(whole) > longestState {
						t.Fatalf("%s: %d bytes that can't be kept: %.1000s", fo.RequestStatus, len(whole), whole)
					}
					if kept := d.State.RequestAttachments; kept != nil && !reflect.DeepEqual(*kept, kept.Bounded()) {
						t.Fatalf("%s: it keeps more than is kept: %+v", fo.RequestStatus, kept)
					}
					fo = d.State
				}
			}
		}
	})
}

func isOutcome(o fulfillment.Outcome) bool {
	switch o {
	case fulfillment.OutcomeAccepted, fulfillment.OutcomeRejected, fulfillment.OutcomePending,
		fulfillment.OutcomeUnknown, fulfillment.OutcomeParked:
		return true
	}
	return false
}

// answerStarts are fulfillment orders that wait for the answer of each kind of effect.
func answerStarts(f *testing.F) ([]*fulfillment.FulfillmentOrder, time.Time) {
	starts, now := fuzzStarts(f)
	later := now.AddDate(0, 0, 2) // The time to accept is over.
	var waiting []*fulfillment.FulfillmentOrder
	kinds := map[fulfillment.EffectKind]bool{}
	add := func(fo *fulfillment.FulfillmentOrder) {
		if len(fo.Effects) == 0 {
			return
		}
		waiting = append(waiting, fo)
		for _, e := range fo.Effects {
			kinds[e.Kind] = true
		}
	}
	for _, fo := range starts {
		add(fo)
		for _, cmd := range []fulfillment.Command{&fulfillment.Tick{
			Meta: fulfillment.Meta{Actor: fulfillment.System},
		}, &fulfillment.Cancel{},
			&fulfillment.CancelUnits{
				Meta: fulfillment.Meta{Actor: fulfillment.System}, WholeOrder: true,
			}, &fulfillment.ReleaseHold{}} {
			d, err := fo.Decide(cmd, fulfillment.Env{Now: later, IDs: fulfillment.NewIDs(1 << 39)})
			if err == nil && len(d.Transitions) > 0 {
				add(d.State)
			}
		}
	}
	for _, kind := range []fulfillment.EffectKind{
		fulfillment.EffectRequest, fulfillment.EffectCancel, fulfillment.EffectWithdraw,
	} {
		if !kinds[kind] {
			f.Fatalf("no fulfillment order waits for the answer of a %s", kind)
		}
	}
	return waiting, later
}
