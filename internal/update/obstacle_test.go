package update

import (
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// TestActivityObstacle tells what an activity that a command waits for waits for itself.
func TestActivityObstacle(t *testing.T) {
	t.Parallel()
	told, err := converter.GetDefaultDataConverter().ToPayloads("fulfillment-order/7 is paused")
	if err != nil {
		t.Fatal(err)
	}
	none, err := converter.GetDefaultDataConverter().ToPayloads()
	if err != nil {
		t.Fatal(err)
	}
	failure := &failurepb.Failure{Message: "commit fulfillment order 7: no space left"}
	named := func(name string, info *workflowpb.PendingActivityInfo) *workflowpb.PendingActivityInfo {
		info.ActivityType = &commonpb.ActivityType{Name: name}
		return info
	}
	for name, test := range map[string]struct {
		activity *workflowpb.PendingActivityInfo
		want     string // empty: it is none
	}{
		"that tells": {
			named("CancelUnits", &workflowpb.PendingActivityInfo{HeartbeatDetails: told, LastFailure: failure}),
			"fulfillment-order/7 is paused",
		},
		"that only lives": {named("Reserve", &workflowpb.PendingActivityInfo{HeartbeatDetails: none}), ""},
		"that has failed": {
			named("Commit", &workflowpb.PendingActivityInfo{LastFailure: failure, Attempt: 3}), "no space left (attempt 3)",
		},
		"that nobody takes": {named("Commit", &workflowpb.PendingActivityInfo{
			State:         enumspb.PENDING_ACTIVITY_STATE_SCHEDULED,
			ScheduledTime: timestamppb.New(time.Now().Add(-time.Minute)),
		}), "no worker"},
		"of a provider": {
			named("CallProvider", &workflowpb.PendingActivityInfo{LastFailure: failure, Attempt: 3}), "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if met := activityObstacle(test.activity); met != nil {
				got = met.Error()
			}
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
