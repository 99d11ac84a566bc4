package endtoend

import (
	"slices"
	"testing"

	"packhorse/internal/gateway/gatewaytest"
)

// TestOrderCreateByDeliveryMethods: an order and its lines say how they reach the customer, by fields of Packhorse's
// own; each way becomes a fulfillment order.
func TestOrderCreateByDeliveryMethods(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	const create = `mutation ($lines: [OrderCreateLineItemInput!], $method: DeliveryMethodType) {
		orderCreate(order: {lineItems: $lines, deliveryMethod: $method}) {
			order { fulfillmentOrders(first: 5) { nodes { deliveryMethod { methodType } } } } userErrors { field message }
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
