package temporalio

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
)

// PausedError says that somebody has paused a workflow in Temporal (which takes a server of 1.31 or later, and its
// operator's leave). Until it is unpaused it takes no updates and answers no queries, and nothing that is due of it
// happens; signals wait, and its activities and runs grow older.
type PausedError struct {
	WorkflowID string
	Since      time.Time // zero: not known
}

// Error names the workflow, and tells neither who paused it nor why: both are free texts of people.
func (e *PausedError) Error() string {
	if e.Since.IsZero() {
		return e.WorkflowID + " is paused in Temporal"
	}
	return fmt.Sprintf(
		"%s is paused in Temporal since %s", e.WorkflowID, e.Since.UTC().Format("2006-01-02 15:04:05 MST"),
	)
}

// WhatToDo is how the workflow goes on.
func (e *PausedError) WhatToDo() string {
	return "Let it go on: temporal workflow unpause --workflow-id " + e.WorkflowID
}

// MayBePaused tells whether an update was turned away in the way in which paused workflows do it; whether it is one,
// its description says.
func MayBePaused(err error) bool { return errors.As(err, new(*serviceerror.FailedPrecondition)) }
