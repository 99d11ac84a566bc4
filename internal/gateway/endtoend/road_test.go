package endtoend

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/access"
	"packhorse/internal/graphql/document"
	"packhorse/internal/graphql/schema"
)

const (
	batchSize  = 40 // roads in one document
	longestWay = 4  // fields from an entry to an object
)

func allowed() document.Limits {
	return document.Limits{MaxCost: 10_000_000, MaxDepth: 40, MaxPageSize: 250, MaxNodes: 100_000_000}
}

// road is a way from a root field to one field of one object.
type road struct {
	entry
	steps []*ast.FieldDefinition // the last one has no fields of its own
	types []string               // of which object each is a field
}

// entry is a root field with its arguments.
type entry struct {
	call     string // such as `order(id: "…")`
	typeName string // of the object that it gives
	field    string
	list     bool
	// may tells whether a caller may ask for it. Nil: as the operation of that name.
	may func(access.Caller) bool
	own bool // what it gives depends on the asker, so that only what is hidden can be compared
}

func (r road) String() string {
	names := []string{r.call}
	for _, f := range r.steps {
		names = append(names, f.Name)
	}
	return strings.Join(names, ".")
}

// through tells whether the road goes on from this field.
func (r road) through(name string) bool {
	for i, f := range r.steps[:len(r.steps)-1] {
		if r.types[i]+"."+f.Name == name {
			return true
		}
	}
	return false
}

// entries are the root fields of queries, with what there is to be found by them.
func (s *sight) entries() []entry {
	var all []entry
	for _, kind := range access.Ownerships {
		seesOrder := func(by access.Caller) bool { return by.May("order") }
		node := func(id, typeName string, may func(access.Caller) bool) {
			if id == "" {
				return
			}
			all = append(all, entry{call: fmt.Sprintf("node(id: %q)", id), typeName: typeName, field: "node", may: may})
		}
		part := func(by access.Caller) bool {
			return by.MaySee("FulfillmentOrder", s.relation(by, s.fulfillmentOrders[kind]))
		}
		shipped := func(by access.Caller) bool {
			return by.MaySee("Fulfillment", s.relation(by, s.shipments[kind]))
		}
		any := func(access.Caller) bool { return true }
		for field, ids := range map[string]map[access.Ownership]string{
			"fulfillmentOrder": s.fulfillmentOrders, "fulfillment": s.shipments, "location": s.locations,
			"fulfillmentService": s.services,
		} {
			if ids[kind] != "" {
				all = append(all, entry{
					call: fmt.Sprintf("%s(id: %q)", field, ids[kind]), field: field,
					typeName: schema.Load().Query.Fields.ForName(field).Type.Name(),
				})
			}
		}
		node(s.fulfillmentOrders[kind], "FulfillmentOrder", any)
		node(s.shipments[kind], "Fulfillment", any)
		node(s.locations[kind], "Location", any)
		node(s.lines[kind], "FulfillmentOrderLineItem", part)
		node(s.holds[kind], "FulfillmentHold", part)
		node(s.requests[kind], "FulfillmentOrderMerchantRequest", part)
		number := s.fulfillmentOrders[kind][strings.LastIndex(s.fulfillmentOrders[kind], "/")+1:]
		node("gid://shopify/FulfillmentOrderDestination/"+number, "FulfillmentOrderDestination", part)
		node("gid://shopify/DeliveryMethod/"+number, "DeliveryMethod", part)
		node(s.shipmentLines[kind], "FulfillmentLineItem", shipped)
		node(s.events[kind], "FulfillmentEvent", shipped)
		if kind == access.MerchantManaged {
			node(s.order, "Order", any)
			node(s.lineItem, "LineItem", seesOrder)
			node(strings.Replace(s.order, "/Order/", "/MailingAddress/", 1), "MailingAddress", seesOrder)
			node(s.session, "CalculatedOrder", any)
			node("gid://shopify/Shop/1", "Shop", any)
			node("gid://shopify/App/"+s.owner.ID.String(), "App", any)
			node("gid://shopify/AppInstallation/"+s.owner.ID.String(), "AppInstallation", any)
		}
	}
	return append(append(all, s.backEntries()...),
		entry{call: fmt.Sprintf("order(id: %q)", s.order), field: "order", typeName: "Order"},
		entry{
			call:  fmt.Sprintf("orderByIdentifier(identifier: {id: %q})", s.order),
			field: "orderByIdentifier", typeName: "Order",
		},
		entry{call: "orders(first: 5)", field: "orders", typeName: "OrderConnection", list: true},
		entry{call: fmt.Sprintf("job(id: %q)", s.job), field: "job", typeName: "Job"},
		entry{call: "shop", field: "shop", typeName: "Shop"},
		entry{
			call: "fulfillmentOrders(first: 5, includeClosed: true)", field: "fulfillmentOrders",
			typeName: "FulfillmentOrderConnection", list: true,
		},
		entry{
			call: "locations(first: 20, includeLegacy: true)", field: "locations", typeName: "LocationConnection",
			list: true,
		},
		entry{
			call:  "currentAppInstallation",
			field: "currentAppInstallation", typeName: "AppInstallation", own: true,
		},
	)
}

