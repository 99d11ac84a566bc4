package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// speeds makes rounds of 32 orders at so many orders per second, each with three round trips a commit.
func speeds(trips float64, all ...float64) []*Round {
	var rounds []*Round
	for _, speed := range all {
		rounds = append(rounds, &Round{
			Orders: 32, Seconds: 32 / speed, OrdersPerSecond: speed, peak: int64(speed) << 20,
			latency: map[Step][]time.Duration{
				Submit: {time.Millisecond}, Event: {2 * time.Millisecond, 3 * time.Millisecond}, Create: {time.Second},
			},
			used:  usage{commits: 32 * 6, roundTrips: 32 * 6 * trips, worker: 0.32},
			shape: Shape{Events: speed}, stages: []Stage{{Name: "commit", PerOrder: 2, Mean: 0.01, Seconds: 0.02}},
		})
	}
	return rounds
}

func report(inFlight int, packhorse, floor, naive float64, trips float64) *Report {
	r := &Report{Levels: []Level{levelOf(inFlight, 32, map[Variant][]*Round{
		Packhorse: speeds(trips, packhorse, packhorse/2, packhorse), Floor: speeds(0, floor, floor/2, floor),
		Naive: speeds(1, naive, naive/2, naive),
	})}}
	r.Targets = targetsOf(r)
	return r
}

func TestResult(t *testing.T) {
	t.Parallel()
	got := resultOf(speeds(2, 10, 30, 20))
	if got.OrdersPerSecond != (Spread{20, 10, 30}) {
		t.Errorf("orders/s %+v", got.OrdersPerSecond)
	}
	if want := (Latency{0.002, 0.003}); got.CommandSeconds != want { // Creating is no command, and far slower here.
		t.Errorf("commands took %+v, want %+v", got.CommandSeconds, want)
	}
	if p := got.PerOrder; p.Commits != 6 || p.RoundTrips != 12 || p.WorkerCPU < 0.00999 || p.WorkerCPU > 0.01001 {
		t.Errorf("per order %+v", p)
	}
	if got.PeakBytes != 30<<20 || got.History.Events < 19.9 || got.History.Events > 20.1 {
		t.Errorf("peak %d, events %v", got.PeakBytes, got.History.Events)
	}
	if s := got.Stages[0]; s.PerOrder < 1.99 || s.PerOrder > 2.01 || s.Mean < 0.0099 || s.Mean > 0.0101 {
		t.Errorf("stage %+v", s)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		report *Report
		missed string
	}{
		"all reached":         {report(32, 85, 100, 50, 3), ""},
		"the floor is far":    {report(32, 84, 100, 40, 3), "packhorse/floor"},
		"naive is near":       {report(32, 90, 100, 53, 3), "packhorse/naive"},
		"too many trips":      {report(32, 90, 100, 50, 3.1), "at most 3 round trips"},
		"judged at 32 only":   {report(8, 1, 100, 50, 9), ""},
		"memory that is flat": {&Report{Soak: &Soak{Growth: 1.1}}, ""},
		"memory that grows":   {&Report{Soak: &Soak{Growth: 1.11, Duration: "10m0s"}}, "memory grows"},
	} {
		c.report.Targets = targetsOf(c.report)
		missed := c.report.Missed()
		switch {
		case c.missed == "" && len(missed) > 0:
			t.Errorf("%s: missed %+v", name, missed)
		case c.missed != "" && (len(missed) != 1 || !strings.HasPrefix(missed[0].Name, c.missed)):
			t.Errorf("%s: missed %+v, want %s", name, missed, c.missed)
		}
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	r := report(32, 84, 100, 50, 3)
	r.Soak = &Soak{
		Duration: "10m0s", InFlight: 32, Orders: 9, FirstQuarter: 100 << 20, LastQuarter: 105 << 20, Growth: 1.05,
	}
	r.Targets = targetsOf(r)
	var out bytes.Buffer
	r.Print(&out)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if got, want := lines[len(lines)-1],
		"bench: packhorse/floor 0.84, packhorse/naive 1.68 at 32 in flight"; got != want {
		t.Errorf("last line %q, want %q", got, want)
	}
	for _, want := range []string{
		"32 in flight, 32 orders a round, 3 rounds",
		"100.0 [50.0..100.0]", // floor's orders/s
		"2.0 × 10.0 = 20.0",   // the stage
		"packhorse/floor 0.84 [0.84..0.84]",
		"target MISSED: packhorse/naive at least 1.7, got 1.68",
		"target reached: at most 3 round trips",
		"105.0 MiB in the last (+5.0 %)",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestPrintOfOneVariant(t *testing.T) {
	t.Parallel()
	r := &Report{Levels: []Level{levelOf(8, 32, map[Variant][]*Round{Packhorse: speeds(2, 10)})}}
	var out bytes.Buffer
	r.Print(&out)
	if want := "bench: packhorse/floor -, packhorse/naive - at 8 in flight\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("it does not end with %q:\n%s", want, out.String())
	}
}

func TestSoakComparesQuarters(t *testing.T) {
	t.Parallel()
	k := &Soak{}
	for _, resident := range []int64{100, 100, 900, 900, 900, 900, 100, 120} {
		k.Samples = append(k.Samples, Sample{Resident: resident})
	}
	k.judge()
	if k.FirstQuarter != 100 || k.LastQuarter != 110 || k.Growth != 1.1 {
		t.Errorf("from %v to %v: %v", k.FirstQuarter, k.LastQuarter, k.Growth)
	}
}
