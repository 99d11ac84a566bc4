package fulfillment

import "testing"

// TestSplitEach: each original keeps its ID and the rest, each part goes to a new one, in the order of the splits.
func TestSplitEach(t *testing.T) {
	t.Parallel()
	states := []*FulfillmentOrder{
		openWith(1, 3), but(openWith(2, 2, 1), func(fo *FulfillmentOrder) { fo.OrderID = 77 }), openWith(3, 1),
	}
	d := jointly(
		t,
		&SplitEach{
			Meta: Meta{CommandID: "x"}, Splits: []SplitInput{{2, []Quantity{{22, 1}}}, {1, []Quantity{{11, 2}}}},
		},
		states...,
	)
	equal(t, "states", summary(d.States), "1 OPEN 11:1/1; 2 OPEN 21:2/2; 1000 OPEN 1001:1/1; 1002 OPEN 1003:2/2")
	if len(d.New) != 2 || d.New[0].OrderID != 77 || d.New[1].OrderID != 2 {
		t.Errorf("new %s", summary(d.New))
	}
	if r := d.Results; len(r) != 2 || r[0].FulfillmentOrderID != 2 || r[0].SiblingID != 1000 ||
		r[1].FulfillmentOrderID != 1 || r[1].SiblingID != 1002 || r[1].SiblingRole != SiblingRemaining {
		t.Errorf("answers %+v", d.Results)
	}
	equal(t, "transitions", steps(d), "1#2 SPLIT; 2#2 SPLIT; 1000#1 CREATED; 1002#1 CREATED")
}

// TestSplitEachOfOneTwice: the second split goes on from what the first one left.
func TestSplitEachOfOneTwice(t *testing.T) {
	t.Parallel()
	twice := &SplitEach{Splits: []SplitInput{{1, []Quantity{{11, 1}}}, {1, []Quantity{{11, 1}}}}}
	d := jointly(t, twice, openWith(1, 3))
	equal(t, "states", summary(d.States), "1 OPEN 11:1/1; 1000 OPEN 1001:1/1; 1002 OPEN 1003:1/1")
	if d.Results[0].SiblingID != 1000 || d.Results[1].SiblingID != 1002 || d.Results[0].Sequence != 2 ||
		d.Results[1].Sequence != 3 {
		t.Errorf("answers %+v", d.Results)
	}
	refusedJointly(
		t, twice, []*FulfillmentOrder{openWith(1, 2)}, CodeInvalid,
		"Invalid fulfillment order line item quantity requested.",
	)
}

// TestSplitEachRefusals: what the whole input says comes before any state, and one bad entry spoils all.
func TestSplitEachRefusals(t *testing.T) {
	t.Parallel()
	const (
		zero   = "You must select at least one item to split into a new fulfillment order."
		amount = "Invalid fulfillment order line item quantity requested."
	)
	path := func(tail ...string) []string { return append([]string{"fulfillmentOrderSplits"}, tail...) }
	held := but(inState(ownLocation, StatusOnHold, RequestUnsubmitted), func(fo *FulfillmentOrder) { fo.ID = 3 })
	states := []*FulfillmentOrder{
		openWith(1, 3), but(openWith(2, 3), func(fo *FulfillmentOrder) { fo.OrderID = 77 }), held,
	}
	good := SplitInput{1, []Quantity{{11, 1}}}
	tooLong := SplitInput{FulfillmentOrderID: 2}
	for i := range ID(MaxLines) {
		tooLong.Lines = append(tooLong.Lines, Quantity{100 + i, 1})
	}
	for _, c := range []struct {
		rule    string
		splits  []SplitInput
		code    Code
		message string
		field   []string
	}{
		{
			"no lines", []SplitInput{good, {2, nil}}, CodeNoLineItemsToSplit,
			"There must be at least one item selected in this fulfillment to split it.",
			path("1", "fulfillmentOrderLineItems"),
		},
		{
			"no lines, of what does not exist", []SplitInput{{404, nil}}, CodeNoLineItemsToSplit,
			"There must be at least one item selected in this fulfillment to split it.",
			path("0", "fulfillmentOrderLineItems"),
		},
		{
			"zero units further on", []SplitInput{good, {404, []Quantity{{1, 1}}}, {3, []Quantity{{11, 1}, {12, 0}}}},
			CodeGreaterThan, zero, path("2", "fulfillmentOrderLineItems", "1", "quantity"),
		},
		{
			"a line twice", []SplitInput{good, {2, []Quantity{{21, 1}, {21, 1}}}}, CodeDuplicateLines,
			"must contain unique line item ids", path("1", "fulfillmentOrderLineItems"),
		},
		{
			"too many lines together", []SplitInput{good, tooLong}, CodeInvalid, "There may be up to 512 line items.",
			path(),
		},
		{
			"not existing, before states", []SplitInput{{3, []Quantity{{11, 1}}}, {404, []Quantity{{21, 1}}}},
			CodeNotFound, "Fulfillment order does not exist.", nil,
		},
		{
			"on hold", []SplitInput{good, {3, []Quantity{{11, 1}}}}, CodeInvalidState,
			"Fulfillment order: 3 is currently not in a splittable state.", nil,
		},
		{
			"unknown line", []SplitInput{good, {2, []Quantity{{11, 1}}}}, CodeLineItemNotFound,
			"Fulfillment order line item does not exist.", nil,
		},
		{"too many units, in another order", []SplitInput{good, {2, []Quantity{{21, 999}}}}, CodeInvalid, amount, nil},
		{"everything", []SplitInput{good, {2, []Quantity{{21, 3}}}}, CodeInvalid, amount, nil},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			refusedJointly(t, &SplitEach{Splits: c.splits}, states, c.code, c.message, c.field...)
		})
	}
}
