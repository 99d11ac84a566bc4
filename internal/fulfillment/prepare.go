package fulfillment

import "strings"

// LineItemsPreparedForPickup says that everything that remains stands ready for the customer, who comes for it: nothing
// is shipped by it. The shipment that is made of it, when the customer has come, begins with the event
// READY_FOR_PICKUP, at this time.
type LineItemsPreparedForPickup struct{ Meta }

// LineItemsPreparedForLocalDelivery says that everything that remains stands ready to be brought to the customer:
// nothing is shipped by it.
type LineItemsPreparedForLocalDelivery struct{ Meta }

// Verb is LineItemsPreparedForPickup.
func (*LineItemsPreparedForPickup) Verb() Verb { return VerbLineItemsPreparedForPickup }

// Verb is LineItemsPreparedForLocalDelivery.
func (*LineItemsPreparedForLocalDelivery) Verb() Verb { return VerbLineItemsPreparedForLocalDelivery }

func (*LineItemsPreparedForPickup) apply(c *change) *Error {
	return c.prepare(DeliveryPickUp, KindPreparedForPickup, "Ready to be picked up.", TopicPreparedForPickup)
}

func (*LineItemsPreparedForLocalDelivery) apply(c *change) *Error {
	return c.prepare(
		DeliveryLocal, KindPreparedForLocalDelivery, "Ready to be brought to the customer.",
		TopicPreparedForLocalDelivery,
	)
}

// MayPrepare says why the units that remain can't be said to be prepared for this way to the customer; nil: they can.
// As what can be shipped can be prepared, the states are those in which the work goes on.
func (fo *FulfillmentOrder) MayPrepare(method DeliveryMethodType) *Error {
	field := []string{"fulfillmentOrderId"}
	invalid := func(format string, args ...any) *Error {
		return refusal(
			CodePickupInvalid, field, "Invalid fulfillment_order_id provided %s: "+format,
			append([]any{fo.ID}, args...)...,
		)
	}
	switch {
	case fo.DeliveryMethod != method:
		return invalid("its delivery method is %s, not %s.", fo.DeliveryMethod, method)
	case !fo.in(StatusOpen, RequestUnsubmitted, RequestRejected) && fo.Status != StatusInProgress:
		return invalid(
			"it is %s and %s. Only what can be worked on is prepared.", fo.Status.lower(),
			strings.ToLower(string(fo.RequestStatus)),
		)
	case len(fo.unprepared()) == 0:
		return refusal(
			CodeNothingToPrepare, field,
			"There are no line items to prepare for fulfillment order %s: all that remains is prepared.", fo.ID,
		)
	}
	return nil
}

func (c *change) prepare(method DeliveryMethodType, kind Kind, reason, topic string) *Error {
	fo := c.fo
	if refused := fo.MayPrepare(method); refused != nil {
		return refused
	}
	prepared := fo.unprepared()
	for i := range fo.Lines {
		fo.Lines[i].Prepared += prepared[fo.Lines[i].ID]
	}
	fo.PreparedAt = new(c.now)
	c.transition(kind, reason, &Details{Lines: fo.quantities(prepared)}, topic)
	return nil
}

// unprepared is what remains and does not stand ready for the customer.
func (fo *FulfillmentOrder) unprepared() units {
	left := units{}
	for _, l := range fo.Lines {
		if n := l.Remaining - l.Prepared; n > 0 {
			left[l.ID] = n
		}
	}
	return left
}

// PreparedUnits is the number of units that stand ready for the customer.
func (fo *FulfillmentOrder) PreparedUnits() int {
	n := 0
	for i := range fo.Lines {
		n += fo.Lines[i].Prepared
	}
	return n
}

// unprepare forgets what stood ready: it is at another place now, or nobody goes on with it.
func (fo *FulfillmentOrder) unprepare() {
	fo.PreparedAt = nil
	for i := range fo.Lines {
		fo.Lines[i].Prepared = 0
	}
}

// give takes n of the units that remain off the line, those that are not prepared first, and returns how many of them
// were prepared.
func (l *Line) give(n int) (prepared int) {
	prepared = max(0, n-(l.Remaining-l.Prepared))
	l.Remaining -= n
	l.Prepared -= prepared
	return prepared
}

// readyForPickup is the event that a shipment of prepared units begins with.
func (c *change) readyForPickup(f *Fulfillment) {
	at := *c.fo.PreparedAt
	event := FulfillmentEvent{ID: c.ids.Next(), Status: EventReadyForPickup, HappenedAt: at, CreatedAt: c.now}
	f.record(&event, c.trusts)
}

// handOver notes what the customer has with the shipment itself, so that no delivery is waited for.
func (c *change) handOver(f *Fulfillment) {
	switch c.fo.DeliveryMethod {
	case DeliveryPickUp:
		f.DisplayStatus, f.DeliveredAt = DisplayPickedUp, new(c.now)
	case DeliveryRetail:
		f.DeliveredAt = new(c.now)
	case DeliveryNone:
		f.RequiresShipping = false
	}
}

// HandsOver tells whether a shipment of the fulfillment order is its own delivery: it is picked up, sold over the
// counter, or no thing at all.
func (fo *FulfillmentOrder) HandsOver() bool {
	return fo.DeliveryMethod == DeliveryPickUp || fo.DeliveryMethod == DeliveryRetail ||
		fo.DeliveryMethod == DeliveryNone
}
