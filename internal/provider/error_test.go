package provider_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"packhorse/internal/provider"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err   error
		class provider.Class
	}{
		"no_error":         {nil, ""},
		"said":             {errBusy, provider.Retryable},
		"said_and_wrapped": {fmt.Errorf("create: %w", errBad), provider.Permanent},
		"said_beats_deadline": {
			&provider.Error{Class: provider.Retryable, Cause: context.DeadlineExceeded}, provider.Retryable,
		},
		"deadline":                 {context.DeadlineExceeded, provider.UnknownOutcome},
		"cancelled":                {fmt.Errorf("post: %w", context.Canceled), provider.UnknownOutcome},
		"anything_else":            {errOther, provider.UnknownOutcome},
		"an_error_without_a_class": {&provider.Error{Message: "?"}, provider.UnknownOutcome},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := provider.Classify(test.err); got != test.class {
				t.Errorf("got %q, want %q", got, test.class)
			}
		})
	}
}

func TestErrorSaysMessageAndCause(t *testing.T) {
	t.Parallel()
	e := &provider.Error{Class: provider.Retryable, RetryAfter: time.Second, Message: "look up k", Cause: errOther}
	if got, want := e.Error(), "look up k: connection reset"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(e, errOther) || provider.RetryAfter(fmt.Errorf("x: %w", e)) != time.Second ||
		provider.RetryAfter(errOther) != 0 {
		t.Error("the cause or the time to retry is lost")
	}
}
