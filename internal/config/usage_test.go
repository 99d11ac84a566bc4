package config

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// Every setting must explain itself, with a name of ours or of Temporal's.
func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	for _, group := range groups() {
		for _, s := range settingsOf(group.Settings) {
			if s.what == "" {
				t.Errorf("%s has no desc", s.name)
			}
			if !strings.HasPrefix(s.name, prefix) && !strings.HasPrefix(s.name, "TEMPORAL_") ||
				s.name != strings.ToUpper(s.name) {
				t.Errorf("%q is not the name of a setting", s.name)
			}
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	if err := Usage(&text, new(Database), new(Worker)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"PACKHORSE_DATABASE_URL ", "(required)", "PACKHORSE_STOP_TIMEOUT ", " 25s ", "(text, json)",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the usage lacks %q:\n%s", want, &text)
		}
	}
	if strings.Contains(text.String(), "TEMPORAL_ADDRESS") {
		t.Error("the usage has settings that were not asked for")
	}
	if err := Usage(brokenWriter{}, new(Database)); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the writer's error", err)
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestMarkdown(t *testing.T) {
	t.Parallel()
	text := Markdown()
	for _, want := range []string{
		"| `PACKHORSE_DATABASE_URL` | (required) |", "| `PACKHORSE_STOP_TIMEOUT` | `25s` |",
		"| `TEMPORAL_API_KEY` |  |", "| `PACKHORSE_OUTPUT` | `table` |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the tables lack %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 4 {
			t.Errorf("not three columns: %s", line)
		}
	}
}

func TestUnknownVariables(t *testing.T) {
	t.Parallel()
	got := UnknownVariables([]string{
		// wrong
		"PACKHORSE_STOP_TIMOUT=25s", "packhorse_log_level=info", "PACKHORSE_DATABASE=hunter2", "PACKHORSE_\xc1\n=1",
		// not ours or known
		"PACKHORSE_LOG_LEVEL=info", "PACKHORSE_PG_BINDIR=/x", "PATH=/bin", "TEMPORAL_CLI_X=1", "PACKHORSES=1",
		"PACKHORSE_SECRET_WAREHOUSE_KEY=hunter2",
		// Kubernetes
		"PACKHORSE_SERVICE_HOST=10.0.0.1", "PACKHORSE_PORT_8080_TCP_ADDR=10.0.0.1", "PACKHORSE_SERVICE_PORT_HTTP=80",
	})
	want := []string{
		`"PACKHORSE_DATABASE" is not a setting of Packhorse and does nothing; did you mean PACKHORSE_DATABASE_URL?`,
		`"PACKHORSE_STOP_TIMOUT" is not a setting of Packhorse and does nothing; did you mean PACKHORSE_STOP_TIMEOUT?`,
		`"PACKHORSE_\xc1\n" is not a setting of Packhorse and does nothing; did you mean PACKHORSE_API?`,
		`"packhorse_log_level" is not a setting of Packhorse and does nothing; did you mean PACKHORSE_LOG_LEVEL?`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
