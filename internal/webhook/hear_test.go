package webhook_test

import (
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/webhook"
)

const ownService, otherService = fulfillment.ID(7), fulfillment.ID(8)

func listener(scopes ...access.Scope) access.Caller {
	return access.Caller{App: access.App{Scopes: scopes}, Services: []fulfillment.ID{ownService}}
}

// TestMaySee: each topic with each scope, at each kind of location, as it was when it happened.
func TestMaySee(t *testing.T) {
	t.Parallel()
	places := map[access.Ownership]fulfillment.ID{
		access.MerchantManaged: 0, access.Assigned: ownService, access.ThirdParty: otherService,
	}
	for _, topic := range domainTopics(t) {
		family, _, _ := strings.Cut(topic, "/")
		for place, service := range places {
			e := &fulfillment.Event{
				Topic: topic, OrderID: 1, FulfillmentOrderID: 2, Details: &fulfillment.Details{ServiceID: service},
			}
			if service == 0 {
				e.Details = nil
			}
			if family == "orders" {
				e.FulfillmentOrderID, e.Details = 0, &fulfillment.OrderDetails{}
			}
			ofReturn := family == "returns" || strings.HasPrefix(family, "reverse_")
			if ofReturn {
				e.FulfillmentOrderID, e.ReturnID, e.Details = 0, 3, &returns.Details{}
			}
			onOrder := topic == returns.TopicCancel || topic == returns.TopicClose || topic == returns.TopicReopen
			for _, scope := range access.Scopes() {
				want := false
				switch strings.Replace(string(scope), "write_", "read_", 1) {
				case "read_merchant_managed_fulfillment_orders":
					want = !ofReturn && family != "orders" && service == 0
				case "read_assigned_fulfillment_orders":
					want = !ofReturn && family != "orders" && service == ownService
				case "read_third_party_fulfillment_orders":
					want = !ofReturn && family != "orders" && service != 0
				case "read_orders":
					want = family == "orders" || family == "fulfillments" || family == "fulfillment_events" || onOrder
				case "read_returns":
					want = ofReturn
				}
				if got := webhook.MaySee(e, listener(scope)); got != want {
					t.Errorf("%s of %s, %s: %v, want %v", topic, place, scope, got, want)
				}
			}
		}
	}
}

// TestMaySeeMove: who had the units and who gets them hear of a move, and nobody else.
func TestMaySeeMove(t *testing.T) {
	t.Parallel()
	move := func(from, to fulfillment.ID, whole bool) *fulfillment.Event {
		d := &fulfillment.Details{
			ServiceID: from, From: &fulfillment.AssignedLocation{ServiceID: from},
			To: &fulfillment.AssignedLocation{ServiceID: to},
		}
		if whole {
			d.ServiceID = to
		}
		return &fulfillment.Event{Topic: fulfillment.TopicMoved, OrderID: 1, FulfillmentOrderID: 2, Details: d}
	}
	for _, whole := range []bool{true, false} {
		for _, test := range []struct {
			from, to           fulfillment.ID
			assigned, merchant bool
		}{
			{0, ownService, true, true},
			{ownService, 0, true, true},
			{otherService, ownService, true, false},
			{otherService, 0, false, true},
			{otherService, 9, false, false},
		} {
			e := move(test.from, test.to, whole)
			if webhook.MaySee(e, listener(access.ReadAssigned)) != test.assigned ||
				webhook.MaySee(e, listener(access.ReadMerchantManaged)) != test.merchant {
				t.Errorf("a move from %d to %d, whole: %v", test.from, test.to, whole)
			}
		}
	}
}

// TestMaySeeWithoutTopic: what has no topic is for those who may see what it is about.
func TestMaySeeWithoutTopic(t *testing.T) {
	t.Parallel()
	of := &fulfillment.Event{OrderID: 1, FulfillmentOrderID: 2, Details: &fulfillment.Details{ServiceID: otherService}}
	if webhook.MaySee(of, listener(access.ReadAssigned, access.ReadOrders)) ||
		!webhook.MaySee(of, listener(access.ReadThirdParty)) {
		t.Error("of a fulfillment order")
	}
	order := &fulfillment.Event{OrderID: 1}
	if webhook.MaySee(order, listener(access.ReadThirdParty)) || !webhook.MaySee(order, listener(access.ReadOrders)) {
		t.Error("of an order")
	}
	back := &fulfillment.Event{OrderID: 1, ReturnID: 3}
	if webhook.MaySee(back, listener(access.ReadOrders)) || !webhook.MaySee(back, listener(access.ReadReturns)) {
		t.Error("of a return")
	}
	if !webhook.MaySee(&fulfillment.Event{}, listener()) {
		t.Error("of the feed itself")
	}
	if webhook.MaySee(&fulfillment.Event{Topic: "inventions/create", OrderID: 1}, listener(access.Scopes()...)) {
		t.Error("a topic that nobody may hear of")
	}
}
