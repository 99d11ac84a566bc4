package chaos

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
)

func TestResult(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	j := newJournal(&log, nil)
	j.ended(sent{id: "a", verb: verbCreateOrder, orderID: 1}, done, "")
	j.ended(sent{id: "b", verb: verbCreateOrder, orderID: 2}, unknown, "")
	j.ended(sent{id: "c", verb: "Hold", orderID: 1, fulfillmentOrderID: 3}, done, "")
	j.ended(sent{id: "d", verb: "Hold", orderID: 1, fulfillmentOrderID: 3}, refused, "no")
	j.kept(promiseSame, sent{id: "c", verb: "Hold", orderID: 1}, "")
	if len(j.saw().Orders) != 1 || len(j.saw().Commands) != 1 || j.saw().Commands[0].ID != "c" {
		t.Errorf("the witness is %+v, want only what was answered \"done\"", j.saw())
	}

	r := Result{
		Seed: 7, Faults: map[Kind]int{KillWorker: 2, DelayLink: 1}, Provider: map[string]int{"lost answers": 4},
		Stories: "Once upon a time.", Logs: "some/folder",
	}
	r.take(j, audit.Report{Assertions: []audit.Assertion{{Name: "nothing is lost", Checked: 5}}})
	text := print(t, &r)
	if !strings.HasSuffix(text, "\nchaos: 1 orders, 2 commands, 7 faults, 0 violations\n") {
		t.Errorf("a good run ends with\n%s", text)
	}
	for _, unwanted := range []string{"seed", "Once upon a time.", "some/folder"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("a good run tells of %q", unwanted)
		}
	}

	j.kept(promiseSame, sent{id: "c", verb: "Hold", orderID: 1, fulfillmentOrderID: 3}, "it was answered otherwise")
	r = Result{Seed: 7, Stories: "Once upon a time.", Logs: "some/folder"}
	r.take(
		j,
		audit.Report{
			Assertions: []audit.Assertion{
				{
					Name: "nothing is lost", Checked: 5,
					Violations: []audit.Violation{{OrderID: 42, What: "a unit is gone"}},
				},
			},
		},
	)
	text = print(t, &r)
	if !strings.HasSuffix(text, "\nchaos: 1 orders, 2 commands, 0 faults, 2 violations\n") {
		t.Errorf("a bad run ends with\n%s", text)
	}
	for _, wanted := range []string{
		"seed 7", "order 42", "a unit is gone", "it was answered otherwise", "Once upon a time.", "some/folder",
	} {
		if !strings.Contains(text, wanted) {
			t.Errorf("a bad run doesn't tell of %q:\n%s", wanted, text)
		}
	}
	if !strings.Contains(log.String(), "BROKEN") {
		t.Error("the log doesn't say what was broken")
	}
}

// TestResultIsKept: what was violated is found beside the logs.
func TestResultIsKept(t *testing.T) {
	t.Parallel()
	broken := audit.Assertion{Name: "all", Violations: []audit.Violation{{What: "a unit is gone"}}}
	r := Result{Logs: t.TempDir(), Assertions: []audit.Assertion{broken}}
	if err := r.keep(); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join(r.Logs, resultFile))
	if err != nil || string(kept) != print(t, &r) {
		t.Errorf("kept is %q, %v", kept, err)
	}
}

func print(t *testing.T, r *Result) string {
	t.Helper()
	var text strings.Builder
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestLongListsAreCut(t *testing.T) {
	t.Parallel()
	r := Result{Assertions: []audit.Assertion{{Name: "all", Violations: make([]audit.Violation, maxViolations+3)}}}
	for i := range r.Assertions[0].Violations {
		r.Assertions[0].Violations[i].OrderID = fulfillment.ID(i + 1)
	}
	if text := print(t, &r); !strings.Contains(text, "all: 3 more") || !strings.HasSuffix(text, "23 violations\n") {
		t.Errorf("printed\n%s", text)
	}
}
