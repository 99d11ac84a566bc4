package audit

import (
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
)

// TestStuck tells runs that can't go on from those that are at work.
func TestStuck(t *testing.T) {
	t.Parallel()
	const open, ended = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	const paused = enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
	unanswered := digest{received: []*received{{updateID: "u", name: "Hold"}}}
	for _, test := range []struct {
		name           string
		run            run
		stuck, passing int
	}{
		{"quiet", run{Status: open}, 0, 0},
		{"task", run{Status: open, described: described{taskAttempt: 1}}, 0, 0},
		{"task_again_and_again", run{Status: open, described: described{taskAttempt: 2}}, 1, 0},
		{"activity_tried_again", run{Status: open, described: described{retries: []string{"again"}}}, 0, 1},
		{"activity_without_hope", run{Status: open, described: described{hopeless: []string{"again"}}}, 1, 0},
		{"history_that_does_not_replay", run{Status: ended, digest: digest{failures: []string{"no"}}}, 1, 0},
		{
			"command_at_work", run{Status: open, digest: unanswered, described: described{waits: []string{"activity"}}},
			0, 1,
		},
		{"command_forgotten", run{Status: open, digest: unanswered}, 1, 0},
		{"paused", run{Status: paused}, 0, 1},
		{"paused_with_a_command", run{Status: paused, digest: unanswered}, 0, 2},
		{"paused_amid_its_tasks", run{Status: paused, described: described{taskAttempt: 2}}, 1, 1},
		{"command_never_answered", run{Status: ended, digest: unanswered}, 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run.WorkflowID = "order/7"
			e := &evidence{runs: map[string][]*run{"order/7": {&test.run}}}
			var a Assertion
			checkWorkflowsNotStuck(e, &a)
			underWay := 0
			for _, v := range a.Violations {
				if v.OrderID != 7 {
					t.Errorf("it blames order %d", v.OrderID)
				}
				if v.passes {
					underWay++
				}
			}
			if stuck := len(a.Violations) - underWay; stuck != test.stuck || underWay != test.passing {
				t.Errorf("%d stuck, %d under way: %v", stuck, underWay, a.Violations)
			}
		})
	}
}

// TestMayBeForgotten: a server keeps what has ended for a while only.
func TestMayBeForgotten(t *testing.T) {
	t.Parallel()
	const closed, open = fulfillment.StatusClosed, fulfillment.StatusOpen
	for _, test := range []struct {
		name           string
		retention, age time.Duration
		status         fulfillment.Status
		want           bool
	}{
		{"over_long_ago", time.Hour, 2 * time.Hour, closed, true},
		{"over_just_now", time.Hour, time.Minute, closed, false},
		{"not_over", time.Hour, 2 * time.Hour, open, false},
		{"kept_for_ever", 0, 2 * time.Hour, closed, false},
	} {
		e := &evidence{retention: test.retention}
		snapshot := &fulfillment.FulfillmentOrder{Status: test.status, CreatedAt: time.Now().Add(-test.age)}
		if got := e.mayBeForgotten(&fulfillmentOrder{Snapshot: snapshot}); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
