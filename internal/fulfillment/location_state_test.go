package fulfillment

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const permanently = "PERMANENTLY_BLOCKED_FROM_DEACTIVATION_ERROR locationId Location could not be deactivated because " +
	"it either has a fulfillment service or is the only location with a shipping address."

func TestLocationActivation(t *testing.T) {
	t.Parallel()
	namesake := []Location{{ID: 8, Name: "KÖLN", Active: true}}
	for name, test := range map[string]struct {
		location Location
		others   []Location
		want     []string
	}{
		"inactive":                       {Location{Name: "Köln"}, []Location{{ID: 8, Name: "Köln"}}, nil},
		"active already":                 {Location{Name: "Köln", Active: true}, nil, nil},
		"of a service":                   {Location{Active: true, ServiceID: 3}, nil, []string{"LOCATION_NOT_FOUND locationId Location not found."}},
		"of a service that took it over": {Location{ServiceID: 3}, nil, nil},
		"its name is another one's by now": {Location{Name: "Köln"}, namesake, []string{
			"HAS_NON_UNIQUE_NAME locationId This location currently cannot be activated because there exists an active " +
				"location with the same name."}},
	} {
		var got []string
		if refused := test.location.CheckActivation(test.others); refused != nil {
			got = told(refused)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestLocationDeactivation(t *testing.T) {
	t.Parallel()
	no := false
	for name, test := range map[string]struct {
		location Location
		others   []Location
		want     []string
	}{
		"where others go on":      {Location{Active: true}, []Location{{Active: true}}, nil},
		"inactive already":        {Location{}, nil, nil},
		"of a service":            {Location{Active: true, ServiceID: 3}, []Location{{Active: true}}, []string{permanently}},
		"the only one":            {Location{Active: true}, []Location{{}}, []string{permanently}},
		"the only one of its own": {Location{Active: true}, []Location{{Active: true, ServiceID: 3}}, []string{permanently}},
		"the last that takes orders": {Location{Active: true}, []Location{{Active: true, FulfillsOnlineOrders: &no}}, []string{
			"CANNOT_DISABLE_ONLINE_ORDER_FULFILLMENT locationId At least one location must fulfill online orders."}},
		"one that takes no orders": {
			Location{Active: true, FulfillsOnlineOrders: &no},
			[]Location{{Active: true, FulfillsOnlineOrders: &no}}, nil},
	} {
		var got []string
		if refused := test.location.CheckDeactivation(test.others); refused != nil {
			got = told(refused)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if refused := StillWaiting(0, nil); refused != nil {
		t.Errorf("nothing waits: %v", refused)
	}
	want := []string{"HAS_FULFILLMENT_ORDERS_ERROR locationId Location could not be deactivated because it has pending " +
		"orders: fulfillment orders that are not closed (3: 1, 2, …). Move, ship or cancel them, or name a destination " +
		"that can take all of them over."}
	if diff := cmp.Diff(want, told(StillWaiting(3, []ID{1, 2}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDeactivationDestination(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		id          ID
		destination *Location
		want        []string
	}{
		"none":        {0, nil, nil},
		"another one": {5, &Location{ID: 5, Active: true}, nil},
		"the same one": {4, &Location{ID: 4, Active: true}, []string{"DESTINATION_LOCATION_IS_THE_SAME_LOCATION " +
			"destinationLocationId Destination location is the same as the location to be deactivated."}},
		"unknown": {5, nil, []string{"DESTINATION_LOCATION_NOT_FOUND_OR_INACTIVE destinationLocationId " +
			"Destination location is not found or inactive."}},
		"inactive": {5, &Location{ID: 5}, []string{"DESTINATION_LOCATION_NOT_FOUND_OR_INACTIVE destinationLocationId " +
			"Destination location is not found or inactive."}},
		"of a service": {5, &Location{ID: 5, Active: true, ServiceID: 3}, []string{
			"DESTINATION_LOCATION_NOT_SHOPIFY_MANAGED destinationLocationId Destination location is not Shopify managed."}},
	} {
		var got []string
		deactivation := LocationDeactivation{ID: 4, DestinationID: test.id}
		if refused := deactivation.CheckDestination(test.destination); refused != nil {
			got = told(refused)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// A deletion is told everything that stands in its way at once.
func TestLocationDeletion(t *testing.T) {
	t.Parallel()
	active := "LOCATION_IS_ACTIVE locationId The location cannot be deleted while it is active."
	pending := "LOCATION_HAS_PENDING_ORDERS locationId The location cannot be deleted while it has pending orders."
	for name, test := range map[string]struct {
		location Location
		waiting  int
		want     []string
	}{
		"inactive":            {Location{}, 0, nil},
		"active":              {Location{Active: true}, 0, []string{active}},
		"active, with orders": {Location{Active: true}, 2, []string{active, pending}},
		"with orders":         {Location{}, 1, []string{pending}},
		"of a service": {Location{ServiceID: 3}, 0, []string{
			"GENERIC_ERROR locationId The location belongs to a fulfillment service: it is deleted with the service."}},
	} {
		if diff := cmp.Diff(test.want, told(test.location.CheckDeletion(test.waiting)...)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	once := LocationDeletion{CommandID: "x"}
	if !once.Repeats("x") || once.Repeats("y") || (LocationDeletion{}).Repeats("") {
		t.Error("a deletion is known by its command ID, if it has one")
	}
}
