package endtoend

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"packhorse/internal/gateway/gatewaytest"
)

type expectation int

const (
	either expectation = iota // as it may be: the invariants must hold
	succeeds
	fails
)

// try is something that an app can try, with input that fits the fulfillment order.
type try struct {
	name string
	// action is what the fulfillment order must offer for it to succeed.
	action string
	// unlisted is where it succeeds for the merchant although it is not offered: as in Shopify's API.
	unlisted func(fo *fulfillmentOrder) bool
	// must is what is expected of something that is no action.
	must func(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) expectation
	// chances is how often it is tried where it must succeed, beside 1 where it must not. Default: 5.
	chances int
	// send does it; nil: there is nothing to do it with.
	send func(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) *gatewaytest.Answer
}

var tries = []try{
	{name: "ship", action: "CREATE_FULFILLMENT", send: func(
		w *walk, by *gatewaytest.App, fo *fulfillmentOrder,
	) *gatewaytest.Answer {
		return by.Do(w.t, ship, shipment(fo.ID, w.part(fo)))
	}},
	{name: "ship together", must: shipsWithPeers, chances: 15, send: shipTogether},
	{name: "submit", action: "REQUEST_FULFILLMENT", send: func(
		w *walk, by *gatewaytest.App, fo *fulfillmentOrder,
	) *gatewaytest.Answer {
		return by.Do(w.t, submit, vars{"id": fo.ID, "lines": w.part(fo)})
	}},
	{name: "cancel", action: "CANCEL_FULFILLMENT_ORDER", chances: 2, send: only(cancel),
		unlisted: func(fo *fulfillmentOrder) bool { return fo.in("OPEN", "UNSUBMITTED") }},
	{name: "move", action: "MOVE", chances: 3,
		unlisted: func(fo *fulfillmentOrder) bool { return fo.in("OPEN", "REJECTED") || fo.Status == "CANCELLED" },
		send: func(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) *gatewaytest.Answer {
			places := slices.DeleteFunc(
				[]string{w.home, w.other, w.depot}, func(id string) bool { return id == fo.location() },
			)
			variables := vars{"id": fo.ID, "to": pick(w, places)}
			if fo.Status != "ON_HOLD" { // What is held moves whole.
				variables["lines"] = w.part(fo)
			}
			return by.Do(w.t, move, variables)
		}},
	{name: "submit cancellation", action: "REQUEST_CANCELLATION", chances: 20, send: only(submitCancellation)},
	{name: "open", action: "MARK_AS_OPEN", chances: 10, send: only(open)},
	{name: "release holds", action: "RELEASE_HOLD", send: only(releaseHold)},
	{name: "hold", action: "HOLD", chances: 4, send: func(
		w *walk, by *gatewaytest.App, fo *fulfillmentOrder,
	) *gatewaytest.Answer {
		w.made++
		input := vars{"reason": "OTHER", "handle": fmt.Sprint("hold-", w.made)}
		if fo.Status != "ON_HOLD" { // What is held can't be held in part.
			input["fulfillmentOrderLineItems"] = w.part(fo)
		}
		return by.Do(w.t, holding, vars{"id": fo.ID, "hold": input})
	}},
	{name: "split", action: "SPLIT", send: splitOff},
	{name: "merge", action: "MERGE", chances: 10, send: mergeWithPeer},
	{name: "report progress", action: "REPORT_PROGRESS", send: only(reportProgress)},

	{name: "accept", chances: 10, must: service("OPEN", "SUBMITTED"), send: only(accept)},
	{name: "reject", chances: 10, must: service("OPEN", "SUBMITTED"), send: only(reject)},
	{
		name: "accept cancellation", chances: 10, must: service("IN_PROGRESS", "CANCELLATION_REQUESTED"),
		send: only(acceptCancellation),
	},
	{
		name: "reject cancellation", chances: 10, must: service("IN_PROGRESS", "CANCELLATION_REQUESTED"),
		send: only(rejectCancellation),
	},
	{
		name: "close", chances: 10,
		must: service("IN_PROGRESS", "ACCEPTED", "CANCELLATION_REQUESTED", "CANCELLATION_REJECTED"),
		send: only(closing),
	},

	{
		name: "cancel fulfillment", must: whoShips,
		send: onFulfillment(func(id string) (string, vars) { return cancelFulfillment, vars{"id": id} }),
	},
	{name: "track", must: whoShips, send: onFulfillment(func(id string) (string, vars) {
		return track, vars{"id": id, "tracking": vars{"company": "DHL", "numbers": []string{"1", "2"}}}
	})},
	{name: "event", must: whoTracks, send: onFulfillment(func(id string) (string, vars) {
		return event, vars{"event": vars{"fulfillmentId": id, "status": "IN_TRANSIT"}}
	})},
	{name: "set deadline", must: onlyMerchant, chances: 1, send: func(
		w *walk, by *gatewaytest.App, fo *fulfillmentOrder,
	) *gatewaytest.Answer {
		return by.Do(
			w.t, setDeadline,
			vars{"ids": []string{fo.ID}, "at": time.Now().Add(240 * time.Hour).UTC().Format(time.RFC3339)},
		)
	}},
	{name: "edit order", must: rarely, send: editOrder},
	{name: "cancel order", must: nothingShipped, send: func(
		w *walk, by *gatewaytest.App, _ *fulfillmentOrder,
	) *gatewaytest.Answer {
		if w.chance.IntN(4) > 0 { // It ends most of what can happen.
			return nil
		}
		return by.Do(w.t, cancelOrder, vars{"id": w.order})
	}},
}

