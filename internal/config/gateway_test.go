package config

import (
	"strings"
	"testing"
)

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
