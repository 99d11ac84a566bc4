package provider_test

import (
	"strings"
	"testing"

	"packhorse/internal/callback"
	"packhorse/internal/provider"
)

// Options that are addresses are held to the rules for callback URLs; the error names the option and what to do.
func TestAddressesAreHeldToTheRules(t *testing.T) {
	t.Parallel()
	entry := provider.Entry{ID: "example", Addresses: []string{"url"}}
	private, listed := callback.Rules{AllowPrivate: true}, callback.Rules{Hosts: []string{"warehouse.example.com"}}
	for _, test := range []struct {
		rules callback.Rules
		url   any
		want  string // a part of the error; "": none
	}{
		{url: "https://warehouse.example.com/packhorse"},
		{url: nil},
		{url: 7}, // ValidateOption's to say
		{url: "warehouse", want: "no address"},
		{url: "ftp://warehouse.example.com", want: `"ftp"`},
		{url: "https://me:secret@warehouse.example.com", want: "name a secret"},
		{url: "http://127.0.0.1:8080", want: "PACKHORSE_CALLBACK_ALLOW_PRIVATE"},
		{url: "http://169.254.169.254/latest", want: "not on the public Internet"},
		{url: "https://" + strings.Repeat("a", callback.MaxLength), want: "at most 2048"},
		{rules: private, url: "http://127.0.0.1:8080"},
		{rules: listed, url: "https://warehouse.example.com"},
		{rules: listed, url: "https://other.example.com", want: "PACKHORSE_CALLBACK_HOSTS"},
	} {
		err := entry.CheckAddresses(map[string]any{"url": test.url, "other": "http://127.0.0.1"}, test.rules)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%v: %v", test.url, err)
		case test.want != "" && (provider.Classify(err) != provider.Permanent ||
			!strings.HasPrefix(err.Error(), "options of the provider "+entry.ID+": url: ") || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%v: %v, want a permanent error with %q", test.url, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "me:secret") {
			t.Errorf("the error has the password in it: %v", err)
		}
	}
}
