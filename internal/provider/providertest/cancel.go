package providertest

import (
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

func testCancelTwice(t *testing.T, p provider.Provider) {
	request := Request("a")
	c := cancellation(request, create(t, p, request).Reference)
	first, err := p.Cancel(t.Context(), c)
	must(t, err)
	requireOutcome(t, first)
	if !repeats(p) {
		return
	}
	second, err := p.Cancel(t.Context(), c)
	must(t, err)
	requireSame(t, first, second)
}

func testCancelUnknown(t *testing.T, p provider.Provider) {
	answer, err := p.Cancel(t.Context(), cancellation(Request("never sent"), "no such reference"))
	if err != nil {
		requirePermanent(t, err)
		return
	}
	requireOutcome(t, answer)
	if answer.Outcome == fulfillment.OutcomeAccepted {
		t.Error("a cancellation of nothing was accepted")
	}
}
