package chaos

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScheduleFollowsFromSeedAndDuration(t *testing.T) {
	t.Parallel()
	first := Schedule(7, 5*time.Minute, 0)
	if diff := cmp.Diff(first, Schedule(7, 5*time.Minute, 0)); diff != "" {
		t.Errorf("the same seed gives another schedule:\n%s", diff)
	}
	if cmp.Equal(first, Schedule(8, 5*time.Minute, 0)) {
		t.Error("another seed gives the same schedule")
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		for _, duration := range []time.Duration{time.Minute, 5 * time.Minute} {
			schedule := Schedule(seed, duration, 0)
			ends := map[string]time.Duration{}
			kinds := map[Kind]int{}
			for i, f := range schedule {
				kinds[f.Kind]++
				if i > 0 && f.At < schedule[i-1].At {
					t.Errorf("seed %d: %s at %v comes after one at %v", seed, f, f.At, schedule[i-1].At)
				}
				if f.At <= ends[f.On] {
					t.Errorf("seed %d: %s at %v, before the last one ended at %v", seed, f, f.At, ends[f.On])
				}
				if ends[f.On] = f.At + f.For; ends[f.On] > duration {
					t.Errorf("seed %d: %s ends at %v, after the run", seed, f, ends[f.On])
				}
				if f.Kind == PauseWorker && f.For <= 10*time.Second {
					t.Errorf("seed %d: %s is over before a workflow task times out", seed, f)
				}
			}
			if duration < 5*time.Minute {
				continue
			}
			for _, kind := range []Kind{KillWorker, StopWorker, PauseWorker, UpgradeWorker, RouteVersion, RampVersion,
				KillPostgres,
				PausePostgres, KillTemporal, PauseTemporal, RefuseLink, ResetLink, SilenceLink, DelayLink} {
				if kinds[kind] == 0 {
					t.Errorf("seed %d: five minutes without %q", seed, kind)
				}
			}
		}
	}
}

// TestScheduleOfASetBack: the database is set back by that much, several times, and only where it is asked for.
func TestScheduleOfASetBack(t *testing.T) {
	t.Parallel()
	const back = 30 * time.Second
	for seed := range uint64(50) {
		var times int
		for _, f := range Schedule(seed, 5*time.Minute, back) {
			switch {
			case f.Kind == SetBackPostgres && f.For != back:
				t.Errorf("seed %d: %s, want %v", seed, f, back)
			case f.Kind == SetBackPostgres:
				times++
			case f.On == onPostgres:
				t.Errorf("seed %d: %s, which would undo a copy", seed, f)
			}
		}
		if times < 4 {
			t.Errorf("seed %d: the database is set back %d times in five minutes", seed, times)
		}
		for _, f := range Schedule(seed, 5*time.Minute, 0) {
			if f.Kind == SetBackPostgres {
				t.Errorf("seed %d: %s, and nobody asked for it", seed, f)
			}
		}
	}
}

// What is disturbed by two lanes would be healed by one while the other still counts on it.
func TestLanesShareNothing(t *testing.T) {
	t.Parallel()
	var all []string
	for _, l := range lanes {
		for _, on := range l.on {
			if slices.Contains(all, on) {
				t.Errorf("%s is in two lanes", on)
			}
			all = append(all, on)
		}
	}
	for _, name := range links {
		if !slices.Contains(all, name) {
			t.Errorf("the link %s is in no lane", name)
		}
	}
}
