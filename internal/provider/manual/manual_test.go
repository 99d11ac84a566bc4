package manual_test

import (
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/providertest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(*testing.T) provider.Provider { return manual.Provider{} })
}

func TestPeopleAnswer(t *testing.T) {
	t.Parallel()
	p := manual.Provider{}
	created, err := p.Create(t.Context(), providertest.Request("a"))
	if err != nil || created.Outcome != fulfillment.OutcomePending {
		t.Errorf("Create: %+v, %v; want PENDING", created, err)
	}
	cancelled, err := p.Cancel(t.Context(), provider.Cancellation{Key: "b", RequestKey: "a"})
	if err != nil || cancelled.Outcome != fulfillment.OutcomePending {
		t.Errorf("Cancel: %+v, %v; want PENDING", cancelled, err)
	}
	withdrawn, err := p.Cancel(t.Context(), provider.Cancellation{Key: "c", RequestKey: "a", Withdraw: true})
	if err != nil || withdrawn.Outcome != fulfillment.OutcomeAccepted {
		t.Errorf("withdrawal: %+v, %v; want ACCEPTED: there is nobody to wait for", withdrawn, err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	options, err := manual.Provider{}.Options(t.Context())
	if err != nil || len(options) != 2 || options[0].ID != "manual-fulfillment" || options[0].Return ||
		options[1].ID != "manual-fulfillment-return" || !options[1].Return {
		t.Errorf("%+v, %v; want Medusa's two options", options, err)
	}
	for _, id := range []any{"express", 7, nil} {
		if err := (manual.Provider{}).ValidateOption(
			t.Context(), map[string]any{"id": id},
		); provider.Classify(err) != provider.Permanent {
			t.Errorf("option %v: %v, want a permanent error", id, err)
		}
	}
}
