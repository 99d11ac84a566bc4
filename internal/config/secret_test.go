package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretsNeverPrint(t *testing.T) {
	t.Parallel()
	all := struct {
		Temporal Temporal
		Database Database
	}{
		Temporal{APIKey: "hunter2", TLSClientKeyData: "hunter2"},
		Database{URL: "postgres://u:hunter2@h:1/x?sslpassword=hunter2"},
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	for _, logger := range []*slog.Logger{
		slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil)),
	} {
		logger.Info("starting", "settings", all, "key", all.Temporal.APIKey, "url", all.Database.URL)
	}
	printed := fmt.Sprintf("%v %+v %#v %s", all, all, all, all.Temporal.APIKey) + string(text) + log.String()
	if strings.Contains(printed, "hunter2") {
		t.Errorf("a secret was printed: %s", printed)
	}
	if !strings.Contains(printed, redacted) || !strings.Contains(printed, "postgres://u:xxxxx@h:1/x") {
		t.Errorf("the rest is not there: %s", printed)
	}
}

func TestDatabaseURLString(t *testing.T) {
	t.Parallel()
	for url, want := range map[DatabaseURL]string{
		"":                                     "",
		"postgres://h/x":                       "postgres://h/x",
		"postgresql://u:p@h/x":                 "postgresql://u:xxxxx@h/x",
		"postgres://h/x?password=p":            "postgres://h/x?password=xxxxx",
		"host=h password='a \\' b' user=u":     "host=h password=xxxxx user=u",
		"host=h PASSWORD = p":                  "host=h [redacted]",
		"user=u\tpassword\v=\np\fhost=/run/pg": "user=u password=xxxxx host=/run/pg",
		"password= host=h":                     "password=xxxxx", // The password is host=h.
		"host='h' user='a b'":                  "host=xxxxx user=xxxxx",
		"password=p q=r host=h":                "password=xxxxx [redacted] host=h",
		"host=h password='p":                   redacted,
		"host=h password=p\\":                  redacted,
		"host=h password=it's user=u":          redacted,
		"host=h p":                             redacted,
		" postgres://u:p@h":                    redacted,
		"mysql://u:p@h/x":                      redacted,
		"postgres://u@h1:1,[::1]:2/x":          "postgres://u@h1:1,[::1]:2/x",
		"postgres://u:p?#:%zz@h/x":             "postgres://u:xxxxx@h/x", // The first @ ends the password.
		"postgres://h/x?sslmode=disable&pass%77ord=p&a=b": "postgres://h/x?sslmode=disable&[redacted]&[redacted]",
		"postgres://u:p@h:port/x":                         redacted,
		"postgres://u:1/p@h/x":                            redacted,
		"postgres://u:1#p":                                redacted,
		"postgres://u:1/x?p@h":                            redacted,
		"postgres://u:p@q@h/x":                            redacted,
	} {
		if got := url.String(); got != want {
			t.Errorf("%q prints as %q, want %q", string(url), got, want)
		}
	}
}

// Keys are checked when they are loaded, and neither printed nor quoted in what is wrong with them.
func TestSealKeys(t *testing.T) {
	const name, good = "PACKHORSE_SECRETS_KEYS", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	environment(t, nil)
	var unset Secrets
	if err := Load(&unset); err != nil || !unset.Keys.Ring().Empty() {
		t.Errorf("without keys: %v", err)
	}
	t.Setenv(name, good)
	var set Secrets
	if err := Load(&set); err != nil || set.Keys.Ring().Empty() {
		t.Fatalf("loaded no keys: %v", err)
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("starting", "settings", set, "keys", set.Keys)
	if printed := fmt.Sprintf("%v %+v %#v %s", set, set, set, set.Keys) + string(text) + log.String(); strings.Contains(
		printed, good,
	) || !strings.Contains(printed, redacted) {
		t.Errorf("printed %s", printed)
	}
	t.Setenv(name, good+",short")
	if err := Load(new(Secrets)); err == nil || !strings.Contains(err.Error(), "key 2 is not 32 bytes") ||
		strings.Contains(err.Error(), good) {
		t.Errorf("a short key: %v", err)
	}
}
