package fulfillment

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The states of the table. "own" is the merchant's own location, "service" a fulfillment service's; each has one line
// of three units, of which "shipped" ones have shipped one.
var tableStates = map[string]func() *FulfillmentOrder{
	"own SCHEDULED": func() *FulfillmentOrder {
		return inState(ownLocation, StatusScheduled, RequestUnsubmitted)
	},
	"own OPEN": func() *FulfillmentOrder { return inState(ownLocation, StatusOpen, RequestUnsubmitted) },
	"pick-up OPEN": func() *FulfillmentOrder {
		fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
		fo.DeliveryMethod = DeliveryPickUp
		return fo
	},
	"own ON_HOLD": func() *FulfillmentOrder {
		return inState(ownLocation, StatusOnHold, RequestUnsubmitted)
	},
	"own IN_PROGRESS":         func() *FulfillmentOrder { return reported() },
	"own IN_PROGRESS shipped": func() *FulfillmentOrder { return partShipped(ownLocation) },
	"own CLOSED": func() *FulfillmentOrder {
		return inState(ownLocation, StatusClosed, RequestUnsubmitted)
	},
	"service SCHEDULED": func() *FulfillmentOrder {
		return inState(peopleService, StatusScheduled, RequestUnsubmitted)
	},
	"service OPEN":    func() *FulfillmentOrder { return inState(peopleService, StatusOpen, RequestUnsubmitted) },
	"service ON_HOLD": func() *FulfillmentOrder { return inState(peopleService, StatusOnHold, RequestUnsubmitted) },
	"service shipped": func() *FulfillmentOrder { return partShipped(peopleService) },
	"SUBMITTED":       func() *FulfillmentOrder { return inState(peopleService, StatusOpen, RequestSubmitted) },
	"REJECTED":        func() *FulfillmentOrder { return inState(peopleService, StatusOpen, RequestRejected) },
	"ACCEPTED":        func() *FulfillmentOrder { return inState(peopleService, StatusInProgress, RequestAccepted) },
	"CANCELLATION_REQUESTED": func() *FulfillmentOrder {
		return inState(peopleService, StatusInProgress, RequestCancellationRequested)
	},
	"CANCELLATION_REJECTED": func() *FulfillmentOrder {
		return inState(peopleService, StatusInProgress, RequestCancellationRejected)
	},
	"CANCELLED": func() *FulfillmentOrder {
		return inState(peopleService, StatusCancelled, RequestCancellationAccepted)
	},
	"INCOMPLETE": func() *FulfillmentOrder {
		return inState(peopleService, StatusIncomplete, RequestClosed)
	},
	"service CLOSED": func() *FulfillmentOrder {
		return inState(peopleService, StatusClosed, RequestUnsubmitted)
	},
	"service CLOSED submitted": func() *FulfillmentOrder {
		return inState(peopleService, StatusClosed, RequestSubmitted)
	},
	"service CLOSED accepted": func() *FulfillmentOrder {
		return inState(peopleService, StatusClosed, RequestAccepted)
	},
}

const (
	progressOnMove = "Cannot move a fulfillment order that has had progress reported. To move a fulfillment order " +
		"that has had progress reported, the fulfillment order must first be marked as open resolving the ongoing " +
		"progress state."
	progressStop = "Cannot cancel fulfillment order that has had progress reported. Mark as unfulfilled first."
	atThirdParty = "Cannot move submitted fulfillment order that is at a 3PL fulfillment service."
	notAPIType   = "The fulfillment order's assigned fulfillment service must be of api type"
	serviceHasIt = "Cannot lower quantities: the fulfillment service has the request. Cancel the request first."
)

