package fulfillment

import (
	"testing"
	"time"
)

// heldInPart is a fulfillment order of which a part is held, and what the hold left out: the first keeps its ID.
func heldInPart(t *testing.T, fo *FulfillmentOrder, hold *PlaceHold) []*FulfillmentOrder {
	t.Helper()
	hold.Reason = HoldOther
	d, err := fo.Decide(hold, Env{Now: testTime, IDs: NewIDs(500)})
	if err != nil {
		t.Fatal(err)
	}
	return []*FulfillmentOrder{d.State, d.Siblings[0]}
}

func onlyFor(id ID, cmd Command) *Alone { return &Alone{FulfillmentOrderID: id, Command: cmd} }

// TestReleaseTakesTheRestBack: the held one has everything again, the rest is closed and empty.
func TestReleaseTakesTheRestBack(t *testing.T) {
	t.Parallel()
	states := heldInPart(t, openWith(1, 3, 2), &PlaceHold{Lines: []Quantity{{11, 1}}})
	equal(t, "held", summary(states), "1 ON_HOLD 11:1/1; 500 OPEN 501:2/2 502:2/2")
	release := &ReleaseHold{Meta: Meta{CommandID: "x"}}
	if !states[0].NeedsSiblings(release) {
		t.Error("it is released alone")
	}
	d := jointly(t, onlyFor(1, release), states...)
	equal(t, "released", summary(d.States), "1 OPEN 11:3/3 1000:2/2; 500 CLOSED 501:0/0 502:0/0")
	equal(t, "transitions", steps(d), "1#3 HOLD_RELEASED; 1#4 MERGED; 500#2 MERGED_AWAY")
	want := Result{FulfillmentOrderID: 1, Sequence: 4, Status: StatusOpen, RequestStatus: RequestUnsubmitted}
	if d.Results[0] != want {
		t.Errorf("answers %+v", d.Results)
	}
	if into := d.States[0]; into.HeldApart != 0 || len(into.Effects) > 0 || into.NeedsSiblings(release) {
		t.Errorf("something is still to be taken back: %+v", into)
	}
	if d.Transitions[0].CommandID != "" || d.Transitions[1].CommandID != "x" || d.Transitions[2].CommandID != "" {
		t.Error("the command ID stands elsewhere than on the last transition of the answer")
	}
}

// TestReleaseOfSomeHolds: as long as one stands, nothing comes back.
func TestReleaseOfSomeHolds(t *testing.T) {
	t.Parallel()
	states := heldInPart(t, openWith(1, 3), &PlaceHold{Lines: []Quantity{{11, 1}}})
	states[0] = done(t, states[0], &PlaceHold{Reason: HoldOther, Handle: "second"}).State
	d := jointly(t, onlyFor(1, &ReleaseHold{HoldIDs: []ID{states[0].Holds[0].ID}}), states...)
	equal(t, "one released", summary(d.States), "1 ON_HOLD 11:1/1")
	if d.States[0].HeldApart != 500 || len(d.States[0].Effects) > 0 {
		t.Errorf("held apart %d, effects %s", d.States[0].HeldApart, effects(d.States[0]))
	}
	d = jointly(t, onlyFor(1, &ReleaseHold{}), after(d, states...)...)
	equal(t, "all released", summary(d.States), "1 OPEN 11:3/3; 500 CLOSED 501:0/0")
}

// TestReleaseOfAPartlyShippedOne: what was shipped before the hold is no reason to stay apart.
func TestReleaseOfAPartlyShippedOne(t *testing.T) {
	t.Parallel()
	states := heldInPart(t, partShipped(ownLocation), &PlaceHold{Lines: []Quantity{{11, 1}}})
	d := jointly(t, onlyFor(1, &ReleaseHold{}), states...)
	equal(t, "released", summary(d.States), "1 OPEN 11:2/3; 500 CLOSED 501:0/0")
}

