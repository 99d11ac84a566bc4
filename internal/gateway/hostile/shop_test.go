package hostile

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/webhook"
)

type vars = map[string]any

// The shop's size: what a page or a list of it has to give.
const (
	manyOrders    = 40
	manyShipments = 20
)

// shop is a merchant whose objects are asked for.
type shop struct {
	*gatewaytest.Stack
	app *gatewaytest.App
	// replaces has what stands in a call's body for something of the shop: ORDER is an order with many shipments, WORK
	// its fulfillment order, and LINE a line of that.
	replaces *strings.Replacer
}

// newShop is a shop that has nothing but a location.
func newShop(t *testing.T) *shop {
	s := &shop{Stack: gatewaytest.Start(t, gatewaytest.Options{})}
	s.app = s.App("Hostile", access.Scopes()...)
	s.app.Must(t, `mutation { locationAdd(input: {name: "Berlin", address: {countryCode: DE}}) {
		location { id } userErrors { message } } }`, nil)
	return s
}

// fill gives it what there is to ask for.
func (s *shop) fill(t *testing.T) {
	note := strings.Repeat("n", 1000)
	create := func(quantity int) (order, fo, line string) {
		made := s.app.Must(t, `mutation ($quantity: Int!, $note: String!) {
			orderCreate(order: {currency: EUR, note: $note, lineItems: [{title: "Thing", quantity: $quantity}]}) {
				order { id fulfillmentOrders(first: 1) { nodes { id lineItems(first: 1) { nodes { id } } } } }
				userErrors { message } } }`, vars{"quantity": quantity, "note": note})
		type nodes struct {
			ID        string
			LineItems struct{ Nodes []struct{ ID string } }
		}
		at := gatewaytest.Get[[]nodes](t, made, "orderCreate.order.fulfillmentOrders.nodes")[0]
		return gatewaytest.Get[string](t, made, "orderCreate.order.id"), at.ID, at.LineItems.Nodes[0].ID
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range manyOrders / 4 {
				create(2)
			}
		})
	}
	group.Wait()
	order, fo, line := create(manyShipments + 1)
	for range manyShipments {
		s.app.Must(t, `mutation ($fo: ID!, $line: ID!) { fulfillmentCreate(fulfillment: {
			lineItemsByFulfillmentOrder: [
				{fulfillmentOrderId: $fo, fulfillmentOrderLineItems: [{id: $line, quantity: 1}]}
			]}) {
			fulfillment { id } userErrors { message } } }`, vars{"fo": fo, "line": line})
	}
	s.subscribe(t)
	s.replaces = strings.NewReplacer("ORDER", order, "WORK", fo, "LINE", line)
}

// subscribe makes as many large subscriptions as an app may have.
func (s *shop) subscribe(t *testing.T) {
	for i := range webhook.MaxTogether / (webhook.MaxURI + 1000) {
		address := fmt.Sprintf("https://receiver.example/%d/", i)
		if _, err := s.Store.AddSubscription(t.Context(), webhook.Subscription{
			AppID: s.app.App.ID, Topic: "FULFILLMENTS_CREATE", APIVersion: "2026-07",
			URI: address + strings.Repeat("x", webhook.MaxURI-len(address)),
		}.Tidy()); err != nil {
			t.Fatal(err)
		}
	}
}
