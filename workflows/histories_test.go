package workflows_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
)

// beforeJointCommands is histories that were recorded before fulfillment orders were commanded together. Their runs may
// be open still, so today's code must go on with them: each one decided by itself what the order decides now.
const beforeJointCommands = "testdata/histories/before-joint-commands"

func TestHistoriesBeforeJointCommands(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(beforeJointCommands, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d histories, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			recorded := readHistory(t, file)
			if err := replay(recorded.Events[0].GetWorkflowExecutionStartedEventAttributes().WorkflowId, recorded); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestReplayNotices makes sure that the test above can fail: without its first local activity, a history is another one.
func TestReplayNotices(t *testing.T) {
	t.Parallel()
	recorded := readHistory(t, filepath.Join(beforeJointCommands, "move-by-update.json"))
	first := slices.IndexFunc(recorded.Events, func(e *historypb.HistoryEvent) bool { return e.EventType == enumspb.EVENT_TYPE_MARKER_RECORDED })
	recorded.Events[first].GetMarkerRecordedEventAttributes().MarkerName = "Version"
	if err := replay(recorded.Events[0].GetWorkflowExecutionStartedEventAttributes().WorkflowId, recorded); err == nil {
		t.Error("a changed history replays")
	}
}

func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	body, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	recorded, err := client.HistoryFromJSON(body, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return recorded
}
