package delivery

import (
	"testing"
	"time"

	"packhorse/internal/webhook"
)

// A receiver that does not take what is under way in time has less of it under way, one that does has more again.
func TestAdapt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		window, finished, tooLate int // finished in the last second
		want                      int
	}{
		"all_in_time":         {pageSize, 3000, 0, pageSize},
		"in_time_again":       {60, 60, 0, 120},
		"slow":                {pageSize, 80, 300, 40},
		"slow_but_not_so":     {pageSize, 700, 20, 350},
		"fast_but_one_order":  {pageSize, 3000, 20, pageSize},
		"nothing_is_answered": {pageSize, 0, pageSize, 8 * leastPage},
	} {
		f := &follower{Config: Config{Concurrency: 8}, window: test.window, finished: test.finished}
		f.began = time.Now().Add(-time.Second)
		f.adapt(test.tooLate)
		if f.window > test.want || f.window < test.want*9/10 || f.finished != 0 {
			t.Errorf("%s: %d, want %d", name, f.window, test.want)
		}
	}
}

// An answer that comes late says little of the clocks.
func TestHeedKeepsTheClock(t *testing.T) {
	t.Parallel()
	ahead := func(d time.Duration) webhook.Following { return webhook.Following{Now: time.Now().Add(d)} }
	f := &follower{}
	f.heed(ahead(time.Hour), 0)
	for name, test := range map[string]struct {
		answer, took, want time.Duration
	}{
		"at_once":                {time.Hour, 0, time.Hour},
		"late":                   {time.Hour - 2*time.Second, 3 * time.Second, time.Hour},
		"late_and_it_was_set":    {time.Hour - 5*time.Second, 3 * time.Second, time.Hour - 2*time.Second},
		"it_was_set_the_one_way": {2 * time.Hour, time.Second, 2 * time.Hour},
		"and_the_other":          {0, 0, 0},
	} {
		g := *f
		g.heed(ahead(test.answer), test.took)
		if apart := g.clock - test.want; apart.Abs() > time.Second/2 {
			t.Errorf("%s: %v, want %v", name, g.clock, test.want)
		}
	}
}
