package fulfillment

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestUpdateReachesWhatNobodyWorksOn takes every state that a fulfillment order can be in: with another address, it
// follows or it keeps the destination, and then it is named with what to do.
func TestUpdateReachesWhatNobodyWorksOn(t *testing.T) {
	t.Parallel()
	served := AssignedLocation{LocationID: 2, Name: "Ship Co", ServiceID: 3, ServiceName: "Ship Co"}
	shipped := []Fulfillment{{ID: 9, Status: FulfillmentSuccess}}
	for name, test := range map[string]struct {
		fo      FulfillmentOrder
		follows bool
		advice  string // of one that does not; empty: it has no destination
	}{
		"scheduled":               {FulfillmentOrder{Status: StatusScheduled, RequestStatus: RequestUnsubmitted}, true, ""},
		"open":                    {FulfillmentOrder{Status: StatusOpen, RequestStatus: RequestUnsubmitted}, true, ""},
		"on_hold":                 {FulfillmentOrder{Status: StatusOnHold, RequestStatus: RequestUnsubmitted}, true, ""},
		"rejected":                {FulfillmentOrder{Status: StatusOpen, RequestStatus: RequestRejected}, true, ""},
		"incomplete":              {FulfillmentOrder{Status: StatusIncomplete, RequestStatus: RequestClosed}, true, ""},
		"cancelled":               {FulfillmentOrder{Status: StatusCancelled, RequestStatus: RequestCancellationAccepted}, true, ""},
		"partly_shipped_by_us":    {FulfillmentOrder{Status: StatusInProgress, RequestStatus: RequestUnsubmitted, Fulfillments: shipped}, true, ""},
		"local_delivery":          {FulfillmentOrder{Status: StatusOpen, RequestStatus: RequestUnsubmitted, DeliveryMethod: DeliveryLocal}, true, ""},
		"submitted":               {FulfillmentOrder{Status: StatusOpen, RequestStatus: RequestSubmitted}, false, "cancel the fulfillment order"},
		"accepted":                {FulfillmentOrder{Status: StatusInProgress, RequestStatus: RequestAccepted}, false, "request its cancellation"},
		"partly_shipped_by_them":  {FulfillmentOrder{Status: StatusInProgress, RequestStatus: RequestAccepted, Fulfillments: shipped}, false, "request its cancellation"},
		"cancellation_requested":  {FulfillmentOrder{Status: StatusInProgress, RequestStatus: RequestCancellationRequested}, false, "if it agrees"},
		"cancellation_rejected":   {FulfillmentOrder{Status: StatusInProgress, RequestStatus: RequestCancellationRejected}, false, "tell it"},
		"progress_reported":       {FulfillmentOrder{Status: StatusInProgress, RequestStatus: RequestUnsubmitted, ProgressReported: true}, false, "mark it as open"},
		"shipped":                 {FulfillmentOrder{Status: StatusClosed, RequestStatus: RequestUnsubmitted, Fulfillments: shipped}, false, "carrier"},
		"closed_without_shipment": {FulfillmentOrder{Status: StatusClosed, RequestStatus: RequestUnsubmitted}, false, ""},
		"picked_up":               {FulfillmentOrder{Status: StatusOpen, RequestStatus: RequestUnsubmitted, DeliveryMethod: DeliveryPickUp}, false, ""},
		"digital":                 {FulfillmentOrder{Status: StatusOpen, RequestStatus: RequestUnsubmitted, DeliveryMethod: DeliveryNone}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fo := test.fo
			fo.ID, fo.OrderID, fo.AssignedLocation, fo.Sequence = 7, 1, served, 4
			if fo.DeliveryMethod == "" {
				fo.DeliveryMethod = DeliveryShipping
			}
			given := *fo.Clone()
			order := &OrderRecord{Order: Order{ID: 1, ShippingAddress: &Address{City: "Porto"}}, Updates: 2}
			cmd := UpdateOrder{OrderID: 1, OrderFields: OrderFields{ShippingAddress: &Address{City: "Lyon", CountryCode: "fr"}}}
			cmd.CommandID = "c"
			plan, err := PlanOrderUpdate(order, []*FulfillmentOrder{&fo}, cmd, Env{Now: time.Unix(9, 0).UTC()})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(given, fo) {
				t.Error("the fulfillment order was changed")
			}
			if plan.Number != 3 || plan.Before.ShippingAddress.City != "Porto" || plan.After.ShippingAddress.CountryCode != "FR" {
				t.Errorf("planned %+v", plan)
			}
			if got := slices.Equal(plan.Answer.Followed, []ID{7}); got != test.follows {
				t.Errorf("follows: %t, want %t", got, test.follows)
			}
			switch {
			case test.follows:
				if len(plan.States) != 1 || plan.States[0].DestinationBefore != 0 ||
					plan.Transitions[0].Kind != KindDestinationChanged || plan.Transitions[0].Details.OrderUpdate != 3 {
					t.Errorf("it became %+v by %+v", plan.States, plan.Transitions)
				}
			case test.advice == "":
				if len(plan.States)+len(plan.Answer.Kept) > 0 {
					t.Errorf("without a destination, it became %+v", plan.States)
				}
			default:
				if len(plan.States) != 1 || plan.States[0].DestinationBefore != 3 ||
					plan.Transitions[0].Kind != KindDestinationKept {
					t.Fatalf("it became %+v by %+v", plan.States, plan.Transitions)
				}
				if k := plan.Answer.Kept; len(k) != 1 || k[0].FulfillmentOrderID != 7 || !strings.Contains(k[0].Message, test.advice) {
					t.Errorf("named as %+v, want the advice %q", k, test.advice)
				}
				// Another update changes nothing: it still goes to the first address.
				order.Updates = 3
				again, err := PlanOrderUpdate(order, plan.States, cmd, Env{Now: time.Unix(10, 0).UTC()})
				if err != nil || len(again.States) != 0 || len(again.Answer.Kept) != 1 {
					t.Errorf("with yet another address: %+v, %v", again, err)
				}
			}
		})
	}
}

