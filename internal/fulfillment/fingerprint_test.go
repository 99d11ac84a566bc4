package fulfillment

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"
)

// TestFingerprintsOutliveTheSpellingOfIDs holds fingerprints to what they are in the store and in histories: a command
// that is sent again months later must be recognised.
func TestFingerprintsOutliveTheSpellingOfIDs(t *testing.T) {
	t.Parallel()
	const id ID = 912588585936437171
	meta := Meta{CommandID: "c", FirstID: 7, Actor: Actor{Role: RoleService, ServiceID: id}}
	const actor = `{"role":"SERVICE","serviceId":912588585936437171}`
	for name, test := range map[string]struct{ got, content string }{
		"IDs, and digits that are none": {
			Fingerprint(&CreateFulfillment{
				Meta: meta, Lines: []Quantity{{ID: id, Quantity: 2}}, Tracking: &TrackingInput{Number: "12345"},
			}),
			`CreateFulfillment` + "\n" + `{"actor":` + actor +
				`,"fulfillmentOrderLineItems":[{"id":912588585936437171,"quantity":2}],"trackingInfo":{"number":"12345"}}`,
		},
		"no ID": {
			Fingerprint(&Move{Meta: meta}), `Move` + "\n" + `{"actor":` + actor + `,"newLocationId":0}`,
		},
		"several": {
			JointFingerprint(&FoldBack{FulfillmentOrderID: id, RestID: 3}),
			`joint FoldBack` + "\n" + `{"fulfillmentOrderId":912588585936437171,"restId":3}`,
		},
		"one of several alone": {
			JointFingerprint(&Alone{FulfillmentOrderID: 1, Command: &ReleaseHold{Meta: meta, HoldIDs: []ID{id, 2}}}),
			`ReleaseHold` + "\n" + `{"actor":` + actor + `,"holdIds":[912588585936437171,2]}`,
		},
	} {
		sum := sha256.Sum256([]byte(test.content))
		if want := hex.EncodeToString(sum[:12]); test.got != want {
			t.Errorf("%s: got %s, want %s, that of %s", name, test.got, want, test.content)
		}
	}
}

// TestATidiedCommandIsTheSame as its sender has it, in whichever of the ways it was tidied; another one is not.
func TestATidiedCommandIsTheSame(t *testing.T) {
	t.Parallel()
	sloppy := func(number string) *CreateFulfillment {
		return &CreateFulfillment{Meta: Meta{CommandID: "c", Actor: Actor{Role: RoleService, App: " http "}},
			Tracking: &TrackingInput{Company: "UPS ", Numbers: []string{number, ""}, URLs: []string{"", ""}}}
	}
	before := Fingerprint(sloppy("1Z5 "))
	for name, admit := range map[string]func(cmd interface{ Envelope() *Meta }, now time.Time) *Error{
		"now": Admit, "before": AdmitAsBefore,
	} {
		decided := sloppy("1Z5 ")
		if refused := admit(decided, time.Unix(2e9, 0)); refused != nil {
			t.Fatal(refused)
		}
		cmd := sloppy("1Z5 ")
		if Fingerprint(decided) == before || !IsAgain(cmd, Fingerprint(decided)) || Fingerprint(cmd) != before {
			t.Errorf("as it is tidied %s, it is not known again, or was changed", name)
		}
		if IsAgain(sloppy("1Z6"), Fingerprint(decided)) {
			t.Errorf("as it is tidied %s, another command is taken for it", name)
		}
	}
}
