package graphql

import (
	"context"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/operation"
)

// OrderCreate takes an order in and answers once it is routed. What the options say about stock and mail has no effect:
// Packhorse counts no stock and writes to nobody.
func (m *mutation) OrderCreate(
	ctx context.Context, in admin.OrderCreateOrderInput, _ *admin.OrderCreateOptionsInput,
) (*admin.OrderCreatePayload, error) {
	payload := &admin.OrderCreatePayload{}
	created, err := m.Orders.Create(ctx, newOrder(in))
	admin.Forget(ctx)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		for _, e := range payload.UserErrors {
			e.Field = append([]string{"order"}, inOrderCreate(e.Field)...)
		}
		return payload, err
	}
	payload.Order, err = admin.LoadOrder(ctx, created.OrderID)
	return payload, err
}

// inOrderCreate is the place in `OrderCreateOrderInput` of a place in an order.
func inOrderCreate(path []string) []string {
	path = slices.Clone(path)
	if len(path) == 0 {
		return path
	}
	var above string
	if len(path) > 2 {
		above = path[len(path)-3]
	}
	last := len(path) - 1
	switch path[last] {
	case "currencyCode":
		path[last] = "currency"
	case "unitPrice":
		return append(path[:last], "priceSet", "shopMoney", "amount")
	case "price":
		if above == "taxLines" {
			return append(path[:last], "priceSet", "shopMoney", "amount")
		}
	case "amount":
		if above == "transactions" {
			return append(path[:last], "amountSet", "shopMoney", "amount")
		}
	case "key", "value":
		if above == "customAttributes" && path[0] == "lineItems" { // Shopify's word for those of a line.
			path[last-2] = "properties"
			if path[last] == "key" {
				path[last] = "name"
			}
		}
	}
	return path
}

func newOrder(in admin.OrderCreateOrderInput) operation.NewOrder {
	order := operation.NewOrder{
		Order: fulfillment.Order{
			Name: value(in.Name), SourceIdentifier: value(in.SourceIdentifier), ProcessedAt: in.ProcessedAt,
			Email: value(in.Email), Phone: value(in.Phone), Note: value(in.Note), Tags: in.Tags,
			CurrencyCode: value(in.Currency), Test: value(in.Test),
			ShippingAddress: address(in.ShippingAddress), ShippingOption: shippingOption(in.ShippingOption),
			DeliveryMethod: value(in.DeliveryMethod),
		},
		Services: map[int]string{}, Currencies: map[int]string{},
		Payment: fulfillment.FinancialStatus(value(in.FinancialStatus)),
	}
	for _, a := range in.CustomAttributes {
		order.CustomAttributes = append(order.CustomAttributes, fulfillment.Attribute{Key: a.Key, Value: a.Value})
	}
	if in.ShippingOption != nil {
		for _, d := range in.ShippingOption.Data {
			order.OptionData = append(order.OptionData, fulfillment.Attribute{Key: d.Key, Value: d.Value})
		}
	}
	for i, l := range in.LineItems {
		order.LineItems = append(order.LineItems, lineItem(l))
		if handle := value(l.FulfillmentService); handle != "" && handle != fulfillment.ManualHandle {
			order.Services[i] = handle
		}
		if l.PriceSet != nil {
			order.Currencies[i] = l.PriceSet.ShopMoney.CurrencyCode
		}
	}
	for _, t := range in.Transactions {
		order.Transactions = append(order.Transactions, fulfillment.Transaction{
			Kind: value(t.Kind), Status: value(t.Status), Gateway: value(t.Gateway), Test: value(t.Test),
			Amount: t.AmountSet.ShopMoney.Amount})
	}
	return order
}

func lineItem(in *admin.OrderCreateLineItemInput) fulfillment.LineItem {
	line := fulfillment.LineItem{
		Title: value(in.Title), SKU: value(in.Sku), Quantity: in.Quantity,
		RequiresShipping: new(value(in.RequiresShipping)),
		VariantTitle:     value(in.VariantTitle), Vendor: value(in.Vendor), Taxable: in.Taxable,
		DeliveryMethod: value(in.DeliveryMethod), Weight: in.Weight,
		HarmonizedSystemCode: value(in.HarmonizedSystemCode), CountryCodeOfOrigin: value(in.CountryCodeOfOrigin),
	}
	if in.PriceSet != nil {
		line.UnitPrice = in.PriceSet.ShopMoney.Amount
	}
	for key, id := range map[string]*string{
		admin.MetadataVariantID: in.VariantID, admin.MetadataProductID: in.ProductID,
	} {
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
	return line
}

func shippingOption(in *admin.OrderCreateShippingOptionInput) *fulfillment.ShippingOption {
	if in == nil {
		return nil
	}
	option := &fulfillment.ShippingOption{ID: value(in.ID), Rule: value(in.Rule), WithinDays: in.WithinDays}
	return option
}

func address(in *admin.MailingAddressInput) *fulfillment.Address {
	if in == nil {
		return nil
	}
	return &fulfillment.Address{
		FirstName: value(in.FirstName), LastName: value(in.LastName), Company: value(in.Company),
		Address1: value(in.Address1), Address2: value(in.Address2), City: value(in.City),
		ProvinceCode: value(in.ProvinceCode), CountryCode: value(in.CountryCode),
		Zip: value(in.Zip), Phone: value(in.Phone),
	}
}

// OrderCancel answers when every fulfillment order has answered, so that its job is done already. Refunds and stock are
// not Packhorse's.
func (m *mutation) OrderCancel(
	ctx context.Context, orderID string, _, refund *bool, refundMethod *admin.OrderCancelRefundMethodInput, _ bool,
	reason admin.OrderCancelReason, staffNote *string,
) (*admin.OrderCancelPayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	id, err := admin.ParseGIDOf(orderID, admin.TypeOrder)
	if err != nil {
		return nil, err
	}
	payload := &admin.OrderCancelPayload{}
	_, refused := m.Orders.Cancel(ctx, operation.Cancellation{
		CancelOrder: fulfillment.CancelOrder{OrderID: id, Reason: string(reason)}, StaffNote: value(staffNote),
		Refund: refund != nil, RefundMethod: refundMethod != nil,
	})
	admin.Forget(ctx)
	if _, err := acceptedPlain(&payload.UserErrors, refused); err != nil {
		return nil, err
	}
	if ok, err := accepted(&payload.OrderCancelUserErrors, refused); !ok {
		return payload, err
	}
	payload.Job = admin.NewJob(id)
	return payload, nil
}