// TestDestinationComesFree: what comes back from whoever had the old address goes to the new one.
func TestDestinationComesFree(t *testing.T) {
	t.Parallel()
	own := Actor{Role: RoleOperator}
	line := []Line{{ID: 11, LineItemID: 12, Title: "Sofa", RequiresShipping: true, Total: 2, Remaining: 2}}
	for name, test := range map[string]struct {
		status  Status
		request RequestStatus
		cmd     Command
		stays   bool
	}{
		"rejected":              {StatusOpen, RequestSubmitted, &RejectFulfillmentRequest{}, false},
		"taken_back":            {StatusOpen, RequestSubmitted, &Cancel{}, false},
		"accepted":              {StatusOpen, RequestSubmitted, &AcceptFulfillmentRequest{}, true},
		"asked_to_stop":         {StatusInProgress, RequestAccepted, &SubmitCancellationRequest{}, true},
		"stopped":               {StatusInProgress, RequestCancellationRequested, &AcceptCancellationRequest{}, false},
		"goes_on":               {StatusInProgress, RequestCancellationRequested, &RejectCancellationRequest{}, true},
		"given_up":              {StatusInProgress, RequestAccepted, &Close{}, false},
		"shipped":               {StatusInProgress, RequestAccepted, &CreateFulfillment{}, true},
		"no_longer_in_progress": {StatusInProgress, RequestUnsubmitted, &Open{}, false},
		"told_another_deadline": {StatusInProgress, RequestAccepted, &SetDeadline{}, true},
	} {
		fo := &FulfillmentOrder{
			ID: 7, OrderID: 1, OrderName: "#1", Status: test.status, RequestStatus: test.request, Sequence: 4,
			AssignedLocation: AssignedLocation{LocationID: 2, Name: "Ship Co", ServiceID: 3, ServiceName: "Ship Co"},
			DeliveryMethod:   DeliveryShipping, Lines: slices.Clone(line), DestinationBefore: 1,
			ProgressReported: test.request == RequestUnsubmitted,
		}
		test.cmd.Envelope().Actor = own
		d, err := fo.Decide(test.cmd, Env{Now: time.Unix(9, 0).UTC(), IDs: NewIDs(1000)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := d.State.DestinationBefore != 0; got != test.stays {
			t.Errorf("%s: keeps the destination: %t, want %t", name, got, test.stays)
		}
		for _, s := range d.Siblings {
			if s.DestinationBefore != 0 {
				t.Errorf("%s: what takes its place goes to the old address", name)
			}
		}
	}
}

func TestOrderUpdateFields(t *testing.T) {
	t.Parallel()
	order := func() *OrderRecord {
		return &OrderRecord{Order: Order{
			ID: 1, Email: "ada@example.com", Note: "Ring", Tags: []string{"gift"},
			CustomAttributes: []Attribute{{Key: "a", Value: "b"}}, ShippingAddress: &Address{City: "Porto", CountryCode: "PT"},
		}}
	}
	for name, test := range map[string]struct {
		body    string
		changed []string
		refused string // part of the text
	}{
		"a_note":                 {`{"note":"Knock"}`, []string{"note"}, ""},
		"an_empty_note":          {`{"note":""}`, []string{"note"}, ""},
		"no_tags_any_more":       {`{"tags":[]}`, []string{"tags"}, ""},
		"what_it_says_already":   {`{"note":"Ring","tags":["gift"],"shippingAddress":{"city":"Porto","countryCode":"pt"}}`, nil, ""},
		"several":                {`{"email":"a@example.com","phone":"1","note":"Ring","customAttributes":[]}`, []string{"email", "phone", "customAttributes"}, ""},
		"part_of_an_address":     {`{"shippingAddress":{"city":"Porto"}}`, []string{"shippingAddress"}, ""},
		"nothing":                {`{}`, nil, "at least one field"},
		"a_misspelt_field":       {`{"shipingAddress":{"city":"Porto"}}`, nil, "did you mean shippingAddress?"},
		"a_misspelt_part":        {`{"shippingAddress":{"adress1":"x"}}`, nil, "did you mean address1?"},
		"what_is_edited":         {`{"lineItems":[]}`, nil, "there is no such field"},
		"a_country_that_is_none": {`{"shippingAddress":{"countryCode":"Portugal"}}`, nil, "shippingAddress.countryCode"},
		"all_that_is_wrong": {`{"nots":"x","tags":[1],"shippingAddress":{"countryCode":"UK"}}`, nil,
			`did you mean note?; tags[0]: must be text "…" (is the number 1); shippingAddress.countryCode: must be a country`},
		"a_note_that_is_too_long": {`{"note":"` + strings.Repeat("x", maxNoteLength+1) + `"}`, nil, "note: "},
	} {
		cmd, err := DecodeUpdateOrder([]byte(test.body))
		var plan *OrderUpdatePlan
		if err == nil {
			plan, err = PlanOrderUpdate(order(), nil, cmd, Env{Now: time.Unix(9, 0).UTC()})
		}
		refused, ok := AsError(err)
		switch {
		case test.refused != "" && (!ok || !strings.Contains(refused.Message, test.refused)):
			t.Errorf("%s: got %v, want a refusal with %q", name, err, test.refused)
		case test.refused != "":
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case !slices.Equal(plan.Answer.Changed, test.changed) || plan.Changes() != (test.changed != nil):
			t.Errorf("%s: changed %v, want %v", name, plan.Answer.Changed, test.changed)
		}
	}
}
