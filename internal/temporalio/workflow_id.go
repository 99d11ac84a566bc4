package temporalio

import (
	"fmt"
	"strings"

	"packhorse/internal/fulfillment"
)

// What workflow IDs begin with; the number of the order, fulfillment order or fulfillment service follows.
const (
	OrderPrefix            = "order/"
	FulfillmentOrderPrefix = fulfillment.EffectKeyPrefix
	ServiceDeletionPrefix  = "service-deletion/"
	ReturnPrefix           = "return/"

	WebhookSubscriptionPrefix = "webhook-subscription/"
	ServiceCallbacksPrefix    = "service-callbacks/"
)

// OrderID is the workflow ID of an order, such as "order/123".
func OrderID(id fulfillment.ID) string { return OrderPrefix + id.String() }

// FulfillmentOrderID is the workflow ID of a fulfillment order, such as "fulfillment-order/123".
func FulfillmentOrderID(id fulfillment.ID) string { return FulfillmentOrderPrefix + id.String() }

// ReturnID is the workflow ID of a return, such as "return/123".
func ReturnID(id fulfillment.ID) string { return ReturnPrefix + id.String() }

// ServiceDeletionID is the workflow ID of the deletion of a fulfillment service, such as "service-deletion/123".
func ServiceDeletionID(id fulfillment.ID) string { return ServiceDeletionPrefix + id.String() }

// WebhookSubscriptionID is the workflow ID of a webhook subscription, such as "webhook-subscription/123".
func WebhookSubscriptionID(id fulfillment.ID) string { return WebhookSubscriptionPrefix + id.String() }

// ServiceCallbacksID is the workflow ID of the callbacks of a fulfillment service, such as "service-callbacks/123".
func ServiceCallbacksID(id fulfillment.ID) string { return ServiceCallbacksPrefix + id.String() }

// ParseOrderID reads what [OrderID] wrote. Anything else is refused with [fulfillment.CodeInvalid], and the ID is 0.
func ParseOrderID(workflowID string) (fulfillment.ID, error) {
	return parseID(workflowID, OrderPrefix)
}

// ParseFulfillmentOrderID reads what [FulfillmentOrderID] wrote. Anything else is refused with
// [fulfillment.CodeInvalid], and the ID is 0.
func ParseFulfillmentOrderID(workflowID string) (fulfillment.ID, error) {
	return parseID(workflowID, FulfillmentOrderPrefix)
}

// ParseReturnID reads what [ReturnID] wrote. Anything else is refused with [fulfillment.CodeInvalid], and the ID is 0.
func ParseReturnID(workflowID string) (fulfillment.ID, error) {
	return parseID(workflowID, ReturnPrefix)
}

// ParseServiceDeletionID reads what [ServiceDeletionID] wrote. Anything else is refused with
// [fulfillment.CodeInvalid], and the ID is 0.
func ParseServiceDeletionID(workflowID string) (fulfillment.ID, error) {
	return parseID(workflowID, ServiceDeletionPrefix)
}

// ParseWebhookSubscriptionID reads what [WebhookSubscriptionID] wrote. Anything else is refused with
// [fulfillment.CodeInvalid], and the ID is 0.
func ParseWebhookSubscriptionID(workflowID string) (fulfillment.ID, error) {
	return parseID(workflowID, WebhookSubscriptionPrefix)
}

// ParseServiceCallbacksID reads what [ServiceCallbacksID] wrote. Anything else is refused with
// [fulfillment.CodeInvalid], and the ID is 0.
func ParseServiceCallbacksID(workflowID string) (fulfillment.ID, error) {
	return parseID(workflowID, ServiceCallbacksPrefix)
}

func parseID(workflowID, prefix string) (fulfillment.ID, error) {
	text, ok := strings.CutPrefix(workflowID, prefix)
	if !ok {
		return 0, &fulfillment.Error{Code: fulfillment.CodeInvalid,
			Message: fmt.Sprintf("The workflow ID %q must be %q followed by a number.", workflowID, prefix)}
	}
	return fulfillment.ParseID(text)
}
