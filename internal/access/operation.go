package access

import (
	"packhorse/internal/fulfillment"
)

// Operation is a query or mutation of the Admin API, and what it takes to call it.
type Operation struct {
	Name     string
	Mutation bool
	// Scopes are those of which any one may open the operation, in the order of [Scopes]. None: it needs no scope.
	Scopes []Scope
	// By is who may at a location of each kind of ownership. Nil: it does not depend on a location.
	By Rule
	// Object is the type of what stands there. What the app may not see of that does not exist for it, whatever it may
	// do elsewhere. Empty: nothing does.
	Object string
}

// Free tells whether any token will do.
func (op *Operation) Free() bool { return op.By == nil && len(op.Scopes) == 0 }

func (op *Operation) required() []Scope {
	if op == nil {
		return nil
	}
	return op.Scopes
}

// What operations on fulfillment orders have in common.
var (
	// A read of a fulfillment order. To have an eye on all services means to have one on one's own, too.
	seen = Rule{
		MerchantManaged: {ReadMerchantManaged}, Assigned: {ReadAssigned, ReadThirdParty}, ThirdParty: {ReadThirdParty},
	}
	seenByService = Rule{Assigned: {ReadAssigned}}
	// A read of a shipment: it is a part of the order as well as of the fulfillment order.
	shipmentSeen = Rule{
		MerchantManaged: {ReadMerchantManaged, ReadOrders}, Assigned: {ReadAssigned, ReadThirdParty, ReadOrders},
		ThirdParty: {ReadThirdParty, ReadOrders},
	}
	// What the merchant does with its orders, wherever they are shipped from.
	byMerchant = Rule{
		MerchantManaged: {WriteMerchantManaged}, Assigned: {WriteThirdParty}, ThirdParty: {WriteThirdParty},
	}
	// What the merchant asks of a service. At its own location nobody can be asked; the state refuses that.
	toService = Rule{
		MerchantManaged: {WriteThirdParty}, Assigned: {WriteThirdParty}, ThirdParty: {WriteThirdParty},
	}
	// What a service answers: its owner alone. At the merchant's location there is nothing to answer; the state refuses
	// that.
	byService = Rule{MerchantManaged: {WriteAssigned}, Assigned: {WriteAssigned}}
	// What who runs the location does. Since 2024-10 the merchant no longer ships for a service.
	byLocation = Rule{MerchantManaged: {WriteMerchantManaged}, Assigned: {WriteAssigned}}
	// News of a shipment, from whoever sent it.
	news = Rule{MerchantManaged: {WriteFulfillments}, Assigned: {WriteFulfillments}}
	// A change of a service: its owner alone.
	byOwner = Rule{Assigned: {WriteFulfillments}}
)

