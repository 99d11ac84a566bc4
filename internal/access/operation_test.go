package access

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// The rules in words, and what they mean. They are written from the documentation of Shopify's Admin API, not from the
// table of the code; a rule's line says which scopes admit somebody at the merchant's own location, at a service of the
// app itself, and at a service of somebody else. A dash is: nobody, whatever scopes it has.
const rules = `
# Without a scope, what an app may not read is left out. third_party covers the locations of any fulfillment service.
read_merchant_managed_fulfillment_orders | read_assigned_fulfillment_orders read_third_party_fulfillment_orders | read_third_party_fulfillment_orders
: fulfillmentOrder fulfillmentOrders manualHoldsFulfillmentOrders

# What is assigned to the app: its own services only.
- | read_assigned_fulfillment_orders | -
: assignedFulfillmentOrders

# A fulfillment may be read by whoever may read the order, or the fulfillment order.
read_orders read_merchant_managed_fulfillment_orders | read_orders read_assigned_fulfillment_orders read_third_party_fulfillment_orders | read_orders read_third_party_fulfillment_orders
: fulfillment

# The merchant's order management: merchant_managed at own locations, third_party at those of services.
write_merchant_managed_fulfillment_orders | write_third_party_fulfillment_orders | write_third_party_fulfillment_orders
: fulfillmentOrderHold fulfillmentOrderReleaseHold fulfillmentOrderCancel fulfillmentOrderOpen fulfillmentOrderReschedule
: fulfillmentOrderReportProgress fulfillmentOrdersSetFulfillmentDeadline fulfillmentOrderMove fulfillmentOrdersReroute
: fulfillmentOrderSplit fulfillmentOrderMerge fulfillmentOrderLineItemsPreparedForPickup
: fulfillmentOrderLineItemsPreparedForLocalDelivery

# Asking a service needs the scope for services.
write_third_party_fulfillment_orders | write_third_party_fulfillment_orders | write_third_party_fulfillment_orders
: fulfillmentOrderSubmitFulfillmentRequest fulfillmentOrderSubmitCancellationRequest

# Only the service's app answers and closes. At a merchant's location the state refuses.
write_assigned_fulfillment_orders | write_assigned_fulfillment_orders | -
: fulfillmentOrderAcceptFulfillmentRequest fulfillmentOrderRejectFulfillmentRequest fulfillmentOrderClose
: fulfillmentOrderAcceptCancellationRequest fulfillmentOrderRejectCancellationRequest

# Only who runs the location ships, since 2024-10.
write_merchant_managed_fulfillment_orders | write_assigned_fulfillment_orders | -
: fulfillmentCreate fulfillmentCreateV2 fulfillmentCancel fulfillmentTrackingInfoUpdate fulfillmentTrackingInfoUpdateV2

# Events need write_fulfillments, of who ships.
write_fulfillments | write_fulfillments | -
: fulfillmentEventCreate

# An app changes its own services only.
- | write_fulfillments | -
: fulfillmentServiceUpdate fulfillmentServiceDelete

# The rest goes by scope alone.
read_fulfillments | read_fulfillments | read_fulfillments
: fulfillmentService
write_fulfillments | write_fulfillments | write_fulfillments
: fulfillmentServiceCreate
read_locations | read_locations | read_locations
: location locations
write_locations | write_locations | write_locations
: locationAdd locationEdit locationActivate locationDeactivate locationDelete
read_orders | read_orders | read_orders
: order orders ordersCount orderByIdentifier job
write_orders | write_orders | write_orders
: orderCreate orderCancel orderUpdate orderClose orderOpen orderEditBegin orderEditSetQuantity orderEditAddVariant orderEditAddCustomItem orderEditCommit
read_returns | read_returns | read_returns
: return returnCalculate returnReasonDefinitions returnableFulfillment returnableFulfillments
: reverseFulfillmentOrder reverseDelivery
write_returns | write_returns | write_returns
: returnRequest returnCreate returnApproveRequest returnDeclineRequest returnCancel returnClose returnReopen returnProcess
: removeFromReturn reverseFulfillmentOrderDispose reverseDeliveryCreateWithShipping reverseDeliveryShippingUpdate

# Any token will do.
* | * | *
: shop node nodes currentAppInstallation
: webhookSubscription webhookSubscriptions webhookSubscriptionsCount
: webhookSubscriptionCreate webhookSubscriptionUpdate webhookSubscriptionDelete
: eventBridgeWebhookSubscriptionCreate eventBridgeWebhookSubscriptionUpdate
: pubSubWebhookSubscriptionCreate pubSubWebhookSubscriptionUpdate
`

// ruleOf reads the rules: the scopes by operation and kind of ownership.
func ruleOf(t *testing.T) map[string][3][]string {
	t.Helper()
	found := map[string][3][]string{}
	var rule [3][]string
	for line := range strings.Lines(rules) {
		line = strings.TrimSpace(line)
		names, isNames := strings.CutPrefix(line, ":")
		switch {
		case line == "" || line[0] == '#':
		case isNames:
			for _, name := range strings.Fields(names) {
				if _, twice := found[name]; twice {
					t.Fatalf("two rules for %s", name)
				}
				found[name] = rule
			}
		default:
			cells := strings.Split(line, "|")
			for i := range rule {
				rule[i] = strings.Fields(cells[i])
			}
		}
	}
	return found
}

