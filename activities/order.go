package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/routing"
	"packhorse/internal/temporalio"
)

// CreateOrderInput is an order with everything decided that must not change on a retry.
type CreateOrderInput struct {
	Order *fulfillment.Order `json:"order"` // completed
	// Content is what the sender said of it: an order that is there already is compared with that. Missing: what there
	// is to compare is the order, as it was completed.
	Content *fulfillment.OrderContent `json:"content,omitempty"`
	Now     time.Time                 `json:"now"`
	// Start also starts the fulfillment orders' workflows. Runs of before could only start them themselves.
	Start bool `json:"start,omitempty"`
	// Quotes are what locations said for the sake of the order's shipping rule.
	Quotes []routing.Quote `json:"quotes,omitempty"`
}

// OrderCreated is the fulfillment orders that an order became.
type OrderCreated struct {
	FulfillmentOrders []*fulfillment.FulfillmentOrder `json:"fulfillmentOrders"`
	// Started tells that their workflows have been started; they are no more than IDs and locations then.
	Started bool `json:"started,omitempty"`
}

// startsAtOnce is how many workflows of one order are started at the same time.
const startsAtOnce = 8

// CreateOrder routes an order's lines, commits the order with its fulfillment orders, and starts their workflows: as
// the order's children they would cost the order another workflow task, and the server several transactions. What an
// earlier try has committed stays as it is, even if routing would say something else by now.
func (a *Activities) CreateOrder(ctx context.Context, in CreateOrderInput) (OrderCreated, error) {
	fos, err := a.createOrder(ctx, in)
	if err != nil || !in.Start {
		return OrderCreated{FulfillmentOrders: fos}, err
	}
	created := OrderCreated{FulfillmentOrders: make([]*fulfillment.FulfillmentOrder, len(fos)), Started: true}
	var group errgroup.Group // One that fails stops no other: what the server has begun would wait for its answer.
	group.SetLimit(startsAtOnce)
	for i, fo := range fos {
		created.FulfillmentOrders[i] = &fulfillment.FulfillmentOrder{ID: fo.ID, AssignedLocation: fo.AssignedLocation}
		group.Go(func() error { return a.Workflows.Start(ctx, fo) })
	}
	return created, group.Wait()
}

func (a *Activities) createOrder(ctx context.Context, in CreateOrderInput) ([]*fulfillment.FulfillmentOrder, error) {
	locations, err := a.Store.StockedLocations(ctx, skusOf(in.Order))
	if err != nil {
		return nil, err
	}
	ids := fulfillment.NewIDs(in.Order.FirstID)
	in.Order.AssignIDs(ids)
	fos, transitions, refused := plan(in, ids, locations)
	if refused != nil { // Routing may have said something else when an earlier try asked it.
		fos, err := a.orderAgain(ctx, in)
		if errors.Is(err, fulfillment.ErrNotFound) {
			err = refused
		}
		return fos, asApplicationError(err)
	}
	earlier, err := a.Store.CreateOrder(ctx, in.Order, fos, transitions)
	var exists *fulfillment.OrderExistsError
	if earlier || errors.As(err, &exists) && !exists.BySource {
		fos, err := a.orderAgain(ctx, in)
		return fos, asApplicationError(err)
	}
	if err != nil {
		return nil, asApplicationError(err)
	}
	a.countTransitions(transitions)
	return fos, nil
}

// orderAgain is what an order became that was handed over before, by an earlier try or by somebody.
func (a *Activities) orderAgain(
	ctx context.Context, in CreateOrderInput,
) ([]*fulfillment.FulfillmentOrder, error) {
	if _, err := a.Store.Recognise(ctx, in.Order, in.given()); err != nil {
		return nil, err
	}
	return a.Store.FulfillmentOrdersOf(ctx, in.Order.ID)
}

// given is what the sender said of the order. Who passes no content had completed the order before: its time may be
// that of the sending, and its name made of its ID.
func (in CreateOrderInput) given() fulfillment.OrderContent {
	if in.Content != nil {
		return *in.Content
	}
	order := *in.Order
	order.ProcessedAt, order.Numbered = nil, order.Numbered || order.Name == "#"+order.ID.String()
	order.LineItems = slices.Clone(order.LineItems)
	for i := range order.LineItems {
		order.LineItems[i].ID = 0
	}
	return order.Content()
}

