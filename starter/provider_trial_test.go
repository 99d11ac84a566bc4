package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"packhorse/examples/warehouse/warehouse"
	httptrial "packhorse/internal/provider/http/trial"
	"packhorse/internal/standardwebhook"
)

// A warehouse's developers are told point by point what holds; the exit status says whether all does.
func TestProviderTest(t *testing.T) {
	secret := standardwebhook.NewSecret([32]byte{7})
	t.Setenv("PACKHORSE_SECRET_TRY", secret)
	t.Setenv("PACKHORSE_CALLBACK_ALLOW_PRIVATE", "true")
	secrets, err := standardwebhook.ParseSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	w, err := warehouse.New(warehouse.Config{Secrets: secrets, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	good := httptest.NewServer(w.Handler())
	defer good.Close()
	bad := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/rates" {
			_, _ = io.WriteString(rw, `{"rates":[{"option":"a","amount":4.9,"currencyCode":"EUR"}]}`)
			return
		}
		w.Handler().ServeHTTP(rw, r)
	}))
	defer bad.Close()
	for _, test := range []struct {
		url    string
		status int
		broken int
	}{{good.URL, statusDone, 0}, {bad.URL, statusFailed, 1}} {
		args := []string{"provider", "test", "http", "--url", test.url, "--secret-name", "TRY"}
		status, stdout, stderr := call(t, lantern(), "", append(args, "--output", "json")...)
		var page trialPage
		if err := json.Unmarshal([]byte(stdout), &page); err != nil {
			t.Fatalf("%v: %s %s", err, stdout, stderr)
		}
		if status != test.status || page.Broken != test.broken || len(page.Items) != len(httptrial.Points()) {
			t.Errorf("status %d, %d broken of %d: %s", status, page.Broken, len(page.Items), stdout)
		}
		_, stdout, stderr = call(t, lantern(), "", args...)
		if !strings.Contains(stdout, "lookup_of_nothing_is_404") || !strings.Contains(stdout, "points hold") ||
			test.broken == 1 && (!strings.Contains(stdout, "exact decimal text") || !strings.Contains(stderr, "1 point")) {
			t.Errorf("it says %s\n%s", stdout, stderr)
		}
		if strings.Contains(stdout+stderr, secret) {
			t.Error("the secret is told")
		}
	}
	try := "provider test http --url " + good.URL + " --secret-name TRY"
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"provider test http --url " + good.URL + " --secret-name NOT_SET", statusFailed, "PACKHORSE_SECRET_NOT_SET"},
		{"provider test http --url ftp://x --secret-name TRY", statusFailed, `"ftp" is not supported`},
		{"provider test simulated --url x --secret-name TRY", statusUsage, "only http has"},
		{"provider test nobody --url x --secret-name TRY", statusUsage, "Could not find"},
		{"provider test http --secret-name TRY", statusUsage, "url"},
		{try + " --callback-url http://x/y", statusUsage, "--listen ADDRESS"},
		{try + " --callback-secret-name OTHER", statusUsage, "--listen ADDRESS"},
		{try + " --listen nowhere", statusUsage, "127.0.0.1:8099"},
		{try + " --listen :0", statusUsage, "--callback-url URL"},
		{try + " --listen 0.0.0.0:0", statusUsage, "--callback-url URL"},
		{try + " --listen 127.0.0.1:0 --callback-url ftp://x", statusUsage, `"ftp" is not supported`},
		{try + " --listen 127.0.0.1:0 --callback-wait 0s", statusUsage, "longer than 0"},
		{try + " --listen 127.0.0.1:0 --callback-secret-name NOT_SET", statusFailed, "PACKHORSE_SECRET_NOT_SET"},
	} {
		status, _, stderr := call(t, lantern(), "", strings.Fields(test.args)...)
		if status != test.status || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: status %d, %s; want %d, %q", test.args, status, stderr, test.status, test.want)
		}
	}
}

// TestProviderTestOfNobody: when nobody is there, what to look at is the warehouse, not servers that are not needed.
func TestProviderTestOfNobody(t *testing.T) {
	t.Setenv("PACKHORSE_CALLBACK_ALLOW_PRIVATE", "true")
	t.Setenv("PACKHORSE_SECRET_TRY", standardwebhook.NewSecret([32]byte{7}))
	gone := httptest.NewServer(nil)
	gone.Close()
	status, _, stderr := call(t, lantern(), "", "provider", "test", "http", "--url", gone.URL, "--secret-name", "TRY")
	want := "Look whether the warehouse is up at " + gone.URL + ", and whether --url says the right address."
	if status != statusFailed || !strings.Contains(stderr, want) || strings.Contains(stderr, "PostgreSQL") {
		t.Errorf("status %d: %s; want %s", status, stderr, want)
	}
}

// TestProviderTestCallbacks: it says where callbacks are taken, and what a warehouse that calls nobody has to do.
func TestProviderTestCallbacks(t *testing.T) {
	secret := standardwebhook.NewSecret([32]byte{7})
	t.Setenv("PACKHORSE_SECRET_TRY", secret)
	t.Setenv("PACKHORSE_SECRET_TOLD", standardwebhook.NewSecret([32]byte{8}))
	t.Setenv("PACKHORSE_CALLBACK_ALLOW_PRIVATE", "true")
	secrets, err := standardwebhook.ParseSecrets(secret)
	if err != nil {
		t.Fatal(err)
	}
	w, err := warehouse.New(warehouse.Config{Secrets: secrets, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	args := "provider test http --output json --secret-name TRY --callback-secret-name TOLD --callback-wait 10ms --url " +
		server.URL
	for flags, address := range map[string]string{
		"--listen 127.0.0.1:0": "http://127.0.0.1:",
		"--listen 127.0.0.1:0 --callback-url https://a.example.com/b/": "https://a.example.com/b/1",
		"--listen :0 --callback-url https://a.example.com/b":           "https://a.example.com/b/1",
	} {
		status, stdout, stderr := call(t, lantern(), "", strings.Fields(args+" "+flags)...)
		var page trialPage
		if err := json.Unmarshal([]byte(stdout), &page); err != nil || status != statusDone {
			t.Fatalf("%s: status %d, %v: %s %s", flags, status, err, stdout, stderr)
		}
		if !strings.Contains(stderr, "the warehouse has to call "+address) || page.Broken != 0 {
			t.Errorf("%s: %d points are broken; it says %s", flags, page.Broken, stderr)
		}
		last := page.Items[len(page.Items)-1]
		if last.Verdict != httptrial.NotTried || !strings.Contains(last.Why, address) {
			t.Errorf("%s: %s is %s: %s", flags, last.Point, last.Verdict, last.Why)
		}
	}
}
