package access

import (
	"slices"
	"strings"
)

// Object is a type of the Admin API's objects, and who may see what of them. What an app may not see is left out, as if
// it did not exist; only a field that can't be without a value ends with a [Denied].
type Object struct {
	Type string
	// Seen is who may see one. Nil: it is a part of others, and whoever may see the one that it was reached by may see
	// it.
	Seen Rule
	// NamedBy are fields, such as "Fulfillment.location", by which one is reached that the app may not see, when it may
	// see what names it: then it sees the fields in Named of it, and nothing else.
	NamedBy []string
	Named   []string
	// Fields are those that have a rule of their own, in place of Seen.
	Fields map[string]Rule
	// Personal are the fields that tell something of a person; "*" is all. An answer with one of them is kept shorter.
	Personal []string
}

// Part tells whether its visibility is that of what it is a part of.
func (o *Object) Part() bool { return o.Seen == nil }

// anybody is the rule of what every app may see.
var anybody = everywhere()

// own is the rule of what belongs to an app, or to its service: nobody else sees it.
var own = Rule{Assigned: nil}

// objects is the whole truth about who may see what. A type that is in neither list is shown to nobody.
var objects = []Object{
	{Type: "QueryRoot", Seen: anybody}, // As the operations have it.
	{Type: "Mutation", Seen: anybody},
	{Type: "Shop", Seen: anybody},
	{Type: "AppInstallation", Seen: own},
	// Whose a hold is, other apps are told.
	{Type: "App", Seen: own, NamedBy: []string{"FulfillmentHold.heldByApp"}, Named: []string{"id", "handle", "title"}},

	{Type: "FulfillmentOrder", Seen: seen, Fields: map[string]Rule{
		// Whoever may move it must know where to.
		"locationsForMove": {
			MerchantManaged: {ReadLocations, WriteMerchantManaged}, Assigned: {ReadLocations, WriteThirdParty},
			ThirdParty: {ReadLocations, WriteThirdParty},
		},
	}},
	{Type: "Fulfillment", Seen: shipmentSeen},
	// Also over HTTP, with the content: an address to whoever sees the one of the fulfillment order.
	{Type: "FulfillmentDocument", Seen: seen},
	{
		Type: "Order", Seen: everywhere(ReadOrders), Personal: []string{"email", "phone", "note", "customAttributes"},
		Fields: map[string]Rule{"returns": everywhere(ReadReturns)},
	},
	{Type: "Return", Seen: everywhere(ReadReturns)},
	{Type: "ReturnableFulfillment", Seen: everywhere(ReadReturns)},
	{Type: "ReverseFulfillmentOrder", Seen: everywhere(ReadReturns)},
	{Type: "ReverseDelivery", Seen: everywhere(ReadReturns)},
	{Type: "ReturnLineItem", Personal: []string{"customerNote", "returnReasonNote"}},
	{Type: "Job", Seen: everywhere(ReadOrders)}, // Its number is an order's.
	{Type: "WebhookSubscription", Seen: own},
	{Type: "CalculatedOrder", Seen: Rule{Assigned: {ReadOrders}}},

	{
		Type: "Location", Seen: Rule{MerchantManaged: {ReadLocations}, Assigned: nil, ThirdParty: {ReadLocations}},
		NamedBy: []string{
			"FulfillmentOrderAssignedLocation.location", "Fulfillment.location",
			"FulfillmentOrderLocationForMove.location", "ReverseFulfillmentOrderDisposition.location",
		},
		Named: []string{"id", "legacyResourceId", "name", "address"},
	},
	{
		Type: "FulfillmentService",
		Seen: Rule{MerchantManaged: {ReadFulfillments}, Assigned: nil, ThirdParty: {ReadFulfillments}},
		NamedBy: []string{
			"Fulfillment.service", "LineItem.fulfillmentService", "Location.fulfillmentService",
		},
		Named:  []string{"id", "handle", "serviceName", "type"},
		Fields: map[string]Rule{"callbackUrl": own, "callbacks": own, "callbackProblem": own},
	},

	{Type: "FulfillmentOrderDestination", Personal: []string{"*"}},
	{Type: "MailingAddress", Personal: []string{"*"}},
	{Type: "Customer", Personal: []string{"*"}},
	{Type: "CustomerEmailAddress", Personal: []string{"*"}},
	{Type: "CustomerPhoneNumber", Personal: []string{"*"}},
	{Type: "FulfillmentEvent", Personal: []string{
		"message", "address1", "city", "province", "country", "zip", "latitude", "longitude",
	}},
	{Type: "LineItem", Personal: []string{"customAttributes"}},
	{Type: "OrderShippingOption", Personal: []string{"data"}}, // Such as the pick-up point near the customer.
	// What is wrong with an address is told in words of the address.
	{Type: "OrderCreatePayload", Personal: []string{"userErrors"}},
	{Type: "OrderUpdatePayload", Personal: []string{"userErrors"}},
}

