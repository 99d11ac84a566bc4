package routing_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
	"packhorse/internal/routing"
)

func drawOrder(t *rapid.T) *fulfillment.Order {
	o := &fulfillment.Order{ID: 1, DeliveryMethod: fulfillment.DeliveryShipping}
	sku := rapid.SampledFrom([]string{"", "A", "B", "C", "D", "E"})
	for id := range rapid.IntRange(1, 8).Draw(t, "lines") {
		l := line(fulfillment.ID(id+1), sku.Draw(t, "SKU"))
		if rapid.IntRange(0, 4).Draw(t, "digital") == 0 {
			digital(&l)
		} else if rapid.IntRange(0, 3).Draw(t, "own method") == 0 {
			l.DeliveryMethod = rapid.SampledFrom(fulfillment.DeliveryMethodTypes[:2]).Draw(t, "method")
		}
		if rapid.IntRange(0, 4).Draw(t, "explicit") == 0 {
			l.LocationID = fulfillment.ID(rapid.IntRange(1, 5).Draw(t, "location"))
		}
		if hours := rapid.IntRange(-3, 2).Draw(t, "start"); hours > -3 {
			at(time.Duration(hours) * time.Hour)(&l)
		}
		if hours := rapid.IntRange(-2, 2).Draw(t, "deadline"); hours > -2 {
			by(time.Duration(hours) * time.Hour)(&l)
		}
		o.LineItems = append(o.LineItems, l)
	}
	return o
}

func drawPlaces(t *rapid.T) []fulfillment.Location {
	var places []fulfillment.Location
	for id := range rapid.IntRange(0, 5).Draw(t, "locations") {
		l := place(fulfillment.ID(id+1), "", priority(rapid.IntRange(0, 2).Draw(t, "priority")))
		l.SKUs = rapid.SliceOfDistinct(
			rapid.SampledFrom([]string{"A", "B", "C", "D"}), rapid.ID[string],
		).Draw(t, "SKUs")
		l.Active = rapid.IntRange(0, 5).Draw(t, "inactive") != 0
		l.Default = rapid.IntRange(0, 3).Draw(t, "default") == 0
		l.StocksAll = rapid.IntRange(0, 9).Draw(t, "stocks all") == 0
		places = append(places, l)
	}
	return places
}

// Every unit is assigned exactly once, to an active location that may have it, together only with units that belong
// with it; or the order is refused.
func TestRouteProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		order, places := drawOrder(t), drawPlaces(t)
		before, _ := json.Marshal([]any{order, places})
		assignments, err := routing.Route(order, places, now)
		if after, _ := json.Marshal([]any{order, places}); string(after) != string(before) {
			t.Fatal("routing changed its input")
		}
		if err != nil {
			if refused, ok := fulfillment.AsError(err); !ok || refused.Message == "" || len(refused.Field) < 2 {
				t.Fatalf("refused with %#v", err)
			}
			return
		}
		lines := map[fulfillment.ID]fulfillment.LineItem{}
		for _, l := range order.LineItems {
			lines[l.ID] = l
		}
		for _, a := range assignments {
			i := slices.IndexFunc(places, func(l fulfillment.Location) bool { return l.ID == a.Location.LocationID })
			if i < 0 || !places[i].Active || a.Location.Why == "" || len(a.Lines) == 0 {
				t.Fatalf("assigned %+v", a)
			}
			var earliest *time.Time
			for _, q := range a.Lines {
				l, ok := lines[q.ID]
				if !ok || q.Quantity != l.Quantity {
					t.Fatalf("%d units of line %d, which is assigned already or has %d", q.Quantity, q.ID, l.Quantity)
				}
				delete(lines, q.ID)
				if l.LocationID != 0 && l.LocationID != a.Location.LocationID {
					t.Fatalf("line %d asked for location %d and got %d", l.ID, l.LocationID, a.Location.LocationID)
				}
				stocked := places[i].StocksAll || l.SKU == "" || slices.Contains(places[i].SKUs, l.SKU)
				if !stocked && l.LocationID == 0 && l.Ships() && !places[i].Default {
					t.Fatalf(
						"line %d goes to location %d, which neither stocks it nor is the default", l.ID,
						a.Location.LocationID,
					)
				}
				if order.DeliveryMethodOf(l) != a.DeliveryMethod {
					t.Fatalf("line %d goes by %s", l.ID, a.DeliveryMethod)
				}
				later := l.FulfillAt != nil && l.FulfillAt.After(now)
				if later != (a.FulfillAt != nil) || later && !l.FulfillAt.Equal(*a.FulfillAt) {
					t.Fatalf("line %d is to start at %v, its assignment at %v", l.ID, l.FulfillAt, a.FulfillAt)
				}
				if l.FulfillBy != nil && (earliest == nil || l.FulfillBy.Before(*earliest)) {
					earliest = l.FulfillBy
				}
			}
			if diff := gocmp.Diff(earliest, a.FulfillBy); diff != "" {
				t.Fatalf("deadline: %s", diff)
			}
		}
		if len(lines) > 0 {
			t.Fatalf("not assigned: %v", lines)
		}
		if _, _, err := fulfillment.NewFulfillmentOrders(
			order, assignments, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(100)},
		); err != nil {
			t.Fatalf("no fulfillment orders come of it: %v", err)
		}
	})
}

