package audit

import (
	"testing"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
)

// TestStatesAhead: a workflow may be ahead of the store while its commit is under way, as in an outage, and never else.
func TestStatesAhead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name             string
		commits          bool
		store, workflow  int64
		passing, violate int
	}{
		{"agree", false, 3, 3, 0, 0},
		{"ahead_and_committing", true, 3, 4, 1, 0},
		{"ahead", false, 3, 4, 0, 1},
		{"behind_and_committing", true, 4, 3, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &evidence{states: []compared{{
				run: &run{
					Status:    enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
					described: described{commits: test.commits},
				},
				snapshot: &fulfillment.FulfillmentOrder{Sequence: test.store},
				state:    &fulfillment.FulfillmentOrder{Sequence: test.workflow},
			}}}
			var a Assertion
			checkStates(e, &a)
			passing := 0
			for _, v := range a.Violations {
				if v.passes {
					passing++
				}
			}
			if passing != test.passing || len(a.Violations)-passing != test.violate {
				t.Errorf("%v", a.Violations)
			}
		})
	}
}
