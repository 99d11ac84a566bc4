package config

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// environment sets the variables and takes away all others that are settings.
// The environment belongs to the whole process, so its tests can't be parallel.
func environment(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, group := range groups() {
		for _, s := range settingsOf(group.Settings) {
			t.Setenv(s.name, "")
		}
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

func TestLoadDefaults(t *testing.T) {
	environment(t, map[string]string{"PACKHORSE_DATABASE_URL": "postgres://localhost/packhorse"})
	var (
		database Database
		temporal Temporal
		worker   Worker
		cli      CLI
	)
	if err := Load(&database, &temporal, &worker, &cli, new(Development)); err != nil {
		t.Fatal(err)
	}
	if string(database.URL) != "postgres://localhost/packhorse" || database.MaxConns != 10 {
		t.Errorf("database: %+v", database)
	}
	if temporal.Address != "127.0.0.1:7233" || temporal.Namespace != "default" || temporal.TLS != nil ||
		temporal.UseTLS() {
		t.Errorf("temporal: %+v", temporal)
	}
	if worker.StopTimeout != 25*time.Second || worker.Providers.String() != "manual,simulated" ||
		worker.LogLevel != slog.LevelInfo || worker.Versioned() {
		t.Errorf("worker: %+v", worker)
	}
	if cli.LogLevel != slog.LevelWarn || cli.Output != "table" {
		t.Errorf("cli: %+v", cli)
	}
}

func TestLoadTakesWhatIsSet(t *testing.T) {
	environment(t, map[string]string{
		"TEMPORAL_TLS": "false", "TEMPORAL_API_KEY": "s3cret",
		"PACKHORSE_PROVIDERS": " easypost , manual", "PACKHORSE_LOG_LEVEL": "debug", "PACKHORSE_PROVIDER_RATE": "2.5",
		"TEMPORAL_DEPLOYMENT_NAME": "packhorse", "TEMPORAL_WORKER_BUILD_ID": "7",
	})
	var (
		temporal Temporal
		worker   Worker
	)
	if err := Load(&temporal, &worker); err != nil {
		t.Fatal(err)
	}
	if temporal.UseTLS() || temporal.APIKey.Reveal() != "s3cret" {
		t.Errorf("temporal: %+v", temporal)
	}
	if worker.Providers.String() != "easypost,manual" || worker.LogLevel != slog.LevelDebug ||
		worker.ProviderRate != 2.5 || !worker.Versioned() {
		t.Errorf("worker: %+v", worker)
	}
}

func TestLoadSaysAllThatIsWrong(t *testing.T) {
	environment(t, map[string]string{
		"PACKHORSE_STOP_TIMEOUT": "25", "PACKHORSE_LOG_FORMAT": "xml", "PACKHORSE_LOG_LEVEL": "loud",
		"PACKHORSE_STICKY_CACHE_SIZE": "0", "PACKHORSE_PROVIDER_RATE": "NaN", "PACKHORSE_WORKFLOW_POLLERS": "many",
		"PACKHORSE_PROVIDERS": "manual,,simulated", "PACKHORSE_MAX_CONCURRENT_ACTIVITIES": "10001",
		"TEMPORAL_TLS": "perhaps",
	})
	var worker Worker
	err := Load(new(Database), new(Temporal), &worker)
	var wrong *Error
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v, want an *Error", err)
	}
	for _, want := range []string{
		"PACKHORSE_DATABASE_URL is not set: PostgreSQL database",
		`TEMPORAL_TLS="perhaps" is neither true nor false`,
		`PACKHORSE_STOP_TIMEOUT="25" is not a duration such as 500ms, 25s or 1m30s (1s to 1h): `,
		"; unset it for the default 25s",
		`PACKHORSE_LOG_FORMAT="xml" is not allowed (text, json)`,
		`PACKHORSE_LOG_LEVEL="loud" is not allowed (debug, info, warn, error)`,
		`PACKHORSE_STICKY_CACHE_SIZE="0" is too small (1 to 100000)`,
		`PACKHORSE_PROVIDER_RATE="NaN" is too small`,
		`PACKHORSE_WORKFLOW_POLLERS="many" is not a whole number`,
		`PACKHORSE_PROVIDERS="manual,,simulated" can't be read: there is an empty name`,
		`PACKHORSE_MAX_CONCURRENT_ACTIVITIES="10001" is too large`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %s\n%v", want, err)
		}
	}
	if len(wrong.Problems) != 10 {
		t.Errorf("%d problems, want 10:\n%v", len(wrong.Problems), err)
	}
	if worker.LogFormat != "" || worker.StickyCacheSize != 0 {
		t.Errorf("a wrong value was taken: %+v", worker)
	}
}

func TestLoadRulesBetweenSettings(t *testing.T) {
	for name, test := range map[string]struct {
		variables map[string]string
		spec      any
		want      string
	}{
		"half_a_deployment": {
			map[string]string{"TEMPORAL_WORKER_BUILD_ID": "7"}, new(Worker), "belong together",
		},
		"certificate_without_a_key": {
			map[string]string{"TEMPORAL_TLS_CLIENT_CERT_PATH": "a"}, new(Temporal), "needs its private key",
		},
		"authorities_twice": {map[string]string{
			"TEMPORAL_TLS_SERVER_CA_CERT_PATH": "a", "TEMPORAL_TLS_SERVER_CA_CERT_DATA": "b",
		},
			new(Temporal), "are both set"},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, test.variables)
			if err := Load(test.spec); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want … %s …", err, test.want)
			}
		})
	}
}

func TestLoadErrorsHaveNoSecrets(t *testing.T) {
	for _, url := range []string{
		"postgres://u:hunter2@host:port/x", "postgres://u:hunter2%zz@h/x", "hunter2", "host=h password=hunter2 port=x",
	} {
		environment(t, map[string]string{"PACKHORSE_DATABASE_URL": url})
		err := Load(new(Database))
		if err == nil || strings.Contains(fmt.Sprintf("%+v %#v", err, err), "hunter2") {
			t.Errorf("%s: got %v, want an error without the password", url, err)
		}
	}
}

// TestPauses: a list of durations is read as a whole, or it is said which one is wrong and what is allowed.
func TestPauses(t *testing.T) {
	for _, test := range []struct{ value, problem string }{
		{"", ""}, {"1s, 30s,2h", ""}, {"10ms", ""},
		{"1s,soon", `"soon" is not a duration such as 500ms, 25s or 1m30s`},
		{"1s,", `"" is not a duration`}, {"9ms", "9ms is not between 10ms and 24h"}, {"25h", "is not between"},
		{strings.Repeat("1s,", 100) + "1s", "there are too many"},
	} {
		environment(t, map[string]string{"PACKHORSE_WEBHOOK_RETRIES": test.value})
		var w Webhooks
		switch err := Load(&w); {
		case test.problem != "":
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("%.20q: %v, want %q in it", test.value, err, test.problem)
			}
		case err != nil:
			t.Errorf("%.20q: %v", test.value, err)
		case test.value == "" && (len(w.WebhookRetries) != 8 || w.WebhookRetries[0] != 10*time.Second),
			test.value == "1s, 30s,2h" && (len(w.WebhookRetries) != 3 || w.WebhookRetries[2] != 2*time.Hour):
			t.Errorf("%.20q: %v", test.value, w.WebhookRetries)
		}
	}
}
