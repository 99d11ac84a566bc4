package fulfillment

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func merging(ids ...ID) *Merge { return &Merge{Inputs: []MergeInput{intents(ids...)}} }

func intents(ids ...ID) MergeInput {
	var in MergeInput
	for _, id := range ids {
		in.Intents = append(in.Intents, MergeIntent{FulfillmentOrderID: id})
	}
	return in
}

// TestMerge: the first keeps its ID and its line IDs and takes all units over; the others stay, closed and empty.
func TestMerge(t *testing.T) {
	t.Parallel()
	deadline := testTime.Add(time.Hour)
	first := but(openWith(1, 1, 2), func(fo *FulfillmentOrder) { fo.FulfillBy = &deadline })
	states := []*FulfillmentOrder{openWith(3, 0, 0, 4), first, openWith(2, 2), openWith(4, 1)}
	d := jointly(t, merging(1, 2, 3), states...)
	equal(t, "states", summary(d.States), "1 OPEN 11:3/3 12:2/2 1000:4/4; 2 CLOSED 21:0/0; 3 CLOSED 33:0/0")
	equal(t, "transitions", steps(d), "3#2 MERGED_AWAY; 1#2 MERGED; 1#3 MERGED; 2#2 MERGED_AWAY")
	want := Result{FulfillmentOrderID: 1, Sequence: 3, Status: StatusOpen, RequestStatus: RequestUnsubmitted}
	if len(d.Results) != 1 || d.Results[0] != want || len(d.New) > 0 {
		t.Errorf("answers %+v, new %v", d.Results, d.New)
	}
	into, away := d.States[0], d.States[1]
	if into.FulfillBy != &deadline || into.Lines[2].LineItemID != 903 || !slices.Equal(into.Supersedes, []ID{2, 3}) ||
		!slices.Equal(away.SupersededBy, []ID{1}) {
		t.Errorf("the one that stays: %+v, one that went: %+v", into, away)
	}
	if step := d.Transitions[2]; !slices.Equal(step.Topics, []string{TopicMerged}) || step.Verb != VerbMerge {
		t.Errorf("the merge: %+v", step)
	}
	for _, i := range []int{0, 1, 3} {
		if step := d.Transitions[i]; len(step.Topics) > 0 || step.Details.Intents != nil {
			t.Errorf("others hear of a merge once, with all that is merged, not by %+v", step)
		}
	}
	all := []MergeIntent{
		{1, []Quantity{{11, 1}, {12, 2}}}, {2, []Quantity{{21, 2}}}, {3, []Quantity{{33, 4}}},
	}
	if diff := cmp.Diff(all, d.Transitions[2].Details.Intents); diff != "" {
		t.Error(diff)
	}
	if away.SupportedActions(merchant) != nil || !away.Finished() {
		t.Error("the merged one lives on")
	}
}

// TestMergeOfParts: what is not named stays where it is.
func TestMergeOfParts(t *testing.T) {
	t.Parallel()
	d := jointly(t, &Merge{
		Inputs: []MergeInput{
			{[]MergeIntent{{1, []Quantity{{11, 1}}}, {2, []Quantity{{21, 2}, {22, 1}}}, {3, []Quantity{{31, 1}}}}},
		},
	},
		openWith(1, 2), openWith(2, 2, 2), openWith(3, 1))
	equal(t, "states", summary(d.States), "1 OPEN 11:5/5 1000:1/1; 2 OPEN 21:0/0 22:1/1; 3 CLOSED 31:0/0")
}

func TestMergeSeveral(t *testing.T) {
	t.Parallel()
	states := []*FulfillmentOrder{openWith(1, 1), openWith(2, 1), openWith(3, 1), openWith(4, 1), but(
		openWith(5, 1), func(fo *FulfillmentOrder) { fo.OrderID = 77 },
	),
		but(openWith(6, 1), func(fo *FulfillmentOrder) { fo.OrderID = 77 })}
	both := &Merge{Meta: Meta{CommandID: "x"}, Inputs: []MergeInput{intents(3, 4), intents(6, 5), intents(3, 1)}}
	d := jointly(t, both, states...)
	equal(
		t, "states", summary(d.States),
		"1 CLOSED 11:0/0; 3 OPEN 31:3/3; 4 CLOSED 41:0/0; 5 CLOSED 51:0/0; 6 OPEN 61:2/2",
	)
	if len(d.Results) != 3 || d.Results[0].FulfillmentOrderID != 3 || d.Results[1].FulfillmentOrderID != 6 ||
		d.Results[2].Sequence != 3 {
		t.Errorf("answers %+v", d.Results)
	}
	refusedJointly(
		t, &Merge{Inputs: []MergeInput{intents(3, 4), intents(4, 1)}}, states, CodeInvalidState,
		"Fulfillment order: 4 is currently not in a mergeable state.",
	)
}

