package provider_test

import (
	"slices"
	"testing"

	"packhorse/internal/provider"
)

// TestMissingSecrets: a secret that an option names, or that is named by default, is missed by its name.
func TestMissingSecrets(t *testing.T) {
	t.Setenv("PACKHORSE_SECRET_THERE", "hunter2")
	entry := provider.Entry{ID: "ships", Secrets: map[string]string{"key": "KEY", "other": ""}}
	missing := func(option, name string) string {
		return "option " + option + ": The secret " + name + " is not set: write it into the file " + name +
			" of the folder PACKHORSE_PROVIDER_SECRETS, or into the environment variable PACKHORSE_SECRET_" + name +
			". Whoever serves the provider ships needs it; this process can't find it."
	}
	for name, test := range map[string]struct {
		options map[string]any
		want    []string
	}{
		"by default":   {nil, []string{missing("key", "KEY")}},
		"there":        {map[string]any{"key": "THERE", "other": "THERE"}, nil},
		"both missing": {map[string]any{"key": "A", "other": "B"}, []string{missing("key", "A"), missing("other", "B")}},
		"no name":      {map[string]any{"key": "hunter2"}, nil},
		"no text":      {map[string]any{"key": 7}, []string{missing("key", "KEY")}},
	} {
		if got := entry.MissingSecrets(test.options, provider.NamedSecrets("")); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, test.want)
		}
	}
}
