package fulfillment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCheckDestination(t *testing.T) {
	t.Parallel()
	const present = "INVALID inventoryAction Inventory action Destination location id should not be present when deleting/keeping the inventory of the fulfillment service."
	const invalid = "INVALID  Invalid destination location."
	own := &Location{ID: 5, Active: true}
	for name, test := range map[string]struct {
		deletion    ServiceDeletion
		destination *Location
		want        []string
	}{
		"by default to the merchant's":   {ServiceDeletion{DestinationLocationID: 5}, own, nil},
		"transfer to the merchant's":     {ServiceDeletion{InventoryAction: InventoryTransfer, DestinationLocationID: 5}, own, nil},
		"transfer to nowhere":            {ServiceDeletion{InventoryAction: InventoryTransfer}, nil, []string{invalid}},
		"by default to nowhere":          {ServiceDeletion{DestinationLocationID: 404}, nil, []string{invalid}},
		"transfer to one out of use":     {ServiceDeletion{DestinationLocationID: 6}, &Location{ID: 6}, []string{invalid}},
		"transfer to a service":          {ServiceDeletion{DestinationLocationID: 7}, &Location{ID: 7, Active: true, ServiceID: 3}, []string{invalid}},
		"transfer to a deleted location": {ServiceDeletion{DestinationLocationID: 8}, &Location{ID: 8, Active: true, DeletedAt: new(time.Now())}, []string{invalid}},
		"keep":                           {ServiceDeletion{InventoryAction: InventoryKeep}, nil, nil},
		"keep, and somewhere":            {ServiceDeletion{InventoryAction: InventoryKeep, DestinationLocationID: 5}, own, []string{present}},
		"delete":                         {ServiceDeletion{InventoryAction: InventoryDelete}, nil, nil},
		"delete, and somewhere":          {ServiceDeletion{InventoryAction: InventoryDelete, DestinationLocationID: 404}, nil, []string{present}},
		"something else":                 {ServiceDeletion{InventoryAction: "BURN", DestinationLocationID: 5}, own, []string{`INVALID inventoryAction There is no inventory action "BURN".`}},
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
			"SERVICE_IN_USE id Fulfillment service can't be deleted while it has fulfillment orders that are not closed (" + inUse + "). Move, cancel or close them first.",
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
			if diff := cmp.Diff(test.want, told(ServiceDeletion{InventoryAction: action}.CheckUnused(test.count, test.shown))); diff != "" {
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
