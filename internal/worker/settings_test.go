package worker

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	sdkworker "go.temporal.io/sdk/worker"

	"packhorse/internal/config"
	"packhorse/internal/delivery"
	"packhorse/internal/provider"
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
		options := sdkworker.Options{MaxConcurrentActivityExecutionSize: test.worker.concurrency,
			TaskQueueActivitiesPerSecond: test.worker.rate}
		o := limited(options, provider.Queue{Concurrency: test.system.concurrency, Rate: test.system.rate})
		if got := (q{o.MaxConcurrentActivityExecutionSize, o.TaskQueueActivitiesPerSecond}); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}
