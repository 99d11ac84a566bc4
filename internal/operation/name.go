package operation

import (
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// names says which operation of [access.Operations] a command is: who may send it is asked under that name.
var names = map[fulfillment.Verb]string{
	fulfillment.VerbSubmitFulfillmentRequest:          "fulfillmentOrderSubmitFulfillmentRequest",
	fulfillment.VerbAcceptFulfillmentRequest:          "fulfillmentOrderAcceptFulfillmentRequest",
	fulfillment.VerbRejectFulfillmentRequest:          "fulfillmentOrderRejectFulfillmentRequest",
	fulfillment.VerbSubmitCancellationRequest:         "fulfillmentOrderSubmitCancellationRequest",
	fulfillment.VerbAcceptCancellationRequest:         "fulfillmentOrderAcceptCancellationRequest",
	fulfillment.VerbRejectCancellationRequest:         "fulfillmentOrderRejectCancellationRequest",
	fulfillment.VerbClose:                             "fulfillmentOrderClose",
	fulfillment.VerbHold:                              "fulfillmentOrderHold",
	fulfillment.VerbReleaseHold:                       "fulfillmentOrderReleaseHold",
	fulfillment.VerbCancel:                            "fulfillmentOrderCancel",
	fulfillment.VerbOpen:                              "fulfillmentOrderOpen",
	fulfillment.VerbReschedule:                        "fulfillmentOrderReschedule",
	fulfillment.VerbReportProgress:                    "fulfillmentOrderReportProgress",
	fulfillment.VerbSetDeadline:                       "fulfillmentOrdersSetFulfillmentDeadline",
	fulfillment.VerbMove:                              "fulfillmentOrderMove",
	fulfillment.VerbReroute:                           "fulfillmentOrdersReroute",
	fulfillment.VerbSplit:                             "fulfillmentOrderSplit",
	fulfillment.VerbMerge:                             "fulfillmentOrderMerge",
	fulfillment.VerbCreateFulfillment:                 "fulfillmentCreate",
	fulfillment.VerbLineItemsPreparedForPickup:        "fulfillmentOrderLineItemsPreparedForPickup",
	fulfillment.VerbLineItemsPreparedForLocalDelivery: "fulfillmentOrderLineItemsPreparedForLocalDelivery",
	fulfillment.VerbCancelFulfillment:                 "fulfillmentCancel",
	fulfillment.VerbUpdateTracking:                    "fulfillmentTrackingInfoUpdate",
	fulfillment.VerbRecordEvent:                       "fulfillmentEventCreate",
}

// The names of operations that are no command of a fulfillment order.
const (
	serviceCreate      = "fulfillmentServiceCreate"
	serviceUpdate      = "fulfillmentServiceUpdate"
	serviceDelete      = "fulfillmentServiceDelete"
	locationAdd        = "locationAdd"
	locationEdit       = "locationEdit"
	locationActivate   = "locationActivate"
	locationDeactivate = "locationDeactivate"
	locationDelete     = "locationDelete"
	orderCreate        = "orderCreate"
	orderCancel        = "orderCancel"
	orderUpdate        = "orderUpdate"
	orderClose         = "orderClose"
	orderOpen          = "orderOpen"
	editBegin          = "orderEditBegin"
	editSetQuantity    = "orderEditSetQuantity"
	editAddVariant     = "orderEditAddVariant"
	editAddItem        = "orderEditAddCustomItem"
	editCommit         = "orderEditCommit"
	subscriptionCreate = "webhookSubscriptionCreate"
	subscriptionUpdate = "webhookSubscriptionUpdate"
	subscriptionDelete = "webhookSubscriptionDelete"
)

// returnNames says which operation of [access.Operations] a command of a return is.
var returnNames = map[fulfillment.Verb]string{
	returns.VerbRequest:        "returnRequest",
	returns.VerbCreate:         "returnCreate",
	returns.VerbApprove:        "returnApproveRequest",
	returns.VerbDecline:        "returnDeclineRequest",
	returns.VerbCancel:         "returnCancel",
	returns.VerbClose:          "returnClose",
	returns.VerbReopen:         "returnReopen",
	returns.VerbRemove:         "removeFromReturn",
	returns.VerbProcess:        "returnProcess",
	returns.VerbDispose:        "reverseFulfillmentOrderDispose",
	returns.VerbCreateDelivery: "reverseDeliveryCreateWithShipping",
	returns.VerbUpdateDelivery: "reverseDeliveryShippingUpdate",
}
