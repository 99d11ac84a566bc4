package catalogue_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/config"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
)

// TestEntries: whatever reads the catalogue relies on each entry being whole.
func TestEntries(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	variables := make(map[string]bool)
	for _, e := range catalogue.New() {
		if err := provider.CheckID(e.ID); err != nil || seen[e.ID] {
			t.Errorf("%s: malformed or twice: %v", e.ID, err)
		}
		seen[e.ID] = true
		if e.What == "" || strings.ContainsAny(e.What, "|\n") || strings.HasSuffix(e.What, ".") {
			t.Errorf("%s: %q says in no line of a table what it is", e.ID, e.What)
		}
		if e.Open == nil || e.Offline == nil || e.Offline.ID() != e.ID {
			t.Fatalf("%s: it can't be opened, or is another offline", e.ID)
		}
		if options, err := e.Offline.Options(t.Context()); err != nil || len(options) == 0 {
			t.Errorf("%s: options %v, %v", e.ID, options, err)
		}
		err := e.Offline.ValidateOption(t.Context(), map[string]any{"no such setting": 1})
		if provider.Classify(err) != provider.Permanent {
			t.Errorf("%s: offline it takes any option: %v", e.ID, err)
		}
		if e.Settle < 0 {
			t.Errorf("%s: Settle is %s", e.ID, e.Settle)
		}
		if e.Settings == nil {
			continue
		}
		prefix := "PACKHORSE_" + strings.ToUpper(strings.ReplaceAll(e.ID, "-", "_")) + "_"
		for _, v := range config.Variables(e.Settings) {
			if !strings.HasPrefix(v.Name, prefix) || v.What == "" || variables[v.Name] {
				t.Errorf("%s: %q: its name doesn't begin with %s, it is not explained, or another's",
					e.ID, v.Name, prefix)
			}
			variables[v.Name] = true
		}
	}
}

// TestOfflineIsOfTheSameType: what is listed of a provider is what an opened one can do.
func TestOfflineIsOfTheSameType(t *testing.T) {
	t.Parallel()
	for _, e := range catalogue.New() {
		host := provider.Host{DatabaseURL: "postgres://127.0.0.1:1/nothing"} // It is dialled later.
		p, end, err := e.Open(t.Context(), host)
		if err != nil {
			t.Fatalf("%s: %v", e.ID, err)
		}
		if end != nil {
			defer end()
		}
		if reflect.TypeOf(p) != reflect.TypeOf(e.Offline) || p.ID() != e.ID {
			t.Errorf("%s: %T is opened, offline it is %T", e.ID, p, e.Offline)
		}
	}
}

func TestSettingsAreEachCallsOwn(t *testing.T) {
	t.Parallel()
	one, other := catalogue.New().Settings(), catalogue.New().Settings()
	for i := range one {
		if one[i].Settings == other[i].Settings {
			t.Errorf("%s are shared", one[i].Title)
		}
	}
}

func TestFindAndSelect(t *testing.T) {
	t.Parallel()
	c := catalogue.New()
	if e, err := c.Find("manual"); err != nil || e.ID != "manual" || e.Queue != nil {
		t.Errorf("manual is %+v, %v; want it without a task queue", e, err)
	}
	selected, err := c.Select([]string{"simulated", "manual"})
	if err != nil || !slices.Equal(selected.IDs(), []string{"simulated", "manual"}) {
		t.Errorf("selected %v, %v", selected.IDs(), err)
	}
	want := "Could not find a fulfillment provider with id: nobody; there are " + strings.Join(c.IDs(), ", ")
	for _, find := range []func() error{
		func() error { _, err := c.Find("nobody"); return err },
		func() error { _, err := c.Select([]string{"manual", "nobody"}); return err },
	} {
		if err := find(); err == nil || err.Error() != want || provider.Classify(err) != provider.Permanent {
			t.Errorf("%v, want the permanent error %q", err, want)
		}
	}
}

// TestOptionsAreReadTheSame: what is wrong with the options of a service is said of every provider in the same words,
// none of them Go's.
func TestOptionsAreReadTheSame(t *testing.T) {
	t.Parallel()
	for _, e := range catalogue.New() {
		for name, value := range map[string]any{"no such": 1, "id": 7, "URL": "https://example.com"} {
			err := e.Offline.ValidateOption(t.Context(), map[string]any{name: value})
			begins, want := "options of the provider "+e.ID+": ", "id "
			if name != "id" {
				want = `there is no option "` + name + `": there `
			}
			if provider.Classify(err) != provider.Permanent || !strings.HasPrefix(err.Error(), begins) ||
				!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "json") {
				t.Errorf("%s with %s: %v, want a permanent error that begins with %q, with %q", e.ID, name, err, begins, want)
			}
		}
	}
}

// TestSecretsAreOptions: each option that an entry says to name a secret is one of the provider's, and holds a name.
func TestSecretsAreOptions(t *testing.T) {
	t.Parallel()
	for _, e := range catalogue.New() {
		for option, byDefault := range e.Secrets {
			err := e.Offline.ValidateOption(t.Context(), map[string]any{option: "no name"})
			if provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), option+": The name of") {
				t.Errorf("%s: %s: %v", e.ID, option, err)
			}
			if byDefault != "" && provider.CheckSecretName(byDefault) != nil {
				t.Errorf("%s: %s is no name", e.ID, byDefault)
			}
		}
	}
}
