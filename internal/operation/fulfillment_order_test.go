package operation

import (
	"slices"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// warehouse is a system with fulfillment orders 1 and 2 of order 100 at the merchant's location, and 3 at service 9,
// which has shipment 30.
func warehouse() (*system, FulfillmentOrders) {
	s := &system{fulfillmentOrders: map[fulfillment.ID]*fulfillment.FulfillmentOrder{}}
	for id, service := range map[fulfillment.ID]fulfillment.ID{1: 0, 2: 0, 3: 9} {
		s.fulfillmentOrders[id] = &fulfillment.FulfillmentOrder{
			ID: id, OrderID: 100, AssignedLocation: fulfillment.AssignedLocation{ServiceID: service},
		}
	}
	s.fulfillmentOrders[3].Fulfillments = []fulfillment.Fulfillment{{ID: 30}}
	return s, FulfillmentOrders{Store: s, Commands: s}
}

func TestSend(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		id     fulfillment.ID
		cmd    fulfillment.Command
		scopes []access.Scope
		told   string // "": nothing
		denied bool
		code   fulfillment.Code
	}{
		"merchant_at_own_location": {
			1, &fulfillment.PlaceHold{}, []access.Scope{access.WriteMerchantManaged}, `Hold 1 by MERCHANT as ""`, false,
			"",
		},
		"service_at_own_location": {3, &fulfillment.AcceptFulfillmentRequest{}, []access.Scope{access.WriteAssigned},
			`AcceptFulfillmentRequest 3 by SERVICE as ""`, false, ""},
		"command_id_of_the_caller_stays": {
			1, &fulfillment.Cancel{Meta: fulfillment.Meta{CommandID: "mine"}},
			[]access.Scope{access.WriteMerchantManaged},
			`Cancel 1 by MERCHANT as "mine"`, false, ""},
		"what_the_caller_sees_and_may_not_change": {
			3, &fulfillment.PlaceHold{}, []access.Scope{access.WriteMerchantManaged, access.ReadThirdParty}, "", true, "",
		},
		"what_the_caller_may_not_see_is_unknown": {
			3, &fulfillment.PlaceHold{}, []access.Scope{access.WriteMerchantManaged}, "", false,
			fulfillment.CodeNotFound,
		},
		"no_scope_is_told_before_the_id": {
			77, &fulfillment.PlaceHold{}, []access.Scope{access.ReadOrders}, "", true, "",
		},
		"unknown_fulfillment_order": {
			77, &fulfillment.PlaceHold{}, []access.Scope{access.WriteMerchantManaged}, "", false,
			fulfillment.CodeNotFound,
		},
		"no_fulfillment_order": {
			0, &fulfillment.PlaceHold{}, []access.Scope{access.WriteMerchantManaged}, "", false,
			fulfillment.CodeNotFound,
		},
		"follow_ups_are_sent_by_no_caller": {1, &fulfillment.CancelUnits{}, access.Scopes(), "", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, o := warehouse()
			_, err := o.Send(as(t, test.scopes...), test.id, test.cmd)
			if isDenied(err) != test.denied || codeOf(err) != test.code {
				t.Errorf("got %v", err)
			}
			want := []string{test.told}
			if test.told == "" {
				want = nil
			}
			if !slices.Equal(s.told, want) {
				t.Errorf("told %q, want %q", s.told, want)
			}
		})
	}

	t.Run("under_a_key", func(t *testing.T) {
		t.Parallel()
		s, o := warehouse()
		ctx := WithKey(as(t, access.WriteMerchantManaged), Key{App: 5, Name: "k", Field: "hold"})
		_, err := o.Send(ctx, 1, &fulfillment.PlaceHold{})
		if err != nil || !slices.Equal(s.told, []string{`Hold 1 by MERCHANT as "5/k/hold"`}) {
			t.Errorf("told %q, %v", s.told, err)
		}
	})

	t.Run("nobody_has_no_rights", func(t *testing.T) {
		t.Parallel()
		s, o := warehouse()
		if _, err := o.Send(t.Context(), 1, &fulfillment.PlaceHold{}); !isDenied(err) || s.told != nil {
			t.Errorf("told %q, %v", s.told, err)
		}
	})
}

