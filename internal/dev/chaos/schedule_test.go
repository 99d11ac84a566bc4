package chaos

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScheduleFollowsFromSeedAndDuration(t *testing.T) {
	t.Parallel()
	first := Schedule(Options{Seed: 7, Duration: 5 * time.Minute})
	if diff := cmp.Diff(first, Schedule(Options{Seed: 7, Duration: 5 * time.Minute})); diff != "" {
		t.Errorf("the same seed gives another schedule:\n%s", diff)
	}
	if cmp.Equal(first, Schedule(Options{Seed: 8, Duration: 5 * time.Minute})) {
		t.Error("another seed gives the same schedule")
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		for _, duration := range []time.Duration{time.Minute, 5 * time.Minute} {
			schedule := Schedule(Options{Seed: seed, Duration: duration})
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
				PausePostgres, KillTemporal, PauseTemporal, RefuseLink, ResetLink, SilenceLink, DelayLink,
				FailReceiver, BusyReceiver, RefuseReceiver, HangReceiver, DripReceiver, ResetReceiver, LateReceiver,
				MoveReceiver, PauseWebhooks, RotateSecret, CutReceiver} {
				if kinds[kind] == 0 {
					t.Errorf("seed %d: five minutes without %q", seed, kind)
				}
			}
		}
	}
}

// TestScheduleOfADrill: the database is set back, or failed over, several times and only where it is asked for; nothing
// else is done to it.
func TestScheduleOfADrill(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		for kind, o := range map[Kind]Options{
			SetBackPostgres: {SetBack: 30 * time.Second}, FailOverPostgres: {Failover: FailoverBehind}, "": {},
		} {
			o.Seed, o.Duration = seed, 5*time.Minute
			var times int
			for _, f := range Schedule(o) {
				switch {
				case o.mayLose() && (f.On == onLabels || f.On == onDepot):
					t.Errorf("seed %d: %s, but a drill has no such system", seed, f)
				case f.On != onPostgres:
				case f.Kind == SetBackPostgres && f.For != o.SetBack:
					t.Errorf("seed %d: %s, want %v", seed, f, o.SetBack)
				case f.Kind == kind:
					times++
				case kind != "":
					t.Errorf("seed %d: %s, which would undo a copy", seed, f)
				case f.Kind == SetBackPostgres || f.Kind == FailOverPostgres:
					t.Errorf("seed %d: %s, and nobody asked for it", seed, f)
				}
			}
			if kind != "" && times < 4 {
				t.Errorf("seed %d: %d times %s in five minutes", seed, times, kind)
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
	for _, l := range listeners() {
		for _, w := range l.wants {
			if !slices.Contains(all, receiverOf(w.name)) {
				t.Errorf("the %s is in no lane", receiverOf(w.name))
			}
		}
	}
	for _, name := range links {
		if !slices.Contains(all, name) {
			t.Errorf("the link %s is in no lane", name)
		}
	}
}
