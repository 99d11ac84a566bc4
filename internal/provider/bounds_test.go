package provider

import (
	"testing"

	"packhorse/internal/fulfillment"
)

// TestAddressesThatComeAlongAreEncoded: blanks and line ends in an answer's addresses cost neither the answer nor them.
func TestAddressesThatComeAlongAreEncoded(t *testing.T) {
	t.Parallel()
	given := Answer{
		Outcome: fulfillment.OutcomeAccepted,
		Labels: []fulfillment.Label{{
			TrackingNumber: " 1Z\n5 ", TrackingURL: "https://example.com/?n=1Z\n5",
			LabelURL: "https://example.com/1Z 5.pdf",
		}},
		Documents: []Document{
			{Document: fulfillment.Document{Name: "1Z5.pdf", URL: "https://example.com/1Z\r\n5.pdf"}},
		},
	}
	kept := checked("http", given).Attachments()
	want := fulfillment.Label{
		TrackingNumber: "1Z 5", TrackingURL: "https://example.com/?n=1Z%205",
		LabelURL: "https://example.com/1Z%205.pdf",
	}
	if len(kept.Labels) != 1 || kept.Labels[0] != want {
		t.Errorf("the labels are %+v, want %+v", kept.Labels, want)
	}
	if len(kept.Documents) != 1 || kept.Documents[0].URL != "https://example.com/1Z%205.pdf" {
		t.Errorf("the documents are %+v", kept.Documents)
	}
	if given.Labels[0].TrackingNumber != " 1Z\n5 " || given.Documents[0].URL != "https://example.com/1Z\r\n5.pdf" {
		t.Errorf("the provider's own answer was changed: %+v", given)
	}
}
