package routing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
	"packhorse/internal/routing"
)

var now = time.Date(2026, 3, 4, 9, 41, 0, 0, time.UTC)

// line is an order line with as many units as its ID.
func line(id fulfillment.ID, sku string, change ...func(*fulfillment.LineItem)) fulfillment.LineItem {
	l := fulfillment.LineItem{ID: id, Title: "Line " + id.String(), SKU: sku, Quantity: int(id)}
	for _, c := range change {
		c(&l)
	}
	return l
}

func from(location fulfillment.ID) func(*fulfillment.LineItem) {
	return func(l *fulfillment.LineItem) { l.LocationID = location }
}

func digital(l *fulfillment.LineItem) { no := false; l.RequiresShipping = &no }

func goes(method fulfillment.DeliveryMethodType) func(*fulfillment.LineItem) {
	return func(l *fulfillment.LineItem) { l.DeliveryMethod = method }
}

func at(after time.Duration) func(*fulfillment.LineItem) {
	return func(l *fulfillment.LineItem) { t := now.Add(after); l.FulfillAt = &t }
}

func by(after time.Duration) func(*fulfillment.LineItem) {
	return func(l *fulfillment.LineItem) { t := now.Add(after); l.FulfillBy = &t }
}

// place is an active location with the priority of its ID.
func place(id fulfillment.ID, skus string, change ...func(*fulfillment.Location)) fulfillment.Location {
	l := fulfillment.Location{
		ID: id, Name: fmt.Sprintf("Location %d", id), Active: true, Priority: int(id), SKUs: strings.Fields(skus),
	}
	for _, c := range change {
		c(&l)
	}
	return l
}

func byDefault(l *fulfillment.Location) { l.Default = true }
func inactive(l *fulfillment.Location)  { l.Active = false }
func stocksAll(l *fulfillment.Location) { l.StocksAll = true }
func offline(l *fulfillment.Location)   { no := false; l.FulfillsOnlineOrders = &no }
func atService(l *fulfillment.Location) {
	l.ServiceID = 70
	l.Service = &fulfillment.Service{ID: 70, Name: "Service", Provider: "simulated"}
}

func priority(p int) func(*fulfillment.Location) {
	return func(l *fulfillment.Location) { l.Priority = p }
}

// show writes assignments the way the tables below do: "location/method[@start][<deadline] lines: why".
func show(assignments []fulfillment.Assignment) []string {
	var shown []string
	for _, a := range assignments {
		s := fmt.Sprintf("%d/%s", a.Location.LocationID, a.DeliveryMethod)
		if a.FulfillAt != nil {
			s += "@" + a.FulfillAt.Sub(now).String()
		}
		if a.FulfillBy != nil {
			s += "<" + a.FulfillBy.Sub(now).String()
		}
		for _, q := range a.Lines {
			s += fmt.Sprintf(" %d", q.ID)
		}
		shown = append(shown, s+": "+a.Location.Why)
	}
	return shown
}

