package fulfillment

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

// robots is the system of automatedService, as it tells its news.
var robots = Meta{
	Actor: Actor{Role: RoleService, App: automatedService.Provider, ServiceID: automatedService.ServiceID},
}

func outOfStock(handle string) *PlaceHold {
	return &PlaceHold{Meta: robots, Reason: HoldInventoryOutOfStock, ReasonNotes: "No cups", Handle: handle}
}

var atWork = []RequestStatus{RequestAccepted, RequestCancellationRequested, RequestCancellationRejected}

// working is what the service's system works on, in its state of the request.
func working(request RequestStatus) *FulfillmentOrder {
	fo := twoLines(automatedService, StatusInProgress, request)
	fo.RequestKey = EffectKey(1, 1)
	if request == RequestCancellationRequested {
		fo.Effects = []Effect{
			{Key: fo.RequestKey, Kind: EffectCancel, Status: EffectDue, Provider: automatedService.Provider},
		}
	}
	return fo
}

// TestAServiceReportsHolds: what it has accepted, and its system says it is held, has the hold beside the state that it
// had. It is heard of as a hold that was added and ended, never as an order that was put on hold.
func TestAServiceReportsHolds(t *testing.T) {
	t.Parallel()
	for _, request := range atWork {
		fo := working(request)
		d := done(t, fo, outOfStock("a"))
		h := d.State.Holds
		if len(h) != 1 || h[0].Reason != HoldInventoryOutOfStock || h[0].ReasonNotes != "No cups" ||
			h[0].Handle != "a" || h[0].HeldBy != robots.Actor || d.Result.HoldID != h[0].ID || !h[0].HeldAt.Equal(testTime) {
			t.Errorf("%s: holds %+v", request, h)
		}
		if !d.State.in(StatusInProgress, request) || len(d.Siblings) > 0 || kinds(d) != "HELD" ||
			!slices.Equal(d.Transitions[0].Topics, []string{TopicHoldAdded}) ||
			!reflect.DeepEqual(d.State.Effects, fo.Effects) {
			t.Errorf("%s: became %+v by %+v", request, d.State.Summary(), d.Transitions)
		}
		second := done(t, d.State, outOfStock("b"))
		refused(t, second.State, outOfStock("b"), CodeDuplicateHandle, "The handle provided for the fulfillment hold "+
			"is already in use by this app for another hold on this fulfillment order.", "fulfillmentHold", "handle")
		released := done(t, second.State, &ReleaseHold{Meta: robots, OwnOnly: true, Handles: []string{"a"}})
		last := done(t, released.State, &ReleaseHold{HoldIDs: []ID{second.Result.HoldID}})
		for _, r := range []*Decision{released, last} {
			if !r.State.in(StatusInProgress, request) || kinds(r) != "HOLD_RELEASED" ||
				!slices.Equal(r.Transitions[0].Topics, []string{TopicHoldEnded}) {
				t.Errorf("%s: released, it became %+v by %+v", request, r.State.Summary(), r.Transitions)
			}
		}
		if len(released.State.Holds) != 1 || released.State.Holds[0].Handle != "b" || last.State.Holds != nil {
			t.Errorf("%s: left are %+v, then %+v", request, released.State.Holds, last.State.Holds)
		}
	}
}

