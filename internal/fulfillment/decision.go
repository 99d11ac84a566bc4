package fulfillment

import "time"

// Env is what a decision may depend on beside state and command.
type Env struct {
	Now time.Time // UTC
	IDs *IDs      // where new things get their IDs from

	// StaysApart is for runs that began before what a partial hold leaves out came back: there it does not.
	StaysApart bool

	// AwaitsDelivery is for runs that began before what is handed over was delivered with its shipment: there it waits
	// for news as if it were sent.
	AwaitsDelivery bool
	// Forgetful is for runs that began before a command that changes nothing was remembered: there it leaves no
	// transition.
	Forgetful bool
	// AnyOrder is for runs that began before a deadline could not be before what it is the end of.
	AnyOrder bool
	// TrustsClocks is for runs that began before events were ordered without those clocks that are ahead: there news of
	// tomorrow hides that of today.
	TrustsClocks bool
	// NoReports is for runs that began before a service's system could tell why it does not ship what it has accepted:
	// there such a hold is refused.
	NoReports bool
	// NoLimit is for runs that began before states had [MaxState].
	NoLimit bool
}

// Decision is what a command did.
type Decision struct {
	State       *FulfillmentOrder   // the new state; the old one is untouched
	Transitions []Transition        // of State, in order; empty if nothing happened that has to be remembered
	Siblings    []*FulfillmentOrder // new fulfillment orders, each with its first transition in SiblingTransitions
	Result      Result
	Repeated    bool // this command ID came before: Result is the answer of then, nothing changed

	SiblingTransitions []Transition // one CREATED transition for each of Siblings
}

// Unchanged tells whether all that happened is that the command is remembered.
func (d *Decision) Unchanged() bool {
	return len(d.Transitions) == 1 && d.Transitions[0].Kind == KindUnchanged
}
