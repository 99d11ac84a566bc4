package fulfillment

import (
	"maps"
	"slices"
	"strings"
)

// ShippingOption is how an order is to be shipped: by an option of the provider of the service that ships it, or by
// what a rule chooses among them.
type ShippingOption struct {
	ID   string            `json:"id,omitempty"`   // of an option, see packhorse provider options
	Data map[string]string `json:"data,omitempty"` // what the customer chose with it, such as a pick-up point
	// Rule chooses in the place of an id: CHEAPEST or FASTEST.
	Rule ShippingRule `json:"rule,omitempty"`
	// WithinDays leaves the rule only what is there within so many days, 1 to 365; nil: whatever there is.
	WithinDays *int `json:"withinDays,omitempty"`
}

// ShippingRule chooses among the options of a service.
type ShippingRule string

// The rules.
const (
	RuleCheapest ShippingRule = "CHEAPEST"
	RuleFastest  ShippingRule = "FASTEST"
)

// ShippingRules are all rules.
var ShippingRules = []ShippingRule{RuleCheapest, RuleFastest}

// maxWithinDays is the longest that a rule can be told.
const maxWithinDays = 365

// AnyData is the data as providers take it; nil: there is none.
func (o *ShippingOption) AnyData() map[string]any {
	if o == nil || len(o.Data) == 0 {
		return nil
	}
	data := make(map[string]any, len(o.Data))
	for name, value := range o.Data {
		data[name] = value
	}
	return data
}

// Days is within how many days it must be there; 0: however long it takes.
func (o *ShippingOption) Days() int {
	if o == nil || o.WithinDays == nil {
		return 0
	}
	return *o.WithinDays
}

func (p *orderProblems) shippingOption(path []string, option **ShippingOption) {
	if *option == nil {
		return
	}
	o := **option
	o.Data = maps.Clone(o.Data)
	p.line(below(path, "id"), &o.ID, maxNameLength)
	o.Rule = ShippingRule(strings.ToUpper(Tidy(string(o.Rule))))
	p.metadata(below(path, "data"), o.Data)
	switch {
	case o.ID == "" && o.Rule == "":
		p.add(path, "needs the id of an option, or a rule: %s", orList(ShippingRules))
	case o.ID != "" && o.Rule != "":
		p.add(path, "has an id and a rule, of which one is needed")
	case o.Rule != "" && !slices.Contains(ShippingRules, o.Rule):
		p.add(below(path, "rule"), "must be one of %s (is %s)", orList(ShippingRules), quoted(string(o.Rule)))
	}
	if o.Rule != "" && len(o.Data) > 0 {
		p.add(below(path, "data"), "belongs to the id of an option, not to a rule")
	}
	if p.before && o.Days() == 0 {
		o.WithinDays = nil // It was not told from none.
	}
	switch days := o.Days(); {
	case o.WithinDays == nil:
	case o.ID != "" && o.Rule == "":
		p.add(below(path, "withinDays"), "belongs to a rule, not to the id of an option")
	case days < 1 || days > maxWithinDays:
		p.add(below(path, "withinDays"), "must be 1 to %d (is %d)", maxWithinDays, days)
	}
	*option = &o
}
