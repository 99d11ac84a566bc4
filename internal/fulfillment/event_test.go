package fulfillment

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	held := Transition{
		FulfillmentOrderID: 7, Sequence: 3, Kind: KindHeld, At: at, Topics: []string{TopicHoldAdded, TopicPlacedOnHold},
	}
	silent := Transition{FulfillmentOrderID: 7, Sequence: 4, Kind: KindDeadlineSet, At: at}
	created := &OrderTransition{OrderID: 1, Sequence: 1, Kind: OrderKindCreated, At: at}
	changed := &OrderTransition{OrderID: 1, Sequence: 2, Kind: OrderKindStatusChanged, At: at}
	for name, test := range map[string]struct {
		order       *OrderTransition
		transitions []Transition
		want        []string // topic or kind, and place
	}{
		"one_for_each_topic": {
			nil, []Transition{held},
			[]string{"fulfillment_holds/added 7 3.0", "fulfillment_orders/placed_on_hold 7 3.1"},
		},
		"one_for_a_transition_without_a_topic": {nil, []Transition{silent}, []string{" 7 4.0"}},
		"what_was_done_to_the_order_comes_first": {
			created, []Transition{silent}, []string{"orders/create 0 1.0", " 7 4.0"},
		},
		"a_status_comes_after_what_it_follows_of": {
			changed, []Transition{silent}, []string{" 7 4.0", "orders/updated 0 2.0"},
		},
		"none_for_nothing": {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, e := range Events(1, test.order, test.transitions) {
				got = append(
					got,
					strings.Join(
						[]string{
							e.Topic, e.FulfillmentOrderID.String(),
							ID(e.Sequence).String() + "." + ID(e.Position).String(),
						},
						" ",
					),
				)
				if e.OrderID != 1 || e.Version != EventVersion || !e.At.Equal(at) {
					t.Errorf("%+v", e)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEventsNameTheirCause: a transition carries its command's ID only if it is the command's last; its events all do.
func TestEventsNameTheirCause(t *testing.T) {
	t.Parallel()
	fo := inState(peopleService, StatusInProgress, RequestAccepted)
	two := &Close{Meta: Meta{CommandID: "close", Actor: Actor{Role: RoleService, ServiceID: peopleService.ServiceID}}}
	d := done(t, fo, two)
	tick := Transition{
		FulfillmentOrderID: fo.ID, Sequence: d.State.Sequence + 1, Kind: KindDeadlineMissed, Result: &Result{},
	}
	refused := Transition{
		FulfillmentOrderID: fo.ID, Sequence: d.State.Sequence + 2, Kind: KindRefused, CommandID: "signal",
	}
	first := d.Transitions[0]
	first.Sequence, first.CommandID, first.Result = d.Transitions[0].Sequence-1, "", nil
	steps := append([]Transition{first}, d.Transitions...)
	var got []string
	for _, e := range Events(1, nil, append(steps, tick, refused)) {
		got = append(got, e.CommandID)
	}
	if diff := cmp.Diff([]string{"close", "close", "", "signal"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestEventsOfAnOrderNameTheirCause: a status that changed does so by the command that moved it, and what an order's
// command does to its parts is caused by that.
func TestEventsOfAnOrderNameTheirCause(t *testing.T) {
	t.Parallel()
	made := []Transition{{FulfillmentOrderID: 7, Sequence: 1, Kind: KindCreated}}
	moved := []Transition{
		{FulfillmentOrderID: 7, Sequence: 2, Kind: KindDeadlineMissed, Result: &Result{}},
		{FulfillmentOrderID: 7, Sequence: 3, Kind: KindHeld, Verb: VerbHold, CommandID: "hold"},
	}
	changed := func(sequence int64) *OrderTransition {
		return &OrderTransition{OrderID: 1, Sequence: 2, Kind: OrderKindStatusChanged,
			Details: &OrderDetails{FulfillmentOrderID: 7, Sequence: sequence}}
	}
	type cause struct {
		kind, commandID string
		verb            Verb
	}
	for name, test := range map[string]struct {
		order *OrderTransition
		steps []Transition
		want  []cause
	}{
		"made": {&OrderTransition{OrderID: 1, Sequence: 1, Kind: OrderKindCreated, CommandID: "create"}, made,
			[]cause{{"CREATED", "create", ""}, {"CREATED", "create", ""}}},
		"moved by a command": {changed(3), moved,
			[]cause{{"DEADLINE_MISSED", "", ""}, {string(KindHeld), "hold", VerbHold}, {"STATUS_CHANGED", "hold", VerbHold}}},
		"moved by time": {changed(2), moved,
			[]cause{{"DEADLINE_MISSED", "", ""}, {string(KindHeld), "hold", VerbHold}, {"STATUS_CHANGED", "", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []cause
			for _, e := range Events(1, test.order, test.steps) {
				if e.Position == 0 {
					got = append(got, cause{e.Kind, e.CommandID, e.Verb})
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("the causes are %v, want %v", got, test.want)
			}
		})
	}
}

// TestEventJSON writes down what is on the wire: readers outside depend on it.
func TestEventJSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	step := Transition{
		FulfillmentOrderID: 7, Sequence: 3, Kind: KindSplit, Verb: VerbSplit, CommandID: "c",
		Fingerprint: "secret to no one, news to no one",
		Actor:       Actor{Role: RoleMerchant, App: "shop"}, At: at, Reason: "Split.", Topics: []string{TopicSplit},
		Result:  &Result{},
		Before:  State{Status: StatusOpen, RequestStatus: RequestUnsubmitted, LocationID: 11, Total: 3, Remaining: 3},
		After:   State{Status: StatusOpen, RequestStatus: RequestUnsubmitted, LocationID: 11, Total: 2, Remaining: 2},
		Details: &Details{Lines: []Quantity{{12, 1}}, SiblingID: 8},
	}
	order := &OrderTransition{OrderID: 1, Sequence: 2, Kind: OrderKindStatusChanged, At: at, Actor: System,
		Before:  &OrderStatuses{OrderUnfulfilled, OrderStatusNotFulfilled},
		After:   OrderStatuses{OrderFulfilled, OrderStatusShipped},
		Details: &OrderDetails{FulfillmentOrderID: 7, Sequence: 3}}
	events := Events(1, order, []Transition{step})
	for i, want := range []string{
		`{"version":2,"topic":"fulfillment_orders/split","orderId":"1","fulfillmentOrderId":"7","sequence":3,"position":0,"kind":"SPLIT",
		"at":"2026-01-05T10:00:00Z","command":"Split","commandId":"c","actor":{"role":"MERCHANT","app":"shop"},"reason":"Split.",
		"before":{"status":"OPEN","requestStatus":"UNSUBMITTED","locationId":"11","totalQuantity":3,"remainingQuantity":3},
		"after":{"status":"OPEN","requestStatus":"UNSUBMITTED","locationId":"11","totalQuantity":2,"remainingQuantity":2},
		"details":{"lineItems":[{"id":"12","quantity":1}],"siblingId":"8"}}`,
		`{"version":2,"topic":"orders/updated","orderId":"1","sequence":2,"position":0,"kind":"STATUS_CHANGED","at":"2026-01-05T10:00:00Z",
		"command":"Split","commandId":"c",
		"actor":{"role":"SYSTEM","app":"packhorse","name":"Packhorse"},"before":{"displayFulfillmentStatus":"UNFULFILLED","fulfillmentStatus":"not_fulfilled"},
		"after":{"displayFulfillmentStatus":"FULFILLED","fulfillmentStatus":"shipped"},"details":{"fulfillmentOrderId":"7","sequence":3}}`,
	} {
		got, err := json.Marshal(events[i])
		if err != nil {
			t.Fatal(err)
		}
		want = strings.NewReplacer("\n", "", "\t", "").Replace(want)
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Error(diff)
		}
	}
}
