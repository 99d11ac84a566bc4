package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// putUpWith is a report of providers that just reaches every target.
func putUpWith() *ProvidersReport {
	rounds := []*Round{{Orders: 10, OrdersPerSecond: 20}}
	cost := func(s Seller, toSimulated float64) *SellerCost {
		return &SellerCost{
			Seller: s, Rounds: rounds, Result: resultOf(rounds), ToSimulated: spreadOf([]float64{toSimulated}),
		}
	}
	beside := func(c Company, toQuick float64) *Beside {
		ratio := spreadOf([]float64{toQuick})
		return &Beside{
			Company: c, Rounds: []*BesideRound{{Orders: 10}}, AcceptedToQuick: ratio, CommandsToQuick: ratio,
		}
	}
	return &ProvidersReport{
		Delay: fulfillment.Duration(20 * time.Second), AtOnce: 50,
		Cost:   []*SellerCost{cost(Simulated, 1), cost(OverHTTP, leastToSimulated)},
		Beside: []*Beside{beside(Alone, 0.5), beside(BesideQuick, 1), beside(BesideSlow, mostToQuick)},
	}
}

func TestProvidersTargets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*ProvidersReport)
		missed string // in the target's name; empty: none is
	}{
		"all_reached":      {func(*ProvidersReport) {}, ""},
		"http_is_dear":     {func(r *ProvidersReport) { r.Cost[1].ToSimulated.Median -= 0.01 }, "orders/s by HTTP"},
		"answers_wait":     {func(r *ProvidersReport) { r.Beside[2].AcceptedToQuick.Median += 0.01 }, "acceptance"},
		"commands_wait":    {func(r *ProvidersReport) { r.Beside[2].CommandsToQuick.Median += 0.01 }, "commands"},
		"alone_is_not_it":  {func(r *ProvidersReport) { r.Beside[0].AcceptedToQuick.Median = 9 }, ""},
		"more_orders_cost": {func(r *ProvidersReport) { r.Beside[2].AcceptedToAlone.Median = 9 }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := putUpWith()
			test.change(r)
			r.Targets = r.targets()
			missed := r.Missed()
			if len(r.Targets) != 3 || len(missed) != min(1, len(test.missed)) {
				t.Fatalf("of %d targets, %+v are missed", len(r.Targets), missed)
			}
			if len(missed) == 1 && !strings.Contains(missed[0].Name, test.missed) {
				t.Errorf("missed is %+v", missed[0])
			}
			var b bytes.Buffer
			r.Print(&b)
			if got := strings.Count(b.String(), "target MISSED"); got != len(missed) {
				t.Errorf("%d targets are printed as missed, want %d\n%s", got, len(missed), &b)
			}
		})
	}
}

// A round's p99 is compared with that of the same round, and the median of these counts: what disturbs one round
// doesn't decide.
func TestCompanyIsComparedRoundByRound(t *testing.T) {
	t.Parallel()
	beside := func(p99 ...float64) *Beside {
		b := &Beside{}
		for _, seconds := range p99 {
			l := Latency{P99: seconds}
			took := []time.Duration{time.Duration(seconds * float64(time.Second))}
			b.Rounds = append(b.Rounds, &BesideRound{Accepted: l, Commands: l, accepted: took, commands: took})
		}
		return b
	}
	slow := beside(1.1, 50, 2)
	slow.summarize(beside(0.5, 1, 1), beside(1, 5, 2))
	if slow.AcceptedToQuick != (Spread{Median: 1.1, Min: 1, Max: 10}) || slow.AcceptedToAlone.Median != 2.2 ||
		slow.CommandsToQuick.Median != 1.1 || slow.CommandsToAlone.Median != 2.2 || slow.Accepted.P99 != 50 {
		t.Errorf("it comes to %+v", slow)
	}
}