func TestRoute(t *testing.T) {
	t.Parallel()
	type lines = []fulfillment.LineItem
	type places = []fulfillment.Location
	for name, c := range map[string]struct {
		lines  lines
		places places
		want   []string
	}{
		"first by priority that stocks all": {
			lines{line(1, "A"), line(2, "B")}, places{place(1, "A"), place(2, "A B"), place(3, "B A")},
			[]string{"2/SHIPPING 1 2: first of 2 locations by priority that stock all lines"}},
		"the only one that stocks all": {
			lines{line(1, "A"), line(2, "B")}, places{place(1, "A"), place(2, "A B")},
			[]string{"2/SHIPPING 1 2: the only location that stocks all lines"}},
		"blanks that nobody sees": {
			lines{line(1, "A "), line(2, "\tB")}, places{place(1, "A\u00a0"), place(2, "A B")},
			[]string{"2/SHIPPING 1 2: the only location that stocks all lines"}},
		"equal priority: lower ID": {
			lines{line(1, "A")},
			places{place(5, "A", priority(1)), place(4, "A", priority(1)), place(3, "A", priority(2))},
			[]string{"4/SHIPPING 1: first of 3 locations by priority that stock all lines"}},
		"inactive ones don't count": {
			lines{line(1, "A")}, places{place(1, "A", inactive), place(2, "A")},
			[]string{"2/SHIPPING 1: the only location that stocks all lines"}},
		"a location that stocks everything": {
			lines{line(1, "A"), line(2, "Z")}, places{place(1, "A"), place(2, "", stocksAll)},
			[]string{"2/SHIPPING 1 2: the only location that stocks all lines"}},
		"a line without SKU is stocked everywhere": {
			lines{line(1, "")}, places{place(1, ""), place(2, "A")},
			[]string{"1/SHIPPING 1: first of 2 locations by priority that stock all lines"}},
		"a service that stocks nothing gets nothing": {
			lines{line(1, "")}, places{place(1, "", atService), place(2, "A", atService), place(3, "")},
			[]string{"2/SHIPPING 1: first of 2 locations by priority that stock all lines"}},
		"a service that stocks nothing gets what names it": {
			lines{line(1, "", from(1)), line(2, "Z", from(1))}, places{place(1, "", atService), place(3, "")},
			[]string{"1/SHIPPING 1 2: explicitly asked for by 2 lines"}},
		"a location without online orders gets nothing": {
			lines{line(1, "A"), line(2, ""), line(3, "", digital)},
			places{place(1, "A", offline), place(2, "", stocksAll, offline), place(3, "A")},
			[]string{
				"3/SHIPPING 1 2: the only location that stocks all lines",
				"3/NONE 3: 1 line without shipping, beside the rest of the order",
			}},
		"a location without online orders gets what names it": {
			lines{line(1, "A", from(1))}, places{place(1, "", offline)},
			[]string{"1/SHIPPING 1: explicitly asked for by 1 line"}},
		"SKUs are exact": {
			lines{line(1, "a")}, places{place(1, "A"), place(2, "", byDefault)},
			[]string{"2/SHIPPING 1: default location: no location stocks SKU a"}},

		"explicit location, whatever it stocks": {
			lines{line(1, "A", from(2)), line(2, "B", from(2)), line(3, "A")}, places{place(1, "A"), place(2, "")},
			[]string{
				"1/SHIPPING 3: the only location that stocks all lines",
				"2/SHIPPING 1 2: explicitly asked for by 2 lines",
			}},
		"explicit and routed to the same location": {
			lines{line(1, "Z", from(1)), line(2, "A")}, places{place(1, "A")},
			[]string{"1/SHIPPING 1 2: explicitly asked for by 1 line; the only location that stocks all lines"}},

		"split over the fewest": {
			lines{line(1, "A"), line(2, "B"), line(3, "C"), line(4, "D")},
			places{place(1, "A"), place(2, "B"), place(3, "C D"), place(4, "A B")},
			[]string{"3/SHIPPING 3 4: split: stocks SKU C, SKU D", "4/SHIPPING 1 2: split: stocks SKU A, SKU B"}},
		"split: among those found, the first by priority": {
			lines{line(1, "A"), line(2, "B"), line(3, "C"), line(4, "D")}, places{place(1, "A D"), place(2, "A B C")},
			[]string{"1/SHIPPING 1 4: split: stocks SKU A, SKU D", "2/SHIPPING 2 3: split: stocks SKU B, SKU C"}},
		"split: nothing is left for one of those found": {
			lines{line(1, "A"), line(2, "B"), line(3, "C"), line(4, "D")},
			places{place(1, "A C"), place(2, "B D"), place(3, "A B", priority(0))},
			[]string{
				"3/SHIPPING 1 2: split: stocks SKU A, SKU B", "1/SHIPPING 3: split: stocks SKU C",
				"2/SHIPPING 4: split: stocks SKU D",
			}},
		"split and default": {
			lines{line(1, "A"), line(2, "Y"), line(3, "Z")}, places{place(1, "A"), place(2, "", byDefault)},
			[]string{
				"1/SHIPPING 1: split: stocks SKU A",
				"2/SHIPPING 2 3: default location: no location stocks SKU Y, SKU Z",
			}},
		"split and default in one place": {
			lines{line(1, "A"), line(2, "Z")}, places{place(1, "A", byDefault)},
			[]string{"1/SHIPPING 1 2: split: stocks SKU A; default location: no location stocks SKU Z"}},
		"an inactive default is none, the next one counts": {
			lines{line(1, "Z")}, places{place(1, "", byDefault, inactive), place(2, "", byDefault)},
			[]string{"2/SHIPPING 1: default location: no location stocks SKU Z"}},
		"a long reason is cut": {
			lines{line(1, "H"), line(2, "G"), line(3, "F"), line(4, "E"), line(5, "D"), line(6, "C"), line(7, "C")},
			places{place(1, "", byDefault)},
			[]string{
				"1/SHIPPING 1 2 3 4 5 6 7: default location: no location stocks SKU C, SKU D, SKU E, SKU F, SKU G " +
					"and 1 more",
			}},

		"digital lines go where the rest goes": {
			lines{line(1, "A"), line(2, "FILE", digital), line(3, "", digital)},
			places{place(1, "", byDefault), place(2, "A")},
			[]string{
				"2/SHIPPING 1: the only location that stocks all lines",
				"2/NONE 2 3: 2 lines without shipping, beside the rest of the order",
			}},
		"digital lines prefer routed lines to explicit ones": {
			lines{line(1, "A", from(1)), line(2, "A"), line(3, "", digital)}, places{place(1, ""), place(2, "A")},
			[]string{"1/SHIPPING 1: explicitly asked for by 1 line",
				"2/SHIPPING 2: the only location that stocks all lines",
				"2/NONE 3: 1 line without shipping, beside the rest of the order"}},
		"digital lines beside explicit ones": {
			lines{line(1, "A", from(2)), line(3, "", digital)}, places{place(1, "", byDefault), place(2, "")},
			[]string{
				"2/SHIPPING 1: explicitly asked for by 1 line",
				"2/NONE 3: 1 line without shipping, beside the rest of the order",
			}},
		"only digital: default": {
			lines{line(1, "FILE", digital)}, places{place(1, ""), place(2, "", byDefault)},
			[]string{"2/NONE 1: default location: nothing needs shipping"}},
		"only digital: first of the merchant's own": {
			lines{line(1, "FILE", digital)},
			places{place(0, "", offline), place(1, "", atService), place(2, ""), place(3, "")},
			[]string{"2/NONE 1: first of the merchant's own locations by priority: nothing needs shipping"}},
		"digital with a location of its own": {
			lines{line(1, "FILE", digital, from(1))}, places{place(1, "", atService), place(2, "")},
			[]string{"1/NONE 1: explicitly asked for by 1 line"}},

		"pre-orders apart": {
			lines{
				line(1, "A"), line(2, "A", at(48*time.Hour)), line(3, "A", at(24*time.Hour)),
				line(4, "A", at(48*time.Hour)),
			}, places{place(1, "A")},
			[]string{"1/SHIPPING 1: the only location that stocks all lines",
				"1/SHIPPING@24h0m0s 3: the only location that stocks all lines",
				"1/SHIPPING@48h0m0s 2 4: the only location that stocks all lines"}},
		"a start that has come is now": {
			lines{line(1, "A"), line(2, "A", at(0)), line(3, "A", at(-time.Hour))}, places{place(1, "A")},
			[]string{"1/SHIPPING 1 2 3: the only location that stocks all lines"}},
		"the earliest deadline of the lines": {
			lines{line(1, "A", by(48*time.Hour)), line(2, "A", by(24*time.Hour)), line(3, "A", from(2))},
			places{place(1, "A"), place(2, "")},
			[]string{
				"1/SHIPPING<24h0m0s 1 2: the only location that stocks all lines",
				"2/SHIPPING 3: explicitly asked for by 1 line",
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := routing.Route(&fulfillment.Order{LineItems: c.lines}, c.places, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, show(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRouteKeepsDeliveryMethodsApart: each method is routed by itself, and gets fulfillment orders of its own.
func TestRouteKeepsDeliveryMethodsApart(t *testing.T) {
	t.Parallel()
	local, pickUp := goes(fulfillment.DeliveryLocal), goes(fulfillment.DeliveryPickUp)
	for name, c := range map[string]struct {
		lines  []fulfillment.LineItem
		places []fulfillment.Location
		want   []string
	}{
		"at one location": {
			[]fulfillment.LineItem{line(1, "A"), line(2, "A", pickUp), line(3, "A", local), line(4, "", digital)},
			[]fulfillment.Location{place(1, "A")},
			[]string{
				"1/SHIPPING 1: the only location that stocks all SHIPPING lines",
				"1/PICK_UP 2: the only location that stocks all PICK_UP lines",
				"1/LOCAL 3: the only location that stocks all LOCAL lines",
				"1/NONE 4: 1 line without shipping, beside the rest of the order",
			},
		},
		"a location that has everything saves no fulfillment order": {
			[]fulfillment.LineItem{line(1, "A"), line(2, "B", pickUp)},
			[]fulfillment.Location{place(1, "A"), place(2, "A B")},
			[]string{
				"1/SHIPPING 1: first of 2 locations by priority that stock all SHIPPING lines",
				"2/PICK_UP 2: the only location that stocks all PICK_UP lines",
			},
		},
		"by method and location": {
			[]fulfillment.LineItem{
				line(1, "A", pickUp, from(2)), line(2, "A", pickUp), line(3, "B"), line(4, "A"), line(5, "B", pickUp),
			},
			[]fulfillment.Location{place(1, "A"), place(2, "B")},
			[]string{
				"1/SHIPPING 4: split: stocks SKU A", "1/PICK_UP 2: split: stocks SKU A",
				"2/SHIPPING 3: split: stocks SKU B",
				"2/PICK_UP 1 5: explicitly asked for by 1 line; split: stocks SKU B",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := routing.Route(&fulfillment.Order{LineItems: c.lines}, c.places, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, show(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
	_, err := routing.Route(&fulfillment.Order{LineItems: []fulfillment.LineItem{line(1, "A", pickUp), line(2, "A")}},
		[]fulfillment.Location{place(1, "B")}, now)
	if err == nil || !strings.Contains(err.Error(), "lineItems[0] (Line 1, SKU A), lineItems[1] (Line 2, SKU A)") {
		t.Errorf("%v does not name the lines of all methods", err)
	}
}

func TestRouteTakesTheOrdersOwnTimesAndMethod(t *testing.T) {
	t.Parallel()
	start, deadline := now.Add(time.Hour), now.Add(2*time.Hour)
	got, err := routing.Route(&fulfillment.Order{DeliveryMethod: fulfillment.DeliveryPickUp, FulfillAt: &start,
		FulfillBy: &deadline,
		LineItems: []fulfillment.LineItem{
			line(1, ""), line(2, "", by(3*time.Hour)), line(3, "", at(5*time.Hour), by(time.Hour)),
			line(4, "", digital),
		}},
		[]fulfillment.Location{place(1, "A", atService)}, now)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1/PICK_UP@1h0m0s<2h0m0s 1 2: the only location that stocks all lines",
		"1/PICK_UP@5h0m0s<1h0m0s 3: the only location that stocks all lines",
		"1/NONE@1h0m0s<2h0m0s 4: 1 line without shipping, beside the rest of the order",
	}
	if diff := cmp.Diff(want, show(got)); diff != "" {
		t.Error(diff)
	}
	if l := got[0].Location; l.Name != "Location 1" || l.ServiceID != 70 || l.Provider != "simulated" {
		t.Errorf("the location is kept as %+v", l)
	}
}

func TestRouteRefuses(t *testing.T) {
	t.Parallel()
	type lines = []fulfillment.LineItem
	type places = []fulfillment.Location
	for name, c := range map[string]struct {
		lines   lines
		places  places
		code    fulfillment.Code
		field   string
		message string
	}{
		"unknown location": {lines{line(1, ""), line(2, "B", from(9))}, places{place(1, "")},
			fulfillment.CodeLocationNotFound, "lineItems.1.locationId",
			"lineItems[1] (Line 2, SKU B) asks for location 9, which does not exist. Name another location, or " +
				"leave locationId out to have the line routed."},
		"inactive location": {lines{line(1, "A", from(1))}, places{place(1, "A", inactive)}, fulfillment.CodeUnroutable,
			"lineItems.0.locationId",
			"lineItems[0] (Line 1, SKU A) asks for location 1 (Location 1), which is not active. Name another " +
				"location, or leave locationId out to have the line routed."},
		"both": {lines{line(1, "A", from(1)), line(2, "", from(9))}, places{place(1, "A", inactive)},
			fulfillment.CodeLocationNotFound, "lineItems.0.locationId",
			"lineItems[0] (Line 1, SKU A) asks for location 1 (Location 1), which is not active; lineItems[1] (Line " +
				"2) asks for location 9, which does not exist. Name another location, or leave locationId out to " +
				"have the line routed."},
		"nothing stocks it": {lines{line(1, "Y"), line(2, "A"), line(3, "Z")}, places{place(1, "A")},
			fulfillment.CodeUnroutable, "lineItems.0",
			"No active location stocks lineItems[0] (Line 1, SKU Y), lineItems[2] (Line 3, SKU Z). Add the SKU to a " +
				"location, name a locationId on the line, or make an active location the default."},
		"no locations": {lines{line(1, "")}, nil, fulfillment.CodeUnroutable, "lineItems.0",
			"There is no active location for lineItems[0] (Line 1). Add a location, or activate one."},
		"only digital, only services": {lines{line(1, "", digital)}, places{place(1, "", atService)},
			fulfillment.CodeUnroutable, "lineItems.0",
			"There is neither a default location nor one of the merchant's own for lineItems[0] (Line 1), which " +
				"needs no shipping. Name a locationId on the line, or make an active location the default."},
		"a line without ID": {lines{line(0, "A")}, places{place(1, "A")}, fulfillment.CodeInvalid, "lineItems.0.id",
			"lineItems[0] (Line 0, SKU A) has no ID: lines get their IDs before they are routed."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := routing.Route(&fulfillment.Order{LineItems: c.lines}, c.places, now)
			refused, ok := fulfillment.AsError(err)
			if !ok || got != nil {
				t.Fatalf("not refused: %v, %v", got, err)
			}
			if refused.Code != c.code || strings.Join(refused.Field, ".") != c.field || refused.Message != c.message {
				t.Errorf(
					"got %s on %v\n%s\nwant %s on %s\n%s", refused.Code, refused.Field, refused.Message, c.code,
					c.field, c.message,
				)
			}
		})
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	fo := &fulfillment.FulfillmentOrder{AssignedLocation: fulfillment.AssignedLocation{LocationID: 2},
		Lines: []fulfillment.Line{
			{
				SKU: "A", RequiresShipping: true, Total: 2, Remaining: 1,
			}, {SKU: "B", RequiresShipping: true, Total: 2}, {SKU: "FILE", Total: 1, Remaining: 1}}}
	plain := &fulfillment.FulfillmentOrder{Lines: []fulfillment.Line{{RequiresShipping: true, Total: 1, Remaining: 1}}}
	done := &fulfillment.FulfillmentOrder{Lines: []fulfillment.Line{{SKU: "A", RequiresShipping: true, Total: 2}}}
	type places = []fulfillment.Location
	for name, c := range map[string]struct {
		fo      *fulfillment.FulfillmentOrder
		places  places
		exclude []fulfillment.ID
		want    fulfillment.ID // 0: nowhere
		why     string
	}{
		"first other by priority": {fo, places{place(4, "A"), place(3, "A"), place(2, "A"), place(1, "B")}, nil, 3,
			"re-routed: first by priority of 2 other locations that stock all remaining lines"},
		"excluded ones are passed over": {fo, places{place(3, "A"), place(4, "A"), place(5, "A", inactive)},
			[]fulfillment.ID{3}, 4,
			"re-routed: the only other location that stocks all remaining lines"},
		"nobody else stocks it": {
			fo, places{place(2, "A"), place(3, "B", byDefault)}, nil, 0, "no other active location stocks all of SKU A",
		},
		"nobody else stocks anything": {plain, places{place(3, "", atService), place(4, "A", offline)}, nil, 0,
			"no other active location gets orders by routing"},
		"not to a service that stocks nothing": {plain, places{place(3, "", atService), place(4, "")}, nil, 4,
			"re-routed: the only other location that stocks all remaining lines"},
		"nobody else": {
			fo, places{place(2, "A"), place(3, "A", inactive)}, nil, 0, "there is no other active location",
		},
		"nothing left": {done, places{place(3, "A")}, nil, 0, "nothing is left to ship"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := slices.Clone(c.places)
			location, why, ok := routing.Next(c.fo, c.places, c.exclude...)
			if location.ID != c.want || ok != (c.want != 0) || why != c.why {
				t.Errorf("got %d, %q, %t, want %d, %q", location.ID, why, ok, c.want, c.why)
			}
			if diff := cmp.Diff(before, c.places); diff != "" {
				t.Errorf("the list of locations was changed: %s", diff)
			}
		})
	}
}
