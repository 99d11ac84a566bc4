package fulfillment

import "testing"

// TestSplit: the original keeps its ID and the rest; a line that goes out whole disappears from it.
func TestSplit(t *testing.T) {
	t.Parallel()
	d := done(t, twoLines(ownLocation, StatusOpen, RequestUnsubmitted), &Split{Lines: []Quantity{{12, 2}, {11, 1}}})
	if amounts(d.State) != "11:2/2" || d.Siblings[0].ID != 1000 || amounts(d.Siblings[0]) != "1001:1/1 1002:2/2" ||
		d.Result.SiblingRole != SiblingRemaining {
		t.Errorf("original %s, sibling %d %s", amounts(d.State), d.Siblings[0].ID, amounts(d.Siblings[0]))
	}
}

func TestSplitKeepsCancelledUnitsOnRecord(t *testing.T) {
	t.Parallel()
	fo := done(
		t, twoLines(ownLocation, StatusOpen, RequestUnsubmitted), &CancelUnits{LineItems: []Quantity{{22, 1}}},
	).State
	if d := done(t, fo, &Split{Lines: []Quantity{{12, 1}}}); amounts(d.State) != "11:3/3 12:0/0-1" {
		t.Errorf("original %s", amounts(d.State))
	}
}

func TestSplitRefusals(t *testing.T) {
	t.Parallel()
	field := []string{"fulfillmentOrderSplits", "0", "fulfillmentOrderLineItems"}
	fo := twoLines(ownLocation, StatusOpen, RequestUnsubmitted)
	held := inState(ownLocation, StatusOnHold, RequestUnsubmitted)
	for _, c := range []struct {
		rule    string
		fo      *FulfillmentOrder
		lines   []Quantity
		code    Code
		message string
		field   []string
	}{
		{
			"nothing", fo, nil, CodeNoLineItemsToSplit,
			"There must be at least one item selected in this fulfillment to split it.", field,
		},
		{
			"zero units", fo, []Quantity{{11, 1}, {12, 0}}, CodeGreaterThan,
			"You must select at least one item to split into a new fulfillment order.", append(field, "1", "quantity"),
		},
		{
			"zero units, before the state", held, []Quantity{{11, -1}}, CodeGreaterThan,
			"You must select at least one item to split into a new fulfillment order.", append(field, "0", "quantity"),
		},
		{
			"everything", fo, []Quantity{{11, 3}, {12, 2}}, CodeInvalid,
			"Invalid fulfillment order line item quantity requested.", nil,
		},
		{
			"too many", fo, []Quantity{{11, 4}}, CodeInvalid, "Invalid fulfillment order line item quantity requested.",
			nil,
		},
		{
			"an unknown line", fo, []Quantity{{99, 1}}, CodeLineItemNotFound,
			"Fulfillment order line item does not exist.", nil,
		},
		{
			"on hold", held, []Quantity{{11, 1}}, CodeInvalidState,
			"Fulfillment order: 1 is currently not in a splittable state.", nil,
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			refused(t, c.fo, &Split{Lines: c.lines}, c.code, c.message, c.field...)
		})
	}
}
