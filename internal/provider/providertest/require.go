package providertest

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, p provider.Provider, r provider.Request) provider.Answer {
	t.Helper()
	answer, err := p.Create(t.Context(), r)
	must(t, err)
	return answer
}

// capability is the provider as T, which not every provider is.
func capability[T any](t *testing.T, p provider.Provider) T {
	t.Helper()
	c, ok := p.(T)
	if !ok {
		t.Skipf("the provider is no %s", reflect.TypeFor[T]().Name())
	}
	return c
}

// repeats tells whether the provider says that a call may be repeated.
func repeats(p provider.Provider) bool {
	if i, ok := p.(provider.Idempotent); ok && i.Idempotent() {
		return true
	}
	_, ok := p.(provider.Finder)
	return ok
}

func requireFound(t *testing.T, p provider.Provider, key string, want int) {
	t.Helper()
	finder, ok := p.(provider.Finder)
	if !ok {
		return
	}
	found, err := finder.Lookup(t.Context(), key)
	must(t, err)
	if len(found) != want {
		t.Errorf("%d effects under key %q, want %d", len(found), key, want)
	}
}

func requireOutcome(t *testing.T, a provider.Answer) {
	t.Helper()
	outcomes := []fulfillment.Outcome{fulfillment.OutcomeAccepted, fulfillment.OutcomeRejected, fulfillment.OutcomePending}
	if !slices.Contains(outcomes, a.Outcome) {
		t.Errorf("outcome %q is none that a provider answers: %v", a.Outcome, outcomes)
	}
	if a.Reason != "" && !slices.Contains(fulfillment.RejectionReasons, a.Reason) {
		t.Errorf("%q is not a rejection reason", a.Reason)
	}
}

func requireSame(t *testing.T, first, second provider.Answer) {
	t.Helper()
	if first.Outcome != second.Outcome || first.Reference != second.Reference || first.Reason != second.Reason {
		t.Errorf("the same key was answered %s %q %s, then %s %q %s",
			first.Outcome, first.Reference, first.Reason, second.Outcome, second.Reference, second.Reason)
	}
}

// requireClass checks that an error, if there is one, says what it means for the next attempt.
func requireClass(t *testing.T, err error) {
	t.Helper()
	var e *provider.Error
	if err != nil && (!errors.As(err, &e) || e.Class == "") {
		t.Errorf("the error has no class: %v", err)
	}
}

func requirePermanent(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("it succeeded, want a permanent error")
	} else if class := provider.Classify(err); class != provider.Permanent {
		t.Errorf("the error is %s, want PERMANENT: %v", class, err)
	}
}

var decimalText = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

func decimal(text string) bool { return decimalText.MatchString(text) }
