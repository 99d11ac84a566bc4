package workflows_test

import (
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
)

// corpusFolder has what code of earlier times did, a folder for each version of it. Runs of that time may be open
// still, so today's code must go on with them. docs/changing-workflows.md says when a version is recorded and
// forgotten.
const corpusFolder = "testdata/histories"

// corpus is recorded histories.
type corpus struct{ histories []recordedHistory }

type recordedHistory struct {
	name string // of its file
	*historypb.History
}

func (h recordedHistory) started() *historypb.WorkflowExecutionStartedEventAttributes {
	return h.Events[0].GetWorkflowExecutionStartedEventAttributes()
}

// TestHistories replays everything that was ever recorded.
func TestHistories(t *testing.T) {
	t.Parallel()
	all := readCorpus(t, corpusFolder)
	if len(all.histories) == 0 {
		t.Fatal("there are no histories")
	}
	for _, h := range all.histories {
		t.Run(strings.TrimSuffix(h.name, ".json"), func(t *testing.T) {
			t.Parallel()
			if err := replay(h.started().WorkflowId, h.History); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestHistoriesAreWhole finds what no recorded history has: a command, a transition, an activity, a side of a patch.
func TestHistoriesAreWhole(t *testing.T) {
	t.Parallel()
	seen := readCorpus(t, corpusFolder).kinds(t)
	for _, kind := range append(wantedKinds(t), wantedFromBefore(t)...) {
		if !seen[kind] {
			t.Errorf("no history has %s: record one (docs/changing-workflows.md)", kind)
		}
	}
}

// TestHistoriesTellNothing looks for what a history must not tell of the machine that recorded it.
func TestHistoriesTellNothing(t *testing.T) {
	t.Parallel()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range readCorpus(t, corpusFolder).histories {
		text := h.String() // Payloads are text there.
		for _, secret := range []string{"@" + host, home + "/", here, os.TempDir() + "/", "postgres://"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %q", h.name, secret)
			}
		}
	}
}

// readCorpus reads all histories in a folder.
func readCorpus(t *testing.T, folder string) corpus {
	t.Helper()
	var all corpus
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, file)
		all.histories = append(
			all.histories, recordedHistory{strings.TrimSuffix(filepath.ToSlash(name), ".gz"), readHistory(t, file)},
		)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// named is the history in the file of this name.
func (c corpus) named(t *testing.T, name string) *historypb.History {
	t.Helper()
	for _, h := range c.histories {
		if h.name == name {
			return h.History
		}
	}
	t.Fatalf("there is no history %s", name)
	return nil
}

func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	opened, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	var body io.Reader = opened
	if strings.HasSuffix(file, ".gz") {
		if body, err = gzip.NewReader(opened); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	recorded, err := client.HistoryFromJSON(body, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return recorded
}

// firstEvent is the position of the first event that is so.
func firstEvent(t *testing.T, recorded *historypb.History, so func(*historypb.HistoryEvent) bool) int {
	t.Helper()
	i := slices.IndexFunc(recorded.Events, so)
	if i < 0 {
		t.Fatal("the history has no such event")
	}
	return i
}
