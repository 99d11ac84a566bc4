package chaos

import (
	"slices"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// listener is an app that is told of what happens.
type listener struct {
	app
	services []fulfillment.ID // its own
	secrets  []string         // that it ever had
	wants    []wanted
}

// wanted is a webhook subscription that an app makes before the chaos begins.
type wanted struct {
	name, topic string
	filter      string
	lets        func(*fulfillment.Event) bool // what the filter lets through; nil: all
	poisoned    bool                          // its receiver never takes one of the webhooks
}

// subscription is one that an app has made.
type subscription struct {
	wanted
	by       *listener
	id       fulfillment.ID
	since    int64 // position after which it begins
	receiver *receiver
	left     []*place // where the receiver was
	paused   bool     // by the monkey
}

// parcels is the service of the app that hears of its own service alone.
const parcels = "Parcels"

// listeners are the apps that are told of what happens: one of everything, one of what the merchant ships, and one of
// what its own service does.
func listeners() []*listener {
	return []*listener{
		{
			app: app{name: "Back office", scopes: []access.Scope{
				access.ReadOrders, access.ReadMerchantManaged, access.ReadAssigned, access.ReadThirdParty,
				access.ReadFulfillments,
			}},
			wants: []wanted{
				{name: "orders", topic: fulfillment.TopicOrderUpdated, poisoned: true},
				{name: "shipments", topic: fulfillment.TopicFulfillmentCreated},
				{
					name: "news", topic: fulfillment.TopicEventCreated, filter: "NOT status:delivered",
					lets: func(e *fulfillment.Event) bool {
						d := e.Details.(*fulfillment.Details)
						return d.Event.Status != fulfillment.EventDelivered
					},
				},
			},
		},
		{
			app: app{name: "Shop floor", scopes: []access.Scope{access.ReadMerchantManaged}},
			wants: []wanted{
				{name: "routed-here", topic: fulfillment.TopicRoutingComplete},
				{name: "moved", topic: fulfillment.TopicMoved},
			},
		},
		{
			app: app{name: parcels, owns: []string{parcels}, scopes: []access.Scope{access.ReadAssigned}},
			wants: []wanted{
				{name: "routed-there", topic: fulfillment.TopicRoutingComplete},
				{name: "holds", topic: fulfillment.TopicHoldAdded},
			},
		},
	}
}

// wants tells whether the subscription asks for an event, and its app may be told of it.
func (s *subscription) wants(e *fulfillment.Event) bool {
	return e.Topic == s.topic && s.by.mayHear(e) && (s.lets == nil || s.lets(e))
}

// mayHear tells whether the app may be told of an event, going by its scopes alone.
func (l *listener) mayHear(e *fulfillment.Event) bool {
	has := func(scope access.Scope) bool { return slices.Contains(l.scopes, scope) }
	if has(access.ReadOrders) && !slices.Contains([]string{
		fulfillment.TopicRoutingComplete, fulfillment.TopicMoved, fulfillment.TopicHoldAdded,
	}, e.Topic) {
		return true // Orders, and what was shipped of them.
	}
	if e.FulfillmentOrderID == 0 {
		return false
	}
	at := []fulfillment.ID{0} // The merchant's own.
	if d, _ := e.Details.(*fulfillment.Details); d != nil {
		at[0] = d.ServiceID
		if d.From != nil && d.To != nil { // Who had the units, and who has them.
			at = []fulfillment.ID{d.From.ServiceID, d.To.ServiceID}
		}
	}
	return slices.ContainsFunc(at, func(service fulfillment.ID) bool {
		own := slices.Contains(l.services, service)
		return service == 0 && has(access.ReadMerchantManaged) || service != 0 && has(access.ReadThirdParty) ||
			own && has(access.ReadAssigned)
	})
}
