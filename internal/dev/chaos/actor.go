package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

// actor is somebody who works with orders at random: a customer, the merchant, an operator and all services in one.
type actor struct {
	number    int
	rng       *rand.Rand
	commands  *operation.Commands
	temporal  client.Client // for those who don't use the client
	shop      *shop
	catalogue *catalogue
	pool      *pool
	journal   *journal
	minter    *fulfillment.Minter
	patience  context.Context // of commands: ends some time after the actors have stopped to begin new ones
	sent      int
}

// pace is the longest time for which an actor thinks between two commands.
const pace = 300 * time.Millisecond

// live acts until the context ends; what is under way then goes on until it is answered or patience ends.
func (a *actor) live(ctx context.Context) {
	for sleep(ctx, time.Duration(a.rng.Int64N(int64(pace)))) {
		order := a.pool.draw(a.rng)
		if order == 0 || chance(a.rng, 0.2) {
			a.createOrder()
			continue
		}
		fos := a.pool.look(ctx, order)
		switch at := a.rng.Float64(); {
		case at < 0.03:
			a.cancelOrder(order)
		case at < 0.07:
			a.editOrder(order, fos)
		case at < 0.10:
			a.updateOrder(order)
		case at < 0.11:
			a.closeOrder(order)
		case len(fos) == 0: // Nothing was ever seen of it.
		case at < 0.24:
			a.joint(order, fos)
		default:
			a.single(fos)
		}
	}
}

// commandID is a new one.
func (a *actor) commandID() string {
	a.sent++
	id := fmt.Sprintf("chaos/%d/%d", a.number, a.sent)
	a.journal.begins(id)
	return id
}

// meta is a new command's envelope.
func (a *actor) meta(by fulfillment.Actor) fulfillment.Meta {
	return fulfillment.Meta{CommandID: a.commandID(), Actor: by, FirstID: a.minter.Mint()}
}

// Who the actors are, beside the services.
var (
	merchant = fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "chaos", Name: "Merchant"}
	operator = fulfillment.Actor{Role: fulfillment.RoleOperator, Name: "Operator"}
)

func service(l fulfillment.AssignedLocation) fulfillment.Actor {
	return fulfillment.Actor{
		Role: fulfillment.RoleService, App: "chaos-service", Name: l.ServiceName, ServiceID: l.ServiceID,
	}
}

// somebody may mostly do what the verb asks for.
func (a *actor) somebody(fo *fulfillment.FulfillmentOrder, verb fulfillment.Verb) fulfillment.Actor {
	at := fo.AssignedLocation
	switch {
	case chance(a.rng, 0.2):
		return operator
	case chance(a.rng, 0.05):
		return oneOf(a.rng, []fulfillment.Actor{merchant, service(at), {Role: fulfillment.RoleService, ServiceID: 404}})
	case !at.AtService():
		return merchant
	}
	switch verb {
	case fulfillment.VerbAcceptFulfillmentRequest, fulfillment.VerbRejectFulfillmentRequest,
		fulfillment.VerbAcceptCancellationRequest,
		fulfillment.VerbRejectCancellationRequest, fulfillment.VerbCreateFulfillment, fulfillment.VerbClose,
		fulfillment.VerbUpdateTracking, fulfillment.VerbCancelFulfillment, fulfillment.VerbRecordEvent:
		return service(at)
	}
	return merchant
}

// single sends a command to one of the fulfillment orders.
func (a *actor) single(fos []*fulfillment.FulfillmentOrder) {
	fo := oneOf(a.rng, fos)
	if open := alive(fos); len(open) > 0 && chance(a.rng, 0.8) {
		fo = oneOf(a.rng, open)
	}
	verbs := likely(fo)
	if len(verbs) == 0 || chance(a.rng, 0.12) {
		verbs = fulfillment.Verbs()
	}
	if verbs = a.shop.may(fo, verbs); len(verbs) == 0 {
		return
	}
	cmd := a.draw(fo, oneOf(a.rng, verbs))
	*cmd.Envelope() = a.meta(a.somebody(fo, cmd.Verb()))
	if hold, ok := cmd.(*fulfillment.PlaceHold); ok {
		hold.Handle = hold.CommandID
	}
	a.journal.mayCancel(cmd)
	s := sent{id: cmd.Envelope().CommandID, verb: string(cmd.Verb()), orderID: fo.OrderID, fulfillmentOrderID: fo.ID}
	switch at := a.rng.Float64(); {
	case at < 0.10 && cmd.Verb() != fulfillment.VerbCancelFulfillment: // One that was cancelled before leaves no trace.
		a.signal(s, cmd)
	case at < 0.25:
		a.update(s, cmd)
	case at < 0.30:
		a.glance(s, cmd)
	case at < 0.34:
		a.twice(s, cmd)
	default:
		a.send(s, cmd)
	}
}

// alive are those that are not closed.
func alive(fos []*fulfillment.FulfillmentOrder) []*fulfillment.FulfillmentOrder {
	var open []*fulfillment.FulfillmentOrder
	for _, fo := range fos {
		if fo.Status != fulfillment.StatusClosed {
			open = append(open, fo)
		}
	}
	return open
}