// TestReleaseAfterTheRestWentItsOwnWay: it stays apart, and that is noted once the effect is answered.
func TestReleaseAfterTheRestWentItsOwnWay(t *testing.T) {
	t.Parallel()
	for way, cmd := range map[string]Command{
		"shipped":         &CreateFulfillment{},
		"shipped in part": &CreateFulfillment{Lines: []Quantity{{501, 1}}},
		"held":            &PlaceHold{Reason: HoldOther},
		"moved":           &Move{Location: &lyon},
		"in progress":     &ReportProgress{},
		"cancelled":       &Cancel{},
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			states := heldInPart(t, openWith(1, 3), &PlaceHold{Lines: []Quantity{{11, 1}}})
			states[1] = done(t, states[1], cmd).State
			d := jointly(t, onlyFor(1, &ReleaseHold{}), states...)
			equal(t, "released", summary(d.States), "1 OPEN 11:1/1")
			fo := d.States[0]
			if effects(fo) != "FOLD:DUE" || fo.Effects[0].For != "500" || fo.Effects[0].Provider != "" ||
				len(fo.DueEffects()) != 1 {
				t.Fatalf("effects %+v", fo.Effects)
			}
			refusedJointly(
				t, &FoldBack{FulfillmentOrderID: 1, RestID: 500}, []*FulfillmentOrder{fo, states[1]}, CodeInvalidState,
				"What was not held went its own way: it stays apart.",
			)
			answered := done(
				t, fo, &ProviderAnswer{Meta: Meta{Actor: System}, Key: fo.Effects[0].Key, Outcome: OutcomeRejected},
			)
			if kinds(answered) != "STAYS_APART" || len(answered.State.Effects) > 0 ||
				answered.State.Status != StatusOpen {
				t.Errorf("answered: %s, effects %s", kinds(answered), effects(answered.State))
			}
		})
	}
}

// TestSplitOffOfTheRestStaysApart: only the rest itself comes back, not what was made of it.
func TestSplitOffOfTheRestStaysApart(t *testing.T) {
	t.Parallel()
	states := heldInPart(t, openWith(1, 3), &PlaceHold{Lines: []Quantity{{11, 1}}})
	split := jointly(t, &SplitEach{Splits: []SplitInput{{500, []Quantity{{501, 1}}}}}, states...)
	d := jointly(t, onlyFor(1, &ReleaseHold{}), after(split, states...)...)
	equal(t, "released", summary(d.States), "1 OPEN 11:2/2; 500 CLOSED 501:0/0")
}

// TestExpiredHoldTakesTheRestBack: a timer can't reach the sibling; the effect that it leaves does.
func TestExpiredHoldTakesTheRestBack(t *testing.T) {
	t.Parallel()
	expires := testTime.Add(time.Hour)
	states := heldInPart(t, openWith(1, 3), &PlaceHold{Lines: []Quantity{{11, 1}}, ExpiresAt: &expires})
	states[0] = doneAt(t, states[0], &Tick{}, expires).State
	fo := states[0]
	if fo.Status != StatusOpen || fo.HeldApart != 0 || effects(fo) != "FOLD:DUE" || fo.Effects[0].For != "500" {
		t.Fatalf("after the hold: %s, effects %+v", fo.Status, fo.Effects)
	}
	foldBack := &FoldBack{Meta: Meta{CommandID: fo.Effects[0].Key, Actor: System}, FulfillmentOrderID: 1, RestID: 500}
	d := jointly(t, foldBack, states...)
	equal(t, "taken back", summary(d.States), "1 OPEN 11:3/3; 500 CLOSED 501:0/0")
	if len(d.States[0].Effects) > 0 || d.Results[0].Sequence != d.States[0].Sequence {
		t.Errorf("effects %s, answers %+v", effects(d.States[0]), d.Results)
	}
	now := after(d, states...)
	if again := jointly(t, foldBack, now...); !again.Repeated || again.Results[0] != d.Results[0] {
		t.Errorf("once more: %+v", again)
	}
	// Merged by hand meanwhile, there is nothing left to do.
	if d := jointly(t, merging(1, 500), states...); effects(d.States[0]) != "" {
		t.Errorf("after a merge by hand: %s", effects(d.States[0]))
	}
}

