package worker

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/config"
	"packhorse/internal/delivery"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/simulated"
)

// The environment belongs to the whole process, so these tests can't be parallel.

func TestLoadTakesTheSettingsOfServedProviders(t *testing.T) {
	t.Setenv("PACKHORSE_DATABASE_URL", "postgres://localhost/packhorse")
	for _, test := range []struct{ providers, seed, problem string }{
		{"manual,simulated", "7", ""},
		{"manual", "many", ""}, // Nobody reads it.
		{"simulated", "many", `PACKHORSE_SIMULATED_SEED="many" is not a whole number`},
		{"manual,robots", "7", "PACKHORSE_PROVIDERS: Could not find a fulfillment provider with id: robots; " +
			"there are manual, simulated"},
	} {
		t.Setenv("PACKHORSE_PROVIDERS", test.providers)
		t.Setenv("PACKHORSE_SIMULATED_SEED", test.seed)
		s, err := Load()
		if test.problem != "" {
			var wrong *config.Error
			if !errors.As(err, &wrong) || len(wrong.Problems) != 1 || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("%s: %v, want the one problem %q", test.providers, err, test.problem)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.providers, err)
		}
		e, err := s.Providers.Find(simulated.DefaultID)
		if err != nil {
			t.Fatal(err)
		}
		if seed := e.Settings.(*simulated.Environment).Seed; test.seed == "7" && seed != 7 {
			t.Errorf("the seed is %d, want 7", seed)
		}
	}
}

// TestRetriesAreOurs: the default of the setting is that of the delivery.
func TestRetriesAreOurs(t *testing.T) {
	t.Setenv("PACKHORSE_DATABASE_URL", "postgres://localhost/packhorse")
	t.Setenv("PACKHORSE_WEBHOOK_RETRIES", "")
	t.Setenv("PACKHORSE_WEBHOOK_PROBE", "")
	s, err := Load()
	if err != nil || !slices.Equal(s.Webhooks.WebhookRetries, delivery.Retries) {
		t.Errorf("%v, %v; want %v", s.Webhooks.WebhookRetries, err, delivery.Retries)
	}
	if s.Webhooks.WebhookProbe != delivery.Probe {
		t.Errorf("a receiver that fails is tried every %v, want %v", s.Webhooks.WebhookProbe, delivery.Probe)
	}
}

func TestLoadSaysAllThatIsWrong(t *testing.T) {
	t.Setenv("PACKHORSE_DATABASE_URL", "")
	t.Setenv("PACKHORSE_PROVIDERS", "robots")
	_, err := Load()
	for _, want := range []string{"2 settings are wrong", "PACKHORSE_DATABASE_URL is not set", "id: robots"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q in it", err, want)
		}
	}
}

func TestUsageHasTheSettingsOfProviders(t *testing.T) {
	var b bytes.Buffer
	if err := Usage(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"PACKHORSE_SIMULATED_SEED", "PACKHORSE_PROVIDERS"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, &b)
		}
	}
}

// TestLimits: neither the operator's limit nor that of the service's system is passed.
func TestLimits(t *testing.T) {
	type q struct { // provider.Queue, shorter
		concurrency int
		rate        float64
	}
	for name, test := range map[string]struct{ worker, system, want q }{
		"no_limit_of_the_system":     {q{50, 0}, q{0, 0}, q{50, 0}},
		"lower_one_of_the_system":    {q{50, 10}, q{4, 2.5}, q{4, 2.5}},
		"lower_one_of_the_worker":    {q{5, 1}, q{40, 2.5}, q{5, 1}},
		"only_the_system_has_a_rate": {q{50, 0}, q{0, 2.5}, q{50, 2.5}},
	} {
		o := limited(
			config.Worker{ProviderConcurrency: test.worker.concurrency, ProviderRate: test.worker.rate},
			served{provider: manual.Provider{}, entry: provider.Entry{
				Queue: &provider.Queue{Concurrency: test.system.concurrency, Rate: test.system.rate}}},
		)
		if got := (q{o.MaxConcurrentActivityExecutionSize, o.TaskQueueActivitiesPerSecond}); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// asked is a provider whose services are asked what is new.
type asked struct{ manual.Provider }

func (asked) Changes(
	context.Context, provider.Polled, string,
) (news []provider.News, next string, more bool, err error) {
	return nil, "", false, nil
}

// TestCallsAndPollsShareTheRate: both together are no more than what the system bears, and neither can starve the
// other.
func TestCallsAndPollsShareTheRate(t *testing.T) {
	for name, test := range map[string]struct {
		worker float64
		queue  *provider.Queue
		polled bool
		want   float64 // of both together; 0: no limit
	}{
		"the_system_s":         {0, &provider.Queue{Rate: 2}, true, 2},
		"the_worker_s_lower":   {1, &provider.Queue{Rate: 2}, true, 1},
		"no_limit":             {0, &provider.Queue{}, true, 0},
		"it_is_not_asked":      {0, &provider.Queue{Rate: 2}, false, 2},
		"it_has_no_task_queue": {1, nil, true, 1},
	} {
		s := served{provider: manual.Provider{}, entry: provider.Entry{Queue: test.queue}}
		if test.polled {
			s.provider = asked{}
		}
		calls, polls := rates(config.Worker{ProviderRate: test.worker}, s)
		if calls+polls != test.want || (polls > 0) != (test.polled && test.want > 0) || (calls > 0) != (test.want > 0) {
			t.Errorf("%s: %v calls and %v polls a second, want %v together", name, calls, polls, test.want)
		}
	}
}
