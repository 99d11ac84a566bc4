package fulfillment_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
)

// part is a fulfillment order with n units of line 11, made so many hours after the order.
func part(
	id fulfillment.ID, s fulfillment.Status, r fulfillment.RequestStatus, n, hours int,
) *fulfillment.FulfillmentOrder {
	return &fulfillment.FulfillmentOrder{ID: id, Status: s, RequestStatus: r, CreatedAt: orderTime.Add(
		time.Duration(hours) * time.Hour,
	),
		Lines: []fulfillment.Line{{ID: id + 100, LineItemID: 11, Title: "Mug", Total: n, Remaining: n}}}
}

// everyPart is one unit of line 11 in each state that a fulfillment order may be in.
func everyPart() []*fulfillment.FulfillmentOrder {
	return []*fulfillment.FulfillmentOrder{
		part(1, fulfillment.StatusOpen, fulfillment.RequestUnsubmitted, 1, 0),
		part(2, fulfillment.StatusOpen, fulfillment.RequestRejected, 1, 5),
		part(3, fulfillment.StatusOpen, fulfillment.RequestSubmitted, 1, 9),
		part(4, fulfillment.StatusScheduled, fulfillment.RequestUnsubmitted, 1, 1),
		part(5, fulfillment.StatusOnHold, fulfillment.RequestUnsubmitted, 1, 1),
		part(6, fulfillment.StatusIncomplete, fulfillment.RequestClosed, 1, 1),
		part(7, fulfillment.StatusCancelled, fulfillment.RequestCancellationAccepted, 1, 1),
		part(8, fulfillment.StatusInProgress, fulfillment.RequestUnsubmitted, 1, 1),
		part(9, fulfillment.StatusInProgress, fulfillment.RequestAccepted, 1, 1),
		part(10, fulfillment.StatusInProgress, fulfillment.RequestCancellationRequested, 1, 1),
		part(11, fulfillment.StatusInProgress, fulfillment.RequestCancellationRejected, 1, 1),
		part(12, fulfillment.StatusClosed, fulfillment.RequestUnsubmitted, 1, 1),
	}
}

func planEdit(fos []*fulfillment.FulfillmentOrder, edit fulfillment.EditOrder) (fulfillment.EditPlan, error) {
	lines := []fulfillment.LineItem{{ID: 11, Title: "Mug", Quantity: 20}, {ID: 12, Title: "Tea", Quantity: 2}}
	return fulfillment.PlanEdit(fulfillment.ViewOrder(false, fos), lines, fos, edit, fulfillment.NewIDs(500))
}

func set(id fulfillment.ID, n int) fulfillment.EditOrder {
	return fulfillment.EditOrder{SetQuantities: []fulfillment.Quantity{{ID: id, Quantity: n}}}
}

func TestPlanEditTakesUnitsWhereItDisturbsLeast(t *testing.T) {
	t.Parallel()
	// 11 units are live. The newest OPEN one first, nothing that a service was asked for.
	sequence := []fulfillment.ID{2, 1, 4, 5, 6, 7, 8}
	for n := 0; n <= len(sequence); n++ {
		plan, err := planEdit(everyPart(), set(11, 11-n))
		if err != nil {
			t.Fatal(err)
		}
		var want []fulfillment.EditCancel
		for _, id := range sequence[:n] {
			want = append(
				want,
				fulfillment.EditCancel{
					FulfillmentOrderID: id, LineItems: []fulfillment.Quantity{{ID: 11, Quantity: 1}},
				},
			)
		}
		if diff := cmp.Diff(want, plan.Cancel); diff != "" {
			t.Errorf("%d units fewer: %s", n, diff)
		}
	}
}

