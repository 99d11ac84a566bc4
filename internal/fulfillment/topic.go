package fulfillment

// Topics lists every webhook topic that transitions raise, in the order of the documentation. It must not be changed.
var Topics = []string{
	TopicRequestSubmitted, TopicRequestAccepted, TopicRequestRejected,
	TopicCancellationSubmitted, TopicCancellationAccepted, TopicCancellationRejected,
	TopicCancelled, TopicFailedToComplete, TopicPlacedOnHold, TopicHoldReleased, TopicMoved, TopicSplit, TopicMerged,
	TopicRescheduled, TopicReady, TopicProgressReported, TopicProgressStopped, TopicPreparedForPickup,
	TopicPreparedForLocalDelivery, TopicDeadlineMissed, TopicHoldAdded, TopicHoldEnded,
	TopicFulfillmentCreated, TopicFulfillmentUpdated, TopicEventCreated, TopicRoutingComplete,
	TopicOrderCreated, TopicOrderEdited, TopicOrderCancelled, TopicOrderUpdated, TopicOrderFulfilled,
	TopicOrderPartiallyFulfilled, TopicOrderPaid,
}
