package workflows

import (
	"encoding/json"
	"slices"
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
	root := ctx
	ctx = goingOn(ctx)
	desk := &orderDesk{cancelRequested: func() bool { return root.Err() != nil }}
	if err := desk.takeCommands(ctx); err != nil {
		return temporalio.OrderOutput{}, err
	}
	in, err := decodeOrder(body)
	if err == nil {
		err = desk.open(ctx, in)
	}
	desk.opened = true
	if err != nil {
		return desk.became, err
	}
	err = workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	desk.show(ctx, desk.page)
	return desk.became, err
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
	became temporalio.OrderOutput
	under  string   // the command that is being carried out; empty: none
	since  string   // when that began
	page   string   // what people read of the order
	told   []string // what people read of its latest commands, a line each

	cancelRequested func() bool // tells whether somebody asked Temporal to cancel the run
}

// has notes fulfillment orders of the order, for the result of the run.
func (d *orderDesk) has(ids ...fulfillment.ID) {
	for _, id := range ids {
		if id != 0 && !slices.Contains(d.became.FulfillmentOrderIDs, id) {
			d.became.FulfillmentOrderIDs = append(d.became.FulfillmentOrderIDs, id)
			d.became.WorkflowIDs = append(d.became.WorkflowIDs, temporalio.FulfillmentOrderID(id))
		}
	}
}

// hasOwn notes those of some fulfillment orders that are the order's own: a command may be about several orders.
func (d *orderDesk) hasOwn(fos []*fulfillment.FulfillmentOrder) {
	for _, fo := range fos {
		if fo.OrderID == d.id {
			d.has(fo.ID)
		}
	}
}

// state is the answer to [temporalio.StateQuery].
func (d *orderDesk) state() (temporalio.OrderState, error) {
	return temporalio.OrderState{OrderOutput: d.became, Opened: d.opened, Command: d.under}, nil
}

func (d *orderDesk) open(ctx workflow.Context, in temporalio.OrderInput) error {
	id, err := temporalio.ParseOrderID(workflow.GetInfo(ctx).WorkflowExecution.ID)
	if err != nil {
		return refusalOf(err)
	}
	if in.ID == 0 {
		in.ID = id
	}
	if in.ID != id {
		return refusalOf(&fulfillment.Error{
			Code: fulfillment.CodeInvalid, Field: []string{"id"},
			Message: "The order's id " + in.ID.String() + " must be the number in its workflow ID " +
				temporalio.OrderID(id) + ".",
		})
	}
	d.id, d.became.OrderID = id, id
	if in.Existing {
		d.has(in.FulfillmentOrderIDs...)
		return d.find(ctx)
	}
	return d.create(ctx, &in.Order)
}

// orderFound is the patch with which a run that is to command an order of the store looks up what whoever started it
// did not say: the order's name, and its fulfillment orders. Runs of before go on without.
const orderFound = "order-found"

// find tells of an order that is in the store.
func (d *orderDesk) find(ctx workflow.Context) error {
	name, known := workflow.GetTypedSearchAttributes(ctx).GetKeyword(temporalio.OrderName)
	if !known {
		name = temporalio.OrderID(d.id)
	}
	if len(d.became.FulfillmentOrderIDs) == 0 &&
		workflow.GetVersion(ctx, orderFound, workflow.DefaultVersion, 1) >= 1 {
		var found activities.FoundOrder
		err := local(ctx, "look up the order", activity.FindOrder, d.id, &found)
		switch {
		case isNotFound(err): // Each command is told so.
			d.show(ctx, "There is no order **"+markdown(name)+"**.")
			return nil
		case err != nil:
			return err
		}
		name = found.Name
		d.has(found.FulfillmentOrderIDs...)
		if !known {
			attribute := temporalio.Keyword(temporalio.OrderName, name)
			if err := workflow.UpsertTypedSearchAttributes(ctx, attribute); err != nil {
				return err
			}
		}
	}
	d.show(ctx, "Order **"+markdown(name)+"** is there, and takes commands.")
	return nil
}

func (d *orderDesk) create(ctx workflow.Context, order *fulfillment.Order) error {
	now := workflow.Now(ctx).UTC()
	content := order.Content()
	named, err := d.complete(ctx, order, now)
	if err != nil {
		return err
	}
	*order = named
	if err := mintFirst(ctx, &order.FirstID); err != nil {
		return err
	}
	if _, known := workflow.GetTypedSearchAttributes(ctx).GetKeyword(temporalio.OrderName); !known {
		name := temporalio.Keyword(temporalio.OrderName, order.Name)
		if err := workflow.UpsertTypedSearchAttributes(ctx, name); err != nil {
			return err
		}
	}
	d.show(ctx, "Order **"+markdown(order.Name)+"** is being routed.")
	quotes, err := d.quotes(ctx, order)
	if err != nil {
		return err
	}
	var created activities.OrderCreated
	commit := func() error {
		in := activities.CreateOrderInput{Order: order, Content: &content, Now: now, Start: true, Quotes: quotes}
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
		return err
	}
	if !created.Started {
		if err := startFulfillmentOrders(ctx, created.FulfillmentOrders); err != nil {
			return err
		}
	}
	page := "Order **" + markdown(order.Name) + "** became:\n\n"
	for _, fo := range created.FulfillmentOrders {
		d.has(fo.ID)
		page += "- `" + temporalio.FulfillmentOrderID(fo.ID) + "` at " + markdown(fo.AssignedLocation.Name) + ": " +
			markdown(fo.AssignedLocation.Why) + "\n"
	}
	d.show(ctx, page)
	return nil
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
	if workflow.GetVersion(ctx, checkedInput, workflow.DefaultVersion, 2) < 1 {
		*order = before
		return nil
	}
	return err
}
