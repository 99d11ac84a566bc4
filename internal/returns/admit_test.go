package returns_test

import (
	"strings"
	"testing"
	"time"

	"packhorse/internal/returns"
)

func TestAdmitTidies(t *testing.T) {
	t.Parallel()
	cmd := create(of(mugsOut, 1))
	cmd.RMANumber, cmd.Lines[0].ReasonNote, cmd.Actor.App = " RMA\t 7 ", " \n", "desk "
	cmd.ExchangeLines = []returns.NewExchangeLine{{Title: " Cup ", SKU: "CUP\u00a0", Quantity: 1}}
	if refused := returns.Admit(cmd, day); refused != nil {
		t.Fatal(refused)
	}
	if cmd.RMANumber != "RMA 7" || cmd.Lines[0].ReasonNote != "" || cmd.Actor.App != "desk" ||
		cmd.ExchangeLines[0].Title != "Cup" || cmd.ExchangeLines[0].SKU != "CUP" {
		t.Errorf("tidied, it is %+v", cmd)
	}
}

// TestAdmitEncodesURLs: blanks and line ends in addresses are encoded, as in those of shipments.
func TestAdmitEncodesURLs(t *testing.T) {
	t.Parallel()
	cmd := &returns.CreateDelivery{
		Tracking: &returns.TrackingInput{URL: " https://track.test/?n=1 2"},
		Label:    &returns.LabelInput{FileURL: "https://labels.test/1\n2.pdf"},
	}
	if refused := returns.Admit(cmd, day); refused != nil || cmd.Tracking.URL != "https://track.test/?n=1%202" ||
		cmd.Label.FileURL != "https://labels.test/1%202.pdf" {
		t.Errorf("admitted, they are %q and %q, %v", cmd.Tracking.URL, cmd.Label.FileURL, refused)
	}
}

func TestAdmitRefuses(t *testing.T) {
	t.Parallel()
	const lost = "7\uFFFD"
	long := time.Date(12, 1, 1, 0, 0, 0, 0, time.UTC)
	note := of(mugsOut, 1)
	note.CustomerNote = lost
	for field, cmd := range map[string]returns.Command{
		"input.returnLineItems.0.customerNote": request(note),
		"input.declineNote":                    &returns.Decline{Note: lost},
		"input.note":                           &returns.Process{Note: lost},
		"trackingInput.number":                 &returns.CreateDelivery{Tracking: &returns.TrackingInput{Number: lost}},
		"labelInput.fileUrl":                   &returns.UpdateDelivery{Label: &returns.LabelInput{FileURL: lost}},
		"differences.0.note":                   &returns.Receive{Differences: []returns.DifferenceInput{{Note: lost}}},
		"expectedBy":                           &returns.Expect{Expected: returns.Expected{By: &long}},
		"returnInput.requestedAt":              &returns.Create{RequestedAt: &long},
		"input.declinedReturnLineItems.0.declineNote": &returns.Approve{
			Declined: []returns.DeclinedUnits{{Note: lost}},
		},
	} {
		refused := returns.Admit(cmd, day)
		if refused == nil || strings.Join(refused.Field, ".") != field || refused.Code != returns.CodeInvalid {
			t.Errorf("%s: %+v", field, refused)
			continue
		}
		_, own, nested := strings.Cut(field, "nput.")
		if !nested || strings.HasPrefix(field, "trackingInput") || strings.HasPrefix(field, "labelInput") {
			own = field
		}
		if !strings.HasPrefix(refused.Message, own+": ") {
			t.Errorf("%s: %s", field, refused.Message)
		}
	}
}
