package workflows

import (
	"encoding/json"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// Order takes an order in: it routes the lines, commits the order with its fulfillment orders, starts a
// [FulfillmentOrder] for each, and completes. Later commands on the whole order start it again for a moment.
//
// Its input is an [temporalio.OrderInput]; it is read strictly, so that a misspelt field is refused and not lost.
func Order(ctx workflow.Context, body converter.RawValue) (temporalio.OrderOutput, error) {
	desk := &orderDesk{}
	if err := desk.takeCommands(ctx); err != nil {
		return temporalio.OrderOutput{}, err
	}
	in, err := decodeOrder(body)
	var out temporalio.OrderOutput
	if err == nil {
		out, err = desk.open(ctx, in)
	}
	desk.opened = true
	if err != nil {
		return out, err
	}
	return out, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

func decodeOrder(body converter.RawValue) (temporalio.OrderInput, error) {
	data := dataOf(body)
	var in temporalio.OrderInput
	if err := json.Unmarshal(data, &in); err == nil && in.Existing {
		return in, nil
	}
	order, err := fulfillment.DecodeOrder(data)
	if err != nil {
		return temporalio.OrderInput{}, refusalOf(err)
	}
	return temporalio.OrderInput{Order: order}, nil
}

// orderDesk is where an order is taken in and commanded.
type orderDesk struct {
	id     fulfillment.ID
	opened bool
	busy   workflow.Mutex // one command on the whole order at a time
}

func (d *orderDesk) open(ctx workflow.Context, in temporalio.OrderInput) (temporalio.OrderOutput, error) {
	id, err := temporalio.ParseOrderID(workflow.GetInfo(ctx).WorkflowExecution.ID)
	if err != nil {
		return temporalio.OrderOutput{}, refusalOf(err)
	}
	if in.ID == 0 {
		in.ID = id
	}
	if in.ID != id {
		return temporalio.OrderOutput{}, refusalOf(&fulfillment.Error{
			Code: fulfillment.CodeInvalid, Field: []string{"id"},
			Message: "The order's id " + in.ID.String() + " must be the number in its workflow ID " +
				temporalio.OrderID(id) + ".",
		})
	}
	d.id = id
	if in.Existing {
		return temporalio.OrderOutput{OrderID: id}, nil
	}
	return d.create(ctx, &in.Order)
}

func (d *orderDesk) create(ctx workflow.Context, order *fulfillment.Order) (temporalio.OrderOutput, error) {
	now := workflow.Now(ctx).UTC()
	content := order.Content()
	named, err := d.complete(ctx, order, now)
	if err != nil {
		return temporalio.OrderOutput{}, err
	}
	*order = named
	if err := mintFirst(ctx, &order.FirstID); err != nil {
		return temporalio.OrderOutput{}, err
	}
	if _, known := workflow.GetTypedSearchAttributes(ctx).GetKeyword(temporalio.OrderName); !known {
		name := temporalio.Keyword(temporalio.OrderName, order.Name)
		if err := workflow.UpsertTypedSearchAttributes(ctx, name); err != nil {
			return temporalio.OrderOutput{}, err
		}
	}
	workflow.SetCurrentDetails(ctx, "Order **"+markdown(order.Name)+"** is being routed.")
	var created activities.OrderCreated
	commit := func() error {
		in := activities.CreateOrderInput{Order: order, Content: &content, Now: now, Start: true}
		later := in // Whoever goes on in a later task may be a worker of before, and starts them as children.
		later.Start = false
		return localElse(
			ctx, "route and commit "+temporalio.Clip(order.Name, 300), activity.CreateOrder, in, later, &created,
		)
	}
	err = commit()
	for isIDTaken(err) { // By a sender that gave IDs of its own.
		if order.FirstID, err = mint(ctx); err == nil {
			err = commit()
		}
	}
	if err != nil {
		return temporalio.OrderOutput{}, err
	}
	if !created.Started {
		if err := startFulfillmentOrders(ctx, created.FulfillmentOrders); err != nil {
			return temporalio.OrderOutput{}, err
		}
	}
	out := temporalio.OrderOutput{OrderID: d.id}
	page := "Order **" + markdown(order.Name) + "** became:\n\n"
	for _, fo := range created.FulfillmentOrders {
		out.FulfillmentOrderIDs = append(out.FulfillmentOrderIDs, fo.ID)
		out.WorkflowIDs = append(out.WorkflowIDs, temporalio.FulfillmentOrderID(fo.ID))
		page += "- `" + temporalio.FulfillmentOrderID(fo.ID) + "` at " + markdown(fo.AssignedLocation.Name) + ": " +
			markdown(fo.AssignedLocation.Why) + "\n"
	}
	workflow.SetCurrentDetails(ctx, temporalio.Clip(page, maxDetails))
	return out, nil
}

// nextOrderName is the patch with which an order that a program of any kind has started without a name gets the next
// number. Runs of before, whose orders are called after their IDs, stay with that.
const nextOrderName = "next-order-name"

// complete is the order with its defaults. Nobody's number is taken for an order that is refused.
func (d *orderDesk) complete(
	ctx workflow.Context, given *fulfillment.Order, now time.Time,
) (fulfillment.Order, error) {
	order := *given
	if err := checkOrder(ctx, &order, now); err != nil {
		return order, refusalOf(err)
	}
	if fulfillment.Tidy(given.Name) != "" || workflow.GetVersion(ctx, nextOrderName, workflow.DefaultVersion, 1) < 1 {
		return order, nil
	}
	order.Numbered = true
	return order, local(ctx, "take the next order name", activity.NextOrderName, d.id, &order.Name)
}

// checkOrder completes and checks the order. One that a run of before took in is not refused by rules that came later.
func checkOrder(ctx workflow.Context, order *fulfillment.Order, now time.Time) error {
	before := *order
	err := order.Complete(now)
	if err == nil || before.CompleteAsBefore(now) != nil {
		return err
	}
	if workflow.GetVersion(ctx, checkedInput, workflow.DefaultVersion, 1) < 1 {
		*order = before
		return nil
	}
	return err
}
