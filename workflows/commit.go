package workflows

import (
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// maxBatch is how many signals are read before they are committed, and how many decisions share a transaction. However
// many come at once, what a commit carries stays far below what an activity may, the first commands are answered while
// others wait, and the workflow's code never goes on for so long that the SDK takes it for stuck and gives up the task.
const maxBatch = 100

// boundedCommits is the patch with which no more than [maxBatch] are read or committed at once. Runs that did more
// before go on like that.
const boundedCommits = "bounded-commits"

func isBounded(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, boundedCommits, workflow.DefaultVersion, 1) >= 1
}

// breathe lets everything else in the run go on for a moment.
func breathe(ctx workflow.Context) error {
	breath := false
	return workflow.Await(ctx, func() bool {
		before := breath
		breath = true
		return before
	})
}

// commit puts what is pending into the store in one transaction, oldest first. Commands that arrive meanwhile are
// decided on top and share the next one.
func (l *life) commit(ctx workflow.Context) error {
	batch := l.pending
	switch {
	case l.oneByOne:
		batch = batch[:1:1]
	case len(batch) > maxBatch && isBounded(ctx):
		batch = batch[:maxBatch:maxBatch]
	}
	l.pending = l.pending[len(batch):]
	decisions := make([]*fulfillment.Decision, len(batch))
	for i, d := range batch {
		decisions[i] = d.decision
	}
	commit := fulfillment.CommitOf(decisions[len(batch)-1].State, decisions...)
	var earlier *activities.Loaded
	err := local(ctx, commitSummary(commit.Transitions), activity.Commit, commit, &earlier)
	switch {
	case earlier != nil: // By a workflow task that was lost. What it decided stands, with its times.
		return l.resume(ctx, *earlier, nil)
	case isStale(err), isNotFound(err):
		return l.reload(ctx, batch, nil)
	case isUnstorable(err):
		refused, _ := temporalio.Refusal(err)
		return l.park(ctx, batch, refused)
	case isInTheWay(err):
		refused, _ := temporalio.Refusal(err)
		return l.turnDown(ctx, batch, refused)
	case isIDTaken(err): // By a sender that gave IDs of its own. Nothing of the batch is stored.
		for _, d := range slices.Concat(batch, l.pending) {
			if d.cmd.Envelope().FirstID, err = mint(ctx); err != nil {
				return err
			}
		}
		return l.reload(ctx, batch, nil)
	case err != nil:
		return err
	}
	l.parked, l.inStore = nil, commit.State
	// Siblings are there before anybody is told of them; runs that began earlier tell first.
	tellFirst := len(commit.Siblings) == 0 || workflow.GetVersion(ctx, jointCommands, workflow.DefaultVersion, 1) < 1
	if tellFirst {
		l.committed = commit.State.Sequence
	}
	if err := startFulfillmentOrders(ctx, commit.Siblings); err != nil {
		return err
	}
	l.committed = max(l.committed, commit.State.Sequence)
	return nil
}

// commitSummary names what is committed, so that the list of a run's events tells its story.
func commitSummary(transitions []fulfillment.Transition) string {
	var kinds []string
	for i := range transitions {
		kinds = append(kinds, strings.ReplaceAll(strings.ToLower(string(transitions[i].Kind)), "_", " "))
	}
	return temporalio.Clip("commit: "+strings.Join(slices.Compact(kinds), ", "), 400)
}

// reload is for a store that is ahead of this run: after a joint command or a reset, or when a repeated command is
// older than the answers that travel with the state. It may also be behind: then it was set back, and this goes on from
// what it has, or ends. Lost is everything that was decided and is not pending any more; heard is what somebody else
// has told to be committed, nil if nobody has.
func (l *life) reload(ctx workflow.Context, lost []decided, heard *fulfillment.Answered) error {
	in := activities.LoadInput{ID: l.fo.ID, Heard: heard}
	for _, d := range slices.Concat(lost, l.pending) {
		if id := d.cmd.Envelope().CommandID; id != "" {
			in.CommandIDs = append(in.CommandIDs, id)
		}
	}
	in.Refused = true
	in.Known = activities.KnownOf(l.inStore)
	loaded, err := l.read(ctx, in)
	switch {
	case err != nil:
		return err
	case loaded.Gone:
		l.lose(ctx)
		return nil
	}
	if len(loaded.Refused) > 0 && refusesOnce(ctx) {
		l.refusedBefore = append(l.refusedBefore, loaded.Refused...)
	}
	l.restored = l.restored || loaded.Restored
	return l.resume(ctx, loaded, lost)
}

// resume goes on from what the store has. Waiting handlers decide again on that; what nobody waits for is decided again
// here, when it is lost or pending.
func (l *life) resume(ctx workflow.Context, loaded activities.Loaded, lost []decided) error {
	if err := startFulfillmentOrders(ctx, loaded.Siblings); err != nil {
		return err
	}
	lost, l.pending = slices.Concat(lost, l.pending), nil
	l.adopt(loaded.State, loaded.Answered)
	l.epoch++
	for _, d := range lost {
		if d.answered || d.tells || isTimer(d.cmd) {
			continue
		}
		if l.othersDecide(ctx, d.cmd) {
			l.passSignalOn(ctx, d.cmd)
			continue
		}
		l.decideUnanswered(ctx, d.cmd, nil)
	}
	return nil
}

func (l *life) read(ctx workflow.Context, in activities.LoadInput) (activities.Loaded, error) {
	var loaded activities.Loaded
	err := local(ctx, "load the snapshot", activity.Load, in, &loaded)
	return loaded, err
}

// startFulfillmentOrders starts the workflows of new fulfillment orders. They are committed, so one that somebody has
// started already by commanding it is as good. The parent waits until each has started: an abandoned child of a
// parent that closes at once might never run.
func startFulfillmentOrders(ctx workflow.Context, fos []*fulfillment.FulfillmentOrder) error {
	if len(fos) == 0 {
		return nil
	}
	asked := stateIsAsked(ctx)
	children := make([]workflow.ChildWorkflowFuture, len(fos))
	for i, fo := range fos {
		in := temporalio.FulfillmentOrderInput{ID: fo.ID}
		if !asked {
			in.State = fo
		}
		children[i] = workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
			WorkflowID:            temporalio.FulfillmentOrderID(fo.ID),
			TaskQueue:             temporalio.TaskQueue,
			ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
			WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY, // It was lost.
			TypedSearchAttributes: temporalio.SearchableOf(fo).Attributes(),
			StaticSummary:         temporalio.Summary(fo),
		}), temporalio.FulfillmentOrderType, in)
	}
	for _, child := range children {
		if err := child.GetChildWorkflowExecution().Get(ctx, nil); err != nil &&
			!temporal.IsWorkflowExecutionAlreadyStartedError(err) {
			return err
		}
	}
	return nil
}
