package returns

import (
	"fmt"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// Exchange is a return with new lines (Medusa's swap): what the customer gets for what comes back. It is a record of
// the order. What it shows follows from its parts, see [Exchange.FulfillmentStatus], and is stored nowhere.
type Exchange struct {
	ID         fulfillment.ID `json:"id"`
	OrderID    fulfillment.ID `json:"orderId"`
	Name       string         `json:"name"` // "#1001-X1"
	ReturnID   fulfillment.ID `json:"returnId"`
	Lines      []Outbound     `json:"lineItems"`
	Send       SendWhen       `json:"send"`
	CreatedAt  time.Time      `json:"createdAt"`
	CanceledAt *time.Time     `json:"canceledAt,omitempty"`
}

// Outbound is units of an order line that were added for an exchange or a claim.
type Outbound struct {
	LineItemID fulfillment.ID `json:"lineItemId"`
	Quantity   int            `json:"quantity"`
}

// SendWhen says when the new lines of an exchange go out.
type SendWhen string

// When new lines go out.
const (
	SendAtOnce       SendWhen = "AT_ONCE"       // with the exchange
	SendWhenReturned SendWhen = "WHEN_RETURNED" // held, AWAITING_RETURN_ITEMS, until the goods are inspected
)

// SendWhens lists every SendWhen.
var SendWhens = []SendWhen{SendAtOnce, SendWhenReturned}

// ExchangeStatus is Medusa's fulfillment status of a swap.
type ExchangeStatus string

// The statuses of a swap.
const (
	ExchangeNotFulfilled     ExchangeStatus = "not_fulfilled"
	ExchangeFulfilled        ExchangeStatus = "fulfilled" // packed, not sent
	ExchangePartiallyShipped ExchangeStatus = "partially_shipped"
	ExchangeShipped          ExchangeStatus = "shipped"
	ExchangeCanceled         ExchangeStatus = "canceled"
	ExchangeRequiresAction   ExchangeStatus = "requires_action"
)

// ExchangeStatuses lists every ExchangeStatus in the order of a life.
var ExchangeStatuses = []ExchangeStatus{ExchangeNotFulfilled, ExchangeFulfilled, ExchangePartiallyShipped,
	ExchangeShipped, ExchangeCanceled, ExchangeRequiresAction}

// NewExchange is what an exchange is made of.
type NewExchange struct {
	In   []NewLine         `json:"returnLineItems"`
	Out  []NewExchangeLine `json:"exchangeLineItems"`
	Send SendWhen          `json:"send,omitempty"` // default WHEN_RETURNED
}

// Check refuses what is no exchange: goods have to come, and goods have to go. Of an exchange's returned units,
// [Create] says the rest.
func (in *NewExchange) Check() *fulfillment.Error {
	if len(in.In) == 0 || len(in.Out) == 0 {
		return refusal(CodeBlank, nil, "Order exchange request should have at least 1 item inbound and 1 item outbound")
	}
	return checkSend(&in.Send)
}

func checkSend(send *SendWhen) *fulfillment.Error {
	switch *send {
	case "":
		*send = SendWhenReturned
	case SendAtOnce, SendWhenReturned:
	default:
		return unknownWord([]string{"send"}, "a time to send", *send, SendWhens)
	}
	return nil
}

// Create is the command that makes the exchange's return. Order lines are made of its new lines at once, see
// [Decision.OrderLines]; those that wait for the goods are held, see [AwaitingReturn].
func (in *NewExchange) Create(order fulfillment.ID) *Create {
	return &Create{Opened: Opened{OrderID: order, Lines: in.In}, ExchangeLines: in.Out, ExchangeAtOnce: true}
}

// Exchange is the record of the exchange whose return was made. Number is which one of the order it is, from 1.
func (in *NewExchange) Exchange(id fulfillment.ID, number int, of *Return, now time.Time) *Exchange {
	x := &Exchange{
		ID: id, OrderID: of.OrderID, Name: fmt.Sprintf("%s-X%d", of.OrderName, number), ReturnID: of.ID, Send: in.Send,
		CreatedAt: now,
	}
	for _, l := range of.ExchangeLines {
		x.Lines = append(x.Lines, Outbound{LineItemID: l.LineItemID, Quantity: l.Quantity})
	}
	return x
}

// OrderLines are what a decision adds to the order for what comes back: new lines, and units that lines of earlier
// decisions get in addition, by order line ID.
func (d *Decision) OrderLines() (add []fulfillment.LineItem, raise []Quantity) {
	for _, t := range d.Transitions {
		if t.Details == nil || t.Kind != KindCreated && t.Kind != KindProcessed {
			continue
		}
		units := map[fulfillment.ID]int{}
		for _, q := range t.Details.ExchangeLines {
			units[q.ID] += q.Quantity
		}
		for _, l := range d.State.ExchangeLines {
			switch n := units[l.ID]; {
			case n == 0:
			case n < l.Processed:
				raise = append(raise, Quantity{ID: l.LineItemID, Quantity: n})
			default:
				add = append(add, l.orderLine())
			}
		}
	}
	return add, raise
}

// orderLine is the order line of the units that are processed.
func (l *ExchangeLine) orderLine() fulfillment.LineItem {
	title := l.Title
	if title == "" {
		title = l.SKU
	}
	return fulfillment.LineItem{
		ID: l.LineItemID, Title: title, SKU: l.SKU, UnitPrice: l.UnitPrice, Quantity: l.Processed,
	}
}

// AwaitingReturn is the hold of what waits for the goods of a return. It does not run out: when the goods don't come in
// time, a person decides.
func AwaitingReturn(of *Return) *fulfillment.PlaceHold {
	return &fulfillment.PlaceHold{
		Reason: fulfillment.HoldAwaitingReturnItems, ReasonNotes: "Waits for return " + of.Name + ".",
		Handle: "return-" + of.ID.String(), ExternalID: of.ID.String(),
	}
}

// Releases tells whether what waits for the return's goods may go out: all of them are inspected, or somebody has
// closed the return. One that is called off releases nothing.
func (r *Return) Releases() bool {
	return r.Status == StatusClosed || r.Status == StatusOpen && r.Units() > 0 && r.ProcessedUnits() == r.Units()
}

// late tells whether what waits for the return's goods has waited long enough for a person to decide.
func (r *Return) late() bool {
	return r != nil && !r.Releases() && (r.OverdueAt != nil || r.Status == StatusCanceled || r.Status == StatusDeclined)
}

// Sent is how far the new lines of an exchange or a claim have come.
type Sent struct {
	// Packed and Shipped are units in shipments that were not taken back, and in those of them that the carrier has.
	Units, Packed, Shipped int
	// AllTakenBack: there were shipments, and all of them were taken back.
	AllTakenBack bool
	// Working: the units that are in no shipment are with somebody who ships them, or held. What a service has said no
	// to, or has given back, is not.
	Working bool
	// Held: some of them are held until goods come back.
	Held bool
}

// SentOf looks at the lines of an exchange or a claim in an order, as [fulfillment.ViewOrder] sees it with all of its
// fulfillment orders.
func SentOf(lines []Outbound, view fulfillment.OrderView, all []*fulfillment.FulfillmentOrder) Sent {
	wanted := map[fulfillment.ID]int{}
	var s Sent
	for _, l := range lines {
		wanted[l.LineItemID] += l.Quantity
		s.Units += l.Quantity
	}
	packed, shipped, live, taken := map[fulfillment.ID]int{}, map[fulfillment.ID]int{}, false, false
	for _, f := range view.Fulfillments {
		for _, l := range f.Lines {
			if wanted[l.LineItemID] == 0 {
				continue
			}
			if f.Cancelled || f.CancelledAt != nil {
				taken = true
				continue
			}
			live = true
			packed[l.LineItemID] += l.Quantity
			if f.ShippedAt != nil || f.DeliveredAt != nil {
				shipped[l.LineItemID] += l.Quantity
			}
		}
	}
	for id, n := range wanted { // Units of the line beyond these are somebody else's.
		s.Packed += min(n, packed[id])
		s.Shipped += min(n, shipped[id])
	}
	s.AllTakenBack = taken && !live
	working := 0
	for _, fo := range all {
		if fo.Status == fulfillment.StatusClosed || fo.Status == fulfillment.StatusIncomplete ||
			fo.Status == fulfillment.StatusCancelled || fo.RequestStatus == fulfillment.RequestRejected {
			continue
		}
		awaits := slices.ContainsFunc(fo.Holds, func(h fulfillment.Hold) bool {
			return h.Reason == fulfillment.HoldAwaitingReturnItems
		})
		for _, l := range fo.Lines {
			if wanted[l.LineItemID] > 0 && l.Remaining > 0 {
				working += l.Remaining
				s.Held = s.Held || awaits
			}
		}
	}
	s.Working = s.Packed+working >= s.Units
	return s
}

// FulfillmentStatus is Medusa's status of the swap: cancelled with the exchange, or when all that was sent was taken
// back and nothing was sent anew; one that is packed only in part, or waits for goods that are overdue, requires
// action. Back is its return.
func (x *Exchange) FulfillmentStatus(s Sent, back *Return) ExchangeStatus {
	switch {
	case x.CanceledAt != nil || s.AllTakenBack:
		return ExchangeCanceled
	case s.Units > 0 && s.Shipped >= s.Units:
		return ExchangeShipped
	case s.Shipped > 0:
		return ExchangePartiallyShipped
	case s.Units > 0 && s.Packed >= s.Units:
		return ExchangeFulfilled
	case s.Packed > 0 || !s.Working || s.Held && back.late():
		return ExchangeRequiresAction
	}
	return ExchangeNotFulfilled
}

// MayFulfill refuses to send once more what was sent; what was taken back may be sent again.
func (x *Exchange) MayFulfill(s Sent) *fulfillment.Error {
	if s.Units > 0 && s.Packed >= s.Units {
		return refusal(CodeInvalidState, nil, "The swap was already fulfilled")
	}
	return nil
}

// MayCancel refuses to call off what has happened: goods that went out are taken back first, and goods that came in
// are there.
func (x *Exchange) MayCancel(s Sent, of *Return) *fulfillment.Error {
	return mayCancel("an exchange", s, of)
}

func mayCancel(what string, s Sent, of *Return) *fulfillment.Error {
	if s.Packed > 0 {
		return refusal(CodeInvalidState, nil, "All fulfillments must be canceled before canceling %s", what)
	}
	if of != nil && of.begun() {
		return refusal(CodeInvalidState, nil, "Can't cancel %s whose return %s has returned items", what, of.Name)
	}
	return nil
}
