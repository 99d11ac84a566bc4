package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/operation"
)

func (m *mutation) OrderEditBegin(ctx context.Context, id string) (*admin.OrderEditBeginPayload, error) {
	if err := mayAsk(ctx); err != nil {
		return nil, err
	}
	orderID, err := admin.ParseGIDOrZero(id, admin.TypeOrder)
	if err != nil {
		return nil, err
	}
	payload := &admin.OrderEditBeginPayload{}
	session, err := m.OrderEdits.Begin(ctx, orderID)
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.CalculatedOrder, err = admin.NewCalculatedOrder(ctx, session)
	return payload, err
}

func (m *mutation) OrderEditSetQuantity(
	ctx context.Context, id, lineItemID string, quantity int, _ *bool,
) (*admin.OrderEditSetQuantityPayload, error) {
	line, err := admin.ParseGIDOf(lineItemID, admin.TypeCalculatedLineItem, admin.TypeLineItem)
	if err != nil {
		return nil, err
	}
	sessionID, err := sessionOf(ctx, id)
	if err != nil {
		return nil, err
	}
	payload := &admin.OrderEditSetQuantityPayload{}
	session, err := m.OrderEdits.SetQuantity(ctx, sessionID, fulfillment.Quantity{ID: line, Quantity: quantity})
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	if payload.CalculatedOrder, err = admin.NewCalculatedOrder(ctx, session); err != nil {
		return nil, err
	}
	payload.CalculatedLineItem = payload.CalculatedOrder.Line(line)
	return payload, nil
}

func (m *mutation) OrderEditAddCustomItem(
	ctx context.Context, countryOfOrigin, hsCode *string, id string, locationID *string, price admin.MoneyInput,
	quantity int, requiresShipping, taxable *bool, title string, weight *fulfillment.Weight,
) (*admin.OrderEditAddCustomItemPayload, error) {
	item := operation.NewItem{LineItem: fulfillment.LineItem{
		Title: title, Quantity: quantity, UnitPrice: price.Amount, RequiresShipping: requiresShipping, Taxable: taxable,
		Weight: weight, HarmonizedSystemCode: value(hsCode), CountryCodeOfOrigin: value(countryOfOrigin),
	}, Currency: price.CurrencyCode, ShopCurrency: admin.LoadersFrom(ctx).Shop().CurrencyCode()}
	if locationID != nil {
		var err error
		if item.LocationID, err = admin.ParseGIDOf(*locationID, admin.TypeLocation); err != nil {
			return nil, err
		}
	}
	sessionID, err := sessionOf(ctx, id)
	if err != nil {
		return nil, err
	}
	payload := &admin.OrderEditAddCustomItemPayload{}
	session, line, err := m.OrderEdits.AddItem(ctx, sessionID, item)
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		return payload, err
	}
	if payload.CalculatedOrder, err = admin.NewCalculatedOrder(ctx, session); err != nil {
		return nil, err
	}
	payload.CalculatedLineItem = payload.CalculatedOrder.Line(line)
	return payload, nil
}

func (m *mutation) OrderEditAddVariant(
	ctx context.Context, _ *bool, id string, _ *string, _ int, _ string,
) (*admin.OrderEditAddVariantPayload, error) {
	sessionID, err := sessionOf(ctx, id)
	if err != nil {
		return nil, err
	}
	payload := &admin.OrderEditAddVariantPayload{}
	_, err = acceptedPlain(&payload.UserErrors, m.OrderEdits.AddVariant(ctx, sessionID))
	return payload, err
}

func (m *mutation) OrderEditCommit(
	ctx context.Context, id string, notifyCustomer *bool, _ *string,
) (*admin.OrderEditCommitPayload, error) {
	sessionID, err := sessionOf(ctx, id)
	if err != nil {
		return nil, err
	}
	payload := &admin.OrderEditCommitPayload{SuccessMessages: []string{}}
	done, err := m.OrderEdits.Commit(ctx, sessionID)
	admin.Forget(ctx)
	if ok, err := acceptedPlain(&payload.UserErrors, err); !ok {
		for _, e := range payload.UserErrors {
			if len(e.Field) > 0 { // What is wrong is in the edit, of which the input names only the ID.
				e.Field = []string{"id"}
			}
		}
		return payload, err
	}
	payload.SuccessMessages = successMessages(value(notifyCustomer), done.Owes)
	payload.Order, err = admin.LoadOrder(ctx, done.OrderID)
	return payload, err
}

// successMessages are Shopify's words for a commit. Packhorse itself writes to nobody.
func successMessages(notify, owes bool) []string {
	messages := []string{"Order updated"}
	switch {
	case notify && owes:
		return append(messages, "Invoice sent")
	case notify:
		return append(messages, "Notification sent")
	}
	return messages
}

// sessionOf reads the ID of an edit session, which the API calls a calculated order.
func sessionOf(ctx context.Context, gid string) (fulfillment.ID, error) {
	if err := mayAsk(ctx); err != nil {
		return 0, err
	}
	return admin.ParseGIDOf(gid, admin.TypeCalculatedOrder)
}
