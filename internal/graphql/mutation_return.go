package graphql

import (
	"context"
	"strconv"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/returns"
)

// ReturnRequest asks for a return.
func (m *mutation) ReturnRequest(
	ctx context.Context, in admin.ReturnRequestInput,
) (*admin.ReturnRequestPayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	payload := new(admin.ReturnRequestPayload)
	lines := make([]*admin.ReturnLineItemInput, len(in.ReturnLineItems))
	notes := make([]string, len(in.ReturnLineItems))
	for i, l := range in.ReturnLineItems {
		lines[i] = &admin.ReturnLineItemInput{
			FulfillmentLineItemID: l.FulfillmentLineItemID, Quantity: l.Quantity, RestockingFee: l.RestockingFee,
			ReturnReason: l.ReturnReason, ReturnReasonDefinitionID: l.ReturnReasonDefinitionID,
		}
		notes[i] = value(l.CustomerNote)
	}
	cmd := &returns.Request{}
	var err error
	cmd.Opened, err = opened(in.OrderID, lines, in.ReturnShippingFee, in.RmaNumber)
	if err != nil {
		return nil, err
	}
	for i := range cmd.Lines {
		cmd.Lines[i].CustomerNote = notes[i]
	}
	payload.Return, err = m.begin(ctx, cmd.OrderID, cmd, &payload.UserErrors)
	return payload, err
}

// ReturnCreate makes a return that is open at once.
func (m *mutation) ReturnCreate(ctx context.Context, in admin.ReturnInput) (*admin.ReturnCreatePayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	payload := new(admin.ReturnCreatePayload)
	cmd := &returns.Create{
		Expected:    returns.Expected{By: in.ExpectedBy},
		RequestedAt: in.RequestedAt, Notify: value(in.NotifyCustomer),
	}
	var err error
	cmd.Opened, err = opened(in.OrderID, in.ReturnLineItems, in.ReturnShippingFee, in.RmaNumber)
	if err != nil {
		return nil, err
	}
	cmd.ExchangeLines, err = exchanged(ctx, cmd.OrderID, in.ExchangeLineItems)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.Return, err = m.begin(ctx, cmd.OrderID, cmd, &payload.UserErrors)
	for _, e := range payload.UserErrors {
		if last := len(e.Field) - 1; last >= 0 && e.Field[last] == "unitPrice" { // In the words of the input.
			e.Field = append(e.Field[:last:last], "price", "amount")
		}
	}
	return payload, err
}