// parts are the other types that are parts of others. Payloads, pages and user errors are parts by their names.
var parts = []string{
	"AccessScope", "ApiVersion", "AppSubscription", "Attribute", "CalculatedLineItem", "CalculatedRestockingFee",
	"CalculatedReturn", "CalculatedReturnLineItem", "CalculatedReturnShippingFee", "Count",
	"DeliveryBrandedPromise",
	"DeliveryMethod", "DeliveryMethodAdditionalInformation", "ExchangeLineItem", "FinancialSummaryDiscountAllocation",
	"FinancialSummaryDiscountApplication", "FulfillmentHold", "FulfillmentLineItem",
	"FulfillmentOrderAssignedLocation", "FulfillmentOrderInternationalDuties", "FulfillmentOrderKeptDestination",
	"FulfillmentOrderLineItem", "FulfillmentOrderLineItemFinancialSummary", "FulfillmentOrderLineItemWarning",
	"FulfillmentOrderLocationForMove", "FulfillmentOrderMerchantRequest", "FulfillmentOrderMergeResult",
	"FulfillmentOrderSplitResult", "FulfillmentOrderSupportedAction", "FulfillmentOriginAddress",
	"FulfillmentServiceCallback",
	"FulfillmentTrackingInfo", "Image", "LocationAddress", "Metafield", "MoneyBag", "MoneyV2", "OrderTransaction",
	"PageInfo", "Product", "ProductVariant", "Refund", "RestockingFee", "ReturnDecline",
	"ReturnReasonDefinition", "ReturnShippingFee", "ReturnableFulfillmentLineItem", "ReverseDeliveryLabelV2",
	"ReverseDeliveryLineItem", "ReverseDeliveryShippingDeliverable", "ReverseDeliveryTrackingV2",
	"ReverseFulfillmentOrderDisposition", "ReverseFulfillmentOrderLineItem",
	"ReverseFulfillmentOrderThirdPartyConfirmation", "ShippingLine", "ShopPlan", "TaxLine",
	"WebhookAttempt", "WebhookDelivery", "WebhookEventBridgeEndpoint", "WebhookHttpEndpoint", "WebhookPubSubEndpoint",
	"WebhookSubscriptionMetafieldIdentifier", "Weight",
}

// partSuffixes are how the names of types end that are nothing but a way to others.
var partSuffixes = []string{"Payload", "Connection", "Edge", "Error"}

var objectsByType = func() map[string]*Object {
	found := make(map[string]*Object, len(objects)+len(parts))
	for i := range objects {
		found[objects[i].Type] = &objects[i]
	}
	for _, name := range parts {
		found[name] = &Object{Type: name}
	}
	return found
}()

var wayToOthers Object

// ObjectOf is the row of a type; nil: nobody sees such an object. It must not be changed.
func ObjectOf(typeName string) *Object {
	if row := objectsByType[typeName]; row != nil {
		return row
	}
	if slices.ContainsFunc(partSuffixes, func(end string) bool { return strings.HasSuffix(typeName, end) }) {
		return &wayToOthers
	}
	return nil
}

// Objects lists the rows that say more than that the type is a part of others, in the order of the documentation. It
// must not be changed.
func Objects() []Object { return objects }

// MaySee tells whether the caller may see an object of the type, all of it but the fields with rules of their own.
func (c Caller) MaySee(typeName string, to Relation) bool {
	row := ObjectOf(typeName)
	return row != nil && row.Seen != nil && c.admits(row.Seen, to)
}

// MaySeeIn says whether the caller may see an object that is the value of a field, such as "location" of a
// "Fulfillment": as in [Caller.MaySee], or at least the [Object.Named] fields of it; nil: it may.
func (c Caller) MaySeeIn(parentType, field, typeName string, to Relation) *Denied {
	row := ObjectOf(typeName)
	if row == nil {
		return deny(field, nil, false)
	}
	if row.Part() || c.admits(row.Seen, to) || slices.Contains(row.NamedBy, parentType+"."+field) {
		return nil
	}
	needed, somebody := row.Seen[to.Ownership]
	return deny(field, needed, !somebody)
}

// MaySeeField says whether the caller may see a field of an object that [Caller.MaySeeIn] has let through; nil: it
// may.
func (c Caller) MaySeeField(typeName, field string, to Relation) *Denied {
	row := ObjectOf(typeName)
	if row == nil {
		return deny(field, nil, false)
	}
	rule := row.Seen
	if ofField, has := row.Fields[field]; has {
		rule = ofField
	} else if slices.Contains(row.Named, field) {
		return nil
	}
	if rule == nil || c.admits(rule, to) {
		return nil
	}
	needed, somebody := rule[to.Ownership]
	return deny(field, needed, !somebody)
}

// IsPersonal tells whether a field tells something of a person.
func (o *Object) IsPersonal(field string) bool {
	return slices.Contains(o.Personal, "*") || slices.Contains(o.Personal, field)
}
