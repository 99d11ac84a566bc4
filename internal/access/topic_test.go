package access

import (
	"slices"
	"strings"
	"testing"
)

// The topics of Shopify's API by the scopes that its documentation names, as far as they are Packhorse's.
const topicRules = `
read_merchant_managed_fulfillment_orders read_assigned_fulfillment_orders read_third_party_fulfillment_orders
: FULFILLMENT_ORDERS_CANCELLED FULFILLMENT_ORDERS_MERGED FULFILLMENT_HOLDS_ADDED FULFILLMENT_HOLDS_RELEASED
read_fulfillments
: FULFILLMENTS_CREATE FULFILLMENTS_UPDATE FULFILLMENT_EVENTS_CREATE FULFILLMENT_EVENTS_DELETE
read_orders
: ORDERS_CREATE ORDERS_DELETE ORDER_TRANSACTIONS_CREATE
read_orders read_returns
: RETURNS_CANCEL RETURNS_CLOSE RETURNS_REOPEN
read_returns
: RETURNS_REQUEST RETURNS_APPROVE RETURNS_DECLINE RETURNS_UPDATE RETURNS_PROCESS RETURNS_REMINDER RETURNS_OVERDUE
: REVERSE_DELIVERIES_ATTACH_DELIVERABLE REVERSE_FULFILLMENT_ORDERS_DISPOSE
read_locations
: LOCATIONS_CREATE
*
: SHOP_UPDATE APP_UNINSTALLED PRODUCTS_UPDATE
`

func TestMayHear(t *testing.T) {
	t.Parallel()
	var needed []string
	for line := range strings.Lines(topicRules) {
		names, isNames := strings.CutPrefix(strings.TrimSpace(line), ":")
		if !isNames {
			needed = strings.Fields(line)
			continue
		}
		for _, topic := range strings.Fields(names) {
			for _, scope := range append(Scopes(), "") {
				may := slices.ContainsFunc(needed, func(one string) bool {
					return one == "*" || scope != "" && grants([]Scope{scope}, Scope(one))
				})
				if got := callerWith(scope).MayHear(topic); got != may {
					t.Errorf("%s with %q: %t, want %t", topic, scope, got, may)
				}
			}
		}
	}
}
