package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// blame is one violation: of which assertion, and whom it names.
type blame struct {
	assertion   string
	orderID, id fulfillment.ID
}

// blames runs a check, and tells whom it blames, each once.
func blames(t *testing.T, from Sources, saw Witness) []blame {
	t.Helper()
	a := newAuditor(from)
	a.strict, a.batch = true, 2 // Most of what is wrong is to be found although orders are read apart from each other.
	report, err := a.run(t.Context(), saw, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []blame
	for _, a := range report.Assertions {
		if a.Checked == 0 {
			t.Errorf("%s: nothing was looked at", a.Name)
		}
		for _, v := range a.Violations {
			t.Logf("%s: order %d, fulfillment order %d: %s", a.Name, v.OrderID, v.FulfillmentOrderID, v.What)
			if b := (blame{a.Name, v.OrderID, v.FulfillmentOrderID}); !slices.Contains(all, b) {
				all = append(all, b)
			}
		}
	}
	return all
}

func requireBlames(t *testing.T, got []blame, want ...blame) {
	t.Helper()
	byText := func(a, b blame) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
	slices.SortFunc(got, byText)
	slices.SortFunc(want, byText)
	if !slices.Equal(got, want) {
		t.Errorf("the check blames\n%v\nwant\n%v", got, want)
	}
}

// TestCheck plays a handful of lives and finds nothing; then every assertion finds what was broken in a copy of the
// store, or what a caller claims to have been told, and nothing else.
func TestCheck(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := play(t, s)
	live := s.on(t, string(s.Settings.Database.URL))
	comesToRest(t, live)
	requireBlames(t, blames(t, live, s.saw))

	for _, of := range []fulfillment.ID{c.shippedOrder, 4711} {
		story, err := Story(t.Context(), live, of)
		if err != nil {
			t.Fatal(err)
		}
		if wants := []string{
			"FULFILLMENT_REQUESTED", "fulfillment-order/" + c.shipped.String(), "CREATE",
		}; of == c.shippedOrder {
			for _, want := range wants {
				if !strings.Contains(story, want) {
					t.Errorf("the story doesn't tell of %s:\n%s", want, story)
				}
			}
		}
	}

	frozen := s.frozen(t)
	for _, test := range breakages(c) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			saw := Witness{slices.Clone(s.saw.Orders), slices.Clone(s.saw.Commands)}
			saw.Orders = append(saw.Orders, test.saw.Orders...)
			saw.Commands = append(saw.Commands, test.saw.Commands...)
			requireBlames(t, blames(t, s.broken(t, frozen, test.sql...), saw), test.want...)
		})
	}
}