func TestSendJointly(t *testing.T) {
	t.Parallel()
	deadlines := func(ids ...fulfillment.ID) fulfillment.Joint {
		return &fulfillment.SetDeadlines{FulfillmentOrderIDs: ids}
	}
	reroute := func(ids ...fulfillment.ID) fulfillment.Joint { return &fulfillment.Reroute{FulfillmentOrderIDs: ids} }
	for name, test := range map[string]struct {
		cmd    fulfillment.Joint
		scopes []access.Scope
		told   []string
		denied bool
		code   fulfillment.Code
	}{
		"all_are_there": {
			reroute(1, 2), []access.Scope{access.WriteMerchantManaged},
			[]string{`Reroute of order 100 [1 2] by MERCHANT as ""`}, false, "",
		},
		"only_some_are_there": {reroute(77, 2), []access.Scope{access.WriteMerchantManaged}, nil, false,
			fulfillment.CodeNotFound},
		"deadlines_pass_over_the_rest": {deadlines(77, 2), []access.Scope{access.WriteMerchantManaged},
			[]string{`SetDeadline of order 100 [2] by MERCHANT as ""`}, false, ""},
		"none_is_there": {
			deadlines(77), []access.Scope{access.WriteMerchantManaged}, nil, false, fulfillment.CodeNotFound,
		},
		"none_is_named": {
			reroute(), []access.Scope{access.WriteMerchantManaged}, nil, false, fulfillment.CodeNoFulfillmentOrderIDs,
		},
		"one_is_not_for_the_caller": {
			reroute(1, 3), []access.Scope{access.WriteMerchantManaged, access.ReadThirdParty}, nil, true, "",
		},
		"one_the_caller_may_not_see": {
			reroute(1, 3), []access.Scope{access.WriteMerchantManaged}, nil, false, fulfillment.CodeNotFound,
		},
		"deadlines_are_not_set_on_what_the_caller_may_not_see": {
			deadlines(3, 77, 2), []access.Scope{access.WriteMerchantManaged},
			[]string{`SetDeadline of order 100 [2] by MERCHANT as ""`}, false, "",
		},
		"no_scope_is_told_before_that": {reroute(77), []access.Scope{access.ReadOrders}, nil, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, o := warehouse()
			_, err := o.SendJointly(as(t, test.scopes...), test.cmd)
			if isDenied(err) != test.denied || codeOf(err) != test.code || !slices.Equal(s.told, test.told) {
				t.Errorf("told %q, %v", s.told, err)
			}
		})
	}
}

// What concerns one fulfillment order goes to it, what concerns several to their order; and so does what names one that
// is not there, because the refusal has another place then.
func TestSingleOrJoint(t *testing.T) {
	t.Parallel()
	split := func(ids ...fulfillment.ID) func(*testing.T, FulfillmentOrders) error {
		return func(t *testing.T, o FulfillmentOrders) error {
			cmd := &fulfillment.SplitEach{}
			for _, id := range ids {
				cmd.Splits = append(cmd.Splits, fulfillment.SplitInput{FulfillmentOrderID: id})
			}
			_, err := o.SplitEach(as(t, access.Scopes()...), cmd)
			return err
		}
	}
	ship := func(ids ...fulfillment.ID) func(*testing.T, FulfillmentOrders) error {
		return func(t *testing.T, o FulfillmentOrders) error {
			cmd := &fulfillment.Ship{}
			for _, id := range ids {
				cmd.Groups = append(cmd.Groups, fulfillment.ShipGroup{FulfillmentOrderID: id})
			}
			_, err := o.Ship(as(t, access.Scopes()...), cmd)
			return err
		}
	}
	for name, test := range map[string]struct {
		do   func(*testing.T, FulfillmentOrders) error
		told []string
	}{
		"split_one":     {split(1), []string{`Split 1 by MERCHANT as ""`}},
		"split_two":     {split(1, 2), []string{`Split of order 100 [1 2] by MERCHANT as ""`}},
		"split_unknown": {split(77), nil},
		"ship_one":      {ship(1), []string{`CreateFulfillment 1 by MERCHANT as ""`}},
		"ship_two":      {ship(1, 2), []string{`CreateFulfillment of order 100 [1 2] by MERCHANT as ""`}},
		"ship_unknown":  {ship(77), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, o := warehouse()
			err := test.do(t, o)
			if !slices.Equal(s.told, test.told) || (err == nil) != (test.told != nil) {
				t.Errorf("told %q, %v", s.told, err)
			}
			if refused, ok := fulfillment.AsError(err); test.told == nil && (!ok || refused.Field[0] == "id") {
				t.Errorf("the refusal %v has no place in the batch: %v", err, refused.Field)
			}
		})
	}
}

