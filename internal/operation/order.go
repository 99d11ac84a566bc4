package operation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
)

// Orders is what callers do with orders. Both fields are needed.
type Orders struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		AllServices(ctx context.Context) ([]fulfillment.Service, error)
	}
	// Commands gives commands to the workflows of orders: a *Commands.
	Commands interface {
		CreateOrder(ctx context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error)
		CancelOrder(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error)
		EditOrder(ctx context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error)
		UpdateOrder(ctx context.Context, cmd fulfillment.UpdateOrder) (fulfillment.OrderUpdated, error)
		CloseOrder(ctx context.Context, cmd fulfillment.CloseOrder) (fulfillment.OrderClosed, error)
		OpenOrder(ctx context.Context, cmd fulfillment.OpenOrder) (fulfillment.OrderClosed, error)
	}
}

// NewOrder is an order to be taken in, with what callers may say in other words than the order has.
type NewOrder struct {
	fulfillment.Order
	// Services are the handles of the fulfillment services that lines shall go to, by the lines' positions. The lines
	// in none are routed.
	Services map[int]string
	// Currencies are the currencies of lines' prices, by the lines' positions. All must be that of the order, which is
	// the first of them if the order has none.
	Currencies map[int]string
	// OptionData is the data of the shipping option, which must have no key twice.
	OptionData []fulfillment.Attribute
	// Payment is where the payment stands, for an order that says nothing of its transactions.
	Payment fulfillment.FinancialStatus
}

// Create takes an order in and answers once it is routed. The same order, sent again, is answered the same; which one
// it is says [IdentifyOrder], and its idempotency key is that of the context, if it has no command ID of its own.
// Fields of a refusal are paths into the order.
func (o Orders) Create(ctx context.Context, in NewOrder) (fulfillment.OrderCreated, error) {
	if err := mayCall(ctx, orderCreate); err != nil {
		return fulfillment.OrderCreated{}, err
	}
	order := in.Order
	order.LineItems = slices.Clone(order.LineItems)
	for i := range order.LineItems {
		if err := o.placeLine(ctx, in, &order, i); err != nil {
			return fulfillment.OrderCreated{}, err
		}
	}
	if err := in.chooseWith(&order); err != nil {
		return fulfillment.OrderCreated{}, err
	}
	if len(order.Transactions) == 0 {
		order.Transactions = order.PaymentsFor(in.Payment)
	}
	order.Actor, order.CommandID = caller(ctx).Actor(nowhere), cmp.Or(order.CommandID, CommandID(ctx, ""))
	return o.Commands.CreateOrder(ctx, order)
}

// chooseWith gives the shipping option its data.
func (in NewOrder) chooseWith(order *fulfillment.Order) error {
	if len(in.OptionData) == 0 {
		return nil
	}
	data := make(map[string]string, len(in.OptionData))
	for i, d := range in.OptionData {
		if _, twice := data[d.Key]; twice {
			return &fulfillment.Error{
				Code:    fulfillment.CodeInvalid,
				Field:   []string{"shippingOption", "data", strconv.Itoa(i), "key"},
				Message: "The key " + strconv.Quote(d.Key) + " is given twice.",
			}
		}
		data[d.Key] = d.Value
	}
	option := *cmp.Or(order.ShippingOption, new(fulfillment.ShippingOption))
	option.Data, order.ShippingOption = data, &option
	return nil
}

