package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"packhorse/internal/gateway/gatewaytest"
)

const (
	acceptPart = `mutation ($id: ID!, $lines: [FulfillmentOrderLineItemInput!], $why: [IncomingRequestLineItemInput!]) {
		fulfillmentOrderAcceptFulfillmentRequest(
			id: $id, message: "The rest on Monday.", fulfillmentOrderLineItems: $lines, rejectedLineItems: $why
			reason: INVENTORY_OUT_OF_STOCK
		) { fulfillmentOrder { ...State } rejectedFulfillmentOrder { ...State } userErrors { field message } }
	}` + state
	stopPart = `mutation ($id: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
		fulfillmentOrderAcceptCancellationRequest(id: $id, fulfillmentOrderLineItems: $lines) {
			fulfillmentOrder { ...State } cancelledFulfillmentOrder { ...State } userErrors { field message }
		}
	}` + state
)

// orderLines is how many units remain of an order's lines, by what they are called and the states of their fulfillment
// orders.
func orderLines(t *testing.T, s *shop, order string) map[string]int {
	t.Helper()
	answer := s.merchant.Must(t, `query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 10) { nodes {
		status requestStatus lineItems(first: 5) { nodes { remainingQuantity lineItem { title }
		warnings { description } } }
	} } } }`, vars{"id": order})
	units := map[string]int{}
	for _, fo := range gatewaytest.Get[[]vars](t, answer, "order.fulfillmentOrders.nodes") {
		for _, line := range fo["lineItems"].(vars)["nodes"].([]any) {
			l := line.(vars)
			name := fmt.Sprint(l["lineItem"].(vars)["title"], " ", fo["status"], "/", fo["requestStatus"])
			for _, warning := range l["warnings"].([]any) {
				name += fmt.Sprint(": ", warning.(vars)["description"])
			}
			if n := int(l["remainingQuantity"].(float64)); n > 0 && fo["status"] != "CLOSED" {
				units[name] += n
			}
		}
	}
	return units
}

func sameUnits(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestPartialAnswers: over HTTP, a service accepts a part of a request and stops a part of that; nothing is lost, each
// part can be asked for again, and who asks wrongly is told how.
func TestPartialAnswers(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	order, id := s.orderAtService(t, 3, 2)
	s.merchant.Must(t, submit, vars{"id": id})
	lines := read(t, s.service, id).LineItems.Nodes
	first, second := lines[0].ID, lines[1].ID

	for wanted, wrong := range map[string]vars{
		"An empty list would be a yes to nothing": {"lines": []vars{}},
		"Invalid fulfillment order line item":     {"lines": []vars{{"id": first, "quantity": 4}}},
		"All units of line item": {
			"lines": []vars{{"id": first, "quantity": 3}}, "why": []vars{{"fulfillmentOrderLineItemId": first}},
		},
		"is why units are not accepted, and all are": {},
	} {
		wrong["id"] = id
		answer := s.service.Do(t, acceptPart, wrong)
		if text := gatewaytest.Get[string](
			t, answer, "fulfillmentOrderAcceptFulfillmentRequest.userErrors.0.message",
		); !strings.Contains(text, wanted) {
			t.Errorf("%v got %s, want %q", wrong, text, wanted)
		}
	}

	answer := s.service.Must(t, acceptPart, vars{
		"id": id, "lines": []vars{{"id": first, "quantity": 2}},
		"why": []vars{{"fulfillmentOrderLineItemId": second, "message": "Sold out."}},
	})
	const accepted = "fulfillmentOrderAcceptFulfillmentRequest."
	took := gatewaytest.Get[*fulfillmentOrder](t, answer, accepted+"fulfillmentOrder")
	rest := gatewaytest.Get[*fulfillmentOrder](t, answer, accepted+"rejectedFulfillmentOrder")
	if took.ID != id || !took.in("IN_PROGRESS", "ACCEPTED") || !rest.in("OPEN", "REJECTED") {
		t.Fatalf("accepted %+v, rejected %+v", took, rest)
	}
	sameUnits(t, "accepted in part", orderLines(t, s, order), map[string]int{
		"Thing 1 IN_PROGRESS/ACCEPTED": 2, "Thing 1 OPEN/REJECTED": 1, "Thing 2 OPEN/REJECTED: Sold out.": 2,
	})

	s.merchant.Must(t, submitCancellation, vars{"id": id})
	answer = s.service.Must(t, stopPart, vars{"id": id, "lines": []vars{{"id": first, "quantity": 1}}})
	const stopped = "fulfillmentOrderAcceptCancellationRequest."
	if goesOn := gatewaytest.Get[*fulfillmentOrder](t, answer, stopped+"fulfillmentOrder"); goesOn.ID != id ||
		!goesOn.in("IN_PROGRESS", "CANCELLATION_REJECTED") {
		t.Errorf("the service goes on with %+v", goesOn)
	}
	if part := gatewaytest.Get[*fulfillmentOrder](t, answer, stopped+"cancelledFulfillmentOrder"); !part.in(
		"CLOSED", "CANCELLATION_ACCEPTED",
	) {
		t.Errorf("it has stopped %+v", part)
	}
	sameUnits(t, "stopped in part", orderLines(t, s, order), map[string]int{
		"Thing 1 IN_PROGRESS/CANCELLATION_REJECTED": 1, "Thing 1 OPEN/UNSUBMITTED": 1, "Thing 1 OPEN/REJECTED": 1,
		"Thing 2 OPEN/REJECTED: Sold out.": 2,
	})

	s.merchant.Must(t, submit, vars{"id": rest.ID})
	s.service.Must(t, accept, vars{"id": rest.ID})
	for _, shipped := range []string{id, rest.ID} {
		s.service.Must(t, ship, shipment(shipped, nil))
	}
	sameUnits(t, "shipped", orderLines(t, s, order), map[string]int{"Thing 1 OPEN/UNSUBMITTED": 1})
}