// asker are fields whose value is another one for each app that may see it.
var asker = []string{
	"FulfillmentOrder.supportedActions", "FulfillmentOrder.fulfillmentOrdersForMerge",
	"AppInstallation.accessScopes", "FulfillmentHold.heldByRequestingApp", "FulfillmentOrderLocationForMove.message",
	"FulfillmentOrderLocationForMove.movable", "LineItem.fulfillmentService",
}

// ofThePage are fields of pages that tell where in a list it is, which is another place for each app.
func ofThePage(name string) bool {
	return strings.HasPrefix(name, "PageInfo.") || strings.HasSuffix(name, ".cursor")
}

// changing are fields that change by themselves, which their owners alone see: TestCallbacksAreTheOwners.
var changing = []string{"FulfillmentService.callbacks", "FulfillmentService.callbackProblem"}

// roads are all ways to fields, each field of an object once for each field that leads to the object.
func (s *sight) roads(t *testing.T) []road {
	t.Helper()
	var all []road
	for _, e := range s.entries() {
		reached := map[string]bool{}
		type place struct {
			road
			typeName string
		}
		places := []place{{road{entry: e}, e.typeName}}
		for len(places) > 0 {
			here := places[0]
			places = places[1:]
			for _, f := range schema.Load().Types[here.typeName].Fields {
				name := here.typeName + "." + f.Name
				if strings.HasPrefix(f.Name, "__") || reached[name+"@"+last(here.road)] || needsArguments(f) ||
					slices.Contains(changing, name) {
					continue
				}
				reached[name+"@"+last(here.road)] = true
				next := here.road
				next.steps = append(slices.Clone(here.steps), f)
				next.types = append(slices.Clone(here.types), here.typeName)
				next.own = next.own || slices.Contains(asker, name) || ofThePage(name)
				switch of := schema.Load().Types[f.Type.Name()]; {
				case of.Kind == ast.Scalar || of.Kind == ast.Enum:
					all = append(all, next)
				case f.Name == "edges" && len(here.steps) > 0: // The same as its nodes.
				case f.Type.Name() == schema.Load().Query.Name: // From there on as from the beginning.
				case len(next.steps) < longestWay && !slices.Contains(next.types, f.Type.Name()):
					places = append(places, place{next, f.Type.Name()})
				}
			}
		}
	}
	return all
}

// last is the field that leads to an object, if that has a rule for what is named by fields.
func last(r road) string {
	if len(r.steps) == 0 {
		return ""
	}
	f := r.steps[len(r.steps)-1]
	if row := access.ObjectOf(f.Type.Name()); row != nil && row.NamedBy != nil {
		return r.types[len(r.types)-1] + "." + f.Name
	}
	return ""
}

