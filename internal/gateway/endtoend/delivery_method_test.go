package endtoend

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/gateway/gatewaytest"
)

// TestOrderCreateByDeliveryMethods: an order and its lines say how they reach the customer, by fields of Packhorse's
// own; each way becomes a fulfillment order.
func TestOrderCreateByDeliveryMethods(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	const create = `mutation ($lines: [OrderCreateLineItemInput!], $method: DeliveryMethodType) {
		orderCreate(order: {lineItems: $lines, deliveryMethod: $method}) {
			order { fulfillmentOrders(first: 5) { nodes { deliveryMethod { methodType } } } }
			userErrors { field message }
		}
	}`
	made := s.merchant.Must(t, create, vars{"method": "LOCAL", "lines": []vars{
		{"title": "Sofa", "quantity": 1, "requiresShipping": true},
		{"title": "Lamp", "quantity": 1, "requiresShipping": true, "deliveryMethod": "PICK_UP"},
		{"title": "Rug", "quantity": 1, "requiresShipping": true, "deliveryMethod": "SHIPPING"},
		{"title": "Manual", "quantity": 1},
	}})
	type way struct {
		DeliveryMethod struct {
			MethodType string `json:"methodType"`
		} `json:"deliveryMethod"`
	}
	var got []string
	for _, fo := range gatewaytest.Get[[]way](t, made, "orderCreate.order.fulfillmentOrders.nodes") {
		got = append(got, fo.DeliveryMethod.MethodType)
	}
	slices.Sort(got)
	if want := []string{"LOCAL", "NONE", "PICK_UP", "SHIPPING"}; !slices.Equal(got, want) {
		t.Errorf("fulfillment orders go by %v, want %v", got, want)
	}

	refused := s.merchant.Do(t, create, vars{"lines": []vars{
		{"title": "Manual", "quantity": 1, "requiresShipping": false, "deliveryMethod": "PICK_UP"},
	}})
	type userError struct {
		Field   []string `json:"field"`
		Message string   `json:"message"`
	}
	problems := gatewaytest.Get[[]userError](t, refused, "orderCreate.userErrors")
	if len(problems) != 1 || !slices.Equal(problems[0].Field, []string{"order", "lineItems", "0", "deliveryMethod"}) {
		t.Errorf("a digital line to be picked up gave %+v", problems)
	}
}

// TestPreparedForPickup: what stands ready is said once, of each by itself; the shipment that the customer takes begins
// with that, and is PICKED_UP.
func TestPreparedForPickup(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	made := s.merchant.Must(t, `mutation { orderCreate(order: {lineItems: [
		{title: "Lamp", quantity: 2, requiresShipping: true, deliveryMethod: PICK_UP},
		{title: "Sofa", quantity: 1, requiresShipping: true},
		{title: "Plant", quantity: 1, requiresShipping: true, deliveryMethod: LOCAL}
	]}) { order { fulfillmentOrders(first: 5) { nodes { id deliveryMethod { methodType } } } } userErrors { message } } }`,
		nil)
	type way struct {
		ID             string `json:"id"`
		DeliveryMethod struct {
			MethodType string `json:"methodType"`
		} `json:"deliveryMethod"`
	}
	by := map[string]string{}
	for _, fo := range gatewaytest.Get[[]way](t, made, "orderCreate.order.fulfillmentOrders.nodes") {
		by[fo.DeliveryMethod.MethodType] = fo.ID
	}
	type userError struct {
		Field         []string `json:"field"`
		Message, Code string
	}
	prepare := func(mutation string, ids ...string) []userError {
		t.Helper()
		var input []vars
		for _, id := range ids {
			input = append(input, vars{"fulfillmentOrderId": id})
		}
		answer := s.merchant.Do(t, `mutation ($input: [PreparedFulfillmentOrderLineItemsInput!]!) { `+mutation+
			`(input: {lineItemsByFulfillmentOrder: $input}) { userErrors { field message code } } }`, vars{"input": input})
		return gatewaytest.Get[[]userError](t, answer, mutation+".userErrors")
	}
	const pickup = "fulfillmentOrderLineItemsPreparedForPickup"
	invalid := func(i, id string) userError {
		return userError{
			Field:   []string{"input", "lineItemsByFulfillmentOrder", i, "fulfillmentOrderId"},
			Message: "Invalid fulfillment_order_id provided " + id[strings.LastIndexByte(id, '/')+1:],
			Code:    "FULFILLMENT_ORDER_INVALID",
		}
	}
	const unknown = "gid://shopify/FulfillmentOrder/77"
	got := prepare(pickup, by["SHIPPING"], by["PICK_UP"], unknown, by["PICK_UP"])
	if diff := cmp.Diff([]userError{invalid("0", by["SHIPPING"]), invalid("2", unknown)}, got); diff != "" {
		t.Error(diff)
	}
	if got := prepare(pickup, by["PICK_UP"]); len(got) != 1 ||
		got[0].Code != "NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER" {
		t.Errorf("a second time: %+v", got)
	}
	const local = "fulfillmentOrderLineItemsPreparedForLocalDelivery"
	if got := prepare(local, by["LOCAL"], by["PICK_UP"]); len(got) != 1 || got[0].Field[2] != "1" {
		t.Errorf("for local delivery: %+v", got)
	}

	shipped := s.merchant.Must(t, `mutation ($id: ID!) {
		fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: $id}]}) {
			fulfillment { displayStatus deliveredAt events(first: 5) { nodes { status } } } userErrors { message }
		}
	}`, vars{"id": by["PICK_UP"]})
	type event struct{ Status string }
	events := gatewaytest.Get[[]event](t, shipped, "fulfillmentCreate.fulfillment.events.nodes")
	if status := gatewaytest.Get[string](t, shipped, "fulfillmentCreate.fulfillment.displayStatus"); status !=
		"PICKED_UP" || len(events) != 1 || events[0].Status != "READY_FOR_PICKUP" {
		t.Errorf("the shipment is %s with %v", status, events)
	}
}
