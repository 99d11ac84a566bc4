package admin

import (
	"maps"
	"slices"

	"packhorse/internal/fulfillment"
)

// OrderShippingOption is how an order is to be shipped. What a customer chose with an option is the customer's own.
type OrderShippingOption struct{ state *fulfillment.ShippingOption }

// ShippingOption is how it is to be shipped, as it was ordered; nil: nobody said it.
func (o *Order) ShippingOption() *OrderShippingOption {
	if o.State.ShippingOption == nil {
		return nil
	}
	return &OrderShippingOption{o.State.ShippingOption}
}

// ID is that of an option of a service's provider, which is no global one; nil: there is a rule.
func (o *OrderShippingOption) ID() *string { return optional(o.state.ID) }

// Rule chooses in the place of an ID.
func (o *OrderShippingOption) Rule() *fulfillment.ShippingRule {
	if o.state.Rule == "" {
		return nil
	}
	return &o.state.Rule
}

// WithinDays is all that the rule is left; nil: whatever there is.
func (o *OrderShippingOption) WithinDays() *int { return o.state.WithinDays }

// Data is what was chosen with the option, by name.
func (o *OrderShippingOption) Data() []*Attribute {
	data := []*Attribute{}
	for _, key := range slices.Sorted(maps.Keys(o.state.Data)) {
		data = append(data, &Attribute{Key: key, Value: new(o.state.Data[key])})
	}
	return data
}
