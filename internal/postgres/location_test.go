package postgres

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

// atOnce leaves out when a location was made, and when it last changed.
var atOnce = cmpopts.IgnoreFields(fulfillment.Location{}, "CreatedAt", "UpdatedAt")

func TestLocations(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	yes, no := true, false
	hamburg := fulfillment.Location{ID: 5, Name: "Hamburg", CountryCode: "DE", ProvinceCode: "HH", City: "Hamburg",
		Address1: "Kai 1", Address2: "Tor B",
		Zip: "20457", Phone: "+49 40 1", Active: true, Priority: 2, SKUs: []string{"A", "B"}, FulfillsOnlineOrders: &no}
	berlin := fulfillment.Location{
		ID: 9, Name: "Berlin", Active: true, Priority: 1, Default: true, StocksAll: true, FulfillsOnlineOrders: &yes,
	}
	unsaid := berlin
	unsaid.FulfillsOnlineOrders = nil
	for range 2 {
		for _, l := range []fulfillment.Location{hamburg, unsaid} {
			got, err := b.AddLocation(t.Context(), l)
			want := hamburg
			if l.ID == berlin.ID {
				want = berlin
			}
			if diff := cmp.Diff(want, got, atOnce); err != nil || diff != "" || got.CreatedAt.IsZero() ||
				!got.UpdatedAt.Equal(got.CreatedAt) {
				t.Fatalf("%v; added at %s, changed at %s; -want +got:\n%s", err, got.CreatedAt, got.UpdatedAt, diff)
			}
		}
	}
	added, err := b.AddService(t.Context(), fulfillment.Service{Name: "Ship Co", Provider: "simulated",
		Options: map[string]any{"seed": 7.0}, AcceptWithin: fulfillment.Duration(
			36*time.Hour + time.Millisecond,
		), AcceptPolicy: fulfillment.AcceptReroute})
	if err != nil {
		t.Fatal(err)
	}
	adopting, err := b.AddService(t.Context(), fulfillment.Service{Name: "Bikes & Co.", LocationID: hamburg.ID})
	if err != nil {
		t.Fatal(err)
	}
	made := fulfillment.Location{ID: added.LocationID, Name: "Ship Co", Active: true, Priority: 100, StocksAll: true,
		FulfillsOnlineOrders: &yes, ServiceID: added.ID, Service: &added}
	adopted := hamburg
	adopted.ServiceID, adopted.Service = adopting.ID, &adopting

	got, err := b.Locations(t.Context())
	if diff := cmp.Diff([]fulfillment.Location{berlin, adopted, made}, got, atOnce); err != nil || diff != "" {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}
	one, err := b.Location(t.Context(), made.ID)
	if diff := cmp.Diff(made, one, atOnce); err != nil || diff != "" {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}
	calls := b.calls.statements.Load()
	several, err := b.LocationsByID(t.Context(), []fulfillment.ID{made.ID, 404, berlin.ID, made.ID})
	if diff := cmp.Diff([]*fulfillment.Location{&made, nil, &berlin, &made}, several, atOnce); err != nil ||
		diff != "" {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}
	if n := b.calls.statements.Load() - calls; n > 2 { // The first time, the statement is prepared.
		t.Errorf("%d statements for a batch", n)
	}
	services, err := b.Services(t.Context())
	if diff := cmp.Diff([]fulfillment.Service{adopting, added}, services); err != nil || diff != "" {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}
	if again, err := b.AddLocation(t.Context(), unsaid); err != nil || again.ID != berlin.ID {
		t.Errorf("added again: %+v, %v", again, err)
	}
}

