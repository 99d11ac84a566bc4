package http_test

import (
	"bytes"
	"testing"

	"packhorse/examples/warehouse/warehouse"
	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
)

// TestWarehouseLabels: a warehouse that has labels brings one with its answer, whichever it is, and the same one
// whenever it is asked.
func TestWarehouseLabels(t *testing.T) {
	t.Parallel()
	for outcome, c := range map[fulfillment.Outcome]warehouse.Config{
		fulfillment.OutcomeAccepted: {Labels: true}, fulfillment.OutcomePending: {Labels: true, Pending: true},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			p := newProvider(t, serve(t, open(t, c).Handler()).URL)
			var labels [][]byte
			for range 2 {
				answer, err := p.Create(t.Context(), providertest.Request("labelled"))
				if err != nil || answer.Outcome != outcome || len(answer.Documents) != 1 {
					t.Fatalf("answered %+v, %v", answer, err)
				}
				found := paper.Brought(paper.Document{}, answer)
				if len(found) != 1 || found[0].MediaType != paper.PDF || found[0].Kind != fulfillment.DocumentLabel {
					t.Fatalf("it brings %+v", found)
				}
				labels = append(labels, found[0].Content)
			}
			if !bytes.Equal(labels[0], labels[1]) {
				t.Error("the second label is another one")
			}
			if outcome != fulfillment.OutcomeAccepted {
				return
			}
			again, err := p.Documents(t.Context(), provider.Query{
				Key: "labelled", RequestKey: "labelled", Kind: fulfillment.EffectRequest, ServiceID: 7,
			}, fulfillment.DocumentLabel)
			if err != nil || len(again) != 1 || !bytes.Equal(again[0].Content, labels[0]) {
				t.Errorf("asked for it gives %d documents, %v", len(again), err)
			}
		})
	}
}
