package fulfillment

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
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
