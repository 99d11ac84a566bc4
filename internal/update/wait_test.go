package update

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestUnansweredNamesTheLastCause has commands wait for each other: who waits for the first is told what the last one
// waits for, once, and only of its own command.
func TestUnansweredNamesTheLastCause(t *testing.T) {
	t.Parallel()
	last := &obstacle{"fulfillment-order/7 is reserved", "Wait."}
	inner := unanswered("inner", last)
	middle := unanswered("middle", fmt.Errorf("order/2: %w", inner))
	for name, cause := range map[string]error{
		"directly":         last,
		"by a workflow":    fmt.Errorf("order/1: %w", inner),
		"by two":           fmt.Errorf("order/1: %w", middle),
		"by an activity":   &obstacle{"order/1: Reserve: " + inner.Error() + " (attempt 3)", ""},
		"by what is short": errors.New(middle.Error()[:strings.Index(middle.Error(), mayStill)]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := "There is no answer yet (fulfillment-order/7 is reserved). The command may still be carried out: " +
				"send it again with the command ID outer to learn what became of it."
			err := error(unanswered("outer", cause))
			if refused, ok := fulfillment.AsError(err); !ok || strings.TrimSpace(refused.Message) != want {
				t.Errorf("got %q, want %q", err, want)
			}
			if told := ExplainCause(cause); strings.Contains(told, "command") || !strings.Contains(told, "is reserved") {
				t.Errorf("told %q", told)
			}
		})
	}
}
