package graphql

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
)

// OrderCreate takes an order in and answers once it is routed. What the options say about stock and mail has no effect:
// Packhorse counts no stock and writes to nobody.
func (m *mutation) OrderCreate(ctx context.Context, in admin.OrderCreateOrderInput, _ *admin.OrderCreateOptionsInput) (*admin.OrderCreatePayload, error) {
	if denied := caller(ctx).MayCall("orderCreate"); denied != nil {
		return nil, denied
	}
	refuse := func(list ...*fulfillment.Error) *admin.OrderCreatePayload {
		payload := &admin.OrderCreatePayload{UserErrors: []*admin.OrderCreateUserError{}}
		for _, e := range list {
			c := code[admin.OrderCreateUserErrorCode](e)
			if c == nil {
				c = new(admin.OrderCreateUserErrorCodeInvalid)
			}
			payload.UserErrors = append(payload.UserErrors, &admin.OrderCreateUserError{Code: c, Field: append([]string{"order"}, e.Field...), Message: e.Message})
		}
		return payload
	}
	order, refused, err := m.orderOf(ctx, in)
	if refused != nil || err != nil {
		return refuse(refused), err
	}
	id, err := m.createOrder(ctx, order)
	if err != nil {
		refused, err := split(err)
		if err != nil {
			return nil, err
		}
		return refuse(refused), nil
	}
	admin.Forget(ctx)
	created, err := admin.LoadOrder(ctx, id)
	return &admin.OrderCreatePayload{Order: created, UserErrors: []*admin.OrderCreateUserError{}}, err
}

// createOrder gives the order a name if it has none. One that was sent before keeps the one it got.
func (m *mutation) createOrder(ctx context.Context, order fulfillment.Order) (fulfillment.ID, error) {
	unnamed := order.Name == ""
	if unnamed {
		var err error
		if order.Name, err = m.nameOf(ctx, order.ID); err == nil && order.Name == "" {
			order.Name, err = m.Store.NextOrderName(ctx)
		}
		if err != nil {
			return 0, err
		}
	}
	created, err := m.Commands.CreateOrder(ctx, order)
	if refused, ok := fulfillment.AsError(err); ok && refused.Code == fulfillment.CodeOrderExists && unnamed {
		// An earlier sending, whose sender got no answer, was still under way when the name was looked up.
		name, failed := m.nameOf(ctx, order.ID)
		if failed != nil {
			return 0, failed
		}
		if name != "" && name != order.Name {
			order.Name = name
			created, err = m.Commands.CreateOrder(ctx, order)
		}
	}
	return created.OrderID, err
}

// nameOf is the name of an order that is there; empty if there is none, or no ID.
func (m *mutation) nameOf(ctx context.Context, id fulfillment.ID) (string, error) {
	if id == 0 {
		return "", nil
	}
	stored, err := m.Store.Order(ctx, id)
	if errors.Is(err, postgres.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return stored.Name, nil
}

func (m *mutation) orderOf(ctx context.Context, in admin.OrderCreateOrderInput) (fulfillment.Order, *fulfillment.Error, error) {
	order := fulfillment.Order{
		Name: value(in.Name), SourceIdentifier: value(in.SourceIdentifier), ProcessedAt: in.ProcessedAt, Email: value(in.Email),
		Phone: value(in.Phone), Note: value(in.Note), Tags: in.Tags, CurrencyCode: value(in.Currency), Test: value(in.Test),
		ShippingAddress: address(in.ShippingAddress), Actor: caller(ctx).Actor(fulfillment.AssignedLocation{}),
		CommandID: operation.CommandID(ctx, ""),
	}
	switch key, ok := operation.KeyFrom(ctx); {
	case order.SourceIdentifier != "":
		order.ID = fulfillment.OrderIDOf(order.SourceIdentifier)
	case ok:
		order.ID = key.ID("order")
	}
	for _, a := range in.CustomAttributes {
		order.CustomAttributes = append(order.CustomAttributes, fulfillment.Attribute{Key: a.Key, Value: a.Value})
	}
	for i, l := range in.LineItems {
		line, refused, err := m.lineOf(ctx, l, i)
		if refused != nil || err != nil {
			return order, refused, err
		}
		order.LineItems = append(order.LineItems, line)
		if l.PriceSet == nil {
			continue
		}
		currency := l.PriceSet.ShopMoney.CurrencyCode
		order.CurrencyCode = cmp.Or(order.CurrencyCode, currency)
		if currency != order.CurrencyCode {
			return order, &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"lineItems", strconv.Itoa(i), "priceSet", "shopMoney", "currencyCode"},
				Message: "All prices of an order must be in its currency, " + order.CurrencyCode + "."}, nil
		}
	}
	for _, t := range in.Transactions {
		order.Transactions = append(order.Transactions, fulfillment.Transaction{
			Kind: value(t.Kind), Status: value(t.Status), Gateway: value(t.Gateway), Test: value(t.Test), Amount: t.AmountSet.ShopMoney.Amount})
	}
	if len(order.Transactions) == 0 {
		order.Transactions = paid(&order, value(in.FinancialStatus))
	}
	return order, nil, nil
}

