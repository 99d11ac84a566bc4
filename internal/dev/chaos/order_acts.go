package chaos

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/fulfillment"
)

// What commands on a whole order are called.
const (
	verbCreateOrder = "CreateOrder"
	verbCancelOrder = "CancelOrder"
	verbEditOrder   = "EditOrder"
	verbUpdateOrder = "UpdateOrder"
	verbCloseOrder  = "CloseOrder"
	verbOpenOrder   = "OpenOrder"
)

// createOrder hands an order in, sometimes more than once.
func (a *actor) createOrder() {
	order := a.catalogue.take(a.rng, a.shop, time.Now())
	order.ID, order.FirstID, order.CommandID = a.minter.Mint(), a.minter.Mint(), a.commandID()
	if order.SourceIdentifier != "" {
		order.ID = fulfillment.OrderIDOf(order.SourceIdentifier)
	}
	s := sent{id: order.CommandID, verb: verbCreateOrder, orderID: order.ID, way: "client"}
	var created fulfillment.OrderCreated
	create := func(ctx context.Context) (err error) {
		created, err = a.commands.CreateOrder(ctx, order)
		return err
	}
	var atOnce sync.WaitGroup
	if chance(a.rng, 0.06) {
		again := order
		again.LineItems = slices.Clone(order.LineItems)
		atOnce.Go(func() {
			_, err := a.commands.CreateOrder(a.patience, again)
			if _, ok := fulfillment.AsError(err); err != nil && !ok && a.patience.Err() == nil {
				a.journal.kept(promiseAnswer, s, err.Error())
			}
		})
	}
	ok := a.insist(s, create)
	if ok || a.patience.Err() != nil { // One that was refused is nobody's loss.
		a.journal.handedIn(order)
	}
	atOnce.Wait()
	if !ok {
		return
	}
	a.pool.add(order.ID)
	if chance(a.rng, 0.1) {
		a.createAgain(s, order, created)
	}
}

// createAgain hands the same order in once more: it is there already, with what it became the first time. With other
// content, it is refused.
func (a *actor) createAgain(s sent, order fulfillment.Order, first fulfillment.OrderCreated) {
	order.LineItems = slices.Clone(order.LineItems)
	order.FirstID, order.CommandID = a.minter.Mint(), a.commandID()
	if chance(a.rng, 0.3) {
		order.Note = "Something else."
		_, err := a.commands.CreateOrder(a.patience, order)
		refused, _ := fulfillment.AsError(err)
		if a.patience.Err() == nil && (refused == nil || refused.Code != fulfillment.CodeOrderExists) {
			a.journal.kept(promiseSame, s, fmt.Sprintf("it was handed in with other content, and answered %v", err))
		}
		return
	}
	again, err := a.commands.CreateOrder(a.patience, order)
	wrong := ""
	switch {
	case a.patience.Err() != nil:
		return
	case err != nil:
		wrong = fmt.Sprintf("it was done, then refused: %v", err)
	case !again.Repeated:
		wrong = "it was created twice"
	}
	for _, id := range first.FulfillmentOrderIDs {
		if wrong == "" && !slices.Contains(again.FulfillmentOrderIDs, id) {
			wrong = fmt.Sprintf("it became fulfillment order %d, then it didn't", id)
		}
	}
	a.journal.kept(promiseSame, s, wrong)
}

// cancelOrder cancels a whole order. An answer that says that a part was refused is none that is kept.
func (a *actor) cancelOrder(id fulfillment.ID) {
	cmd := fulfillment.CancelOrder{Meta: a.meta(merchant), OrderID: id, Reason: "Changed my mind."}
	s := sent{id: cmd.CommandID, verb: verbCancelOrder, orderID: id, way: "client"}
	a.insist(s, func(ctx context.Context) error {
		cancelled, err := a.commands.CancelOrder(ctx, cmd)
		if err != nil {
			return err
		}
		for _, fo := range cancelled.FulfillmentOrders {
			if fo.Outcome == fulfillment.CancelOutcomeRefused {
				return fo.Error
			}
		}
		return nil
	})
}