func TestAddLocationRefuses(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for _, l := range []fulfillment.Location{
		{ID: 3, Name: "Berlin", Default: true, Active: true}, {ID: 4, Name: "Hamburg"},
	} {
		if _, err := b.AddLocation(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	b.service(fulfillment.Service{Name: "Ship Co"})
	for _, test := range []struct {
		location fulfillment.Location
		want     []string
	}{
		{fulfillment.Location{Name: "BERLIN"}, []string{"TAKEN input.name You already have a location with this name"}},
		{
			fulfillment.Location{Name: "ship co"},
			[]string{"TAKEN input.name You already have a location with this name"},
		},
		{fulfillment.Location{}, []string{"BLANK input.name Name can't be blank"}},
		{
			fulfillment.Location{Name: "Köln", Active: true, Default: true},
			[]string{"INVALID default There is a default location already. " +
				"Add this one without it, and make it the default then."},
		},
		{
			fulfillment.Location{Name: "Köln", CountryCode: "uk", City: "a\x07", SKUs: []string{"A", "B\x07"}},
			[]string{
				"INVALID input.address.city City must not contain control characters (has U+0007)",
				`INVALID input.address.countryCode Country code must be a country of ISO 3166-1 by its two letters, ` +
					`such as GB (is "UK"; did you mean GB?)`,
				"INVALID skus.1 SKU must not contain control characters (has U+0007)",
			},
		},
		{fulfillment.Location{ID: 4, Name: "Köln"}, []string{"INVALID id There is another location with the ID 4. Edit that one, or leave the ID out."}},
	} {
		_, err := b.AddLocation(t.Context(), test.location)
		if diff := cmp.Diff(test.want, told(err)); diff != "" {
			t.Errorf("%+v: -want +got:\n%s", test.location, diff)
		}
	}
	tidy, err := b.AddLocation(t.Context(), fulfillment.Location{
		Name: "Porto", City: " Vila  Nova ", CountryCode: "pt", SKUs: []string{" A ", "A", "B\tB", " "},
	})
	if err != nil || tidy.City != "Vila Nova" || tidy.CountryCode != "PT" || !slices.Equal(tidy.SKUs, []string{"A", "B B"}) {
		t.Errorf("%v, got %+v", err, tidy)
	}
	if _, err := b.AddLocation(t.Context(), fulfillment.Location{Name: strings.Repeat("ö", 255)}); err != nil {
		t.Errorf("the longest name: %v", err)
	}
}

// told is every refusal in err as its code, field and message.
func told(err error) []string {
	var all []string
	for _, e := range fulfillment.AsRefusals(err) {
		all = append(all, fmt.Sprintf("%s %s %s", e.Code, strings.Join(e.Field, "."), e.Message))
	}
	return all
}

// Names are compared before they are taken: of many that want the same one, one gets it.
func TestAddLocationAtOnce(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var added, refused atomic.Int32
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			_, err := b.AddLocation(t.Context(), fulfillment.Location{Name: "Berlin", Active: true})
			switch {
			case err == nil:
				added.Add(1)
			case fulfillment.AsRefusals(err) != nil:
				refused.Add(1)
			default:
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil || added.Load() != 1 || refused.Load() != 7 {
		t.Errorf("%v; %d added and %d refused", err, added.Load(), refused.Load())
	}
}

func TestListLocations(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for i, name := range []string{"delta", "Alpha", "charlie", "Bravo", "echo"} {
		if _, err := b.AddLocation(
			t.Context(), fulfillment.Location{ID: fulfillment.ID(i + 1), Name: name, Active: name != "echo"},
		); err != nil {
			t.Fatal(err)
		}
	}
	service, err := b.AddService(t.Context(), fulfillment.Service{Name: "Ship Co"})
	if err != nil {
		t.Fatal(err)
	}
	gone, err := b.AddService(t.Context(), fulfillment.Service{Name: "Beta"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.DeleteService(
		t.Context(), fulfillment.ServiceDeletion{ID: gone.ID, InventoryAction: fulfillment.InventoryDelete},
	); err != nil {
		t.Fatal(err)
	}
	names := func(list LocationList) (string, Segment[fulfillment.Location]) {
		t.Helper()
		segment, err := b.ListLocations(t.Context(), list)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, l := range segment.Items {
			names = append(names, l.Name)
		}
		return strings.Join(names, " "), segment
	}
	for want, list := range map[string]LocationList{
		"delta Alpha charlie Bravo Ship Co":      {},
		"Alpha Bravo charlie delta Ship Co":      {Window: Window{Sort: SortName}},
		"Ship Co delta charlie Bravo Alpha":      {Window: Window{Sort: SortName, Reverse: true}},
		"Alpha Bravo charlie delta echo Ship Co": {Window: Window{Sort: SortName}, IncludeInactive: true},
		"Ship Co Bravo charlie Alpha delta":      {Window: Window{Sort: SortCreatedAt, Reverse: true}},
		"delta Ship Co":                          {Window: Window{Sort: SortName, Last: 2}},
	} {
		list.IncludeServices = true
		if got, _ := names(list); got != want {
			t.Errorf("%+v: %s, want %s", list.Window, got, want)
		}
	}
	expression, err := search.Parse("name:b* OR name:alpha")
	if err != nil {
		t.Fatal(err)
	}
	found, err := LocationSearch(expression)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := names(LocationList{Window: Window{Sort: SortName}, Search: found}); got != "Alpha Bravo" {
		t.Errorf("searched: %s", got)
	}

	if got, _ := names(LocationList{Window: Window{Sort: SortName}}); got != "Alpha Bravo charlie delta" {
		t.Errorf("the merchant's own: %s", got)
	}
	if got, none := names(LocationList{Window: Window{None: true}}); got != "" || !none.HasNext || none.Items == nil {
		t.Errorf("none: %q, %+v", got, none)
	}

	for _, sort := range []Sort{SortName, SortID, SortCreatedAt} {
		whole, _ := names(LocationList{Window: Window{Sort: sort}, IncludeServices: true})
		var pages []string
		window := Window{Sort: sort, First: 2}
		for {
			got, page := names(LocationList{Window: window, IncludeServices: true})
			pages = append(pages, got)
			if page.HasPrevious != (window.After != "") {
				t.Errorf("%s: page %d has previous: %v", sort, len(pages), page.HasPrevious)
			}
			if !page.HasNext {
				break
			}
			window.After = page.Cursors[len(page.Cursors)-1]
		}
		if got := strings.Join(pages, " "); got != whole || len(pages) != 3 {
			t.Errorf("%s: forwards %q, want %q", sort, pages, whole)
		}
		pages = nil
		for window = (Window{Sort: sort, Last: 2}); ; {
			got, page := names(LocationList{Window: window, IncludeServices: true})
			pages = append([]string{got}, pages...)
			if !page.HasPrevious {
				break
			}
			window.Before = page.Cursors[0]
		}
		if got := strings.Join(pages, " "); got != whole || len(pages) != 3 {
			t.Errorf("%s: backwards %q, want %q", sort, pages, whole)
		}
	}
	_, page := names(LocationList{Window: Window{Sort: SortName, Last: 1}, IncludeServices: true})
	if page.Items[0].Service == nil || page.Items[0].Service.ID != service.ID {
		t.Errorf("the service's location: %+v", page.Items[0])
	}
	if empty, page := names(
		LocationList{Window: Window{Sort: SortName, After: page.Cursors[0]}, IncludeServices: true},
	); empty != "" || page.HasNext || !page.HasPrevious || page.Items == nil {
		t.Errorf("after the last: %q, %+v", empty, page)
	}
	if _, err := b.ListLocations(t.Context(), LocationList{Window: Window{Sort: SortUpdatedAt}}); told(err) == nil {
		t.Errorf("sorted by something else: %v", err)
	}
	if _, err := b.ListLocations(t.Context(), LocationList{Window: Window{After: "nonsense"}}); told(err) == nil {
		t.Errorf("after no cursor: %v", err)
	}
}

func TestEncodeLeavesNoNUL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\x00b":   `"a\ufffdb"`,
		`\u0000`:   `"\\u0000"`,
		"\\\x00":   `"\\\ufffd"`,
		"\x00\x00": `"\ufffd\ufffd"`,
		"plain":    `"plain"`,
	} {
		got, err := encode(text)
		if err != nil || string(got) != want {
			t.Errorf("encode(%q) = %s, %v; want %s", text, got, err, want)
		}
	}
}