// operations is the whole truth about who may do what.
var operations = []Operation{
	on("fulfillmentOrder", seen),
	on("fulfillmentOrders", seen),
	on("assignedFulfillmentOrders", seenByService),
	on("manualHoldsFulfillmentOrders", seen),
	of("Fulfillment", on("fulfillment", shipmentSeen)),

	mutation(on("fulfillmentOrderSubmitFulfillmentRequest", toService)),
	mutation(on("fulfillmentOrderAcceptFulfillmentRequest", byService)),
	mutation(on("fulfillmentOrderRejectFulfillmentRequest", byService)),
	mutation(on("fulfillmentOrderSubmitCancellationRequest", toService)),
	mutation(on("fulfillmentOrderAcceptCancellationRequest", byService)),
	mutation(on("fulfillmentOrderRejectCancellationRequest", byService)),
	mutation(on("fulfillmentOrderClose", byService)),
	mutation(on("fulfillmentOrderHold", byMerchant)),
	mutation(on("fulfillmentOrderReleaseHold", byMerchant)),
	mutation(on("fulfillmentOrderCancel", byMerchant)),
	mutation(on("fulfillmentOrderOpen", byMerchant)),
	mutation(on("fulfillmentOrderReschedule", byMerchant)),
	mutation(on("fulfillmentOrderReportProgress", byMerchant)),
	mutation(on("fulfillmentOrdersSetFulfillmentDeadline", byMerchant)),
	mutation(on("fulfillmentOrderMove", byMerchant)),
	mutation(on("fulfillmentOrdersReroute", byMerchant)),
	mutation(on("fulfillmentOrderSplit", byMerchant)),
	mutation(on("fulfillmentOrderMerge", byMerchant)),
	mutation(on("fulfillmentOrderLineItemsPreparedForPickup", byMerchant)),
	mutation(on("fulfillmentOrderLineItemsPreparedForLocalDelivery", byMerchant)),
	mutation(on("fulfillmentCreate", byLocation)),
	mutation(on("fulfillmentCreateV2", byLocation)),
	mutation(of("Fulfillment", on("fulfillmentCancel", byLocation))),
	mutation(of("Fulfillment", on("fulfillmentTrackingInfoUpdate", byLocation))),
	mutation(of("Fulfillment", on("fulfillmentTrackingInfoUpdateV2", byLocation))),
	mutation(of("Fulfillment", on("fulfillmentEventCreate", news))),

	with("fulfillmentService", ReadFulfillments),
	mutation(with("fulfillmentServiceCreate", WriteFulfillments)),
	mutation(of("FulfillmentService", on("fulfillmentServiceUpdate", byOwner))),
	mutation(of("FulfillmentService", on("fulfillmentServiceDelete", byOwner))),

	with("location", ReadLocations),
	with("locations", ReadLocations),
	mutation(with("locationAdd", WriteLocations)),
	mutation(with("locationEdit", WriteLocations)),
	mutation(with("locationActivate", WriteLocations)),
	mutation(with("locationDeactivate", WriteLocations)),
	mutation(with("locationDelete", WriteLocations)),

	with("order", ReadOrders),
	with("orders", ReadOrders),
	with("ordersCount", ReadOrders),
	with("orderByIdentifier", ReadOrders),
	mutation(with("orderCreate", WriteOrders)),
	mutation(with("orderCancel", WriteOrders)),
	mutation(with("orderUpdate", WriteOrders)),
	mutation(with("orderClose", WriteOrders)),
	mutation(with("orderOpen", WriteOrders)),
	mutation(with("orderEditBegin", WriteOrders)),
	mutation(with("orderEditSetQuantity", WriteOrders)),
	mutation(with("orderEditAddVariant", WriteOrders)),
	mutation(with("orderEditAddCustomItem", WriteOrders)),
	mutation(with("orderEditCommit", WriteOrders)),

	with("return", ReadReturns),
	with("returnCalculate", ReadReturns),
	with("returnReasonDefinitions", ReadReturns),
	with("returnableFulfillment", ReadReturns),
	with("returnableFulfillments", ReadReturns),
	with("reverseFulfillmentOrder", ReadReturns),
	with("reverseDelivery", ReadReturns),
	mutation(with("returnCreate", WriteReturns)),
	mutation(with("returnRequest", WriteReturns)),
	mutation(with("returnApproveRequest", WriteReturns)),
	mutation(with("returnDeclineRequest", WriteReturns)),
	mutation(with("returnCancel", WriteReturns)),
	mutation(with("returnClose", WriteReturns)),
	mutation(with("returnReopen", WriteReturns)),
	mutation(with("returnProcess", WriteReturns)),
	mutation(with("removeFromReturn", WriteReturns)),
	// Also of a fulfillment service: at its own location it acts as such, and may do nothing else with a return.
	mutation(with("reverseFulfillmentOrderDispose", WriteReturns)),
	mutation(with("reverseDeliveryCreateWithShipping", WriteReturns)),
	mutation(with("reverseDeliveryShippingUpdate", WriteReturns)),

	// What a subscription may be about goes by its topic, see [Caller.MayHear].
	with("webhookSubscription"),
	with("webhookSubscriptions"),
	with("webhookSubscriptionsCount"),
	mutation(with("webhookSubscriptionCreate")),
	mutation(with("webhookSubscriptionUpdate")),
	mutation(with("webhookSubscriptionDelete")),
	mutation(with("eventBridgeWebhookSubscriptionCreate")),
	mutation(with("eventBridgeWebhookSubscriptionUpdate")),
	mutation(with("pubSubWebhookSubscriptionCreate")),
	mutation(with("pubSubWebhookSubscriptionUpdate")),

	with("job", ReadOrders),
	with("shop"),
	with("currentAppInstallation"),
	with("node"), // Each object as its own query has it.
	with("nodes"),
}

// operationOf is the mutation behind every action that a fulfillment order can list.
var operationOf = map[fulfillment.Action]string{
	fulfillment.ActionCreateFulfillment:      "fulfillmentCreate",
	fulfillment.ActionRequestFulfillment:     "fulfillmentOrderSubmitFulfillmentRequest",
	fulfillment.ActionCancelFulfillmentOrder: "fulfillmentOrderCancel",
	fulfillment.ActionMove:                   "fulfillmentOrderMove",
	fulfillment.ActionRequestCancellation:    "fulfillmentOrderSubmitCancellationRequest",
	fulfillment.ActionMarkAsOpen:             "fulfillmentOrderOpen",
	fulfillment.ActionReleaseHold:            "fulfillmentOrderReleaseHold",
	fulfillment.ActionHold:                   "fulfillmentOrderHold",
	fulfillment.ActionSplit:                  "fulfillmentOrderSplit",
	fulfillment.ActionMerge:                  "fulfillmentOrderMerge",
	fulfillment.ActionReportProgress:         "fulfillmentOrderReportProgress",
}

// on is an operation that depends on who runs the location.
func on(name string, by Rule) Operation {
	return Operation{Name: name, By: by, Scopes: by.scopes(), Object: "FulfillmentOrder"}
}

// with is an operation that any one of these scopes opens.
func with(name string, scopes ...Scope) Operation { return Operation{Name: name, Scopes: scopes} }

// of is an operation on another type of object.
func of(typeName string, op Operation) Operation {
	op.Object = typeName
	return op
}

func mutation(op Operation) Operation {
	op.Mutation = true
	return op
}

var byName = func() map[string]*Operation {
	found := make(map[string]*Operation, len(operations))
	for i := range operations {
		found[operations[i].Name] = &operations[i]
	}
	return found
}()

func find(name string) *Operation { return byName[name] }

// Operations lists every operation of the Admin API, in the order of the documentation. It must not be changed.
func Operations() []Operation { return operations }