// The sequence in which locations and lines are given decides nothing but the sequence of lines in an assignment.
func TestRouteDoesNotDependOnSequence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		order, places := drawOrder(t), drawPlaces(t)
		route := func() string {
			assignments, err := routing.Route(order, places, now)
			for _, a := range assignments {
				slices.SortFunc(a.Lines, func(a, b fulfillment.Quantity) int { return cmp.Compare(a.ID, b.ID) })
			}
			if refused, ok := fulfillment.AsError(err); ok { // It names lines by their place.
				return string(refused.Code)
			}
			return strings.Join(show(assignments), "\n")
		}
		want := route()
		places = rapid.Permutation(places).Draw(t, "permuted locations")
		order.LineItems = rapid.Permutation(order.LineItems).Draw(t, "permuted lines")
		if got := route(); got != want {
			t.Fatalf("%s\nbecame\n%s", want, got)
		}
	})
}

// When one location could ship everything, nobody gets two parcels: there is one assignment for each delivery method.
func TestRouteKeepsTogetherWhatCanBe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		order, places := drawOrder(t), drawPlaces(t)
		methods := map[fulfillment.DeliveryMethodType]bool{}
		for i := range order.LineItems {
			l := &order.LineItems[i]
			l.LocationID, l.FulfillAt, l.RequiresShipping = 0, nil, nil
			methods[order.DeliveryMethodOf(*l)] = true
		}
		places = append(
			places, place(9, "A B C D E", priority(rapid.IntRange(0, 3).Draw(t, "priority of the full one"))),
		)
		assignments, err := routing.Route(order, places, now)
		if err != nil || len(assignments) != len(methods) {
			t.Fatalf("%v, %v", show(assignments), err)
		}
	})
}

func BenchmarkRoute(b *testing.B) {
	order := &fulfillment.Order{ID: 1}
	var places []fulfillment.Location
	for i := range fulfillment.MaxLines {
		order.LineItems = append(order.LineItems, line(fulfillment.ID(i+1), fmt.Sprintf("SKU-%d", i)))
	}
	for i := range 50 {
		l := place(fulfillment.ID(i+1), "")
		for sku := i; sku < fulfillment.MaxLines; sku += 50 {
			l.SKUs = append(l.SKUs, fmt.Sprintf("SKU-%d", sku))
		}
		places = append(places, l)
	}
	for b.Loop() {
		if _, err := routing.Route(order, places, now); err != nil {
			b.Fatal(err)
		}
	}
}
