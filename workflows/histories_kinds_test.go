package workflows_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
)

// notByFulfillmentOrders are transitions that no fulfillment order's workflow decides: an activity does, as a rule that
// of the order. That nobody knows an outcome is said by no provider that is at hand.
var notByFulfillmentOrders = []string{
	string(fulfillment.KindCreated), string(fulfillment.KindMerged), string(fulfillment.KindMergedAway),
	string(fulfillment.KindDestinationChanged), string(fulfillment.KindDestinationKept),
	string(fulfillment.KindProviderUnknown), string(fulfillment.KindRestored),
}

// ofThePast are activities that only runs from before a patch still need.
var ofThePast = []string{"FindLocation"}

// wantedKinds is what the histories of a version must have between them. Most of it is read off the code, so that
// something new is missed.
func wantedKinds(t *testing.T) []string {
	t.Helper()
	var kinds []string
	for _, verb := range fulfillment.Verbs() {
		kinds = append(kinds, updateKind(temporalio.FulfillmentOrderType, string(verb)), "signal "+string(verb))
	}
	for _, step := range []string{
		temporalio.ReserveUpdate, temporalio.ApplyUpdate, temporalio.AbortUpdate, temporalio.RefreshUpdate,
	} {
		kinds = append(kinds, updateKind(temporalio.FulfillmentOrderType, step))
	}
	for _, verb := range append(returns.Verbs(), temporalio.RefreshUpdate) {
		kinds = append(kinds, updateKind(temporalio.ReturnType, string(verb)))
	}
	for _, verb := range fulfillment.JointVerbs {
		kinds = append(kinds, updateKind(temporalio.OrderType, string(verb)))
	}
	kinds = append(
		kinds, updateKind(temporalio.OrderType, temporalio.CancelOrderUpdate),
		updateKind(temporalio.OrderType, temporalio.EditOrderUpdate),
		updateKind(temporalio.OrderType, temporalio.UpdateOrderUpdate),
		updateKind(temporalio.OrderType, temporalio.CloseOrderUpdate),
		updateKind(temporalio.OrderType, temporalio.OpenOrderUpdate),
		updateKind(temporalio.ServiceDeletionType, temporalio.DeleteServiceUpdate),
	)
	for _, host := range []reflect.Type{
		reflect.TypeFor[*activities.Activities](), reflect.TypeFor[*activities.Providers](),
		reflect.TypeFor[*activities.Deliveries](), reflect.TypeFor[*activities.Callbacks](),
		reflect.TypeFor[*activities.Returns](),
	} {
		for i := range host.NumMethod() {
			if name := host.Method(i).Name; !slices.Contains(ofThePast, name) {
				kinds = append(kinds, "activity "+name)
			}
		}
	}
	for name, value := range constants(t, "../internal/fulfillment") {
		if strings.HasPrefix(name, "Kind") && !slices.Contains(notByFulfillmentOrders, value) {
			kinds = append(kinds, "transition "+value)
		}
	}
	for _, role := range []fulfillment.SiblingRole{fulfillment.SiblingUnsubmitted, fulfillment.SiblingRemaining,
		fulfillment.SiblingReplacement,
		fulfillment.SiblingMoved, fulfillment.SiblingReopened, fulfillment.SiblingRejected} {
		kinds = append(kinds, "sibling "+string(role))
	}
	for _, outcome := range []fulfillment.Outcome{
		fulfillment.OutcomeAccepted, fulfillment.OutcomeRejected, fulfillment.OutcomePending, fulfillment.OutcomeParked,
	} {
		kinds = append(kinds, "provider's answer "+string(outcome))
	}
	for _, p := range callsOfGetVersion(t) {
		kinds = append(kinds, patchKind(p.id, p.highest))
	}
	kinds = append(kinds, "signal "+temporalio.ReportSignal, "signal "+temporalio.ChangedSignal)
	return append(kinds, runCompleted, runFailed, runTerminated, runContinuesAsNew, runContinued, runFromCommit,
		runFromSnapshot, runReset, runAskedToCancel, runRestored, runGone,
		commitAsActivity, activityAgain, timerFired, timerCancelled, childStarted, updateRefused, tasksShared)
}

// wantedFromBefore is what only code before a patch can have recorded: the other side of every patch.
func wantedFromBefore(t *testing.T) []string {
	t.Helper()
	kinds := []string{orderStartedChildren}
	for _, name := range ofThePast {
		kinds = append(kinds, "activity "+name)
	}
	for _, p := range callsOfGetVersion(t) {
		kinds = append(kinds, patchKind(p.id, p.lowest))
	}
	return kinds
}

// Kinds of runs and of what happens in them.
const (
	runCompleted      = "run that completed"
	runFailed         = "run that failed"
	runTerminated     = "run that an operator terminated"
	runContinuesAsNew = "run that continued as new"
	runContinued      = "run that was continued as new"
	runFromCommit     = "run that began with what the order has just committed"
	runFromSnapshot   = "run that began with a later snapshot"
	runReset          = "run that an operator reset"
	runAskedToCancel  = "run that was asked to cancel and goes on"
	runRestored       = "run that went on from a database that was set back"
	runGone           = "run of what a database that was set back does not have any more"
	commitAsActivity  = "commit that became a normal activity"
	activityAgain     = "provider call that was retried"
	timerFired        = "timer that fired"
	timerCancelled    = "timer that was cancelled"
	childStarted      = "child that started"
	updateRefused     = "update that a handler refused"
	tasksShared       = "workflow task with several commands"

	orderStartedChildren = "order that started what it became as its children"
)

