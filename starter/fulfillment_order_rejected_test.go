package main

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestRejectionSaysWhy: what a service writes with its no is shown with the fulfillment order and in its history, in
// one line; of a request that is not rejected any more, in the history alone.
func TestRejectionSaysWhy(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 100)
	step := func(kind fulfillment.Kind, message string) fulfillment.Transition {
		return fulfillment.Transition{
			Kind: kind, At: noon, Actor: fulfillment.System, Reason: "Nordlicht rejected: OTHER.",
			Details: &fulfillment.Details{RejectionReason: fulfillment.RejectOther, Message: message},
		}
	}
	for name, c := range map[string]struct {
		status        fulfillment.RequestStatus
		step          fulfillment.Transition
		show, history string // empty: it is not there
	}{
		"a message": {
			fulfillment.RequestRejected, step(fulfillment.KindRejected, "no option\n\"nonsense\""),
			`OTHER: no option "nonsense"`, `Nordlicht rejected: OTHER: no option "nonsense"`,
		},
		"no message": {
			fulfillment.RequestRejected, step(fulfillment.KindRejected, ""), "OTHER\n", "Nordlicht rejected: OTHER.",
		},
		"a long one": {
			fulfillment.RequestRejected, step(fulfillment.KindRejected, long), "OTHER: long", "OTHER: long",
		},
		"a sibling's": {
			fulfillment.RequestRejected, step(fulfillment.KindCreated, "none left"), "OTHER: none left", "",
		},
		"it is asked again": {
			fulfillment.RequestSubmitted, step(fulfillment.KindRejected, "none left"), "", "OTHER: none left",
		},
		"of a cancellation": {
			fulfillment.RequestAccepted, step(fulfillment.KindCancellationRejected, "it is packed"),
			"", "OTHER: it is packed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backend := lantern()
			backend.fulfillmentOrders[0].RequestStatus = c.status
			backend.transitions = []fulfillment.Transition{c.step}
			for command, want := range map[string]string{"show": c.show, "history": c.history} {
				status, out, errOut := call(t, backend, "", "fulfillment-order", command, "4711")
				if status != statusDone {
					t.Fatalf("%s ends with %d: %s", command, status, errOut)
				}
				if want != "" && !strings.Contains(out, want) || want == "" && strings.Contains(out, "OTHER:") {
					t.Errorf("%s lacks %q, or has what it should not:\n%s", command, want, out)
				}
				if strings.Contains(out, long) {
					t.Errorf("%s has all of it:\n%s", command, out)
				}
			}
		})
	}
}
