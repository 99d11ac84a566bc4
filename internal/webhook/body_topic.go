package webhook

import (
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// body is how the bodies of a topic are made, and what people are told of them.
type body struct {
	write         func(*writer) any
	needsOrder    bool
	needsShipment bool

	when   string // it is told
	differ string // what is not as in Shopify's samples, and why
}

const prepared = "method_type has the word of the API's enum; Shopify's sample has pickup"

var bodies = map[string]body{
	fulfillment.TopicRoutingComplete: {
		write: fulfillmentOrderBody, when: "an order was routed: once for each fulfillment order that was made of it",
	},
	fulfillment.TopicReady: {write: fulfillmentOrderBody, when: "a scheduled fulfillment order opened"},
	fulfillment.TopicRescheduled: {
		write: rescheduledBody, when: "a scheduled fulfillment order opens at another time",
	},
	fulfillment.TopicDeadlineMissed: {
		write: deadlineBody, when: "units were left when the deadline passed", differ: "Packhorse's own topic",
	},

	fulfillment.TopicRequestSubmitted: {
		write: requestBody, when: "a fulfillment service was asked to fulfill",
		differ: "request_status is submitted; Shopify's sample has unsubmitted. unsubmitted_fulfillment_order is " +
			"there when only a part was asked for: the rest",
	},
	fulfillment.TopicRequestAccepted: {write: answerBody, when: "the service accepted"},
	fulfillment.TopicRequestRejected: {write: answerBody, when: "the service rejected"},
	fulfillment.TopicCancellationSubmitted: {
		write: cancellationBody, when: "the service was asked to stop",
		differ: "request_status is cancellation_requested, as in the API; Shopify's sample has cancellation_request",
	},
	fulfillment.TopicCancellationAccepted: {
		write: answerBody, when: "the service stopped",
		differ: "status is what the API says: cancelled, or closed when the whole order was cancelled; " +
			"request_status is there, too",
	},
	fulfillment.TopicCancellationRejected: {write: answerBody, when: "the service goes on"},
	fulfillment.TopicCancelled: {
		write: cancelledBody, when: "a fulfillment order was cancelled",
		differ: "as in Shopify, status is cancelled, which receivers look for; the API says CLOSED. " +
			"replacement_fulfillment_order is null when nothing takes its place",
	},
	fulfillment.TopicFailedToComplete: {
		write: failedBody, when: "the service gave up what is left",
		differ: "status is what the API says: incomplete, or closed when the whole order was cancelled. Shopify's " +
			"sample has closed, and what is still to be shipped would be taken for done",
	},

	fulfillment.TopicMoved: {
		write: movedBody, when: "units go to another location",
		differ: "what moves whole keeps its ID: then both fulfillment orders are the same. It is told to who had the " +
			"units and to who has them now",
	},
	fulfillment.TopicSplit: {
		write: splitBody, when: "units were split off",
		differ: "replacement_fulfillment_order is null: the original stays",
	},
	fulfillment.TopicMerged: {
		write: mergedBody, when: "fulfillment orders became one: once, with all of them, the one that stays first",
		differ: "as in Shopify, merge_intents has numbers, and the rest has global IDs",
	},

	fulfillment.TopicProgressReported: {
		write: progressBody, when: "the merchant reported progress",
		differ: "progress_reported_by_user is null: who uses an app is not known",
	},
	fulfillment.TopicProgressStopped: {
		write: progressStoppedBody, when: "the reported progress was ended",
		differ: "progress_stopped_by_user is null: who uses an app is not known",
	},
	fulfillment.TopicPreparedForPickup: {
		write: preparedBody(fulfillment.DeliveryPickUp), when: "all that is left stands ready to be picked up",
		differ: prepared,
	},
	fulfillment.TopicPreparedForLocalDelivery: {
		write: preparedBody(fulfillment.DeliveryLocal),
		when:  "all that is left stands ready to be brought to the customer",
	},

	fulfillment.TopicPlacedOnHold: {
		write: placedOnHoldBody, when: "a fulfillment order got its first hold",
		differ: "created_fulfillment_hold is the hold that was placed, which may be gone on arrival. " +
			"held_by_requesting_app says whether the receiving app holds it",
	},
	fulfillment.TopicHoldReleased: {write: fulfillmentOrderBody, when: "its last hold was released"},
	fulfillment.TopicHoldAdded: {
		write: holdBody, when: "a hold was placed, the first one or another",
		differ: "held_by_app is null when no app holds it",
	},
	fulfillment.TopicHoldEnded: {write: holdBody, when: "a hold was released"},

	fulfillment.TopicFulfillmentCreated: {
		write: shipmentBody, needsShipment: true,
		when: "units were shipped: once, however many fulfillment orders they came from",
		differ: "destination is where it goes, also when the order's address has changed since. Weights and " +
			"discounts are null",
	},
	fulfillment.TopicFulfillmentUpdated: {
		write: shipmentBody, needsShipment: true,
		when: "a shipment has other tracking, other news of delivery, or was cancelled",
	},
	fulfillment.TopicEventCreated: {
		write: newsBody, when: "a carrier has news of a shipment", differ: "shop_id is 1",
	},

	fulfillment.TopicOrderCreated: {
		write: orderBody, needsOrder: true, when: "an order was made",
		differ: "the order as it was then. What is not known is null: discounts, shipping prices, weights, " +
			"customers. Sums are null when no line has a price. number is null, and so is order_number " +
			"when the name is no number",
	},
	fulfillment.TopicOrderUpdated: {
		write: orderBody, needsOrder: true,
		when: "an order was changed, closed, opened, edited or cancelled, or has another status",
	},
	fulfillment.TopicOrderCancelled: {
		write: orderBody, needsOrder: true, when: "an order was cancelled",
		differ: "current quantities and sums are 0, as in the API: nothing is wanted any more",
	},
	fulfillment.TopicOrderFulfilled: {
		write: orderBody, needsOrder: true, when: "an order became fulfilled; orders/updated comes with it",
	},
	fulfillment.TopicOrderPartiallyFulfilled: {
		write: orderBody, needsOrder: true, when: "an order became partially fulfilled; orders/updated comes with it",
	},
	fulfillment.TopicOrderPaid: {
		write: orderBody, needsOrder: true, when: "an order was made paid, or an edit left nothing to be paid",
	},
	fulfillment.TopicOrderEdited: {
		write: editBody, when: "an order was edited: what came to its lines, and what went",
		differ: "an edit's number follows from the order's and the place in its history",
	},

	returns.TopicRequest: {
		write: madeReturnBody, when: "a customer asked for a return",
		differ: "total_return_line_items and total_exchange_line_items count lines, not units",
	},
	returns.TopicApprove: {
		write: madeReturnBody, when: "a request was approved, or a return was made without one",
		differ: "the return as it was then, without what was declined. line_item of an exchange line is null until " +
			"it goes out",
	},
	returns.TopicDecline: {write: declinedReturnBody, when: "a request was declined"},
	returns.TopicCancel: {
		write: returnStateBody, when: "a return was called off", differ: "status is canceled, with one l",
	},
	returns.TopicClose:  {write: returnStateBody, when: "nothing is left to be done about a return"},
	returns.TopicReopen: {write: returnStateBody, when: "a closed return was opened again"},
	returns.TopicUpdate: {
		write: updatedReturnBody, when: "units were taken out of a return",
		differ: "as in Shopify, it has no id, no status and nothing of exchange lines. Fees never change",
	},
	returns.TopicProcess: {
		write: processedReturnBody, when: "units were inspected, or go out in exchange",
		differ: "Shopify shows no sample: the keys are those of the other topics, and quantities are those of this " +
			"step",
	},
	returns.TopicAttach: {
		write: parcelBody, when: "a parcel that comes back got its tracking or its label, or another one",
	},
	returns.TopicDispose: {
		write: disposedBody, when: "it was said what became of units that came back",
		differ: "reverse_delivery_line_item is null: units are not told apart by parcel. location is null where none " +
			"was named",
	},
	returns.TopicReminder: {
		write: expectedReturnBody, when: "a return should be back soon, and units of it are not",
		differ: "Packhorse's own topic",
	},
	returns.TopicOverdue: {
		write: expectedReturnBody, when: "units of a return are not back by the time that they were expected",
		differ: "Packhorse's own topic",
	},
}

// When says when events of a topic are told, in words that go on after "when"; empty: never.
func When(topic string) string { return bodies[topic].when }

// Differs says what of a topic's bodies is not as in Shopify's samples, or may surprise; empty: nothing.
func Differs(topic string) string { return bodies[topic].differ }
