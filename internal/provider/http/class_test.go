package http_test

import (
	"fmt"
	nethttp "net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/provider"
	"packhorse/internal/provider/http"
	"packhorse/internal/provider/providertest"
)

// TestClasses is the table of the contract: what a status, and what the warehouse says beside it, mean for the next
// attempt.
func TestClasses(t *testing.T) {
	t.Parallel()
	const (
		retryable = provider.Retryable
		permanent = provider.Permanent
		unknown   = provider.UnknownOutcome
	)
	saying := func(more string) string { return `{"title":"Trouble","status":1` + more + `}` }
	for _, test := range []struct {
		statuses []int
		problem  string // "": none
		after    string
		class    provider.Class
	}{
		{statuses: []int{408, 425, 429, 503}, class: unknown},
		{statuses: []int{408, 425, 429, 503}, after: "7", class: retryable},
		{statuses: []int{408, 425, 429, 503}, problem: saying(`,"effect":"none"`), class: retryable},
		{statuses: []int{408, 425, 429, 503}, problem: saying(`,"effect":"unknown"`), class: unknown},
		{statuses: []int{500, 501, 502, 504, 507, 599}, class: unknown},
		{statuses: []int{500, 502, 504}, after: "7", class: unknown},
		{statuses: []int{500, 502, 504}, problem: saying(`,"effect":"none"`), class: retryable},
		{statuses: []int{400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 418}, class: permanent},
		{statuses: []int{400, 401, 403, 404, 405, 409, 410, 413, 415, 422}, problem: saying(`,"effect":"none"`), class: permanent},
		{statuses: []int{300, 301, 302, 303, 304, 307, 308}, class: permanent},
		{statuses: []int{400, 401, 404, 409, 422, 429, 500, 503}, problem: saying(`,"retryable":true`), class: retryable},
		{statuses: []int{400, 409, 429, 500, 503}, problem: saying(`,"retryable":false,"effect":"none"`), after: "7",
			class: permanent},
		// What is malformed is as if it were not there.
		{statuses: []int{500}, problem: saying(`,"retryable":"yes","effect":7,"errors":{}`), class: unknown},
		{statuses: []int{500}, problem: `{`, class: unknown},
	} {
		for _, status := range test.statuses {
			server := serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, _ *nethttp.Request) {
				if test.problem != "" {
					w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
				}
				if test.after != "" {
					w.Header().Set("Retry-After", test.after)
				}
				answer(status, nil, test.problem)(w, nil, nil)
			}))
			_, err := newProvider(t, server.URL).Create(t.Context(), providertest.Request("a"))
			if class := provider.Classify(err); class != test.class {
				t.Errorf("%d, after %q, %s: %s, want %s", status, test.after, test.problem, class, test.class)
			}
			want := time.Duration(0)
			if test.after != "" {
				want = 7 * time.Second
			}
			if got := provider.RetryAfter(err); got != want {
				t.Errorf("%d, after %q: wait %s, want %s", status, test.after, got, want)
			}
			if err != nil && !strings.Contains(err.Error(), fmt.Sprint(status)) {
				t.Errorf("%d: the error does not say so: %v", status, err)
			}
		}
	}
}

// TestProblemsAreForPeople: the error says what the warehouse says is wrong, and where, in as many words as people
// read.
func TestProblemsAreForPeople(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprintf(`{"field":"lines[%d]","message":"%s"}`, i, strings.Repeat("long ", 200)))
	}
	server := serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, _ *nethttp.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		answer(422, nil, `{"title":"Malformed","detail":"Look at the lines.","errors":[`+strings.Join(many, ",")+`]}`)(w, nil, nil)
	}))
	_, err := newProvider(t, server.URL).Create(t.Context(), providertest.Request("a"))
	text := fmt.Sprint(err)
	for _, want := range []string{"422", "Malformed", "Look at the lines.", "lines[0]", "and 35 more"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q: %s", want, text)
		}
	}
	if len(text) > 4000 {
		t.Errorf("it has %d bytes", len(text))
	}
}

// TestOnlyTheContractsNotFoundIsNothing: a 404 of a proxy does not say that a request was never taken.
func TestOnlyTheContractsNotFoundIsNothing(t *testing.T) {
	t.Parallel()
	kind := ""
	server := serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		kind = r.Header.Get("Accept")
		w.Header().Set("Content-Type", "text/html")
		if strings.HasSuffix(r.URL.Path, "/k-known") {
			w.Header().Set("Content-Type", "application/problem+json")
		}
		answer(404, nil, `{"title":"Not Found","status":404}`)(w, nil, nil)
	}))
	p := newProvider(t, server.URL)
	found, err := p.Lookup(t.Context(), provider.Query{Key: "known", Kind: "REQUEST", RequestKey: "known"})
	if err != nil || len(found) != 0 {
		t.Errorf("%v, %v; want nothing", found, err)
	}
	_, err = p.Lookup(t.Context(), provider.Query{Key: "other", Kind: "REQUEST", RequestKey: "other"})
	if err == nil || !strings.Contains(err.Error(), "option url") {
		t.Errorf("%v, want an error that names the option url", err)
	}
	if !strings.Contains(kind, "application/problem+json") {
		t.Errorf("it asks for %q", kind)
	}
}

// TestSecretIsWaitedFor: without a secret that can be read nothing is sent, and the call is tried again until there is.
func TestSecretIsWaitedFor(t *testing.T) {
	t.Parallel()
	server := serve(t, nethttp.HandlerFunc(func(nethttp.ResponseWriter, *nethttp.Request) { t.Error("it was sent") }))
	for text, says := range map[string]string{"": "The secret LATER is not set", "no base64 !": "the secret LATER: "} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "LATER"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p := http.New(http.Config{
			Secrets: provider.NamedSecrets(folder), Rules: callback.Rules{AllowPrivate: true},
			Defaults: http.Settings{URL: server.URL, SecretName: "LATER"},
		})
		t.Cleanup(p.Close)
		_, err := p.Create(t.Context(), providertest.Request("a"))
		if provider.Classify(err) != provider.Retryable || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want a retryable %q", text, err, says)
		}
	}
}
