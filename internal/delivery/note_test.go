package delivery

import (
	"testing"
	"time"

	"packhorse/internal/webhook"
)

// What was done is noted together with what follows within a moment, and what is under way only when that takes long.
func TestDue(t *testing.T) {
	t.Parallel()
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	for name, test := range map[string]struct {
		change func(*follower)
		want   bool
	}{
		"nothing_was_done":    {func(*follower) {}, false},
		"one_was_done":        {func(f *follower) { f.attempts = make([]webhook.Attempt, 1) }, false},
		"one_was_done_before": {func(f *follower) { f.attempts, f.since = make([]webhook.Attempt, 1), ago(tell) }, true},
		"many_were_done":      {func(f *follower) { f.attempts = make([]webhook.Attempt, maxUnnoted) }, true},
		"one_is_under_way":    {func(f *follower) { f.under = []*item{{read: time.Now()}} }, false},
		"one_is_for_long":     {func(f *follower) { f.under = []*item{{read: ago(2 * patience)}} }, true},
		"one_is_done":         {func(f *follower) { f.under = []*item{{read: ago(2 * patience), done: true}} }, false},
		"it_is_being_noted": {func(f *follower) {
			f.attempts, f.noting = make([]webhook.Attempt, maxUnnoted), &note{}
		}, false},
		"nobody_heard_of_it_for_long": {func(f *follower) { f.told = ago(sign) }, true},
	} {
		f := &follower{told: ago(3 * patience)} // It was idle.
		test.change(f)
		if got := f.due(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
