package access

import "strings"

// heardOf are the types of objects that topics of events are about, by the first part of their names: who may see such
// an object may hear of it.
var heardOf = map[string]string{
	"fulfillment_orders": "FulfillmentOrder",
	"fulfillment_holds":  "FulfillmentOrder", // A hold is a part of it.
	"fulfillments":       "Fulfillment",
	"fulfillment_events": "Fulfillment", // News are a part of a shipment.
	"orders":             "Order",
}

// HearingRule is who may hear of events of a topic such as "fulfillment_orders/moved": who may see what they are about.
// Nil: nobody. It must not be changed.
func HearingRule(topic string) Rule {
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
