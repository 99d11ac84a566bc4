package fulfillment

import "slices"

// Status is the first axis of a fulfillment order: the state of the work.
type Status string

// The statuses, as in Shopify's FulfillmentOrderStatus.
const (
	StatusScheduled  Status = "SCHEDULED"   // waits for FulfillAt
	StatusOpen       Status = "OPEN"        // ready to be worked on
	StatusOnHold     Status = "ON_HOLD"     // at least one hold: work must not start
	StatusInProgress Status = "IN_PROGRESS" // accepted, progress reported, or partly shipped
	StatusIncomplete Status = "INCOMPLETE"  // the service closed it with units left
	StatusCancelled  Status = "CANCELLED"   // the service accepted the cancellation; the units can be requested again
	StatusClosed     Status = "CLOSED"      // done, cancelled with its order, or superseded by a sibling
)

// Statuses lists every Status in the order of a life.
var Statuses = []Status{
	StatusScheduled, StatusOpen, StatusOnHold, StatusInProgress, StatusIncomplete, StatusCancelled, StatusClosed,
}

// RequestStatus is the second axis of a fulfillment order: the conversation between merchant and fulfillment service.
type RequestStatus string

// The request statuses, as in Shopify's FulfillmentOrderRequestStatus.
const (
	RequestUnsubmitted           RequestStatus = "UNSUBMITTED" // the only value at a merchant's own location
	RequestSubmitted             RequestStatus = "SUBMITTED"
	RequestAccepted              RequestStatus = "ACCEPTED"
	RequestRejected              RequestStatus = "REJECTED"
	RequestCancellationRequested RequestStatus = "CANCELLATION_REQUESTED"
	RequestCancellationAccepted  RequestStatus = "CANCELLATION_ACCEPTED"
	RequestCancellationRejected  RequestStatus = "CANCELLATION_REJECTED"
	RequestClosed                RequestStatus = "CLOSED"
)

// RequestStatuses lists every RequestStatus in the order of a life.
var RequestStatuses = []RequestStatus{RequestUnsubmitted, RequestSubmitted, RequestAccepted, RequestRejected,
	RequestCancellationRequested, RequestCancellationAccepted, RequestCancellationRejected, RequestClosed}

var legalPairs = map[Status][]RequestStatus{
	StatusScheduled:  {RequestUnsubmitted},
	StatusOpen:       {RequestUnsubmitted, RequestSubmitted, RequestRejected},
	StatusOnHold:     {RequestUnsubmitted},
	StatusInProgress: {RequestUnsubmitted, RequestAccepted, RequestCancellationRequested, RequestCancellationRejected},
	StatusIncomplete: {RequestClosed},
	StatusCancelled:  {RequestCancellationAccepted},
	StatusClosed:     RequestStatuses,
}

// LegalPair tells whether a fulfillment order may have this status and request status at the same time.
func LegalPair(s Status, r RequestStatus) bool { return slices.Contains(legalPairs[s], r) }

// FulfillmentStatus is the state of a shipment.
type FulfillmentStatus string

// The states of a shipment that Packhorse makes; ERROR and FAILURE are for carriers that report them.
const (
	FulfillmentSuccess   FulfillmentStatus = "SUCCESS"
	FulfillmentCancelled FulfillmentStatus = "CANCELLED"
	FulfillmentError     FulfillmentStatus = "ERROR"
	FulfillmentFailure   FulfillmentStatus = "FAILURE"
)

// DisplayStatus is what a merchant sees of a shipment, as in Shopify's FulfillmentDisplayStatus.
type DisplayStatus string

// The display statuses. CANCELED has one L, as in the source.
const (
	DisplayFulfilled         DisplayStatus = "FULFILLED"
	DisplayCanceled          DisplayStatus = "CANCELED"
	DisplayLabelPurchased    DisplayStatus = "LABEL_PURCHASED"
	DisplayLabelPrinted      DisplayStatus = "LABEL_PRINTED"
	DisplayConfirmed         DisplayStatus = "CONFIRMED"
	DisplayReadyForPickup    DisplayStatus = "READY_FOR_PICKUP"
	DisplayPickedUp          DisplayStatus = "PICKED_UP" // by the customer, with the shipment itself
	DisplayCarrierPickedUp   DisplayStatus = "CARRIER_PICKED_UP"
	DisplayInTransit         DisplayStatus = "IN_TRANSIT"
	DisplayDelayed           DisplayStatus = "DELAYED"
	DisplayOutForDelivery    DisplayStatus = "OUT_FOR_DELIVERY"
	DisplayAttemptedDelivery DisplayStatus = "ATTEMPTED_DELIVERY"
	DisplayDelivered         DisplayStatus = "DELIVERED"
	DisplayFailure           DisplayStatus = "FAILURE"
)

// EventStatus is what a carrier's news says, as in Shopify's FulfillmentEventStatus. A display status of the same
// name follows from it.
type EventStatus string

