package fulfillment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestEditSetQuantity: the last quantity of a line counts, and a line of the edit's own can be taken out again.
func TestEditSetQuantity(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before EditChanges
		set    []Quantity
		want   EditChanges
	}{
		"the last one counts": {EditChanges{},
			[]Quantity{{ID: 1, Quantity: 4}, {ID: 2, Quantity: 0}, {ID: 1, Quantity: 3}},
			EditChanges{SetQuantities: []Quantity{{ID: 1, Quantity: 3}, {ID: 2, Quantity: 0}}}},
		"of a line that is added": {EditChanges{Add: []LineItem{{ID: 7, Quantity: 2}}},
			[]Quantity{{ID: 7, Quantity: 5}},
			EditChanges{Add: []LineItem{{ID: 7, Quantity: 5}}}},
		"none of a line that is added": {EditChanges{Add: []LineItem{{ID: 7}, {ID: 8}}}, []Quantity{{ID: 7}},
			EditChanges{Add: []LineItem{{ID: 8}}}},
	} {
		got := test.before
		for _, q := range test.set {
			got.SetQuantity(q)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// TestEditSessionCommand: each version of the changes is another command, and a committed session can't be changed.
func TestEditSessionCommand(t *testing.T) {
	t.Parallel()
	session := EditSession{ID: 3, OrderID: 9, Version: 6, Changes: EditChanges{SetQuantities: []Quantity{{ID: 1}}}}
	want := EditOrder{Meta: Meta{CommandID: "order-edit/3/6"}, OrderID: 9, SetQuantities: []Quantity{{ID: 1}}}
	if diff := cmp.Diff(want, session.Command()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if refused := session.CheckOpen(); refused != nil {
		t.Errorf("an open session: %v", refused)
	}
	session.CommittedAt = new(time.Now())
	const committed = "INVALID_STATE id The edit was committed: begin another one."
	if diff := cmp.Diff([]string{committed}, told(session.CheckOpen())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
