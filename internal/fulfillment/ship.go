package fulfillment

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Ship makes one fulfillment from several fulfillment orders of one order at one location (verb "CreateFulfillment",
// sent to the order). The first fulfillment order owns the shipment: its tracking and its events; each of the others
// keeps its part.
type Ship struct {
	Meta
	Groups         []ShipGroup    `json:"lineItemsByFulfillmentOrder"`
	Tracking       *TrackingInput `json:"trackingInfo,omitempty"`
	NotifyCustomer bool           `json:"notifyCustomer,omitempty"`
	Message        string         `json:"message,omitempty"`
	OriginAddress  *OriginAddress `json:"originAddress,omitempty"`
}

// ShipGroup is what of a fulfillment order is shipped. Without lines, everything that remains.
type ShipGroup struct {
	FulfillmentOrderID ID         `json:"fulfillmentOrderId"`
	Lines              []Quantity `json:"fulfillmentOrderLineItems,omitempty"`
}

// Verb is CreateFulfillment.
func (*Ship) Verb() Verb { return VerbCreateFulfillment }

// Answering names the first fulfillment order: it owns the shipment.
func (cmd *Ship) Answering() []ID {
	if len(cmd.Groups) == 0 {
		return nil
	}
	return []ID{cmd.Groups[0].FulfillmentOrderID}
}

// Named names the fulfillment orders of all groups.
func (cmd *Ship) Named() []ID {
	var ids []ID
	for _, g := range cmd.Groups {
		ids = append(ids, g.FulfillmentOrderID)
	}
	return named(ids)
}

// decide checks quantities first, then what the groups have in common, then lines, states and amounts, as in the
// source.
func (cmd *Ship) decide(j *joint) *Error {
	for i, g := range cmd.Groups {
		if e := shipTexts(i).check(g.Lines); e != nil {
			return e
		}
	}
	groups := cmd.merged()
	if e := cmd.oneParcel(j, groups); e != nil {
		return e
	}
	lines := 0
	for _, g := range groups {
		if lines += len(g.Lines); len(g.Lines) == 0 {
			lines += len(j.find(g.FulfillmentOrderID).remaining())
		}
	}
	if lines > MaxLines {
		return refusal(CodeInvalid, fulfillmentField, "There may be up to %d line items.", MaxLines)
	}
	for _, g := range groups {
		for _, q := range g.Lines {
			if j.find(g.FulfillmentOrderID).line(q.ID) == nil {
				return refusal(CodeLineItemNotFound, fulfillmentField, "Fulfillment order line item does not exist.")
			}
		}
	}
	for _, g := range groups {
		fo := j.find(g.FulfillmentOrderID)
		if e := mayCreateFulfillment(fo, cmd.Actor); e != nil {
			return fo.explain(e, cmd.Actor)
		}
	}
	home := groups[0].FulfillmentOrderID
	id := j.env.IDs.Next()
	for i, g := range groups {
		create := &CreateFulfillment{Lines: g.Lines, Tracking: cmd.Tracking, NotifyCustomer: cmd.NotifyCustomer,
			Message: cmd.Message, OriginAddress: cmd.OriginAddress, id: id}
		if i == 0 {
			for _, other := range groups[1:] {
				create.parts = append(create.parts, other.FulfillmentOrderID)
			}
			if e := j.answer(g.FulfillmentOrderID, create); e != nil {
				return e
			}
			continue
		}
		create.home = home
		if e := j.follow(g.FulfillmentOrderID, create); e != nil {
			return e
		}
	}
	return nil
}

// merged is one group for each fulfillment order: what several groups name of one is added up.
func (cmd *Ship) merged() []ShipGroup {
	var groups []ShipGroup
	for _, g := range cmd.Groups {
		i := slices.IndexFunc(
			groups, func(known ShipGroup) bool { return known.FulfillmentOrderID == g.FulfillmentOrderID },
		)
		switch {
		case i < 0:
			groups = append(groups, ShipGroup{g.FulfillmentOrderID, slices.Clone(g.Lines)})
		case len(groups[i].Lines) == 0 || len(g.Lines) == 0:
			groups[i].Lines = nil
		default:
			for _, q := range g.Lines {
				n := slices.IndexFunc(groups[i].Lines, func(known Quantity) bool { return known.ID == q.ID })
				if n >= 0 {
					known := &groups[i].Lines[n].Quantity
					*known += min(q.Quantity, math.MaxInt-*known)
				} else {
					groups[i].Lines = append(groups[i].Lines, q)
				}
			}
		}
	}
	return groups
}

// oneParcel refuses groups that can't be in one parcel.
func (cmd *Ship) oneParcel(j *joint, groups []ShipGroup) *Error {
	var orders, locations []ID
	var methods []string
	for _, g := range groups {
		fo := j.find(g.FulfillmentOrderID)
		if fo == nil {
			return NotFound(fulfillmentField...)
		}
		orders = append(orders, fo.OrderID)
		locations = append(locations, fo.AssignedLocation.LocationID)
		if method := string(fo.DeliveryMethod); !slices.Contains(methods, method) {
			methods = append(methods, method)
		}
	}
	if orders = named(orders); len(orders) > 1 {
		return refusal(
			CodeInvalid, fulfillmentField,
			"All fulfillment orders must belong to the same order. Multiple orders with ids [%s] were found.",
			list(orders),
		)
	}
	if locations = named(locations); len(locations) > 1 {
		return refusal(
			CodeInvalid, fulfillmentField,
			"All fulfillment orders must be assigned to a single location. "+
				"Multiple locations with ids [%s] were found.",
			list(locations),
		)
	}
	if len(methods) > 1 {
		return refusal(
			CodeInvalid, fulfillmentField,
			"All fulfillment orders must have the same delivery method type. Multiple delivery method types [%s] "+
				"were found.",
			strings.Join(methods, ", "),
		)
	}
	return nil
}

func list(ids []ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, ", ")
}