func TestSendToOwner(t *testing.T) {
	t.Parallel()
	s, o := warehouse()
	service := as(t, access.WriteAssigned)
	_, err := o.SendToOwner(service, &fulfillment.CancelFulfillment{FulfillmentID: 30})
	if err != nil || !slices.Equal(s.told, []string{`CancelFulfillment 3 by SERVICE as ""`}) {
		t.Errorf("told %q, %v", s.told, err)
	}
	_, err = o.SendToOwner(service, &fulfillment.UpdateTracking{FulfillmentID: 31})
	if codeOf(err) != fulfillment.CodeFulfillmentNotFound {
		t.Errorf("a shipment that is not there: %v", err)
	}
	for _, id := range []fulfillment.ID{30, 31} {
		_, err := o.SendToOwner(as(t, access.WriteMerchantManaged), &fulfillment.CancelFulfillment{FulfillmentID: id})
		if codeOf(err) != fulfillment.CodeFulfillmentNotFound {
			t.Errorf("shipment %d, which the caller may not see: %v", id, err)
		}
		_, err = o.SendToOwner(
			as(t, access.WriteMerchantManaged, access.ReadOrders), &fulfillment.CancelFulfillment{FulfillmentID: id},
		)
		if isDenied(err) != (id == 30) {
			t.Errorf("shipment %d, which the caller may see: %v", id, err)
		}
		_, err = o.SendToOwner(as(t, access.WriteFulfillments), &fulfillment.RecordEvent{FulfillmentID: id})
		if codeOf(err) != fulfillment.CodeFulfillmentNotFound {
			t.Errorf("news of shipment %d, which the caller may not see: %v", id, err)
		}
	}
	_, err = o.SendToOwner(as(t, access.ReadOrders), &fulfillment.CancelFulfillment{FulfillmentID: 31})
	if !isDenied(err) {
		t.Errorf("without a scope: %v", err)
	}
}

// TestPrepareEach: each fulfillment order gets its own command, once and under its own key; nothing is told to any of
// them when one is not the caller's.
func TestPrepareEach(t *testing.T) {
	t.Parallel()
	verb := fulfillment.VerbLineItemsPreparedForPickup
	for name, test := range map[string]struct {
		ids     []fulfillment.ID
		refuse  error
		told    []string
		refused map[int]fulfillment.Code
		scopes  []access.Scope // besides that for the merchant's location
		denied  bool
	}{
		"each once": {ids: []fulfillment.ID{2, 1, 2}, told: []string{
			`LineItemsPreparedForPickup 2 by MERCHANT as "5/k/ready/2"`,
			`LineItemsPreparedForPickup 1 by MERCHANT as "5/k/ready/1"`,
		}},
		"unknown ones": {
			ids: []fulfillment.ID{77, 1, 0}, told: []string{`LineItemsPreparedForPickup 1 by MERCHANT as "5/k/ready/1"`},
			refused: map[int]fulfillment.Code{0: fulfillment.CodePickupInvalid, 2: fulfillment.CodePickupInvalid},
		},
		"refused": {
			ids: []fulfillment.ID{1}, refuse: &fulfillment.Error{Code: fulfillment.CodeNothingToPrepare},
			told:    []string{`LineItemsPreparedForPickup 1 by MERCHANT as "5/k/ready/1"`},
			refused: map[int]fulfillment.Code{0: fulfillment.CodeNothingToPrepare},
		},
		"one the caller may not see": {
			ids: []fulfillment.ID{3, 1}, told: []string{`LineItemsPreparedForPickup 1 by MERCHANT as "5/k/ready/1"`},
			refused: map[int]fulfillment.Code{0: fulfillment.CodePickupInvalid},
		},
		"one is not the caller's": {
			ids: []fulfillment.ID{1, 3}, scopes: []access.Scope{access.ReadThirdParty}, denied: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, o := warehouse()
			s.refuse = test.refuse
			scopes := append(test.scopes, access.WriteMerchantManaged)
			ctx := WithKey(as(t, scopes...), Key{App: 5, Name: "k", Field: "ready"})
			refusals, err := o.PrepareEach(ctx, test.ids, verb)
			if isDenied(err) != test.denied || err != nil && !test.denied {
				t.Fatal(err)
			}
			if !slices.Equal(s.told, test.told) {
				t.Errorf("told %q", s.told)
			}
			if len(refusals) != len(test.refused) {
				t.Errorf("refused %v", refusals)
			}
			for i, code := range test.refused {
				if refusals[i] == nil || refusals[i].Code != code {
					t.Errorf("%d is refused with %v, want %s", i, refusals[i], code)
				}
			}
		})
	}
}
