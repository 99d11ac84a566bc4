package provider_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/provider"
)

// A secret is the file of its name, and else the environment variable of its name.
func TestNamedSecrets(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("IN_FILE", "one\n")
	write("IN_BOTH", "file\r\n")
	write("EMPTY", "\n")
	write("NO_TEXT", "a\x00b")
	write("LONG", strings.Repeat("x", 64<<10+1))
	if err := os.Mkdir(filepath.Join(folder, "FOLDER"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PACKHORSE_SECRET_IN_BOTH", "variable")
	t.Setenv("PACKHORSE_SECRET_IN_VARIABLE", "variable")
	t.Setenv("PACKHORSE_SECRET_EMPTY", "variable")
	secrets := provider.NamedSecrets(folder)
	for name, want := range map[string]string{
		"IN_FILE": "one", "IN_BOTH": "file", "IN_VARIABLE": "variable",
	} {
		if got, err := secrets(name); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"NOWHERE": "The secret NOWHERE is not set: write it into the file NOWHERE of the folder " +
			"PACKHORSE_PROVIDER_SECRETS, or into the environment variable PACKHORSE_SECRET_NOWHERE.",
		"EMPTY":   "The secret EMPTY is not set",
		"NO_TEXT": "The secret NO_TEXT in the file NO_TEXT in the folder PACKHORSE_PROVIDER_SECRETS is no text of UTF-8.",
		"LONG":    "has more than 65536 bytes",
		"FOLDER":  "The secret FOLDER can't be read from the folder PACKHORSE_PROVIDER_SECRETS: is a directory",
	} {
		text, err := secrets(name)
		if provider.Classify(err) != provider.Retryable || !strings.Contains(err.Error(), want) || text != "" {
			t.Errorf("%s is %q, %v; want the retryable error %q", name, text, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "xxx") || strings.Contains(err.Error(), folder)) {
			t.Errorf("%s: the error says too much: %.200v", name, err)
		}
	}
}

// A secret is read at each call: it can be changed while workers run.
func TestSecretIsReadEachTime(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	secrets := provider.NamedSecrets(folder)
	for _, want := range []string{"first", "second"} {
		if err := os.WriteFile(filepath.Join(folder, "KEY"), []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := secrets("KEY"); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}

// While a secret is replaced it has several values, one a line.
func TestSecretOfSeveralValues(t *testing.T) {
	t.Setenv("PACKHORSE_SECRET_KEYS", " new \r\n\nold\n")
	t.Setenv("PACKHORSE_SECRET_BLANK", " \n\t")
	for name, secrets := range map[string]provider.Secrets{"none": nil, "named": provider.NamedSecrets("")} {
		if all, err := secrets.All("KEYS"); err != nil || !slices.Equal(all, []string{"new", "old"}) {
			t.Errorf("%s: got %q, %v", name, all, err)
		}
		if first, err := secrets.First("KEYS"); err != nil || first != "new" {
			t.Errorf("%s: got %q, %v", name, first, err)
		}
		if _, err := secrets.First("BLANK"); provider.Classify(err) != provider.Retryable {
			t.Errorf("%s: a blank one: %v, want a retryable error", name, err)
		}
	}
}

// What is no name of a secret may be the secret itself, so it is not repeated. Nor does it name a file elsewhere.
func TestNamesOfSecrets(t *testing.T) {
	t.Parallel()
	secrets := provider.NamedSecrets(t.TempDir())
	for _, name := range []string{
		"", "key", "1KEY", "_KEY", "A KEY", "A-KEY", "A/B", "../KEY", "KEY\n", "hunter2", "ÄKEY", strings.Repeat("A", 101),
	} {
		_, err := secrets(name)
		if provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), "The name of a secret takes") {
			t.Errorf("%q: %v, want a permanent error that says what a name is", name, err)
		}
		if len(name) > 4 && strings.Contains(err.Error(), name) {
			t.Errorf("%q is repeated: %v", name, err)
		}
		if provider.CheckSecretName(name) == nil {
			t.Errorf("%q is a name", name)
		}
	}
	for _, name := range []string{"A", "WAREHOUSE_KEY", "KEY_2", strings.Repeat("A", 100)} {
		if err := provider.CheckSecretName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
