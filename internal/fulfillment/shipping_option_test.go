package fulfillment

import (
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
		"a_rule_in_days": {&ShippingOption{Rule: RuleFastest, WithinDays: 365}, &ShippingOption{Rule: RuleFastest, WithinDays: 365}},
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
		"shippingOption: needs the id of an option, or a rule: CHEAPEST or FASTEST": {},
		"shippingOption: has an id and a rule, of which one is needed":              {ID: "x", Rule: RuleFastest},
		`shippingOption.rule: must be one of CHEAPEST or FASTEST (is "BEST")`:       {Rule: "best"},
		"shippingOption.data: belongs to the id of an option, not to a rule":        {Rule: RuleFastest, Data: map[string]string{"a": "b"}},
		"shippingOption.withinDays: belongs to a rule, not to the id of an option":  {ID: "x", WithinDays: 2},
		"shippingOption.withinDays: must be 1 to 365 (is -1)":                       {Rule: RuleCheapest, WithinDays: -1},
		"shippingOption.withinDays: must be 1 to 365 (is 366)":                      {Rule: RuleCheapest, WithinDays: 366},
		"shippingOption.data.point: must not contain the character NUL":             {ID: "x", Data: map[string]string{"point": "\x00"}},
	} {
		if err := order(&option).Complete(IDEpoch); err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %s", option, err, want)
		}
	}
}
