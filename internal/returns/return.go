package returns

import (
	"cmp"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// Return is units of one order that are to come back: the whole state of its workflow, and the snapshot in the store.
// It holds no personal data but what people write into notes.
type Return struct {
	ID        fulfillment.ID `json:"id"`
	OrderID   fulfillment.ID `json:"orderId"`
	OrderName string         `json:"orderName"`
	Name      string         `json:"name"`      // "#1001-R1": numbered over the order, declined ones counted
	RMANumber string         `json:"rmaNumber"` // what people write on the parcel; default: the name
	Status    Status         `json:"status"`

	Lines         []Line         `json:"returnLineItems"` // those with units; empty once all were taken out
	DeclinedLines []DeclinedLine `json:"declinedReturnLineItems,omitempty"`
	ExchangeLines []ExchangeLine `json:"exchangeLineItems,omitempty"`
	Work          []Work         `json:"reverseFulfillmentOrders,omitempty"` // none while REQUESTED, else one
	ShippingFee   *ShippingFee   `json:"returnShippingFee,omitempty"`
	Destination   Destination    `json:"destination,omitzero"`

	Decline    *Declined  `json:"decline,omitempty"`           // of DECLINED
	ApprovedAt *time.Time `json:"requestApprovedAt,omitempty"` // of one that was requested
	ClosedAt   *time.Time `json:"closedAt,omitempty"`          // of CLOSED only

	// ExpectedBy is when all of it should be back; nil: nobody waits for it. See Tick.
	ExpectedBy *time.Time           `json:"expectedBy,omitempty"`
	Overdue    OverdueAction        `json:"whenOverdue,omitempty"`
	Remind     fulfillment.Duration `json:"remindBefore,omitempty"` // how long before ExpectedBy; 0: no reminder
	RemindedAt *time.Time           `json:"remindedAt,omitempty"`
	OverdueAt  *time.Time           `json:"overdueAt,omitempty"` // when it was noted that ExpectedBy has passed

	// Sequence is that of the last transition, without gaps from 1, and the version of the snapshot.
	Sequence int64 `json:"sequence"`
	// LastRefusal is of the last signalled command that was refused, and Refusals how many were. See Refuse.
	LastRefusal *fulfillment.Refusal     `json:"lastRefusal,omitempty"`
	Refusals    fulfillment.RefusalCount `json:"refusals,omitzero"`

	Recent    []Answered `json:"-"`         // the last answers, newest last; kept beside the snapshot
	CreatedAt time.Time  `json:"createdAt"` // when that was decided; see Created
	UpdatedAt time.Time  `json:"updatedAt"` // when the last transition was decided; see Updated

	Committed fulfillment.Committed `json:"-"`
}

// Line is units of one line of a shipment that come back (Shopify's ReturnLineItem).
type Line struct {
	ID                fulfillment.ID `json:"id"`
	FulfillmentLineID fulfillment.ID `json:"fulfillmentLineItemId"`
	FulfillmentID     fulfillment.ID `json:"fulfillmentId"`
	LineItemID        fulfillment.ID `json:"lineItemId"` // the order line behind it
	SKU               string         `json:"sku,omitempty"`

	Quantity  int `json:"quantity"`          // units; at least 1
	Processed int `json:"processedQuantity"` // inspected and done with; 0 ≤ Processed ≤ Quantity
	Received  int `json:"receivedQuantity"`  // scanned as they came in, whatever was made of them; ≤ Quantity

	Reason       Reason         `json:"returnReason"`
	DefinitionID fulfillment.ID `json:"returnReasonDefinitionId,omitempty"` // see ReasonDefinitions
	ReasonNote   string         `json:"returnReasonNote,omitempty"`
	CustomerNote string         `json:"customerNote,omitempty"` // of a request
	// RestockingFee is what is kept of the price, in percent: decimal text such as "10"; empty: nothing.
	RestockingFee string       `json:"restockingFeePercentage,omitempty"`
	Differences   []Difference `json:"differences,omitempty"` // between what was announced and what came
}

// DeclinedLine is units of a request that were not approved with the rest.
type DeclinedLine struct {
	ReturnLineID      fulfillment.ID `json:"returnLineItemId"`
	FulfillmentLineID fulfillment.ID `json:"fulfillmentLineItemId"`
	Quantity          int            `json:"quantity"`
	Reason            DeclineReason  `json:"declineReason"`
	Note              string         `json:"declineNote,omitempty"`
}

// Declined says why a request was declined.
type Declined struct {
	Reason DeclineReason `json:"reason"`
	Note   string        `json:"note,omitempty"`
}

// ExchangeLine is units that the customer gets for what comes back.
type ExchangeLine struct {
	ID        fulfillment.ID `json:"id"`
	Title     string         `json:"title"`
	SKU       string         `json:"sku,omitempty"`
	UnitPrice string         `json:"unitPrice,omitempty"` // exact decimal text, in the order's currency
	Quantity  int            `json:"quantity"`
	Processed int            `json:"processedQuantity"` // of which order lines were made
	// LineItemID is the order line that is made of it; it is chosen with the first unit that is processed.
	LineItemID fulfillment.ID `json:"lineItemId,omitempty"`
}

// ShippingFee is what the customer pays for the way back.
type ShippingFee struct {
	ID           fulfillment.ID `json:"id,omitempty"`
	Amount       string         `json:"amount"` // exact decimal text
	CurrencyCode string         `json:"currencyCode"`
}

// Work is what is to be done for a return at one place: Shopify's ReverseFulfillmentOrder.
type Work struct {
	ID     fulfillment.ID `json:"id"`
	Status WorkStatus     `json:"status"`
	Destination
	Lines      []WorkLine `json:"lineItems"`
	Deliveries []Delivery `json:"reverseDeliveries,omitempty"`
}

// Destination is where goods come back to.
type Destination struct {
	LocationID fulfillment.ID `json:"locationId,omitempty"`
	ServiceID  fulfillment.ID `json:"serviceId,omitempty"` // who runs the location; 0: the merchant
}

// ReverseFulfillmentOrder is the API's name of [Work].
type ReverseFulfillmentOrder = Work

// WorkLine is a return line's units as work (Shopify's ReverseFulfillmentOrderLineItem).
type WorkLine struct {
	ID           fulfillment.ID `json:"id"`
	ReturnLineID fulfillment.ID `json:"returnLineItemId"`
	Total        int            `json:"totalQuantity"` // as the return line's quantity
	Dispositions []Disposition  `json:"dispositions,omitempty"`
}

// Disposition is what became of units.
type Disposition struct {
	ID         fulfillment.ID  `json:"id"`
	Type       DispositionType `json:"type"`
	Quantity   int             `json:"quantity"`
	LocationID fulfillment.ID  `json:"locationId,omitempty"`
	CreatedAt  time.Time       `json:"createdAt"`
}

// Delivery is a parcel coming back (Shopify's ReverseDelivery).
type Delivery struct {
	ID        fulfillment.ID `json:"id"`
	Lines     []DeliveryLine `json:"reverseDeliveryLineItems"`
	Tracking  *Tracking      `json:"tracking,omitempty"`
	Label     *Label         `json:"label,omitempty"`
	CreatedAt time.Time      `json:"createdAt"`
	UpdatedAt time.Time      `json:"updatedAt"`
}

// ReverseDelivery is the API's name of [Delivery].
type ReverseDelivery = Delivery

// DeliveryLine is units in a parcel.
type DeliveryLine struct {
	ID         fulfillment.ID `json:"id"`
	WorkLineID fulfillment.ID `json:"reverseFulfillmentOrderLineItemId"`
	Quantity   int            `json:"quantity"`
}

// Tracking is how a parcel's way is followed.
type Tracking struct {
	Number      string `json:"number,omitempty"`
	URL         string `json:"url,omitempty"`
	CarrierName string `json:"carrierName,omitempty"`
}

// Label is what is put on a parcel.
type Label struct {
	FileURL   string    `json:"publicFileUrl"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// Difference is something that was not as announced when a parcel was received.
type Difference struct {
	Kind     DifferenceKind `json:"kind"`
	Quantity int            `json:"quantity"`
	SKU      string         `json:"sku,omitempty"` // OTHER_ITEM: what came
	Note     string         `json:"note,omitempty"`
	At       time.Time      `json:"at"`
}

// Quantity is so many units of one line.
type Quantity = fulfillment.Quantity

// Unprocessed is how many units are still to be processed.
func (l *Line) Unprocessed() int { return l.Quantity - l.Processed }

// Processable is how many units can be processed now, in a return of this status.
func (l *Line) Processable(s Status) int {
	if s != StatusOpen {
		return 0
	}
	return l.Unprocessed()
}

// Refundable is how many units could be refunded now, in a return of this status, whether or not they were paid for:
// Packhorse refunds nothing itself.
func (l *Line) Refundable(s Status) int {
	if s != StatusOpen {
		return 0
	}
	return l.Quantity
}

// Units is the number of units of the return: Shopify's totalQuantity.
func (r *Return) Units() int { return r.sum(func(l *Line) int { return l.Quantity }) }

// ProcessedUnits is how many of its units are processed.
func (r *Return) ProcessedUnits() int { return r.sum(func(l *Line) int { return l.Processed }) }

// ReceivedUnits is how many of its units were scanned as they came in.
func (r *Return) ReceivedUnits() int { return r.sum(func(l *Line) int { return l.Received }) }

func (r *Return) sum(of func(*Line) int) int {
	n := 0
	for i := range r.Lines {
		n += of(&r.Lines[i])
	}
	return n
}

// PartIDs are the IDs of everything that the return has: its lines, its fee, what is to be done for it, and what of
// that is done.
func (r *Return) PartIDs() []fulfillment.ID {
	var ids []fulfillment.ID
	for _, l := range r.Lines {
		ids = append(ids, l.ID)
	}
	for _, l := range r.ExchangeLines {
		ids = append(ids, l.ID)
	}
	if r.ShippingFee != nil && r.ShippingFee.ID != 0 {
		ids = append(ids, r.ShippingFee.ID)
	}
	for i := range r.Work {
		w := &r.Work[i]
		ids = append(ids, w.ID)
		for _, l := range w.Lines {
			ids = append(ids, l.ID)
			for _, d := range l.Dispositions {
				ids = append(ids, d.ID)
			}
		}
		for _, d := range w.Deliveries {
			ids = append(ids, d.ID)
			for _, l := range d.Lines {
				ids = append(ids, l.ID)
			}
		}
	}
	return ids
}

// Created is when it was committed first; in a workflow, when that was decided.
func (r *Return) Created() time.Time { return cmp.Or(r.Committed.First, r.CreatedAt) }

// Updated is when it was committed last; in a workflow, when that was decided.
func (r *Return) Updated() time.Time { return cmp.Or(r.Committed.Last, r.UpdatedAt) }

func (r *Return) line(id fulfillment.ID) *Line {
	return find(r.Lines, func(l *Line) bool { return l.ID == id })
}

func (r *Return) exchangeLine(id fulfillment.ID) *ExchangeLine {
	return find(r.ExchangeLines, func(l *ExchangeLine) bool { return l.ID == id })
}

// work is the reverse fulfillment order with this ID.
func (r *Return) work(id fulfillment.ID) *Work {
	return find(r.Work, func(w *Work) bool { return w.ID == id })
}

// workOf is the reverse fulfillment order that has the line.
func (r *Return) workOf(workLine fulfillment.ID) *Work {
	return find(r.Work, func(w *Work) bool { return w.line(workLine) != nil })
}

// workLineOf is the work on a return line.
func (r *Return) workLineOf(returnLine fulfillment.ID) *WorkLine {
	for i := range r.Work {
		if l := find(r.Work[i].Lines, func(l *WorkLine) bool { return l.ReturnLineID == returnLine }); l != nil {
			return l
		}
	}
	return nil
}

func (r *Return) delivery(id fulfillment.ID) *Delivery {
	for i := range r.Work {
		if d := find(r.Work[i].Deliveries, func(d *Delivery) bool { return d.ID == id }); d != nil {
			return d
		}
	}
	return nil
}

func (w *Work) line(id fulfillment.ID) *WorkLine {
	return find(w.Lines, func(l *WorkLine) bool { return l.ID == id })
}

// find is the first element of which it holds, in its place; nil: there is none.
func find[T any](list []T, holds func(*T) bool) *T {
	for i := range list {
		if holds(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// Clone is a copy that shares nothing that a command could change.
func (r *Return) Clone() *Return {
	c := *r
	c.Lines = slices.Clone(r.Lines)
	for i := range c.Lines {
		c.Lines[i].Differences = slices.Clone(c.Lines[i].Differences)
	}
	c.DeclinedLines = slices.Clone(r.DeclinedLines)
	c.ExchangeLines = slices.Clone(r.ExchangeLines)
	c.Work = slices.Clone(r.Work)
	for i := range c.Work {
		w := &c.Work[i]
		w.Lines, w.Deliveries = slices.Clone(w.Lines), slices.Clone(w.Deliveries)
		for n := range w.Lines {
			w.Lines[n].Dispositions = slices.Clone(w.Lines[n].Dispositions)
		}
		for n := range w.Deliveries { // Tracking and Label are replaced, never changed in place.
			w.Deliveries[n].Lines = slices.Clone(w.Deliveries[n].Lines)
		}
	}
	c.Recent = slices.Clone(r.Recent)
	return &c
}