// editOrder adds a line to an order or lowers the quantity of one.
func (a *actor) editOrder(id fulfillment.ID, fos []*fulfillment.FulfillmentOrder) {
	cmd := fulfillment.EditOrder{Meta: a.meta(merchant), OrderID: id}
	var lines []fulfillment.Line // One that was merged away has none.
	for _, fo := range fos {
		lines = append(lines, fo.Lines...)
	}
	if len(lines) == 0 || chance(a.rng, 0.5) {
		cmd.Add = []fulfillment.LineItem{
			{
				Title: "One more thing", SKU: "MORE", Quantity: 1 + a.rng.IntN(4),
				LocationID: oneOf(a.rng, a.shop.locations).ID,
			},
		}
	} else {
		line := oneOf(a.rng, lines)
		cmd.SetQuantities = []fulfillment.Quantity{{ID: line.LineItemID, Quantity: a.rng.IntN(max(1, line.Total))}}
	}
	a.journal.mayAdd(id, cmd.Add)
	s := sent{id: cmd.CommandID, verb: verbEditOrder, orderID: id, way: "client"}
	a.insist(s, func(ctx context.Context) error {
		_, err := a.commands.EditOrder(ctx, cmd)
		return err
	})
}

// updateOrder corrects where an order goes, sometimes to where it goes already.
func (a *actor) updateOrder(id fulfillment.ID) {
	cmd := fulfillment.UpdateOrder{Meta: a.meta(merchant), OrderID: id}
	cmd.ShippingAddress = &fulfillment.Address{
		City: oneOf(a.rng, []string{"Porto", "Lyon", "Kiel"}), Zip: fmt.Sprint(1000 + a.rng.IntN(3)),
	}
	s := sent{id: cmd.CommandID, verb: verbUpdateOrder, orderID: id, way: "client"}
	a.insist(s, func(ctx context.Context) error {
		_, err := a.commands.UpdateOrder(ctx, cmd)
		return err
	})
}

// closeOrder closes an order or opens it, whatever it is.
func (a *actor) closeOrder(id fulfillment.ID) {
	meta := a.meta(merchant)
	s := sent{id: meta.CommandID, verb: verbCloseOrder, orderID: id, way: "client"}
	if chance(a.rng, 0.5) {
		s.verb = verbOpenOrder
		a.insist(s, func(ctx context.Context) error {
			_, err := a.commands.OpenOrder(ctx, fulfillment.OpenOrder{Meta: meta, OrderID: id})
			return err
		})
		return
	}
	a.insist(s, func(ctx context.Context) error {
		_, err := a.commands.CloseOrder(ctx, fulfillment.CloseOrder{Meta: meta, OrderID: id})
		return err
	})
}

// joint sends a command on several of the order's fulfillment orders.
func (a *actor) joint(order fulfillment.ID, fos []*fulfillment.FulfillmentOrder) {
	if open := alive(fos); len(open) > 0 {
		fos = open
	}
	some := slices.Clone(fos)
	a.rng.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	some = some[:min(len(some), 1+a.rng.IntN(3))]
	cmd := a.drawJoint(some)
	*cmd.Envelope() = a.meta(oneOf(a.rng, []fulfillment.Actor{merchant, operator}))
	s := sent{id: cmd.Envelope().CommandID, verb: string(cmd.Verb()), orderID: order, way: "joint"}
	var results []fulfillment.Result
	ok := a.insist(s, func(ctx context.Context) (err error) {
		results, err = a.commands.Joint(ctx, order, cmd)
		return err
	})
	if !ok {
		return
	}
	for _, result := range results {
		of := s
		of.fulfillmentOrderID = result.FulfillmentOrderID
		a.journal.shipped(of, result.FulfillmentID)
		a.read(of, result)
	}
	if !chance(a.rng, 0.1) {
		return
	}
	again, err := a.commands.Joint(a.patience, order, cmd)
	switch {
	case a.patience.Err() != nil:
	case err != nil:
		a.journal.kept(promiseSame, s, fmt.Sprintf("it was done, then refused: %v", err))
	default:
		a.journal.kept(promiseSame, s, cmp.Diff(results, again))
	}
}
