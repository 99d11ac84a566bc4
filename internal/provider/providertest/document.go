package providertest

import (
	"fmt"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

func testDocuments(t *testing.T, p provider.Provider) {
	documenter := capability[provider.Documenter](t, p)
	query := asked(Request("a"))
	reference := create(t, p, Request("a")).Reference
	for _, kind := range []fulfillment.DocumentKind{
		fulfillment.DocumentLabel, fulfillment.DocumentInvoice, fulfillment.DocumentReturn,
	} {
		for _, of := range []string{reference, "no such reference"} {
			query.Reference = of
			documents, err := documenter.Documents(t.Context(), query, kind)
			if err != nil {
				requireClass(t, err)
			}
			for _, d := range documents {
				if d.Kind != kind || d.Name == "" || d.ContentType == "" || (d.URL == "") == (len(d.Content) == 0) {
					t.Errorf("%s of %q: %s", kind, of, describe(d))
				}
			}
		}
	}
}

func describe(d provider.Document) string {
	return fmt.Sprintf(
		"kind %q, name %q, type %q, URL %q, %d bytes", d.Kind, d.Name, d.ContentType, d.URL, len(d.Content),
	)
}
