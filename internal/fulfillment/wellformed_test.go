package fulfillment_test

import (
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// The places and services of the tests.
var (
	berlin = fulfillment.AssignedLocation{LocationID: 11, Name: "Berlin", CountryCode: "DE"}
	paris  = fulfillment.AssignedLocation{LocationID: 12, Name: "Paris", CountryCode: "FR"}
	byHand = fulfillment.AssignedLocation{
		LocationID: 13, Name: "Handmade", CountryCode: "DE", ServiceID: 501, ServiceName: "Handmade",
		Provider: fulfillment.ManualProvider,
	}
	automated = fulfillment.AssignedLocation{
		LocationID: 14, Name: "Robots", CountryCode: "NL", ServiceID: 502, ServiceName: "Robots", Provider: "simulated",
	}
)

// The actors of the tests. An own service is made for its fulfillment order: see ownService.
var (
	operator = fulfillment.Actor{}
	desk     = fulfillment.Actor{Role: fulfillment.RoleOperator, App: "desk", Name: "Night desk"}
	merchant = fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "shop"}
	stranger = fulfillment.Actor{Role: fulfillment.RoleService, App: "elsewhere", ServiceID: 599}
)

func ownService(fo *fulfillment.FulfillmentOrder) fulfillment.Actor {
	a := fulfillment.Actor{Role: fulfillment.RoleService, App: "handmade", ServiceID: byHand.ServiceID}
	if id := fo.AssignedLocation.ServiceID; id != 0 {
		a.ServiceID = id
	}
	return a
}

func everybody(fo *fulfillment.FulfillmentOrder) []fulfillment.Actor {
	return []fulfillment.Actor{
		operator, desk, merchant, ownService(fo), itsSystem(fo), stranger, fulfillment.System,
	}
}

// itsSystem is the system of the service that has the fulfillment order; where there is none, an app of the service's.
func itsSystem(fo *fulfillment.FulfillmentOrder) fulfillment.Actor {
	a := ownService(fo)
	if fo.AssignedLocation.Automated() {
		a.App = fo.AssignedLocation.Provider
	}
	return a
}

