package fulfillment

import "time"

// OrderView is what the statuses of a whole order follow from: its lines and everything that became of them.
type OrderView struct {
	Cancelled         bool // the order as a whole was cancelled
	Lines             []OrderLineView
	FulfillmentOrders []FulfillmentOrderView
	Fulfillments      []FulfillmentView
}

// OrderLineView is an order line in units. Ordered − Cancelled is its current quantity.
type OrderLineView struct {
	LineItemID                   ID
	Ordered, Cancelled, Returned int
}

// FulfillmentOrderView is a fulfillment order in short.
type FulfillmentOrderView struct {
	Status           Status
	RequestStatus    RequestStatus
	Total, Remaining int // units
}

// FulfillmentView is a shipment in short: when it reached which stage; nil: not yet. In Medusa's words it is packed
// when it is created and shipped when the carrier has it.
type FulfillmentView struct {
	Cancelled                                     bool
	PackedAt, ShippedAt, DeliveredAt, CancelledAt *time.Time
	Lines                                         []FulfillmentLine
}

// ViewOrder looks at all fulfillment orders of an order, closed ones too. What was ordered of a line follows from
// them, since units are never lost: those left on fulfillment orders that aren't closed, those in shipments that
// aren't cancelled, and the cancelled ones. Returned units are not known to them: the caller fills those in.
func ViewOrder(cancelled bool, fulfillmentOrders []*FulfillmentOrder) OrderView {
	v := OrderView{Cancelled: cancelled}
	index := make(map[ID]int)
	line := func(id ID) *OrderLineView {
		i, ok := index[id]
		if !ok {
			i = len(v.Lines)
			index[id] = i
			v.Lines = append(v.Lines, OrderLineView{LineItemID: id})
		}
		return &v.Lines[i]
	}
	for _, fo := range fulfillmentOrders {
		v.FulfillmentOrders = append(v.FulfillmentOrders, FulfillmentOrderView{
			Status: fo.Status, RequestStatus: fo.RequestStatus, Total: fo.TotalUnits(), Remaining: fo.RemainingUnits(),
		})
		for _, l := range fo.Lines {
			of := line(l.LineItemID)
			of.Cancelled += l.Cancelled
			of.Ordered += l.Cancelled
			if fo.Status != StatusClosed {
				of.Ordered += l.Remaining
			}
		}
		for i := range fo.Fulfillments {
			f := shipment(fulfillmentOrders, &fo.Fulfillments[i]).view()
			f.Lines = fo.Fulfillments[i].Lines
			v.Fulfillments = append(v.Fulfillments, f)
			if f.cancelled() {
				continue
			}
			for _, l := range f.Lines {
				line(l.LineItemID).Ordered += l.Quantity
			}
		}
	}
	return v
}

// WithReturned is the view of the order with units of its lines that are back, by line ID.
func (v OrderView) WithReturned(back map[ID]int) OrderView {
	lines := make([]OrderLineView, len(v.Lines))
	for i, l := range v.Lines {
		l.Returned = back[l.LineItemID]
		lines[i] = l
	}
	v.Lines = lines
	return v
}

// shipment is the whole of which f may be a part: its owner has the news.
func shipment(fulfillmentOrders []*FulfillmentOrder, f *Fulfillment) *Fulfillment {
	if f.HomeID == 0 {
		return f
	}
	for _, fo := range fulfillmentOrders {
		if fo.ID == f.HomeID {
			if whole := fo.fulfillment(f.ID); whole != nil {
				return whole
			}
		}
	}
	return f
}

// view takes the carrier's first news that it has the parcel for shipping; a delivered parcel was shipped.
func (f *Fulfillment) view() FulfillmentView {
	created := f.CreatedAt
	v := FulfillmentView{
		Cancelled: f.Status == FulfillmentCancelled, PackedAt: &created, ShippedAt: f.InTransitAt,
		DeliveredAt: f.DeliveredAt, CancelledAt: f.CancelledAt, Lines: f.Lines,
	}
	for _, e := range f.Events {
		if v.ShippedAt != nil {
			break
		}
		if e.Status.carried() {
			v.ShippedAt = new(e.HappenedAt)
		}
	}
	return v
}