// TestMergeRefusals: what the whole input says comes first, then what exists, then lines and amounts, then states.
func TestMergeRefusals(t *testing.T) {
	t.Parallel()
	const (
		zero    = "You must select at least one item to merge into a new fulfillment order."
		missing = "Fulfillment order does not exist."
		noLine  = "Fulfillment order line item does not exist."
		amount  = "Invalid fulfillment order line item quantity requested."
	)
	path := func(tail ...string) []string { return append([]string{"fulfillmentOrderMergeInputs"}, tail...) }
	states := []*FulfillmentOrder{openWith(1, 2), openWith(2, 2), but(
		inState(ownLocation, StatusOnHold, RequestUnsubmitted), func(fo *FulfillmentOrder) { fo.ID = 3 },
	),
		but(openWith(4, 2), func(fo *FulfillmentOrder) { fo.AssignedLocation = lyon }),
		but(openWith(5, 2), func(fo *FulfillmentOrder) { fo.OrderID = 77 }),
		but(openWith(6, 2), func(fo *FulfillmentOrder) { fo.DeliveryMethod = DeliveryPickUp }),
		but(partShipped(ownLocation), func(fo *FulfillmentOrder) { fo.ID, fo.Status = 7, StatusOpen }),
		but(inState(ownLocation, StatusClosed, RequestUnsubmitted), func(fo *FulfillmentOrder) { fo.ID = 8 })}
	notMergeable := func(id ID) string {
		return "Fulfillment order: " + id.String() + " is currently not in a mergeable state."
	}
	notTogether := func(id ID) string {
		return "Fulfillment order: " + id.String() +
			" can't be merged with 1: both must be of one order, at one location, with one delivery method."
	}
	some := func(id ID, lines ...Quantity) MergeIntent { return MergeIntent{id, lines} }
	for _, c := range []struct {
		rule    string
		inputs  []MergeInput
		code    Code
		message string
		field   []string
	}{
		{
			"zero units", []MergeInput{{[]MergeIntent{some(1, Quantity{11, 0}), some(2)}}}, CodeGreaterThan, zero,
			path("0", "mergeIntents", "0", "fulfillmentOrderLineItems", "0", "quantity"),
		},
		{"zero units further on, before anything else",
			[]MergeInput{intents(404, 3), {[]MergeIntent{some(1), some(2, Quantity{99, 1}, Quantity{21, -1})}}},
			CodeGreaterThan, zero, path("1", "mergeIntents", "1", "fulfillmentOrderLineItems", "1", "quantity")},
		{
			"a line twice", []MergeInput{{[]MergeIntent{some(1), some(2, Quantity{21, 1}, Quantity{21, 1})}}},
			CodeDuplicateLines, "must contain unique line item ids",
			path("0", "mergeIntents", "1", "fulfillmentOrderLineItems"),
		},
		{
			"only one", []MergeInput{intents(1, 2), intents(1)}, CodeInvalid,
			"A merge needs at least two fulfillment orders.", path("1", "mergeIntents"),
		},
		{
			"with itself", []MergeInput{intents(1, 1)}, CodeInvalid, "A merge can name a fulfillment order only once.",
			path("0", "mergeIntents"),
		},
		{
			"one twice", []MergeInput{intents(1, 2, 2)}, CodeInvalid, "A merge can name a fulfillment order only once.",
			path("0", "mergeIntents"),
		},
		{"not existing", []MergeInput{intents(1, 404)}, CodeNotFound, missing, nil},
		{
			"not existing, before lines and states",
			[]MergeInput{{[]MergeIntent{some(3, Quantity{99, 1}), some(2)}}, intents(1, 404)}, CodeNotFound, missing,
			nil,
		},
		{
			"unknown line", []MergeInput{{[]MergeIntent{some(1, Quantity{99, 1}), some(2)}}}, CodeLineItemNotFound,
			noLine, nil,
		},
		{
			"another one's line", []MergeInput{{[]MergeIntent{some(1), some(2, Quantity{11, 1})}}},
			CodeLineItemNotFound, noLine, nil,
		},
		{
			"unknown line, before the state", []MergeInput{{[]MergeIntent{some(3), some(2, Quantity{99, 1})}}},
			CodeLineItemNotFound, noLine, nil,
		},
		{
			"too many units", []MergeInput{{[]MergeIntent{some(1, Quantity{11, 999}), some(2)}}}, CodeInvalid, amount,
			nil,
		},
		{
			"too many units, before the state", []MergeInput{{[]MergeIntent{some(3), some(2, Quantity{21, 3})}}},
			CodeInvalid, amount, nil,
		},
		{"on hold", []MergeInput{intents(1, 3)}, CodeInvalidState, notMergeable(3), nil},
		{"on hold, first", []MergeInput{intents(3, 1)}, CodeInvalidState, notMergeable(3), nil},
		{"shipped in part", []MergeInput{intents(1, 7)}, CodeInvalidState, notMergeable(7), nil},
		{"closed", []MergeInput{intents(1, 8)}, CodeInvalidState, notMergeable(8), nil},
		{"at another location", []MergeInput{intents(1, 4)}, CodeInvalidState, notTogether(4), nil},
		{"of another order", []MergeInput{intents(1, 2, 5)}, CodeInvalidState, notTogether(5), nil},
		{"by another delivery method", []MergeInput{intents(1, 6)}, CodeInvalidState, notTogether(6), nil},
		{
			"one bad input spoils the good one", []MergeInput{intents(1, 2), intents(4, 3)}, CodeInvalidState,
			notMergeable(3), nil,
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			refusedJointly(t, &Merge{Inputs: c.inputs}, states, c.code, c.message, c.field...)
		})
	}
}