// lifeTable is the state machine: what every command makes of every state that takes it. In any other state it is
// refused with the text; {id} and {status} stand for the fulfillment order's own.
var lifeTable = []struct {
	name    string
	cmd     Command
	results map[string]string // state → status/request status afterwards, or "!" and the text of a refusal
	refused string
}{
	{"SubmitFulfillmentRequest", &SubmitFulfillmentRequest{}, map[string]string{
		"service OPEN": "OPEN/SUBMITTED", "REJECTED": "OPEN/SUBMITTED", "CANCELLED": "OPEN/SUBMITTED",
		"INCOMPLETE": "OPEN/SUBMITTED",
	}, "Cannot request fulfillment for the fulfillment order."},
	{"AcceptFulfillmentRequest", &AcceptFulfillmentRequest{}, map[string]string{
		"SUBMITTED": "IN_PROGRESS/ACCEPTED",
	}, "Cannot accept fulfillment request for the fulfillment order."},
	{"AcceptFulfillmentRequest of a part", &AcceptFulfillmentRequest{Lines: []Quantity{{11, 1}}}, map[string]string{
		"SUBMITTED": "IN_PROGRESS/ACCEPTED",
	}, "Cannot accept fulfillment request for the fulfillment order."},
	{"RejectFulfillmentRequest", &RejectFulfillmentRequest{}, map[string]string{
		"SUBMITTED": "OPEN/REJECTED",
	}, "Cannot reject fulfillment request for the fulfillment order."},
	{"SubmitCancellationRequest", &SubmitCancellationRequest{}, map[string]string{
		"ACCEPTED": "IN_PROGRESS/CANCELLATION_REQUESTED",
	}, "Cannot request cancellation for the fulfillment order."},
	{"AcceptCancellationRequest", &AcceptCancellationRequest{}, map[string]string{
		"CANCELLATION_REQUESTED": "CANCELLED/CANCELLATION_ACCEPTED",
	}, "Cannot accept cancellation request for the fulfillment order."},
	{"AcceptCancellationRequest of a part", &AcceptCancellationRequest{Lines: []Quantity{{11, 1}}}, map[string]string{
		"CANCELLATION_REQUESTED": "IN_PROGRESS/CANCELLATION_REJECTED",
	}, "Cannot accept cancellation request for the fulfillment order."},
	{"RejectCancellationRequest", &RejectCancellationRequest{}, map[string]string{
		"CANCELLATION_REQUESTED": "IN_PROGRESS/CANCELLATION_REJECTED",
	}, "Cannot reject cancellation request for the fulfillment order."},
	{"Hold", &PlaceHold{Reason: HoldOther, Handle: "second"}, map[string]string{
		"pick-up OPEN": "ON_HOLD/UNSUBMITTED",
		"own OPEN":     "ON_HOLD/UNSUBMITTED", "own ON_HOLD": "ON_HOLD/UNSUBMITTED",
		"own IN_PROGRESS":         "ON_HOLD/UNSUBMITTED",
		"own IN_PROGRESS shipped": "ON_HOLD/UNSUBMITTED", "service OPEN": "ON_HOLD/UNSUBMITTED",
		"service ON_HOLD": "ON_HOLD/UNSUBMITTED",
		"service shipped": "ON_HOLD/UNSUBMITTED", "REJECTED": "ON_HOLD/UNSUBMITTED", "CANCELLED": "ON_HOLD/UNSUBMITTED",
		"INCOMPLETE": "ON_HOLD/UNSUBMITTED",
	}, "Cannot place a hold on a fulfillment order in this state."},
	{"ReleaseHold", &ReleaseHold{}, map[string]string{
		"own ON_HOLD": "OPEN/UNSUBMITTED", "service ON_HOLD": "OPEN/UNSUBMITTED",
	}, "The fulfillment order is not on hold."},
	{"Cancel", &Cancel{}, map[string]string{
		"pick-up OPEN": "CLOSED/UNSUBMITTED",
		"own OPEN":     "CLOSED/UNSUBMITTED", "service OPEN": "CLOSED/UNSUBMITTED", "SUBMITTED": "CLOSED/SUBMITTED",
		"CANCELLATION_REQUESTED": "CLOSED/CANCELLATION_REQUESTED", "own IN_PROGRESS": "!" + progressStop,
	}, "Fulfillment order is not in cancelable request state and can't be canceled."},
	{"Close", &Close{}, map[string]string{
		"ACCEPTED": "INCOMPLETE/CLOSED", "CANCELLATION_REQUESTED": "INCOMPLETE/CLOSED",
		"CANCELLATION_REJECTED": "INCOMPLETE/CLOSED",
		"own SCHEDULED":         "!" + notAPIType, "own OPEN": "!" + notAPIType, "pick-up OPEN": "!" + notAPIType, "own ON_HOLD": "!" + notAPIType,
		"own IN_PROGRESS":         "!" + notAPIType,
		"own IN_PROGRESS shipped": "!" + notAPIType, "own CLOSED": "!" + notAPIType,
	}, "Cannot close the fulfillment order."},
	{"Open", &Open{}, map[string]string{
		"own SCHEDULED": "OPEN/UNSUBMITTED", "service SCHEDULED": "OPEN/UNSUBMITTED",
		"own IN_PROGRESS": "OPEN/UNSUBMITTED",
	}, "Expected fulfillment order status to be valid but it was {status}."},
	{"Reschedule", &Reschedule{FulfillAt: testTime.Add(72 * time.Hour)}, map[string]string{
		"own SCHEDULED": "SCHEDULED/UNSUBMITTED", "service SCHEDULED": "SCHEDULED/UNSUBMITTED",
	}, "Fulfillment order must be scheduled."},
	{"ReportProgress", &ReportProgress{}, map[string]string{
		"pick-up OPEN": "IN_PROGRESS/UNSUBMITTED",
		"own OPEN":     "IN_PROGRESS/UNSUBMITTED", "own IN_PROGRESS": "IN_PROGRESS/UNSUBMITTED",
		"own IN_PROGRESS shipped": "IN_PROGRESS/UNSUBMITTED",
	}, "Cannot report progress on a fulfillment order in this state."},
	{"Move", &Move{NewLocationID: 99, Location: &AssignedLocation{LocationID: 99, Name: "Lyon"}}, map[string]string{
		"pick-up OPEN": "OPEN/UNSUBMITTED",
		"own OPEN":     "OPEN/UNSUBMITTED", "own ON_HOLD": "ON_HOLD/UNSUBMITTED", "service OPEN": "OPEN/UNSUBMITTED",
		"service ON_HOLD": "ON_HOLD/UNSUBMITTED",
		"REJECTED":        "OPEN/UNSUBMITTED", "CANCELLED": "OPEN/UNSUBMITTED", "INCOMPLETE": "OPEN/UNSUBMITTED",
		"own IN_PROGRESS shipped": "CLOSED/UNSUBMITTED", "service shipped": "CLOSED/UNSUBMITTED",
		"own IN_PROGRESS": "!" + progressOnMove,
		"SUBMITTED":       "!" + atThirdParty, "ACCEPTED": "!" + atThirdParty,
		"CANCELLATION_REQUESTED": "!" + atThirdParty, "CANCELLATION_REJECTED": "!" + atThirdParty,
	}, "Cannot change location."},
	{"Split", &Split{Lines: []Quantity{{11, 1}}}, map[string]string{
		"pick-up OPEN": "OPEN/UNSUBMITTED",
		"own OPEN":     "OPEN/UNSUBMITTED", "service OPEN": "OPEN/UNSUBMITTED", "REJECTED": "OPEN/REJECTED",
	}, "Fulfillment order: {id} is currently not in a splittable state."},
	{"LineItemsPreparedForPickup", &LineItemsPreparedForPickup{}, map[string]string{
		"pick-up OPEN": "OPEN/UNSUBMITTED",
	}, "Invalid fulfillment_order_id provided {id}: its delivery method is SHIPPING, not PICK_UP."},
	{"LineItemsPreparedForLocalDelivery", &LineItemsPreparedForLocalDelivery{}, map[string]string{
		"pick-up OPEN": "!Invalid fulfillment_order_id provided 1: its delivery method is PICK_UP, not LOCAL.",
	}, "Invalid fulfillment_order_id provided {id}: its delivery method is SHIPPING, not LOCAL."},
	{"CreateFulfillment of all", &CreateFulfillment{}, map[string]string{
		"pick-up OPEN": "CLOSED/UNSUBMITTED",
		"own OPEN":     "CLOSED/UNSUBMITTED", "own IN_PROGRESS": "CLOSED/UNSUBMITTED",
		"own IN_PROGRESS shipped": "CLOSED/UNSUBMITTED",
		"service OPEN":            "CLOSED/UNSUBMITTED", "service shipped": "CLOSED/UNSUBMITTED",
		"REJECTED": "CLOSED/REJECTED", "ACCEPTED": "CLOSED/ACCEPTED",
		"CANCELLATION_REQUESTED": "CLOSED/CANCELLATION_REQUESTED",
		"CANCELLATION_REJECTED":  "CLOSED/CANCELLATION_REJECTED",
		"CANCELLED":              "CLOSED/CANCELLATION_ACCEPTED", "INCOMPLETE": "CLOSED/CLOSED",
	}, "Fulfillment order {id} has an unfulfillable status= {status}."},
	{"CreateFulfillment of a part", &CreateFulfillment{Lines: []Quantity{{11, 1}}}, map[string]string{
		"pick-up OPEN": "IN_PROGRESS/UNSUBMITTED",
		"own OPEN":     "IN_PROGRESS/UNSUBMITTED", "own IN_PROGRESS": "IN_PROGRESS/UNSUBMITTED",
		"own IN_PROGRESS shipped": "IN_PROGRESS/UNSUBMITTED",
		"service OPEN":            "IN_PROGRESS/UNSUBMITTED", "service shipped": "IN_PROGRESS/UNSUBMITTED",
		"REJECTED": "IN_PROGRESS/UNSUBMITTED",
		"ACCEPTED": "IN_PROGRESS/ACCEPTED", "CANCELLATION_REQUESTED": "IN_PROGRESS/CANCELLATION_REQUESTED",
		"CANCELLATION_REJECTED": "IN_PROGRESS/CANCELLATION_REJECTED", "CANCELLED": "IN_PROGRESS/UNSUBMITTED",
		"INCOMPLETE": "IN_PROGRESS/UNSUBMITTED",
	}, "Fulfillment order {id} has an unfulfillable status= {status}."},
	{"CancelUnits of the order", &CancelUnits{WholeOrder: true}, map[string]string{
		"own SCHEDULED": "CLOSED/UNSUBMITTED", "own OPEN": "CLOSED/UNSUBMITTED", "pick-up OPEN": "CLOSED/UNSUBMITTED", "own ON_HOLD": "CLOSED/UNSUBMITTED",
		"own IN_PROGRESS":         "CLOSED/UNSUBMITTED",
		"own IN_PROGRESS shipped": "CLOSED/UNSUBMITTED", "own CLOSED": "CLOSED/UNSUBMITTED",
		"service SCHEDULED": "CLOSED/UNSUBMITTED",
		"service OPEN":      "CLOSED/UNSUBMITTED", "service ON_HOLD": "CLOSED/UNSUBMITTED",
		"service shipped": "CLOSED/UNSUBMITTED",
		"SUBMITTED":       "CLOSED/SUBMITTED", "REJECTED": "CLOSED/REJECTED",
		"ACCEPTED":               "IN_PROGRESS/CANCELLATION_REQUESTED",
		"CANCELLATION_REQUESTED": "IN_PROGRESS/CANCELLATION_REQUESTED", "CANCELLED": "CLOSED/CANCELLATION_ACCEPTED",
		"INCOMPLETE":     "CLOSED/CLOSED",
		"service CLOSED": "CLOSED/UNSUBMITTED", "service CLOSED submitted": "CLOSED/SUBMITTED",
		"service CLOSED accepted": "CLOSED/ACCEPTED",
	}, "Cannot cancel: the fulfillment service refused to stop."},
	{"CancelUnits of a line", &CancelUnits{LineItems: []Quantity{{21, 1}}}, map[string]string{
		"own SCHEDULED": "SCHEDULED/UNSUBMITTED", "own OPEN": "OPEN/UNSUBMITTED", "pick-up OPEN": "OPEN/UNSUBMITTED", "own ON_HOLD": "ON_HOLD/UNSUBMITTED",
		"own IN_PROGRESS":         "IN_PROGRESS/UNSUBMITTED",
		"own IN_PROGRESS shipped": "IN_PROGRESS/UNSUBMITTED", "service SCHEDULED": "SCHEDULED/UNSUBMITTED",
		"service OPEN":    "OPEN/UNSUBMITTED",
		"service ON_HOLD": "ON_HOLD/UNSUBMITTED", "service shipped": "IN_PROGRESS/UNSUBMITTED",
		"REJECTED":  "OPEN/REJECTED",
		"CANCELLED": "CANCELLED/CANCELLATION_ACCEPTED", "INCOMPLETE": "INCOMPLETE/CLOSED",
		"SUBMITTED": "!" + serviceHasIt, "ACCEPTED": "!" + serviceHasIt,
		"CANCELLATION_REQUESTED": "!" + serviceHasIt, "CANCELLATION_REJECTED": "!" + serviceHasIt,
	}, "Cannot lower quantities of a closed fulfillment order."},
}