// only sends a document that takes the ID alone.
func only(document string) func(*walk, *gatewaytest.App, *fulfillmentOrder) *gatewaytest.Answer {
	return func(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) *gatewaytest.Answer {
		return by.Do(w.t, document, vars{"id": fo.ID})
	}
}

// service is what the fulfillment service may do in this state, and nobody else.
func service(status string, requests ...string) func(*walk, *gatewaytest.App, *fulfillmentOrder) expectation {
	return func(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) expectation {
		if by == w.service && fo.location() == w.depot && fo.Status == status &&
			slices.Contains(requests, fo.RequestStatus) {
			return succeeds
		}
		return fails
	}
}

// whoShips is who runs the location, with its shipments.
func whoShips(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) expectation {
	if (by == w.service) == (fo.location() == w.depot) {
		return succeeds
	}
	return fails
}

// whoTracks is whoever runs the location. What an app may not see is not there for it, whatever it may write.
func whoTracks(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) expectation {
	if fo.location() == w.depot {
		return whoShips(w, by, fo)
	}
	return onlyMerchant(w, by, fo)
}

func onlyMerchant(w *walk, by *gatewaytest.App, _ *fulfillmentOrder) expectation {
	if by == w.merchant {
		return succeeds
	}
	return fails
}

// rarely is what the merchant may do in some states.
func rarely(w *walk, by *gatewaytest.App, _ *fulfillmentOrder) expectation {
	if by == w.merchant {
		return either
	}
	return fails
}

func nothingShipped(w *walk, by *gatewaytest.App, _ *fulfillmentOrder) expectation {
	if by != w.merchant {
		return fails
	}
	for _, f := range w.seen.Fulfillments {
		if f.Status == "SUCCESS" {
			return fails
		}
	}
	return either
}

// part is all units (nil), or some of those that remain.
func (w *walk) part(fo *fulfillmentOrder) []vars {
	if w.chance.IntN(2) == 0 {
		return nil
	}
	var lines []vars
	for _, l := range fo.LineItems.Nodes {
		if l.Remaining > 0 && (len(lines) == 0 || w.chance.IntN(2) == 0) {
			lines = append(lines, vars{"id": l.ID, "quantity": 1 + w.chance.IntN(l.Remaining)})
		}
	}
	return lines
}

// splitOff splits one unit off, or as many as leave one.
func splitOff(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) *gatewaytest.Answer {
	for _, l := range fo.LineItems.Nodes {
		if l.Remaining == 0 {
			continue
		}
		most := l.Remaining
		if most == fo.remaining() {
			most = max(most-1, 1)
		}
		return by.Do(w.t, splitting, vars{"splits": []vars{{"fulfillmentOrderId": fo.ID,
			"fulfillmentOrderLineItems": []vars{
				{"id": l.ID, "quantity": 1 + w.chance.IntN(most)}}}}})
	}
	return nil
}

