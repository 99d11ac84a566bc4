package webhook

import (
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
)

// Topic is what a subscription is about, by its name in the API: FULFILLMENT_ORDERS_MOVED. Apps may name every topic of
// Shopify's API; [Raised] are those of which there are events.
type Topic string

// raised are the topics of events, in their spelling.
var raised = []string{
	fulfillment.TopicRoutingComplete, fulfillment.TopicRequestSubmitted, fulfillment.TopicRequestAccepted,
	fulfillment.TopicRequestRejected, fulfillment.TopicCancellationSubmitted, fulfillment.TopicCancellationAccepted,
	fulfillment.TopicCancellationRejected, fulfillment.TopicCancelled, fulfillment.TopicFailedToComplete,
	fulfillment.TopicPlacedOnHold, fulfillment.TopicHoldReleased, fulfillment.TopicMoved, fulfillment.TopicSplit,
	fulfillment.TopicMerged, fulfillment.TopicRescheduled, fulfillment.TopicReady, fulfillment.TopicProgressReported,
	fulfillment.TopicProgressStopped, fulfillment.TopicPreparedForPickup, fulfillment.TopicPreparedForLocalDelivery,
	fulfillment.TopicDeadlineMissed, fulfillment.TopicHoldAdded, fulfillment.TopicHoldEnded,
	fulfillment.TopicFulfillmentCreated, fulfillment.TopicFulfillmentUpdated, fulfillment.TopicEventCreated,
	fulfillment.TopicOrderCreated, fulfillment.TopicOrderEdited, fulfillment.TopicOrderCancelled,
	fulfillment.TopicOrderUpdated, fulfillment.TopicOrderFulfilled, fulfillment.TopicOrderPartiallyFulfilled,
	fulfillment.TopicOrderPaid,
}

var wire = func() map[Topic]string {
	of := make(map[Topic]string, len(raised))
	for _, topic := range raised {
		of[TopicOf(topic)] = topic
	}
	return of
}()

// TopicOf is the topic of an event, such as "fulfillment_orders/moved", by its name in the API.
func TopicOf(event string) Topic {
	return Topic(strings.ToUpper(strings.NewReplacer("/", "_", ".", "_").Replace(event)))
}

// Raised lists the topics of which there are events, by name.
func Raised() []Topic {
	topics := make([]Topic, len(raised))
	for i, topic := range raised {
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
