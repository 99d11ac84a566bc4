package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
)

// rule is what placed a line.
type rule struct {
	kind   ruleKind
	among  int                            // stocksAll: how many locations stock all lines
	method fulfillment.DeliveryMethodType // stocksAll: of which all lines are; "": there is no other

	rule  fulfillment.ShippingRule // byRule: the order's
	price string                   // byRule: of the one that it chose
	why   string                   // what could not be compared, and why; "": all could
}

type ruleKind int

const (
	kindAsked ruleKind = iota
	stocksAll
	byRule
	kindSplit
	kindDefault
	kindAlongside
	kindNothingToShip
)

var (
	asked         = rule{kind: kindAsked}
	splitUp       = rule{kind: kindSplit}
	byDefault     = rule{kind: kindDefault}
	alongside     = rule{kind: kindAlongside}
	nothingToShip = rule{kind: kindNothingToShip}
)

// maxNamed bounds how many lines a reason names: it stands in the state and in the UI.
const maxNamed = 5

// why explains in words how the lines came to their location: one clause for each rule that placed some of them.
func (r *router) why(lines []int) string {
	groups := make(map[rule][]int)
	for _, i := range lines {
		groups[r.placed[i].rule] = append(groups[r.placed[i].rule], i)
	}
	rules := make([]rule, 0, len(groups))
	for rule := range groups {
		rules = append(rules, rule)
	}
	slices.SortFunc(rules, func(a, b rule) int { return cmp.Compare(a.kind, b.kind) })
	clauses := make([]string, len(rules))
	for n, rule := range rules {
		clauses[n] = r.clause(rule, groups[rule])
	}
	return strings.Join(clauses, "; ")
}

func (r *router) clause(rule rule, lines []int) string {
	all := "all lines"
	if rule.method != "" {
		all = "all " + string(rule.method) + " lines"
	}
	switch rule.kind {
	case kindAsked:
		return "explicitly asked for by " + count(len(lines), "line")
	case stocksAll:
		if rule.among == 1 {
			return "the only location that stocks " + all
		}
		first := fmt.Sprintf("first of %d locations by priority that stock %s", rule.among, all)
		if rule.why != "" {
			first += ", since the order's shipping rule can't choose (" + rule.why + ")"
		}
		return first
	case byRule:
		chosen := fmt.Sprintf(
			"%s (%s) of %d locations that stock %s", strings.ToLower(string(rule.rule)), rule.price, rule.among, all,
		)
		if rule.why != "" {
			chosen += ", not compared with " + rule.why
		}
		return chosen
	case kindSplit:
		return "split: stocks " + r.names(lines)
	case kindDefault:
		return "default location: no location stocks " + r.names(lines)
	case kindAlongside:
		return count(len(lines), "line") + " without shipping, beside the rest of the order"
	default:
		if r.placed[lines[0]].site.Default {
			return "default location: nothing needs shipping"
		}
		return "first of the merchant's own locations by priority: nothing needs shipping"
	}
}

// names lists what the lines are, sorted, so that the reason doesn't depend on their order.
func (r *router) names(lines []int) string {
	names := make([]string, len(lines))
	for n, i := range lines {
		l := r.order.LineItems[i]
		if names[n] = "SKU " + l.SKU; l.SKU == "" {
			names[n] = l.Title
		}
	}
	slices.Sort(names)
	return enumerate(slices.Compact(names))
}

func enumerate(names []string) string {
	if more := len(names) - maxNamed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), more)
	}
	return strings.Join(names, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
