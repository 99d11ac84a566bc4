package news

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

var today = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func days(n int) time.Time { return today.AddDate(0, 0, -n) }

// TestMatch: which shipments with a parcel's number its news is about.
func TestMatch(t *testing.T) {
	t.Parallel()
	at := func(id, order fulfillment.ID, change func(*Parcel)) Parcel {
		p := Parcel{FulfillmentID: id, FulfillmentOrderID: id, OrderID: order, Number: "1Z7", CreatedAt: days(1)}
		if change != nil {
			change(&p)
		}
		return p
	}
	old := func(p *Parcel) { p.CreatedAt = days(121) }
	delivered := func(p *Parcel) { p.DeliveredAt = &today }
	cancelled := func(p *Parcel) { p.Cancelled = true }
	ups := func(p *Parcel) { p.Company = "UPS" }
	dhl := func(p *Parcel) { p.Company = "DHL Express" }
	hyphen := func(p *Parcel) { p.Number = "1LS7119013618127-1" }
	plain := func(p *Parcel) { p.Number = "1LS71190136181271" }
	for name, test := range map[string]struct {
		about   Subject
		parcels []Parcel
		want    []fulfillment.ID
		person  bool
	}{
		"nobody has it":                        {Subject{}, nil, nil, false},
		"one has it":                           {Subject{}, []Parcel{at(1, 9, nil)}, []fulfillment.ID{1}, false},
		"one that is old and delivered":        {Subject{}, []Parcel{at(1, 9, func(p *Parcel) { old(p); delivered(p) })}, []fulfillment.ID{1}, false},
		"two of one order":                     {Subject{}, []Parcel{at(1, 9, nil), at(2, 9, delivered)}, []fulfillment.ID{1, 2}, false},
		"one of two orders is delivered":       {Subject{}, []Parcel{at(1, 9, nil), at(2, 8, delivered)}, []fulfillment.ID{1}, false},
		"one of two orders is too old":         {Subject{}, []Parcel{at(1, 9, old), at(2, 8, nil)}, []fulfillment.ID{2}, false},
		"two orders wait for it":               {Subject{}, []Parcel{at(1, 9, nil), at(2, 8, nil)}, nil, true},
		"two orders had it":                    {Subject{}, []Parcel{at(1, 9, delivered), at(2, 8, old)}, nil, true},
		"the carrier tells":                    {Subject{Carrier: "UPSDAP"}, []Parcel{at(1, 9, dhl), at(2, 8, ups)}, []fulfillment.ID{2}, false},
		"a carrier that hands it on":           {Subject{Carrier: "USPS"}, []Parcel{at(1, 9, dhl)}, []fulfillment.ID{1}, false},
		"exactly the number comes first":       {Subject{TrackingNumber: "1LS7119013618127-1"}, []Parcel{at(1, 9, plain), at(2, 8, hyphen)}, []fulfillment.ID{2}, false},
		"a shipment that was taken back":       {Subject{}, []Parcel{at(1, 9, cancelled)}, []fulfillment.ID{1}, false},
		"taken back and shipped anew":          {Subject{}, []Parcel{at(1, 9, cancelled), at(2, 9, nil)}, []fulfillment.ID{2}, false},
		"taken back, and another order has it": {Subject{}, []Parcel{at(1, 9, cancelled), at(2, 8, nil)}, []fulfillment.ID{2}, false},
	} {
		meant, why := Match(test.about, today, test.parcels)
		if (why != "") != test.person || len(meant) != len(test.want) {
			t.Errorf("%s: %+v, %q", name, meant, why)
			continue
		}
		for i, p := range meant {
			if p.FulfillmentID != test.want[i] {
				t.Errorf("%s: %d is meant, want %d", name, p.FulfillmentID, test.want[i])
			}
		}
	}
}

// TestCarrierClass: carriers are compared without what systems make of their names, and one that begins like another is
// not taken for it.
func TestCarrierClass(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"UPS": "ups", "UPSDAP": "ups", "UPS®": "ups", "U.P.S.": "ups", "USPS": "usps", "FedExDefault": "fedex",
		"Fed Ex": "fedex", "DHL eCommerce": "dhl", "DhlEcs": "dhl", "Canada Post": "canadapost", "Hermes": "evri",
		"": "", "Grandma": "", "Groups": "",
	} {
		if got := CarrierClass(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// TestTriedFor: what comes before the answer is tried for long, what may come after something that is late for a while,
// and nothing else.
func TestTriedFor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		refused fulfillment.Error
		want    time.Duration
	}{
		"before the answer": {fulfillment.Error{Code: fulfillment.CodeInvalidState, Status: fulfillment.StatusOpen, RequestStatus: fulfillment.RequestSubmitted}, early},
		"no such hold yet":  {fulfillment.Error{Code: fulfillment.CodeHoldNotFound, Status: fulfillment.StatusInProgress, RequestStatus: fulfillment.RequestAccepted}, shuffled},
		"it is closed":      {fulfillment.Error{Code: fulfillment.CodeInvalidState, Status: fulfillment.StatusClosed, RequestStatus: fulfillment.RequestClosed}, 0},
		"another's":         {fulfillment.Error{Code: fulfillment.CodeAccessDenied, RequestStatus: fulfillment.RequestSubmitted}, 0},
		"malformed":         {fulfillment.Error{Code: fulfillment.CodeInvalid}, 0},
	} {
		if got := TriedFor(&test.refused); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	if Pause(1) != firstPause || Pause(1000) != longestPause || SearchPause(1000) != longestSearch {
		t.Errorf("pauses are %s, %s, %s", Pause(1), Pause(1000), SearchPause(1000))
	}
}
