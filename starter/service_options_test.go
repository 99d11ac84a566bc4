package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/callback"
	"packhorse/internal/provider"
	providerhttp "packhorse/internal/provider/http"
)

// TestOptionsInWords: what is wrong with the options of a service is said with its path and what is allowed, by add and
// by update, and nothing is done.
func TestOptionsInWords(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`{"shipAfter": 5}`:           `options of the provider simulated: shipAfter is a number: it must be a duration such as 30s`,
		`{"latency": {"min": true}}`: `latency.min is true: it must be a duration`,
		`{"shipp": 1}`:               `there is no option "shipp": there are id, latency`,
	} {
		for _, args := range [][]string{
			{"service", "add", "X", "--provider", "simulated", "--options", options},
			{"service", "update", "nordlicht", "--options", options},
		} {
			f := lantern()
			status, _, stderr := call(t, f, "", args...)
			if status != statusFailed || !strings.Contains(stderr, want) || strings.Contains(stderr, "json") || len(f.sent) > 0 {
				t.Errorf("%v: status %d, %s, sent %v; want %s", args, status, stderr, f.sent, want)
			}
		}
	}
	f := lantern()
	f.locations[1].Service.Provider = "http"
	for _, args := range [][]string{{"add", "X", "--provider", "http"}, {"update", "nordlicht"}} {
		options := `{"url": "http://127.0.0.1", "secretName": "KEY"}`
		_, _, stderr := call(t, f, "", append(append([]string{"service"}, args...), "--options", options)...)
		if want := `options of the provider http: url: the host "127.0.0.1" is not on the public Internet`; !strings.Contains(stderr, want) {
			t.Errorf("%v: %s, want %s", args, stderr, want)
		}
	}
	for options, want := range map[string]string{
		`[1]`: "--options is no JSON object: it must be one such as", `null`: "--options is no JSON object",
		`"{}"`: "--options is no JSON object", `{"a": 1`: "--options is no JSON: unexpected end of JSON input (at byte 7 of 7)",
	} {
		f := lantern()
		status, _, stderr := call(t, f, "", "service", "add", "X", "--options", options)
		if status != statusUsage || !strings.Contains(stderr, want) || strings.Contains(stderr, "unmarshal") || len(f.sent) > 0 {
			t.Errorf("%s: status %d, %s, sent %v; want %s", options, status, stderr, f.sent, want)
		}
	}
}

// TestSecretThatIsNotFound: a service whose options name it is made, or changed, with a warning that has its name and
// how it is given, and never a value.
func TestSecretThatIsNotFound(t *testing.T) {
	t.Setenv("PACKHORSE_SECRET_HERE", "hunter2")
	const options = `{"url": "https://warehouse.example.com/packhorse", "secretName": "HERE", "callbackSecretName": "NOWHERE"}`
	const want = "option callbackSecretName: The secret NOWHERE is not set: write it into the file NOWHERE of the folder " +
		"PACKHORSE_PROVIDER_SECRETS, or into the environment variable PACKHORSE_SECRET_NOWHERE. Whoever serves the " +
		"provider http needs it; this process can't find it."
	for verb, args := range map[string][]string{
		"AddService":    {"service", "add", "X", "--provider", "http", "--options", options},
		"UpdateService": {"service", "update", "nordlicht", "--options", options},
	} {
		f := lantern()
		f.locations[1].Service.Provider = "http"
		status, stdout, stderr := call(t, f, "", args...)
		if status != statusDone || stderr != "warning: "+want+"\n" || len(f.sent) != 1 || !strings.HasPrefix(f.sent[0], verb) {
			t.Errorf("%s: status %d, %q, sent %v", verb, status, stderr, f.sent)
		}
		var page struct {
			Name     string
			Warnings []string
		}
		status, inJSON, stderr := call(t, f, "", append(args, "-o", "json")...)
		if err := json.Unmarshal([]byte(inJSON), &page); err != nil || status != statusDone || page.Name == "" ||
			!slices.Equal(page.Warnings, []string{want}) {
			t.Errorf("%s: programs get %s, %v", verb, inJSON, err)
		}
		if strings.Contains(stdout+stderr+inJSON, "hunter2") {
			t.Errorf("%s tells a secret", verb)
		}
	}
}

// TestOptionsOfAService: what its system says that it has is listed beside the provider's options, with the one that
// the service names; a service is saved with a warning when its system doesn't list that, and without one when it can't
// be asked.
func TestOptionsOfAService(t *testing.T) {
	t.Setenv("PACKHORSE_CALLBACK_ALLOW_PRIVATE", "true")
	t.Setenv("PACKHORSE_SECRET_HERE", "whsec_"+strings.Repeat("A", 43)+"=")
	says := `{"options":[{"id":"express","name":"Express"},{"id":"back","name":"Back","isReturn":true}]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/options") || says == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, says)
	}))
	t.Cleanup(server.Close)
	options := func(id string) string {
		return `{"url":"` + server.URL + `","secretName":"HERE","option":"` + id + `"}`
	}
	system := providerhttp.New(providerhttp.Config{
		Secrets: provider.NamedSecrets(""), Rules: callback.Rules{AllowPrivate: true},
	})
	t.Cleanup(system.Close)
	backend := func(id string) *fakeBackend {
		f := lantern()
		f.system = system
		f.locations[1].Service.Provider = "http"
		if err := json.Unmarshal([]byte(options(id)), &f.locations[1].Service.Options); err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, args := range [][]string{
		{"service", "options", "nordlicht"}, {"provider", "options", "http", "--service", "nordlicht"},
	} {
		status, stdout, stderr := call(t, backend("express"), "", args...)
		rows := strings.Join(strings.Fields(stdout), " ")
		if status != statusDone || stderr != "" || !strings.Contains(rows, "express Express shipping yes") ||
			!strings.Contains(rows, "back Back returns") || !strings.Contains(rows, "http-fulfillment ") {
			t.Errorf("%v: status %d, %s%s", args, status, stdout, stderr)
		}
	}
	if status, _, stderr := call(t, backend("express"), "", "provider", "options", "manual", "--service", "nordlicht"); status !=
		statusUsage || !strings.Contains(stderr, "has the provider http, not manual") {
		t.Errorf("of another provider: status %d, %s", status, stderr)
	}
	for id, want := range map[string]string{
		"express": "", "nope": `doesn't list the option "nope" as one to ship by`, "back": `doesn't list the option "back"`,
	} {
		for _, args := range [][]string{
			{"service", "add", "X", "--provider", "http", "--options", options(id)},
			{"service", "update", "nordlicht", "--options", options(id)},
		} {
			status, _, stderr := call(t, backend(id), "", args...)
			if status != statusDone || !strings.Contains(stderr, want) || (stderr == "") != (want == "") {
				t.Errorf("%v: status %d, %q, want %q", args, status, stderr, want)
			}
		}
	}
	says = ""
	status, _, stderr := call(t, backend("nope"), "", "service", "add", "X", "--provider", "http", "--options", options("nope"))
	if status != statusDone || stderr != "" {
		t.Errorf("what can't be asked: status %d, %s", status, stderr)
	}
	status, stdout, stderr := call(t, backend("nope"), "", "service", "options", "nordlicht")
	if status != statusDone || !strings.Contains(stdout, "http-fulfillment") || !strings.Contains(stderr, "doesn't tell its options") {
		t.Errorf("what can't be asked is listed with status %d: %s%s", status, stdout, stderr)
	}
}
