package fulfillment

import (
	"reflect"
	"slices"
	"strings"
	"time"
)

// UpdateOrder corrects what an order says of its customer: the fields that it names get the values that it gives, the
// others stay. Lines and quantities are edited, see [EditOrder].
//
// With another shipping address, the fulfillment orders that nobody works on go there. One that a service has, or that
// was shipped, keeps the destination that it had: the answer names it, with what to do. It goes to the new address as
// soon as it is free again.
type UpdateOrder struct {
	Meta
	OrderID ID `json:"orderId,omitempty"`
	OrderFields
}

// OrderFields are the fields of an order that can be updated. nil: not named. A list, and the address, is replaced as a
// whole.
type OrderFields struct {
	ShippingAddress  *Address     `json:"shippingAddress,omitempty"`
	Email            *string      `json:"email,omitempty"`
	Phone            *string      `json:"phone,omitempty"`
	Note             *string      `json:"note,omitempty"`
	Tags             *[]string    `json:"tags,omitempty"`
	CustomAttributes *[]Attribute `json:"customAttributes,omitempty"`
}

// OrderUpdated is the answer to [UpdateOrder].
type OrderUpdated struct {
	OrderID  ID                `json:"orderId"`
	Changed  []string          `json:"changed,omitempty"`          // the fields that have other values now
	Followed []ID              `json:"followed,omitempty"`         // fulfillment orders that go to the new address
	Kept     []KeptDestination `json:"destinationsKept,omitempty"` // those that do not
}

// KeptDestination is a fulfillment order that still goes to the address of before.
type KeptDestination struct {
	FulfillmentOrderID ID     `json:"fulfillmentOrderId"`
	Message            string `json:"message"` // why, and what to do
}

// DecodeUpdateOrder reads an update from one JSON object: strictly for a caller who can be told, so that no misspelt
// field is lost. The error is an [*Error] that names every problem with its place, of types and of rules.
func DecodeUpdateOrder(data []byte) (UpdateOrder, error) {
	var cmd UpdateOrder
	problems, err := readStrict(data, &cmd)
	if err != nil {
		return UpdateOrder{}, err
	}
	if len(problems.found) == 0 {
		_, err := cmd.normal()
		return cmd, err
	}
	var rules orderProblems
	rules.order(cmd.asOrder(), IDEpoch)
	problems.and(rules.found)
	return UpdateOrder{}, problems.err()
}

// asOrder is an order that has nothing to say but what the update names, to be checked as any other.
func (cmd *UpdateOrder) asOrder() *Order {
	o := &Order{ID: 1, LineItems: []LineItem{{Title: "-", Quantity: 1}}}
	cmd.OrderFields.into(o)
	return o
}

// normal are the fields as an order has them, see [Order.Complete], or an [*Error] with everything that is wrong.
func (cmd *UpdateOrder) normal() (OrderFields, error) {
	if refused := cmd.Meta.check(); refused != nil {
		return OrderFields{}, refused
	}
	if cmd.OrderFields == (OrderFields{}) {
		return OrderFields{}, refusal(CodeInvalid, nil, "Name at least one field to update.")
	}
	o := cmd.asOrder()
	if err := o.Complete(IDEpoch); err != nil {
		return OrderFields{}, err
	}
	return fieldsNamed(cmd.OrderFields, o), nil
}

// into sets the fields that are named.
func (f OrderFields) into(o *Order) {
	if f.ShippingAddress != nil {
		o.ShippingAddress = f.ShippingAddress
	}
	for _, text := range []struct{ from, to *string }{
		{f.Email, &o.Email}, {f.Phone, &o.Phone}, {f.Note, &o.Note},
	} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	if f.Tags != nil {
		o.Tags = *f.Tags
	}
	if f.CustomAttributes != nil {
		o.CustomAttributes = *f.CustomAttributes
	}
}

// fieldsNamed are what the order says in those fields that f names.
func fieldsNamed(f OrderFields, o *Order) OrderFields {
	out := OrderFields{}
	if f.ShippingAddress != nil {
		out.ShippingAddress = o.ShippingAddress
	}
	if f.Email != nil {
		out.Email = &o.Email
	}
	if f.Phone != nil {
		out.Phone = &o.Phone
	}
	if f.Note != nil {
		out.Note = &o.Note
	}
	if f.Tags != nil {
		out.Tags = new(slices.Concat([]string{}, o.Tags))
	}
	if f.CustomAttributes != nil {
		out.CustomAttributes = new(slices.Concat([]Attribute{}, o.CustomAttributes))
	}
	return out
}

// OrderUpdatePlan is what an update comes to, to be written in one transaction.
type OrderUpdatePlan struct {
	OrderID   ID
	CommandID string
	Actor     Actor
	At        time.Time
	// Number counts the updates of the order from 1; one that has another number by now is stale.
	Number      int
	Fingerprint string
	Before      OrderFields         // only the fields that change
	After       OrderFields         // likewise
	States      []*FulfillmentOrder // of those that are told of another address
	Transitions []Transition        // of States
	Answer      OrderUpdated
}

// Changes tells whether there is anything to write.
func (p *OrderUpdatePlan) Changes() bool { return len(p.Answer.Changed) > 0 }

