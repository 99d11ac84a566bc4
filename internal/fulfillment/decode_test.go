package fulfillment

import (
	"strings"
	"testing"
)

func TestDecodeCommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		verb       Verb
		body, want string // want: part of the refusal; empty: it is read
	}{
		{VerbCancel, "", ""},
		{VerbCancel, " {} ", ""},
		{VerbCancel, "null", "an object {…} is expected"},
		{VerbHold, `{"reason":"OTHER","commandId":"a","actor":{"role":"MERCHANT"}}`, ""},
		{VerbHold, `{"raeson":"OTHER"}`, "did you mean reason?"},
		{VerbHold, `{"reason":5}`, `reason: must be text "…" (is the number 5)`},
		{VerbHold, `{"expiresAt":"tomorrow"}`, "expiresAt: must be a time like"},
		{VerbHold, `[]`, "an object {…} is expected"},
		{VerbHold, `{"reason":"OTHER"} x`, "something after the object"},
		{VerbCancelFulfillment, `{"fulfillmentId":"912588585936437171"}`, ""},
		{VerbCancelFulfillment, `{"fulfillmentId":"x"}`, `fulfillmentId: must be a whole number (is the text "x")`},
		{VerbRecordEvent, `{"latitude":"north"}`, "latitude: must be a number"},
		{"Explode", `{}`, `There is no command "Explode".`},
	} {
		_, refused := DecodeCommand(test.verb, []byte(test.body), true)
		switch {
		case test.want == "" && refused != nil:
			t.Errorf("%s %s was refused: %v", test.verb, test.body, refused)
		case test.want != "" && (refused == nil || !strings.Contains(refused.Message, test.want)):
			t.Errorf("%s %s gave %v, want a refusal with %q", test.verb, test.body, refused, test.want)
		}
	}
}
