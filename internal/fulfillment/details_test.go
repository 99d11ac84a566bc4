package fulfillment

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDetailsCaptureTheMoment: what is told of a transition later must not show a later state, so all of it is there.
func TestDetailsCaptureTheMoment(t *testing.T) {
	t.Parallel()
	detailsOf := func(t *testing.T, steps []Transition, kind Kind) *Details {
		t.Helper()
		for _, step := range steps {
			if step.Kind == kind {
				return step.Details
			}
		}
		t.Fatalf("there is no %s", kind)
		return nil
	}
	requireSibling := func(t *testing.T, d *Details, sibling *FulfillmentOrder) {
		t.Helper()
		if d.Sibling == nil || *d.Sibling != sibling.Summary() {
			t.Errorf("the sibling is %+v, want %+v", d.Sibling, sibling.Summary())
		}
	}

	t.Run("all_holds", func(t *testing.T) {
		t.Parallel()
		first := done(
			t, inState(ownLocation, StatusOpen, RequestUnsubmitted), &PlaceHold{Reason: HoldOther, Handle: "a"},
		)
		second := done(t, first.State, &PlaceHold{Reason: HoldAwaitingPayment, Handle: "b"})
		if diff := cmp.Diff(second.State.Holds, detailsOf(t, second.Transitions, KindHeld).Holds); diff != "" {
			t.Error(diff)
		}
		released := done(t, second.State, &ReleaseHold{HoldIDs: []ID{second.State.Holds[0].ID}})
		if diff := cmp.Diff(
			second.State.Holds[1:], detailsOf(t, released.Transitions, KindHoldReleased).Holds,
		); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("the_sibling_and_the_lines_asked_for", func(t *testing.T) {
		t.Parallel()
		lines := []Quantity{{11, 1}}
		for kind, test := range map[Kind]struct {
			fo  *FulfillmentOrder
			cmd Command
		}{
			KindHeld: {
				twoLines(ownLocation, StatusOpen, RequestUnsubmitted), &PlaceHold{Reason: HoldOther, Lines: lines},
			},
			KindSplit: {twoLines(ownLocation, StatusOpen, RequestUnsubmitted), &Split{Lines: lines}},
			KindRequested: {
				twoLines(peopleService, StatusOpen, RequestUnsubmitted), &SubmitFulfillmentRequest{Lines: lines},
			},
			KindMoved: {
				twoLines(ownLocation, StatusOpen, RequestUnsubmitted),
				&Move{NewLocationID: 9, Location: &AssignedLocation{LocationID: 9}, Lines: lines},
			},
		} {
			d := done(t, test.fo, test.cmd)
			details := detailsOf(t, d.Transitions, kind)
			requireSibling(t, details, d.Siblings[0])
			if diff := cmp.Diff(lines, details.Requested); diff != "" {
				t.Errorf("%s: %s", kind, diff)
			}
			created := d.SiblingTransitions[0].Details
			if created.SourceID != test.fo.ID {
				t.Errorf("%s: the sibling came from %d", kind, created.SourceID)
			}
			requireSibling(t, created, d.State)
		}
	})

	t.Run("no_lines_asked_for", func(t *testing.T) {
		t.Parallel()
		d := done(t, twoLines(peopleService, StatusOpen, RequestUnsubmitted), &SubmitFulfillmentRequest{})
		if details := detailsOf(t, d.Transitions, KindRequested); details.Requested != nil || details.Sibling != nil ||
			len(details.Lines) != 2 {
			t.Errorf("%+v", details)
		}
	})

	t.Run("the_replacement", func(t *testing.T) {
		t.Parallel()
		d := done(t, inState(ownLocation, StatusOpen, RequestUnsubmitted), &Cancel{})
		requireSibling(t, detailsOf(t, d.Transitions, KindCancelled), d.Siblings[0])
	})

	t.Run("the_merchants_request", func(t *testing.T) {
		t.Parallel()
		service := Meta{Actor: Actor{Role: RoleService, ServiceID: peopleService.ServiceID}}
		submitted := done(
			t, inState(peopleService, StatusOpen, RequestUnsubmitted), &SubmitFulfillmentRequest{Message: "Wrap it"},
		).State
		request := &submitted.MerchantRequests[0]
		for kind, cmd := range map[Kind]Command{
			KindAccepted:       &AcceptFulfillmentRequest{Meta: service},
			KindRejected:       &RejectFulfillmentRequest{Meta: service},
			KindCancelled:      &Cancel{},
			KindUnitsCancelled: &CancelUnits{WholeOrder: true},
		} {
			if diff := cmp.Diff(
				request, detailsOf(t, done(t, submitted, cmd).Transitions, kind).MerchantRequest,
			); diff != "" {
				t.Errorf("%s: %s", kind, diff)
			}
		}
		accepted := done(t, submitted, &AcceptFulfillmentRequest{Meta: service}).State
		stopping := done(t, accepted, &SubmitCancellationRequest{Message: "Stop"}).State
		request = &stopping.MerchantRequests[1]
		for kind, cmd := range map[Kind]Command{
			KindCancellationAccepted: &AcceptCancellationRequest{Meta: service},
			KindCancellationRejected: &RejectCancellationRequest{Meta: service},
		} {
			if diff := cmp.Diff(
				request, detailsOf(t, done(t, stopping, cmd).Transitions, kind).MerchantRequest,
			); diff != "" {
				t.Errorf("%s: %s", kind, diff)
			}
		}
		untouched := done(t, inState(ownLocation, StatusOpen, RequestUnsubmitted), &Cancel{})
		if got := detailsOf(t, untouched.Transitions, KindCancelled).MerchantRequest; got != nil {
			t.Errorf("nobody was asked, and %+v is withdrawn", got)
		}
	})

	t.Run("who_runs_the_location", func(t *testing.T) {
		t.Parallel()
		at := func(steps []Transition) (list []ID) {
			for _, step := range steps {
				id := ID(0)
				if step.Details != nil {
					id = step.Details.ServiceID
				}
				list = append(list, id)
			}
			return list
		}
		there := done(
			t, twoLines(peopleService, StatusOpen, RequestUnsubmitted), &Split{Lines: []Quantity{{11, 1}}},
		)
		service := peopleService.ServiceID
		if diff := cmp.Diff([][]ID{{service}, {service}}, [][]ID{at(there.Transitions), at(there.SiblingTransitions)}); diff != "" {
			t.Error(diff)
		}
		away := done(t, there.State, &Move{NewLocationID: ownLocation.LocationID, Location: &ownLocation})
		if diff := cmp.Diff([]ID{0}, at(away.Transitions)); diff != "" {
			t.Error(diff)
		}
		away = done(t, there.State, &Move{
			NewLocationID: ownLocation.LocationID, Location: &ownLocation, Lines: []Quantity{{12, 1}},
		})
		if diff := cmp.Diff([][]ID{{service}, {0}}, [][]ID{at(away.Transitions), at(away.SiblingTransitions)}); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("where_a_shipment_goes", func(t *testing.T) {
		t.Parallel()
		readdressed := but(
			inState(peopleService, StatusInProgress, RequestAccepted),
			func(fo *FulfillmentOrder) { fo.DestinationBefore = 3 },
		)
		service := Meta{Actor: Actor{Role: RoleService, ServiceID: peopleService.ServiceID}}
		shipped := done(t, readdressed, &CreateFulfillment{Meta: service})
		if got := detailsOf(t, shipped.Transitions, KindFulfilled).DestinationBefore; got != 3 {
			t.Errorf("it goes where the order went before update %d, want 3", got)
		}
	})

	t.Run("both_sides_of_a_merge", func(t *testing.T) {
		t.Parallel()
		a, b := openWith(1, 2), openWith(2, 3)
		d := jointly(
			t, &Merge{Inputs: []MergeInput{{Intents: []MergeIntent{{FulfillmentOrderID: 1}, {FulfillmentOrderID: 2}}}}},
			a, b,
		)
		for i, state := range d.States {
			other := d.States[1-i]
			for _, step := range d.Transitions {
				if step.FulfillmentOrderID == state.ID {
					requireSibling(t, step.Details, other)
				}
			}
		}
		details := detailsOf(t, d.Transitions, KindMerged)
		if diff := cmp.Diff([]Quantity{{b.Lines[0].ID, 3}}, details.SourceLines); diff != "" {
			t.Error(diff)
		}
	})
}
