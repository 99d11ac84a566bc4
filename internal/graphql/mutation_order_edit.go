package graphql

import (
	"context"
	"errors"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
)

func (m *mutation) OrderEditBegin(ctx context.Context, id string) (*admin.OrderEditBeginPayload, error) {
	if denied := caller(ctx).MayCall("orderEditBegin"); denied != nil {
		return nil, denied
	}
	orderID, err := admin.ParseGIDOf(id, admin.TypeOrder)
	if err != nil {
		return nil, err
	}
	record, err := m.Store.Order(ctx, orderID)
	switch {
	case errors.Is(err, postgres.ErrNotFound):
		return &admin.OrderEditBeginPayload{UserErrors: plain(&fulfillment.Error{Field: []string{"id"}, Message: "The order does not exist."})}, nil
	case err != nil:
		return nil, err
	case record.CancelledAt != nil:
		return &admin.OrderEditBeginPayload{UserErrors: plain(&fulfillment.Error{Field: []string{"id"}, Message: "The order cannot be edited: it is canceled."})}, nil
	}
	session, err := m.Store.BeginEdit(ctx, orderID, caller(ctx).App.Handle)
	if err != nil {
		return nil, err
	}
	calculated, err := admin.NewCalculatedOrder(ctx, session)
	return &admin.OrderEditBeginPayload{CalculatedOrder: calculated, UserErrors: plain()}, err
}

func (m *mutation) OrderEditSetQuantity(ctx context.Context, id, lineItemID string, quantity int, _ *bool) (*admin.OrderEditSetQuantityPayload, error) {
	line, err := admin.ParseGIDOf(lineItemID, admin.TypeCalculatedLineItem, admin.TypeLineItem)
	if err != nil {
		return nil, err
	}
	calculated, refused, err := m.changeEdit(ctx, "orderEditSetQuantity", id, func(session *fulfillment.EditSession, order *postgres.OrderRecord) error {
		if quantity < 0 {
			return &fulfillment.Error{Field: []string{"quantity"}, Message: "Quantity must not be negative."}
		}
		if !inEdit(session, order, line) {
			return &fulfillment.Error{Field: []string{"lineItemId"}, Message: "The line item is not in the order."}
		}
		session.Changes.SetQuantity(fulfillment.Quantity{ID: line, Quantity: quantity})
		return nil
	})
	if err != nil || refused != nil {
		return &admin.OrderEditSetQuantityPayload{UserErrors: plain(refused)}, err
	}
	return &admin.OrderEditSetQuantityPayload{CalculatedOrder: calculated, CalculatedLineItem: calculated.Line(line), UserErrors: plain()}, nil
}

// inEdit tells whether the order, or the edit, has the line.
func inEdit(session *fulfillment.EditSession, order *postgres.OrderRecord, line fulfillment.ID) bool {
	named := func(l fulfillment.LineItem) bool { return l.ID == line }
	return slices.ContainsFunc(order.LineItems, named) || slices.ContainsFunc(session.Changes.Add, named)
}

func (m *mutation) OrderEditAddCustomItem(ctx context.Context, id string, locationID *string, price admin.MoneyInput, quantity int, requiresShipping, taxable *bool, title string) (*admin.OrderEditAddCustomItemPayload, error) {
	line := fulfillment.LineItem{ID: m.minter.Mint(), Title: title, Quantity: quantity, UnitPrice: price.Amount, RequiresShipping: requiresShipping, Taxable: taxable}
	if key, ok := operation.KeyFrom(ctx); ok { // Sent again, it is the same line.
		line.ID = key.ID("line-item")
	}
	if locationID != nil {
		var err error
		if line.LocationID, err = admin.ParseGIDOf(*locationID, admin.TypeLocation); err != nil {
			return nil, err
		}
	}
	calculated, refused, err := m.changeEdit(ctx, "orderEditAddCustomItem", id, func(session *fulfillment.EditSession, _ *postgres.OrderRecord) error {
		switch {
		case quantity <= 0:
			return &fulfillment.Error{Field: []string{"quantity"}, Message: "Quantity must be greater than 0"}
		case title == "":
			return &fulfillment.Error{Field: []string{"title"}, Message: "Title can't be blank"}
		}
		added := func(l fulfillment.LineItem) bool { return l.ID == line.ID }
		if !slices.ContainsFunc(session.Changes.Add, added) {
			session.Changes.Add = append(session.Changes.Add, line)
		}
		return nil
	})
	if err != nil || refused != nil {
		return &admin.OrderEditAddCustomItemPayload{UserErrors: plain(refused)}, err
	}
	return &admin.OrderEditAddCustomItemPayload{CalculatedOrder: calculated, CalculatedLineItem: calculated.Line(line.ID), UserErrors: plain()}, nil
}

