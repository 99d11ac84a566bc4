package simulated_test

import (
	"bytes"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/simulated"
)

// TestLabels: a service that is told so brings a label with its answer, which is the one that it gives once more.
func TestLabels(t *testing.T) {
	t.Parallel()
	p := newProvider(t, simulated.Config{
		Ledger: &simulated.MemoryLedger{}, Reporter: &book{}, Logger: discard,
	})
	for name, options := range map[string]map[string]any{
		"at_once": {"labels": true}, "later": {"labels": true, "answer": "pending"}, "none": {},
	} {
		r := providertest.Request(name)
		r.ServiceOptions = options
		answer, err := p.Create(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		found := paper.Brought(paper.Document{}, answer)
		if name == "none" {
			if len(found) != 0 {
				t.Errorf("a service without labels brings %+v", found)
			}
			continue
		}
		if len(found) != 1 || found[0].MediaType != paper.PDF || found[0].Kind != fulfillment.DocumentLabel {
			t.Fatalf("%s: it brings %+v", name, found)
		}
		again, err := p.Documents(t.Context(), provider.Query{Reference: answer.Reference}, fulfillment.DocumentLabel)
		if err != nil || len(again) != 1 || !bytes.Equal(again[0].Content, found[0].Content) {
			t.Errorf("%s: once more it gives %d documents, %v", name, len(again), err)
		}
	}
}