func needsArguments(f *ast.FieldDefinition) bool {
	return slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool {
		return a.Type.NonNull && a.DefaultValue == nil
	})
}

// fieldsOf are the fields that the roads lead to.
func (s *sight) fieldsOf(roads []road) map[string]bool {
	fields := map[string]bool{}
	for _, r := range roads {
		for i, f := range r.steps {
			fields[r.types[i]+"."+f.Name] = true
		}
	}
	return fields
}

// unreached are the fields of objects with values of their own that no road leads to. Payloads are answers to
// mutations, and what Packhorse keeps nothing of is never there.
func (s *sight) unreached(roads []road) []string {
	reached := s.fieldsOf(roads)
	absent := []string{
		"AppSubscription", "OrderTransaction.parentTransaction", "FinancialSummaryDiscountApplication",
		// Each app has its own: TestWebhookSubscriptionsAreTheAppsOwn.
		"WebhookSubscription", "WebhookHttpEndpoint", "WebhookEventBridgeEndpoint", "WebhookPubSubEndpoint",
		"WebhookSubscriptionMetafieldIdentifier", "ApiVersion", "WebhookAttempt", "WebhookDelivery",
		"FulfillmentServiceCallback", "FulfillmentService.callbackProblem",
		// Nothing is refunded, and no third party is asked.
		"Refund", "ReverseFulfillmentOrderThirdPartyConfirmation",
		// What is computed from arguments, and what a union has: TestReturnIsReadAsItWasMade.
		"CalculatedReturn", "CalculatedReturnLineItem", "CalculatedRestockingFee", "CalculatedReturnShippingFee",
		"ReverseDelivery.deliverable", "ReverseDeliveryShippingDeliverable", "ReverseDeliveryTrackingV2",
		"ReverseDeliveryLabelV2",
	}
	var missing []string
	for name, definition := range schema.Load().Types {
		row := access.ObjectOf(name)
		if definition.Kind != ast.Object || row == nil || row.Type == "" || strings.HasSuffix(name, "Payload") ||
			strings.HasPrefix(name, "FulfillmentOrderKept") || strings.HasSuffix(name, "Result") ||
			definition == schema.Load().Query || definition == schema.Load().Mutation {
			continue
		}
		for _, f := range definition.Fields {
			full := name + "." + f.Name
			if !strings.HasPrefix(f.Name, "__") && !needsArguments(f) && !reached[full] &&
				!slices.Contains(absent, name) && !slices.Contains(absent, full) &&
				schema.Load().Types[f.Type.Name()].Kind != ast.Object {
				missing = append(missing, full)
			}
		}
	}
	slices.Sort(missing)
	return missing
}

// documentOf asks for the roads, each under a name of its own; with IDs also for that of each object on the way.
func documentOf(roads []road, withIDs bool) string {
	var b strings.Builder
	b.WriteString("{\n")
	for i, r := range roads {
		fmt.Fprintf(&b, "r%d: %s { ", i, r.call)
		depth := 1
		id := func(typeName string) {
			if withIDs && typeName == "FulfillmentOrderKeptDestination" {
				b.WriteString("fulfillmentOrder { id } ")
			}
			if withIDs && schema.Load().Types[typeName].Fields.ForName("id") != nil {
				b.WriteString("id ")
			}
		}
		if r.field == "node" {
			fmt.Fprintf(&b, "... on %s { ", r.typeName)
			depth++
		}
		id(r.typeName)
		for n, f := range r.steps {
			b.WriteString(f.Name)
			if f.Arguments.ForName("first") != nil {
				b.WriteString("(first: 20)")
			}
			if n < len(r.steps)-1 {
				b.WriteString(" { ")
				depth++
				id(f.Type.Name())
			}
		}
		b.WriteString(strings.Repeat(" }", depth) + "\n")
	}
	b.WriteString("}")
	return b.String()
}
