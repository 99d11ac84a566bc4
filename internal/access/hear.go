package access

import (
	"maps"
	"slices"
	"strings"
)

// heardOf are the types of objects that topics of events are about, by the first part of their names: who may see such
// an object may hear of it.
var heardOf = map[string]string{
	"fulfillment_orders": "FulfillmentOrder",
	"fulfillment_holds":  "FulfillmentOrder", // A hold is a part of it.
	"fulfillments":       "Fulfillment",
	"fulfillment_events": "Fulfillment", // News are a part of a shipment.
	"orders":             "Order",

	"returns":                    "Return",
	"reverse_deliveries":         "Return", // A parcel that comes back is a part of it, and so is the work on it.
	"reverse_fulfillment_orders": "Return",
}

// heardBesides are the topics of which more may hear than who may see what they are about: their bodies say of a return
// what everybody who reads the order sees on it.
var heardBesides = map[string]Rule{
	"returns/cancel": withOrders, "returns/close": withOrders, "returns/reopen": withOrders,
}

var withOrders = everywhere(ReadOrders, ReadReturns)

// TopicsOfReturnsWithOrders are those of returns that who reads orders may hear of, too, in a fixed order.
func TopicsOfReturnsWithOrders() []string { return slices.Sorted(maps.Keys(heardBesides)) }

// HearingRule is who may hear of events of a topic such as "fulfillment_orders/moved": who may see what they are about.
// Nil: nobody. It must not be changed.
func HearingRule(topic string) Rule {
	if rule, more := heardBesides[topic]; more {
		return rule
	}
	family, _, _ := strings.Cut(topic, "/")
	if row := ObjectOf(heardOf[family]); row != nil {
		return row.Seen
	}
	return nil
}

// Hears tells whether the caller may hear of an event of the topic, of something that it has this relation to. What an
// order itself raises concerns no location.
func (c Caller) Hears(topic string, to Relation) bool {
	rule := HearingRule(topic)
	return rule != nil && c.admits(rule, to)
}
