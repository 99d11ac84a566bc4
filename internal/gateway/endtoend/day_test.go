package endtoend

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/gateway/gatewaytest"
)

const assigned = `query ($status: FulfillmentOrderAssignmentStatus) {
	assignedFulfillmentOrders(first: 10, assignmentStatus: $status) { nodes { ...State } }
}` + state

// poll is what the app finds to do in this state, by ID.
func poll(t *testing.T, app *gatewaytest.App, status any) []string {
	t.Helper()
	var ids []string
	for _, fo := range gatewaytest.Get[[]*fulfillmentOrder](
		t, app.Must(t, assigned, vars{"status": status}), "assignedFulfillmentOrders.nodes",
	) {
		ids = append(ids, fo.ID)
	}
	return ids
}

// TestDay takes the app of a fulfillment service through its day, over HTTP alone. The merchant's app makes orders,
// moves them to the service and asks; the service's app polls and answers. Another service's app sees nothing of it.
func TestDay(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	stranger := s.App("Rival Inc", serviceScopes...)
	registerService(t, stranger, "Rival Inc")
	expect := func(what string, fo *fulfillmentOrder, status, requestStatus string) {
		t.Helper()
		if fo == nil || !fo.in(status, requestStatus) {
			t.Fatalf("%s: %+v, want %s/%s", what, fo, status, requestStatus)
		}
	}

	// Before anything is asked for.
	if todo := poll(t, s.service, nil); len(todo) > 0 {
		t.Fatalf("the service has %v to do before it was asked for anything", todo)
	}
	var ids []string
	for range 4 {
		_, id := s.orderAtService(t, 3, 2)
		ids = append(ids, id)
	}
	shipped, insisted, rejected, given := ids[0], ids[1], ids[2], ids[3]
	if todo := poll(t, s.service, "FULFILLMENT_REQUESTED"); len(todo) > 0 {
		t.Fatalf("the service was asked for %v", todo)
	}
	if waiting := poll(t, s.service, "FULFILLMENT_UNSUBMITTED"); !slices.Equal(waiting, ids) {
		t.Fatalf("assigned to the service: %v, want %v", waiting, ids)
	}

	// The merchant asks, the service polls and answers.
	for _, id := range ids {
		s.merchant.Must(t, submit, vars{"id": id})
	}
	if todo := poll(t, s.service, "FULFILLMENT_REQUESTED"); !slices.Equal(todo, ids) {
		t.Fatalf("the service was asked for %v, want %v", todo, ids)
	}
	for _, id := range []string{shipped, insisted, given} {
		answer := s.service.Must(t, accept, vars{"id": id})
		expect(
			"accepted",
			gatewaytest.Get[*fulfillmentOrder](t, answer, "fulfillmentOrderAcceptFulfillmentRequest.fulfillmentOrder"),
			"IN_PROGRESS", "ACCEPTED",
		)
	}
	line := read(t, s.service, rejected).LineItems.Nodes[0].ID
	s.service.Must(
		t, reject, vars{"id": rejected, "lines": []vars{{"fulfillmentOrderLineItemId": line, "message": "Sold out."}}},
	)
	expect("rejected", read(t, s.merchant, rejected), "OPEN", "REJECTED")
	answer := s.merchant.Must(t, `query ($id: ID!) { fulfillmentOrder(id: $id) {
		lineItems(first: 5) { nodes { warnings { description } } } order { displayFulfillmentStatus }
	} }`, vars{"id": rejected})
	if warning := gatewaytest.Get[string](
		t, answer, "fulfillmentOrder.lineItems.nodes.0.warnings.0.description",
	); warning != "Sold out." {
		t.Errorf("the line's warning is %q", warning)
	}
	if display := gatewaytest.Get[string](
		t, answer, "fulfillmentOrder.order.displayFulfillmentStatus",
	); display != "REQUEST_DECLINED" {
		t.Errorf("the order of a rejected request is shown as %s", display)
	}
	if todo := poll(t, s.service, "FULFILLMENT_REQUESTED"); len(todo) > 0 {
		t.Errorf("still asked for: %v", todo)
	}
	if todo := poll(t, s.service, "FULFILLMENT_ACCEPTED"); !slices.Equal(todo, []string{shipped, insisted, given}) {
		t.Errorf("accepted: %v", todo)
	}

	// In two parts, each with its parcel.
	first := s.shipPart(t, shipped, 1, "DHL", "JJD1")
	expect("shipped in part", read(t, s.merchant, shipped), "IN_PROGRESS", "ACCEPTED")
	second := s.shipPart(t, shipped, 0, "DHL", "JJD2")
	expect("shipped", read(t, s.merchant, shipped), "CLOSED", "ACCEPTED")
	answer = s.merchant.Must(t, `query ($id: ID!) { fulfillmentOrder(id: $id) { order { name displayFulfillmentStatus
		fulfillments { id name totalQuantity service { serviceName } trackingInfo { company number url } } } }
			}`, vars{"id": shipped})
	type parcel struct {
		ID, Name      string
		TotalQuantity int
		Service       struct{ ServiceName string }
		TrackingInfo  []struct{ Company, Number, URL string }
	}
	order := gatewaytest.Get[string](t, answer, "fulfillmentOrder.order.name")
	for i, p := range gatewaytest.Get[[]parcel](t, answer, "fulfillmentOrder.order.fulfillments") {
		want := []string{first, second}[i]
		number := fmt.Sprint("JJD", i+1)
		if p.ID != want || p.Name != fmt.Sprintf("%s-F%d", order, i+1) || p.TotalQuantity != []int{2, 3}[i] ||
			p.Service.ServiceName != "Ship Co" ||
			len(p.TrackingInfo) != 1 || p.TrackingInfo[0].Number != number ||
			!strings.Contains(p.TrackingInfo[0].URL, number) {
			t.Errorf("parcel %d is %+v", i+1, p)
		}
	}

	// Asked to stop: once the service goes on, once it stops.
	for _, id := range []string{insisted, given} {
		s.merchant.Must(t, submitCancellation, vars{"id": id})
	}
	if todo := poll(t, s.service, "CANCELLATION_REQUESTED"); !slices.Equal(todo, []string{insisted, given}) {
		t.Errorf("asked to stop: %v", todo)
	}
	s.service.Must(t, rejectCancellation, vars{"id": insisted})
	expect("goes on", read(t, s.merchant, insisted), "IN_PROGRESS", "CANCELLATION_REJECTED")
	s.service.Must(t, acceptCancellation, vars{"id": given})
	expect("stopped", read(t, s.merchant, given), "CLOSED", "CANCELLATION_ACCEPTED")
	third := gatewaytest.Get[string](
		t, s.service.Must(t, ship, shipment(insisted, nil)), "fulfillmentCreate.fulfillment.id",
	)
	expect("shipped all the same", read(t, s.merchant, insisted), "CLOSED", "CANCELLATION_REJECTED")

	// On the way, and there.
	at := time.Now().UTC().Truncate(time.Second)
	for _, id := range []string{first, second, third} {
		for i, status := range []string{"IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"} {
			s.service.Must(
				t, event,
				vars{
					"event": vars{
						"fulfillmentId": id, "status": status,
						"happenedAt": at.Add(time.Duration(i) * time.Second).Format(time.RFC3339),
					},
				},
			)
		}
		answer := s.merchant.Must(
			t,
			`query ($id: ID!) { fulfillment(id: $id) { displayStatus deliveredAt inTransitAt events(first: 5) { nodes { status } } } }`,
			vars{"id": id},
		)
		if display := gatewaytest.Get[string](t, answer, "fulfillment.displayStatus"); display != "DELIVERED" {
			t.Errorf("after the events, %s is %s", id, display)
		}
		if delivered := gatewaytest.Get[time.Time](
			t, answer, "fulfillment.deliveredAt",
		); !delivered.Equal(at.Add(2 * time.Second)) {
			t.Errorf("%s was delivered at %s, want %s", id, delivered, at.Add(2*time.Second))
		}
	}
	if todo := poll(t, s.service, "FULFILLMENT_ACCEPTED"); len(todo) > 0 {
		t.Errorf("at the end of the day, the service still has %v to do", todo)
	}

	t.Run("stranger", func(t *testing.T) { s.checkBlind(t, stranger, ids, first) })
}

