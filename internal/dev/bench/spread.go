package bench

import (
	"math"
	"slices"
	"time"
)

// Spread is a figure over several rounds.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// spreadOf is the spread of these values; the zero one when there are none.
func spreadOf(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return Spread{Median: median, Min: sorted[0], Max: sorted[len(sorted)-1]}
}

// ratios divides round by round, since both had the same noise around them, and takes the spread of that.
func ratios(of, by []float64) Spread {
	var all []float64
	for i := range min(len(of), len(by)) {
		if by[i] > 0 {
			all = append(all, of[i]/by[i])
		}
	}
	return spreadOf(all)
}

// percentile is the smallest duration that so many of a hundred do not exceed (nearest rank); 0 when there are none.
func percentile(durations []time.Duration, of100 float64) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(durations))
	rank := int(math.Ceil(of100 / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}
