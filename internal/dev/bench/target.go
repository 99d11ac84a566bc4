package bench

import (
	"fmt"
	"io"
	"slices"
)

// Target is something that a run must reach.
type Target struct {
	Name string `json:"name"`
	Got  string `json:"got"`
	Met  bool   `json:"met"`
}

// What must be reached.
const (
	judged       = 32 // in flight
	leastToFloor = 0.85
	leastToNaive = 1.7
	mostTrips    = 3.0 // round trips for each commit, all reads included
	mostGrowth   = 1.1 // of memory, from the first quarter of a soak to the last
)

// targetsOf are the targets that this report can tell of.
func targetsOf(r *Report) []Target {
	var targets []Target
	add := func(name string, met bool, format string, args ...any) {
		targets = append(targets, Target{name, fmt.Sprintf(format, args...), met})
	}
	if l, ok := r.level(judged); ok {
		if l.Results[Packhorse] != nil && l.Results[Floor] != nil {
			add(
				fmt.Sprintf("packhorse/floor at least %.2f", leastToFloor), l.ToFloor.Median >= leastToFloor, "%.2f",
				l.ToFloor.Median,
			)
		}
		if l.Results[Packhorse] != nil && l.Results[Naive] != nil {
			add(
				fmt.Sprintf("packhorse/naive at least %.1f", leastToNaive), l.ToNaive.Median >= leastToNaive, "%.2f",
				l.ToNaive.Median,
			)
		}
		if p := l.Results[Packhorse]; p != nil {
			trips := p.PerOrder.RoundTrips / max(1, p.PerOrder.Commits)
			add(
				fmt.Sprintf("at most %.0f round trips for each commit, reads included", mostTrips), trips <= mostTrips,
				"%.2f", trips,
			)
		}
	}
	if s := r.Soak; s != nil {
		add(
			fmt.Sprintf("memory grows by at most %.0f %% in %s", 100*(mostGrowth-1), s.Duration),
			s.Growth <= mostGrowth, "%+.1f %%", 100*(s.Growth-1),
		)
	}
	return targets
}

func (r *Report) level(inFlight int) (Level, bool) {
	for _, l := range r.Levels {
		if l.InFlight == inFlight {
			return l, true
		}
	}
	return Level{}, false
}

// Missed are the targets that were not reached.
func (r *Report) Missed() []Target { return missed(r.Targets) }

func missed(targets []Target) []Target {
	return slices.DeleteFunc(slices.Clone(targets), func(t Target) bool { return t.Met })
}

func printTargets(w io.Writer, targets []Target) {
	for _, t := range targets {
		verdict := "reached"
		if !t.Met {
			verdict = "MISSED"
		}
		fmt.Fprintf(w, "target %s: %s, got %s\n", verdict, t.Name, t.Got)
	}
}
