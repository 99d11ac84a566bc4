package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

func TestLocations(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	hamburg := fulfillment.Location{ID: 5, Name: "Hamburg", CountryCode: "DE", City: "Hamburg", Active: true, Priority: 2, SKUs: []string{"A", "B"}}
	berlin := fulfillment.Location{ID: 9, Name: "Berlin", Active: true, Priority: 1, Default: true, StocksAll: true}
	for range 2 {
		for _, l := range []fulfillment.Location{hamburg, berlin} {
			if got, err := b.AddLocation(t.Context(), l); err != nil || !cmp.Equal(got, l) {
				t.Fatalf("added %+v, %v", got, err)
			}
		}
	}
	added, err := b.AddService(t.Context(), fulfillment.Service{Name: "Ship Co", Provider: "simulated",
		Options: map[string]any{"seed": 7.0}, AcceptWithin: fulfillment.Duration(36*time.Hour + time.Millisecond), AcceptPolicy: fulfillment.AcceptReroute})
	if err != nil {
		t.Fatal(err)
	}
	adopting, err := b.AddService(t.Context(), fulfillment.Service{Name: "Bikes & Co.", LocationID: hamburg.ID})
	if err != nil {
		t.Fatal(err)
	}
	made := fulfillment.Location{ID: added.LocationID, Name: "Ship Co", Active: true, Priority: servicePriority, StocksAll: true, ServiceID: added.ID, Service: &added}
	adopted := hamburg
	adopted.ServiceID, adopted.Service = adopting.ID, &adopting

	got, err := b.Locations(t.Context())
	if diff := cmp.Diff([]fulfillment.Location{berlin, adopted, made}, got); err != nil || diff != "" {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}
	one, err := b.Location(t.Context(), made.ID)
	if diff := cmp.Diff(made, one); err != nil || diff != "" {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}
	services, err := b.Services(t.Context())
	if diff := cmp.Diff([]fulfillment.Service{adopting, added}, services); err != nil || diff != "" {
		t.Errorf("%v; -want +got:\n%s", err, diff)
	}

	for want, l := range map[string]fulfillment.Location{
		"Name can't be blank":                   {ID: 7, Name: " "},
		"There is a default location already.":  {ID: 8, Name: "Köln", Default: true},
		"There is another location with the ID": {ID: 9, Name: "Köln"},
		"when the service is added":             {ID: 10, Name: "Köln", ServiceID: added.ID},
	} {
		_, err := b.AddLocation(t.Context(), l)
		if refused, ok := fulfillment.AsError(err); !ok || !strings.Contains(refused.Message, want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestAddServiceRefuses(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	first, err := b.AddService(t.Context(), fulfillment.Service{ID: 3, Name: "Ship Co"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.AddService(t.Context(), fulfillment.Service{ID: 3, Name: "Ship Co"}); err != nil || !cmp.Equal(again, first) {
		t.Errorf("added again: %+v, %v; want %+v", again, err, first)
	}
	for _, test := range []struct {
		want    string
		service fulfillment.Service
	}{
		{"Name can't be blank", fulfillment.Service{}},
		{"Name can't be blank", fulfillment.Service{Name: " \t"}},
		{"Name cannot begin with a whitespace character", fulfillment.Service{Name: " Ship"}},
		{"Name cannot end with a whitespace character", fulfillment.Service{Name: "Ship\n"}},
		{"Name is reserved", fulfillment.Service{Name: "Gift_Card"}},
		{"Name is reserved", fulfillment.Service{Name: "Amazon"}},
		{"Name has already been taken", fulfillment.Service{Name: "Ship Co"}},
		{"Name has already been taken", fulfillment.Service{Name: "SHIP co"}},
		{"Name has already been taken", fulfillment.Service{Name: "Ship-Co."}}, // by handle
		{"There is another service with the ID 3.", fulfillment.Service{ID: 3, Name: "Other"}},
		{"belongs to another service.", fulfillment.Service{Name: "Other", LocationID: first.LocationID}},
		{"The time to accept can't be negative.", fulfillment.Service{Name: "Other", AcceptWithin: -1}},
		{`There is no accept policy "WAIT".`, fulfillment.Service{Name: "Other", AcceptPolicy: "WAIT"}},
	} {
		_, err := b.AddService(t.Context(), test.service)
		if refused, ok := fulfillment.AsError(err); !ok || !strings.HasSuffix(refused.Message, test.want) {
			t.Errorf("%+v: got %v, want %q", test.service, err, test.want)
		}
	}
	if got := b.one(`SELECT count(*) FROM locations`); got != 1 {
		t.Errorf("%d locations, want that of the service only", got)
	}
}

func TestHandle(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Ship Co":              "ship-co",
		"Bikes & Co.":          "bikes-co",
		"Éclair Straße Øst":    "eclair-strasse-ost",
		"snake_case 24/7!!":    "snake_case-24-7",
		"Łódź  --  Ærø":        "lodz-aero",
		"Ship\u00a0Co (Paris)": "ship-co-paris",
		"倉庫":                   "",
	} {
		if got := handle(name); got != want {
			t.Errorf("handle(%q) = %q, want %q", name, got, want)
		}
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
