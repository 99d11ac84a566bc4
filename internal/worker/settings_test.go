package worker

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	sdkworker "go.temporal.io/sdk/worker"

	"packhorse/internal/config"
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
		{"manual,robots", "7", "PACKHORSE_PROVIDERS: Could not find a fulfillment provider with id: robots; there are manual, simulated"},
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
	if err := Usage(&b); err != nil || !strings.Contains(b.String(), "PACKHORSE_SIMULATED_SEED") || !strings.Contains(b.String(), "PACKHORSE_PROVIDERS") {
		t.Errorf("%v:\n%s", err, &b)
	}
}

// TestLimits: neither the operator's limit nor that of the service's system is passed.
func TestLimits(t *testing.T) {
	for name, test := range map[string]struct {
		worker, system provider.Queue
		want           provider.Queue
	}{
		"no_limit_of_the_system": {provider.Queue{Concurrency: 50}, provider.Queue{}, provider.Queue{Concurrency: 50}},
		"lower_one_of_the_system": {provider.Queue{Concurrency: 50, Rate: 10}, provider.Queue{Concurrency: 4, Rate: 2.5},
			provider.Queue{Concurrency: 4, Rate: 2.5}},
		"lower_one_of_the_worker": {provider.Queue{Concurrency: 5, Rate: 1}, provider.Queue{Concurrency: 40, Rate: 2.5},
			provider.Queue{Concurrency: 5, Rate: 1}},
		"only_the_system_has_a_rate": {provider.Queue{Concurrency: 50}, provider.Queue{Rate: 2.5}, provider.Queue{Concurrency: 50, Rate: 2.5}},
	} {
		o := limited(sdkworker.Options{MaxConcurrentActivityExecutionSize: test.worker.Concurrency,
			TaskQueueActivitiesPerSecond: test.worker.Rate}, test.system)
		if got := (provider.Queue{Concurrency: o.MaxConcurrentActivityExecutionSize, Rate: o.TaskQueueActivitiesPerSecond}); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}