var (
	shopLocation  = fulfillment.AssignedLocation{LocationID: 1}
	ownService    = fulfillment.AssignedLocation{LocationID: 2, ServiceID: 20}
	otherService  = fulfillment.AssignedLocation{LocationID: 3, ServiceID: 30}
	testLocations = [3]fulfillment.AssignedLocation{shopLocation, ownService, otherService}
)

func callerWith(scopes ...Scope) Caller {
	return Caller{App: App{ID: 7, Handle: "suite", Name: "Suite", Scopes: scopes}, Services: []fulfillment.ID{20, 21}}
}

// TestOperations walks every operation, every scope and every kind of ownership.
func TestOperations(t *testing.T) {
	t.Parallel()
	expected := ruleOf(t)
	for _, op := range Operations() {
		rule, ok := expected[op.Name]
		delete(expected, op.Name)
		if !ok {
			t.Errorf("no rule says who may call %s", op.Name)
			continue
		}
		if isMutation := !isQuery(op.Name); op.Mutation != isMutation {
			t.Errorf("%s: mutation is %t", op.Name, op.Mutation)
		}
		opensAtAll := map[Scope]bool{}
		for i, at := range testLocations {
			for _, scope := range append(Scopes(), "") {
				may := slices.ContainsFunc(rule[i], func(needed string) bool {
					implied := strings.Replace(needed, "read_", "write_", 1)
					return needed == "*" || needed == string(scope) || strings.HasPrefix(needed, "read_") &&
						implied == string(scope)
				})
				opensAtAll[scope] = opensAtAll[scope] || may
				denied := callerWith(scope).MayCallAt(op.Name, at)
				if (denied == nil) != may {
					t.Errorf("%s with %q at %s: denied %v, want may %t", op.Name, scope, Ownerships[i], denied, may)
				}
				if op.By != nil && callerWith(scope).Visible(op.Name).Includes(at) != may {
					t.Errorf("%s with %q at %s: visible is not %t", op.Name, scope, Ownerships[i], may)
				}
				if denied != nil {
					checkDenial(t, op.Name, denied, rule[i], rule[1])
				}
			}
			if all := callerWith(Scopes()...).MayCallAt(op.Name, at); (all != nil) != slices.Equal(
				rule[i], []string{"-"},
			) {
				t.Errorf("%s with all scopes at %s: %v", op.Name, Ownerships[i], all)
			}
		}
		for scope, opens := range opensAtAll {
			if denied := callerWith(scope).MayCall(op.Name); (denied == nil) != opens {
				t.Errorf("%s with %q: %v, want may %t", op.Name, scope, denied, opens)
			}
		}
	}
	for name := range expected {
		t.Errorf("there is no operation %s", name)
	}
}

// checkDenial looks whether a denial names what would have helped; owners is the rule for the owner of the service.
func checkDenial(t *testing.T, operation string, denied *Denied, rule, owners []string) {
	t.Helper()
	nobody := slices.Equal(rule, []string{"-"})
	if nobody {
		rule = owners
	}
	var named []string
	for _, s := range denied.Required {
		named = append(named, string(s))
	}
	slices.Sort(named)
	want := slices.Sorted(slices.Values(rule))
	if denied.Operation != operation || denied.OwnerOnly != nobody || !slices.Equal(named, want) {
		t.Errorf("%s: the denial %+v does not name %v (owner only: %t)", operation, *denied, want, nobody)
	}
}

// isQuery goes by the names that Shopify gives: a mutation ends in what it does.
func isQuery(name string) bool {
	return slices.Contains([]string{"fulfillmentOrder", "fulfillmentOrders", "assignedFulfillmentOrders",
		"manualHoldsFulfillmentOrders",
		"fulfillment", "fulfillmentService", "location", "locations", "order", "orders", "job", "shop", "node",
		"nodes", "ordersCount", "orderByIdentifier", "currentAppInstallation", "webhookSubscription",
		"webhookSubscriptions", "webhookSubscriptionsCount", "return", "returnCalculate", "returnReasonDefinitions",
		"returnableFulfillment", "returnableFulfillments", "reverseFulfillmentOrder", "reverseDelivery"}, name)
}

func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	c := callerWith(Scopes()...)
	for _, denied := range []*Denied{c.MayCall("orderExplode"), c.MayCallAt("orderExplode", shopLocation)} {
		if denied == nil || denied.Error() != "Access denied for orderExplode field." ||
			denied.Extensions()["requiredAccess"] != nil {
			t.Errorf("got %v", denied)
		}
	}
}

// TestActions keeps the table of actions whole: an action without an operation would never be listed.
func TestActions(t *testing.T) {
	t.Parallel()
	for action, operation := range operationOf {
		if op := find(operation); op == nil || !op.Mutation {
			t.Errorf("%s is said to be the mutation %q", action, operation)
		}
	}
	c := callerWith(Scopes()...)
	for _, a := range []fulfillment.Action{"CREATE_FULFILLMENT", "REQUEST_FULFILLMENT", "CANCEL_FULFILLMENT_ORDER",
		"MOVE",
		"REQUEST_CANCELLATION", "MARK_AS_OPEN", "RELEASE_HOLD", "HOLD", "SPLIT", "MERGE", "REPORT_PROGRESS"} {
		if !c.MayAct(a, ownService) {
			t.Errorf("%s is not possible with all scopes at an own service", a)
		}
	}
	if c.MayAct(fulfillment.ActionExternal, ownService) {
		t.Error("EXTERNAL is no operation of this API")
	}
}