// PlanOrderUpdate decides what an update comes to. The order is as the store has it, with the number of its updates so
// far, and fulfillmentOrders are all of its own; nothing of them is changed. The error is an [*Error] with everything
// that is wrong.
func PlanOrderUpdate(
	order *OrderRecord, fulfillmentOrders []*FulfillmentOrder, cmd UpdateOrder, env Env,
) (*OrderUpdatePlan, error) {
	fields, err := cmd.normal()
	if err != nil {
		return nil, err
	}
	plan := &OrderUpdatePlan{
		OrderID: order.ID, CommandID: cmd.CommandID, Actor: cmd.Actor, At: env.Now, Number: order.Updates + 1,
		Fingerprint: UpdateFingerprint(cmd), Answer: OrderUpdated{OrderID: order.ID},
	}
	present := fieldsNamed(fields, &order.Order)
	before, after := reflect.ValueOf(&present).Elem(), reflect.ValueOf(&fields).Elem()
	for i := range before.NumField() {
		was, is := before.Field(i), after.Field(i)
		if is.IsNil() || reflect.DeepEqual(was.Interface(), is.Interface()) {
			was.SetZero()
			is.SetZero()
			continue
		}
		plan.Answer.Changed = append(plan.Answer.Changed, jsonName(before.Type().Field(i)))
	}
	plan.Before, plan.After = present, fields
	if fields.ShippingAddress != nil {
		plan.readdress(fulfillmentOrders, env)
	}
	return plan, nil
}

// readdress tells the fulfillment orders of another address.
func (p *OrderUpdatePlan) readdress(fulfillmentOrders []*FulfillmentOrder, env Env) {
	for _, fo := range fulfillmentOrders {
		if !fo.hasDestination() {
			continue
		}
		if fo.keepsDestination() {
			p.Answer.Kept = append(p.Answer.Kept, KeptDestination{fo.ID, fo.whatToDo()})
		} else {
			p.Answer.Followed = append(p.Answer.Followed, fo.ID)
		}
		cmd := &readdress{Number: p.Number}
		cmd.Actor = p.Actor
		c := newChange(fo, cmd, env)
		_ = cmd.apply(c) // It refuses nothing.
		if d := c.decision("", ""); len(d.Transitions) > 0 {
			p.States = append(p.States, d.State)
			p.Transitions = append(p.Transitions, d.Transitions...)
		}
	}
}

// UpdateFingerprint identifies what an update asks for: two sendings of the same have the same.
func UpdateFingerprint(cmd UpdateOrder) string {
	return fingerprint(string(VerbUpdateOrder), cmd, "orderId")
}

// EditFingerprint is [UpdateFingerprint] of an edit.
func EditFingerprint(cmd EditOrder) string { return fingerprint("Edit", cmd, "orderId") }

// CancelFingerprint is [UpdateFingerprint] of a cancellation.
func CancelFingerprint(cmd CancelOrder) string { return fingerprint("Cancel", cmd, "orderId") }

// readdress is how a fulfillment order learns that its order goes to another address.
type readdress struct {
	Meta
	Number int // of the order's update
}

// Verb is that of the order's update.
func (*readdress) Verb() Verb { return VerbUpdateOrder }

func (cmd *readdress) apply(c *change) *Error {
	details := &Details{OrderUpdate: cmd.Number}
	switch {
	case !c.fo.keepsDestination():
		c.transition(KindDestinationChanged, "The order goes to another address.", details)
	case c.fo.DestinationBefore == 0:
		c.fo.DestinationBefore = cmd.Number
		c.transition(KindDestinationKept, "The order goes to another address; this still to that of before.", details)
	}
	return nil
}

// hasDestination tells whether anything goes, or has gone, to the order's address.
func (fo *FulfillmentOrder) hasDestination() bool {
	switch fo.DeliveryMethod {
	case DeliveryNone, DeliveryPickUp:
		return false
	}
	return fo.Status != StatusClosed || fo.Shipped()
}

// keepsDestination tells that somebody works with the address: a service that was asked, the merchant who has reported
// progress, or the carrier of what was shipped whole.
func (fo *FulfillmentOrder) keepsDestination() bool {
	switch fo.Status {
	case StatusClosed:
		return fo.Shipped()
	case StatusScheduled:
		return false
	case StatusInProgress:
		return fo.ProgressReported || !fo.withMerchant()
	}
	return !fo.withMerchant()
}

// whatToDo says why the destination is that of before, and how it can get to be that of now.
func (fo *FulfillmentOrder) whatToDo() string {
	service := fo.AssignedLocation.service()
	switch {
	case fo.Status == StatusClosed:
		return "It is shipped to the address of before: only the carrier can change that."
	case fo.ProgressReported:
		return "It is being worked on with the address of before: mark it as open, and it goes to the new one."
	case fo.RequestStatus == RequestSubmitted:
		return service + " was asked with the address of before: cancel the fulfillment order, and request what " +
			"takes its place, which goes to the new one."
	case fo.RequestStatus == RequestCancellationRequested:
		return service + " was asked to stop, and has the address of before: if it agrees, the units go to the new one."
	case fo.RequestStatus == RequestCancellationRejected:
		return service + " goes on with the address of before: tell it of the new one yourself."
	}
	return service + " has accepted it with the address of before: request its cancellation, or tell it of the new " +
		"address yourself. What comes back goes to the new one."
}

// freeDestination lets a fulfillment order that nobody works on any more go where its order goes.
func (fo *FulfillmentOrder) freeDestination() {
	if !fo.keepsDestination() {
		fo.DestinationBefore = 0
	}
}

// jsonName is the name of a field in JSON.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