// NextOrderName is the name of an order that was handed over without one: the one that it got if it is there already,
// else the next number. A try that is repeated may take another one.
func (a *Activities) NextOrderName(ctx context.Context, orderID fulfillment.ID) (string, error) {
	order, err := a.Store.Order(ctx, orderID)
	switch {
	case err == nil:
		return order.Name, nil
	case !errors.Is(err, fulfillment.ErrNotFound):
		return "", asApplicationError(err)
	}
	name, err := a.Store.NextOrderName(ctx)
	return name, asApplicationError(err)
}

// skusOf are the SKUs of an order's lines.
func skusOf(order *fulfillment.Order) []string {
	skus := make([]string, len(order.LineItems))
	for i, l := range order.LineItems {
		skus[i] = l.SKU
	}
	return skus
}

// plan makes the fulfillment orders of an order.
func plan(
	in CreateOrderInput, ids *fulfillment.IDs, locations []fulfillment.Location,
) ([]*fulfillment.FulfillmentOrder, []fulfillment.Transition, error) {
	assignments, err := routing.Route(in.Order, locations, in.Now, in.Quotes...)
	if err != nil {
		return nil, nil, err
	}
	return fulfillment.NewFulfillmentOrders(in.Order, assignments, fulfillment.Env{Now: in.Now, IDs: ids})
}

// OrderFulfillmentOrders is an order's fulfillment orders, and whether the order may be cancelled.
type OrderFulfillmentOrders struct {
	FulfillmentOrders []*fulfillment.FulfillmentOrder `json:"fulfillmentOrders"`
	CancelledBy       string                          `json:"cancelledBy,omitempty"` // command ID of the cancellation
	// CancelledFor is the reason of the cancellation; nil: there is none, or a worker of before has looked.
	CancelledFor  *string            `json:"cancelledFor,omitempty"`
	CancelRefused *fulfillment.Error `json:"cancelRefused,omitempty"`
	// Used are the command IDs of what else was done with the order.
	Used []string `json:"used,omitempty"`
}

// Conflicts tells whether the command ID of a cancellation came before with something else.
func (o *OrderFulfillmentOrders) Conflicts(cmd fulfillment.CancelOrder) bool {
	return slices.Contains(o.Used, cmd.CommandID) ||
		o.CancelledBy == cmd.CommandID && o.CancelledFor != nil && *o.CancelledFor != cmd.Reason
}

// FoundOrder is what a run tells people of an order that is there.
type FoundOrder struct {
	Name                string           `json:"name"`
	FulfillmentOrderIDs []fulfillment.ID `json:"fulfillmentOrderIds,omitempty"`
}

// FindOrder looks an order up. It fails with [ErrorNotFound] if there is no such order.
func (a *Activities) FindOrder(ctx context.Context, orderID fulfillment.ID) (FoundOrder, error) {
	order, err := a.Store.Order(ctx, orderID)
	if err != nil {
		return FoundOrder{}, asApplicationError(err)
	}
	ids, err := a.Store.FulfillmentOrderIDs(ctx, orderID)
	if err != nil {
		return FoundOrder{}, asApplicationError(err)
	}
	return FoundOrder{Name: order.Name, FulfillmentOrderIDs: ids}, nil
}

// ListFulfillmentOrders reads an order's fulfillment orders, for the cancellation that has this command ID (empty: a
// worker of before asks). It fails with [ErrorNotFound] if there is no such order.
func (a *Activities) ListFulfillmentOrders(
	ctx context.Context, orderID fulfillment.ID, commandID string,
) (OrderFulfillmentOrders, error) {
	order, err := a.Store.Order(ctx, orderID)
	if err != nil {
		return OrderFulfillmentOrders{}, asApplicationError(err)
	}
	fos, err := a.Store.FulfillmentOrdersOf(ctx, orderID)
	if err != nil {
		return OrderFulfillmentOrders{}, asApplicationError(err)
	}
	listed := OrderFulfillmentOrders{FulfillmentOrders: inShort(fos), CancelledBy: order.CancelledBy()}
	if order.CancelledAt != nil {
		listed.CancelledFor = &order.CancelReason
	}
	for _, t := range order.Transitions {
		if t.CommandID != "" && t.Kind != fulfillment.OrderKindCancelled {
			listed.Used = append(listed.Used, t.CommandID)
		}
	}
	switch _, err := a.Store.UnchangedBy(ctx, orderID, commandID); {
	case err == nil:
		listed.Used = append(listed.Used, commandID)
	case !errors.Is(err, fulfillment.ErrNotFound):
		return OrderFulfillmentOrders{}, asApplicationError(err)
	}
	all, err := a.Store.OrderReturns(ctx, []fulfillment.ID{orderID})
	if err != nil {
		return OrderFulfillmentOrders{}, asApplicationError(err)
	}
	if listed.CancelRefused = returns.MayCancelOrder(all[orderID]); listed.CancelRefused != nil {
		return listed, nil
	}
	listed.CancelRefused = fulfillment.CheckCancelOrder(fulfillment.ViewOrder(order.CancelledAt != nil, fos))
	return listed, nil
}

