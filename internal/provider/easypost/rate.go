package easypost

import (
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"packhorse/internal/fulfillment"
)

// decimal is an amount as EasyPost writes it.
var decimal = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,6})?$`)

// quote is a rate that can be compared with others.
type quote struct {
	rate
	amount *big.Rat
	days   int // 0: the carrier promises nothing
}

// chosen is the options with the rule that an order chose, which goes before the service's own.
func (o Options) chosen(choice *fulfillment.ShippingOption) Options {
	if choice != nil && choice.Rule != "" {
		o.Rule, o.WithinDays = Rule(strings.ToLower(string(choice.Rule))), choice.Days()
	}
	return o
}

// choose picks the rate that the options' rule asks for, always the same one of the same rates, whatever their order.
// The text says why there is none; an error is permanent, because the options don't say enough.
func (o Options) choose(rates []rate) (chosen rate, why string, err error) {
	var quotes []quote
	currencies := make(map[string]bool)
	for _, r := range rates {
		if r.ID == "" || !decimal.MatchString(string(r.Rate)) || !o.wants(r) {
			continue
		}
		amount, _ := new(big.Rat).SetString(string(r.Rate))
		q := quote{rate: r, amount: amount, days: days(r)}
		if q.days == 0 && (o.Rule == Fastest || o.WithinDays > 0) || o.WithinDays > 0 && q.days > o.WithinDays {
			continue
		}
		quotes = append(quotes, q)
		currencies[string(r.Currency)] = true
	}
	if len(quotes) == 0 {
		return rate{}, o.wanted(), nil
	}
	if len(currencies) > 1 {
		return rate{}, "", refuse("EasyPost's rates are in %s, which can't be compared: set the option currency of "+
			"the service", strings.Join(sortedKeys(currencies), " and "))
	}
	return slices.MinFunc(quotes, o.compare).rate, "", nil
}

// wants tells whether the options allow a rate.
func (o Options) wants(r rate) bool {
	return (o.Carrier == "" || strings.EqualFold(string(r.Carrier), o.Carrier)) &&
		(o.Rule != Named || strings.EqualFold(string(r.Service), o.Service)) &&
		(o.Currency == "" || string(r.Currency) == o.Currency)
}

// wanted is what no rate was, for people.
func (o Options) wanted() string {
	wanted := "no carrier gives a rate"
	if o.Carrier != "" {
		wanted += " of " + o.Carrier
	}
	if o.Rule == Named {
		wanted += " " + o.Service
	}
	if o.Currency != "" {
		wanted += " in " + o.Currency
	}
	switch {
	case o.WithinDays > 0:
		wanted += fmt.Sprintf(" that delivers within %d days", o.WithinDays)
	case o.Rule == Fastest:
		wanted += " that says how long it takes"
	}
	return wanted
}

func (o Options) compare(a, b quote) int {
	price := a.amount.Cmp(b.amount)
	time := cmp.Compare(patience(a.days), patience(b.days))
	rest := cmp.Or(cmp.Compare(a.Carrier, b.Carrier), cmp.Compare(a.Service, b.Service), cmp.Compare(a.ID, b.ID))
	if o.Rule == Fastest {
		return cmp.Or(time, price, rest)
	}
	return cmp.Or(price, time, rest)
}

// patience makes a promise of nothing the longest.
func patience(days int) int {
	if days == 0 {
		return maxDays + 1
	}
	return days
}

// days is how long a carrier takes; 0: it doesn't say.
func days(r rate) int {
	for _, said := range []text{r.DeliveryDays, r.EstDays} {
		if n, err := strconv.Atoi(string(said)); err == nil && n > 0 {
			return n
		}
	}
	return 0
}

// sum adds rates up, which have one currency, with as many places as the rates have, and at least two.
func sum(rates []rate) string {
	total, places := new(big.Rat), 2
	for _, r := range rates {
		if amount, ok := new(big.Rat).SetString(string(r.Rate)); ok && decimal.MatchString(string(r.Rate)) {
			total.Add(total, amount)
			if _, fraction, ok := strings.Cut(string(r.Rate), "."); ok {
				places = max(places, len(fraction))
			}
		}
	}
	return total.FloatString(places)
}