// actionTable is what each state lists, for who runs the location.
var actionTable = map[string]string{
	"own SCHEDULED":           "MARK_AS_OPEN",
	"own OPEN":                "CREATE_FULFILLMENT REPORT_PROGRESS MOVE HOLD SPLIT",
	"pick-up OPEN":            "CREATE_FULFILLMENT REPORT_PROGRESS MOVE HOLD SPLIT",
	"own ON_HOLD":             "MOVE RELEASE_HOLD HOLD",
	"own IN_PROGRESS":         "CREATE_FULFILLMENT REPORT_PROGRESS HOLD MARK_AS_OPEN",
	"own IN_PROGRESS shipped": "CREATE_FULFILLMENT REPORT_PROGRESS MOVE HOLD",
	"service SCHEDULED":       "MARK_AS_OPEN",
	"service OPEN":            "REQUEST_FULFILLMENT CREATE_FULFILLMENT MOVE HOLD SPLIT",
	"service ON_HOLD":         "MOVE RELEASE_HOLD HOLD",
	"service shipped":         "CREATE_FULFILLMENT MOVE HOLD",
	"SUBMITTED":               "CANCEL_FULFILLMENT_ORDER",
	"REJECTED":                "REQUEST_FULFILLMENT CREATE_FULFILLMENT HOLD SPLIT",
	"ACCEPTED":                "CREATE_FULFILLMENT REQUEST_CANCELLATION",
	"CANCELLATION_REQUESTED":  "CREATE_FULFILLMENT CANCEL_FULFILLMENT_ORDER",
	"CANCELLATION_REJECTED":   "CREATE_FULFILLMENT",
	"CANCELLED":               "REQUEST_FULFILLMENT CREATE_FULFILLMENT HOLD",
	"INCOMPLETE":              "REQUEST_FULFILLMENT CREATE_FULFILLMENT MOVE HOLD",
}