// TestOnlyItsSystemReports: everybody else is refused, as before and as in the source; and so is a part, or what nobody
// has accepted.
func TestOnlyItsSystemReports(t *testing.T) {
	t.Parallel()
	const inThisState = "Cannot place a hold on a fulfillment order in this state."
	for _, request := range atWork {
		for name, by := range map[string]Actor{
			"an operator":                 {},
			"the merchant":                merchant,
			"an app of the service":       {Role: RoleService, App: "handmade", ServiceID: automatedService.ServiceID},
			"an app called like a system": {Role: RoleMerchant, App: automatedService.Provider},
			"Packhorse":                   System,
		} {
			e := refused(t, working(request), &PlaceHold{Meta: Meta{Actor: by}, Reason: HoldOther}, CodeInvalidState,
				inThisState)
			if slices.Contains(e.SupportedActions, ActionHold) {
				t.Errorf("%s is offered a hold", name)
			}
		}
		part := outOfStock("a")
		part.Lines = []Quantity{{11, 1}}
		refused(t, working(request), part, CodeNotSplittable, "The fulfillment order is not in a splittable state.",
			"fulfillmentHold", "fulfillmentOrderLineItems")
		people := inState(peopleService, StatusInProgress, request)
		refused(t, people, &PlaceHold{Reason: HoldOther, Meta: Meta{Actor: Actor{
			Role: RoleService, App: ManualProvider, ServiceID: peopleService.ServiceID,
		}}}, CodeInvalidState, inThisState)
	}
	refused(t, inState(automatedService, StatusOpen, RequestSubmitted), outOfStock("a"), CodeInvalidState, inThisState)

	fo := working(RequestAccepted)
	for i := range 10 {
		fo = done(t, fo, outOfStock(fmt.Sprint(i))).State
	}
	refused(t, fo, outOfStock("more"), CodeHoldLimit, holdLimit, "id")
}

// TestRunsOfBeforeRefuseReports, so that their histories mean the same.
func TestRunsOfBeforeRefuseReports(t *testing.T) {
	t.Parallel()
	_, err := working(RequestAccepted).Decide(outOfStock("a"), Env{Now: testTime, IDs: NewIDs(1), NoReports: true})
	if e, ok := AsError(err); !ok || e.Code != CodeInvalidState {
		t.Errorf("ended with %v", err)
	}
}

// TestAReportForbidsNothing: whatever can be done without it can be done with it, and leads to the same; and what is
// refused stays refused.
func TestAReportForbidsNothing(t *testing.T) {
	t.Parallel()
	all := []Quantity{{11, 3}, {12, 2}}
	for _, request := range atWork {
		free := working(request)
		held := done(t, free, outOfStock("a")).State
		held.Recent = nil
		for _, row := range lifeTable {
			switch row.cmd.(type) {
			case *PlaceHold, *ReleaseHold:
				continue
			}
			sameLife(t, row.name, free, held, row.cmd)
		}
		sameLife(t, "ship all by name", free, held, &CreateFulfillment{Lines: all})
		for _, outcome := range outcomes {
			sameLife(t, "the system's "+string(outcome), free, held, &ProviderAnswer{
				Key: free.RequestKey, Outcome: outcome,
				Attachments: Attachments{Labels: []Label{{LabelURL: "https://labels.example/1"}}},
			})
		}
	}
}

// sameLife gives a command to the same fulfillment order without and with a report.
func sameLife(t *testing.T, name string, free, held *FulfillmentOrder, cmd Command) {
	t.Helper()
	want, wantErr := free.Decide(cmd, Env{Now: testTime, IDs: NewIDs(1000)})
	got, err := held.Decide(cmd, Env{Now: testTime, IDs: NewIDs(1000)})
	if wantErr != nil || err != nil {
		w, _ := AsError(wantErr)
		g, _ := AsError(err)
		if w == nil || g == nil || w.Message != g.Message {
			t.Errorf("%s: %v, held %v", name, wantErr, err)
		}
		return
	}
	steps := slices.DeleteFunc(slices.Clone(got.Transitions), func(step Transition) bool {
		return step.Kind == KindHoldReleased
	})
	if w, g := kinds(want), kinds(&Decision{Transitions: steps}); w != g {
		t.Errorf("%s: %s, held %s", name, w, g)
	}
	end, wantEnd := got.State.Summary(), want.State.Summary()
	if end.Holds != 0 && !got.State.WithService() || end.Holds == 0 && got.State.WithService() {
		t.Errorf("%s: it is %+v", name, end)
	}
	if end.Holds = 0; end != wantEnd || len(got.Siblings) != len(want.Siblings) {
		t.Errorf("%s: it became %+v, held %+v", name, wantEnd, end)
	}
	for _, s := range got.Siblings {
		if len(s.Holds) > 0 {
			t.Errorf("%s: a sibling has holds", name)
		}
	}
	if !reflect.DeepEqual(got.State.RequestAttachments, want.State.RequestAttachments) {
		t.Errorf("%s: attached is %+v, held %+v", name, want.State.RequestAttachments, got.State.RequestAttachments)
	}
}