func TestPlanEditTakesTheNewestFirst(t *testing.T) {
	t.Parallel()
	open := func(id fulfillment.ID, n, hours int) *fulfillment.FulfillmentOrder {
		return part(id, fulfillment.StatusOpen, fulfillment.RequestUnsubmitted, n, hours)
	}
	plan, err := planEdit(
		[]*fulfillment.FulfillmentOrder{open(1, 5, 3), open(2, 2, 4), open(3, 2, 4), open(4, 5, 1)}, set(11, 9),
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []fulfillment.EditCancel{
		{3, []fulfillment.Quantity{{ID: 11, Quantity: 2}}}, {2, []fulfillment.Quantity{{ID: 11, Quantity: 2}}},
		{1, []fulfillment.Quantity{{ID: 11, Quantity: 1}}},
	}
	if diff := cmp.Diff(want, plan.Cancel); diff != "" {
		t.Error(diff)
	}
}

func TestPlanEditCompletesAddedLines(t *testing.T) {
	t.Parallel()
	fos := everyPart()
	plan, err := planEdit(
		fos,
		fulfillment.EditOrder{
			Add: []fulfillment.LineItem{{Title: "Book", Quantity: 1}, {ID: 500, Title: "Pen", Quantity: 2}},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	want := fulfillment.EditPlan{Add: []fulfillment.LineItem{
		{
			ID: 501, Title: "Book", Quantity: 1, RequiresShipping: &yes,
		}, {ID: 500, Title: "Pen", Quantity: 2, RequiresShipping: &yes}}}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Error(diff)
	}
	order := validOrder()
	added := order.With(plan.Add)
	if len(order.LineItems) != 3 || len(added.LineItems) != 2 || added.ID != order.ID {
		t.Errorf("With changed the order to %+v or made %+v", order, added)
	}
}

func TestPlanEditRefuses(t *testing.T) {
	t.Parallel()
	add := func(lines ...fulfillment.LineItem) fulfillment.EditOrder { return fulfillment.EditOrder{Add: lines} }
	for name, c := range map[string]struct {
		edit    fulfillment.EditOrder
		message string
	}{
		"nothing": {fulfillment.EditOrder{}, "An order edit needs lines to add or quantities to set."},
		"more than a line may have": {
			set(11, 1_000_001), "setQuantities[0].quantity: must be at most 1000000 (is 1000001)",
		},
		"too many": {
			set(11, 2),
			`setQuantities[0].quantity: 7 of "Mug" can be cancelled, not 9: the rest is shipped, or requested from a service`,
		},
		"negative": {set(11, -1), "setQuantities[0].quantity: must be at least 0 (is -1)"},
		"no line":  {set(99, 1), "setQuantities[0].id: the order has no line 99"},
		"line twice": {
			fulfillment.EditOrder{SetQuantities: []fulfillment.Quantity{{ID: 11, Quantity: 10}, {ID: 11, Quantity: 9}}},
			"setQuantities[1].id: line 11 is there twice",
		},
		"taken ID": {
			add(fulfillment.LineItem{ID: 12, Title: "x", Quantity: 1}),
			"add[0].id: 12 is already the ID of a line of this order",
		},
		"added empty": {add(fulfillment.LineItem{Title: "x"}), "add[0].quantity: must be at least 1 (is 0)"},
		"too long": {
			add(make([]fulfillment.LineItem, 511)...), "add: an order has at most 512 lines (would have 513)",
		},
		"all or nothing": {fulfillment.EditOrder{
			Add:           []fulfillment.LineItem{{Quantity: 1}},
			SetQuantities: []fulfillment.Quantity{{ID: 11, Quantity: 10}, {ID: 99}},
		},
			"add[0].title: must not be empty; setQuantities[1].id: the order has no line 99"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan, err := planEdit(everyPart(), c.edit)
			refused, ok := fulfillment.AsError(err)
			if !ok || refused.Code != fulfillment.CodeInvalid || refused.Message != c.message {
				t.Errorf("got %v\nwant %s", err, c.message)
			}
			if plan.Add != nil || plan.Raise != nil || plan.Cancel != nil {
				t.Errorf("a refused edit has the plan %+v", plan)
			}
		})
	}
	t.Run("cancelled order", func(t *testing.T) {
		t.Parallel()
		_, err := fulfillment.PlanEdit(
			fulfillment.OrderView{Cancelled: true}, nil, nil, set(11, 1), fulfillment.NewIDs(1),
		)
		if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeOrderCancelled {
			t.Errorf("got %v", err)
		}
	})
}

// A raised quantity becomes units beside those that are there, also where an edit had taken the line out; whoever
// stages it is told the same.
func TestPlanEditRaises(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  fulfillment.Quantity
		want []fulfillment.LineItem
	}{
		"three more":         {fulfillment.Quantity{ID: 11, Quantity: 14}, []fulfillment.LineItem{{ID: 11, Title: "Mug", Quantity: 3}}},
		"a line that is out": {fulfillment.Quantity{ID: 12, Quantity: 2}, []fulfillment.LineItem{{ID: 12, Title: "Tea", Quantity: 2}}},
		"as many as now":     {fulfillment.Quantity{ID: 11, Quantity: 11}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fos := everyPart()
			plan, err := planEdit(fos, fulfillment.EditOrder{SetQuantities: []fulfillment.Quantity{c.set}})
			if err != nil || plan.Cancel != nil {
				t.Fatalf("%+v, %v", plan, err)
			}
			if diff := cmp.Diff(c.want, plan.Raise); diff != "" {
				t.Error(diff)
			}
			lines := []fulfillment.LineItem{{ID: 11, Title: "Mug", Quantity: 20}, {ID: 12, Title: "Tea", Quantity: 2}}
			staged, refused := fulfillment.CheckQuantity(fulfillment.ViewOrder(false, fos), lines, fos, c.set)
			if diff := cmp.Diff(c.want, staged); refused != nil || diff != "" {
				t.Errorf("staged: %v, %s", refused, diff)
			}
		})
	}
	both, err := planEdit(everyPart(), fulfillment.EditOrder{
		Add: []fulfillment.LineItem{{Title: "Pen", Quantity: 1}}, SetQuantities: []fulfillment.Quantity{{ID: 11, Quantity: 12}},
	})
	if routed := both.Routed(); err != nil || len(routed) != 2 || routed[0].Title != "Pen" || routed[1].ID != 11 ||
		routed[1].Quantity != 1 {
		t.Errorf("added and raised: %+v, %v", routed, err)
	}
}

