package activities

import (
	"context"
	"errors"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
)

// shelf keeps documents, or fails.
type shelf struct {
	err  error
	kept []paper.Document
}

func (s *shelf) Keep(_ context.Context, of paper.Document, _ provider.Answer) error {
	s.kept = append(s.kept, of)
	return s.err
}

// findable is a provider that can be asked what became of a call.
type findable struct{ manual.Provider }

func (*findable) Lookup(context.Context, provider.Query) ([]provider.Found, error) { return nil, nil }

// once is one that can't, and whose calls must not be repeated.
type once struct{ provider.Provider }

// TestKeepDocuments: what comes with an answer is kept before the answer counts; only of a provider that can't be asked
// again the answer counts without.
func TestKeepDocuments(t *testing.T) {
	t.Parallel()
	call := ProviderCall{
		Effect: fulfillment.Effect{Key: "fulfillment-order/7#3", Provider: "ship-co"},
		State:  &fulfillment.FulfillmentOrder{ID: 7, OrderID: 8},
	}
	labels := provider.Answer{Labels: []fulfillment.Label{{LabelURL: "https://labels.example.com/1"}}}
	for rule, c := range map[string]struct {
		by     provider.Provider
		answer provider.Answer
		err    error
		tries  int
		fails  bool
	}{
		"kept":                   {new(findable), labels, nil, 1, false},
		"nothing_to_keep":        {new(findable), provider.Answer{}, nil, 0, false},
		"no_database":            {new(findable), labels, errors.New("down"), keepTries, true},
		"no_database_and_no_way": {once{new(manual.Provider)}, labels, errors.New("down"), keepTries, false},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			kept := &shelf{err: c.err}
			p := &Providers{Provider: c.by, Papers: kept}
			ctx, cancel := context.WithCancel(t.Context())
			if c.err != nil {
				cancel() // So that nothing is waited for.
			}
			defer cancel()
			err := p.keepDocuments(ctx, call, c.answer)
			if len(kept.kept) != c.tries || (err != nil) != c.fails {
				t.Errorf("it was tried %d times: %v", len(kept.kept), err)
			}
			if c.fails && provider.Classify(err) == provider.Permanent {
				t.Errorf("it is not tried again: %v", err)
			}
			if c.tries > 0 && (kept.kept[0].OrderID != 8 || kept.kept[0].FulfillmentOrderID != 7 ||
				kept.kept[0].RequestKey != call.Effect.Key || kept.kept[0].Provider != "ship-co") {
				t.Errorf("it was kept as %+v", kept.kept[0])
			}
		})
	}
}