// TestMergeStates: only what is open, unsubmitted and untouched can be merged.
func TestMergeStates(t *testing.T) {
	t.Parallel()
	for state, build := range tableStates {
		other := build()
		peer := but(openWith(2, 2), func(fo *FulfillmentOrder) {
			fo.AssignedLocation, fo.DeliveryMethod = other.AssignedLocation, other.DeliveryMethod
		})
		want := state == "own OPEN" || state == "pick-up OPEN" || state == "service OPEN"
		for _, cmd := range []*Merge{merging(1, 2), merging(2, 1)} {
			_, err := DecideJointly(cmd, []*FulfillmentOrder{other, peer}, Env{Now: testTime, IDs: NewIDs(1000)})
			if e, refused := AsError(err); refused == want || refused &&
				e.Message != "Fulfillment order: 1 is currently not in a mergeable state." {
				t.Errorf("%s, %v: %v", state, cmd.Named(), err)
			}
		}
		if got := len(peer.MergeableWith([]*FulfillmentOrder{other, peer}, merchant)) == 1; got != want {
			t.Errorf("%s is listed: %v", state, got)
		}
		if got := len(other.MergeableWith([]*FulfillmentOrder{other, peer}, merchant)) == 1; got != want {
			t.Errorf("the peer of %s is listed: %v", state, got)
		}
	}
	service := Actor{Role: RoleService, ServiceID: peopleService.ServiceID}
	a, b := inState(peopleService, StatusOpen, RequestUnsubmitted), but(
		openWith(2, 2), func(fo *FulfillmentOrder) { fo.AssignedLocation = peopleService },
	)
	if got := a.MergeableWith([]*FulfillmentOrder{b}, service); got != nil {
		t.Errorf("a service may merge %v", got)
	}
	refusedJointly(
		t, sentBy(merging(1, 2), service), []*FulfillmentOrder{a, b}, CodeInvalidState,
		"Fulfillment order: 1 is currently not in a mergeable state.",
	)
}

// sentBy sends a joint command as this actor.
func sentBy(cmd Joint, by Actor) Joint {
	cmd.Envelope().Actor = by
	return cmd
}
