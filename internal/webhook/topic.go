package webhook

import (
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// Topic is what a subscription is about, by its name in the API: FULFILLMENT_ORDERS_MOVED. Apps may name every topic of
// Shopify's API; [Raised] are those of which there are events.
type Topic string

// eventTopics are all topics of events, in the order of the documentation.
var eventTopics = slices.Concat(fulfillment.Topics, returns.Topics)

// EventTopics lists the topics of which there are events, as events spell them, in the order of the documentation. It
// must not be changed.
func EventTopics() []string { return eventTopics }

var wire = func() map[Topic]string {
	of := make(map[Topic]string, len(eventTopics))
	for _, topic := range eventTopics {
		of[TopicOf(topic)] = topic
	}
	return of
}()

// TopicOf is the topic of an event, such as "fulfillment_orders/moved", by its name in the API.
func TopicOf(event string) Topic {
	return Topic(strings.ToUpper(strings.NewReplacer("/", "_", ".", "_").Replace(event)))
}

// Events is how events spell the topic that a text names, be it in the spelling of events or in that of the API; false:
// there are no events of it.
func Events(text string) (string, bool) {
	topic := TopicOf(strings.TrimSpace(text)).Wire()
	return topic, topic != ""
}

// Raised lists the topics of which there are events, by name.
func Raised() []Topic {
	topics := make([]Topic, len(eventTopics))
	for i, topic := range eventTopics {
		topics[i] = TopicOf(topic)
	}
	slices.Sort(topics)
	return topics
}

// IsRaised tells whether there are events of the topic. A subscription to another one is kept, and never hears of
// anything.
func (t Topic) IsRaised() bool { return wire[t] != "" }

// Wire is the topic as events and the header X-Shopify-Topic spell it, "fulfillment_orders/moved"; "" when it is never
// raised.
func (t Topic) Wire() string { return wire[t] }