// TestAcceptedCancellation: the units go to an open sibling at the location; without one, they stay.
func TestAcceptedCancellation(t *testing.T) {
	t.Parallel()
	asked := func() *FulfillmentOrder {
		return inState(peopleService, StatusInProgress, RequestCancellationRequested)
	}
	service := Actor{Role: RoleService, ServiceID: peopleService.ServiceID}
	accept := &AcceptCancellationRequest{Meta: Meta{CommandID: "x", Actor: service}}
	sibling := but(
		openWith(2, 1), func(fo *FulfillmentOrder) { fo.AssignedLocation, fo.Lines[0].LineItemID = peopleService, 21 },
	)
	if !asked().NeedsSiblings(accept) {
		t.Error("it is decided alone")
	}
	d := jointly(t, onlyFor(1, accept), asked(), sibling)
	equal(t, "with an open sibling", summary(d.States), "1 CLOSED 11:0/0; 2 OPEN 21:4/4")
	want := Result{FulfillmentOrderID: 1, Sequence: 3, Status: StatusClosed, RequestStatus: RequestCancellationAccepted}
	if d.Results[0] != want {
		t.Errorf("answers %+v", d.Results)
	}
	equal(t, "transitions", steps(d), "1#2 CANCELLATION_ACCEPTED; 1#3 MERGED_AWAY; 2#2 MERGED")
	if d.Transitions[0].CommandID != "" || d.Transitions[1].CommandID != "x" || d.Transitions[2].CommandID != "" {
		t.Error("the command ID stands elsewhere than on the last transition of the answer")
	}
	shipped := but(
		partShipped(peopleService), func(fo *FulfillmentOrder) { fo.RequestStatus = RequestCancellationRequested },
	)
	equal(
		t, "of what was shipped in part", summary(jointly(t, onlyFor(1, accept), shipped, sibling).States),
		"1 CLOSED 11:0/1; 2 OPEN 21:3/3",
	)
	replacing := &AcceptCancellationRequest{Meta: Meta{CommandID: "x", Actor: service}, Replace: true}
	equal(
		t, "with an open sibling, replaced or not", summary(jointly(t, onlyFor(1, replacing), asked(), sibling).States),
		summary(d.States),
	)
	alone := jointly(t, onlyFor(1, replacing), asked())
	equal(
		t, "replaced", steps(alone),
		"1#2 CANCELLATION_ACCEPTED; 1#3 MERGED_AWAY; "+alone.New[0].ID.String()+"#1 CREATED",
	)
	if old, fresh := alone.States[0], alone.New[0]; old.Status != StatusClosed ||
		old.RequestStatus != RequestCancellationAccepted || old.TotalUnits() != 0 ||
		len(old.Lines) == 0 || fresh.Status != StatusOpen || fresh.RequestStatus != RequestUnsubmitted ||
		fresh.RemainingUnits() != asked().RemainingUnits() {
		t.Errorf("replaced: %+v, %+v", old.Summary(), fresh.Summary())
	}
	cancelled := but(asked(), func(fo *FulfillmentOrder) { fo.OrderCancelled = true })
	equal(
		t, "of a cancelled order", summary(jointly(t, onlyFor(1, accept), cancelled, sibling).States),
		"1 CLOSED 11:0/0-3",
	)

	for why, other := range map[string]*FulfillmentOrder{
		"at another location": openWith(2, 1),
		"of another order":    but(sibling.Clone(), func(fo *FulfillmentOrder) { fo.OrderID = 77 }),
		"asked for itself": but(
			sibling.Clone(), func(fo *FulfillmentOrder) { fo.RequestStatus = RequestSubmitted },
		),
		"rejected":             but(sibling.Clone(), func(fo *FulfillmentOrder) { fo.RequestStatus = RequestRejected }),
		"shipped by other way": but(sibling.Clone(), func(fo *FulfillmentOrder) { fo.DeliveryMethod = DeliveryLocal }),
		"itself":               asked(),
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			states := []*FulfillmentOrder{asked()}
			if why != "itself" {
				states = append(states, other)
			}
			d := jointly(t, onlyFor(1, accept), states...)
			equal(t, "without an open sibling", summary(d.States), "1 CANCELLED 11:3/3")
		})
	}
	e := refusedJointly(t, onlyFor(1, &AcceptCancellationRequest{}), []*FulfillmentOrder{
		inState(peopleService, StatusInProgress, RequestAccepted), sibling,
	},
		CodeInvalidState, "Cannot accept cancellation request for the fulfillment order.")
	if e.Status != StatusInProgress {
		t.Errorf("the refusal does not say where it stands: %+v", e)
	}
}

