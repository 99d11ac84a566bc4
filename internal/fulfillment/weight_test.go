package fulfillment

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whole grams are rounded up, from what the weight is exactly.
func TestGrams(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		weight *Weight
		want   int
	}{
		{nil, 0}, {&Weight{0, Kilograms}, 0}, {&Weight{0.5, Kilograms}, 500}, {&Weight{1.1, Kilograms}, 1100},
		{&Weight{2.3, Kilograms}, 2300}, {&Weight{0.0001, GramsUnit}, 1}, {&Weight{12.5, GramsUnit}, 13},
		{&Weight{1, Pounds}, 454}, {&Weight{16, Ounces}, 454}, {&Weight{1, Ounces}, 29}, {&Weight{1, "STONES"}, 0},
		{&Weight{100_000, Kilograms}, 100_000_000}, {&Weight{math.Inf(1), Kilograms}, 0},
		{&Weight{math.NaN(), Pounds}, 0},
	} {
		if got := test.weight.Grams(); got != test.want {
			t.Errorf("%v is %d g, want %d", test.weight, got, test.want)
		}
	}
}

func TestSumWeight(t *testing.T) {
	t.Parallel()
	kilo, pound := &Weight{0.1, Kilograms}, &Weight{1, Pounds}
	for name, test := range map[string]struct {
		units []Weighed
		want  *Weight
	}{
		"in_one_unit":      {[]Weighed{{kilo, 3}, {&Weight{0.2, Kilograms}, 1}}, &Weight{0.5, Kilograms}},
		"in_several_units": {[]Weighed{{kilo, 1}, {pound, 2}}, &Weight{1007.18474, GramsUnit}},
		"not_all_known":    {[]Weighed{{kilo, 1}, {nil, 2}}, nil},
		"of_nothing":       {nil, nil},
	} {
		if diff := cmp.Diff(test.want, SumWeight(test.units)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// What carriers and customs ask is brought to its normal form, or refused with what is allowed.
func TestLineForCustoms(t *testing.T) {
	t.Parallel()
	order := func(l LineItem) *Order {
		l.Title, l.Quantity = "Mug", 1
		return &Order{ID: 1, LineItems: []LineItem{l}}
	}
	given := &Weight{2, "ounces "}
	o := order(LineItem{Weight: given, HarmonizedSystemCode: " 6912.00 23", CountryCodeOfOrigin: "pt"})
	if err := o.Complete(IDEpoch); err != nil {
		t.Fatal(err)
	}
	l := o.LineItems[0]
	if *l.Weight != (Weight{2, Ounces}) || l.HarmonizedSystemCode != "69120023" || l.CountryCodeOfOrigin != "PT" {
		t.Errorf("got %+v %s %s", l.Weight, l.HarmonizedSystemCode, l.CountryCodeOfOrigin)
	}
	if given.Unit != "ounces " {
		t.Error("the caller's weight was changed")
	}
	for want, l := range map[string]LineItem{
		`lineItems[0].weight.unit: must be one of KILOGRAMS, GRAMS, POUNDS or OUNCES (is "STONES")`: {
			Weight: &Weight{1, "stones"}},
		`lineItems[0].weight.value: must be 0 to 100000 kilograms (is -0.1)`: {Weight: &Weight{-0.1, Kilograms}},
		`lineItems[0].weight.value: must be 0 to 100000000 grams (is 1.000000001e+08)`: {
			Weight: &Weight{100_000_000.1, GramsUnit}},
		`lineItems[0].weight.value: must be 0 to 220462 pounds (is 300000)`: {Weight: &Weight{300_000, Pounds}},
		`lineItems[0].weight.value: must be 0 to 3527396 ounces (is NaN)`:   {Weight: &Weight{math.NaN(), Ounces}},
		`lineItems[0].harmonizedSystemCode: must be a code of the Harmonized System of 6 to 13 digits, such as 610910 ` +
			`(is "12345")`: {HarmonizedSystemCode: "12345"},
		`lineItems[0].harmonizedSystemCode: must be a code of the Harmonized System of 6 to 13 digits, such as 610910 ` +
			`(is "61O910")`: {HarmonizedSystemCode: "61O910"},
		`lineItems[0].harmonizedSystemCode: must be a code of the Harmonized System of 6 to 13 digits, such as 610910 ` +
			`(is "...")`: {HarmonizedSystemCode: "..."},
		`lineItems[0].countryCodeOfOrigin: must be a country of ISO 3166-1 by its two letters, such as GB (is "UK"; did ` +
			`you mean GB?)`: {CountryCodeOfOrigin: "uk"},
	} {
		if err := order(l).Complete(IDEpoch); err == nil || err.Error() != want && !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, digits := range []string{"123456", "1234567890123"} {
		if err := order(LineItem{HarmonizedSystemCode: digits}).Complete(IDEpoch); err != nil {
			t.Errorf("%s: %v", digits, err)
		}
	}
}
