package config

import (
	"strings"
	"testing"
)

// TestShop: whoever speaks for the shop refuses what it can't be. It changes the environment, so it does not run in
// parallel.
func TestShop(t *testing.T) {
	for name, settings := range map[string]func() any{
		"serve": func() any { return new(Gateway) }, "worker": func() any { return new(Webhooks) },
		"command line": func() any { return new(CLI) },
	} {
		for variable, wrong := range map[string]string{
			"PACKHORSE_SHOP_CURRENCY": "XYZ", "PACKHORSE_SHOP_TIME_ZONE": "Mars/Base",
			"PACKHORSE_SHOP_DOMAIN": "https://shop.example", "PACKHORSE_GID_NAMESPACE": "our/shop",
		} {
			environment(t, nil)
			if err := Load(settings()); err != nil {
				t.Fatalf("%s without settings: %v", name, err)
			}
			environment(t, map[string]string{variable: wrong})
			if err := Load(settings()); err == nil || !strings.Contains(err.Error(), variable) {
				t.Errorf("%s with %s=%s: got %v", name, variable, wrong, err)
			}
		}
	}
}

// It changes the environment, so it does not run in parallel.
func TestGateway(t *testing.T) {
	environment(t, nil)
	if err := Load(new(Gateway)); err != nil {
		t.Fatalf("without settings: %v", err)
	}
	for name, values := range map[string]struct{ right, wrong string }{
		"PACKHORSE_SHOP_CURRENCY":  {"EUR", "XYZ"},
		"PACKHORSE_SHOP_TIME_ZONE": {"Europe/Berlin", "Mars/Base"},
		"PACKHORSE_SHOP_DOMAIN":    {"shop.example", "https://shop.example"},
		"PACKHORSE_GID_NAMESPACE":  {"our-shop_2", "our/shop"},
		"PACKHORSE_COST_LIMIT":     {"2000", "2001"}, // The bucket holds 2000.
	} {
		environment(t, map[string]string{name: values.right})
		if err := Load(new(Gateway)); err != nil {
			t.Errorf("%s=%s: %v", name, values.right, err)
		}
		environment(t, map[string]string{name: values.wrong})
		if err := Load(new(Gateway)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: got %v", name, values.wrong, err)
		}
	}
}