// TestMoveOntoAnother: what is untouched at the new location and what moves there become one.
func TestMoveOntoAnother(t *testing.T) {
	t.Parallel()
	there := func(change func(*FulfillmentOrder)) *FulfillmentOrder {
		fo := openWith(2, 2)
		fo.AssignedLocation = lyon
		change(fo)
		return fo
	}
	plain := there(func(*FulfillmentOrder) {})
	move := &Move{NewLocationID: 99, Location: &lyon}
	part := &Move{NewLocationID: 99, Location: &lyon, Lines: []Quantity{{11, 1}}}

	d := jointly(t, onlyFor(1, move), openWith(1, 3), plain)
	equal(t, "whole", summary(d.States), "1 OPEN 11:5/5; 2 CLOSED 21:0/0")
	if r := d.Results[0]; r.FulfillmentOrderID != 1 || r.Sequence != 3 || r.SiblingID != 0 ||
		d.States[0].AssignedLocation != lyon {
		t.Errorf("answers %+v", d.Results)
	}
	d = jointly(t, onlyFor(1, part), openWith(1, 3), plain)
	equal(t, "a part", summary(d.States), "1 OPEN 11:2/2; 2 CLOSED 21:0/0; 1000 OPEN 1001:3/3")
	equal(t, "transitions", steps(d), "1#2 MOVED; 2#2 MERGED_AWAY; 1000#1 CREATED; 1000#2 MERGED")
	if r := d.Results[0]; r.SiblingID != 1000 || r.SiblingRole != SiblingMoved || r.Sequence != 2 {
		t.Errorf("answers %+v", d.Results)
	}
	two := []*FulfillmentOrder{openWith(1, 3), plain, there(func(fo *FulfillmentOrder) { fo.ID = 3 })}
	equal(
		t, "onto two", summary(jointly(t, onlyFor(1, move), two...).States),
		"1 OPEN 11:7/7; 2 CLOSED 21:0/0; 3 CLOSED 21:0/0",
	)

	for why, other := range map[string]*FulfillmentOrder{
		"held": there(func(fo *FulfillmentOrder) { fo.Status, fo.Holds = StatusOnHold, []Hold{{ID: 7}} }),
		"in progress": there(
			func(fo *FulfillmentOrder) { fo.Status, fo.ProgressReported = StatusInProgress, true },
		),
		"of another order": there(func(fo *FulfillmentOrder) { fo.OrderID = 77 }),
		"closed":           there(func(fo *FulfillmentOrder) { fo.Status = StatusClosed }),
		"at its location":  openWith(2, 2),
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			move, part := *move, *part // A joint command fills in what goes to each.
			equal(t, "whole", summary(jointly(t, onlyFor(1, &move), openWith(1, 3), other).States), "1 OPEN 11:3/3")
			equal(
				t, "a part", summary(jointly(t, onlyFor(1, &part), openWith(1, 3), other).States),
				"1 OPEN 11:2/2; 1000 OPEN 1001:1/1",
			)
		})
	}
	held := inState(ownLocation, StatusOnHold, RequestUnsubmitted)
	equal(
		t, "what is held moves by itself", summary(jointly(t, onlyFor(1, move), held, plain).States),
		"1 ON_HOLD 11:3/3",
	)
	refusedJointly(
		t, onlyFor(1, &Move{NewLocationID: 98}), []*FulfillmentOrder{openWith(1, 3), plain}, CodeLocationNotFound,
		"Location not found.", "id",
	)
}