// mergeWithPeer merges with what the fulfillment order says it can be merged with; else with any other of the order.
func mergeWithPeer(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) *gatewaytest.Answer {
	answer := w.merchant.Must(
		w.t, `query ($id: ID!) { fulfillmentOrder(id: $id) { fulfillmentOrdersForMerge(first: 50) { nodes { id } } } }`,
		vars{"id": fo.ID},
	)
	peers := gatewaytest.Get[[]object](w.t, answer, "fulfillmentOrder.fulfillmentOrdersForMerge.nodes")
	offered := slices.Contains(fo.Actions, action{"MERGE"})
	if (len(peers) > 0) != offered && by == w.merchant {
		w.t.Fatalf("%s offers %v, and can be merged with %v", fo.ID, fo.Actions, peers)
	}
	if len(peers) == 0 {
		for _, other := range w.seen.FulfillmentOrders.Nodes {
			if other.ID != fo.ID {
				peers = append(peers, object{other.ID})
			}
		}
	}
	if len(peers) == 0 {
		return nil
	}
	intents := []vars{{"fulfillmentOrderId": fo.ID}, {"fulfillmentOrderId": pick(w, peers).ID}}
	return by.Do(w.t, merging, vars{"merges": []vars{{"mergeIntents": intents}}})
}

// shippable is the others at its location that the merchant can ship from; none if it can't ship from the fulfillment
// order itself.
func (w *walk) shippable(fo *fulfillmentOrder) []string {
	if !slices.Contains(fo.Actions, action{"CREATE_FULFILLMENT"}) {
		return nil
	}
	var peers []string
	for _, other := range w.seen.FulfillmentOrders.Nodes {
		// The list is the merchant's view: it ships from its own locations.
		if other.ID != fo.ID && other.location() == fo.location() &&
			slices.Contains(other.Actions, action{"CREATE_FULFILLMENT"}) {
			peers = append(peers, other.ID)
		}
	}
	return peers
}

// shipsWithPeers: the merchant makes one shipment of this and another that it can ship, and nobody else does.
func shipsWithPeers(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) expectation {
	if by == w.merchant && len(w.shippable(fo)) > 0 {
		return succeeds
	}
	return fails
}

// shipTogether makes one shipment of two fulfillment orders.
func shipTogether(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) *gatewaytest.Answer {
	peers := w.shippable(fo)
	if len(peers) == 0 || by != w.merchant {
		return nil
	}
	groups := []vars{{"fulfillmentOrderId": fo.ID}, {"fulfillmentOrderId": peers[0]}}
	if part := w.part(fo); part != nil {
		groups[0]["fulfillmentOrderLineItems"] = part
	}
	return by.Do(w.t, ship, vars{"fulfillment": vars{"lineItemsByFulfillmentOrder": groups}})
}

// onFulfillment sends something about a shipment of the fulfillment order.
func onFulfillment(make func(id string) (string, vars)) func(
	*walk, *gatewaytest.App, *fulfillmentOrder,
) *gatewaytest.Answer {
	return func(w *walk, by *gatewaytest.App, fo *fulfillmentOrder) *gatewaytest.Answer {
		if len(fo.Fulfillments.Nodes) == 0 {
			return nil
		}
		document, variables := make(pick(w, fo.Fulfillments.Nodes).ID)
		return by.Do(w.t, document, variables)
	}
}

// editOrder takes a unit of a line away.
func editOrder(w *walk, by *gatewaytest.App, _ *fulfillmentOrder) *gatewaytest.Answer {
	begun := by.Do(w.t, beginEdit, vars{"id": w.order})
	if len(begun.Refusals()) > 0 {
		return begun
	}
	calculated := gatewaytest.Get[string](w.t, begun, "orderEditBegin.calculatedOrder.id")
	for _, l := range gatewaytest.Get[[]struct {
		object
		Quantity int `json:"quantity"`
		Editable int `json:"editableQuantity"`
	}](w.t, begun, "orderEditBegin.calculatedOrder.lineItems.nodes") {
		if l.Editable == 0 {
			continue
		}
		set := by.Do(w.t, setEditQuantity, vars{"id": calculated, "line": l.ID, "quantity": l.Quantity - 1})
		if len(set.Refusals()) > 0 {
			return set
		}
		return by.Do(w.t, commitEdit, vars{"id": calculated})
	}
	return nil
}

// tally counts what was tried.
type tally struct {
	mu    sync.Mutex
	count map[string][2]int
}

func (c *tally) add(name string, done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil {
		c.count = map[string][2]int{}
	}
	n := c.count[name]
	if done {
		n[0]++
	} else {
		n[1]++
	}
	c.count[name] = n
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.count)
}

// checkReach makes sure that the walk came past what it is there to check: nearly all of it, since it is led by chance.
func (c *tally) checkReach(t *testing.T) {
	t.Helper()
	var never []string
	for _, try := range tries {
		if c.count[try.name][0] == 0 {
			never = append(never, try.name)
		}
	}
	if len(never) > 3 {
		t.Errorf("the walk never did these: %v", never)
	}
}
