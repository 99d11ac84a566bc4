package returns

import (
	"packhorse/internal/fulfillment"
)

// CreateDelivery says that a parcel comes back (reverseDeliveryCreateWithShipping). Units may be in several parcels: a
// label may be lost, and a parcel sent again.
type CreateDelivery struct {
	fulfillment.Meta
	WorkID   fulfillment.ID  `json:"reverseFulfillmentOrderId,omitempty"` // default: the return's only one
	Lines    []DeliveryUnits `json:"reverseDeliveryLineItems,omitempty"`  // default: all of every line
	Tracking *TrackingInput  `json:"trackingInput,omitempty"`
	Label    *LabelInput     `json:"labelInput,omitempty"`
	Notify   bool            `json:"notifyCustomer,omitempty"` // the Admin API's default is true
}

// UpdateDelivery replaces what is sent of a parcel's tracking and label, and keeps the rest
// (reverseDeliveryShippingUpdate).
type UpdateDelivery struct {
	fulfillment.Meta
	DeliveryID fulfillment.ID `json:"reverseDeliveryId"`
	Tracking   *TrackingInput `json:"trackingInput,omitempty"`
	Label      *LabelInput    `json:"labelInput,omitempty"`
	Notify     bool           `json:"notifyCustomer,omitempty"`
}

// DeliveryUnits is units that a parcel brings.
type DeliveryUnits struct {
	WorkLineID fulfillment.ID `json:"reverseFulfillmentOrderLineItemId"`
	Quantity   int            `json:"quantity"`
}

// TrackingInput is how a parcel's way is followed.
type TrackingInput struct {
	Number      string `json:"number,omitempty"`
	URL         string `json:"url,omitempty"`
	CarrierName string `json:"carrierName,omitempty"` // not in the Admin API
}

// LabelInput is where a parcel's label is.
type LabelInput struct {
	FileURL string `json:"fileUrl"`
}

// Verb is CreateReverseDelivery.
func (*CreateDelivery) Verb() Verb { return VerbCreateDelivery }

// Verb is UpdateReverseDelivery.
func (*UpdateDelivery) Verb() Verb { return VerbUpdateDelivery }

func (*CreateDelivery) target() []string { return []string{"reverseFulfillmentOrderId"} }
func (*UpdateDelivery) target() []string { return []string{"reverseDeliveryId"} }

// WorkNotFound is the refusal of a command on a reverse fulfillment order that does not exist.
func WorkNotFound() *fulfillment.Error {
	return refusal(CodeNotFound, []string{"reverseFulfillmentOrderId"}, "Reverse fulfillment order was not found.")
}

// DeliveryNotFound is the refusal of a command on a reverse delivery that does not exist.
func DeliveryNotFound() *fulfillment.Error {
	return refusal(CodeNotFound, []string{"reverseDeliveryId"}, "Reverse delivery was not found.")
}

func (cmd *CreateDelivery) may(r *Return) *fulfillment.Error { return r.in(cmd.target(), StatusOpen) }

// may lets the parcel of a closed return be followed, too: it may be on its way all the same.
func (cmd *UpdateDelivery) may(r *Return) *fulfillment.Error {
	return r.in(cmd.target(), StatusOpen, StatusClosed)
}

func (cmd *CreateDelivery) apply(c *change) *fulfillment.Error {
	r := c.r
	work := r.work(cmd.WorkID)
	if cmd.WorkID == 0 && len(r.Work) == 1 {
		work = &r.Work[0]
	}
	if work == nil && (cmd.WorkID != 0 || r.Status == StatusOpen) {
		return WorkNotFound()
	}
	if refused := cmd.may(r); refused != nil {
		return refused
	}
	if len(work.Deliveries) >= MaxDeliveries {
		return refusal(
			CodeInvalid, cmd.target(), "A return may have up to %d reverse deliveries. Update one of them instead.",
			MaxDeliveries,
		)
	}
	lines, refused := c.deliveryLines(work, cmd.Lines)
	if refused != nil {
		return refused
	}
	d := Delivery{ID: c.ids.Next(), Lines: lines, CreatedAt: c.now}
	if refused := c.ship(&d, cmd.Tracking, cmd.Label); refused != nil {
		return refused
	}
	work.Deliveries = append(work.Deliveries, d)
	c.noteDelivery(KindDeliveryCreated, "A parcel comes back.", work, d, cmd.Notify)
	return nil
}

