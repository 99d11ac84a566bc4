package gateway

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"testing"

	"packhorse/internal/access"
)

// An operation of any API is carried out once under its key, for what it costs, and refused in the words of its API.
func TestCarryOut(t *testing.T) {
	t.Parallel()
	s, calls := newStage(t), 0
	refund := func(key, asks string, points int) Operation {
		return Operation{
			Changes: true, Uses: []string{"refund"}, Points: points, Keys: []string{key},
			Fingerprint: sha256.Sum256([]byte(asks)),
			Run: func(context.Context) Outcome {
				calls++
				o := Outcome{Status: http.StatusCreated, Class: ClassOK, Durable: true, Points: 1}
				o.Body = func(cost Spent) []byte {
					left := cost.Left.CurrentlyAvailable
					return fmt.Appendf(nil, "call %d, cost %d, left %d", calls, *cost.Actual, left)
				}
				return o
			},
			StatusOf: func([]byte) int { return http.StatusCreated },
			Refuse: func(_ context.Context, why Fault) Answer {
				return Answer{
					Status: map[string]int{ClassThrottled: 429, ClassConflict: 409}[why.Class], Body: []byte(why.Code),
					Class: why.Class,
				}
			},
		}
	}
	caller := access.Caller{App: access.App{ID: 1}, TokenID: 11}
	for _, step := range []struct {
		what     string
		op       Operation
		status   int
		body     string
		replayed bool
	}{
		{"the_first_time", refund("k", "a", 10), 201, "call 1, cost 1, left 1999", false},
		{"the_same_again", refund("k", "a", 10), 201, "call 1, cost 1, left 1999", true},
		{"something_else_under_the_key", refund("k", "b", 10), 409, codeKeyMismatch, false},
		{"too_dear", refund("other", "a", 5000), 429, codeThrottled, false},
		{"in_peace", refund("other", "a", 10), 201, "call 2, cost 1, left 1998", false},
	} {
		given := s.gateway.CarryOut(t.Context(), caller, step.op)
		if given.Status != step.status || string(given.Body) != step.body || given.replayed != step.replayed {
			t.Errorf("%s: %d %s, replayed %v", step.what, given.Status, given.Body, given.replayed)
		}
	}
}
