package operation

import (
	"context"
	"errors"
	"slices"

	"packhorse/internal/fulfillment"
)

// OrderEdits is how callers change what was ordered: in a session that gathers changes, which happen when it is
// committed. Both fields are needed.
type OrderEdits struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		Order(ctx context.Context, id fulfillment.ID) (*fulfillment.OrderRecord, error)
		BeginEdit(ctx context.Context, orderID fulfillment.ID, app string) (fulfillment.EditSession, error)
		ChangeEdit(
			ctx context.Context, id fulfillment.ID, change func(*fulfillment.EditSession) error,
		) (fulfillment.EditSession, error)
		CommitEdit(ctx context.Context, id fulfillment.ID) (fulfillment.EditSession, error)
		ReopenEdit(ctx context.Context, id fulfillment.ID, version int64) error
	}
	// Commands gives commands to the workflows of orders: a *Commands.
	Commands interface {
		EditOrder(ctx context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error)
	}

	minter fulfillment.Minter
}

// Begin opens a session for an order.
func (o *OrderEdits) Begin(ctx context.Context, orderID fulfillment.ID) (fulfillment.EditSession, error) {
	if err := mayCall(ctx, editBegin); err != nil {
		return fulfillment.EditSession{}, err
	}
	order, err := o.Store.Order(ctx, orderID)
	switch {
	case errors.Is(err, fulfillment.ErrNotFound):
		return fulfillment.EditSession{}, &fulfillment.Error{
			Code: fulfillment.CodeOrderNotFound, Field: []string{"id"}, Message: "The order does not exist.",
		}
	case err != nil:
		return fulfillment.EditSession{}, err
	case order.CancelledAt != nil:
		return fulfillment.EditSession{}, &fulfillment.Error{Code: fulfillment.CodeInvalidState, Field: []string{"id"},
			Message: "The order cannot be edited: it is canceled."}
	}
	return o.Store.BeginEdit(ctx, orderID, caller(ctx).App.Handle)
}

// SetQuantity sets the quantity of a line of the order, or of one that the session adds.
func (o *OrderEdits) SetQuantity(
	ctx context.Context, id fulfillment.ID, line fulfillment.Quantity,
) (fulfillment.EditSession, error) {
	return o.change(ctx, editSetQuantity, id, func(
		session *fulfillment.EditSession, order *fulfillment.OrderRecord,
	) error {
		named := func(l fulfillment.LineItem) bool { return l.ID == line.ID }
		switch {
		case line.Quantity < 0:
			return invalid("Quantity must not be negative.", "quantity")
		case !slices.ContainsFunc(order.LineItems, named) && !slices.ContainsFunc(session.Changes.Add, named):
			return &fulfillment.Error{
				Code: fulfillment.CodeLineItemNotFound, Field: []string{"lineItemId"},
				Message: "The line item is not in the order.",
			}
		}
		session.Changes.SetQuantity(line)
		return nil
	})
}

// AddItem adds a line, and returns its ID. Asked for again under the same idempotency key, it is the same line.
func (o *OrderEdits) AddItem(
	ctx context.Context, id fulfillment.ID, line fulfillment.LineItem,
) (fulfillment.EditSession, fulfillment.ID, error) {
	line.ID = o.minter.Mint()
	if key, ok := KeyFrom(ctx); ok {
		line.ID = key.ID("line-item")
	}
	session, err := o.change(ctx, editAddItem, id, func(
		session *fulfillment.EditSession, _ *fulfillment.OrderRecord,
	) error {
		switch {
		case line.Quantity <= 0:
			return invalid("Quantity must be greater than 0", "quantity")
		case line.Title == "":
			return invalid("Title can't be blank", "title")
		}
		if !slices.ContainsFunc(session.Changes.Add, func(l fulfillment.LineItem) bool { return l.ID == line.ID }) {
			session.Changes.Add = append(session.Changes.Add, line)
		}
		return nil
	})
	return session, line.ID, err
}

// AddVariant is always refused: Packhorse has no catalogue that a variant could be looked up in.
func (o *OrderEdits) AddVariant(ctx context.Context, id fulfillment.ID) error {
	_, err := o.change(ctx, editAddVariant, id, func(*fulfillment.EditSession, *fulfillment.OrderRecord) error {
		return invalid("The variant does not exist: there is no catalogue. Use orderEditAddCustomItem.", "variantId")
	})
	return err
}

// Commit ends a session and carries its changes out, and returns the ID of the order. If they are refused, the session
// can be changed again.
func (o *OrderEdits) Commit(ctx context.Context, id fulfillment.ID) (fulfillment.ID, error) {
	if err := mayCall(ctx, editCommit); err != nil {
		return 0, err
	}
	session, err := o.Store.CommitEdit(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return 0, noSuchEdit()
	}
	if err != nil || len(session.Changes.Add)+len(session.Changes.SetQuantities) == 0 {
		return session.OrderID, err
	}
	cmd := session.Command()
	cmd.Actor = caller(ctx).Actor(nowhere)
	_, err = o.Commands.EditOrder(ctx, cmd)
	if refused, ok := fulfillment.AsError(err); ok && refused.Final() {
		if err := o.Store.ReopenEdit(ctx, session.ID, session.Version); err != nil {
			return 0, err
		}
	}
	return session.OrderID, err
}

// change changes a session that is not committed yet.
func (o *OrderEdits) change(
	ctx context.Context, name string, id fulfillment.ID,
	change func(*fulfillment.EditSession, *fulfillment.OrderRecord) error,
) (fulfillment.EditSession, error) {
	if err := mayCall(ctx, name); err != nil {
		return fulfillment.EditSession{}, err
	}
	session, err := o.Store.ChangeEdit(ctx, id, func(session *fulfillment.EditSession) error {
		order, err := o.Store.Order(ctx, session.OrderID)
		if err != nil {
			return err
		}
		return change(session, order)
	})
	if errors.Is(err, fulfillment.ErrNotFound) {
		return fulfillment.EditSession{}, noSuchEdit()
	}
	return session, err
}

func noSuchEdit() *fulfillment.Error {
	return invalid("The calculated order does not exist.", "id")
}

func invalid(message string, field ...string) *fulfillment.Error {
	return &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: field, Message: message}
}
