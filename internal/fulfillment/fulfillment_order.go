package fulfillment

import (
	"slices"
	"time"
)

// MaxLines is the largest number of lines that an order, and so a fulfillment order, may have (as in Shopify's API).
const MaxLines = 512

// FulfillmentOrder is the lines of one order that one location ships: the whole state of its workflow, and the
// snapshot in the store. It holds no personal data.
type FulfillmentOrder struct {
	ID        ID     `json:"id"`
	OrderID   ID     `json:"orderId"`
	OrderName string `json:"orderName"`

	Status           Status           `json:"status"`
	RequestStatus    RequestStatus    `json:"requestStatus"`
	AssignedLocation AssignedLocation `json:"assignedLocation"`

	DeliveryMethod DeliveryMethodType `json:"deliveryMethod"`
	FulfillAt      *time.Time         `json:"fulfillAt,omitempty"` // SCHEDULED turns OPEN at this time
	FulfillBy      *time.Time         `json:"fulfillBy,omitempty"` // deadline for the last unit
	AcceptBy       *time.Time         `json:"acceptBy,omitempty"`  // deadline for the service's answer, while SUBMITTED

	Lines            []Line            `json:"lineItems"`
	Holds            []Hold            `json:"fulfillmentHolds,omitempty"`
	MerchantRequests []MerchantRequest `json:"merchantRequests,omitempty"`
	EarlierRequests  int               `json:"earlierMerchantRequests,omitempty"` // left out, see Abridge
	Fulfillments     []Fulfillment     `json:"fulfillments,omitempty"`
	Effects          []Effect          `json:"effects,omitempty"` // provider calls that are not answered yet

	ProgressReported   bool       `json:"progressReported,omitempty"` // IN_PROGRESS by the merchant's own report
	DeadlineMissedAt   *time.Time `json:"deadlineMissedAt,omitempty"`
	PreparedAt         *time.Time `json:"preparedAt,omitempty"`         // when units were prepared last, see Line.Prepared
	EstimatedShippedAt *time.Time `json:"estimatedShippedAt,omitempty"` // said by the service when it accepted
	// RequestReference is the provider's own name for the accepted or pending request.
	RequestReference string `json:"requestReference,omitempty"`
	RequestKey       string `json:"requestKey,omitempty"`     // idempotency key of the request at the provider
	OrderCancelled   bool   `json:"orderCancelled,omitempty"` // units that come back are cancelled, not reopened
	// DeliveryTimeout is how long delivery is waited for after shipping; 0: 90 days.
	DeliveryTimeout Duration `json:"deliveryTimeout,omitempty"`

	// DestinationBefore is the number of the order's update that changed the address, while this still goes to the one
	// of before; 0: it goes where its order goes.
	DestinationBefore int `json:"destinationBefore,omitempty"`

	// RequestAttachments is what came with the provider's last answer to the request that had some: labels, documents,
	// the provider's own data. It is replaced, never changed in place.
	RequestAttachments *Attachments `json:"requestAttachments,omitempty"`

	Asked []Asked `json:"asked,omitempty"` // the last calls to providers, newest last
	// Lost are the last shipments that the store had lost, see Restore: another restore may lose the list of them.
	Lost []LostShipment `json:"lostFulfillments,omitempty"`

	HeldApart    ID   `json:"heldApart,omitempty"`    // left out by a partial hold; comes back when the last hold ends
	Supersedes   []ID `json:"supersedes,omitempty"`   // fulfillment orders that this one's units came from
	SupersededBy []ID `json:"supersededBy,omitempty"` // fulfillment orders that units of this one went to

	// Sequence is that of the last transition, and the version of the snapshot. It only grows; without gaps, unless the
	// database was set back, see Restore.
	Sequence    int64        `json:"sequence"`
	LastRefusal *Refusal     `json:"lastRefusal,omitempty"`
	Refusals    RefusalCount `json:"refusals,omitzero"`
	Recent      []Answered   `json:"-"` // the last commands and their answers, newest last; kept beside the snapshot
	// Abridged tells that lists and texts are cut here, and whole in the rows of the store.
	Abridged  bool      `json:"abridged,omitempty"`
	CreatedAt time.Time `json:"createdAt"` // when that was decided; see Created
	UpdatedAt time.Time `json:"updatedAt"` // when the last transition was decided; see Updated

	Committed Committed `json:"-"`
}