// deliveryLines are the units in a parcel: those that are named, or all of the work.
func (c *change) deliveryLines(work *Work, units []DeliveryUnits) ([]DeliveryLine, *fulfillment.Error) {
	field := at("reverseDeliveryLineItems")
	if refused := tooMany(len(units), field); refused != nil {
		return nil, refused
	}
	if len(units) == 0 {
		for _, l := range work.Lines {
			units = append(units, DeliveryUnits{WorkLineID: l.ID, Quantity: l.Total})
		}
	}
	var wrong problems
	var lines []DeliveryLine
	named := map[fulfillment.ID]int{}
	for i, in := range units {
		l := work.line(in.WorkLineID)
		if l == nil {
			wrong.add(
				refusal(CodeLineMustExist, at(field, i, "reverseFulfillmentOrderLineItemId"), "must exist"),
			)
			continue
		}
		if in.Quantity <= 0 {
			wrong.add(refusal(CodeGreaterThan, at(field, i, "quantity"), "Quantity must be greater than 0"))
			continue
		}
		if in.Quantity > l.Total-named[l.ID] {
			wrong.add(refusal(
				CodeMoreThanReturn, at(field, i, "quantity"), "cannot deliver more items than are returned",
			))
			continue
		}
		named[l.ID] += in.Quantity
		lines = append(lines, DeliveryLine{ID: c.ids.Next(), WorkLineID: l.ID, Quantity: in.Quantity})
	}
	return lines, wrong.refused()
}

// ship notes what is new of a parcel's tracking and label.
func (c *change) ship(d *Delivery, tracking *TrackingInput, label *LabelInput) *fulfillment.Error {
	var wrong problems
	if tracking != nil {
		wrong.add(tooLong(tracking.Number, maxText, at("trackingInput", "number")))
		wrong.add(tooLong(tracking.CarrierName, maxText, at("trackingInput", "carrierName")))
		if tracking.URL != "" {
			wrong.add(fulfillment.CheckWebAddress(tracking.URL, "trackingInput", "url"))
		}
		d.Tracking = new(Tracking(*tracking))
	}
	if label != nil {
		wrong.add(fulfillment.CheckWebAddress(label.FileURL, "labelInput", "fileUrl"))
		made := c.now
		if d.Label != nil {
			made = d.Label.CreatedAt
		}
		d.Label = &Label{FileURL: label.FileURL, CreatedAt: made, UpdatedAt: c.now}
	}
	d.UpdatedAt = c.now
	return wrong.refused()
}

// noteDelivery is the transition of a parcel. Others hear of it when there is something to follow or to print.
func (c *change) noteDelivery(kind Kind, reason string, work *Work, d Delivery, notify bool) {
	var topics []string
	if d.Tracking != nil || d.Label != nil {
		topics = []string{TopicAttach}
	}
	c.result.DeliveryID = d.ID
	c.transition(kind, reason, &Details{WorkID: work.ID, Delivery: &d, Notify: notify}, topics...)
}

func (cmd *UpdateDelivery) apply(c *change) *fulfillment.Error {
	r := c.r
	d := r.delivery(cmd.DeliveryID)
	if d == nil {
		return DeliveryNotFound()
	}
	if refused := cmd.may(r); refused != nil {
		return refused
	}
	if cmd.Tracking == nil && cmd.Label == nil {
		c.unchanged, c.result.DeliveryID = "Neither tracking nor a label was sent.", d.ID
		return nil
	}
	if refused := c.ship(d, cmd.Tracking, cmd.Label); refused != nil {
		return refused
	}
	work := find(r.Work, func(w *Work) bool {
		return find(w.Deliveries, func(of *Delivery) bool { return of.ID == d.ID }) != nil
	})
	c.noteDelivery(KindDeliveryUpdated, "A parcel's tracking or label changed.", work, *d, cmd.Notify)
	return nil
}
