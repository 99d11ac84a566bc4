package fulfillment

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// noFTP allows all URLs but those of FTP.
type noFTP struct{}

func (noFTP) Check(url string) *Error {
	if strings.HasPrefix(url, "ftp:") {
		return refusal(CodeInvalid, []string{"callbackUrl"}, "no")
	}
	return nil
}

// told is every refusal as its code, field and message.
func told(refusals ...*Error) []string {
	var all []string
	for _, e := range refusals {
		if e != nil {
			all = append(all, fmt.Sprintf("%s %s %s", e.Code, strings.Join(e.Field, "."), e.Message))
		}
	}
	return all
}

// nameCases are names that no service may have, whatever the others are called.
var nameCases = map[string][]string{
	"":              {"BLANK name Name can't be blank"},
	" \t":           {"BLANK name Name can't be blank"},
	" Ship":         {"INVALID name Name cannot begin with a whitespace character"},
	"Ship\n":        {"INVALID name Name cannot end with a whitespace character"},
	"\u00a0Ship Co": {"INVALID name Name cannot begin with a whitespace character"},
	"  Ship Co  ": {"INVALID name Name cannot begin with a whitespace character",
		"INVALID name Name cannot end with a whitespace character"},
	strings.Repeat("ö", 256): {"TOO_LONG name Name is too long (maximum is 255 characters)"},
	" " + strings.Repeat("x", 255): {"INVALID name Name cannot begin with a whitespace character",
		"TOO_LONG name Name is too long (maximum is 255 characters)"},
	"Gift_Card": {"INVALID name Name is reserved"},
	"manual":    {"INVALID name Name is reserved"},
	"SHOPIFY":   {"INVALID name Name is reserved"},
	"AMAZON!":   {"INVALID name Name is reserved"}, // by handle
}

func TestCheckNewService(t *testing.T) {
	t.Parallel()
	const taken = "INVALID name Name has already been taken"
	for name, want := range nameCases {
		for _, nameTaken := range []bool{false, true} { // The text of the name comes first.
			if diff := cmp.Diff(want, told(Service{Name: name}.CheckNew(nameTaken, noFTP{})...)); diff != "" {
				t.Errorf("%q: -want +got:\n%s", name, diff)
			}
		}
	}
	for name, test := range map[string]struct {
		service Service
		taken   bool
		want    []string
	}{
		"fine": {Service{Name: strings.Repeat("ö", 255), CallbackURL: "https://x.com/", AcceptPolicy: AcceptHold},
			false, nil},
		"no reserved word": {Service{Name: "Manual work"}, false, nil},
		"taken":            {Service{Name: "Ship Co"}, true, []string{taken}},
		"all at once, in the order of the input": {
			Service{CallbackURL: "ftp://x", AcceptWithin: -1, AcceptPolicy: "WAIT"}, false, []string{
				"BLANK name Name can't be blank", "INVALID callbackUrl no",
				"INVALID acceptWithin The time to accept can't be negative.",
				`INVALID acceptPolicy "WAIT" is not an accept policy. Use one of: ` + joined(AcceptPolicies) + `.`}},
		"taken and more": {Service{Name: "Ship Co", CallbackURL: "ftp://x"}, true,
			[]string{taken, "INVALID callbackUrl no"}},
	} {
		if diff := cmp.Diff(test.want, told(test.service.CheckNew(test.taken, noFTP{})...)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestCompleteService(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for name, test := range map[string]struct{ given, want Service }{
		"only a name": {Service{Name: "Ship & Co."},
			Service{ID: 1, LocationID: 2, Name: "Ship & Co.", Handle: "ship-co", Provider: ManualProvider,
				RequiresShippingMethod: &yes}},
		"a name without a handle": {Service{ID: 7, Name: "倉庫"},
			Service{ID: 7, LocationID: 1, Name: "倉庫", Handle: "service-7", Provider: ManualProvider,
				RequiresShippingMethod: &yes}},
		"all said, but the handle is not for anybody to say": {
			Service{ID: 7, LocationID: 8, Name: "Ship", Handle: "mine", Provider: "sim", RequiresShippingMethod: &no},
			Service{ID: 7, LocationID: 8, Name: "Ship", Handle: "ship", Provider: "sim", RequiresShippingMethod: &no}},
	} {
		var last ID
		got := test.given
		got.Complete(func() ID { last++; return last })
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestOwnLocation(t *testing.T) {
	t.Parallel()
	operators, apps := Service{
		LocationID: 3,
		Name:       "Ship Co",
	}.OwnLocation(), Service{
		LocationID: 3,
		Name:       "Ship Co",
		AppID:      9,
	}.OwnLocation()
	want := Location{ID: 3, Name: "Ship Co", Active: true, Priority: 100, StocksAll: true}
	if diff := cmp.Diff(want, operators); diff != "" {
		t.Errorf("an operator's: -want +got:\n%s", diff)
	}
	want.StocksAll = false
	if diff := cmp.Diff(want, apps); diff != "" {
		t.Errorf("an app's: -want +got:\n%s", diff)
	}
}

func TestServiceSameAs(t *testing.T) {
	t.Parallel()
	stored := Service{ID: 3, Name: "Renamed", Handle: "ship-co", AppID: 9}
	for name, test := range map[string]struct {
		added Service
		want  bool
	}{
		"renamed since":     {Service{ID: 3, Name: "Ship Co", Handle: "ship-co", AppID: 9}, true},
		"of another name":   {Service{ID: 3, Name: "Bikes", Handle: "bikes", AppID: 9}, false},
		"of another app":    {Service{ID: 3, Name: "Ship Co", Handle: "ship-co", AppID: 8}, false},
		"of an operator":    {Service{ID: 3, Name: "Ship Co", Handle: "ship-co"}, false},
		"with another flag": {Service{ID: 3, Handle: "ship-co", AppID: 9, TrackingSupport: true}, true},
	} {
		if got := test.added.SameAs(stored); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	want := []string{"INVALID name Name has already been taken", "INVALID id There is another service with the ID 3.",
		"INVALID locationId The location 5 belongs to another service."}
	taken := Service{ID: 3, LocationID: 5}
	if diff := cmp.Diff(want, told(taken.NameTaken(), taken.IDTaken(), taken.LocationTaken())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
