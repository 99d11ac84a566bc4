package operation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"packhorse/internal/fulfillment"
	"packhorse/internal/routing"
)

// OrderEdits is how callers change what was ordered: in a session that gathers changes, which happen when it is
// committed. What can't be done is refused when it is to be gathered, as far as that can be known then. A session
// belongs to the app that began it: for others there is none. Both fields are needed.
type OrderEdits struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		Order(ctx context.Context, id fulfillment.ID) (*fulfillment.OrderRecord, error)
		FulfillmentOrdersOf(ctx context.Context, orderID fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error)
		Locations(ctx context.Context) ([]fulfillment.Location, error)
		BeginEdit(ctx context.Context, orderID fulfillment.ID, app string) (fulfillment.EditSession, error)
		EditSession(ctx context.Context, id fulfillment.ID) (fulfillment.EditSession, error)
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

// Begin opens a session for an order. The ID of no order is 0.
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
		return fulfillment.EditSession{}, notEditable()
	}
	return o.Store.BeginEdit(ctx, orderID, caller(ctx).App.Handle)
}

// SetQuantity sets the quantity of a line of the order, or of one that the session adds: more of it, less, or none.
func (o *OrderEdits) SetQuantity(
	ctx context.Context, id fulfillment.ID, line fulfillment.Quantity,
) (fulfillment.EditSession, error) {
	return o.change(ctx, editSetQuantity, id, func(
		session *fulfillment.EditSession, order *fulfillment.OrderRecord,
	) error {
		if i := session.Changes.Added(line.ID); i >= 0 {
			if line.Quantity < 0 || line.Quantity > fulfillment.MaxLineQuantity {
				return invalid(fmt.Sprintf("must be 0 to %d", fulfillment.MaxLineQuantity), "quantity")
			}
		} else if err := o.checkQuantity(ctx, order, line); err != nil {
			return err
		}
		session.Changes.SetQuantity(line)
		return nil
	})
}

// checkQuantity refuses a quantity that a line of the order can't get, or that nobody could ship.
func (o *OrderEdits) checkQuantity(
	ctx context.Context, order *fulfillment.OrderRecord, line fulfillment.Quantity,
) error {
	fos, err := o.Store.FulfillmentOrdersOf(ctx, order.ID)
	if err != nil {
		return err
	}
	raised, refused := fulfillment.CheckQuantity(fulfillment.ViewOrder(false, fos), order.LineItems, fos, line)
	if refused != nil {
		return refused
	}
	return o.checkRoute(ctx, order, raised, "quantity")
}

// checkRoute refuses units that nobody could ship. field is the argument that asks for them.
func (o *OrderEdits) checkRoute(
	ctx context.Context, order *fulfillment.OrderRecord, units []fulfillment.LineItem, field string,
) error {
	if len(units) == 0 {
		return nil
	}
	locations, err := o.Store.Locations(ctx)
	if err != nil {
		return err
	}
	_, err = routing.Route(order.With(units), locations, time.Now().UTC())
	refused, ok := fulfillment.AsError(err)
	if !ok {
		return err
	}
	if last := len(refused.Field) - 1; last >= 0 && refused.Field[last] == "locationId" {
		field = "locationId"
	}
	of := *refused
	of.Field = []string{field}
	return &of
}

// NewItem is a line that a session is to add, with what callers say of its price.
type NewItem struct {
	fulfillment.LineItem
	Currency     string // of the price; it must be that of the order
	ShopCurrency string // that of an order which names none
}

// AddItem adds a line, and returns its ID. Asked for again under the same idempotency key, it is the same line.
func (o *OrderEdits) AddItem(
	ctx context.Context, id fulfillment.ID, item NewItem,
) (fulfillment.EditSession, fulfillment.ID, error) {
	line := item.LineItem
	line.ID = o.minter.Mint()
	if key, ok := KeyFrom(ctx); ok {
		line.ID = key.ID("line-item")
	}
	session, err := o.change(ctx, editAddItem, id, func(
		session *fulfillment.EditSession, order *fulfillment.OrderRecord,
	) error {
		if session.Changes.Added(line.ID) >= 0 {
			return nil
		}
		if err := item.check(order); err != nil {
			return err
		}
		// The whole of what a line must be; whether the other changes can still be done is for the commit to say.
		lines := slices.Concat(order.LineItems, session.Changes.Add)
		plan, err := fulfillment.PlanEdit(
			fulfillment.OrderView{}, lines, nil, fulfillment.EditOrder{Add: []fulfillment.LineItem{line}},
			fulfillment.NewIDs(line.ID),
		)
		if err != nil {
			return ofItem(err)
		}
		if err := o.checkRoute(ctx, order, plan.Add, "id"); err != nil {
			return err
		}
		session.Changes.Add = append(session.Changes.Add, line)
		return nil
	})
	return session, line.ID, err
}

// maxTitle is how many characters the title of a line that an edit adds may have.
const maxTitle = 255

