package webhook

import (
	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// MaySee tells whether the app may be told of the event: whether it may read the order, or has the scopes for what was
// at the location of the fulfillment order when it happened. Its Services are to be all that were ever its own: those
// that are deleted, too. Of a move, it is enough to have had the units or to have them by it.
//
// An event without a topic is told like any other of its fulfillment order or return; one about the feed itself, to
// everybody.
func MaySee(e *fulfillment.Event, by access.Caller) bool {
	topic := e.Topic
	switch {
	case e.OrderID == 0:
		return true
	case topic == "" && e.ReturnID != 0:
		topic = returns.TopicUpdate
	case topic == "" && e.FulfillmentOrderID == 0:
		topic = fulfillment.TopicOrderUpdated
	case topic == "":
		topic = fulfillment.TopicRoutingComplete
	}
	return hearsAt(topic, ServicesAt(e), by)
}

// MayStillSee is [MaySee] of an event as it waits to be told.
func (e Event) MayStillSee(by access.Caller) bool {
	if len(e.Services) == 0 { // It was noted before these were.
		return by.MayHear(string(TopicOf(e.Topic)))
	}
	return hearsAt(e.Topic, e.Services, by)
}

func hearsAt(topic string, services []fulfillment.ID, by access.Caller) bool {
	for _, service := range services {
		if by.Hears(topic, by.To(service)) {
			return true
		}
	}
	return false
}

// ServicesAt are the services whose fulfillment order the event is about; 0 is the merchant.
func ServicesAt(e *fulfillment.Event) []fulfillment.ID {
	d, ok := e.Details.(*fulfillment.Details)
	if !ok || d == nil { // The merchant's location, an order, or a return.
		return []fulfillment.ID{0}
	}
	services := []fulfillment.ID{d.ServiceID}
	if d.From != nil {
		services = append(services, d.From.ServiceID)
	}
	if d.To != nil {
		services = append(services, d.To.ServiceID)
	}
	return services
}
