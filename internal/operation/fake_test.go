package operation

import (
	"context"
	"fmt"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// system is a store and the workflows behind it, which notes what it is told.
type system struct {
	fulfillmentOrders map[fulfillment.ID]*fulfillment.FulfillmentOrder
	orders            map[fulfillment.ID]*fulfillment.OrderRecord
	services          []fulfillment.Service
	locations         []fulfillment.Location
	sessions          map[fulfillment.ID]*fulfillment.EditSession

	told   []string
	create func(fulfillment.Order) error // nil: the order is taken in
	refuse error                         // what every other command is answered
	cancel []fulfillment.CancelledFulfillmentOrder
}

func (s *system) tell(what string, to fulfillment.ID, meta *fulfillment.Meta) {
	s.told = append(s.told, fmt.Sprintf("%s %d by %s as %q", what, to, meta.Actor.Role, meta.CommandID))
}

func (s *system) Load(_ context.Context, id fulfillment.ID) (*fulfillment.FulfillmentOrder, error) {
	if fo, ok := s.fulfillmentOrders[id]; ok {
		return fo, nil
	}
	return nil, fmt.Errorf("load: %w", fulfillment.ErrNotFound)
}

func (s *system) FulfillmentOrdersByID(
	_ context.Context, ids []fulfillment.ID,
) ([]*fulfillment.FulfillmentOrder, error) {
	fos := make([]*fulfillment.FulfillmentOrder, len(ids))
	for i, id := range ids {
		fos[i] = s.fulfillmentOrders[id]
	}
	return fos, nil
}

func (s *system) Fulfillment(_ context.Context, id fulfillment.ID) (
	*fulfillment.FulfillmentOrder, *fulfillment.Fulfillment, error,
) {
	for _, fo := range s.fulfillmentOrders {
		for i := range fo.Fulfillments {
			if fo.Fulfillments[i].ID == id {
				return fo, &fo.Fulfillments[i], nil
			}
		}
	}
	return nil, nil, fulfillment.ErrNotFound
}

func (s *system) Send(_ context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error) {
	s.tell(string(cmd.Verb()), id, cmd.Envelope())
	return fulfillment.Result{FulfillmentOrderID: id}, s.refuse
}

func (s *system) Joint(_ context.Context, orderID fulfillment.ID, cmd fulfillment.Joint) ([]fulfillment.Result, error) {
	meta := cmd.Envelope()
	s.told = append(s.told, fmt.Sprintf(
		"%s of order %d %v by %s as %q", cmd.Verb(), orderID, cmd.Named(), meta.Actor.Role, meta.CommandID,
	))
	return []fulfillment.Result{{FulfillmentOrderID: cmd.Named()[0]}}, s.refuse
}

func (s *system) Order(_ context.Context, id fulfillment.ID) (*fulfillment.OrderRecord, error) {
	if order, ok := s.orders[id]; ok {
		return order, nil
	}
	return nil, fulfillment.ErrNotFound
}

func (s *system) AllServices(context.Context) ([]fulfillment.Service, error) { return s.services, nil }

func (s *system) CreateOrder(_ context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error) {
	s.told = append(s.told, "CreateOrder "+order.Name)
	if s.create != nil {
		if err := s.create(order); err != nil {
			return fulfillment.OrderCreated{}, err
		}
	}
	return fulfillment.OrderCreated{OrderID: order.ID}, nil
}

func (s *system) CancelOrder(_ context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error) {
	s.tell("CancelOrder", cmd.OrderID, &cmd.Meta)
	return fulfillment.OrderCancelled{OrderID: cmd.OrderID, FulfillmentOrders: s.cancel}, s.refuse
}

func (s *system) EditOrder(_ context.Context, cmd fulfillment.EditOrder) (fulfillment.OrderEdited, error) {
	s.tell("EditOrder", cmd.OrderID, &cmd.Meta)
	return fulfillment.OrderEdited{}, s.refuse
}

func (s *system) CloseOrder(_ context.Context, cmd fulfillment.CloseOrder) (fulfillment.OrderClosed, error) {
	s.tell("CloseOrder", cmd.OrderID, &cmd.Meta)
	return fulfillment.OrderClosed{OrderID: cmd.OrderID}, s.refuse
}

func (s *system) OpenOrder(_ context.Context, cmd fulfillment.OpenOrder) (fulfillment.OrderClosed, error) {
	s.tell("OpenOrder", cmd.OrderID, &cmd.Meta)
	return fulfillment.OrderClosed{OrderID: cmd.OrderID}, s.refuse
}

func (s *system) UpdateOrder(_ context.Context, cmd fulfillment.UpdateOrder) (fulfillment.OrderUpdated, error) {
	s.tell("UpdateOrder", cmd.OrderID, &cmd.Meta)
	return fulfillment.OrderUpdated{OrderID: cmd.OrderID}, s.refuse
}

func (s *system) FulfillmentOrdersOf(
	_ context.Context, orderID fulfillment.ID,
) ([]*fulfillment.FulfillmentOrder, error) {
	var of []*fulfillment.FulfillmentOrder
	for _, fo := range s.fulfillmentOrders {
		if fo.OrderID == orderID {
			of = append(of, fo)
		}
	}
	return of, nil
}

func (s *system) Locations(context.Context) ([]fulfillment.Location, error) { return s.locations, nil }

func (s *system) EditSession(_ context.Context, id fulfillment.ID) (fulfillment.EditSession, error) {
	if session, ok := s.sessions[id]; ok {
		return *session, nil
	}
	return fulfillment.EditSession{}, fulfillment.ErrNotFound
}

func (s *system) BeginEdit(_ context.Context, orderID fulfillment.ID, app string) (fulfillment.EditSession, error) {
	return fulfillment.EditSession{ID: 1, OrderID: orderID, App: app}, nil
}

func (s *system) ChangeEdit(
	_ context.Context, id fulfillment.ID, change func(*fulfillment.EditSession) error,
) (fulfillment.EditSession, error) {
	session, ok := s.sessions[id]
	if !ok {
		return fulfillment.EditSession{}, fulfillment.ErrNotFound
	}
	err := change(session)
	return *session, err
}

func (s *system) CommitEdit(_ context.Context, id fulfillment.ID) (fulfillment.EditSession, error) {
	if session, ok := s.sessions[id]; ok {
		return *session, nil
	}
	return fulfillment.EditSession{}, fulfillment.ErrNotFound
}

func (s *system) ReopenEdit(_ context.Context, id fulfillment.ID, version int64) error {
	s.told = append(s.told, fmt.Sprintf("reopen %d at %d", id, version))
	return nil
}

// as is a context in which an app asks that has these scopes and owns service 9.
func as(t *testing.T, scopes ...access.Scope) context.Context {
	t.Helper()
	return access.WithCaller(
		t.Context(),
		access.Caller{App: access.App{ID: 5, Handle: "shop", Scopes: scopes}, Services: []fulfillment.ID{9}},
	)
}

// isDenied tells that a caller may not, rather than that the state or the input forbids it.
func isDenied(err error) bool {
	_, ok := err.(*access.Denied) //nolint:errorlint // That is what operations return.
	return ok
}

// codeOf is the code of a refusal; empty for anything else.
func codeOf(err error) fulfillment.Code {
	if refused, ok := fulfillment.AsError(err); ok {
		return refused.Code
	}
	return ""
}
