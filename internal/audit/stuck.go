package audit

import "packhorse/internal/temporalio"

// checkWorkflowsNotStuck looks for runs that can't go on: a workflow task that fails again and again, or an activity; a
// history that didn't replay, or a panic, even if the task went well later; a command that was taken and never
// answered, even by a run that ended meanwhile.
func checkWorkflowsNotStuck(e *evidence, a *Assertion) {
	for _, r := range e.allRuns() {
		a.Checked++
		orderID, id := e.concerned(r)
		violated := func(format string, args ...any) {
			a.violated(orderID, id, "%s: "+format, append([]any{r.WorkflowID}, args...)...)
		}
		if r.paused() {
			paused := &temporalio.PausedError{WorkflowID: r.WorkflowID}
			a.underWay(orderID, id, "%v. %s", paused, paused.WhatToDo())
		}
		if r.open() && r.taskAttempt > 1 {
			a.violatedAs(attempts, orderID, id, "%s: its workflow task is at attempt %d", r.WorkflowID, r.taskAttempt)
		}
		for _, problem := range r.problems {
			violated("%s", problem)
		}
		for _, problem := range r.hopeless {
			a.violatedAs(attempts, orderID, id, "%s: %s", r.WorkflowID, problem)
		}
		for _, problem := range r.retries {
			a.underWay(orderID, id, "%s: %s", r.WorkflowID, problem)
		}
		for _, failure := range r.failures {
			violated("%s", failure)
		}
		for _, c := range r.received {
			if c.updateID == "" || c.completed || r.endedBadly() {
				continue
			}
			if r.busy() {
				a.underWay(orderID, id, "%s: %s %q was taken and is not answered yet", r.WorkflowID, c.name, c.updateID)
			} else {
				violated("%s %q was taken and never answered", c.name, c.updateID)
			}
		}
	}
}

// stuck tells whether the run can't go on by itself; what else follows from that is not said again.
func (r *run) stuck() bool {
	return r.open() && (r.taskAttempt > 1 || len(r.problems)+len(r.hopeless)+len(r.retries) > 0)
}

// busy tells whether something is under way after which the run goes on: a task, an activity, the start of a child, the
// end of a reservation, or that of a pause.
func (r *run) busy() bool {
	return r.open() && (r.paused() || r.taskAttempt > 0 || len(r.waits) > 0 || len(r.leases) > 0)
}

// attempts marks violations that say another number of attempts whenever they are looked at.
const attempts = "attempts"
