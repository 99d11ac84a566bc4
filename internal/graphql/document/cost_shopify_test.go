package document_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"packhorse/internal/graphql/document"
	admin "packhorse/internal/graphql/schema"
)

// TestCostOfRecordedDocuments holds the costs to those that Shopify's answers tell of the same documents, or of
// documents that consist of the same parts.
func TestCostOfRecordedDocuments(t *testing.T) {
	t.Parallel()
	const id = `"gid://shopify/Order/1"`
	for _, test := range []struct {
		query string
		want  int
	}{
		{`{order(id:` + id + `){id name}}`, 1},
		{`{orders(first:1){nodes{id}}}`, 3},
		{`{orders(first:10){nodes{id}}}`, 6},
		{`{orders(first:50){nodes{id}}}`, 9},
		{`{orders(first:100){nodes{id}}}`, 11},
		{`{orders(first:250){nodes{id}}}`, 13},
		{`{orders(first:10){edges{cursor node{id}} pageInfo{hasNextPage}}}`, 6},
		{`{orders(first:10){nodes{id} edges{node{id}}}}`, 10},
		{`{orders(last:10){nodes{id}}}`, 6},
		{`{order(id:` + id + `){id shippingAddress{city} totalPriceSet{shopMoney{amount}}}}`, 2},
		{`{order(id:` + id + `){fulfillments(first:10){id trackingInfo(first:5){number} location{id}}}}`, 4},
		{`{order(id:` + id + `){fulfillmentOrders(first:10){nodes{id lineItems(first:20){nodes{id lineItem{id}}}}}}}`, 55},
		{`{orders(first:50){nodes{id fulfillmentOrders(first:10){nodes{id lineItems(first:10){nodes{id}}}}}}}`, 219},
		{`{fulfillmentOrder(id:` + id + `){id status}}`, 1},
		{`{fulfillmentOrder(id:` + id + `){id assignedLocation{name location{id}} supportedActions{action} fulfillmentHolds{id heldByApp{id}}}}`, 6},
		{`{fulfillmentOrder(id:` + id + `){id merchantRequests(first:10){nodes{kind}} lineItems(first:50){nodes{id lineItem{id}}} order{id}}}`, 24},
		{`{assignedFulfillmentOrders(first:50,assignmentStatus:FULFILLMENT_REQUESTED){nodes{id destination{city} lineItems(first:50){nodes{id}}}}}`, 79},
		{`{fulfillment(id:` + id + `){id events(first:5){nodes{id}} fulfillmentLineItems(first:10){nodes{id lineItem{id}}} service{id} originAddress{city}}}`, 18},
		{`{location(id:` + id + `){id name address{city}}}`, 1},
		{`{a:location(id:` + id + `){id} b:location(id:` + id + `){id}}`, 2},
		{`{location(id:` + id + `){id} location(id:` + id + `){id}}`, 1},
		{`{node(id:` + id + `){id ...on Order{fulfillmentOrders(first:10){nodes{id}}} ...on Location{address{city} fulfillmentService{id}}}}`, 7},
		{`{nodes(ids:[` + id + `,` + id + `]){id ...on Order{lineItems(first:10){nodes{id}}}}}`, 7},
		{`{nodes(ids:[` + id + `,` + id + `]){__typename}}`, 1},
		{`mutation{fulfillmentCreate(fulfillment:{lineItemsByFulfillmentOrder:[]}){fulfillment{id status} userErrors{field message}}}`, 10},
		{`mutation{fulfillmentCreate(fulfillment:{lineItemsByFulfillmentOrder:[]}){fulfillment{id fulfillmentLineItems(first:10){nodes{id lineItem{id}}} trackingInfo(first:5){number}} userErrors{message}}}`, 21},
		{`mutation{fulfillmentOrderHold(id:` + id + `,fulfillmentHold:{reason:OTHER}){fulfillmentHold{id} fulfillmentOrder{id lineItems(first:10){nodes{id}}} remainingFulfillmentOrder{id lineItems(first:10){nodes{id}}} userErrors{message}}}`, 22},
		{`mutation{fulfillmentOrderSplit(fulfillmentOrderSplits:[]){fulfillmentOrderSplits{fulfillmentOrder{id} remainingFulfillmentOrder{id} replacementFulfillmentOrder{id}} userErrors{message}}}`, 13},
		{`mutation{a:fulfillmentOrderOpen(id:` + id + `){fulfillmentOrder{id} userErrors{message}} b:fulfillmentOrderOpen(id:` + id + `){fulfillmentOrder{id} userErrors{message}}}`, 20},
		{`mutation{fulfillmentTrackingInfoUpdate(fulfillmentId:` + id + `,trackingInfoInput:{}){fulfillment{id trackingInfo(first:5){number}} userErrors{message}}}`, 51},
		{`mutation{fulfillmentEventCreate(fulfillmentEvent:{fulfillmentId:` + id + `,status:DELIVERED}){fulfillmentEvent{id} userErrors{message}}}`, 10},
	} {
		t.Run(test.query, func(t *testing.T) {
			t.Parallel()
			if got := costOf(t, test.query, nil); got != test.want {
				t.Errorf("it costs %d, want %d", got, test.want)
			}
		})
	}
}

// TestDocumentsOfSyncToolsFit shows pages as tools that copy whole shops ask for them.
func TestDocumentsOfSyncToolsFit(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]int{"sync-page-of-30.graphql": 998, "page-of-250.graphql": 24} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			got := costOf(t, string(text), map[string]any{"first": 30})
			if got != want || got > document.DefaultLimits.MaxCost {
				t.Errorf("it costs %d, want %d", got, want)
			}
		})
	}
}

// TestPageFactor has the page sizes that were recorded.
func TestPageFactor(t *testing.T) {
	t.Parallel()
	for size, want := range map[string]int{
		"0": 2, "1": 3, "2": 3, "3": 4, "4": 4, "5": 5, "10": 6, "20": 7, "25": 8, "50": 9, "100": 11, "110": 11,
		"200": 12, "250": 13,
	} {
		if got := costOf(t, `{ orders(first: `+size+`) { nodes { id } } }`, nil); got != want {
			t.Errorf("a page of %s costs %d, want %d", size, got, want)
		}
	}
}

// TestNodesAreNoLimitWithinTheCost asks for as many objects as the cost allows with pages in pages in pages.
func TestNodesAreNoLimitWithinTheCost(t *testing.T) {
	t.Parallel()
	cost := costOf(t, `{ orders(first: 250) { nodes { fulfillmentOrders(first: 33) { nodes {
		lineItems(first: 250) { nodes { id } } } } } } }`, nil)
	if cost < 950 || cost > 1000 {
		t.Errorf("it costs %d, which is not just below the limit", cost)
	}
}

// costOf is what a document costs that is within the default limits.
func costOf(t *testing.T, query string, variables map[string]any) int {
	t.Helper()
	p, _, errs := document.Prepare(admin.Load(), document.Request{Query: query, Variables: variables})
	if errs != nil {
		t.Fatal(errs)
	}
	limits := document.DefaultLimits
	limits.MaxCost = math.MaxInt
	r, errs := document.Estimate(admin.Load(), p.Operation, p.Document, p.Variables, limits)
	if errs != nil {
		t.Fatal(errs)
	}
	return r.Cost
}
