package bench

import (
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []float64
		want   Spread
	}{
		"of nothing":       {nil, Spread{}},
		"of one":           {[]float64{3}, Spread{3, 3, 3}},
		"of an odd number": {[]float64{9, 1, 2}, Spread{2, 1, 9}},
		"of an even one":   {[]float64{4, 1, 2, 9}, Spread{3, 1, 9}},
	} {
		if got := spreadOf(c.values); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// The median of ratios is not the ratio of medians: here that would be 1.
func TestRatiosAreTakenRoundByRound(t *testing.T) {
	t.Parallel()
	got := ratios([]float64{10, 20, 40}, []float64{20, 10, 50})
	if want := (Spread{Median: 0.8, Min: 0.5, Max: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := ratios([]float64{1, 2}, []float64{0, 4}); got.Median != 0.5 {
		t.Errorf("a round without a figure counts: %+v", got)
	}
	if got := ratios([]float64{1}, nil); got != (Spread{}) {
		t.Errorf("by nothing: %+v", got)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(100-i))
	}
	for _, c := range []struct {
		of100     float64
		durations []time.Duration
		want      time.Duration
	}{
		{50, nil, 0}, {99, []time.Duration{7}, 7}, {0, []time.Duration{7, 8}, 7},
		{50, hundred, 50}, {99, hundred, 99}, {100, hundred, 100},
		{99, hundred[:10], 100}, {50, []time.Duration{3, 1, 2}, 2},
	} {
		if got := percentile(c.durations, c.of100); got != c.want {
			t.Errorf("p%v of %d durations is %d, want %d", c.of100, len(c.durations), got, c.want)
		}
	}
}
