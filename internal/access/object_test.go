package access

import (
	"slices"
	"strings"
	"testing"
)

// What the table of objects says in words, written from the rules and not from the table: who may see a field of an
// object of the merchant's, of the app itself or its service, and of another app's or service. A dash is: nobody,
// whatever scopes it has; a star: any app.
const objectRules = `
read_merchant_managed_fulfillment_orders | read_assigned_fulfillment_orders read_third_party_fulfillment_orders | read_third_party_fulfillment_orders
: FulfillmentOrder.id FulfillmentOrder.destination FulfillmentOrder.fulfillmentHolds

# A shipment is a part of the order, too.
read_orders read_merchant_managed_fulfillment_orders | read_orders read_assigned_fulfillment_orders read_third_party_fulfillment_orders | read_orders read_third_party_fulfillment_orders
: Fulfillment.id Fulfillment.trackingInfo

# Where it could go: whoever may read locations, or move it.
read_locations write_merchant_managed_fulfillment_orders | read_locations write_third_party_fulfillment_orders | read_locations write_third_party_fulfillment_orders
: FulfillmentOrder.locationsForMove

read_orders | read_orders | read_orders
: Order.id Order.email Job.id
- | read_orders | -
: CalculatedOrder.id

# A location is for those who may read locations, and for who runs it; its name for all who see what names it.
read_locations | * | read_locations
: Location.isActive Location.fulfillmentService Location.hasUnfulfilledOrders
* | * | *
: Location.id Location.name Location.address FulfillmentService.handle App.title Shop.name

# A return goes by its scope, wherever it comes back to.
read_returns | read_returns | read_returns
: Return.id Return.returnLineItems

# Where a service is called is nobody's business but its app's.
- | * | -
: FulfillmentService.callbackUrl AppInstallation.id WebhookSubscription.id WebhookSubscription.uri
read_fulfillments | * | read_fulfillments
: FulfillmentService.location FulfillmentService.trackingSupport

# A type that nobody has thought of.
- | - | -
: Invention.id
`

// TestObjects walks the rules in words, every scope and every kind of ownership.
func TestObjects(t *testing.T) {
	t.Parallel()
	relations := [3]Relation{{MerchantManaged, 0}, {Assigned, 20}, {ThirdParty, 30}}
	var rule [3][]string
	for line := range strings.Lines(objectRules) {
		line = strings.TrimSpace(line)
		names, isNames := strings.CutPrefix(line, ":")
		switch {
		case line == "" || line[0] == '#':
			continue
		case !isNames:
			for i, cell := range strings.Split(line, "|") {
				rule[i] = strings.Fields(cell)
			}
			continue
		}
		for _, name := range strings.Fields(names) {
			typeName, field, _ := strings.Cut(name, ".")
			for i, to := range relations {
				for _, scope := range append(Scopes(), "") {
					may := slices.ContainsFunc(rule[i], func(needed string) bool {
						return needed == "*" || scope != "" && grants([]Scope{scope}, Scope(needed))
					})
					denied := callerWith(scope).MaySeeField(typeName, field, to)
					if (denied == nil) != may {
						t.Errorf("%s with %q, %s: %v, want may %t", name, scope, to.Ownership, denied, may)
					}
				}
			}
		}
	}
}

// TestNamed: of what is only named, an app sees the name, and only where it is named.
func TestNamed(t *testing.T) {
	t.Parallel()
	elsewhere := Relation{ThirdParty, 30}
	for _, test := range []struct {
		parent, field, object string
		scopes                []Scope
		may                   bool
	}{
		{"Fulfillment", "location", "Location", nil, true},
		{"FulfillmentService", "location", "Location", nil, false},
		{"FulfillmentService", "location", "Location", []Scope{ReadLocations}, true},
		{"Shop", "fulfillmentServices", "FulfillmentService", nil, false},
		{"Location", "fulfillmentService", "FulfillmentService", nil, true},
		{"FulfillmentHold", "heldByApp", "App", nil, true},
		{"QueryRoot", "node", "App", Scopes(), false},
		{"Order", "lineItems", "LineItem", nil, true}, // A part: whoever came so far.
		{"Order", "inventions", "Invention", Scopes(), false},
	} {
		denied := callerWith(test.scopes...).MaySeeIn(test.parent, test.field, test.object, elsewhere)
		if (denied == nil) != test.may {
			t.Errorf("%s.%s with %v: %v, want may %t", test.parent, test.field, test.scopes, denied, test.may)
		}
	}
}

// TestGrounds: an answer rests on what let it through, and only on that.
func TestGrounds(t *testing.T) {
	t.Parallel()
	c := callerWith(ReadOrders, WriteThirdParty, ReadLocations)
	c.Grounds = &Grounds{}
	if string(c.Grounds.Text()) != "[]" || !callerWith().HasGrounds(c.Grounds.Text()) {
		t.Errorf("nothing rests on %s", c.Grounds.Text())
	}
	c.MaySee("Order", c.To(0))
	c.MaySee("FulfillmentOrder", c.To(20)) // Its own service.
	c.MaySee("FulfillmentOrder", c.To(0))  // It may not.
	c.MaySeeField("FulfillmentService", "callbackUrl", c.To(21))
	text := c.Grounds.Text()
	lost := func(change func(*Caller)) Caller {
		without := callerWith(ReadOrders, WriteThirdParty, ReadLocations)
		change(&without)
		return without
	}
	for name, test := range map[string]struct {
		caller Caller
		may    bool
	}{
		"the_same":              {lost(func(*Caller) {}), true},
		"another_way_to_see_it": {lost(func(c *Caller) { c.App.Scopes = []Scope{WriteOrders, ReadAssigned} }), true},
		"without_what_was_not_needed": {
			lost(func(c *Caller) { c.App.Scopes = []Scope{ReadOrders, ReadThirdParty} }), true,
		},
		"without_orders":     {lost(func(c *Caller) { c.App.Scopes = []Scope{WriteThirdParty} }), false},
		"without_services":   {lost(func(c *Caller) { c.App.Scopes = []Scope{ReadOrders} }), false},
		"without_a_service":  {lost(func(c *Caller) { c.Services = c.Services[:1] }), false},
		"without_everything": {Caller{}, false},
	} {
		if may := test.caller.HasGrounds(text); may != test.may {
			t.Errorf("%s: %t for %s", name, may, text)
		}
	}
	if callerWith(Scopes()...).HasGrounds([]byte("?")) {
		t.Error("grounds that can't be read are had")
	}
}