func updateKind(workflowType, name string) string {
	return "update " + name + " of a workflow " + workflowType
}

func patchKind(id string, version int) string {
	return fmt.Sprintf("patch %s at version %d", id, version)
}

// kinds replays all histories and tells what there is among them.
func (c corpus) kinds(t *testing.T) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	for _, h := range c.histories {
		did, err := witnessed(h.started().WorkflowId, h.History)
		if err != nil {
			t.Errorf("%s: %v", h.name, err)
			continue
		}
		for kind := range did.kinds {
			seen["transition "+string(kind)] = true
		}
		for id, versions := range did.patches {
			for version := range versions {
				seen[patchKind(id, int(version))] = true
			}
		}
		h.addKinds(seen)
	}
	return seen
}

// addKinds reads off the events what a history has.
func (h recordedHistory) addKinds(seen map[string]bool) {
	started := h.started()
	updates, activityTypes := map[string]string{}, map[int64]string{}
	inTask := 0
	for _, e := range h.Events {
		switch e.EventType {
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			inTask = 0
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
			if inTask++; inTask > 1 {
				seen[tasksShared] = true
			}
			request := e.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest()
			updates[request.GetMeta().GetUpdateId()] = request.GetInput().GetName()
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
			done := e.GetWorkflowExecutionUpdateCompletedEventAttributes()
			if done.GetOutcome().GetFailure() != nil {
				seen[updateRefused] = true
				continue
			}
			seen[updateKind(started.WorkflowType.Name, updates[done.GetMeta().GetUpdateId()])] = true
			var result fulfillment.Result
			if json.Unmarshal(answerOf(done.GetOutcome()), &result) == nil && result.SiblingRole != "" {
				seen["sibling "+string(result.SiblingRole)] = true
			}
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			seen["signal "+e.GetWorkflowExecutionSignaledEventAttributes().SignalName] = true
		case enumspb.EVENT_TYPE_MARKER_RECORDED:
			name := localActivity(e)
			seen["activity "+name] = true
			if name == "Load" {
				loaded := loadedBy(e)
				seen[runRestored], seen[runGone] = seen[runRestored] || loaded.Restored, seen[runGone] || loaded.Gone
			}
			if name == "Load" && started.ParentWorkflowExecution == nil && len(updates)+inTask == 0 {
				seen[runFrom(e)] = true
			}
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			name := e.GetActivityTaskScheduledEventAttributes().ActivityType.Name
			activityTypes[e.EventId] = name
			seen["activity "+name] = true
			seen[commitAsActivity] = seen[commitAsActivity] || name == "Commit"
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			task := e.GetActivityTaskStartedEventAttributes()
			seen[activityAgain] = seen[activityAgain] || task.Attempt > 1 &&
				activityTypes[task.ScheduledEventId] == "CallProvider"
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			done := e.GetActivityTaskCompletedEventAttributes()
			var answer fulfillment.ProviderAnswer
			if p := done.GetResult().GetPayloads(); activityTypes[done.ScheduledEventId] == "CallProvider" &&
				json.Unmarshal(p[0].Data, &answer) == nil {
				seen["provider's answer "+string(answer.Outcome)] = true
			}
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED:
			seen[runReset] = seen[runReset] ||
				e.GetWorkflowTaskFailedEventAttributes().Cause == enumspb.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED:
			seen[runAskedToCancel] = last(h.History) != enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED
		case enumspb.EVENT_TYPE_TIMER_FIRED:
			seen[timerFired] = true
		case enumspb.EVENT_TYPE_TIMER_CANCELED:
			seen[timerCancelled] = true
		case enumspb.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
			seen[childStarted] = true
			seen[orderStartedChildren] = seen[orderStartedChildren] ||
				started.WorkflowType.Name == temporalio.OrderType && len(updates) == 0
		}
	}
	switch last(h.History) {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
		seen[runCompleted] = true
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
		seen[runFailed] = true
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
		seen[runTerminated] = true
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		seen[runContinuesAsNew] = true
	}
	seen[runContinued] = seen[runContinued] || started.ContinuedExecutionRunId != ""
}

// runFrom tells how a run began from what it loaded first.
func runFrom(load *historypb.HistoryEvent) string {
	if loaded := loadedBy(load); loaded.State != nil && loaded.State.Sequence == 1 {
		return runFromCommit
	}
	return runFromSnapshot
}

func loadedBy(load *historypb.HistoryEvent) (loaded activities.Loaded) {
	for _, p := range load.GetMarkerRecordedEventAttributes().GetDetails()["result"].GetPayloads() {
		_ = json.Unmarshal(p.GetData(), &loaded)
	}
	return loaded
}

// localActivity is the name of the local activity that a marker tells of; empty if it tells of something else.
func localActivity(e *historypb.HistoryEvent) string {
	var data struct{ ActivityType string }
	for _, p := range e.GetMarkerRecordedEventAttributes().GetDetails()["data"].GetPayloads() {
		_ = json.Unmarshal(p.GetData(), &data) // Other markers have other data.
	}
	return data.ActivityType
}
