package fulfillment

import (
	"fmt"
	"time"
)

// Fulfillment is a shipment made from one fulfillment order.
type Fulfillment struct {
	ID                  ID                 `json:"id"`
	Name                string             `json:"name"` // "#1001-F1"; the store numbers it over the whole order
	Status              FulfillmentStatus  `json:"status"`
	DisplayStatus       DisplayStatus      `json:"displayStatus"`
	Lines               []FulfillmentLine  `json:"fulfillmentLineItems"`
	Tracking            []TrackingInfo     `json:"trackingInfo,omitempty"`
	Events              []FulfillmentEvent `json:"events,omitempty"`        // in the order in which they were recorded
	EarlierEvents       int                `json:"earlierEvents,omitempty"` // left out, see FulfillmentOrder.Abridge
	RequiresShipping    bool               `json:"requiresShipping"`
	NotifyCustomer      bool               `json:"notifyCustomer,omitempty"`
	Message             string             `json:"message,omitempty"`
	OriginAddress       *OriginAddress     `json:"originAddress,omitempty"`
	LocationID          ID                 `json:"locationId"`
	ServiceID           ID                 `json:"serviceId,omitempty"`
	CreatedAt           time.Time          `json:"createdAt"`                     // when that was decided; see Created
	UpdatedAt           time.Time          `json:"updatedAt"`                     // when the last change was decided; see Updated
	InTransitAt         *time.Time         `json:"inTransitAt,omitempty"`         // of the first IN_TRANSIT event
	DeliveredAt         *time.Time         `json:"deliveredAt,omitempty"`         // of the first DELIVERED event; when it was handed over
	EstimatedDeliveryAt *time.Time         `json:"estimatedDeliveryAt,omitempty"` // of the last event that said one
	CancelledAt         *time.Time         `json:"cancelledAt,omitempty"`
	GivenUpAt           *time.Time         `json:"givenUpAt,omitempty"` // no delivery news came in time

	Parts  []ID `json:"parts,omitempty"`  // other fulfillment orders that units of the same shipment came from
	HomeID ID   `json:"homeId,omitempty"` // the fulfillment order that owns the shipment, when this is a part of it

	Committed Committed `json:"-"`
}

// FulfillmentLine is the units of one order line in a shipment.
type FulfillmentLine struct {
	ID                     ID  `json:"id"`
	FulfillmentOrderLineID ID  `json:"fulfillmentOrderLineItemId"`
	LineItemID             ID  `json:"lineItemId"`
	Quantity               int `json:"quantity"`
}

// OriginAddress is where a shipment left from, for taxes.
type OriginAddress struct {
	Address1     string `json:"address1,omitempty"`
	Address2     string `json:"address2,omitempty"`
	City         string `json:"city,omitempty"`
	Zip          string `json:"zip,omitempty"`
	ProvinceCode string `json:"provinceCode,omitempty"`
	CountryCode  string `json:"countryCode"`
}

// CreateFulfillment ships units: a fulfillment with status SUCCESS. Without lines, all remaining units.
type CreateFulfillment struct {
	Meta
	Lines          []Quantity     `json:"fulfillmentOrderLineItems,omitempty"`
	Tracking       *TrackingInput `json:"trackingInfo,omitempty"`
	NotifyCustomer bool           `json:"notifyCustomer,omitempty"`
	Message        string         `json:"message,omitempty"`
	OriginAddress  *OriginAddress `json:"originAddress,omitempty"`

	id    ID   // of a shipment from several fulfillment orders; 0: a new one
	home  ID   // the fulfillment order that owns it, when this is only a part
	parts []ID // the others, when this is the owner
}

// CancelFulfillment takes a shipment back. Doing it twice is no error.
type CancelFulfillment struct {
	Meta
	FulfillmentID ID `json:"fulfillmentId"`
	// Location is where units go that become a fulfillment order anew, as looked up; nil: where they were.
	Location *AssignedLocation `json:"-"`
}

// Verb is CreateFulfillment.
func (*CreateFulfillment) Verb() Verb { return VerbCreateFulfillment }

// Verb is CancelFulfillment.
func (*CancelFulfillment) Verb() Verb { return VerbCancelFulfillment }

var fulfillmentField = []string{"fulfillment"}

