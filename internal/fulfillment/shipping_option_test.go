package fulfillment

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An order chooses an option with its data, or a rule, and not both.
func TestShippingOption(t *testing.T) {
	t.Parallel()
	order := func(option *ShippingOption) *Order {
		return &Order{ID: 1, ShippingOption: option, LineItems: []LineItem{{Title: "Mug", Quantity: 1}}}
	}
	for name, test := range map[string]struct{ given, want *ShippingOption }{
		"none": {nil, nil},
		"an_option": {&ShippingOption{ID: " express ", Data: map[string]string{"point": "42"}},
			&ShippingOption{ID: "express", Data: map[string]string{"point": "42"}}},
		"a_rule":         {&ShippingOption{Rule: "cheapest"}, &ShippingOption{Rule: RuleCheapest}},
		"a_rule_in_days": {&ShippingOption{Rule: RuleFastest, WithinDays: new(365)}, &ShippingOption{Rule: RuleFastest, WithinDays: new(365)}},
	} {
		o := order(test.given)
		if err := o.Complete(IDEpoch); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, o.ShippingOption); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	for want, option := range map[string]ShippingOption{
		"shippingOption: needs the id of an option, or a rule: CHEAPEST or FASTEST":  {},
		"shippingOption: needs the id of an option, or a rule: CHEAPEST or FASTEST ": {WithinDays: new(3)},
		"shippingOption: has an id and a rule, of which one is needed":               {ID: "x", Rule: RuleFastest},
		`shippingOption.rule: must be one of CHEAPEST or FASTEST (is "BEST")`:        {Rule: "best"},
		"shippingOption.data: belongs to the id of an option, not to a rule":         {Rule: RuleFastest, Data: map[string]string{"a": "b"}},
		"shippingOption.withinDays: belongs to a rule, not to the id of an option":   {ID: "x", WithinDays: new(2)},
		"shippingOption.withinDays: must be 1 to 365 (is -1)":                        {Rule: RuleCheapest, WithinDays: new(-1)},
		"shippingOption.withinDays: must be 1 to 365 (is 366)":                       {Rule: RuleCheapest, WithinDays: new(366)},
		"shippingOption.withinDays: must be 1 to 365 (is 0)":                         {Rule: RuleCheapest, WithinDays: new(0)},
		"shippingOption.data.point: must not contain the character NUL":              {ID: "x", Data: map[string]string{"point": "\x00"}},
	} {
		if err := order(&option).Complete(IDEpoch); err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("%+v: %v, want %s", option, err, want)
		}
	}
}

// TestNoDaysAreNotNoLimit: 0 days are refused as any other number of days that can't be; null and nothing are no limit.
// An order that was taken in with 0 days is as it was.
func TestNoDaysAreNotNoLimit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"rule": "FASTEST", "withinDays": 0}`:    "shippingOption.withinDays: must be 1 to 365 (is 0)",
		`{"rule": "FASTEST", "withinDays": null}`: "",
		`{"rule": "FASTEST"}`:                     "",
	} {
		var option ShippingOption
		if err := json.Unmarshal([]byte(text), &option); err != nil {
			t.Fatal(err)
		}
		order := func() *Order {
			return &Order{ID: 1, ShippingOption: &option, LineItems: []LineItem{{Title: "Mug", Quantity: 1}}}
		}
		got := ""
		if err := order().Complete(IDEpoch); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
		before := order()
		if err := before.CompleteAsBefore(IDEpoch); err != nil || before.ShippingOption.WithinDays != nil {
			t.Errorf("%s: it was %+v, %v", text, before.ShippingOption, err)
		}
	}
}