// OrderDisplayStatus is what a merchant sees of an order, as in Shopify's OrderDisplayFulfillmentStatus.
type OrderDisplayStatus string

// The display statuses of an order. Shopify documents OPEN and RESTOCKED as replaced by UNFULFILLED, and
// PENDING_FULFILLMENT as replaced by IN_PROGRESS: they are known here so that they can be read, and never derived.
const (
	OrderUnfulfilled        OrderDisplayStatus = "UNFULFILLED"
	OrderPartiallyFulfilled OrderDisplayStatus = "PARTIALLY_FULFILLED"
	OrderFulfilled          OrderDisplayStatus = "FULFILLED"
	OrderRestocked          OrderDisplayStatus = "RESTOCKED"
	OrderPendingFulfillment OrderDisplayStatus = "PENDING_FULFILLMENT"
	OrderOpen               OrderDisplayStatus = "OPEN"
	OrderInProgress         OrderDisplayStatus = "IN_PROGRESS"
	OrderOnHold             OrderDisplayStatus = "ON_HOLD"
	OrderScheduled          OrderDisplayStatus = "SCHEDULED"
	OrderRequestDeclined    OrderDisplayStatus = "REQUEST_DECLINED"
)

// OrderDisplayStatuses lists every OrderDisplayStatus in the order of Shopify's schema.
var OrderDisplayStatuses = []OrderDisplayStatus{OrderUnfulfilled, OrderPartiallyFulfilled, OrderFulfilled,
	OrderRestocked, OrderPendingFulfillment, OrderOpen, OrderInProgress, OrderOnHold, OrderScheduled,
	OrderRequestDeclined}

// DisplayFulfillmentStatus is Shopify's display status of the order. What counts is the units that are left on
// fulfillment orders which aren't closed (a closed one may still show the units of a shipment that was taken back; they
// live on in another), and the units in shipments that aren't cancelled:
//
//   - shipped and nothing left: FULFILLED; shipped and something left: PARTIALLY_FULFILLED, whatever the rest waits
//     for;
//   - all that is left is held: ON_HOLD; all is scheduled: SCHEDULED (a part is not enough, as recorded from a shop);
//   - a service declined a part: REQUEST_DECLINED, before IN_PROGRESS because somebody has to act;
//   - a part is being worked on, or its request awaits an answer: IN_PROGRESS;
//   - otherwise UNFULFILLED, also when all of the order was cancelled (recorded; RESTOCKED is no longer used for it).
func (v OrderView) DisplayFulfillmentStatus() OrderDisplayStatus {
	var left, held, scheduled int
	var declined, working bool
	for _, fo := range v.FulfillmentOrders {
		if fo.Status == StatusClosed || fo.Remaining <= 0 {
			continue
		}
		left++
		switch {
		case fo.Status == StatusOnHold:
			held++
		case fo.Status == StatusScheduled:
			scheduled++
		case fo.Status == StatusInProgress || fo.RequestStatus == RequestSubmitted:
			working = true
		case fo.RequestStatus == RequestRejected:
			declined = true
		}
	}
	switch shipped := v.shipped(); {
	case shipped && left == 0:
		return OrderFulfilled
	case shipped:
		return OrderPartiallyFulfilled
	case left == 0:
		return OrderUnfulfilled
	case held == left:
		return OrderOnHold
	case scheduled == left:
		return OrderScheduled
	case declined:
		return OrderRequestDeclined
	case working:
		return OrderInProgress
	}
	return OrderUnfulfilled
}

// shipped tells whether units are in a shipment that was not taken back.
func (v OrderView) shipped() bool {
	for _, f := range v.Fulfillments {
		if f.cancelled() {
			continue
		}
		for _, l := range f.Lines {
			if l.Quantity > 0 {
				return true
			}
		}
	}
	return false
}

func (f FulfillmentView) cancelled() bool { return f.Cancelled || f.CancelledAt != nil }

// OrderFulfillmentStatus is Medusa's fulfillment status of an order.
type OrderFulfillmentStatus string