// shipPart ships all that is left of the line at this position, with a parcel's number.
func (s *shop) shipPart(t *testing.T, id string, position int, company, number string) string {
	t.Helper()
	l := read(t, s.service, id).LineItems.Nodes[position]
	input := shipment(id, []vars{{"id": l.ID, "quantity": l.Remaining}})
	input["fulfillment"].(vars)["trackingInfo"] = vars{"company": company, "number": number}
	return gatewaytest.Get[string](t, s.service.Must(t, ship, input), "fulfillmentCreate.fulfillment.id")
}

// checkBlind makes sure that an app sees nothing of these fulfillment orders and of this shipment, and can do nothing
// with them.
func (s *shop) checkBlind(t *testing.T, app *gatewaytest.App, ids []string, shipped string) {
	t.Helper()
	if list := poll(t, app, nil); len(list) > 0 {
		t.Errorf("it is assigned %v", list)
	}
	listed := app.Must(
		t,
		`{ fulfillmentOrders(first: 10, includeClosed: true) { nodes { id } } manualHoldsFulfillmentOrders(first: 10) { nodes { id } } }`,
		nil,
	)
	for _, list := range []string{"fulfillmentOrders.nodes", "manualHoldsFulfillmentOrders.nodes"} {
		if found := gatewaytest.Get[[]object](t, listed, list); len(found) > 0 {
			t.Errorf("%s: it sees %v", list, found)
		}
	}
	fo := read(t, s.merchant, ids[0])
	line := fo.LineItems.Nodes[0].ID
	for _, id := range append(slices.Clone(ids), shipped, line) {
		answer := app.Must(
			t, `query ($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }`,
			vars{"id": id, "ids": []string{id}},
		)
		if gatewaytest.Get[any](t, answer, "node") != nil || gatewaytest.Get[any](t, answer, "nodes.0") != nil {
			t.Errorf("it sees the node %s: %s", id, answer.Body)
		}
	}
	answer := app.Must(
		t, `query ($id: ID!, $shipped: ID!) { fulfillmentOrder(id: $id) { id } fulfillment(id: $shipped) { id } }`,
		vars{"id": ids[0], "shipped": shipped},
	)
	if gatewaytest.Get[any](t, answer, "fulfillmentOrder") != nil ||
		gatewaytest.Get[any](t, answer, "fulfillment") != nil {
		t.Errorf("it sees %s", answer.Body)
	}

	before := read(t, s.merchant, ids[2])
	for name, write := range writes(ids[2], line, shipped, s.home) {
		answer := app.Do(t, write.document, write.variables)
		// In the words of what there is not; see TestUnknownAndUnseen.
		if len(answer.Errors) == 0 && !bytes.Contains(answer.Body, []byte(`"userErrors":[{`)) {
			t.Errorf("%s: it is done: %s", name, answer.Body)
		}
	}
	if after := read(t, s.merchant, ids[2]); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("its writes changed\n%+v\nto\n%+v", before, after)
	}
}

