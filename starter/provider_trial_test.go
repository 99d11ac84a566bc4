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
	} {
		status, _, stderr := call(t, lantern(), "", strings.Fields(test.args)...)
		if status != test.status || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: status %d, %s; want %d, %q", test.args, status, stderr, test.status, test.want)
		}
	}
}
