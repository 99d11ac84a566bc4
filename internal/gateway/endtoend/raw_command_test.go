package endtoend

import (
	"slices"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// rawCommand is a valid command of a fulfillment order, or of an order.
type rawCommand struct{ verb, body string }

// rawCommands are what is sent to fulfillment orders: every verb.
var rawCommands = []rawCommand{
	{"CreateFulfillment", `{"fulfillmentOrderLineItems":[{"id":"<line>","quantity":1}],"trackingInfo":{"company":"UPS","numbers":["1Z","2Z"],"urls":["https://example.com/1"]},"originAddress":{"countryCode":"DE"},"notifyCustomer":true}`},
	{"CreateFulfillment", `{}`},
	{"Hold", `{"reason":"OTHER","reasonNotes":"Wait.","handle":"h","externalId":"x","expiresAt":"2030-01-01T00:00:00Z"}`},
	{"Hold", `{"reason":"AWAITING_PAYMENT","handle":"part","fulfillmentOrderLineItems":[{"id":"<line>","quantity":1}]}`},
	{"ReleaseHold", `{"holdIds":["<hold>"],"ownOnly":false}`},
	{"ReleaseHold", `{}`},
	{"Split", `{"fulfillmentOrderLineItems":[{"id":"<line>","quantity":1}]}`},
	{"Move", `{"newLocationId":"<depot>"}`},
	{"Move", `{"newLocationId":"<robots>"}`},
	{"Move", `{"newLocationId":"<refusing>"}`},
	{"Move", `{"newLocationId":"<place>","fulfillmentOrderLineItems":[{"id":"<line>","quantity":1}]}`},
	{"SubmitFulfillmentRequest", `{"message":"Please.","notifyCustomer":true,"fulfillmentOrderLineItems":[{"id":"<line>","quantity":1}]}`},
	{"SubmitFulfillmentRequest", `{}`},
	{"AcceptFulfillmentRequest", `{"message":"Yes.","estimatedShippedAt":"2030-01-01T00:00:00Z"}`},
	{"RejectFulfillmentRequest", `{"reason":"INVENTORY_OUT_OF_STOCK","message":"No.","lineItems":[{"fulfillmentOrderLineItemId":"<line>","message":"None left."}]}`},
	{"SubmitCancellationRequest", `{"message":"Stop."}`},
	{"AcceptCancellationRequest", `{"message":"Fine.","replace":true}`},
	{"RejectCancellationRequest", `{"message":"No."}`},
	{"Cancel", `{"message":"Anew."}`},
	{"Close", `{"message":"Can't."}`},
	{"Open", `{}`},
	{"ReportProgress", `{"reasonNotes":"Packed."}`},
	{"Reschedule", `{"fulfillAt":"2031-01-01T00:00:00Z"}`},
	{"SetDeadline", `{"fulfillmentDeadline":"2030-01-01T00:00:00Z"}`},
	{"CancelFulfillment", `{"fulfillmentId":"<shipment>"}`},
	{"UpdateTracking", `{"fulfillmentId":"<shipment>","trackingInfoInput":{"company":"DHL","number":"2"},"notifyCustomer":false}`},
	{"RecordEvent", `{"fulfillmentId":"<shipment>","status":"IN_TRANSIT","message":"On its way.","latitude":52.5,"longitude":13.4,"city":"Berlin","country":"DE"}`},
	{"RecordEvent", `{"fulfillmentId":"<shipment>","status":"DELIVERED"}`},
	{"LineItemsPreparedForPickup", `{}`},
	{"LineItemsPreparedForLocalDelivery", `{}`},
	{"CancelUnits", `{"lineItems":[{"id":"<orderline>","quantity":1}],"reason":"Less."}`},
	{"Update", `{"orderSequence":3,"destination":{"address1":"Street 1","countryCode":"DE"}}`},
	{"Tick", `{}`},
	{"ProviderAnswer", `{"key":"<fo>#1","status":"DONE"}`},
}

// rawOrderCommands are what is sent to orders.
var rawOrderCommands = []rawCommand{
	{"Update", `{"note":"By the gate.","tags":["a","b"],"email":"a@example.com","shippingAddress":{"address1":"Street 1","countryCode":"DE"},"customAttributes":[{"key":"k","value":"v"}]}`},
	{"Edit", `{"setQuantities":[{"id":"<orderline>","quantity":2}],"addLineItems":[{"title":"Cup","quantity":1}],"reason":"More."}`},
	{"Merge", `{"fulfillmentOrderMergeInputs":[{"mergeIntents":[{"fulfillmentOrderId":"<fo>"},{"fulfillmentOrderId":"<other>"}]}]}`},
	{"Split", `{"fulfillmentOrderSplits":[{"fulfillmentOrderId":"<fo>","fulfillmentOrderLineItems":[{"id":"<line>","quantity":1}]}]}`},
	{"CreateFulfillment", `{"lineItemsByFulfillmentOrder":[{"fulfillmentOrderId":"<fo>","fulfillmentOrderLineItems":[{"id":"<line>","quantity":1}]},{"fulfillmentOrderId":"<other>"}],"trackingInfo":{"number":"1"}}`},
	{"Reroute", `{"fulfillmentOrderIds":["<fo>"],"includedLocationIds":["<place>","<depot>"],"excludedLocationIds":[]}`},
	{"SetDeadline", `{"fulfillmentOrderIds":["<fo>","<other>"],"fulfillmentDeadline":"2030-01-01T00:00:00Z"}`},
	{"ReleaseHold", `{"fulfillmentOrderId":"<fo>","command":{}}`},
	{"Move", `{"fulfillmentOrderId":"<fo>","command":{"newLocationId":"<place>"}}`},
	{"AcceptCancellationRequest", `{"fulfillmentOrderId":"<fo>","command":{"replace":true}}`},
	{"CancelFulfillment", `{"fulfillmentOrderId":"<fo>","command":{"fulfillmentId":"<shipment>"}}`},
	{"FoldBack", `{"fulfillmentOrderId":"<fo>"}`},
	{"Close", `{}`},
	{"Open", `{}`},
	{"Cancel", `{"reason":"Bought twice."}`},
}

// rawOrders are documents that an order is started with.
var rawOrders = []string{
	`{"lineItems":[{"title":"Blanket","sku":"B","quantity":3},{"title":"Lamp","quantity":2,"locationId":"<place>"}],"deliveryMethod":"SHIPPING"}`,
	`{"name":"#A","tags":["web","web"],"currencyCode":"EUR","note":"Hi.","email":"a@example.com","phone":"+49 30 1","processedAt":"2026-01-01T00:00:00+02:00","lineItems":[{"title":"Cup","quantity":4,"unitPrice":"1.10","taxLines":[{"title":"VAT","rate":"0.19"}],"metadata":{"k":"v"},"customAttributes":[{"key":"k","value":"v"}]},{"title":"Song","quantity":1,"requiresShipping":false}],"transactions":[{"amount":"5.00","gateway":"manual"}]}`,
	`{"fulfillAt":"2030-01-01T00:00:00Z","fulfillBy":"2030-02-01T00:00:00Z","lineItems":[{"title":"Tent","quantity":2}],"shippingAddress":{"firstName":"A","address1":"Street 1","city":"Berlin","countryCode":"DE","zip":"10115"},"sourceIdentifier":"<order>","deliveryTimeout":"36h"}`,
	`{"deliveryMethod":"PICK_UP","lineItems":[{"title":"Kettle","quantity":2,"locationId":"<place>"}],"metadata":{"shop":"x"},"actor":{"role":"MERCHANT","app":"desk"},"commandId":"c"}`,
	`{"deliveryMethod":"LOCAL","lineItems":[{"id":"41","title":"Bread","quantity":2},{"id":"42","title":"Milk","quantity":1,"fulfillAt":"2030-01-01T00:00:00Z"}],"firstId":"<order>"}`,
}

// rawLives are the verbs of lives in which nearly all goes well: those of the fulfillment order, and after a slash of
// the order. A number tells which of several commands with the verb.
var rawLives = [][]string{
	{"Hold", "/ReleaseHold", "Hold2", "ReleaseHold2", "Split", "/Merge", "SetDeadline", "/Update"},
	{"CreateFulfillment", "RecordEvent", "UpdateTracking", "CancelFulfillment", "CreateFulfillment2", "RecordEvent2", "/Edit"},
	{"Move", "SubmitFulfillmentRequest2", "AcceptFulfillmentRequest", "SubmitCancellationRequest", "RejectCancellationRequest",
		"CreateFulfillment", "Close", "Move4"},
	{"Move", "SubmitFulfillmentRequest", "RejectFulfillmentRequest", "SubmitFulfillmentRequest2", "Cancel"},
	{"Move2", "SubmitFulfillmentRequest2", "SetDeadline", "/SetDeadline", "/Cancel"},
	{"Move3", "SubmitFulfillmentRequest2", "/Reroute", "/Close", "/Open"},
	{"ReportProgress", "Open", "Cancel", "CancelUnits", "/Split", "/CreateFulfillment", "/CancelFulfillment"},
}

// rawScript makes the choices that send these commands as updates, unchanged, one after the other.
func rawScript(order byte, life []string) []byte {
	index := func(all []rawCommand, name string) byte {
		verb, n := strings.TrimRight(name, "0123456789"), 1
		if verb != name {
			n = int(name[len(name)-1] - '0')
		}
		for i, c := range all {
			if c.verb == verb {
				if n--; n == 0 {
					return byte(i)
				}
			}
		}
		panic("there is no " + name)
	}
	script := []byte{order}
	for _, name := range life {
		if verb, ofOrder := strings.CutPrefix(name, "/"); ofOrder {
			script = append(script, 0, 0, 2, index(rawOrderCommands, verb))
		} else {
			script = append(script, 0, index(rawCommands, name), 0)
		}
		script = append(script, make([]byte, 6)...) // Not mangled, how it is sent, and that it is waited for.
	}
	return script
}

// TestRawCommandsAreAllFuzzed: a verb that is added is fuzzed, too.
func TestRawCommandsAreAllFuzzed(t *testing.T) {
	t.Parallel()
	sends := func(all []rawCommand, verb string) bool {
		return slices.ContainsFunc(all, func(c rawCommand) bool { return c.verb == verb })
	}
	for _, verb := range fulfillment.Verbs() {
		if !sends(rawCommands, string(verb)) {
			t.Errorf("nobody sends %s to a fulfillment order", verb)
		}
	}
	for _, verb := range fulfillment.JointVerbs {
		if !sends(rawOrderCommands, string(verb)) {
			t.Errorf("nobody sends %s to an order", verb)
		}
	}
}
