package endtoend

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/gateway/gatewaytest"
)

// pair is an operation on something that there is, and on something that there is not.
type pair struct {
	document       string
	unseen, nobody vars
	seen           bool // the app may see it, and is answered like that all the same
}

// TestUnknownAndUnseen: an app is answered about what it may not see, byte for byte, as about what there is not, with
// as many statements and at the same cost; and nothing happens to it.
func TestUnknownAndUnseen(t *testing.T) {
	t.Parallel()
	s := newSight(t)
	const none = "123456789012345678"
	unknown := func(gid string) string {
		start, _, _ := strings.Cut(gid[strings.LastIndex(gid, "/")+1:], "?")
		return strings.Replace(gid, start, none, 1)
	}
	pairs := map[string]pair{}
	for _, kind := range access.Ownerships {
		id, shipped, line := s.fulfillmentOrders[kind], s.shipments[kind], s.lines[kind]
		existing := writes(id, line, shipped, s.other)
		absent := writes(unknown(id), line, unknown(shipped), s.other)
		for name, write := range existing {
			pairs[string(kind)+" "+name] = pair{
				document: write.document, unseen: write.variables, nobody: absent[name].variables,
			}
		}
	}
	const byID = `query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }`
	for name, ids := range map[string]map[access.Ownership]string{
		"fulfillment order": s.fulfillmentOrders, "shipment": s.shipments, "line": s.lines, "hold": s.holds,
		"request": s.requests, "shipped line": s.shipmentLines, "event": s.events, "location": s.locations,
		"order": {"": s.order}, "session": {"": s.session}, "order line": {"": s.lineItem},
		"app": {"": "gid://shopify/App/" + s.owner.ID.String()},
	} {
		for kind, id := range ids {
			pairs[string(kind)+" "+name+" by ID"] = pair{
				document: byID, unseen: vars{"id": id}, nobody: vars{"id": unknown(id)},
			}
		}
	}
	for field, id := range map[string]string{
		"order": s.order, "job": s.job, "location": s.home,
		"fulfillment": s.shipments[access.ThirdParty], "fulfillmentOrder": s.fulfillmentOrders[access.ThirdParty],
		"fulfillmentService": s.services[access.ThirdParty],
	} {
		pairs[field] = pair{
			document: `query ($id: ID!) { ` + field + `(id: $id) { id } }`,
			unseen:   vars{"id": id}, nobody: vars{"id": unknown(id)},
		}
	}
	for name, document := range map[string]string{
		"set quantity in another app's edit": setEditQuantity, "commit another app's edit": commitEdit,
	} {
		pairs[name] = pair{
			document: document, unseen: vars{"id": s.session, "line": s.lineItem, "quantity": 1},
			nobody: vars{"id": unknown(s.session), "line": s.lineItem, "quantity": 1},
		}
	}
	for name, mutation := range map[string]string{
		"update another app's service": `fulfillmentServiceUpdate(id: $id, name: "Mine")`,
		"delete another app's service": `fulfillmentServiceDelete(id: $id, inventoryAction: KEEP)`,
	} {
		service := s.services[access.ThirdParty]
		pairs[name] = pair{
			document: `mutation ($id: ID!) { ` + mutation + ` { userErrors { field message } } }`,
			unseen:   vars{"id": service}, nobody: vars{"id": unknown(service)}, seen: true,
		}
	}

	before := gatewaytest.Get[any](t, s.merchant.Must(t, wholeOrder, vars{"id": s.order}), "order")
	compared := 0
	for _, app := range []*gatewaytest.App{s.owner, s.stranger} {
		for _, scopes := range [][]access.Scope{
			{access.WriteMerchantManaged}, {access.WriteAssigned}, {access.WriteFulfillments}, {access.WriteThirdParty},
			{access.WriteMerchantManaged, access.WriteAssigned, access.WriteFulfillments},
			{access.WriteLocations}, {access.ReadOrders}, {access.WriteOrders, access.WriteFulfillments},
		} {
			s.Rescope(app, scopes...)
			by := access.Caller{App: app.App}
			if app == s.owner {
				by.Services = append(by.Services, numberOf(s.services[access.Assigned]))
			}
			for _, name := range slices.Sorted(maps.Keys(pairs)) {
				p := pairs[name]
				if !p.seen && s.seesAny(by, p.unseen) {
					continue
				}
				compared++
				unseen, nobody := app.Do(t, p.document, p.unseen), app.Do(t, p.document, p.nobody)
				if withoutIDs(unseen, p.unseen) != withoutIDs(nobody, p.nobody) {
					t.Errorf("%s with %v, %s:\n%s\nof what there is not:\n%s",
						app.Handle, scopes, name, unseen.Body, nobody.Body)
				}
				if of, other := s.Statements(unseen), s.Statements(nobody); len(of) != len(other) {
					t.Errorf("%s with %v, %s: %d statements, and %d for what there is not:\n%q\n%q",
						app.Handle, scopes, name, len(of), len(other), of, other)
				}
			}
		}
	}
	t.Logf("%d pairs of answers are the same", compared)
	after := gatewaytest.Get[any](t, s.merchant.Must(t, wholeOrder, vars{"id": s.order}), "order")
	if textOf(before) != textOf(after) {
		t.Errorf("the order changed from\n%v\nto\n%v", before, after)
	}
}