// placeLine finds out where a line goes, and checks its currency.
func (o Orders) placeLine(ctx context.Context, in NewOrder, order *fulfillment.Order, position int) error {
	if handle, ok := in.Services[position]; ok {
		services, err := o.Store.AllServices(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(services, func(s fulfillment.Service) bool { return s.Handle == handle })
		if i < 0 {
			return &fulfillment.Error{
				Code:    fulfillment.CodeServiceInvalid,
				Field:   []string{"lineItems", strconv.Itoa(position), "fulfillmentService"},
				Message: "Fulfillment service " + strconv.Quote(handle) + " does not exist.",
			}
		}
		order.LineItems[position].LocationID = services[i].LocationID
	}
	currency, ok := in.Currencies[position]
	if !ok {
		return nil
	}
	order.CurrencyCode = cmp.Or(order.CurrencyCode, currency)
	if currency != order.CurrencyCode {
		return &fulfillment.Error{
			Code:    fulfillment.CodeInvalid,
			Field:   []string{"lineItems", strconv.Itoa(position), "priceSet", "shopMoney", "currencyCode"},
			Message: "All prices of an order must be in its currency, " + order.CurrencyCode + ".",
		}
	}
	return nil
}

// Cancellation is an order to be cancelled, with what Shopify's API lets callers say about stock and money, of which
// Packhorse keeps nothing.
type Cancellation struct {
	fulfillment.CancelOrder
	StaffNote string // at most [MaxStaffNote] characters
	// Refund and RefundMethod tell that the caller said, in either of the API's ways, how to pay back; not in both.
	Refund, RefundMethod bool
}

// MaxStaffNote is how many characters a note of the staff may have.
const MaxStaffNote = 255

// check refuses what is said beside the cancellation, whatever the order is, with Shopify's texts.
func (c Cancellation) check() error {
	switch {
	case utf8.RuneCountInString(c.StaffNote) > MaxStaffNote:
		return invalid(
			fmt.Sprintf("Staff note is too long. Maximum length is %d characters.", MaxStaffNote), "staffNote",
		)
	case c.Refund && c.RefundMethod:
		return invalid("Only one of the arguments `refund` or `refund_method` is allowed.", "refund")
	}
	return nil
}

// Cancel takes everything out of an order of which nothing is shipped, and answers when every fulfillment order has
// answered. If one of them refused, the whole is refused with its words.
func (o Orders) Cancel(ctx context.Context, in Cancellation) (fulfillment.OrderCancelled, error) {
	if err := mayCall(ctx, orderCancel); err != nil {
		return fulfillment.OrderCancelled{}, err
	}
	if err := in.check(); err != nil {
		return fulfillment.OrderCancelled{}, err
	}
	cmd := in.CancelOrder
	sign(ctx, &cmd.Meta, nowhere)
	cancelled, err := o.Commands.CancelOrder(ctx, cmd)
	if err != nil {
		return cancelled, err
	}
	for _, fo := range cancelled.FulfillmentOrders {
		if fo.Outcome == fulfillment.CancelOutcomeRefused {
			return cancelled, &fulfillment.Error{
				Code: fulfillment.CodeInvalid, Field: []string{"orderId"}, Message: fo.Error.Message,
			}
		}
	}
	return cancelled, nil
}

// Edit adds lines to an order and lowers quantities, without a session.
func (o Orders) Edit(ctx context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error) {
	if err := mayCall(ctx, editCommit); err != nil {
		return fulfillment.OrderEdited{}, err
	}
	sign(ctx, &cmd.Meta, nowhere)
	return o.Commands.EditOrder(ctx, cmd)
}

// Update corrects what an order says of its customer, and tells which fulfillment orders keep the destination of
// before.
func (o Orders) Update(ctx context.Context, cmd fulfillment.UpdateOrder) (fulfillment.OrderUpdated, error) {
	if err := mayCall(ctx, orderUpdate); err != nil {
		return fulfillment.OrderUpdated{}, err
	}
	sign(ctx, &cmd.Meta, nowhere)
	return o.Commands.UpdateOrder(ctx, cmd)
}

// Close puts an order away: its fulfillment orders go on as before.
func (o Orders) Close(ctx context.Context, cmd fulfillment.CloseOrder) (fulfillment.OrderClosed, error) {
	if err := mayCall(ctx, orderClose); err != nil {
		return fulfillment.OrderClosed{}, err
	}
	sign(ctx, &cmd.Meta, nowhere)
	return o.Commands.CloseOrder(ctx, cmd)
}

// Open opens a closed order again.
func (o Orders) Open(ctx context.Context, cmd fulfillment.OpenOrder) (fulfillment.OrderClosed, error) {
	if err := mayCall(ctx, orderOpen); err != nil {
		return fulfillment.OrderClosed{}, err
	}
	sign(ctx, &cmd.Meta, nowhere)
	return o.Commands.OpenOrder(ctx, cmd)
}
