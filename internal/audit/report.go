package audit

import (
	"fmt"

	"packhorse/internal/fulfillment"
)

// Report is what was found: always all of the assertions, in a fixed order.
type Report struct {
	Assertions []Assertion
	// What was looked at: orders, fulfillment orders, and runs of workflows.
	Orders, FulfillmentOrders, Runs int
	// Lost is what the database has lost, the newest first: at most 1000 orders and fulfillment orders.
	Lost []Loss
}

// Assertion is one thing that must hold, with how many things were looked at for it.
type Assertion struct {
	Name       string
	Checked    int
	Violations []Violation
	Omitted    int         // violations beyond those that are kept, see [Live]
	UnderWay   []Violation // what does not hold now, and will by itself; only of a live system
	Unchecked  string      // why it was not looked at, or a part of it was not; empty: all was
}

// Violation is one place where an assertion doesn't hold. Either ID may be 0 where it isn't known.
type Violation struct {
	OrderID, FulfillmentOrderID fulfillment.ID
	What                        string // what was found and what should have been, as a sentence for an operator

	passes bool   // it is under way, and passes by itself
	same   string // what another look finds there, if it finds the same: What, where this is empty
}

// Violations gives the violations of all assertions, in their order.
func (r Report) Violations() []Violation {
	var all []Violation
	for _, assertion := range r.Assertions {
		all = append(all, assertion.Violations...)
	}
	return all
}

// Found is how many violations there are, also of those that were not kept.
func (r Report) Found() int {
	n := 0
	for _, a := range r.Assertions {
		n += len(a.Violations) + a.Omitted
	}
	return n
}

// The names of the assertions, in the order of a [Report].
const (
	OrdersExist          = "every accepted order exists"
	CommandsInHistory    = "every command that was done is in a workflow's history"
	CommandsInStore      = "every command that was done is in the transitions"
	CommandsOnce         = "no command was applied twice"
	UnitsConserved       = "the units of every order line are conserved"
	TransitionsGapFree   = "transitions are without gaps, each from where the one before ended"
	RowsAgree            = "the store's rows say what its snapshots say"
	StatesAgree          = "the store's snapshots are the workflows' states"
	EffectsOnce          = "every effect happened once at the provider"
	EffectsIntended      = "nothing happened at the provider without an intent"
	IntentsResolved      = "every intent was resolved"
	EventsOnce           = "every event is in the feed once, and says what its transition says"
	EventsInOrder        = "events are in order"
	WorkflowsEndWell     = "no workflow failed, timed out or was ended from outside"
	WorkflowsNotStuck    = "no workflow is stuck"
	WorkflowsLive        = "workflows are open exactly as long as their lives"
	ReservationsEnd      = "no reservation is left"
	HoldsHeld            = "nothing is on hold that nobody holds"
	OrderStatusesDerived = "orders' statuses follow from their fulfillment orders"
	RequestsTold         = "every request that waits for a service's answer is told at its callback URL, or why not"
	CallbacksBehind      = "callbacks of services are not ahead of the feed"
	NumbersFetched       = "tracking numbers that were fetched are a service's answer"
)

// assertions are all of them, in the order of a report.
var assertions = []struct {
	name  string
	check func(*evidence, *Assertion)
}{
	{OrdersExist, checkOrdersExist},
	{CommandsInHistory, checkCommandsInHistory},
	{CommandsInStore, checkCommandsInStore},
	{CommandsOnce, checkCommandsOnce},
	{UnitsConserved, checkUnits},
	{TransitionsGapFree, checkTransitions},
	{RowsAgree, checkRows},
	{StatesAgree, checkStates},
	{EffectsOnce, checkEffectsOnce},
	{EffectsIntended, checkEffectsIntended},
	{IntentsResolved, checkIntentsResolved},
	{EventsOnce, checkEventsOnce},
	{EventsInOrder, checkEventsInOrder},
	{WorkflowsEndWell, checkWorkflowsEndWell},
	{WorkflowsNotStuck, checkWorkflowsNotStuck},
	{WorkflowsLive, checkWorkflowsLive},
	{ReservationsEnd, checkReservations},
	{HoldsHeld, checkHolds},
	{OrderStatusesDerived, checkOrderStatuses},
	{RequestsTold, checkRequestsTold},
	{CallbacksBehind, func(*evidence, *Assertion) {}}, // Of no order: see callbacksBehind.
	{NumbersFetched, checkNumbersFetched},
}

// violated notes a violation.
func (a *Assertion) violated(orderID, id fulfillment.ID, format string, args ...any) {
	a.violatedAs("", orderID, id, format, args...)
}

// violatedAs notes a violation whose text says a number that may be another one at every look.
func (a *Assertion) violatedAs(same string, orderID, id fulfillment.ID, format string, args ...any) {
	a.Violations = append(a.Violations,
		Violation{OrderID: orderID, FulfillmentOrderID: id, What: fmt.Sprintf(format, args...), same: same})
}

// underWay notes what is a violation in a system at rest, and passes by itself in a live one.
func (a *Assertion) underWay(orderID, id fulfillment.ID, format string, args ...any) {
	a.Violations = append(a.Violations,
		Violation{OrderID: orderID, FulfillmentOrderID: id, What: fmt.Sprintf(format, args...), passes: true})
}
