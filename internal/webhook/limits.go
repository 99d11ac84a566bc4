package webhook

import (
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
)

// What a subscription may be allowed.
const (
	MinTimeout, MaxTimeout         = time.Second, 30 * time.Second
	MinConcurrency, MaxConcurrency = 1, 64
)

// Timeout is how long a whole exchange with the receiver may take; 0: as long as the worker's settings say.
func (s Subscription) Timeout() time.Duration { return time.Duration(s.TimeoutMS) * time.Millisecond }

// TimeoutProblem says what is wrong with a timeout; "": nothing.
func TimeoutProblem(timeout time.Duration) string {
	if timeout < MinTimeout || timeout > MaxTimeout {
		return fmt.Sprintf("Timeout must be between %v and %v", MinTimeout, MaxTimeout)
	}
	return ""
}

// ConcurrencyProblem says what is wrong with a number of orders that are told at the same time; "": nothing.
func ConcurrencyProblem(n int) string {
	if n < MinConcurrency || n > MaxConcurrency {
		return fmt.Sprintf("Concurrency must be between %d and %d", MinConcurrency, MaxConcurrency)
	}
	return ""
}

// limitProblems are of what an operator has set.
func (s Subscription) limitProblems() (refusals fulfillment.Refusals) {
	if s.TimeoutMS != 0 {
		if problem := TimeoutProblem(s.Timeout()); problem != "" {
			refusals = append(refusals, invalid(fieldOf("timeout"), problem))
		}
	}
	if s.Concurrency != 0 {
		if problem := ConcurrencyProblem(s.Concurrency); problem != "" {
			refusals = append(refusals, invalid(fieldOf("concurrency"), problem))
		}
	}
	return refusals
}
