package chaos

import (
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// handed is what the actors handed in and were handed back, as far as it matters when the database is set back.
type handed struct {
	orders    []handedOrder
	shipments []handedShipment
	added     map[fulfillment.ID]int  // units that may have been added to an order, by its ID
	cancelled map[fulfillment.ID]bool // shipments that may have been cancelled
}

// handedOrder is an order that was handed in.
type handedOrder struct {
	order       fulfillment.Order
	from, until time.Time
}

// units is how many units were ordered.
func (o handedOrder) units() int {
	n := 0
	for _, line := range o.order.LineItems {
		n += line.Quantity
	}
	return n
}

// handedShipment is a shipment that a command was answered with.
type handedShipment struct {
	answered
	id fulfillment.ID
}

// handedIn notes an order that was handed in, and done or not.
func (j *journal) handedIn(order fulfillment.Order) {
	j.mu.Lock()
	defer j.mu.Unlock()
	order.LineItems = slices.Clone(order.LineItems)
	s := sent{id: order.CommandID}
	j.handed.orders = append(j.handed.orders, handedOrder{order, j.since(s), time.Now()})
}

// handedInWhile lists the orders that were handed in between two moments.
func (j *journal) handedInWhile(from, until time.Time) []handedOrder {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []handedOrder
	for _, o := range j.handed.orders {
		if !o.until.Before(from) && !o.from.After(until) {
			found = append(found, o)
		}
	}
	return found
}

// shipped notes the shipment that a command was answered with, if it was.
func (j *journal) shipped(s sent, id fulfillment.ID) {
	if id == 0 || s.verb != string(fulfillment.VerbCreateFulfillment) {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.handed.shipments = append(j.handed.shipments, handedShipment{answered{s, j.since(s), time.Now()}, id})
}

// mayAdd notes that units are being added to an order.
func (j *journal) mayAdd(order fulfillment.ID, lines []fulfillment.LineItem) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.handed.added == nil {
		j.handed.added = map[fulfillment.ID]int{}
	}
	for _, line := range lines {
		j.handed.added[order] += line.Quantity
	}
}

// mayCancel notes that a shipment is being cancelled, if the command does that.
func (j *journal) mayCancel(cmd fulfillment.Command) {
	cancel, ok := cmd.(*fulfillment.CancelFulfillment)
	if !ok {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.handed.cancelled == nil {
		j.handed.cancelled = map[fulfillment.ID]bool{}
	}
	j.handed.cancelled[cancel.FulfillmentID] = true
}