// The event statuses.
const (
	EventLabelPurchased    EventStatus = "LABEL_PURCHASED"
	EventLabelPrinted      EventStatus = "LABEL_PRINTED"
	EventReadyForPickup    EventStatus = "READY_FOR_PICKUP"
	EventConfirmed         EventStatus = "CONFIRMED"
	EventInTransit         EventStatus = "IN_TRANSIT"
	EventOutForDelivery    EventStatus = "OUT_FOR_DELIVERY"
	EventAttemptedDelivery EventStatus = "ATTEMPTED_DELIVERY"
	EventDelayed           EventStatus = "DELAYED"
	EventDelivered         EventStatus = "DELIVERED"
	EventFailure           EventStatus = "FAILURE"
	EventCarrierPickedUp   EventStatus = "CARRIER_PICKED_UP"
)

// EventStatuses lists every EventStatus in the order that Shopify's own error text lists them.
var EventStatuses = []EventStatus{
	EventLabelPurchased, EventLabelPrinted, EventReadyForPickup, EventConfirmed, EventInTransit, EventOutForDelivery,
	EventAttemptedDelivery, EventDelayed, EventDelivered, EventFailure, EventCarrierPickedUp,
}

// Moves tells whether the news says that the parcel itself moves, or has moved: a label that is bought or printed does
// not, nor does an announcement to the carrier.
func (s EventStatus) Moves() bool {
	switch s {
	case EventLabelPurchased, EventLabelPrinted, EventConfirmed:
		return false
	}
	return true
}

// HoldReason says why a fulfillment order is held, as in Shopify's FulfillmentHoldReason.
type HoldReason string

// The hold reasons.
const (
	HoldAwaitingPayment     HoldReason = "AWAITING_PAYMENT"
	HoldHighRiskOfFraud     HoldReason = "HIGH_RISK_OF_FRAUD"
	HoldIncorrectAddress    HoldReason = "INCORRECT_ADDRESS"
	HoldInventoryOutOfStock HoldReason = "INVENTORY_OUT_OF_STOCK"
	HoldUnknownDeliveryDate HoldReason = "UNKNOWN_DELIVERY_DATE"
	HoldPostPurchaseUpsell  HoldReason = "ONLINE_STORE_POST_PURCHASE_CROSS_SELL"
	HoldAwaitingReturnItems HoldReason = "AWAITING_RETURN_ITEMS"
	HoldOther               HoldReason = "OTHER"
	maxHoldsPerApp                     = 10
	maxHoldHandleLength                = 64
)

// HoldReasons maps every HoldReason to the text that a merchant reads.
var HoldReasons = map[HoldReason]string{
	HoldAwaitingPayment:     "Awaiting payment",
	HoldHighRiskOfFraud:     "High risk of fraud",
	HoldIncorrectAddress:    "Incorrect address",
	HoldInventoryOutOfStock: "Inventory out of stock",
	HoldUnknownDeliveryDate: "Unknown delivery date",
	HoldPostPurchaseUpsell:  "Awaiting upsell acceptance",
	HoldAwaitingReturnItems: "Exchange items awaiting return delivery",
	HoldOther:               "Other",
}

// RejectionReason says why a service refuses a request, as in Shopify's FulfillmentOrderRejectionReason. Empty is
// allowed: the service gave none.
type RejectionReason string

// The rejection reasons that Packhorse itself names; [RejectionReasons] has all.
const (
	RejectOutOfStock RejectionReason = "INVENTORY_OUT_OF_STOCK"
	RejectOther      RejectionReason = "OTHER"
)

// RejectionReasons lists every RejectionReason.
var RejectionReasons = []RejectionReason{"INCORRECT_ADDRESS", RejectOutOfStock, "INELIGIBLE_PRODUCT",
	"UNDELIVERABLE_DESTINATION", "INTERNATIONAL_SHIPPING_UNAVAILABLE", "INCORRECT_PRODUCT_INFO", "MISSING_CUSTOMS_INFO",
	"INVALID_SKU", "PAYMENT_DECLINED", "PACKAGE_PREFERENCE_NOT_SET", "INVALID_CONTACT_INFORMATION", "ORDER_TOO_LARGE",
	"MERCHANT_BLOCKED_OR_SUSPENDED", RejectOther}

// DeliveryMethodType says how the units reach the customer, as in Shopify's DeliveryMethodType.
type DeliveryMethodType string

// The delivery method types. NONE is for what needs no shipping, such as a download.
const (
	DeliveryShipping    DeliveryMethodType = "SHIPPING"
	DeliveryPickUp      DeliveryMethodType = "PICK_UP"
	DeliveryNone        DeliveryMethodType = "NONE"
	DeliveryRetail      DeliveryMethodType = "RETAIL"
	DeliveryLocal       DeliveryMethodType = "LOCAL"
	DeliveryPickupPoint DeliveryMethodType = "PICKUP_POINT"
)

// DeliveryMethodTypes lists every DeliveryMethodType.
var DeliveryMethodTypes = []DeliveryMethodType{
	DeliveryShipping, DeliveryPickUp, DeliveryNone, DeliveryRetail, DeliveryLocal, DeliveryPickupPoint,
}
