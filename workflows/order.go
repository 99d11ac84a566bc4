package workflows

import (
	"encoding/json"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// OrderInput starts an order's workflow: an order to carry out, or (with Existing) an order that is in the store
// already and is about to be cancelled or edited. Its JSON is flat: an order's fields, and "existing".
type OrderInput struct {
	fulfillment.Order
	Existing bool `json:"existing,omitempty"`
}

// OrderOutput is the fulfillment orders that the order became.
type OrderOutput struct {
	OrderID             fulfillment.ID   `json:"orderId"`
	FulfillmentOrderIDs []fulfillment.ID `json:"fulfillmentOrderIds,omitempty"`
	WorkflowIDs         []string         `json:"workflowIds,omitempty"` // of the same, for programs whose numbers can't hold an ID
}

// Order takes an order in: it routes the lines, commits the order with its fulfillment orders, starts a
// [FulfillmentOrder] for each, and completes. Later commands on the whole order start it again for a moment.
//
// Its input is an [OrderInput]; it is read strictly, so that a misspelt field is refused and not lost.
func Order(ctx workflow.Context, body converter.RawValue) (OrderOutput, error) {
	desk := &orderDesk{}
	if err := desk.takeCommands(ctx); err != nil {
		return OrderOutput{}, err
	}
	in, err := decodeOrder(body)
	var out OrderOutput
	if err == nil {
		out, err = desk.open(ctx, in)
	}
	desk.opened = true
	if err != nil {
		return out, err
	}
	return out, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

func decodeOrder(body converter.RawValue) (OrderInput, error) {
	data := dataOf(body)
	var in OrderInput
	if err := json.Unmarshal(data, &in); err == nil && in.Existing {
		return in, nil
	}
	order, err := fulfillment.DecodeOrder(data)
	if err != nil {
		return OrderInput{}, refusalOf(err)
	}
	return OrderInput{Order: order}, nil
}

// orderDesk is where an order is taken in and commanded.
type orderDesk struct {
	id     fulfillment.ID
	opened bool
	busy   workflow.Mutex // one command on the whole order at a time
}

func (d *orderDesk) open(ctx workflow.Context, in OrderInput) (OrderOutput, error) {
	id, err := idOf(workflow.GetInfo(ctx).WorkflowExecution.ID, "order/")
	if err != nil {
		return OrderOutput{}, refusalOf(err)
	}
	if in.ID == 0 {
		in.ID = id
	}
	if in.ID != id {
		return OrderOutput{}, refusalOf(&fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"id"},
			Message: "The order's id " + in.ID.String() + " must be the number in its workflow ID " + OrderID(id) + "."})
	}
	d.id = id
	if in.Existing {
		return OrderOutput{OrderID: id}, nil
	}
	return d.create(ctx, &in.Order)
}

func (d *orderDesk) create(ctx workflow.Context, order *fulfillment.Order) (OrderOutput, error) {
	now := workflow.Now(ctx).UTC()
	if err := order.Complete(now); err != nil {
		return OrderOutput{}, refusalOf(err)
	}
	if err := mintFirst(ctx, &order.FirstID); err != nil {
		return OrderOutput{}, err
	}
	if _, known := workflow.GetTypedSearchAttributes(ctx).GetKeyword(temporalio.OrderName); !known {
		if err := workflow.UpsertTypedSearchAttributes(ctx, temporalio.OrderName.ValueSet(clip(order.Name, maxKeyword))); err != nil {
			return OrderOutput{}, err
		}
	}
	workflow.SetCurrentDetails(ctx, "Order **"+markdown(order.Name)+"** is being routed.")
	var created activities.OrderCreated
	commit := func() error {
		in := activities.CreateOrderInput{Order: order, Now: now, Start: true}
		later := in // Whoever goes on in a later task may be a worker of before, and starts them as children.
		later.Start = false
		return localElse(ctx, "route and commit "+clip(order.Name, 300), activity.CreateOrder, in, later, &created)
	}
	err := commit()
	for isIDTaken(err) { // By a sender that gave IDs of its own.
		if order.FirstID, err = mint(ctx); err == nil {
			err = commit()
		}
	}
	if err != nil {
		return OrderOutput{}, err
	}
	if !created.Started {
		if err := startFulfillmentOrders(ctx, created.FulfillmentOrders); err != nil {
			return OrderOutput{}, err
		}
	}
	out := OrderOutput{OrderID: d.id}
	page := "Order **" + markdown(order.Name) + "** became:\n\n"
	for _, fo := range created.FulfillmentOrders {
		out.FulfillmentOrderIDs = append(out.FulfillmentOrderIDs, fo.ID)
		out.WorkflowIDs = append(out.WorkflowIDs, FulfillmentOrderID(fo.ID))
		page += "- `" + FulfillmentOrderID(fo.ID) + "` at " + markdown(fo.AssignedLocation.Name) + ": " + markdown(fo.AssignedLocation.Why) + "\n"
	}
	workflow.SetCurrentDetails(ctx, clip(page, maxDetails))
	return out, nil
}
