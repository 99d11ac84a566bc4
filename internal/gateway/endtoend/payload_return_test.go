package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/returns"
)

// The mutations of returns, with what they are about.
func init() {
	for name, sample := range map[string]func(*scene) string{
		"returnRequest":        withReturnable(`input: {orderId: "ORDER", returnLineItems: [LINE]}`),
		"returnCreate":         withReturnable(`returnInput: {orderId: "ORDER", returnLineItems: [LINE]}`),
		"returnApproveRequest": withRequest(`input: {id: "RETURN"}`),
		"returnDeclineRequest": withRequest(`input: {id: "RETURN", declineReason: OTHER}`),
		"returnCancel":         withReturn(`id: "RETURN"`),
		"returnClose":          withReturn(`id: "RETURN"`),
		"returnReopen":         withReturn(`id: "RETURN"`),
		"returnProcess":        withReturn(`input: {returnId: "RETURN", returnLineItems: [{id: "LINE", quantity: 1}]}`),
		"removeFromReturn": withReturn(
			`returnId: "RETURN", returnLineItems: [{returnLineItemId: "LINE", quantity: 1}]`,
		),
		"reverseFulfillmentOrderDispose": withReturn(`dispositionInputs: [{
			reverseFulfillmentOrderLineItemId: "WORKLINE", quantity: 1, dispositionType: MISSING, locationId: "PLACE"
		}]`),
		"reverseDeliveryCreateWithShipping": withReturn(`reverseFulfillmentOrderId: "WORK",
			reverseDeliveryLineItems: [], trackingInput: {number: "1"}`),
		"reverseDeliveryShippingUpdate": withReturn(`reverseDeliveryId: "PARCEL", trackingInput: {number: "2"}`),
	} {
		samples[name] = sample
	}
}

// shippedLine is a shipment's order and line.
func (c *scene) shippedLine() (order, line fulfillment.ID) {
	c.t.Helper()
	owner, shipment, err := c.engine.Store.Fulfillment(c.t.Context(), numberOf(c.shipped()))
	if err != nil {
		c.t.Fatal(err)
	}
	return owner.OrderID, shipment.Lines[0].ID
}

// withReturnable is arguments about an order with something that can be returned.
func withReturnable(format string) func(*scene) string {
	return func(c *scene) string {
		order, line := c.shippedLine()
		return strings.NewReplacer("ORDER", gid("Order", order), "LINE", fmt.Sprintf(
			"{fulfillmentLineItemId: %q, quantity: 1, returnReason: STYLE}", gid("FulfillmentLineItem", line),
		)).Replace(format)
	}
}

// withRequest is arguments about a return that waits to be approved.
func withRequest(format string) func(*scene) string {
	return func(c *scene) string {
		return strings.ReplaceAll(format, "RETURN", gid("Return", c.begun(&returns.Request{}).ID))
	}
}

// withReturn is arguments about an open return with a parcel.
func withReturn(format string) func(*scene) string {
	return func(c *scene) string {
		made := c.begun(&returns.Create{})
		_, made, err := c.engine.Updates.CommandReturn(c.t.Context(), made.ID, &returns.CreateDelivery{
			Tracking: &returns.TrackingInput{Number: "1"},
		})
		if err != nil {
			c.t.Fatal(err)
		}
		work := made.Work[0]
		return strings.NewReplacer(
			"RETURN", gid("Return", made.ID), "WORKLINE", gid("ReverseFulfillmentOrderLineItem", work.Lines[0].ID),
			"WORK", gid("ReverseFulfillmentOrder", work.ID), "LINE", gid("ReturnLineItem", made.Lines[0].ID),
			"PARCEL", gid("ReverseDelivery", work.Deliveries[0].ID), "PLACE", c.locations[c.kind],
		).Replace(format)
	}
}

// begun is a return of one shipped unit.
func (c *scene) begun(cmd returns.Opening) *returns.Return {
	c.t.Helper()
	order, line := c.shippedLine()
	lines := []returns.NewLine{{FulfillmentLineID: line, Quantity: 1, Reason: "STYLE"}}
	switch cmd := cmd.(type) {
	case *returns.Request:
		cmd.Lines = lines
	case *returns.Create:
		cmd.Lines = lines
	}
	_, made, err := c.engine.Updates.BeginReturn(c.t.Context(), order, cmd)
	if err != nil {
		c.t.Fatal(err)
	}
	return made
}