// paid is the payment that an order must have had which says only where its payment stands.
func paid(order *fulfillment.Order, status admin.OrderCreateFinancialStatus) []fulfillment.Transaction {
	kind := fulfillment.TransactionSale
	switch status {
	case admin.OrderCreateFinancialStatusPaid:
	case admin.OrderCreateFinancialStatusAuthorized:
		kind = fulfillment.TransactionAuthorization
	case admin.OrderCreateFinancialStatusVoided:
		kind = fulfillment.TransactionVoid
	default:
		return nil
	}
	return []fulfillment.Transaction{{Kind: kind, Status: fulfillment.TransactionSuccess, Gateway: "manual", Amount: order.Totals(nil).Total}}
}

func (m *mutation) lineOf(ctx context.Context, in *admin.OrderCreateLineItemInput, position int) (fulfillment.LineItem, *fulfillment.Error, error) {
	line := fulfillment.LineItem{
		Title: value(in.Title), SKU: value(in.Sku), Quantity: in.Quantity, RequiresShipping: in.RequiresShipping,
		VariantTitle: value(in.VariantTitle), Vendor: value(in.Vendor), Taxable: in.Taxable,
	}
	if in.PriceSet != nil {
		line.UnitPrice = in.PriceSet.ShopMoney.Amount
	}
	for key, id := range map[string]*string{admin.MetadataVariantID: in.VariantID, admin.MetadataProductID: in.ProductID} {
		if id == nil {
			continue
		}
		if line.Metadata == nil {
			line.Metadata = map[string]string{}
		}
		line.Metadata[key] = *id
	}
	for _, p := range in.Properties {
		line.CustomAttributes = append(line.CustomAttributes, fulfillment.Attribute{Key: p.Name, Value: p.Value})
	}
	for _, t := range in.TaxLines {
		tax := fulfillment.TaxLine{Title: t.Title, Rate: t.Rate}
		if t.PriceSet != nil {
			tax.Price = t.PriceSet.ShopMoney.Amount
		}
		line.TaxLines = append(line.TaxLines, tax)
	}
	handle := value(in.FulfillmentService)
	if handle == "" || handle == fulfillment.ManualProvider {
		return line, nil, nil
	}
	services, err := m.Store.AllServices(ctx)
	if err != nil {
		return line, nil, err
	}
	for _, s := range services {
		if s.Handle == handle {
			line.LocationID = s.LocationID
			return line, nil, nil
		}
	}
	return line, &fulfillment.Error{Code: fulfillment.Code(admin.OrderCreateUserErrorCodeFulfillmentServiceInvalid),
		Field: []string{"lineItems", strconv.Itoa(position), "fulfillmentService"}, Message: "Fulfillment service " + strconv.Quote(handle) + " does not exist."}, nil
}

func address(in *admin.MailingAddressInput) *fulfillment.Address {
	if in == nil {
		return nil
	}
	return &fulfillment.Address{
		FirstName: value(in.FirstName), LastName: value(in.LastName), Company: value(in.Company), Address1: value(in.Address1),
		Address2: value(in.Address2), City: value(in.City), ProvinceCode: value(in.ProvinceCode), CountryCode: value(in.CountryCode),
		Zip: value(in.Zip), Phone: value(in.Phone),
	}
}

// OrderCancel answers when every fulfillment order has answered, so that its job is done already. Refunds and stock are
// not Packhorse's.
func (m *mutation) OrderCancel(ctx context.Context, orderID string, _, _ *bool, _ *admin.OrderCancelRefundMethodInput, _ bool, reason admin.OrderCancelReason, _ *string) (*admin.OrderCancelPayload, error) {
	if denied := caller(ctx).MayCall("orderCancel"); denied != nil {
		return nil, denied
	}
	id, err := admin.ParseGIDOf(orderID, admin.TypeOrder)
	if err != nil {
		return nil, err
	}
	refuse := func(c admin.OrderCancelUserErrorCode, field []string, message string) *admin.OrderCancelPayload {
		return &admin.OrderCancelPayload{
			OrderCancelUserErrors: []*admin.OrderCancelUserError{{Code: &c, Field: field, Message: message}},
			UserErrors:            []*admin.UserError{{Field: field, Message: message}},
		}
	}
	cmd := fulfillment.CancelOrder{OrderID: id, Reason: string(reason)}
	cmd.Actor, cmd.CommandID = caller(ctx).Actor(fulfillment.AssignedLocation{}), operation.CommandID(ctx, "")
	cancelled, err := m.Commands.CancelOrder(ctx, cmd)
	admin.Forget(ctx)
	if err != nil {
		refused, err := split(err)
		switch {
		case err != nil:
			return nil, err
		case refused.Code == fulfillment.CodeOrderNotFound:
			return refuse(admin.OrderCancelUserErrorCodeNotFound, []string{"orderId"}, "Order does not exist"), nil
		}
		return refuse(admin.OrderCancelUserErrorCodeInvalid, refused.Field, refused.Message), nil
	}
	for _, fo := range cancelled.FulfillmentOrders {
		if fo.Outcome == fulfillment.CancelOutcomeRefused {
			return refuse(admin.OrderCancelUserErrorCodeInvalid, []string{"orderId"}, fo.Error.Message), nil
		}
	}
	return &admin.OrderCancelPayload{
		Job:                   admin.NewJob(id),
		OrderCancelUserErrors: []*admin.OrderCancelUserError{}, UserErrors: plain(),
	}, nil
}
