package delivery

import (
	"testing"
	"time"
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
