package routing

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
)

// MaxQuotes is how many locations are asked for the sake of an order's shipping rule: the first by priority.
const MaxQuotes = 8

// Quote is what it costs to ship the lines that a rule is about from a location, and how long it takes, by the option
// that the rule chooses there.
type Quote struct {
	LocationID   fulfillment.ID `json:"locationId"`
	Location     string         `json:"location"`               // its name
	Amount       string         `json:"amount,omitempty"`       // exact decimal text; empty: see WhyNot
	CurrencyCode string         `json:"currencyCode,omitempty"` // ISO 4217
	DeliveryDays int            `json:"deliveryDays,omitempty"` // 0: not known
	WhyNot       string         `json:"whyNot,omitempty"`       // why there is none, for people
}

// ToAsk are the locations that a shipping rule may choose among, with the positions of the lines that it is about:
// those of the order which are shipped and name no location, if several locations stock all of them. None: there is no
// rule, or nothing to choose. Where the first by priority is no fulfillment service with a system, there is nothing to
// choose: what the merchant's own shipping costs is not known, and nobody can tell that another is better. Only
// fulfillment services with a system are asked, at most [MaxQuotes].
func ToAsk(order *fulfillment.Order, locations []fulfillment.Location) (ask []fulfillment.Location, lines []int) {
	if order.ShippingOption == nil || order.ShippingOption.Rule == "" {
		return nil, nil
	}
	r := newRouter(order, locations)
	lines = slices.DeleteFunc(r.open(fulfillment.LineItem.Ships), func(i int) bool {
		l := order.LineItems[i]
		return l.LocationID != 0 || order.DeliveryMethodOf(l) != fulfillment.DeliveryShipping
	})
	whole := r.whole(lines)
	if len(lines) == 0 || len(whole) < 2 || !whole[0].called() {
		return nil, nil
	}
	for _, s := range whole {
		if s.called() && len(ask) < MaxQuotes {
			ask = append(ask, s.Location)
		}
	}
	if len(ask) < 2 {
		return nil, nil
	}
	return ask, lines
}

// called tells whether a fulfillment service with a system runs the site.
func (s *site) called() bool { return s.Assign("").Automated() }

// choose is the one of the sites, by priority, that the order's shipping rule chooses by the quotes. Without a choice
// it is the first one; why then says what stood in the way, unless there was nothing to choose.
func (r *router) choose(among []*site) (chosen *site, why rule) {
	chosen, why = among[0], rule{kind: stocksAll, among: len(among)}
	choice := r.order.ShippingOption
	if choice == nil || choice.Rule == "" || len(r.quotes) == 0 {
		return chosen, why
	}
	var best *Quote
	var not []string
	for _, s := range among {
		i := slices.IndexFunc(r.quotes, func(q Quote) bool { return q.LocationID == s.ID })
		if i < 0 {
			not = append(not, s.Name+": it has no price")
			continue
		}
		q := &r.quotes[i]
		switch {
		case q.Amount == "":
			not = append(not, q.Location+": "+strings.TrimSuffix(q.WhyNot, "."))
		case choice.Rule == fulfillment.RuleFastest && q.DeliveryDays == 0:
			not = append(not, q.Location+": how long it takes is not known")
		case best == nil:
			chosen, best = s, q
		case q.CurrencyCode != best.CurrencyCode:
			// Nobody knows which is less.
			why.why = fmt.Sprintf("prices are in %s and %s", best.CurrencyCode, q.CurrencyCode)
			return among[0], why
		case q.better(best, choice.Rule):
			chosen, best = s, q
		}
	}
	slices.Sort(not)
	why.why = enumerate(not)
	if best == nil {
		return among[0], why
	}
	why.kind, why.rule, why.price = byRule, choice.Rule, best.text()
	return chosen, why
}

// better tells whether a quote in the same currency is preferred by the rule. Of the same price the faster one is, of
// the same time the cheaper one, and else the first by priority.
func (q *Quote) better(than *Quote, by fulfillment.ShippingRule) bool {
	price, days := q.amount().Cmp(than.amount()), compareDays(q.DeliveryDays, than.DeliveryDays)
	if by == fulfillment.RuleFastest {
		price, days = days, price
	}
	return price < 0 || price == 0 && days < 0
}

// compareDays compares days, of which 0 are not known, and so the most.
func compareDays(a, b int) int {
	const unknown = 1 << 30
	if a == 0 {
		a = unknown
	}
	if b == 0 {
		b = unknown
	}
	return a - b
}

// amount is the price as a number.
func (q *Quote) amount() *big.Rat {
	exact, ok := new(big.Rat).SetString(q.Amount)
	if !ok {
		return new(big.Rat)
	}
	return exact
}

// text is the quote for people.
func (q *Quote) text() string {
	text := q.Amount + " " + q.CurrencyCode
	if q.DeliveryDays > 0 {
		text += ", " + count(q.DeliveryDays, "day")
	}
	return text
}