type write struct {
	document  string
	variables vars
}

// writes is every mutation of a fulfillment order and of a shipment.
func writes(id, line, shipped, location string) map[string]write {
	lines := []vars{{"id": line, "quantity": 1}}
	return map[string]write{
		"submit":              {submit, vars{"id": id}},
		"accept":              {accept, vars{"id": id}},
		"reject":              {reject, vars{"id": id}},
		"submit cancellation": {submitCancellation, vars{"id": id}},
		"accept cancellation": {acceptCancellation, vars{"id": id}},
		"reject cancellation": {rejectCancellation, vars{"id": id}},
		"close":               {closing, vars{"id": id}},
		"cancel":              {cancel, vars{"id": id}},
		"hold":                {holding, vars{"id": id, "hold": vars{"reason": "OTHER"}}},
		"release holds":       {releaseHold, vars{"id": id}},
		"open":                {open, vars{"id": id}},
		"report progress":     {reportProgress, vars{"id": id}},
		"move":                {move, vars{"id": id, "to": location}},
		"split": {
			splitting, vars{"splits": []vars{{"fulfillmentOrderId": id, "fulfillmentOrderLineItems": lines}}},
		},
		"merge": {
			merging,
			vars{"merges": []vars{{"mergeIntents": []vars{{"fulfillmentOrderId": id}, {"fulfillmentOrderId": id}}}}},
		},
		"set deadline":       {setDeadline, vars{"ids": []string{id}, "at": "2030-01-01T00:00:00Z"}},
		"ship":               {ship, shipment(id, nil)},
		"cancel fulfillment": {cancelFulfillment, vars{"id": shipped}},
		"track":              {track, vars{"id": shipped, "tracking": vars{"number": "1"}}},
		"event":              {event, vars{"event": vars{"fulfillmentId": shipped, "status": "DELIVERED"}}},
		"reschedule": {`mutation ($id: ID!) { fulfillmentOrderReschedule(id: $id, fulfillAt: "2030-01-01T00:00:00Z") { userErrors { message } } }`,
			vars{"id": id}},
		"reroute": {
			`mutation ($id: ID!) { fulfillmentOrdersReroute(fulfillmentOrderIds: [$id]) { userErrors { message } } }`,
			vars{"id": id},
		},
		"prepared for pickup": {
			`mutation ($id: ID!) { fulfillmentOrderLineItemsPreparedForPickup(input: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: $id}]}) { userErrors { message } } }`,
			vars{"id": id},
		},
	}
}
