package graphql

import (
	"context"
	"strconv"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/returns"
)

func (*query) Return(ctx context.Context, id string) (*admin.Return, error) {
	return one(ctx, "return", id, admin.TypeReturn, admin.LoadReturn)
}

func (*query) ReverseFulfillmentOrder(ctx context.Context, id string) (*admin.ReverseFulfillmentOrder, error) {
	return one(
		ctx, "reverseFulfillmentOrder", id, admin.TypeReverseFulfillmentOrder, admin.LoadReverseFulfillmentOrder,
	)
}

func (*query) ReverseDelivery(ctx context.Context, id string) (*admin.ReverseDelivery, error) {
	return one(ctx, "reverseDelivery", id, admin.TypeReverseDelivery, admin.LoadReverseDelivery)
}

func (*query) ReturnableFulfillment(ctx context.Context, id string) (*admin.ReturnableFulfillment, error) {
	return one(ctx, "returnableFulfillment", id, admin.TypeReturnableFulfillment, admin.LoadReturnableFulfillment)
}

func (*query) ReturnableFulfillments(
	ctx context.Context, orderID string, first *int, after *string, last *int, before *string, reverse *bool,
) (*admin.ReturnableFulfillmentConnection, error) {
	id, err := admin.ParseGIDOf(orderID, admin.TypeOrder)
	if err != nil {
		return nil, err
	}
	if id == 0 || hidden(ctx, "returnableFulfillments") {
		return &admin.ReturnableFulfillmentConnection{
			Edges: []*admin.ReturnableFulfillmentEdge{}, Nodes: []*admin.ReturnableFulfillment{},
			PageInfo: &admin.PageInfo{},
		}, nil
	}
	return admin.LoadersFrom(ctx).ReturnableFulfillments(
		ctx, id, admin.Paging{First: first, After: after, Last: last, Before: before, Reverse: reverse},
	)
}

func (*query) ReturnReasonDefinitions(
	ctx context.Context, handles, ids []string, first *int, after *string, last *int, before *string, reverse *bool,
	sortKey *admin.ReturnReasonDefinitionSortKeys, query *string,
) (*admin.ReturnReasonDefinitionConnection, error) {
	if hidden(ctx, "returnReasonDefinitions") {
		return &admin.ReturnReasonDefinitionConnection{
			Edges: []*admin.ReturnReasonDefinitionEdge{}, Nodes: []*admin.ReturnReasonDefinition{},
			PageInfo: &admin.PageInfo{},
		}, nil
	}
	only, err := admin.ParseGIDs(ids, admin.TypeReturnReasonDefinition)
	if err != nil {
		return nil, err
	}
	return admin.ReturnReasonDefinitions(admin.ReasonList{
		Paging:  admin.Paging{First: first, After: after, Last: last, Before: before, Reverse: reverse},
		SortKey: sortKey, Query: query, IDs: only, Handles: handles,
	})
}

// ReturnCalculate is null for an order that there is not, and for a caller who may not read returns.
func (*query) ReturnCalculate(
	ctx context.Context, input admin.CalculateReturnInput,
) (*admin.CalculatedReturn, error) {
	id, err := admin.ParseGIDOf(input.OrderID, admin.TypeOrder)
	if err != nil {
		return nil, err
	}
	in := returns.Calculate{OrderID: id, ShippingFee: shippingFee(input.ReturnShippingFee)}
	for _, l := range input.ReturnLineItems {
		line, err := admin.ParseGIDOrZero(l.FulfillmentLineItemID, admin.TypeFulfillmentLineItem)
		if err != nil {
			return nil, err
		}
		in.Lines = append(in.Lines, returns.CalculateUnits{
			FulfillmentLineID: line, Quantity: l.Quantity, RestockingFee: restockingFee(l.RestockingFee),
		})
	}
	if len(input.ExchangeLineItems) > 0 {
		return nil, &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Field: []string{"input", "exchangeLineItems"},
			Message: "What goes out in exchange is not computed: there is no catalogue with its prices.",
		}
	}
	if id == 0 || hidden(ctx, "returnCalculate") {
		return nil, nil
	}
	return admin.LoadersFrom(ctx).CalculateReturn(ctx, in)
}

func shippingFee(in *admin.ReturnShippingFeeInput) *returns.ShippingFee {
	if in == nil {
		return nil
	}
	return &returns.ShippingFee{Amount: in.Amount.Amount, CurrencyCode: in.Amount.CurrencyCode}
}

func restockingFee(in *admin.RestockingFeeInput) *returns.RestockingFee {
	if in == nil {
		return nil
	}
	return &returns.RestockingFee{Percentage: strconv.FormatFloat(in.Percentage, 'f', -1, 64)}
}