// inShort is what a cancellation has to know of fulfillment orders: whole states of many are more than a result holds.
func inShort(fos []*fulfillment.FulfillmentOrder) []*fulfillment.FulfillmentOrder {
	short := make([]*fulfillment.FulfillmentOrder, len(fos))
	for i, fo := range fos {
		short[i] = &fulfillment.FulfillmentOrder{ID: fo.ID, Status: fo.Status, OrderCancelled: fo.OrderCancelled}
		if fo.Shipped() {
			short[i].Fulfillments = []fulfillment.Fulfillment{{Status: fulfillment.FulfillmentSuccess}}
		}
	}
	return short
}

// CancelUnitsInput asks one fulfillment order of a cancelled or edited order to give units up.
type CancelUnitsInput struct {
	FulfillmentOrderID fulfillment.ID          `json:"fulfillmentOrderId"`
	Command            fulfillment.CancelUnits `json:"command"`
}

// CancelUnits sends the command and says what became of it: a refusal is a result here, not an error.
func (a *Activities) CancelUnits(ctx context.Context, in CancelUnitsInput) (
	fulfillment.CancelledFulfillmentOrder, error,
) {
	ctx, stop := waiting(ctx)
	defer stop()
	a.mintFirst(in.Command.Envelope())
	result, err := a.Workflows.Command(ctx, in.FulfillmentOrderID, &in.Command)
	if refused, ok := temporalio.Refusal(err); ok && !refused.Retryable() {
		return fulfillment.CancelledFulfillmentOrder{
			FulfillmentOrderID: in.FulfillmentOrderID, Outcome: fulfillment.CancelOutcomeRefused, Error: refused,
		}, nil
	}
	if err != nil {
		return fulfillment.CancelledFulfillmentOrder{}, err
	}
	outcome := fulfillment.CancelOutcomeCancelled
	if result.RequestStatus == fulfillment.RequestCancellationRequested {
		outcome = fulfillment.CancelOutcomeRequested
	}
	return fulfillment.CancelledFulfillmentOrder{FulfillmentOrderID: in.FulfillmentOrderID, Outcome: outcome}, nil
}

// MarkOrderCancelledInput is the end of an order's cancellation.
type MarkOrderCancelledInput struct {
	Command fulfillment.CancelOrder `json:"command"`
	At      time.Time               `json:"at"`
}

// MarkOrderCancelled records that the order is cancelled. All of its fulfillment orders have answered that they are: if
// one is not, it was made since, or the store was set back.
func (a *Activities) MarkOrderCancelled(ctx context.Context, in MarkOrderCancelledInput) error {
	fos, err := a.Store.FulfillmentOrdersOf(ctx, in.Command.OrderID)
	if err != nil {
		return asApplicationError(err)
	}
	for _, fo := range fos {
		if fo.Status != fulfillment.StatusClosed && !fo.OrderCancelled {
			return asApplicationError(unsettled("Fulfillment order " + fo.ID.String() + " is not cancelled any more."))
		}
	}
	return asApplicationError(
		a.Store.CancelOrder(ctx, in.Command.OrderID, in.At, in.Command.Reason, in.Command.CommandID, in.Command.Actor),
	)
}

// unsettled is the refusal of a command on a whole order when its fulfillment orders are not as they have just
// answered. Sent again, it goes on from what they are now.
func unsettled(how string) error {
	return &fulfillment.Error{
		Code: fulfillment.CodeUnavailable, Message: how + " Send the command again with the same command ID.",
	}
}
