package audit

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
)

// Report is what a check found: always all of the assertions, in a fixed order.
type Report struct{ Assertions []Assertion }

// Assertion is one thing that must hold, with how many things were looked at for it.
type Assertion struct {
	Name       string
	Checked    int
	Violations []Violation
}

// Violation is one place where an assertion doesn't hold. Either ID may be 0 where it isn't known.
type Violation struct {
	OrderID, FulfillmentOrderID fulfillment.ID
	What                        string // what was found and what should have been, as a sentence for an operator
}

// Violations gives the violations of all assertions, in their order.
func (r Report) Violations() []Violation {
	var all []Violation
	for _, assertion := range r.Assertions {
		all = append(all, assertion.Violations...)
	}
	return all
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
	EventsOnce           = "every event is in the outbox once"
	EventsInOrder        = "events are in order"
	WorkflowsEndWell     = "no workflow failed, timed out or was ended from outside"
	WorkflowsNotStuck    = "no workflow is stuck"
	WorkflowsLive        = "workflows are open exactly as long as their lives"
	ReservationsEnd      = "no reservation is left"
	HoldsHeld            = "nothing is on hold that nobody holds"
	OrderStatusesDerived = "orders' statuses follow from their fulfillment orders"
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
}

// Check reads the sources and asserts. The error tells that something couldn't be read, never that something is wrong.
// It needs a live worker: workflows are asked for their states.
func Check(ctx context.Context, from Sources, saw Witness) (Report, error) {
	e, err := gather(ctx, from, saw)
	if err != nil {
		return Report{}, fmt.Errorf("read what is to be checked: %w", err)
	}
	var report Report
	for _, a := range assertions {
		assertion := Assertion{Name: a.name}
		a.check(e, &assertion)
		report.Assertions = append(report.Assertions, assertion)
	}
	return report, nil
}

// violated notes a violation.
func (a *Assertion) violated(orderID, id fulfillment.ID, format string, args ...any) {
	a.Violations = append(a.Violations, Violation{OrderID: orderID, FulfillmentOrderID: id, What: fmt.Sprintf(format, args...)})
}
