package main

import (
	"encoding/json"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// parcel is a shipment of one unit of the lantern's fulfillment order 4711, which owns it, and two of 4721.
func parcel() *fakeBackend {
	f := lantern()
	home := f.fulfillmentOrders[0]
	home.Fulfillments[0].Parts = []fulfillment.ID{4721}
	part := home.Clone()
	part.ID, part.Holds, part.Status = 4721, nil, fulfillment.StatusClosed
	part.Lines = []fulfillment.Line{{ID: 4722, LineItemID: 12, Title: "Wick", Total: 2}}
	part.Fulfillments[0].Parts, part.Fulfillments[0].HomeID = nil, home.ID
	part.Fulfillments[0].DisplayStatus, part.Fulfillments[0].Tracking = fulfillment.DisplayFulfilled, nil
	part.Fulfillments[0].Lines = []fulfillment.FulfillmentLine{
		{ID: 4725, FulfillmentOrderLineID: 4722, LineItemID: 12, Quantity: 2},
	}
	f.fulfillmentOrders = append(f.fulfillmentOrders, part)
	return f
}

// words are those of the line that begins with the first of them.
func words(t *testing.T, text, first string) []string {
	t.Helper()
	var found [][]string
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] == first {
			found = append(found, fields)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d lines begin with %q:\n%s", len(found), first, text)
	}
	return found[0]
}

func TestShipmentFromSeveralFulfillmentOrders(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]struct{ row, with string }{
		"fulfillment-order show 4711": {"4714 #1001-F1 1 of 3 IN_TRANSIT", "shipped with #1001-2"},
		"fulfillment-order show 4721": {"4714 #1001-F1 2 of 3 IN_TRANSIT", "shipped with #1001-1"},
		"order show 1001":             {"4714 #1001-F1 3 IN_TRANSIT", ""},
	} {
		status, stdout, stderr := call(t, parcel(), "", strings.Fields(args)...)
		if status != statusDone {
			t.Fatalf("%s: status %d %s", args, status, stderr)
		}
		if row := strings.Join(words(t, stdout, "4714"), " "); !strings.HasPrefix(row, want.row) ||
			!strings.Contains(row, "DHL 0034") {
			t.Errorf("%s: the shipment is %q, want %q with its tracking", args, row, want.row)
		}
		if want.with != "" {
			if with := strings.Join(words(t, stdout, "shipped"), " "); with != want.with {
				t.Errorf("%s: %q, want %q", args, with, want.with)
			}
		}
	}
}

func TestPartOfAShipmentIsAsFarAsTheWhole(t *testing.T) {
	t.Parallel()
	_, stdout, _ := call(t, parcel(), "", "fulfillment-order", "show", "4721", "--output", "json")
	var page struct {
		Fulfillments []struct {
			HomeID        string                    `json:"homeId"`
			DisplayStatus fulfillment.DisplayStatus `json:"displayStatus"`
			Lines         []struct{ ID string }     `json:"fulfillmentLineItems"`
		}
	}
	if err := json.Unmarshal([]byte(stdout), &page); err != nil || len(page.Fulfillments) != 1 {
		t.Fatalf("%v %s", err, stdout)
	}
	if part := page.Fulfillments[0]; part.DisplayStatus != fulfillment.DisplayInTransit || part.HomeID != "4711" ||
		len(part.Lines) != 1 || part.Lines[0].ID != "4725" {
		t.Errorf("the part is %+v", part)
	}
}

func TestNameOfASharedShipmentIsItsOwners(t *testing.T) {
	t.Parallel()
	f := parcel()
	status, _, stderr := call(
		t, f, "", "fulfillment", "event", "#1001-F1", "--status", "DELIVERED", "--command-id", "c",
	)
	if status != statusDone || len(f.sent) != 1 || !strings.HasPrefix(f.sent[0], "RecordEvent 4711 ") {
		t.Errorf("status %d %s, sent %v", status, stderr, f.sent)
	}
}
