package webhook

import "testing"

// TestLimitsAreBounded: what an operator sets, or leaves to the workers' settings.
func TestLimitsAreBounded(t *testing.T) {
	t.Parallel()
	const (
		timeout     = "webhookSubscription.timeout: Timeout must be between 1s and 30s"
		concurrency = "webhookSubscription.concurrency: Concurrency must be between 1 and 64"
	)
	for _, test := range []struct {
		timeoutMS, concurrency int
		want                   string
	}{
		{0, 0, ""},
		{1000, 1, ""},
		{30_000, 64, ""},
		{999, 0, timeout},
		{30_001, 0, timeout},
		{-1, 0, timeout},
		{0, 65, concurrency},
		{0, -1, concurrency},
	} {
		s := valid()
		s.TimeoutMS, s.Concurrency = test.timeoutMS, test.concurrency
		if got := told((Rules{}).Check(s.Tidy())); got != test.want {
			t.Errorf("%d ms, %d at once: %q, want %q", test.timeoutMS, test.concurrency, got, test.want)
		}
	}
}
