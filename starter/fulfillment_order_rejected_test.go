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

// TestWhatIsNotStoppedSaysWhy: what a service says of what it goes on with is shown with the fulfillment order and in
// its history, line by line.
func TestWhatIsNotStoppedSaysWhy(t *testing.T) {
	t.Parallel()
	backend := lantern()
	fo := backend.fulfillmentOrders[0]
	fo.RequestStatus = fulfillment.RequestCancellationRejected
	backend.transitions = []fulfillment.Transition{{
		Sequence: 3, Kind: fulfillment.KindCancellationRejected, Reason: "Nordlicht goes on: OTHER.",
		Details: &fulfillment.Details{
			Message: "One is packed.", RejectionReason: fulfillment.RejectOther,
			Rejected: []fulfillment.RejectedLine{{LineID: fo.Lines[0].ID, Message: "in the\nbox"}},
		},
	}}
	for command, want := range map[string]string{
		"show":    "OTHER: One is packed.; " + fo.Lines[0].SKU + ": in the box",
		"history": "Nordlicht goes on: OTHER: One is packed.; line " + fo.Lines[0].ID.String() + ": in the box",
	} {
		status, out, errOut := call(t, backend, "", "fulfillment-order", command, "4711")
		if status != statusDone || !strings.Contains(out, want) {
			t.Errorf("%s ends with %d and lacks %q:\n%s%s", command, status, want, out, errOut)
		}
	}
}

// TestAcceptCancellationRequestSaysWhyNotAll: a reason for all that goes on, and for lines.
func TestAcceptCancellationRequestSaysWhyNotAll(t *testing.T) {
	t.Parallel()
	backend := lantern()
	status, _, errOut := call(t, backend, "", "fulfillment-order", "accept-cancellation-request", "4711", "--as",
		"merchant", "--line", "4712=1", "--reason", "OTHER", "--reason", "4713=packed")
	const want = `"reason":"OTHER","rejectedLineItems":[{"fulfillmentOrderLineItemId":"4713","message":"packed"}]`
	if sent := strings.Join(backend.sent, " "); status != statusDone || !strings.Contains(sent, want) {
		t.Errorf("it ends with %d and sends %s, not %s\n%s", status, sent, want, errOut)
	}
}
