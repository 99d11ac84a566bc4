package chaos

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"packhorse/internal/audit"
	"packhorse/internal/callback"
)

// What is promised to fulfillment services that are called.
const (
	promiseCalled = "a fulfillment service is told of every request, of every one to cancel, and of those withdrawn"
	promisePing   = "a call that tells of something has one of two bodies, signed with the secret of the service's app"
	promiseNumber = "tracking numbers that a service gives become those of their shipments, and of no others"
)

// called is what a fulfillment service was to be told, and what became of it.
type called struct {
	events    []callback.Event
	pings     []ping              // in the order of arrival
	secrets   []string            // that its app ever had
	shipments map[string][]string // tracking numbers of all that it ships, by name
}

// check gives the assertions.
func (c *called) check() []audit.Assertion {
	return []audit.Assertion{c.checkCalled(), c.checkPings(), c.checkNumbers()}
}

// checkCalled looks for events of which no call has told that was taken: one tells of all up to its position.
func (c *called) checkCalled() audit.Assertion {
	a := audit.Assertion{Name: promiseCalled}
	told := map[callback.Call]int64{}
	for _, p := range c.pings {
		at, _ := strconv.ParseInt(p.header.Get("Packhorse-Position"), 10, 64)
		for _, call := range callback.Calls {
			if p.taken && call.IsPing() && p.body == string(call.PingBody()) {
				told[call] = max(told[call], at)
			}
		}
	}
	for _, e := range c.events {
		call := e.Ping()
		if call == "" {
			continue
		}
		if a.Checked++; told[call] < e.Position {
			a.Violations = append(a.Violations, audit.Violation{
				FulfillmentOrderID: e.FulfillmentOrderID, What: fmt.Sprintf(
					"nobody was told by %s of %s at position %d; told is up to %d", call, e.Kind, e.Position,
					told[call]),
			})
		}
	}
	return a
}

func (c *called) checkPings() audit.Assertion {
	a := audit.Assertion{Name: promisePing}
	for _, p := range c.pings {
		a.Checked++
		signed := slices.ContainsFunc(c.secrets, func(secret string) bool {
			text := p.header.Get("Webhook-Id") + "." + p.header.Get("Webhook-Timestamp") + "." + p.body
			return p.header.Get("X-Shopify-Hmac-Sha256") == signature(secret, p.body) &&
				slices.Contains(strings.Fields(p.header.Get("Webhook-Signature")), "v1,"+signature(secret, text))
		})
		if p.body != string(callback.FulfillmentRequest.PingBody()) &&
			p.body != string(callback.CancellationRequest.PingBody()) || !signed {
			a.Violations = append(a.Violations, audit.Violation{
				What: fmt.Sprintf("message %s is %q, signed: %v", p.header.Get("Webhook-Id"), p.body, signed),
			})
		}
	}
	return a
}

// checkNumbers looks for shipments without a number, and for those with another's.
func (c *called) checkNumbers() audit.Assertion {
	a := audit.Assertion{Name: promiseNumber, Checked: 1} // A short run may see nothing shipped.
	for name, numbers := range c.shipments {
		a.Checked++
		has := slices.ContainsFunc(numbers, func(number string) bool { return number != "" })
		for _, number := range numbers {
			if strings.HasPrefix(number, numberOf("")) && number != numberOf(name) {
				has = false
			}
		}
		if !has {
			a.Violations = append(a.Violations, audit.Violation{
				What: fmt.Sprintf("the shipment %s has the numbers %q", name, numbers),
			})
		}
	}
	return a
}