// What can't be done is refused when it is staged, in words of the arguments.
// TestCancellableUnits: what is said to be free can be taken out, and not one unit more.
func TestCancellableUnits(t *testing.T) {
	t.Parallel()
	const live = 11
	for n := range everyPart() {
		fos := everyPart()[n:]
		free, there := fulfillment.CancellableUnits(fos)[11], min(live, len(fos)-1)
		if _, err := planEdit(fos, set(11, there-free)); err != nil {
			t.Errorf("without the first %d, %d of %d are free: %v", n, free, there, err)
		}
		if _, err := planEdit(fos, set(11, there-free-1)); err == nil {
			t.Errorf("without the first %d, more than %d of %d are free", n, free, there)
		}
	}
}

func TestCheckQuantityRefuses(t *testing.T) {
	t.Parallel()
	lines := []fulfillment.LineItem{{ID: 11, Title: "Mug", Quantity: 20}}
	for want, q := range map[string]fulfillment.Quantity{
		"lineItemId: The line item does not exist on the order.": {ID: 99, Quantity: 1},
		"quantity: must be at least 0 (is -1)":                   {ID: 11, Quantity: -1},
		"quantity: must be at most 1000000 (is 1000001)":         {ID: 11, Quantity: 1_000_001},
		`quantity: 7 of "Mug" can be cancelled, not 9: the rest is shipped, or requested from a service`: {
			ID: 11, Quantity: 2},
	} {
		fos := everyPart()
		_, refused := fulfillment.CheckQuantity(fulfillment.ViewOrder(false, fos), lines, fos, q)
		if refused == nil || strings.Join(refused.Field, ".")+": "+refused.Message != want {
			t.Errorf("%+v: %+v, want %s", q, refused, want)
		}
	}
}

// A plan takes exactly the units that the edit lowers, none that a fulfillment order doesn't have, and nothing at all
// when it is planned again after it was carried out.
func TestPlanEditProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var fos []*fulfillment.FulfillmentOrder
		free := 0 // Units that the fulfillment orders themselves would give up.
		for _, fo := range everyPart() {
			fo.Lines[0].Total = rapid.IntRange(0, 3).Draw(t, "units")
			fo.Lines[0].Remaining = fo.Lines[0].Total
			fos = append(fos, fo)
			if _, err := fo.Decide(
				&fulfillment.CancelUnits{LineItems: []fulfillment.Quantity{{ID: 11, Quantity: 1}}},
				fulfillment.Env{Now: orderTime},
			); err == nil {
				free += fo.Lines[0].Remaining
			}
		}
		before, _ := json.Marshal(fos)
		view := fulfillment.ViewOrder(false, fos)
		ordered := view.Lines[0].Ordered
		wanted := rapid.IntRange(0, ordered+3).Draw(t, "wanted")
		plan, err := planEdit(fos, set(11, wanted))
		if (err == nil) != (ordered-wanted <= free) {
			t.Fatalf("%d units fewer, of which %d are free: %v", ordered-wanted, free, err)
		}
		if after, _ := json.Marshal(fos); string(after) != string(before) {
			t.Fatal("planning changed a fulfillment order")
		}
		if err != nil {
			return
		}
		for _, cancel := range plan.Cancel {
			for _, fo := range fos {
				if fo.ID == cancel.FulfillmentOrderID {
					l := &fo.Lines[0]
					if n := cancel.LineItems[0].Quantity; n < 1 || n > l.Remaining {
						t.Fatalf("%d units are taken of %d", n, l.Remaining)
					}
					l.Cancelled += cancel.LineItems[0].Quantity
					l.Total -= cancel.LineItems[0].Quantity
					l.Remaining -= cancel.LineItems[0].Quantity
				}
			}
		}
		more := max(0, wanted-ordered)
		for _, l := range plan.Raise {
			fos = append(fos, part(50, fulfillment.StatusOpen, fulfillment.RequestUnsubmitted, l.Quantity, 20))
		}
		now := fulfillment.ViewOrder(false, fos).Lines[0]
		if now.Ordered != ordered+more || now.Ordered-now.Cancelled != wanted {
			t.Fatalf("ordered %d and wanted %d became %+v", ordered, wanted, now)
		}
		if again, err := planEdit(fos, set(11, wanted)); err != nil || again.Cancel != nil || again.Raise != nil {
			t.Fatalf("planned again: %+v, %v", again, err)
		}
	})
}
