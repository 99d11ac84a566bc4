package fulfillment

import "slices"

// DeliveryMethodOf is how a line of the order reaches the customer: as it says itself, else NONE if it needs no
// shipping, else as the order says, which by default is SHIPPING.
func (o *Order) DeliveryMethodOf(l LineItem) DeliveryMethodType {
	switch {
	case l.DeliveryMethod != "":
		return l.DeliveryMethod
	case !l.Ships():
		return DeliveryNone
	case o.DeliveryMethod == "":
		return DeliveryShipping
	}
	return o.DeliveryMethod
}

// methodOf is how the first of the lines that needs shipping reaches the customer; NONE if there is no such line.
func (o *Order) methodOf(lines []Line) DeliveryMethodType {
	for _, l := range lines {
		if !l.RequiresShipping {
			continue
		}
		i := slices.IndexFunc(o.LineItems, func(item LineItem) bool { return item.ID == l.LineItemID })
		return o.DeliveryMethodOf(o.LineItems[i])
	}
	return DeliveryNone
}

// delivery completes and checks how a line reaches the customer. What needs no shipping goes no way, and what goes no
// way needs no shipping.
func (p *orderProblems) delivery(path []string, l *LineItem) {
	if l.RequiresShipping == nil {
		l.RequiresShipping = new(l.DeliveryMethod != DeliveryNone)
	}
	at := below(path, "deliveryMethod")
	switch {
	case l.DeliveryMethod == "":
	case !slices.Contains(DeliveryMethodTypes, l.DeliveryMethod):
		p.add(at, "must be one of %s (is %s)", orList(DeliveryMethodTypes), quoted(string(l.DeliveryMethod)))
	case !l.Ships() && l.DeliveryMethod != DeliveryNone:
		p.add(at, "must be NONE, or left out: the line needs no shipping (is %s)", l.DeliveryMethod)
	case l.Ships() && l.DeliveryMethod == DeliveryNone:
		p.add(at, "must not be NONE: the line needs shipping")
	}
}