// bringBack makes a return of the merchant's shipment, with a parcel and what became of it.
func (s *sight) bringBack(t *testing.T) {
	t.Helper()
	made := s.stranger.Must(t, `mutation ($in: ReturnInput!) { returnCreate(returnInput: $in) {
		return { id returnLineItems(first: 1) { nodes { id } }
			reverseFulfillmentOrders(first: 1) { nodes { id lineItems(first: 1) { nodes { id } } } } }
		userErrors { field message } } }`, vars{"in": vars{
		"orderId": s.order, "returnShippingFee": vars{"amount": vars{"amount": "4.90", "currencyCode": "EUR"}},
		"exchangeLineItems": []vars{{"title": "Bell", "quantity": 1}},
		"returnLineItems": []vars{{
			"fulfillmentLineItemId": s.shipmentLines[access.MerchantManaged], "quantity": 1, "returnReason": "STYLE",
			"restockingFee": vars{"percentage": 10},
		}},
	}})
	at := func(path string) string { return gatewaytest.Get[string](t, made, "returnCreate.return."+path) }
	s.back, s.backLine = at("id"), at("returnLineItems.nodes.0.id")
	s.backWork = at("reverseFulfillmentOrders.nodes.0.id")
	sent := s.stranger.Must(t, `mutation ($id: ID!) { reverseDeliveryCreateWithShipping(reverseFulfillmentOrderId: $id,
		reverseDeliveryLineItems: [], trackingInput: {number: "1"}) {
		reverseDelivery { id } userErrors { field message } } }`, vars{"id": s.backWork})
	s.backParcel = gatewaytest.Get[string](t, sent, "reverseDeliveryCreateWithShipping.reverseDelivery.id")
	disposed := s.stranger.Must(t, `mutation ($in: [ReverseFulfillmentOrderDisposeInput!]!) {
		reverseFulfillmentOrderDispose(dispositionInputs: $in) {
			reverseFulfillmentOrderLineItems { dispositions { id } } userErrors { field message } } }`, vars{"in": []vars{{
		"reverseFulfillmentOrderLineItemId": at("reverseFulfillmentOrders.nodes.0.lineItems.nodes.0.id"),
		"quantity":                          1, "dispositionType": "RESTOCKED", "locationId": s.home,
	}}})
	s.backUnits = gatewaytest.Get[string](
		t, disposed, "reverseFulfillmentOrderDispose.reverseFulfillmentOrderLineItems.0.dispositions.0.id",
	)
}

// backEntries are the root fields of returns.
func (s *sight) backEntries() []entry {
	returns := func(by access.Caller) bool { return by.May("return") }
	node := func(id, typeName string) entry {
		return entry{call: fmt.Sprintf("node(id: %q)", id), typeName: typeName, field: "node", may: returns}
	}
	return []entry{
		{call: fmt.Sprintf("return(id: %q)", s.back), field: "return", typeName: "Return"},
		{
			call:  fmt.Sprintf("reverseFulfillmentOrder(id: %q)", s.backWork),
			field: "reverseFulfillmentOrder", typeName: "ReverseFulfillmentOrder",
		},
		{call: fmt.Sprintf("reverseDelivery(id: %q)", s.backParcel), field: "reverseDelivery", typeName: "ReverseDelivery"},
		{
			call:  fmt.Sprintf("returnableFulfillments(orderId: %q, first: 5)", s.order),
			field: "returnableFulfillments", typeName: "ReturnableFulfillmentConnection", list: true,
		},
		{
			call:  "returnReasonDefinitions(first: 2)",
			field: "returnReasonDefinitions", typeName: "ReturnReasonDefinitionConnection", list: true,
		},
		node(s.back, "Return"), node(s.backLine, "ReturnLineItem"), node(s.backWork, "ReverseFulfillmentOrder"),
		node(s.backParcel, "ReverseDelivery"), node(s.backUnits, "ReverseFulfillmentOrderDisposition"),
	}
}
