package fulfillment

import (
	"cmp"
	"slices"
	"time"
)

// Edge is one step that the life of a fulfillment order can take: from one pair of statuses to another.
type Edge struct {
	From  string // such as "OPEN/UNSUBMITTED"; a CLOSED one keeps the request status it had, so it is just "CLOSED"
	To    string
	Label Verb // the command that takes it; Tick: time has passed, ProviderAnswer: a service's system has answered
}

// Lifecycle lists every step between two pairs of statuses, in the order of a life. It is found by giving every
// command to a fulfillment order in every state, so a diagram drawn from it can't disagree with what Decide does.
func Lifecycle() []Edge {
	var edges []Edge
	for _, fo := range examples() {
		for _, cmd := range exampleCommands(fo) {
			d, err := fo.Decide(cmd, Env{Now: exampleTime, IDs: NewIDs(1000)})
			if err != nil {
				continue
			}
			for _, t := range d.Transitions {
				e := Edge{t.Before.pair(), t.After.pair(), cmd.Verb()}
				if e.From != e.To && !slices.Contains(edges, e) {
					edges = append(edges, e)
				}
			}
		}
	}
	slices.SortStableFunc(edges, func(a, b Edge) int {
		return cmp.Or(pairOrder(a.From)-pairOrder(b.From), pairOrder(a.To)-pairOrder(b.To))
	})
	return edges
}

func (s State) pair() string {
	if s.Status == StatusClosed {
		return string(StatusClosed)
	}
	return string(s.Status) + "/" + string(s.RequestStatus)
}

// pairs lists the pairs of statuses in the order of a life.
func pairs() []State {
	var list []State
	for _, s := range Statuses {
		for _, r := range RequestStatuses {
			if LegalPair(s, r) {
				list = append(list, State{Status: s, RequestStatus: r})
			}
		}
	}
	return list
}

func pairOrder(name string) int {
	return slices.IndexFunc(pairs(), func(s State) bool { return s.pair() == name })
}

var (
	exampleTime = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	exampleKey  = EffectKey(1, 1)
)

// examples has a fulfillment order in every pair of statuses that can be at a merchant's location, at a service that
// people answer for, and at one with a system of its own; each with nothing shipped and with a part shipped.
func examples() []*FulfillmentOrder {
	own := AssignedLocation{LocationID: 1}
	manual := AssignedLocation{LocationID: 2, ServiceID: 2, Provider: ManualProvider, AcceptPolicy: AcceptHold}
	automated := AssignedLocation{LocationID: 3, ServiceID: 3, Provider: "example", AcceptPolicy: AcceptHold}
	var list []*FulfillmentOrder
	for _, at := range []AssignedLocation{own, manual, automated} {
		for _, pair := range pairs() {
			if !at.AtService() && pair.RequestStatus != RequestUnsubmitted {
				continue
			}
			for shipped := range 2 {
				// At a service, only what is partly shipped is in progress without a request.
				if shipped > 0 || !at.AtService() || pair.Status != StatusInProgress ||
					pair.RequestStatus != RequestUnsubmitted {
					list = append(list, example(at, pair, shipped))
				}
			}
		}
	}
	withdrawn := example(automated, State{Status: StatusOpen, RequestStatus: RequestSubmitted}, 0)
	withdrawn.Effects = []Effect{
		{Key: exampleKey, Kind: EffectWithdraw, Status: EffectDue, For: exampleKey, Then: AcceptHold},
	}
	rerouted := example(automated, State{Status: StatusOpen, RequestStatus: RequestUnsubmitted}, 0)
	rerouted.Effects = []Effect{{Key: exampleKey, Kind: EffectReroute, Status: EffectDue}}
	return append(list, withdrawn, rerouted)
}

func example(at AssignedLocation, pair State, shipped int) *FulfillmentOrder {
	past := exampleTime.Add(-time.Hour)
	fo := &FulfillmentOrder{
		ID: 1, OrderID: 2, Status: pair.Status, RequestStatus: pair.RequestStatus, AssignedLocation: at, Sequence: 1,
		Lines: []Line{{ID: 3, LineItemID: 4, RequiresShipping: true, Total: 2, Remaining: 2 - shipped}},
	}
	if shipped > 0 {
		fo.Fulfillments = []Fulfillment{{ID: 5, Status: FulfillmentSuccess, RequiresShipping: true, CreatedAt: past,
			Lines: []FulfillmentLine{{ID: 6, FulfillmentOrderLineID: 3, LineItemID: 4, Quantity: shipped}}}}
	}
	var effect EffectKind
	switch {
	case pair.Status == StatusScheduled:
		fo.FulfillAt = &past
	case pair.Status == StatusOnHold:
		fo.Holds = []Hold{{ID: 7, Reason: HoldOther, ExpiresAt: &past}}
	case fo.in(StatusInProgress, RequestUnsubmitted):
		fo.ProgressReported = !at.AtService() && shipped == 0
	case fo.in(StatusOpen, RequestSubmitted):
		fo.AcceptBy, effect = &past, EffectRequest
	case fo.in(StatusInProgress, RequestCancellationRequested):
		effect = EffectCancel
	}
	if effect != "" && at.Automated() {
		fo.RequestKey = exampleKey
		fo.Effects = []Effect{{Key: exampleKey, Kind: effect, Status: EffectDue}}
	}
	return fo
}

func exampleCommands(fo *FulfillmentOrder) []Command {
	elsewhere := &AssignedLocation{LocationID: 9, ServiceID: 9}
	list := []Command{
		&SubmitFulfillmentRequest{}, &AcceptFulfillmentRequest{}, &RejectFulfillmentRequest{},
		&SubmitCancellationRequest{}, &AcceptCancellationRequest{}, &RejectCancellationRequest{},
		&PlaceHold{Reason: HoldOther}, &ReleaseHold{}, &Cancel{}, &Close{}, &Open{}, &ReportProgress{},
		&Move{NewLocationID: 9, Location: elsewhere}, &CreateFulfillment{}, &CancelFulfillment{FulfillmentID: 5},
		&CancelUnits{WholeOrder: true}, &Tick{},
	}
	if fo.RemainingUnits() > 1 {
		one := []Quantity{{fo.Lines[0].ID, 1}}
		list = append(
			list, &CreateFulfillment{Lines: one}, &AcceptFulfillmentRequest{Lines: one},
			&AcceptCancellationRequest{Lines: one},
		)
	}
	if len(fo.Effects) > 0 {
		list = append(
			list, &ProviderAnswer{Key: exampleKey, Outcome: OutcomeAccepted, Location: elsewhere},
			&ProviderAnswer{Key: exampleKey, Outcome: OutcomeRejected},
		)
	}
	return list
}
