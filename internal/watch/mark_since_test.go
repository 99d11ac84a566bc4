package watch

import (
	"testing"
	"time"
)

// TestWhatWasListedMayBeLost: a set-back may lose the list of what an earlier one had lost. Then everything is looked
// at since that.
func TestWhatWasListedMayBeLost(t *testing.T) {
	base := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) *time.Time { return new(base.Add(time.Duration(minutes) * time.Minute)) }
	for name, test := range map[string]struct {
		kept mark
		here *time.Time // the mark that the database has
		want *time.Time
	}{
		"the first one":                    {mark{}, at(10), at(10)},
		"listed before the mark":           {mark{LostSince: at(1), ListedAt: at(5)}, at(10), at(10)},
		"listed after the mark":            {mark{LostSince: at(1), ListedAt: at(15)}, at(10), at(1)},
		"never listed to the end":          {mark{LostSince: at(1)}, at(10), at(1)},
		"set back before the earlier one":  {mark{LostSince: at(1), ListedAt: at(15)}, at(0), at(0)},
		"nobody knows since when it lost":  {mark{LostSince: new(time.Unix(0, 0))}, at(10), new(time.Unix(0, 0))},
		"at the moment when it was listed": {mark{LostSince: at(1), ListedAt: at(10)}, at(10), at(1)},
	} {
		t.Run(name, func(t *testing.T) {
			if since := test.kept.lostSince(*test.here); !since.Equal(*test.want) {
				t.Errorf("it is looked since %s, want %s", since, test.want)
			}
		})
	}
}
