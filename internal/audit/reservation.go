package audit

// checkReservations counts the reservations that were made, and looks for the timers that end those which nobody ends:
// an open run that still has one is reserved, and decides nothing meanwhile.
func checkReservations(e *evidence, a *Assertion) {
	for _, r := range e.allRuns() {
		a.Checked += len(r.reserved)
		if !r.open() {
			continue
		}
		orderID, id := e.concerned(r)
		for event, summary := range r.leases {
			a.underWay(orderID, id, "%s is reserved: the timer %q of event %d runs", r.WorkflowID, summary, event)
		}
	}
}
