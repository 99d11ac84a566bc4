package operation

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"packhorse/internal/fulfillment"
)

// Orders is what callers do with orders. Both fields are needed.
type Orders struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		Order(ctx context.Context, id fulfillment.ID) (*fulfillment.OrderRecord, error)
		NextOrderName(ctx context.Context) (string, error)
		AllServices(ctx context.Context) ([]fulfillment.Service, error)
	}
	// Commands gives commands to the workflows of orders: a *Commands.
	Commands interface {
		CreateOrder(ctx context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error)
		CancelOrder(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error)
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
	// Payment is where the payment stands, for an order that says nothing of its transactions.
	Payment fulfillment.FinancialStatus
}

// Create takes an order in and answers once it is routed. An order without a name gets the next one. The same order,
// sent again under its source identifier or under the idempotency key, keeps the name it got. Fields of a refusal are
// paths into the order.
func (o Orders) Create(ctx context.Context, in NewOrder) (fulfillment.ID, error) {
	if err := mayCall(ctx, orderCreate); err != nil {
		return 0, err
	}
	order := in.Order
	order.LineItems = slices.Clone(order.LineItems)
	for i := range order.LineItems {
		if err := o.placeLine(ctx, in, &order, i); err != nil {
			return 0, err
		}
	}
	if len(order.Transactions) == 0 {
		order.Transactions = order.PaymentsFor(in.Payment)
	}
	order.Actor, order.CommandID = caller(ctx).Actor(nowhere), cmp.Or(order.CommandID, CommandID(ctx, ""))
	switch key, ok := KeyFrom(ctx); {
	case order.SourceIdentifier != "":
		order.ID = fulfillment.OrderIDOf(order.SourceIdentifier)
	case ok:
		order.ID = key.ID("order")
	}
	return o.named(ctx, order)
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

// named gives the order a name if it has none, and hands it over.
func (o Orders) named(ctx context.Context, order fulfillment.Order) (fulfillment.ID, error) {
	unnamed := order.Name == ""
	if unnamed {
		var err error
		if order.Name, err = o.nameOf(ctx, order.ID); err == nil && order.Name == "" {
			order.Name, err = o.Store.NextOrderName(ctx)
		}
		if err != nil {
			return 0, err
		}
	}
	created, err := o.Commands.CreateOrder(ctx, order)
	if refused, ok := fulfillment.AsError(err); ok && refused.Code == fulfillment.CodeOrderExists && unnamed {
		// An earlier sending, whose sender got no answer, was still under way when the name was looked up.
		name, failed := o.nameOf(ctx, order.ID)
		if failed != nil {
			return 0, failed
		}
		if name != "" && name != order.Name {
			order.Name = name
			created, err = o.Commands.CreateOrder(ctx, order)
		}
	}
	return created.OrderID, err
}

// nameOf is the name of an order that is there; empty if there is none, or no ID.
func (o Orders) nameOf(ctx context.Context, id fulfillment.ID) (string, error) {
	if id == 0 {
		return "", nil
	}
	stored, err := o.Store.Order(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return stored.Name, nil
}

// Cancel takes everything that has not been shipped out of an order, and answers when every fulfillment order has
// answered. If one of them refused, the whole is refused with its words.
func (o Orders) Cancel(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error) {
	if err := mayCall(ctx, orderCancel); err != nil {
		return fulfillment.OrderCancelled{}, err
	}
	sign(ctx, &cmd.Meta, nowhere)
	cancelled, err := o.Commands.CancelOrder(ctx, cmd)
	if refused, ok := fulfillment.AsError(err); ok && refused.Code == fulfillment.CodeOrderNotFound {
		return cancelled, &fulfillment.Error{
			Code: fulfillment.CodeOrderNotFound, Field: []string{"orderId"}, Message: "Order does not exist",
		}
	}
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