// exchanged is what the customer is to get for it. Prices are in the order's currency: the domain knows no other.
func exchanged(
	ctx context.Context, orderID fulfillment.ID, in []*admin.ExchangeLineItemInput,
) ([]returns.NewExchangeLine, error) {
	var lines []returns.NewExchangeLine
	for i, l := range in {
		line := returns.NewExchangeLine{Title: value(l.Title), SKU: value(l.Sku), Quantity: l.Quantity}
		if l.Price != nil {
			order, err := admin.LoadOrder(ctx, orderID)
			if err != nil {
				return nil, err
			}
			if order != nil && order.State.CurrencyCode != "" && order.State.CurrencyCode != l.Price.CurrencyCode {
				return nil, &fulfillment.Error{
					Code: fulfillment.CodeInvalid,
					Field: []string{
						"returnInput", "exchangeLineItems", strconv.Itoa(i), "price", "currencyCode",
					},
					Message: "Price must be in the order's currency, " + order.State.CurrencyCode + ".",
				}
			}
			line.UnitPrice = l.Price.Amount
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// opened is what a return begins with.
func opened(
	orderID string, lines []*admin.ReturnLineItemInput, fee *admin.ReturnShippingFeeInput, rmaNumber *string,
) (returns.Opened, error) {
	in := returns.Opened{ShippingFee: shippingFee(fee), RMANumber: value(rmaNumber)}
	var err error
	if in.OrderID, err = admin.ParseGIDOf(orderID, admin.TypeOrder); err != nil {
		return in, err
	}
	for _, l := range lines {
		line := returns.NewLine{
			Quantity: l.Quantity, Reason: value(l.ReturnReason), ReasonNote: value(l.ReturnReasonNote),
			RestockingFee: restockingFee(l.RestockingFee),
		}
		line.FulfillmentLineID, err = admin.ParseGIDOrZero(l.FulfillmentLineItemID, admin.TypeFulfillmentLineItem)
		if err != nil {
			return in, err
		}
		if id := value(l.ReturnReasonDefinitionID); id != "" {
			line.DefinitionID, err = admin.ParseGIDOrZero(id, admin.TypeReturnReasonDefinition)
			if err != nil {
				return in, err
			}
			if line.DefinitionID == 0 { // One that can't exist is not one that was left out.
				line.DefinitionID = -1
			}
		}
		in.Lines = append(in.Lines, line)
	}
	return in, nil
}

// ReturnApproveRequest lets what was asked for come back.
func (m *mutation) ReturnApproveRequest(
	ctx context.Context, in admin.ReturnApproveRequestInput,
) (*admin.ReturnApproveRequestPayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	payload := new(admin.ReturnApproveRequestPayload)
	cmd := &returns.Approve{Expected: returns.Expected{By: in.ExpectedBy}, Notify: value(in.NotifyCustomer)}
	for _, l := range in.DeclinedReturnLineItems {
		id, err := admin.ParseGIDOrZero(l.ReturnLineItemID, admin.TypeReturnLineItem)
		if err != nil {
			return nil, err
		}
		cmd.Declined = append(cmd.Declined, returns.DeclinedUnits{
			ReturnLineID: id, Quantity: value(l.Quantity), Reason: l.DeclineReason, Note: value(l.DeclineNote),
		})
	}
	var err error
	payload.Return, err = m.onReturn(ctx, in.ID, cmd, &payload.UserErrors)
	return payload, err
}

// ReturnDeclineRequest refuses what was asked for.
func (m *mutation) ReturnDeclineRequest(
	ctx context.Context, in admin.ReturnDeclineRequestInput,
) (*admin.ReturnDeclineRequestPayload, error) {
	payload := new(admin.ReturnDeclineRequestPayload)
	var err error
	payload.Return, err = m.onReturn(ctx, in.ID, &returns.Decline{
		Reason: in.DeclineReason, Note: value(in.DeclineNote), Notify: value(in.NotifyCustomer),
	}, &payload.UserErrors)
	return payload, err
}

// ReturnCancel calls an open return off.
func (m *mutation) ReturnCancel(
	ctx context.Context, id string, notify *bool,
) (*admin.ReturnCancelPayload, error) {
	payload := new(admin.ReturnCancelPayload)
	var err error
	payload.Return, err = m.onReturn(ctx, id, &returns.Cancel{Notify: value(notify)}, &payload.UserErrors)
	return payload, err
}

// ReturnClose says that nothing is left to be done.
func (m *mutation) ReturnClose(ctx context.Context, id string) (*admin.ReturnClosePayload, error) {
	payload := new(admin.ReturnClosePayload)
	var err error
	payload.Return, err = m.onReturn(ctx, id, &returns.Close{}, &payload.UserErrors)
	return payload, err
}

// ReturnReopen takes up a closed return again.
func (m *mutation) ReturnReopen(ctx context.Context, id string) (*admin.ReturnReopenPayload, error) {
	payload := new(admin.ReturnReopenPayload)
	var err error
	payload.Return, err = m.onReturn(ctx, id, &returns.Reopen{}, &payload.UserErrors)
	return payload, err
}

// RemoveFromReturn takes units out of a return.
func (m *mutation) RemoveFromReturn(
	ctx context.Context, exchanged []*admin.ExchangeLineItemRemoveFromReturnInput, returnID string,
	lines []*admin.ReturnLineItemRemoveFromReturnInput,
) (*admin.RemoveFromReturnPayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	payload := new(admin.RemoveFromReturnPayload)
	cmd := &returns.Remove{}
	for _, l := range lines {
		id, err := admin.ParseGIDOrZero(l.ReturnLineItemID, admin.TypeReturnLineItem)
		if err != nil {
			return nil, err
		}
		cmd.Lines = append(cmd.Lines, returns.RemovedUnits{ReturnLineID: id, Quantity: l.Quantity})
	}
	for _, l := range exchanged {
		id, err := admin.ParseGIDOrZero(l.ExchangeLineItemID, admin.TypeExchangeLineItem)
		if err != nil {
			return nil, err
		}
		cmd.ExchangeLines = append(cmd.ExchangeLines, returns.RemovedExchange{
			ExchangeLineID: id, Quantity: l.Quantity,
		})
	}
	var err error
	payload.Return, err = m.onReturn(ctx, returnID, cmd, &payload.UserErrors)
	return payload, err
}

// ReturnProcess says that units are done with.
func (m *mutation) ReturnProcess(
	ctx context.Context, in admin.ReturnProcessInput,
) (*admin.ReturnProcessPayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	payload := new(admin.ReturnProcessPayload)
	cmd := &returns.Process{Note: value(in.Note), Notify: value(in.NotifyCustomer)}
	for _, l := range in.ReturnLineItems {
		id, err := admin.ParseGIDOrZero(l.ID, admin.TypeReturnLineItem)
		if err != nil {
			return nil, err
		}
		units, err := dispositions(l.Dispositions)
		if err != nil {
			return nil, err
		}
		cmd.Lines = append(cmd.Lines, returns.ProcessedUnits{
			ReturnLineID: id, Quantity: l.Quantity, Dispositions: units,
		})
	}
	for _, l := range in.ExchangeLineItems {
		id, err := admin.ParseGIDOrZero(l.ID, admin.TypeExchangeLineItem)
		if err != nil {
			return nil, err
		}
		cmd.ExchangeLines = append(cmd.ExchangeLines, returns.Quantity{ID: id, Quantity: l.Quantity})
	}
	var err error
	payload.Return, err = m.onReturn(ctx, in.ReturnID, cmd, &payload.UserErrors)
	return payload, err
}

// begin makes a return, and answers it as it is then.
func (m *mutation) begin(
	ctx context.Context, orderID fulfillment.ID, cmd returns.Opening, refusals *[]*admin.ReturnUserError,
) (*admin.Return, error) {
	result, err := m.Returns.Begin(ctx, orderID, cmd)
	return returned(ctx, result, err, refusals)
}

// onReturn gives a command to the return with this global ID, and answers it as it is then.
func (m *mutation) onReturn(
	ctx context.Context, gid string, cmd returns.Command, refusals *[]*admin.ReturnUserError,
) (*admin.Return, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	id, err := admin.ParseGIDOf(gid, admin.TypeReturn)
	if err != nil {
		return nil, err
	}
	result, err := m.Returns.Send(ctx, id, cmd)
	return returned(ctx, result, err, refusals)
}

// returned makes a payload's return and user errors of what an operation came to. What is read next is read anew.
func returned(
	ctx context.Context, result returns.Result, err error, refusals *[]*admin.ReturnUserError,
) (*admin.Return, error) {
	admin.Forget(ctx)
	if ok, err := accepted(refusals, err); !ok {
		return nil, err
	}
	return admin.LoadReturn(ctx, result.ReturnID)
}