// check refuses an item with Shopify's texts, as recorded: one a call.
func (i NewItem) check(order *fulfillment.OrderRecord) error {
	currency := cmp.Or(order.CurrencyCode, i.ShopCurrency)
	switch {
	case strings.TrimSpace(i.Title) == "":
		return invalid("can't be blank", "title")
	case utf8.RuneCountInString(i.Title) > maxTitle:
		return invalid(fmt.Sprintf("is too long (maximum is %d characters)", maxTitle), "title")
	case i.Quantity <= 0:
		return invalid("must be greater than 0", "quantity")
	case strings.HasPrefix(i.UnitPrice, "-") && strings.Trim(i.UnitPrice, "-0.") != "":
		return invalid("must be greater than or equal to 0", "price", "amount")
	case i.Currency != "" && currency != "" && i.Currency != currency:
		return invalid("Currency must be "+currency+".", "price", "amount")
	}
	return nil
}

// ofItem is a refusal of the only line of an edit in words of the line.
func ofItem(err error) error {
	refused, ok := fulfillment.AsError(err)
	if !ok || len(refused.Field) < 3 {
		return err
	}
	of := *refused
	of.Field = refused.Field[2:]
	of.Message = strings.ReplaceAll(refused.Message, "add[0].", "")
	of.Message = strings.TrimPrefix(of.Message, strings.Join(of.Field, ".")+": ")
	return &of
}

// AddVariant is always refused: Packhorse has no catalogue that a variant could be looked up in.
func (o *OrderEdits) AddVariant(ctx context.Context, id fulfillment.ID) error {
	_, err := o.change(ctx, editAddVariant, id, func(*fulfillment.EditSession, *fulfillment.OrderRecord) error {
		return invalid("The variant does not exist in the shop.", "variantId")
	})
	return err
}

// Committed is what a session came to.
type Committed struct {
	OrderID fulfillment.ID
	// FulfillmentOrderIDs are the fulfillment orders that were made of added lines and raised quantities.
	FulfillmentOrderIDs []fulfillment.ID
	Owes                bool // the customer has to pay more now
}

// Commit ends a session and carries its changes out. If they are refused, the session can be changed again.
func (o *OrderEdits) Commit(ctx context.Context, id fulfillment.ID) (Committed, error) {
	if err := mayCall(ctx, editCommit); err != nil {
		return Committed{}, err
	}
	session, err := o.Store.EditSession(ctx, id)
	if err == nil && !mayEdit(ctx, session) {
		err = fulfillment.ErrNotFound
	}
	if err == nil {
		session, err = o.Store.CommitEdit(ctx, id)
	}
	if errors.Is(err, fulfillment.ErrNotFound) {
		return Committed{}, noSuchEdit()
	}
	if err != nil {
		return Committed{}, err
	}
	done := Committed{OrderID: session.OrderID}
	if len(session.Changes.Add)+len(session.Changes.SetQuantities) > 0 {
		cmd := session.Command()
		cmd.Actor = caller(ctx).Actor(nowhere)
		edited, err := o.Commands.EditOrder(ctx, cmd)
		if refused, ok := fulfillment.AsError(err); ok && refused.Final() {
			if err := o.Store.ReopenEdit(ctx, session.ID, session.Version); err != nil {
				return done, err
			}
		}
		if err != nil {
			return done, err
		}
		done.FulfillmentOrderIDs = edited.FulfillmentOrderIDs
	}
	order, err := o.Store.Order(ctx, session.OrderID)
	if err != nil {
		return done, err
	}
	done.Owes = order.Owes(order.Totals(order.CurrentQuantities).CurrentTotal)
	return done, nil
}

// mayEdit tells whether the session is the caller's.
func mayEdit(ctx context.Context, session fulfillment.EditSession) bool {
	by := caller(ctx)
	return by.As != nil || session.BelongsTo(by.App.Handle)
}

// change changes a session that is not committed yet.
func (o *OrderEdits) change(
	ctx context.Context, name string, id fulfillment.ID,
	change func(*fulfillment.EditSession, *fulfillment.OrderRecord) error,
) (fulfillment.EditSession, error) {
	if err := mayCall(ctx, name); err != nil {
		return fulfillment.EditSession{}, err
	}
	session, err := o.Store.EditSession(ctx, id)
	if err == nil && !mayEdit(ctx, session) {
		err = fulfillment.ErrNotFound
	}
	if err == nil {
		session, err = o.Store.ChangeEdit(ctx, id, func(session *fulfillment.EditSession) error {
			order, err := o.Store.Order(ctx, session.OrderID)
			switch {
			case err != nil:
				return err
			case order.CancelledAt != nil:
				return notEditable()
			}
			return change(session, order)
		})
	}
	if errors.Is(err, fulfillment.ErrNotFound) {
		return fulfillment.EditSession{}, noSuchEdit()
	}
	return session, err
}

func noSuchEdit() *fulfillment.Error {
	return invalid("The calculated order does not exist.", "id")
}

func notEditable() *fulfillment.Error {
	return &fulfillment.Error{Code: fulfillment.CodeOrderCancelled, Message: "The order cannot be edited."}
}

func invalid(message string, field ...string) *fulfillment.Error {
	return &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: field, Message: message}
}