// mayCreateFulfillment: only who runs the location ships from it, whatever else an app may do with the order.
func mayCreateFulfillment(fo *FulfillmentOrder, by Actor) *Error {
	e := refusal(
		CodeInvalidState, fulfillmentField, "Fulfillment order %s has an unfulfillable status= %s.", fo.ID,
		fo.Status.lower(),
	)
	if !by.runs(fo.AssignedLocation) {
		return denied(e)
	}
	if fo.in(StatusOpen, RequestUnsubmitted, RequestRejected) || fo.Status == StatusInProgress ||
		fo.Status == StatusIncomplete || fo.Status == StatusCancelled {
		return nil
	}
	return e
}

func (cmd *CreateFulfillment) check() *Error {
	if e := shipTexts(0).check(cmd.Lines); e != nil {
		return e
	}
	if e := tooLong(cmd.Message, maxMessage, "message"); e != nil {
		return e
	}
	if a := cmd.OriginAddress; a != nil {
		for _, text := range []string{a.Address1, a.Address2, a.City, a.Zip, a.ProvinceCode, a.CountryCode} {
			if e := tooLong(text, maxText, "fulfillment", "originAddress"); e != nil {
				return e
			}
		}
	}
	return nil
}

// stands refuses to ship for a request that the service does not work on, or is asked to stop: what was made for it may
// be void by now. Only who names the request is refused.
func (cmd *CreateFulfillment) stands(fo *FulfillmentOrder) *Error {
	switch fo.RequestStatus {
	case RequestAccepted, RequestCancellationRejected:
		return nil
	}
	if cmd.ForRequest == "" {
		return nil
	}
	return refusal(CodeInvalidState, []string{"forRequest"}, "It is about request %s, which is being stopped, or over.",
		quoted(cmd.ForRequest))
}

func (cmd *CreateFulfillment) apply(c *change) *Error {
	fo := c.fo
	if e := cmd.check(); e != nil {
		return e
	}
	if e := cmd.stands(fo); e != nil {
		return e
	}
	var tracking []TrackingInfo
	if cmd.Tracking != nil {
		var e *Error
		if tracking, e = cmd.Tracking.infos("fulfillment", "trackingInfo"); e != nil {
			return e
		}
	}
	for _, q := range cmd.Lines { // Before the state, as in the source.
		if fo.line(q.ID) == nil {
			return refusal(CodeLineItemNotFound, fulfillmentField, "Fulfillment order line item does not exist.")
		}
	}
	if e := mayCreateFulfillment(fo, c.actor); e != nil {
		return e
	}
	shipped := fo.remaining()
	if len(cmd.Lines) > 0 {
		var e *Error
		if shipped, e = shipTexts(0).take(fo, cmd.Lines); e != nil {
			e.Field = fulfillmentField
			return e
		}
	}
	if len(shipped) == 0 {
		return &Error{Code: invalidAmount.Code, Field: fulfillmentField, Message: invalidAmount.Message}
	}
	f := c.ship(cmd.id, cmd.home, shipped)
	f.Parts = cmd.parts
	f.Tracking, f.OriginAddress = tracking, cmd.OriginAddress
	f.NotifyCustomer, f.Message = cmd.NotifyCustomer, cmd.Message
	fo.Fulfillments = append(fo.Fulfillments, f)
	c.result.FulfillmentID = f.ID
	details := &Details{
		Lines: fo.quantities(shipped), Fulfillment: f.brief(), DestinationBefore: fo.DestinationBefore,
	}
	var topics []string
	if f.HomeID == 0 { // Others hear of a shipment once.
		topics = []string{TopicFulfillmentCreated}
		if len(f.Events) > 0 {
			details.Event, topics = &f.Events[0], append(topics, TopicEventCreated)
		}
	}
	c.transition(KindFulfilled, "Shipped "+f.Name+".", details, topics...)
	return nil
}