// Medusa's statuses: the nine of v1, and the two that v2 added for delivery.
const (
	OrderStatusNotFulfilled       OrderFulfillmentStatus = "not_fulfilled"
	OrderStatusPartiallyFulfilled OrderFulfillmentStatus = "partially_fulfilled" // packed, not sent
	OrderStatusFulfilled          OrderFulfillmentStatus = "fulfilled"
	OrderStatusPartiallyShipped   OrderFulfillmentStatus = "partially_shipped"
	OrderStatusShipped            OrderFulfillmentStatus = "shipped"
	OrderStatusPartiallyDelivered OrderFulfillmentStatus = "partially_delivered"
	OrderStatusDelivered          OrderFulfillmentStatus = "delivered"
	OrderStatusPartiallyReturned  OrderFulfillmentStatus = "partially_returned"
	OrderStatusReturned           OrderFulfillmentStatus = "returned"
	OrderStatusCanceled           OrderFulfillmentStatus = "canceled"
	OrderStatusRequiresAction     OrderFulfillmentStatus = "requires_action"
)

// OrderFulfillmentStatuses lists every OrderFulfillmentStatus in the order of a life.
var OrderFulfillmentStatuses = []OrderFulfillmentStatus{OrderStatusNotFulfilled, OrderStatusPartiallyFulfilled,
	OrderStatusFulfilled, OrderStatusPartiallyShipped, OrderStatusShipped, OrderStatusPartiallyDelivered,
	OrderStatusDelivered,
	OrderStatusPartiallyReturned, OrderStatusReturned, OrderStatusCanceled, OrderStatusRequiresAction}

// FulfillmentStatus is Medusa's fulfillment status of the order: v2's rule over shipments, each in the furthest stage
// that it reached, where one parcel in a further stage than the others makes that stage "partially". v1's rule for
// returns, which v2 dropped, comes first once units were returned. Cancelled units of a line are not waited for.
func (v OrderView) FulfillmentStatus() OrderFulfillmentStatus {
	if status := v.returnStatus(); status != "" {
		return status
	}
	var cancelled, delivered, shipped, packed int
	for _, f := range v.Fulfillments {
		switch {
		case f.cancelled():
			cancelled++
		case f.DeliveredAt != nil:
			delivered++
		case f.ShippedAt != nil:
			shipped++
		case f.PackedAt != nil:
			packed++
		}
	}
	total := len(v.Fulfillments)
	live, open := total-cancelled, v.unfulfilled()
	stage := func(count int, part, whole OrderFulfillmentStatus) OrderFulfillmentStatus {
		if count == live && !open {
			return whole
		}
		return part
	}
	switch {
	case delivered > 0:
		return stage(delivered, OrderStatusPartiallyDelivered, OrderStatusDelivered)
	case shipped > 0:
		return stage(shipped, OrderStatusPartiallyShipped, OrderStatusShipped)
	case packed > 0:
		return stage(packed, OrderStatusPartiallyFulfilled, OrderStatusFulfilled)
	case cancelled > 0 && cancelled == total:
		return OrderStatusCanceled
	}
	return OrderStatusNotFulfilled
}

// returnStatus is empty when nothing was returned. More units back than the line has would be refunded beyond what was
// paid: v1 asks for a person then.
func (v OrderView) returnStatus() OrderFulfillmentStatus {
	some, all, excess := false, true, false
	for _, l := range v.Lines {
		current := l.Ordered - l.Cancelled
		some = some || l.Returned > 0
		all = all && l.Returned == current
		excess = excess || l.Returned > current
	}
	switch {
	case !some:
		return ""
	case excess:
		return OrderStatusRequiresAction
	case all:
		return OrderStatusReturned
	}
	return OrderStatusPartiallyReturned
}

// unfulfilled tells whether a line has units that are in no live shipment.
func (v OrderView) unfulfilled() bool {
	packed := make(map[ID]int, len(v.Lines))
	for _, f := range v.Fulfillments {
		if f.cancelled() {
			continue
		}
		for _, l := range f.Lines {
			packed[l.LineItemID] += l.Quantity
		}
	}
	for _, l := range v.Lines {
		if packed[l.LineItemID] < l.Ordered-l.Cancelled {
			return true
		}
	}
	return false
}
