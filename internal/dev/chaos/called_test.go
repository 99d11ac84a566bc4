package chaos

import (
	"net/http"
	"strconv"
	"testing"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
)

// goodCalls is a run in which a service was told of a request and of its withdrawal, and gave a number.
func goodCalls() *called {
	const submitted = fulfillment.RequestSubmitted
	c := &called{
		events: []callback.Event{
			{Position: 3, FulfillmentOrderID: 5, Kind: fulfillment.KindRequested, WasHere: true, IsHere: true,
				After: submitted},
			{Position: 7, FulfillmentOrderID: 5, Kind: fulfillment.KindCancelled, WasHere: true, IsHere: true,
				Before: submitted},
			{Position: 9, FulfillmentOrderID: 6, Kind: fulfillment.KindHeld, WasHere: true, IsHere: true},
		},
		secrets:   []string{"older", "newer"},
		shipments: map[string][]string{"#1-F1": {numberOf("#1-F1")}, "#1-F2": {"1Z"}},
	}
	c.heard(callback.FulfillmentRequest, 3, false)
	c.heard(callback.FulfillmentRequest, 3, true)
	c.heard(callback.CancellationRequest, 7, true)
	return c
}

func (c *called) heard(call callback.Call, position int64, taken bool) {
	body, header := string(call.PingBody()), http.Header{}
	header.Set("Packhorse-Position", strconv.FormatInt(position, 10))
	header.Set("Webhook-Id", "m")
	header.Set("Webhook-Timestamp", "1")
	header.Set("X-Shopify-Hmac-Sha256", signature("newer", body))
	header.Set("Webhook-Signature", "v1,x v1,"+signature("newer", "m.1."+body))
	c.pings = append(c.pings, ping{header, body, taken})
}

// TestCallsOfARun: each promise to services that are called is found kept, and broken where it is.
func TestCallsOfARun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		broken string // ""; none
		change func(*called)
	}{
		"all is well":             {"", func(*called) {}},
		"a later one tells, too":  {"", func(c *called) { c.pings = c.pings[2:]; c.heard(callback.FulfillmentRequest, 9, true) }},
		"nobody took it":          {promiseCalled, func(c *called) { c.pings[2].taken = false }},
		"only an older one came":  {promiseCalled, func(c *called) { c.pings[1].header.Set("Packhorse-Position", "2") }},
		"another kind came":       {promiseCalled, func(c *called) { c.pings = c.pings[:2] }},
		"one names something":     {promisePing, func(c *called) { c.pings[0].body = `{"kind":"FULFILLMENT_REQUEST","id":5}` }},
		"one is not signed":       {promisePing, func(c *called) { c.pings[0].header.Del("Webhook-Signature") }},
		"another signed it":       {promisePing, func(c *called) { c.secrets = c.secrets[:1] }},
		"a shipment has none":     {promiseNumber, func(c *called) { c.shipments["#1-F1"] = []string{""} }},
		"a shipment has no list":  {promiseNumber, func(c *called) { c.shipments["#1-F1"] = nil }},
		"one has another's":       {promiseNumber, func(c *called) { c.shipments["#1-F2"] = []string{numberOf("#1-F1")} }},
		"one has another's, also": {promiseNumber, func(c *called) { c.shipments["#1-F2"] = []string{"1Z", numberOf("#1-F1")} }},
	} {
		c := goodCalls()
		test.change(c)
		for _, a := range c.check() {
			if broken := len(a.Violations) > 0; broken != (a.Name == test.broken) || a.Checked == 0 {
				t.Errorf("%s: %s: checked %d times, and %v", name, a.Name, a.Checked, a.Violations)
			}
		}
	}
}
