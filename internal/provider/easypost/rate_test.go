package easypost

import (
	"math/rand"
	"strings"
	"testing"

	"packhorse/internal/provider"
)

func rates(t *testing.T, lines ...string) []rate {
	t.Helper()
	var list []rate
	for _, line := range lines {
		f := strings.Fields(line) // carrier, service, amount, currency, days
		r := rate{ID: text("rate_" + f[1]), Carrier: text(f[0]), Service: text(f[1]), Rate: text(f[2]),
			Currency: text(f[3])}
		if f[4] != "-" {
			r.DeliveryDays = text(f[4])
		}
		list = append(list, r)
	}
	return list
}

// TestRules: each rule picks its rate, in whatever order the carriers answer.
func TestRules(t *testing.T) {
	t.Parallel()
	usual := []string{"USPS Express 33.10 USD 2", "USPS Priority 6.90 USD 2", "USPS Ground 5.93 USD 3",
		"FedEx Home 5.930 USD 2", "UPS Slow 0.5 USD -"}
	for name, test := range map[string]struct {
		options Options
		rates   []string
		want    string // service; empty: none
		why     string
	}{
		"cheapest":                  {Options{Rule: Cheapest}, usual, "Slow", ""},
		"cheapest_within_days":      {Options{Rule: Cheapest, WithinDays: 5}, usual, "Home", ""},
		"cheapest_of_a_carrier":     {Options{Rule: Cheapest, Carrier: "usps"}, usual, "Ground", ""},
		"fastest_then_cheapest":     {Options{Rule: Fastest}, usual, "Home", ""},
		"fastest_within_days":       {Options{Rule: Fastest, WithinDays: 1}, usual, "", "within 1 days"},
		"named":                     {Options{Rule: Named, Carrier: "USPS", Service: "Priority"}, usual, "Priority", ""},
		"named_is_not_there":        {Options{Rule: Named, Carrier: "USPS", Service: "Media"}, usual, "", "USPS Media"},
		"amounts_are_no_texts":      {Options{Rule: Cheapest}, []string{"A Ten 10.00 USD 1", "A Nine 9.99 USD 1"}, "Nine", ""},
		"amounts_are_exact":         {Options{Rule: Cheapest}, []string{"A More 0.30000 USD 1", "A Less 0.299999 USD 1"}, "Less", ""},
		"only_one_currency":         {Options{Rule: Cheapest, Currency: "EUR"}, []string{"A D 1.00 USD 1", "A E 2.00 EUR 1"}, "E", ""},
		"what_is_no_amount_is_none": {Options{Rule: Cheapest}, []string{"A Odd -1 USD 1", "A Free x USD 1"}, "", "no carrier"},
		"none":                      {Options{Rule: Cheapest}, nil, "", "no carrier gives a rate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				list := rates(t, test.rates...)
				rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				chosen, why, err := test.options.choose(list)
				if err != nil || string(chosen.Service) != test.want || !strings.Contains(why, test.why) ||
					(why == "") != (test.want != "") {
					t.Fatalf("chosen %q, because %q, %v; want %q, %q", chosen.Service, why, err, test.want, test.why)
				}
			}
		})
	}
	_, _, err := Options{Rule: Cheapest}.choose(rates(t, "A D 1.00 USD 1", "A E 2.00 EUR 1"))
	if provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), "EUR and USD") {
		t.Errorf("rates that can't be compared: %v", err)
	}
}

func TestSumIsExact(t *testing.T) {
	t.Parallel()
	if got := sum(rates(t, "A A 0.1 USD 1", "A B 0.2 USD 1", "A C 12.005 USD 1")); got != "12.305" {
		t.Errorf("the sum is %s", got)
	}
	if got := sum(rates(t, "A A 5 USD 1")); got != "5.00" {
		t.Errorf("the sum is %s", got)
	}
}
