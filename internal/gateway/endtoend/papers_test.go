package endtoend

import (
	"net/http"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/paper"
)

// TestLabels: whoever may see a fulfillment order has its label, as a link and over HTTP, the same bytes each time; for
// others there is none, whatever else they may see.
func TestLabels(t *testing.T) {
	t.Parallel()
	s := newSight(t)
	reader := s.App("Reader", access.ReadOrders)
	number := func(gid string) fulfillment.ID {
		id, err := fulfillment.ParseID(gid[strings.LastIndexByte(gid, '/')+1:])
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	for kind, gid := range s.fulfillmentOrders {
		id := number(gid)
		content := "%PDF-1.7 " + string(kind)
		if err := s.Store.KeepDocuments(t.Context(), []paper.Found{{Content: []byte(content), Document: paper.Document{
			OrderID: number(s.order), FulfillmentOrderID: id, Provider: "ship-co", RequestKey: fulfillment.EffectKey(id, 1),
			Kind: fulfillment.DocumentLabel, Name: "label", MediaType: paper.PDF,
		}}}); err != nil {
			t.Fatal(err)
		}
		const ask = `query ($id: ID!, $shipment: ID!) {
			fulfillmentOrder(id: $id) { documents { path name kind mediaType size sha256 printedCount } }
			fulfillment(id: $shipment) { documents { path } } }`
		ids := vars{"id": gid, "shipment": s.shipments[kind]}
		answer := s.stranger.Must(t, ask, ids)
		path := gatewaytest.Get[string](t, answer, "fulfillmentOrder.documents.0.path")
		if name := gatewaytest.Get[string](t, answer, "fulfillmentOrder.documents.0.name"); name != "label.pdf" {
			t.Errorf("%s: it is %q", kind, name)
		}
		if of := gatewaytest.Get[string](t, answer, "fulfillment.documents.0.path"); of != path {
			t.Errorf("%s: that of the shipment is at %q, not %q", kind, of, path)
		}
		for range 2 {
			status, header, got := s.stranger.Document(t, path)
			if status != http.StatusOK || got != content || header.Get("Content-Type") != "application/pdf" {
				t.Errorf("%s: %d %q", kind, status, got)
			}
		}
		if n := gatewaytest.Get[int](t, s.stranger.Must(t, ask, ids), "fulfillmentOrder.documents.0.printedCount"); n != 2 {
			t.Errorf("%s: it was printed %d times", kind, n)
		}
		sum := "/documents/" + gatewaytest.Get[string](t, answer, "fulfillmentOrder.documents.0.sha256")
		for _, at := range []string{path, sum} {
			if status, _, got := reader.Document(t, at); status != http.StatusNotFound {
				t.Errorf("%s: who only reads orders gets %d %q", kind, status, got)
			}
		}
		shown := reader.Must(t, `query ($id: ID!) { fulfillment(id: $id) { documents { path } } }`, vars{"id": s.shipments[kind]})
		if list := gatewaytest.Get[[]any](t, shown, "fulfillment.documents"); len(list) != 0 {
			t.Errorf("%s: who only reads orders is told of %v", kind, list)
		}
	}
}
