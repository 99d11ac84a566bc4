package providertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest/httpfault"
)

const (
	// callTime is how long a call may take that gets no answer.
	callTime = 2 * time.Second
	// mostWrites is how many requests that write a call may consist of.
	mostWrites = 8
)

// testFaults lets each request that writes of a call fail in every way. The next attempts, made as [provider.Call]
// makes them, have an answer in the end, and the effect happened once.
func testFaults(t *testing.T, faulty func(*testing.T, *httpfault.Faults) provider.Provider) {
	if faulty == nil {
		t.Skip("the provider is not tested with faults of HTTP")
	}
	for _, fault := range httpfault.All {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			for write := range mostWrites {
				faults := &httpfault.Faults{}
				p := faulty(t, faults)
				faults.Next(fault, write)
				if !withFault(t, p, faults, fault, write) {
					if write == 0 {
						t.Error("no request came through the faults")
					}
					return
				}
			}
		})
	}
}

// withFault tells whether the request that was to fail has come.
func withFault(t *testing.T, p provider.Provider, faults *httpfault.Faults, fault httpfault.Fault, write int) bool {
	t.Helper()
	request := Request(fmt.Sprintf("%s/%d", fault, write))
	attempt := provider.Attempt{Query: asked(request), First: true}
	for n := 0; ; n++ {
		ctx, cancel := context.WithTimeout(t.Context(), callTime)
		began := time.Now()
		answer, err := provider.Call(ctx, p, attempt, func(ctx context.Context) (provider.Answer, error) {
			return p.Create(ctx, request)
		})
		cancel()
		attempt.First = false
		switch class := provider.Classify(err); {
		case err == nil && answer.Outcome == fulfillment.OutcomeParked && !repeats(p):
			return faults.Hit() // It says itself that nobody can tell.
		case err == nil:
			requireOutcome(t, answer)
			requireFound(t, p, asked(request), 1)
			return faults.Hit()
		case class == provider.Permanent:
			t.Errorf("write %d: %v; a %s passes, want no permanent error", write, err, fault)
			return faults.Hit()
		case fault == httpfault.TooMany && faults.Hit() && n == 0 &&
			(class != provider.Retryable || provider.RetryAfter(err) != httpfault.RetryAfter):
			t.Errorf("write %d: %s, to be tried again after %s: %v; want it RETRYABLE after %s",
				write, class, provider.RetryAfter(err), err, httpfault.RetryAfter)
		case time.Since(began) > callTime+patience:
			t.Errorf("write %d: it took %s, its caller was gone after %s", write, time.Since(began), callTime)
		case n == 5:
			t.Errorf("write %d: still no answer: %v", write, err)
			return faults.Hit()
		}
	}
}

// testSettle: an effect whose answer was lost is not repeated while the lookup may lag behind it, and is found then.
func testSettle(t *testing.T, lagging func(*testing.T, *Clock) provider.Provider, settle time.Duration) {
	if lagging == nil {
		t.Skip("the provider is not tested with a lookup that lags")
	}
	clock := NewClock()
	p := lagging(t, clock)
	capability[provider.Finder](t, p)
	request := Request("a")
	create(t, p, request) // Its answer is lost.
	attempt := provider.Attempt{Query: asked(request), Settle: settle, Previous: clock.Now()}
	for _, wait := range []time.Duration{0, settle / 2, settle - settle/2 - 1, 1} {
		clock.Advance(wait)
		attempt.Now = clock.Now()
		sent := false
		answer, err := provider.Call(t.Context(), p, attempt, func(context.Context) (provider.Answer, error) {
			sent = true
			return provider.Answer{}, &provider.Error{Class: provider.Retryable, Message: "not sent"}
		})
		after := clock.Now().Sub(attempt.Previous)
		switch {
		case sent:
			t.Fatalf("after %s it is sent again: the lookup did not find it, and Settle is %s", after, settle)
		case err == nil:
			requireOutcome(t, answer)
			return
		case provider.Classify(err) != provider.Retryable:
			t.Fatalf("after %s: %v", after, err)
		}
	}
	t.Errorf("the lookup did not find it within %s", settle)
}