// ship makes a fulfillment of the units and moves the fulfillment order on. Shipping wins against a cancellation
// request that is not answered yet: with nothing left, there is nothing to stop.
func (c *change) ship(id, home ID, shipped units) Fulfillment {
	fo := c.fo
	if id == 0 {
		id = c.ids.Next()
	}
	f := Fulfillment{
		ID: id, Name: fmt.Sprintf("%s-F%d", fo.OrderName, len(fo.Fulfillments)+1),
		Status: FulfillmentSuccess, DisplayStatus: DisplayFulfilled,
		LocationID: fo.AssignedLocation.LocationID, ServiceID: fo.AssignedLocation.ServiceID,
		CreatedAt: c.now, UpdatedAt: c.now, HomeID: home,
	}
	prepared := 0
	for i := range fo.Lines {
		l := &fo.Lines[i]
		n := shipped[l.ID]
		if n == 0 {
			continue
		}
		ready := min(n, l.Prepared) // They go first.
		prepared += ready
		l.Remaining, l.Prepared = l.Remaining-n, l.Prepared-ready
		f.RequiresShipping = f.RequiresShipping || l.RequiresShipping
		f.Lines = append(
			f.Lines,
			FulfillmentLine{ID: c.ids.Next(), FulfillmentOrderLineID: l.ID, LineItemID: l.LineItemID, Quantity: n},
		)
	}
	if prepared > 0 && home == 0 && fo.DeliveryMethod == DeliveryPickUp { // The owner has the events.
		c.readyForPickup(&f)
	}
	if !c.waits {
		c.handOver(&f)
	}
	if fo.RemainingUnits() == 0 {
		c.close()
		return f
	}
	if fo.Status != StatusInProgress {
		fo.Status, fo.RequestStatus = StatusInProgress, RequestUnsubmitted
		fo.dropEffects(EffectReroute)
	}
	return f
}

func (cmd *CancelFulfillment) apply(c *change) *Error {
	fo := c.fo
	f := fo.fulfillment(cmd.FulfillmentID)
	if f == nil {
		return cmd.Unknown()
	}
	c.result.FulfillmentID = f.ID
	if f.Status == FulfillmentCancelled {
		c.unchanged = "Shipment " + f.Name + " was cancelled already."
		return nil
	}
	f.Status, f.DisplayStatus, f.CancelledAt, f.UpdatedAt = FulfillmentCancelled, DisplayCanceled, new(c.now), c.now

	back := units{}
	for _, shipped := range f.Lines {
		if l := fo.line(shipped.FulfillmentOrderLineID); l != nil {
			back[l.ID] += shipped.Quantity
			l.Remaining += shipped.Quantity
		}
	}
	details := &Details{Lines: fo.quantities(back), Fulfillment: f.brief()}
	reason := "Shipment " + f.Name + " was cancelled."
	switch {
	case fo.Status == StatusClosed && fo.OrderCancelled:
		for i := range fo.Lines {
			fo.Lines[i].cancelUnits(back[fo.Lines[i].ID])
		}
	case fo.Status == StatusClosed && len(back) > 0:
		var lines []Line
		for i := range fo.Lines {
			if n := back[fo.Lines[i].ID]; n > 0 {
				lines = append(lines, fo.Lines[i].part(n))
			}
		}
		at := fo.AssignedLocation
		if cmd.Location != nil {
			at = *cmd.Location
		}
		s := c.sibling(
			SiblingReopened, at, lines, false,
			"Units of cancelled shipment "+f.Name+" of fulfillment order",
		)
		details.went(s, SiblingReopened)
	case fo.in(StatusInProgress, RequestUnsubmitted) && !fo.Shipped():
		fo.Status, fo.ProgressReported = StatusOpen, false
	}
	var topics []string
	if f.HomeID == 0 {
		topics = []string{TopicFulfillmentUpdated}
	}
	c.transition(KindFulfillmentCancelled, reason, details, topics...)
	return nil
}

// Reopening is what taking the shipment back makes a new fulfillment order of: its units, at their location. nil: they
// come back to the fulfillment order itself, or nowhere.
func (cmd *CancelFulfillment) Reopening(fo *FulfillmentOrder) *FulfillmentOrder {
	f := fo.fulfillment(cmd.FulfillmentID)
	if f == nil || f.Status == FulfillmentCancelled || fo.Status != StatusClosed || fo.OrderCancelled {
		return nil
	}
	again := &FulfillmentOrder{ID: fo.ID, OrderID: fo.OrderID, AssignedLocation: fo.AssignedLocation}
	for _, shipped := range f.Lines {
		if l := fo.line(shipped.FulfillmentOrderLineID); l != nil {
			again.Lines = append(again.Lines, l.part(shipped.Quantity))
		}
	}
	if len(again.Lines) == 0 {
		return nil
	}
	return again
}

// brief is the shipment for its history: without its events, which have transitions of their own.
func (f *Fulfillment) brief() *Fulfillment {
	b := *f
	b.Events, b.EarlierEvents = nil, 0
	return &b
}
