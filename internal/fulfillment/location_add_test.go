package fulfillment

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const outOfRow = "INVALID priority The priority must be from -1000000 to 1000000 (is 1000001)."

func TestCheckNewLocation(t *testing.T) {
	t.Parallel()
	no, long := false, strings.Repeat("ö", 255)
	for name, test := range map[string]struct {
		location Location
		want     []string
	}{
		"fine":     {Location{Name: long, City: long, Active: true, Default: true}, nil},
		"no name":  {Location{}, []string{"BLANK input.name Name can't be blank"}},
		"no text":  {Location{Name: " \t"}, []string{"BLANK input.name Name can't be blank"}},
		"reserved": {Location{Name: "Manual"}, nil}, // only for services
		"with space around": {Location{Name: " Köln "}, []string{
			"INVALID input.name Name cannot begin with a whitespace character",
			"INVALID input.name Name cannot end with a whitespace character"}},
		"all too long": {Location{Name: long + "x", Address1: long + "x", Address2: long + "x", City: long + "x",
			ProvinceCode: long + "x", CountryCode: long + "x", Zip: long + "x", Phone: long + "x"}, []string{
			"TOO_LONG input.name Name is too long (maximum is 255 characters)",
			"TOO_LONG input.address.address1 Address1 is too long (maximum is 255 characters)",
			"TOO_LONG input.address.address2 Address2 is too long (maximum is 255 characters)",
			"TOO_LONG input.address.city City is too long (maximum is 255 characters)",
			"TOO_LONG input.address.provinceCode Province code is too long (maximum is 255 characters)",
			"TOO_LONG input.address.countryCode Country code is too long (maximum is 255 characters)",
			"TOO_LONG input.address.zip Zip is too long (maximum is 255 characters)",
			"TOO_LONG input.address.phone Phone is too long (maximum is 255 characters)"}},
		"a default one that takes no orders": {
			Location{Name: "Köln", Default: true, FulfillsOnlineOrders: &no},
			[]string{"INVALID default The default location has to fulfill online orders."}},
		"a default one that is not active": {
			Location{Name: "Köln", Default: true}, []string{"INVALID default The default location has to be active."}},
		"a second default one": {
			Location{Name: "Köln", Active: true, Default: true}, []string{"INVALID default There is a default location already. " +
				"Add this one without it, and make it the default then."}},
		"of a name that is taken":        {Location{Name: "BERLIN"}, []string{"TAKEN input.name You already have a location with this name"}},
		"of the name of an inactive one": {Location{Name: "Hamburg"}, nil},
		"the last of all":                {Location{Name: "Köln", Priority: MaxPriority}, nil},
		"after the last":                 {Location{Name: "Köln", Priority: MaxPriority + 1}, []string{outOfRow}},
		"with a service": {
			Location{Name: "Köln", ServiceID: 3},
			[]string{"INVALID serviceId A location gets its service when the service is added."}},
	} {
		others := []Location{{ID: 8, Name: "Berlin", Active: true, Default: name == "a second default one"}, {ID: 9, Name: "Hamburg"}}
		if diff := cmp.Diff(test.want, told(test.location.CheckNew(others)...)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestLocationSameAs(t *testing.T) {
	t.Parallel()
	yes, no, now := true, false, time.Now()
	added := Location{ID: 4, Name: "Köln", Active: true, SKUs: []string{"A"}}
	for name, test := range map[string]struct {
		change func(stored *Location)
		want   bool
	}{
		"as it was added":            {func(*Location) {}, true},
		"with the default filled in": {func(l *Location) { l.FulfillsOnlineOrders, l.CreatedAt = &yes, now }, true},
		"with a service since":       {func(l *Location) { l.ServiceID, l.Service = 3, &Service{ID: 3} }, true},
		"with another default":       {func(l *Location) { l.FulfillsOnlineOrders = &no }, false},
		"of another name":            {func(l *Location) { l.Name = "Bonn" }, false},
		"with other stock":           {func(l *Location) { l.SKUs = []string{"B"} }, false},
		"deleted":                    {func(l *Location) { l.DeletedAt = &now }, false},
	} {
		stored := added
		test.change(&stored)
		if got := added.SameAs(stored); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