// TestReportsEndWithTheWork: each with its own event, before the one that ends the work.
func TestReportsEndWithTheWork(t *testing.T) {
	t.Parallel()
	key := EffectKey(1, 1)
	for name, c := range map[string]struct {
		in   RequestStatus
		cmd  Command
		last Kind
		ends Status
	}{
		"shipped whole": {RequestAccepted, &CreateFulfillment{}, KindFulfilled, StatusClosed},
		"given up":      {RequestAccepted, &Close{}, KindIncomplete, StatusIncomplete},
		"stopped": {
			RequestCancellationRequested, &AcceptCancellationRequest{}, KindCancellationAccepted, StatusCancelled,
		},
		"not waited for": {RequestCancellationRequested, &Cancel{}, KindCancelled, StatusClosed},
		"stopped by its system": {
			RequestCancellationRequested, &ProviderAnswer{Key: key, Outcome: OutcomeAccepted}, KindCancellationAccepted,
			StatusCancelled,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fo := done(t, done(t, working(c.in), outOfStock("a")).State, outOfStock("b")).State
			d := done(t, fo, c.cmd)
			if want := "HOLD_RELEASED HOLD_RELEASED " + string(c.last); kinds(d) != want {
				t.Fatalf("%s, want %s", kinds(d), want)
			}
			for i, step := range d.Transitions[:2] {
				if !slices.Equal(step.Topics, []string{TopicHoldEnded}) || step.Details.Hold.Handle != fo.Holds[i].Handle ||
					len(step.Details.Holds) != 1-i || step.After.Holds != 1-i || step.After.Status != StatusInProgress {
					t.Errorf("release %d: %+v, %+v", i, step, step.Details)
				}
			}
			if d.State.Status != c.ends || d.State.Holds != nil {
				t.Errorf("it is %+v", d.State.Summary())
			}
		})
	}
	fo := done(t, working(RequestAccepted), outOfStock("a")).State
	some := done(t, fo, &CreateFulfillment{Lines: []Quantity{{11, 1}}})
	if kinds(some) != "FULFILLMENT_CREATED" || len(some.State.Holds) != 1 {
		t.Errorf("a part was shipped: %s, holds %+v", kinds(some), some.State.Holds)
	}
}

// TestReportsExpire when they say until when.
func TestReportsExpire(t *testing.T) {
	t.Parallel()
	hold := outOfStock("a")
	hold.ExpiresAt = new(testTime.Add(time.Hour))
	fo := done(t, working(RequestAccepted), hold).State
	if at, _, ok := fo.NextDeadline(); !ok || !at.Equal(*hold.ExpiresAt) {
		t.Errorf("the next deadline is %v, %v", at, ok)
	}
	d := doneAt(t, fo, &Tick{}, *hold.ExpiresAt)
	if kinds(d) != "HOLD_RELEASED" || !d.State.in(StatusInProgress, RequestAccepted) {
		t.Errorf("%s, and it is %+v", kinds(d), d.State.Summary())
	}
}

// TestReportsAreActedOn: whoever may release holds is told so.
func TestReportsAreActedOn(t *testing.T) {
	t.Parallel()
	fo := done(t, working(RequestAccepted), outOfStock("a")).State
	if got, want := joinedActions(fo.SupportedActions(merchant)), "REQUEST_CANCELLATION RELEASE_HOLD"; got != want {
		t.Errorf("the merchant may %q, want %q", got, want)
	}
}