// Line is what a fulfillment order owns of one order line (Shopify's FulfillmentOrderLineItem). Quantities are units.
type Line struct {
	ID               ID        `json:"id"`
	LineItemID       ID        `json:"lineItemId"` // the order line behind it
	Title            string    `json:"title"`
	SKU              string    `json:"sku,omitempty"`
	RequiresShipping bool      `json:"requiresShipping"`
	Total            int       `json:"totalQuantity"`     // what it owns; shrinks on split, hold, move
	Remaining        int       `json:"remainingQuantity"` // not shipped yet; 0 ≤ Remaining ≤ Total
	Cancelled        int       `json:"cancelledQuantity,omitempty"`
	Prepared         int       `json:"preparedQuantity,omitempty"` // of Remaining: stand ready for the customer
	Warnings         []Warning `json:"warnings,omitempty"`
}

// Warning is what a service said about one line when it rejected the request.
type Warning struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// Refusal is the last signalled command that was refused, kept for people to see.
type Refusal struct {
	Verb    Verb      `json:"command"`
	Message string    `json:"message"`
	Actor   string    `json:"actor"`
	At      time.Time `json:"at"`
}

// Quantity is so many units of one line: how commands name a part.
type Quantity struct {
	ID       ID  `json:"id"`
	Quantity int `json:"quantity"`
}

// RemainingUnits is the number of units that are not shipped yet.
func (fo *FulfillmentOrder) RemainingUnits() int {
	n := 0
	for i := range fo.Lines {
		n += fo.Lines[i].Remaining
	}
	return n
}

// TotalUnits is the number of units that the fulfillment order is responsible for.
func (fo *FulfillmentOrder) TotalUnits() int {
	n := 0
	for i := range fo.Lines {
		n += fo.Lines[i].Total
	}
	return n
}

// SKUs lists the SKUs of the lines that units are left of.
func (fo *FulfillmentOrder) SKUs() []string {
	var skus []string
	for _, l := range fo.Lines {
		if l.SKU != "" && l.Remaining > 0 {
			skus = append(skus, l.SKU)
		}
	}
	return skus
}

// Shipped tells whether there is a shipment that was not taken back.
func (fo *FulfillmentOrder) Shipped() bool {
	return slices.ContainsFunc(fo.Fulfillments, func(f Fulfillment) bool { return f.Status != FulfillmentCancelled })
}

// Uses tells whether something of the fulfillment order has an ID of the block that starts at first: then the block
// can't be given out once more.
func (fo *FulfillmentOrder) Uses(first ID) bool {
	in := func(id ID) bool { return id.InBlock(first) }
	if in(fo.ID) || slices.ContainsFunc(fo.SupersededBy, in) || slices.ContainsFunc(fo.Supersedes, in) {
		return true
	}
	return slices.ContainsFunc(fo.Lines, func(l Line) bool { return in(l.ID) }) ||
		slices.ContainsFunc(fo.Holds, func(h Hold) bool { return in(h.ID) }) ||
		slices.ContainsFunc(fo.MerchantRequests, func(r MerchantRequest) bool { return in(r.ID) }) ||
		slices.ContainsFunc(fo.Fulfillments, func(f Fulfillment) bool {
			return in(f.ID) || slices.ContainsFunc(f.Lines, func(l FulfillmentLine) bool { return in(l.ID) }) ||
				slices.ContainsFunc(f.Events, func(e FulfillmentEvent) bool { return in(e.ID) })
		})
}

func (fo *FulfillmentOrder) line(id ID) *Line {
	for i := range fo.Lines {
		if fo.Lines[i].ID == id {
			return &fo.Lines[i]
		}
	}
	return nil
}

func (fo *FulfillmentOrder) fulfillment(id ID) *Fulfillment {
	for i := range fo.Fulfillments {
		if fo.Fulfillments[i].ID == id {
			return &fo.Fulfillments[i]
		}
	}
	return nil
}

// Clone is a copy that shares nothing that a command could change.
func (fo *FulfillmentOrder) Clone() *FulfillmentOrder {
	c := *fo
	c.Lines = slices.Clone(fo.Lines) // Warnings are replaced, never changed in place.
	c.Holds = slices.Clone(fo.Holds)
	c.MerchantRequests = slices.Clone(fo.MerchantRequests)
	c.Fulfillments = slices.Clone(fo.Fulfillments)
	for i := range c.Fulfillments {
		c.Fulfillments[i].Lines = slices.Clone(c.Fulfillments[i].Lines)
		c.Fulfillments[i].Events = slices.Clone(c.Fulfillments[i].Events)
	}
	c.Effects = slices.Clone(fo.Effects)
	c.Asked = slices.Clone(fo.Asked)
	c.Supersedes = slices.Clone(fo.Supersedes)
	c.SupersededBy = slices.Clone(fo.SupersededBy)
	c.Recent = slices.Clone(fo.Recent)
	return &c
}
