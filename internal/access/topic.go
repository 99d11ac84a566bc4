package access

import "strings"

// topicScopes are those of which any one lets an app subscribe to topics of such a name. What it hears of is decided
// for each event, too. Topics that are not here need no scope that Packhorse has.
var topicScopes = []struct {
	prefix string
	scopes []Scope
}{
	{"FULFILLMENT_ORDERS_", []Scope{ReadMerchantManaged, ReadAssigned, ReadThirdParty}},
	{"FULFILLMENT_HOLDS_", []Scope{ReadMerchantManaged, ReadAssigned, ReadThirdParty}},
	{"FULFILLMENTS_", []Scope{ReadFulfillments}},
	{"FULFILLMENT_EVENTS_", []Scope{ReadFulfillments}},
	{"ORDERS_", []Scope{ReadOrders}},
	{"ORDER_TRANSACTIONS_", []Scope{ReadOrders}},
	// Whether goods come back at all is told to who reads orders, too; what is asked for, and why, is not.
	{"RETURNS_CANCEL", []Scope{ReadOrders, ReadReturns}},
	{"RETURNS_CLOSE", []Scope{ReadOrders, ReadReturns}},
	{"RETURNS_REOPEN", []Scope{ReadOrders, ReadReturns}},
	{"RETURNS_", []Scope{ReadReturns}},
	{"REVERSE_", []Scope{ReadReturns}},
	{"LOCATIONS_", []Scope{ReadLocations}},
}

// TopicScopes are the scopes of which any one lets an app subscribe to a webhook topic, by its name in the API; none:
// it needs no scope.
func TopicScopes(topic string) []Scope {
	for _, of := range topicScopes {
		if strings.HasPrefix(topic, of.prefix) {
			return of.scopes
		}
	}
	return nil
}

// MayHear tells whether the caller may subscribe to a webhook topic.
func (c Caller) MayHear(topic string) bool {
	needed := TopicScopes(topic)
	return len(needed) == 0 || c.hasAny(needed)
}