func TestTransitionTable(t *testing.T) {
	t.Parallel()
	for _, row := range lifeTable {
		for state, build := range tableStates {
			t.Run(row.name+"/"+state, func(t *testing.T) {
				t.Parallel()
				fo := build()
				want, taken := row.results[state]
				if !taken {
					want = "!" + row.refused
				}
				want = strings.NewReplacer(
					"{id}", fo.ID.String(), "{status}", strings.ToLower(string(fo.Status)),
				).Replace(want)
				d, err := fo.Decide(row.cmd, Env{Now: testTime, IDs: NewIDs(1000)})
				if text, refused := strings.CutPrefix(want, "!"); refused {
					if e, ok := AsError(err); !ok || e.Message != text || e.Code == CodeAccessDenied {
						t.Fatalf("got %v, want the refusal %q", err, text)
					}
					return
				}
				if err != nil {
					t.Fatalf("refused: %v; want %s", err, want)
				}
				if got := string(d.State.Status) + "/" + string(d.State.RequestStatus); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		}
	}
}

func TestSupportedActions(t *testing.T) {
	t.Parallel()
	for state, build := range tableStates {
		fo := build()
		var by []Actor
		if fo.AssignedLocation.AtService() {
			by = []Actor{{}, {Role: RoleService, ServiceID: fo.AssignedLocation.ServiceID}}
		} else {
			by = []Actor{{}, merchant}
		}
		for _, actor := range by {
			if got := joinedActions(fo.SupportedActions(actor)); got != actionTable[state] {
				t.Errorf("%s for %s: got %s, want %s", state, actor, got, actionTable[state])
			}
		}
	}
}

func TestSupportedActionsDependOnTheActor(t *testing.T) {
	t.Parallel()
	for state, build := range tableStates {
		fo := build()
		if got := fo.SupportedActions(Actor{Role: RoleService, ServiceID: 77}); len(got) > 0 {
			t.Errorf("%s: another service may %v", state, got)
		}
		if !fo.AssignedLocation.AtService() {
			continue
		}
		want := strings.TrimSpace(strings.ReplaceAll(" "+actionTable[state]+" ", " CREATE_FULFILLMENT ", " "))
		if got := joinedActions(fo.SupportedActions(merchant)); got != want {
			t.Errorf("%s: at a service, the merchant may %q, want %q", state, got, want)
		}
	}
}

func TestSplitIsListedForMoreThanOneUnit(t *testing.T) {
	t.Parallel()
	fo := inState(ownLocation, StatusOpen, RequestUnsubmitted)
	fo.Lines[0].Total, fo.Lines[0].Remaining = 1, 1
	if got := joinedActions(fo.SupportedActions(merchant)); got != "CREATE_FULFILLMENT REPORT_PROGRESS MOVE HOLD" {
		t.Errorf("got %s", got)
	}
}

func joinedActions(list []Action) string { return strings.ReplaceAll(joined(list), ", ", " ") }

// --- What the tests of commands share.

var (
	testTime      = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	merchant      = Actor{Role: RoleMerchant, App: "shop"}
	ownLocation   = AssignedLocation{LocationID: 5, Name: "Berlin"}
	peopleService = AssignedLocation{
		LocationID: 6, Name: "Pack & Go", ServiceID: 60, ServiceName: "Pack & Go", Provider: ManualProvider,
	}
	automatedService = AssignedLocation{
		LocationID: 7, Name: "Robots", ServiceID: 70, ServiceName: "Robots", Provider: "robots",
	}
)

// inState is a fulfillment order with one line of three units.
func inState(at AssignedLocation, status Status, request RequestStatus) *FulfillmentOrder {
	fo := &FulfillmentOrder{
		ID: 1, OrderID: 2, OrderName: "#1001", Status: status, RequestStatus: request, AssignedLocation: at,
		DeliveryMethod: DeliveryShipping, Sequence: 1, CreatedAt: testTime.Add(-time.Hour),
		UpdatedAt: testTime.Add(-time.Hour),
		Lines: []Line{
			{ID: 11, LineItemID: 21, Title: "Cup", SKU: "CUP", RequiresShipping: true, Total: 3, Remaining: 3},
		},
	}
	switch status {
	case StatusScheduled:
		fo.FulfillAt = new(testTime.Add(24 * time.Hour))
	case StatusOnHold:
		fo.Holds = []Hold{{ID: 31, Reason: HoldOther, Handle: "first", HeldAt: fo.CreatedAt}}
	case StatusClosed:
		fo.Lines[0].Remaining = 0
	}
	return fo
}

// twoLines has three cups and two teas.
func twoLines(at AssignedLocation, status Status, request RequestStatus) *FulfillmentOrder {
	fo := inState(at, status, request)
	fo.Lines = append(fo.Lines, Line{ID: 12, LineItemID: 22, Title: "Tea", Total: 2, Remaining: 2})
	return fo
}

func reported() *FulfillmentOrder {
	fo := inState(ownLocation, StatusInProgress, RequestUnsubmitted)
	fo.ProgressReported = true
	return fo
}

func partShipped(at AssignedLocation) *FulfillmentOrder {
	fo := inState(at, StatusInProgress, RequestUnsubmitted)
	fo.Lines[0].Remaining = 2
	fo.Fulfillments = []Fulfillment{{ID: 41, Name: "#1001-F1", Status: FulfillmentSuccess,
		DisplayStatus:    DisplayFulfilled,
		RequiresShipping: true, CreatedAt: fo.CreatedAt, Lines: []FulfillmentLine{
			{ID: 42, FulfillmentOrderLineID: 11, LineItemID: 21, Quantity: 1},
		}}}
	return fo
}

// done decides and expects success.
func done(t *testing.T, fo *FulfillmentOrder, cmd Command) *Decision {
	t.Helper()
	return doneAt(t, fo, cmd, testTime)
}

func doneAt(t *testing.T, fo *FulfillmentOrder, cmd Command, now time.Time) *Decision {
	t.Helper()
	d, err := fo.Decide(cmd, Env{Now: now, IDs: NewIDs(1000)})
	if err != nil {
		t.Fatalf("%s was refused: %v", cmd.Verb(), err)
	}
	return d
}

// refused decides and expects this refusal.
func refused(t *testing.T, fo *FulfillmentOrder, cmd Command, code Code, message string, field ...string) *Error {
	t.Helper()
	_, err := fo.Decide(cmd, Env{Now: testTime, IDs: NewIDs(1000)})
	e, ok := AsError(err)
	if !ok {
		t.Fatalf("%s succeeded, want the refusal %q", cmd.Verb(), message)
	}
	if e.Code != code || e.Message != message || !slices.Equal(e.Field, field) {
		t.Errorf("got %s %q %v\nwant %s %q %v", e.Code, e.Message, e.Field, code, message, field)
	}
	return e
}

// kinds is the decision's transitions in short.
func kinds(d *Decision) string {
	list := make([]Kind, len(d.Transitions))
	for i, t := range d.Transitions {
		list[i] = t.Kind
	}
	return strings.ReplaceAll(joined(list), ", ", " ")
}

// amounts is the lines in short: "11:2/3" is two of three units left on line 11.
func amounts(fo *FulfillmentOrder) string {
	texts := make([]string, len(fo.Lines))
	for i, l := range fo.Lines {
		texts[i] = l.ID.String() + ":" + ID(l.Remaining).String() + "/" + ID(l.Total).String()
		if l.Cancelled > 0 {
			texts[i] += "-" + ID(l.Cancelled).String()
		}
	}
	return strings.Join(texts, " ")
}

// effects is the effects in short: "REQUEST:DUE".
func effects(fo *FulfillmentOrder) string {
	texts := make([]string, len(fo.Effects))
	for i, e := range fo.Effects {
		texts[i] = string(e.Kind) + ":" + string(e.Status)
	}
	return strings.Join(texts, " ")
}