// OrderEditAddVariant refuses: Packhorse has no catalogue that a variant could be looked up in.
func (m *mutation) OrderEditAddVariant(ctx context.Context, _ *bool, id string, _ *string, _ int, _ string) (*admin.OrderEditAddVariantPayload, error) {
	_, refused, err := m.changeEdit(ctx, "orderEditAddVariant", id, func(*fulfillment.EditSession, *postgres.OrderRecord) error {
		return &fulfillment.Error{Field: []string{"variantId"}, Message: "The variant does not exist: there is no catalogue. Use orderEditAddCustomItem."}
	})
	return &admin.OrderEditAddVariantPayload{UserErrors: plain(refused)}, err
}

func (m *mutation) OrderEditCommit(ctx context.Context, id string, _ *bool, _ *string) (*admin.OrderEditCommitPayload, error) {
	if denied := caller(ctx).MayCall("orderEditCommit"); denied != nil {
		return nil, denied
	}
	sessionID, err := admin.ParseGIDOf(id, admin.TypeCalculatedOrder)
	if err != nil {
		return nil, err
	}
	payload := &admin.OrderEditCommitPayload{SuccessMessages: []string{}, UserErrors: plain()}
	session, err := m.Store.CommitEdit(ctx, sessionID)
	if errors.Is(err, postgres.ErrNotFound) {
		payload.UserErrors = plain(noSuchEdit())
		return payload, nil
	}
	if err != nil {
		return nil, err
	}
	if len(session.Changes.Add)+len(session.Changes.SetQuantities) > 0 {
		cmd := session.Command()
		cmd.Actor = caller(ctx).Actor(fulfillment.AssignedLocation{})
		_, err = m.Commands.EditOrder(ctx, cmd)
		admin.Forget(ctx)
		if err != nil {
			refused, err := split(err)
			if err != nil {
				return nil, err
			}
			payload.UserErrors = plain(refused)
			return payload, m.Store.ReopenEdit(ctx, session.ID, session.Version)
		}
	}
	payload.SuccessMessages = []string{"Order updated"}
	payload.Order, err = admin.LoadOrder(ctx, session.OrderID)
	return payload, err
}

func noSuchEdit() *fulfillment.Error {
	return &fulfillment.Error{Field: []string{"id"}, Message: "The calculated order does not exist."}
}

// changeEdit changes an edit that is not committed yet.
func (m *mutation) changeEdit(ctx context.Context, name, id string, change func(*fulfillment.EditSession, *postgres.OrderRecord) error) (*admin.CalculatedOrder, *fulfillment.Error, error) {
	if denied := caller(ctx).MayCall(name); denied != nil {
		return nil, nil, denied
	}
	sessionID, err := admin.ParseGIDOf(id, admin.TypeCalculatedOrder)
	if err != nil {
		return nil, nil, err
	}
	session, err := m.Store.ChangeEdit(ctx, sessionID, func(session *fulfillment.EditSession) error {
		order, err := m.Store.Order(ctx, session.OrderID)
		if err != nil {
			return err
		}
		return change(session, order)
	})
	if errors.Is(err, postgres.ErrNotFound) {
		return nil, noSuchEdit(), nil
	}
	if err != nil {
		refused, err := split(err)
		return nil, refused, err
	}
	calculated, err := admin.NewCalculatedOrder(ctx, session)
	return calculated, nil, err
}
