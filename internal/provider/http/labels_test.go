package http_test

import (
	"bytes"
	"fmt"
	nethttp "net/http"
	"net/http/httptest"
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

// TestContentThatIsNoBase64 does not vanish: what can be printed as it is, is; of the rest the list says why not.
func TestContentThatIsNoBase64(t *testing.T) {
	t.Parallel()
	body := `{"outcome": "ACCEPTED", "documents": [
		{"kind": "label", "name": "zpl", "mediaType": "application/zpl", "content": "^XA^FO50,50^FDx^FS^XZ"},
		{"kind": "invoice", "name": "pdf", "mediaType": "application/pdf", "content": "***"}]}`
	server := httptest.NewServer(nethttp.HandlerFunc(func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	answer, err := newProvider(t, server.URL).Create(t.Context(), providertest.Request("documents"))
	if err != nil {
		t.Fatal(err)
	}
	found := paper.Brought(paper.Document{}, answer)
	if len(found) != 2 || string(found[0].Content) != "^XA^FO50,50^FDx^FS^XZ" || found[0].Problem != "" ||
		len(found[1].Content) != 0 || found[1].Problem == "" {
		t.Errorf("it brings %+v", found)
	}
}
