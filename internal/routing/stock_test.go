package routing_test

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/routing"
)

// TestRouteByStock: where a service has said how many units it has, that counts and not the location's list, for all
// lines of the order together.
func TestRouteByStock(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		levels map[string]int64
		want   fulfillment.ID
	}{
		"nothing said":      {nil, 1},
		"enough":            {map[string]int64{"A": 5}, 1},
		"not for all lines": {map[string]int64{"A": 4}, 2},
		"none":              {map[string]int64{"A": 0}, 2},
		"of another SKU":    {map[string]int64{"B": 0}, 1},
	} {
		places := []fulfillment.Location{
			{ID: 1, Active: true, StocksAll: true, ServiceID: 3, Levels: test.levels},
			{ID: 2, Active: true, StocksAll: true, Priority: 1},
		}
		order := &fulfillment.Order{LineItems: []fulfillment.LineItem{
			{ID: 11, Title: "A", SKU: "A", Quantity: 2}, {ID: 12, Title: "A", SKU: " A ", Quantity: 3},
			{ID: 13, Title: "A", SKU: "A", Quantity: 9, LocationID: 2},
		}}
		got, err := routing.Route(order, places, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if at := got[0].Location.LocationID; at != test.want {
			t.Errorf("%s: it goes to %d, want %d", what, at, test.want)
		}
	}
}
