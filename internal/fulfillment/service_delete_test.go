package fulfillment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCheckDestination(t *testing.T) {
	t.Parallel()
	const present = "INVALID inventoryAction Inventory action Destination location id should not be present " +
		"when deleting/keeping the inventory of the fulfillment service."
	const invalid = "INVALID  Invalid destination location."
	const burn = `INVALID inventoryAction There is no inventory action "BURN".`
	own, foreign := &Location{ID: 5, Active: true}, &Location{ID: 7, Active: true, ServiceID: 3}
	deleted := &Location{ID: 8, Active: true, DeletedAt: new(time.Now())}
	to := func(id ID, action InventoryAction) ServiceDeletion {
		return ServiceDeletion{InventoryAction: action, DestinationLocationID: id}
	}
	for name, test := range map[string]struct {
		deletion    ServiceDeletion
		destination *Location
		want        []string
	}{
		"by default to the merchant's":   {to(5, ""), own, nil},
		"transfer to the merchant's":     {to(5, InventoryTransfer), own, nil},
		"transfer to nowhere":            {to(0, InventoryTransfer), nil, []string{invalid}},
		"by default to nowhere":          {to(404, ""), nil, []string{invalid}},
		"transfer to one out of use":     {to(6, ""), &Location{ID: 6}, []string{invalid}},
		"transfer to a service":          {to(7, ""), foreign, []string{invalid}},
		"transfer to a deleted location": {to(8, ""), deleted, []string{invalid}},
		"keep":                           {to(0, InventoryKeep), nil, nil},
		"keep, and somewhere":            {to(5, InventoryKeep), own, []string{present}},
		"delete":                         {to(0, InventoryDelete), nil, nil},
		"delete, and somewhere":          {to(404, InventoryDelete), nil, []string{present}},
		"something else":                 {to(5, "BURN"), own, []string{burn}},
	} {
		if diff := cmp.Diff(test.want, told(test.deletion.CheckDestination(test.destination))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestCheckUnused(t *testing.T) {
	t.Parallel()
	refusal := func(inUse string) []string {
		return []string{
			"SERVICE_IN_USE id Fulfillment service can't be deleted while it has fulfillment orders " +
				"that are not closed (" + inUse + "). Move, cancel or close them first.",
		}
	}
	for name, test := range map[string]struct {
		count int
		shown []ID
		want  []string
	}{
		"none":             {0, nil, nil},
		"one":              {1, []ID{11}, refusal("1: 11")},
		"as many as named": {5, []ID{11, 12, 13, 14, 15}, refusal("5: 11, 12, 13, 14, 15")},
		"more than named":  {6, []ID{11, 12, 13, 14, 15}, refusal("6: 11, 12, 13, 14, 15, …")},
	} {
		for _, action := range []InventoryAction{"", InventoryTransfer, InventoryKeep, InventoryDelete} {
			got := told(ServiceDeletion{InventoryAction: action}.CheckUnused(test.count, test.shown))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", name, diff)
			}
		}
	}
}

func TestDeletionRepeats(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		commandID, deletedBy string
		want                 bool
	}{{"one", "one", true}, {"one", "two", false}, {"", "", false}, {"one", "", false}} {
		if got := (ServiceDeletion{CommandID: test.commandID}).Repeats(test.deletedBy); got != test.want {
			t.Errorf("%q after %q: %v", test.commandID, test.deletedBy, got)
		}
	}
}
