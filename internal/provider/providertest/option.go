package providertest

import (
	"strings"
	"testing"

	"packhorse/internal/provider"
)

func testID(t *testing.T, p provider.Provider) {
	if err := provider.CheckID(p.ID()); err != nil {
		t.Error(err)
	}
}

func testOptions(t *testing.T, p provider.Provider) {
	options, err := p.Options(t.Context())
	must(t, err)
	if len(options) == 0 {
		t.Error("there are no options")
	}
	seen := make(map[string]bool)
	for _, o := range options {
		if o.ID == "" || o.Name == "" || seen[o.ID] {
			t.Errorf("option %+v: it needs an ID of its own and a name", o)
		}
		seen[o.ID] = true
		if err := p.ValidateOption(t.Context(), o.Data); err != nil {
			t.Errorf("option %s is invalid as it is listed: %v", o.ID, err)
		}
	}
}

func testDefaults(t *testing.T, p provider.Provider) {
	for _, data := range []map[string]any{nil, {}} {
		if err := p.ValidateOption(t.Context(), data); err != nil {
			t.Errorf("ValidateOption(%v): %v", data, err)
		}
	}
}

// rubbish is settings that no provider has.
var rubbish = []map[string]any{
	{"no such setting": true},
	{"noSuchSetting": map[string]any{"a": []any{1, "b", nil}}},
	{"noSuchSetting": func() {}},
}

func testUnknownSettings(t *testing.T, p provider.Provider) {
	for _, data := range rubbish {
		requirePermanent(t, p.ValidateOption(t.Context(), data))
	}
	err := p.ValidateOption(t.Context(), rubbish[0])
	if err == nil || !strings.Contains(err.Error(), "no such setting") {
		t.Errorf("the error %q doesn't name the setting", err)
	}
}

func testUnknownData(t *testing.T, p provider.Provider) {
	_, err := p.ValidateData(t.Context(), rubbish[0], nil, provider.Context{})
	requirePermanent(t, err)
	chosen := map[string]any{"pickupPoint": "42"}
	got, err := p.ValidateData(t.Context(), nil, chosen, provider.Context{CurrencyCode: "EUR"})
	if err != nil {
		requireClass(t, err)
	} else if got["pickupPoint"] != "42" {
		t.Errorf("the customer's choice became %v", got)
	}
}
