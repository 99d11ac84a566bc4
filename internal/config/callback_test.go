package config

import (
	"strings"
	"testing"

	"packhorse/internal/callback"
)

// It changes the environment, so it does not run in parallel.
func TestCallbackConfig(t *testing.T) {
	const name = "PACKHORSE_CALLBACK_HOSTS"
	environment(t, nil)
	var unset CallbackConfig
	if err := Load(&unset); err != nil {
		t.Fatal(err)
	}
	if refused := unset.Rules().Check("https://example.com/"); refused != nil {
		t.Errorf("without settings: %v", refused)
	}

	t.Setenv(name, "example.com, *.example.net")
	t.Setenv("PACKHORSE_CALLBACK_ALLOW_PRIVATE", "true")
	var set CallbackConfig
	if err := Load(&set); err != nil {
		t.Fatal(err)
	}
	if got := set.Hosts.String(); got != "example.com,*.example.net" || !set.AllowPrivate {
		t.Errorf("loaded %+v", set)
	}
	if _, fault := set.WebhookRules().Judge("https://localhost/"); fault != callback.None {
		t.Errorf("webhooks are bound to the hosts of services: %v", fault)
	}
	t.Setenv("PACKHORSE_WEBHOOK_HOSTS", "hooks.example.com")
	if err := Load(&set); err != nil {
		t.Fatal(err)
	}
	if _, fault := set.WebhookRules().Judge("https://example.com/"); fault != callback.Unlisted {
		t.Errorf("a webhook to a host that is not listed: %v", fault)
	}
	if refused := set.Rules().Check("https://example.org/"); refused == nil {
		t.Error("a host that is not listed is allowed")
	}

	for _, wrong := range []string{"https://example.com", "example.com,,example.net", "example.com:80", "*"} {
		t.Setenv(name, wrong)
		if err := Load(new(CallbackConfig)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%q: got %v", name, wrong, err)
		}
	}
}
