package fulfillment

import "time"

// TopicRoutingComplete is the webhook topic of a fulfillment order that was made from an order.
const TopicRoutingComplete = "fulfillment_orders/order_routing_complete"

// NewFulfillmentOrders makes one fulfillment order for each assignment, each with the transition that creates it
// (sequence 1, in the same order). IDs come from env.IDs: for each assignment first the fulfillment order's, then its
// lines'. The order is completed and its lines have IDs (see [Order.AssignIDs], with the same env.IDs before); it is
// not changed. The transitions don't take the order's command ID: a fulfillment order keeps those of the commands that
// it answered itself.
//
// The error is an [*Error] with code [CodeInvalid] when the assignments don't cover every unit of the order exactly
// once: that would lose or double what the customer paid for.
func NewFulfillmentOrders(o *Order, assignments []Assignment, env Env) ([]*FulfillmentOrder, []Transition, error) {
	items, err := coverage(o, assignments)
	if err != nil {
		return nil, nil, err
	}
	now := env.Now.UTC()
	fos := make([]*FulfillmentOrder, 0, len(assignments))
	transitions := make([]Transition, 0, len(assignments))
	for _, a := range assignments {
		fo := &FulfillmentOrder{
			ID: env.IDs.Next(), OrderID: o.ID, OrderName: o.Name,
			Status: StatusOpen, RequestStatus: RequestUnsubmitted,
			AssignedLocation: a.Location, DeliveryMethod: a.DeliveryMethod,
			DeliveryTimeout: o.DeliveryTimeout, Sequence: 1, CreatedAt: now, UpdatedAt: now,
		}
		// An order for now is for the hour that has begun, as recorded from a shop.
		at := now.Truncate(time.Hour)
		if a.FulfillAt != nil {
			at = a.FulfillAt.UTC()
		}
		fo.FulfillAt = &at
		if at.After(now) {
			fo.Status = StatusScheduled
		}
		if a.FulfillBy != nil {
			by := a.FulfillBy.UTC().Truncate(time.Second)
			fo.FulfillBy = &by
		}
		fo.Lines = make([]Line, len(a.Lines))
		for i, q := range a.Lines {
			l := items[q.ID]
			fo.Lines[i] = Line{
				ID: env.IDs.Next(), LineItemID: l.ID, Title: l.Title, SKU: l.SKU, RequiresShipping: l.Ships(),
				Total: q.Quantity, Remaining: q.Quantity,
			}
		}
		if fo.DeliveryMethod == "" {
			fo.DeliveryMethod = o.methodOf(fo.Lines)
		}
		fo.Abridge()
		if size := fo.Size(); size > MaxState {
			return nil, nil, refusal(
				CodeNoRoom, []string{"lineItems"}, "lineItems: titles and SKUs of the lines that go to %s are too "+
					"long together: a fulfillment order may have %d kB of them, and would have %d",
				a.Location.Name, MaxState>>10, size>>10,
			)
		}
		fos = append(fos, fo)
		transitions = append(transitions, Transition{
			FulfillmentOrderID: fo.ID, Sequence: 1, Kind: KindCreated, Actor: o.Actor, At: now,
			Reason: a.Location.Why, After: fo.Summary(),
			Details: &Details{ServiceID: fo.AssignedLocation.ServiceID, Lines: fo.quantities(fo.remaining())},
			Topics:  []string{TopicRoutingComplete},
		})
	}
	return fos, transitions, nil
}

// coverage checks that the assignments hold every unit of the order exactly once, and returns the lines by ID.
func coverage(o *Order, assignments []Assignment) (map[ID]LineItem, error) {
	items := make(map[ID]LineItem, len(o.LineItems))
	left := make(map[ID]int, len(o.LineItems))
	for i, l := range o.LineItems {
		if _, twice := items[l.ID]; twice || l.ID <= 0 {
			return nil, refusal(
				CodeInvalid, []string{"lineItems"}, "lineItems[%d].id: every line needs an ID of its own (is %d)", i,
				l.ID,
			)
		}
		items[l.ID], left[l.ID] = l, l.Quantity
	}
	for i, a := range assignments {
		if len(a.Lines) == 0 {
			return nil, refusal(CodeInvalid, nil, "assignments[%d].lines: must not be empty", i)
		}
		for j, q := range a.Lines {
			if q.Quantity < 1 || q.Quantity > left[q.ID] {
				return nil, refusal(CodeInvalid, nil,
					"assignments[%d].lines[%d]: %d units of line %d, of which %d are left to assign",
					i, j, q.Quantity, q.ID, left[q.ID])
			}
			left[q.ID] -= q.Quantity
		}
	}
	for i, l := range o.LineItems {
		if left[l.ID] > 0 {
			return nil, refusal(CodeInvalid, nil, "lineItems[%d]: %d units are assigned to no location", i, left[l.ID])
		}
	}
	return items, nil
}
