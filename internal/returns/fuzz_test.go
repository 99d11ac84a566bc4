package returns_test

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// FuzzDecide feeds any JSON as any command to returns in every status: it must end in a decision or in a refusal that
// PostgreSQL can keep, and what was decided must be the same when it is decided again.
func FuzzDecide(f *testing.F) {
	for _, verb := range returns.Verbs() {
		for _, body := range []string{
			`{}`, `{"commandId":"a","firstId":"-1","actor":{"role":"SERVICE","serviceId":"51"}}`,
			`{"orderId":"10","returnLineItems":[{"fulfillmentLineItemId":"31","quantity":1,"returnReason":"STYLE",` +
				`"restockingFee":{"percentage":"12.5"}}],"returnShippingFee":{"amount":"4.90","currencyCode":"EUR"},` +
				`"exchangeLineItems":[{"title":"Cup\u0000","quantity":1}],"expectedBy":"2026-04-01T00:00:00Z"}`,
			`{"returnLineItems":[{"id":"9193","returnLineItemId":"9193","quantity":1}],"note":"\u0000"}`,
			`{"dispositionInputs":[{"reverseFulfillmentOrderLineItemId":"9195","quantity":1,` +
				`"dispositionType":"MISSING"}]}`,
			`{"trackingInput":{"number":"1","url":"https://track.test"},"labelInput":{"fileUrl":"https://l.test"}}`,
			`{"declineReason":"OTHER","declineNote":"x","whenOverdue":"CLOSE","remindBefore":"1h"}`,
		} {
			f.Add(string(verb), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, verb string, body []byte) {
		for _, status := range append([]returns.Status{""}, returns.Statuses...) {
			w := newWorld()
			var r *returns.Return
			if status != "" {
				r = w.inStatus(t, status)
			}
			cmd, refused := returns.DecodeCommand(returns.Verb(verb), body, true)
			if refused != nil {
				return
			}
			env := returns.Env{Now: w.now, Facts: w.facts()}
			d, err := returns.Decide(r, cmd, env)
			if err != nil {
				if _, ok := fulfillment.AsError(err); !ok {
					t.Fatal(err)
				}
			} else {
				told := text(t, []any{d.State, d.Transitions, d.State.Recent})
				if strings.Contains(told, `\u0000`) {
					t.Fatalf("PostgreSQL keeps no NUL: %s", told)
				}
				again, err := returns.Decide(r, cmd, env)
				if err != nil || text(t, []any{again.State, again.Transitions, again.State.Recent}) != told {
					t.Fatalf("decided again it is %+v, %v", again, err)
				}
			}
			if refused := returns.Admit(cmd, w.now); refused == nil {
				if once := text(t, cmd); returns.Admit(cmd, w.now) != nil || text(t, cmd) != once {
					t.Fatalf("what is tidy is made tidy: %s", once)
				}
			}
		}
	})
}