// Shared tells whether other fulfillment orders have parts of the shipment: it is known whole only together with
// theirs.
func (f *Fulfillment) Shared() bool { return f.HomeID != 0 || len(f.Parts) > 0 }

// HasSharedShipments tells whether other fulfillment orders have parts of any of its shipments.
func (fo *FulfillmentOrder) HasSharedShipments() bool {
	return slices.ContainsFunc(fo.Fulfillments, func(f Fulfillment) bool { return f.Shared() })
}

// Concerned is the fulfillment order that has to carry the command out: this one, or the owner of a shipment of which
// this one has only a part. What is heard of a parcel is kept once, with the whole of it.
func (fo *FulfillmentOrder) Concerned(cmd Command) ID {
	var id ID
	switch cmd := cmd.(type) {
	case *RecordEvent:
		id = cmd.FulfillmentID
	case *UpdateTracking:
		id = cmd.FulfillmentID
	default: // To take a shipment back concerns all that have a part of it.
		return fo.ID
	}
	if f := fo.fulfillment(id); f != nil && f.HomeID != 0 {
		return f.HomeID
	}
	return fo.ID
}

// cancelFulfillment takes all parts of a shipment back.
func (j *joint) cancelFulfillment(fo *FulfillmentOrder, cmd *CancelFulfillment) *Error {
	f := fo.fulfillment(cmd.FulfillmentID)
	home := fo.ID
	if f != nil && f.HomeID != 0 {
		home = f.HomeID
		owner := j.find(home)
		if owner == nil {
			return cmd.Unknown()
		}
		f = owner.fulfillment(cmd.FulfillmentID)
	}
	if refused := j.answer(fo.ID, cmd); refused != nil || f == nil {
		return refused
	}
	for _, id := range append([]ID{home}, f.Parts...) {
		if id == fo.ID {
			continue
		}
		part := &CancelFulfillment{FulfillmentID: cmd.FulfillmentID, Location: cmd.Location}
		if refused := j.follow(id, part); refused != nil {
			return refused
		}
	}
	return nil
}

func shipTexts(group int) quantityTexts {
	return quantityTexts{
		field: []string{"fulfillment", "lineItemsByFulfillmentOrder", strconv.Itoa(group), "fulfillmentOrderLineItems"},
		zero:  notPositive, tooMany: invalidAmount,
	}
}
