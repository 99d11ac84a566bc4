package easypost

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/provider"
	shipping "packhorse/internal/provider/rate"
)

func TestOptionsAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		data map[string]any
		says string
	}{
		"unknown":             {map[string]any{"labelFromat": "PDF"}, "labelFromat"},
		"option":              {map[string]any{"id": "express"}, OptionCheapest},
		"rule":                {map[string]any{"rule": "best"}, "cheapest, fastest, named"},
		"named_without_name":  {map[string]any{"rule": "named", "carrier": "USPS"}, "carrier and service"},
		"name_without_named":  {map[string]any{"service": "Priority"}, "set rule to named"},
		"days":                {map[string]any{"withinDays": -1}, "withinDays"},
		"grams":               {map[string]any{"defaultGrams": 2_000_000}, "defaultGrams"},
		"packaging_too_heavy": {map[string]any{"maxParcelGrams": 50, "packagingGrams": 50}, "maxParcelGrams"},
		"currency":            {map[string]any{"currency": "usd"}, "ISO 4217"},
		"box":                 {map[string]any{"parcel": map[string]any{"length": 1, "width": 0, "height": 1}}, "parcel.width"},
		"two_sizes": {map[string]any{"predefinedPackage": "Flat",
			"parcel": map[string]any{"length": 1, "width": 1, "height": 1}}, "predefinedPackage"},
		"format":       {map[string]any{"labelFormat": "GIF"}, "PNG, PDF, ZPL, EPL2"},
		"form":         {map[string]any{"forms": []any{"letter"}}, "commercial_invoice"},
		"from":         {map[string]any{"from": map[string]any{"city": "Hamburg"}}, "from needs address1"},
		"non_delivery": {map[string]any{"customs": map[string]any{"nonDelivery": "burn"}}, "abandon"},
		"other":        {map[string]any{"customs": map[string]any{"contentsType": "other"}}, "contentsExplanation"},
		"ship":         {map[string]any{"ship": "later"}, "first_scan"},
		"forms":        {map[string]any{"forms": []any{"cn22", "cn22"}}, "forms[1]"},
		"accounts":     {map[string]any{"carrierAccounts": slices.Repeat([]string{"ca_1"}, 61)}, "at most 60"},
		"account":      {map[string]any{"carrierAccounts": []any{"ca_1", "USPS"}}, "carrierAccounts[1] is "},
		"no_account":   {map[string]any{"carrierAccounts": []any{""}}, "carrierAccounts[0] is blank"},
		"text":         {map[string]any{"carrier": strings.Repeat("x", 256)}, "carrier has 256 characters"},
		"size":         {map[string]any{"labelSize": "5x5"}, `labelSize is "5x5": it must be one of 4x4, 4x5, 4x6, `},
		"restriction":  {map[string]any{"customs": map[string]any{"restrictionType": "all"}}, "quarantine"},
		"contents":     {map[string]any{"customs": map[string]any{"contentsType": ""}}, "customs.contentsType is blank"},
		"poll":         {map[string]any{"pollEvery": "-1s"}, "pollEvery is -1s: it must be between 1s and 168h"},
		"poll_always":  {map[string]any{"pollEvery": "0s"}, "pollEvery is 0s: it must be between 1s and 168h"},
		"poll_never":   {map[string]any{"pollEvery": "169h"}, "pollEvery is 169h0m0s: it must be between"},
		"poll_number":  {map[string]any{"pollEvery": 60}, "pollEvery is a number: it must be a duration such as 30s"},
		"whole":        {map[string]any{"withinDays": 1.5}, "withinDays is 1.5: it must be a whole number"},
		"number":       {map[string]any{"withinDays": "3"}, "withinDays is text: it must be a whole number"},
		"text_number":  {map[string]any{"labelSize": 4}, "labelSize is a number: it must be text"},
		"inches": {map[string]any{"parcel": map[string]any{"length": "1", "width": 1, "height": 1}},
			"parcel.length is text: it must be a number"},
		"list":         {map[string]any{"forms": "cn22"}, "forms is text: it must be a list"},
		"object":       {map[string]any{"from": "Hamburg"}, "from is text: it must be an object"},
		"misspelt":     {map[string]any{"from": map[string]any{"adress1": "x"}}, `there is no option "from.adress1"`},
		"other_letter": {map[string]any{"Rule": "cheapest"}, `there is no option "Rule": there are id, apiKeySecretName, `},
		"id_and_rule":  {map[string]any{"id": OptionFastest, "rule": "named"}, "id is easypost-fastest"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := DefaultOptions().merge(test.data)
			if provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v: %v; want a permanent error that says %q", test.data, err, test.says)
			}
		})
	}
}

// TestSecretInPlaceOfItsNameIsNotRepeated: people paste the key itself where its name belongs.
func TestSecretInPlaceOfItsNameIsNotRepeated(t *testing.T) {
	t.Parallel()
	const pasted = "EZAKe1f2pasted"
	for _, name := range []string{"apiKeySecretName", "webhookSecretName"} {
		_, err := DefaultOptions().merge(map[string]any{name: pasted})
		if err == nil || strings.Contains(err.Error(), pasted) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMergeChangesNoDefaults: options of one service are not another's.
func TestMergeChangesNoDefaults(t *testing.T) {
	t.Parallel()
	o := DefaultOptions()
	o.Forms, o.Parcel = []string{"cn22"}, &Box{1, 1, 1}
	merged, err := o.merge(map[string]any{
		"forms": []any{"order_summary"}, "parcel": map[string]any{"length": 9}, "rule": "fastest",
	})
	if err != nil || merged.Parcel.Length != 9 || merged.Rule != Fastest {
		t.Fatalf("%+v, %v", merged, err)
	}
	if o.Forms[0] != "cn22" || o.Parcel.Length != 1 || o.Rule != Cheapest {
		t.Errorf("the defaults became %+v, %+v", o, o.Parcel)
	}
}

// TestOptionIsItsRule: what an option's id stands for is what is bought, whichever way it is chosen, also where the
// service has a rule of its own.
func TestOptionIsItsRule(t *testing.T) {
	t.Parallel()
	options, err := (&Provider{defaults: DefaultOptions()}).Options(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, listed := range options {
		if listed.Return {
			continue
		}
		want := ruleOf[listed.ID]
		service := map[string]any{"rule": "named", "carrier": "USPS", "service": "Priority"}
		for name, data := range map[string]map[string]any{
			"by id": {"id": listed.ID}, "as listed": listed.Data, "over the service's own": shipping.DataOf(service, listed),
		} {
			if o, err := DefaultOptions().merge(data); err != nil || o.Rule != want || o.Service != "" {
				t.Errorf("%s, %s: rule %q, service %q, %v; want %q", listed.ID, name, o.Rule, o.Service, err, want)
			}
		}
	}
}