const wholeOrder = `query ($id: ID!) { order(id: $id) {
	updatedAt lineItems(first: 5) { nodes { currentQuantity unfulfilledQuantity } }
	fulfillmentOrders(first: 10) { nodes { id status requestStatus updatedAt } }
	fulfillments { id status updatedAt events(first: 10) { nodes { id } } }
} }`

// seesAny tells whether the caller may see what an operation is about.
func (s *sight) seesAny(by access.Caller, variables vars) bool {
	text := ""
	for _, name := range []string{"id", "ids", "splits", "merges", "fulfillment", "event"} {
		text += textOf(variables[name])
	}
	sees := func(typeName string, of map[access.Ownership]string) bool {
		for _, id := range of {
			if id != "" && strings.Contains(text, id) && by.MaySee(typeName, s.relation(by, id)) {
				return true
			}
		}
		return false
	}
	partOf := func(typeName string, parts, wholes map[access.Ownership]string) bool {
		for kind, id := range parts {
			if id != "" && strings.Contains(text, id) && by.MaySee(typeName, s.relation(by, wholes[kind])) {
				return true
			}
		}
		return false
	}
	orders := map[access.Ownership]string{"order": s.order, "job": s.job, "line": s.lineItem}
	mine := by.App.ID == s.owner.ID
	return sees("FulfillmentOrder", s.fulfillmentOrders) || sees("Fulfillment", s.shipments) ||
		sees("Location", s.locations) || sees("FulfillmentService", s.services) || sees("Order", orders) ||
		partOf("FulfillmentOrder", s.lines, s.fulfillmentOrders) ||
		partOf("FulfillmentOrder", s.holds, s.fulfillmentOrders) ||
		partOf("FulfillmentOrder", s.requests, s.fulfillmentOrders) ||
		partOf("Fulfillment", s.shipmentLines, s.shipments) || partOf("Fulfillment", s.events, s.shipments) ||
		mine && (strings.Contains(text, "/App/") || strings.Contains(text, s.session))
}

func textOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // It is made of texts and numbers.
	}
	return string(text)
}

// digits are the numbers of global IDs.
var digits = regexp.MustCompile(`[0-9]{17,}`)

// withoutIDs is an answer in which the IDs that were asked about are the same as in any other.
func withoutIDs(answer *gatewaytest.Answer, asked vars) string {
	body := string(answer.Body)
	for _, id := range digits.FindAllString(textOf(asked), -1) {
		body = strings.ReplaceAll(body, id, "ID")
	}
	return body
}