// wellFormed makes, for each action, a command of that kind that nothing is wrong with: whether it is allowed is then
// a matter of state and actor alone.
var wellFormed = map[fulfillment.Action]func(fo *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command{
	"CREATE_FULFILLMENT": func(_ *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		return &fulfillment.CreateFulfillment{Meta: by}
	},
	"REQUEST_FULFILLMENT": func(_ *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		return &fulfillment.SubmitFulfillmentRequest{Meta: by}
	},
	"CANCEL_FULFILLMENT_ORDER": func(_ *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		return &fulfillment.Cancel{Meta: by}
	},
	"MOVE": func(fo *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		to := elsewhere(fo)
		return &fulfillment.Move{Meta: by, NewLocationID: to.LocationID, Location: &to}
	},
	"REQUEST_CANCELLATION": func(_ *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		return &fulfillment.SubmitCancellationRequest{Meta: by}
	},
	"MARK_AS_OPEN": func(_ *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		return &fulfillment.Open{Meta: by}
	},
	"RELEASE_HOLD": func(_ *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		return &fulfillment.ReleaseHold{Meta: by}
	},
	"HOLD": func(_ *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		return &fulfillment.PlaceHold{
			Meta: by, Reason: fulfillment.HoldOther, Handle: "a handle that no other hold of the tests has",
		}
	},
	"SPLIT": func(fo *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		return &fulfillment.Split{Meta: by, Lines: oneUnit(fo)}
	},
	"REPORT_PROGRESS": func(_ *fulfillment.FulfillmentOrder, by fulfillment.Meta) fulfillment.Command {
		return &fulfillment.ReportProgress{Meta: by, ReasonNotes: "picking"}
	},
}

// unlisted names the commands which succeed though supportedActions does not list them, as recorded from a real shop:
// cancelling before anything was requested, and moving what a service rejected or gave back.
func unlisted(action fulfillment.Action, fo *fulfillment.FulfillmentOrder) bool {
	is := func(s fulfillment.Status, r fulfillment.RequestStatus) bool {
		return fo.Status == s && fo.RequestStatus == r
	}
	switch action {
	case "CANCEL_FULFILLMENT_ORDER":
		return is("OPEN", "UNSUBMITTED")
	case "MOVE":
		return is("OPEN", "REJECTED") || is("CANCELLED", "CANCELLATION_ACCEPTED")
	case "HOLD": // A service's system tells why it does not ship.
		return fo.Status == "IN_PROGRESS" && fo.RequestStatus != "UNSUBMITTED"
	default:
		return false
	}
}

// recorded is what a real shop and Shopify's documentation list, by status, request status and kind of location, for
// somebody who may do all of it. SPLIT needs more than one unit; work in progress at the merchant's own means reported
// progress.
var recorded = map[string][]fulfillment.Action{
	"OPEN/UNSUBMITTED own": {"CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD", "SPLIT"},
	"OPEN/UNSUBMITTED service": {
		"REQUEST_FULFILLMENT", "CREATE_FULFILLMENT", "MOVE", "HOLD", "SPLIT",
	},
	"OPEN/SUBMITTED service":                     {"CANCEL_FULFILLMENT_ORDER"},
	"OPEN/REJECTED service":                      {"REQUEST_FULFILLMENT", "CREATE_FULFILLMENT", "HOLD", "SPLIT"},
	"IN_PROGRESS/ACCEPTED service":               {"CREATE_FULFILLMENT", "REQUEST_CANCELLATION"},
	"IN_PROGRESS/CANCELLATION_REQUESTED service": {"CREATE_FULFILLMENT", "CANCEL_FULFILLMENT_ORDER"},
	"IN_PROGRESS/CANCELLATION_REJECTED service":  {"CREATE_FULFILLMENT"},
	"CANCELLED/CANCELLATION_ACCEPTED service":    {"REQUEST_FULFILLMENT", "CREATE_FULFILLMENT", "HOLD"},
	"INCOMPLETE/CLOSED service":                  {"REQUEST_FULFILLMENT", "CREATE_FULFILLMENT", "MOVE", "HOLD"},
	"IN_PROGRESS/UNSUBMITTED own":                {"CREATE_FULFILLMENT", "REPORT_PROGRESS", "HOLD", "MARK_AS_OPEN"},
	"ON_HOLD/UNSUBMITTED own":                    {"RELEASE_HOLD", "HOLD", "MOVE"},
	"ON_HOLD/UNSUBMITTED service":                {"RELEASE_HOLD", "HOLD", "MOVE"},
	"SCHEDULED/UNSUBMITTED own":                  {"MARK_AS_OPEN"},
	"SCHEDULED/UNSUBMITTED service":              {"MARK_AS_OPEN"},
}

// checkRecorded compares what is listed for an operator with what was recorded. What was shipped in part was not
// recorded, nor is a closed one listed with anything.
func checkRecorded(t reporter, fo *fulfillment.FulfillmentOrder) {
	where := " own"
	if fo.AssignedLocation.AtService() {
		where = " service"
	}
	want, known := recorded[string(fo.Status)+"/"+string(fo.RequestStatus)+where]
	if fo.Status != fulfillment.StatusClosed && (!known || fo.TotalUnits() != fo.RemainingUnits()) {
		return
	}
	want = slices.Clone(want)
	if fo.Status == "IN_PROGRESS" && len(fo.Holds) > 0 {
		want = append(want, "RELEASE_HOLD")
	}
	if fo.RemainingUnits() == 1 {
		want = slices.DeleteFunc(want, func(a fulfillment.Action) bool { return a == "SPLIT" })
	}
	got := slices.Clone(fo.SupportedActions(operator))
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Fatalf("%s/%s at its%s location lists %v, recorded is %v", fo.Status, fo.RequestStatus, where, got, want)
	}
}

// checkActions makes sure that what is listed as supported for an actor is what this actor succeeds with.
func checkActions(
	t reporter, fo *fulfillment.FulfillmentOrder, by fulfillment.Actor, now time.Time, first fulfillment.ID,
) {
	listed := fo.SupportedActions(by)
	for i, action := range listed {
		if wellFormed[action] == nil || slices.Contains(listed[:i], action) {
			t.Fatalf("%s/%s lists %s: unknown or twice", fo.Status, fo.RequestStatus, action)
		}
	}
	for action, command := range wellFormed {
		cmd := command(fo, fulfillment.Meta{Actor: by})
		_, err := fo.Decide(cmd, fulfillment.Env{Now: now, IDs: fulfillment.NewIDs(first)})
		says, does := slices.Contains(listed, action), err == nil
		if says != does && !(does && unlisted(action, fo)) {
			t.Fatalf(
				"%s for %s: listed as %s: %v, but the command ended with error %v\n%s", describe(fo, cmd), by, action,
				says, err, marshal(t, fo),
			)
		}
	}
}

// elsewhere is a merchant's own location other than the present one.
func elsewhere(fo *fulfillment.FulfillmentOrder) fulfillment.AssignedLocation {
	if fo.AssignedLocation.LocationID == paris.LocationID {
		return berlin
	}
	return paris
}

// oneUnit is one unit of the first line that has any left.
func oneUnit(fo *fulfillment.FulfillmentOrder) []fulfillment.Quantity {
	for _, l := range fo.Lines {
		if l.Remaining > 0 {
			return []fulfillment.Quantity{{ID: l.ID, Quantity: 1}}
		}
	}
	return []fulfillment.Quantity{{ID: 1, Quantity: 1}}
}
