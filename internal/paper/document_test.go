package paper

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

func TestFileName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, mediaType, want string }{
		{"label.pdf", PDF, "label.pdf"}, {"label", PDF, "label.pdf"}, {"LABEL.PDF", PDF, "LABEL.PDF"},
		{"label.pdf", PNG, "label.pdf.png"}, {"../../etc/x\n\"y", ZPL, ".._.._etc_x__y.zpl"}, {"label", "", "label"},
	} {
		d := &Document{Name: c.name, MediaType: c.mediaType}
		if got := d.FileName(); got != c.want {
			t.Errorf("%q as %s is %q, want %q", c.name, c.mediaType, got, c.want)
		}
	}
}

// TestVoidableUntil: a label's money comes back for as long as its carrier is known to give it.
func TestVoidableUntil(t *testing.T) {
	t.Parallel()
	bought := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, c := range []struct {
		rule, company, number string
		kind                  fulfillment.DocumentKind
		void                  bool
		days                  int // 0: not known
	}{
		{"USPS", "USPS", "7", fulfillment.DocumentLabel, false, 28},
		{"UPS", "ups ", "7", fulfillment.DocumentLabel, false, 90},
		{"told from the number", "", "1Z5R89390357567127", fulfillment.DocumentLabel, false, 90},
		{"the shipment's carrier counts", "DHL", "1Z5R89390357567127", fulfillment.DocumentLabel, false, 0},
		{"another carrier", "FedEx", "7", fulfillment.DocumentLabel, false, 0},
		{"no carrier", "", "7", fulfillment.DocumentLabel, false, 0},
		{"void already", "UPS", "7", fulfillment.DocumentLabel, true, 0},
		{"an invoice", "UPS", "7", fulfillment.DocumentInvoice, false, 0},
		{"for a return", "UPS", "7", fulfillment.DocumentReturn, false, 0},
	} {
		d := &Document{Kind: c.kind, TrackingNumber: c.number, CreatedAt: bought}
		if c.void {
			d.VoidedAt = &bought
		}
		got := d.VoidableUntil(c.company)
		if c.days == 0 && got != nil || c.days != 0 && (got == nil || !got.Equal(bought.AddDate(0, 0, c.days))) {
			t.Errorf("%s: until %v, want %d days", c.rule, got, c.days)
		}
	}
}

// TestOfShipment: a label belongs to the shipment that has its number; what has no number belongs to all.
func TestOfShipment(t *testing.T) {
	t.Parallel()
	f := &fulfillment.Fulfillment{Tracking: []fulfillment.TrackingInfo{{Company: "UPS", Number: "1Z 9"}, {URL: "https://x"}}}
	for _, c := range []struct {
		number string
		of     *fulfillment.Fulfillment
		want   bool
		name   string
	}{
		{"1z9", f, true, "UPS"}, {"1Z8", f, false, ""}, {"", f, true, ""}, {"1Z8", &fulfillment.Fulfillment{}, true, ""},
	} {
		company, ok := (&Document{TrackingNumber: c.number}).OfShipment(c.of)
		if ok != c.want || company != c.name {
			t.Errorf("%q: %v by %q", c.number, ok, company)
		}
	}
}
