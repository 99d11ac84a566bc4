package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"packhorse/internal/temporalio"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/converter"
)

// digest is what matters of a history; the events themselves would be too much to keep.
type digest struct {
	received []*received // commands, in their order
	// timers of reservations that neither fired nor were cancelled, by the event that started them
	leases   map[int64]string
	reserved map[string]bool         // reservations that were made, and whether they were ended by a message
	failures []string                // of workflow tasks: a history that did not replay, a panic
	failure  *failurepb.Failure      // with which the run failed
	output   *temporalio.OrderOutput // of an order's run that completed
}

// received is a command that came to a workflow, as an update or as a signal.
type received struct {
	run       *run
	id        string // command ID
	updateID  string // empty: a signal
	name      string // of the update or signal
	alone     bool   // on one fulfillment order, though the order decides it
	completed bool
	refused   bool            // completed with an error
	answer    json.RawMessage // completed without one
}

// leaseSummary is how the timer of a reservation is called.
const leaseSummary = "reservation for "

// byFaults mark the messages of workflow tasks that fail because of a fault and not because of the workflow: the task
// took too long, as that of a process that was paused does; or it was for an update and went to a worker that had lost
// the run from its memory, and the server does not hand out such a task's events with the history
// (temporalio/temporal#7741).
var byFaults = []string{"TMPRL1101", "history_events: premature end of stream"}

func isByFault(message string) bool {
	return slices.ContainsFunc(byFaults, func(mark string) bool { return strings.Contains(message, mark) })
}

// readHistory reads all events of the run.
func (r *run) readHistory(ctx context.Context, from Sources) error {
	r.leases, r.reserved = map[int64]string{}, map[string]bool{}
	updates := map[string]*received{}
	events := from.Temporal.GetWorkflowHistory(
		ctx, r.WorkflowID, r.RunID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT,
	)
	for events.HasNext() {
		event, err := events.Next()
		if errors.As(err, new(*serviceerror.NotFound)) {
			r.gone = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the history of %s: %w", r.WorkflowID, err)
		}
		if a := event.GetWorkflowExecutionUpdateAcceptedEventAttributes(); a != nil {
			c := r.accepted(a)
			updates[c.updateID] = c
		}
		if a := event.GetWorkflowExecutionUpdateCompletedEventAttributes(); a != nil {
			if c := updates[a.GetMeta().GetUpdateId()]; c != nil {
				c.end(a)
			}
		}
		r.note(event)
	}
	return nil
}

// note takes everything but updates.
func (r *run) note(event *historypb.HistoryEvent) {
	switch event.EventType {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
		a := event.GetWorkflowExecutionSignaledEventAttributes()
		c := &received{run: r, name: a.SignalName}
		if len(a.Input.GetPayloads()) > 0 {
			c.id, _ = commandIDIn(a.Input.Payloads[0].GetData())
		}
		r.received = append(r.received, c)
	case enumspb.EVENT_TYPE_TIMER_STARTED:
		var summary string
		if payload := event.GetUserMetadata().GetSummary(); payload != nil {
			_ = converter.GetDefaultDataConverter().FromPayload(payload, &summary) // Another timer's is of no interest.
		}
		if strings.HasPrefix(summary, leaseSummary) {
			r.leases[event.EventId] = summary
		}
	case enumspb.EVENT_TYPE_TIMER_FIRED:
		delete(r.leases, event.GetTimerFiredEventAttributes().StartedEventId)
	case enumspb.EVENT_TYPE_TIMER_CANCELED:
		delete(r.leases, event.GetTimerCanceledEventAttributes().StartedEventId)
	case enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED:
		// Tasks fail for other reasons when a process is paused or ended; those are tried again and end well.
		a := event.GetWorkflowTaskFailedEventAttributes()
		switch message := a.GetFailure().GetMessage(); {
		case a.Cause == enumspb.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR:
			r.failures = append(r.failures, "its history did not replay: "+message)
		case a.Cause == enumspb.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE && !isByFault(message):
			r.failures = append(r.failures, "its workflow task failed: "+message)
		}
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
		r.failure = event.GetWorkflowExecutionFailedEventAttributes().Failure
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
		if a := event.GetWorkflowExecutionCompletedEventAttributes(); r.orderID() != 0 &&
			len(a.Result.GetPayloads()) > 0 {
			output := new(temporalio.OrderOutput)
			if json.Unmarshal(a.Result.Payloads[0].GetData(), output) == nil {
				r.output = output
			}
		}
	}
}

func (r *run) accepted(a *historypb.WorkflowExecutionUpdateAcceptedEventAttributes) *received {
	request := a.GetAcceptedRequest()
	c := &received{run: r, updateID: request.GetMeta().GetUpdateId(), name: request.GetInput().GetName()}
	var body []byte
	if payloads := request.GetInput().GetArgs().GetPayloads(); len(payloads) > 0 {
		body = payloads[0].GetData()
	}
	if c.id, c.alone = commandIDIn(body); c.id == "" { // As the workflow does.
		c.id = c.updateID
	}
	r.received = append(r.received, c)
	switch c.name {
	case temporalio.ReserveUpdate, temporalio.ApplyUpdate, temporalio.AbortUpdate:
		var reservation temporalio.Reservation
		if json.Unmarshal(body, &reservation) == nil {
			r.reserved[reservation.By] = c.name != temporalio.ReserveUpdate
		}
	}
	return c
}

func (c *received) end(a *historypb.WorkflowExecutionUpdateCompletedEventAttributes) {
	c.completed = true
	c.refused = a.GetOutcome().GetFailure() != nil
	if payloads := a.GetOutcome().GetSuccess().GetPayloads(); len(payloads) > 0 {
		c.answer = payloads[0].GetData()
	}
}

// commandIDIn is the command ID in the JSON of a command, or of one that travels alone inside another.
func commandIDIn(body []byte) (id string, alone bool) {
	type envelope struct {
		CommandID string `json:"commandId"`
	}
	var cmd struct {
		envelope
		Command *envelope `json:"command"`
	}
	_ = json.Unmarshal(body, &cmd) // What isn't a command has no command ID.
	if cmd.Command != nil {
		return cmd.Command.CommandID, true
	}
	return cmd.CommandID, false
}

// indexCommands makes the commands findable by their IDs.
func (e *evidence) indexCommands() {
	e.commands = map[string][]*received{}
	for _, r := range e.allRuns() {
		for _, c := range r.received {
			if c.id != "" {
				e.commands[c.id] = append(e.commands[c.id], c)
			}
		}
	}
}
