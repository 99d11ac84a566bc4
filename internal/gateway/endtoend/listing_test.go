package endtoend

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/gateway/gatewaytest"
)

const listed = `nodes {
	id status requestStatus updatedAt fulfillBy supportedActions { action }
	assignedLocation { name location { id name } }
	lineItems(first: 10) { nodes { id totalQuantity remainingQuantity sku lineItem { id title quantity
		fulfillableQuantity } } }
	fulfillmentHolds { id reason displayReason handle heldByApp { title } }
	fulfillments(first: 5) { nodes { id name status trackingInfo { number url } } }
	order { id name email displayFulfillmentStatus shippingAddress { city countryCodeV2 } lineItems(first: 10) { nodes
		{ id title quantity } } }
} pageInfo { hasNextPage endCursor }`

// TestListing counts the SQL statements behind documents that app developers write: they depend on the document, not on
// how much it finds.
func TestListing(t *testing.T) {
	t.Parallel()
	b := newBook(t, 20)
	for name, c := range map[string]struct {
		document string
		most     int
	}{
		"fulfillment_orders": {
			`query ($n: Int!) { fulfillmentOrders(first: $n, includeClosed: true) { ` + listed + ` } }`, 6,
		},
		"held_fulfillment_orders": {
			`query ($n: Int!) { manualHoldsFulfillmentOrders(first: $n) { ` + listed + ` } }`, 6,
		},
		"orders": {`query ($n: Int!) { orders(first: $n) { nodes { id name
			fulfillmentOrders(first: 5) { ` + listed + ` } fulfillments { id name fulfillmentLineItems(first: 5) {
				nodes { quantity lineItem { sku } } } } } } }`, 6},
		"there_and_back": {`query ($n: Int!) { orders(first: $n) { nodes { fulfillmentOrders(first: 5) { nodes {
			order { fulfillmentOrders(first: 5) { nodes { fulfillments(first: 5) { nodes { fulfillmentOrders(first: 5)
				{ nodes { order { name } } } } } } } } } } } } }`, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counts := map[int]int{}
			for _, n := range []int{2, 10, 50} {
				answer := b.merchant.Must(t, c.document, vars{"n": n})
				statements := b.Statements(answer)
				counts[n] = len(statements)
				if len(statements) == 0 || len(statements) > c.most {
					t.Errorf(
						"first: %d takes %d statements, want at most %d:\n%s", n, len(statements), c.most,
						strings.Join(statements, "\n---\n"),
					)
				}
			}
			// Two may happen to have no shipments, or no service; ten and more have everything.
			if counts[10] != counts[50] && name != "held_fulfillment_orders" || counts[2] > counts[50] {
				t.Errorf("statements by page size: %v", counts)
			}
		})
	}
}

// TestPaging goes through a list page by page, both ways: every fulfillment order comes once, in order.
func TestPaging(t *testing.T) {
	t.Parallel()
	b := newBook(t, 7)
	for name, document := range map[string]string{
		"by_id":     `query ($first: Int, $after: String, $last: Int, $before: String, $reverse: Boolean) { fulfillmentOrders(first: $first, after: $after, last: $last, before: $before, reverse: $reverse) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
		"by_change": `query ($first: Int, $after: String, $last: Int, $before: String, $reverse: Boolean) { fulfillmentOrders(first: $first, after: $after, last: $last, before: $before, reverse: $reverse, sortKey: UPDATED_AT, includeClosed: true) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := page(t, b.merchant, document, vars{"first": 250})
			if want := map[string]int{"by_id": 49, "by_change": 70}[name]; len(whole.ids()) != want {
				t.Fatalf("%d are listed, want %d", len(whole.ids()), want)
			}
			backwards := page(t, b.merchant, document, vars{"first": 250, "reverse": true}).ids()
			slices.Reverse(backwards)
			if !slices.Equal(backwards, whole.ids()) {
				t.Errorf("reversed: %v, want %v", backwards, whole.ids())
			}
			for _, reverse := range []bool{false, true} {
				want := slices.Clone(whole.ids())
				if reverse {
					slices.Reverse(want)
				}
				var onwards []string
				for after := any(nil); ; {
					p := page(t, b.merchant, document, vars{"first": 9, "after": after, "reverse": reverse})
					onwards = append(onwards, p.ids()...)
					if !p.PageInfo.HasNextPage {
						break
					}
					after = p.PageInfo.EndCursor
				}
				if !slices.Equal(onwards, want) {
					t.Errorf("onwards, reverse %v: %v, want %v", reverse, onwards, want)
				}
				var back []string
				for before := any(nil); ; {
					p := page(t, b.merchant, document, vars{"last": 9, "before": before, "reverse": reverse})
					back = append(p.ids(), back...)
					if !p.PageInfo.HasPreviousPage {
						break
					}
					before = p.PageInfo.StartCursor
				}
				if !slices.Equal(back, want) {
					t.Errorf("back, reverse %v: %v, want %v", reverse, back, want)
				}
			}
		})
	}
}

type listPage struct {
	Edges []struct {
		Cursor string `json:"cursor"`
		Node   object `json:"node"`
	} `json:"edges"`
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	} `json:"pageInfo"`
}

func (p *listPage) ids() []string {
	var ids []string
	for _, e := range p.Edges {
		ids = append(ids, e.Node.ID)
	}
	return ids
}

func page(t *testing.T, app *gatewaytest.App, document string, variables vars) *listPage {
	t.Helper()
	return gatewaytest.Get[*listPage](t, app.Must(t, document, variables), "fulfillmentOrders")
}

// BenchmarkListing reads pages of 50 among 1,000 and among 100,000 fulfillment orders by turns, and compares how long
// the slowest of a hundred take. With enough runs (-benchtime 100x), it fails if more fulfillment orders make it slower
// by more than half.
func BenchmarkListing(b *testing.B) {
	few, many := newBook(b, 1000/len(lives)), newBook(b, 100_000/len(lives))
	type query struct {
		name, document string
		service        bool
	}
	queries := []query{
		{"open", `{ fulfillmentOrders(first: 50) { ` + listed + ` } }`, false},
		{
			"last_changed",
			`{ fulfillmentOrders(first: 50, includeClosed: true, sortKey: UPDATED_AT, reverse: true) { ` + listed +
				` } }`,
			false,
		},
		{"held", `{ fulfillmentOrders(first: 50, query: "status:ON_HOLD") { ` + listed + ` } }`, false},
		{
			"assigned",
			`{ assignedFulfillmentOrders(first: 50, assignmentStatus: FULFILLMENT_REQUESTED) { ` + listed + ` } }`,
			true,
		},
	}
	took := map[*book]map[string][]time.Duration{few: {}, many: {}}
	ask := func(at *book, q query) time.Duration {
		app := at.merchant
		if q.service {
			app = at.service
		}
		began := time.Now()
		answer := app.Must(b, q.document, nil)
		spent := time.Since(began)
		if len(answer.Body) < 10_000 {
			b.Fatalf("%s finds too little: %.300s", q.name, answer.Body)
		}
		return spent
	}
	for _, q := range queries { // Plans and documents are prepared once.
		for range 10 {
			ask(few, q)
			ask(many, q)
		}
	}
	for b.Loop() {
		for _, q := range queries {
			for _, at := range []*book{few, many} {
				took[at][q.name] = append(took[at][q.name], ask(at, q))
			}
		}
	}
	var all [2][]time.Duration
	for _, q := range queries {
		all[0], all[1] = append(all[0], took[few][q.name]...), append(all[1], took[many][q.name]...)
		fmt.Printf("%-14s p50 %8v of 1k, %8v of 100k; p99 %8v of 1k, %8v of 100k\n", q.name,
			percentile(took[few][q.name], 50),
			percentile(took[many][q.name], 50), percentile(took[few][q.name], 99), percentile(took[many][q.name], 99))
	}
	fewP99, manyP99 := percentile(all[0], 99), percentile(all[1], 99)
	ratio := float64(manyP99) / float64(fewP99)
	fmt.Printf(
		"listing 50: p99 %v of 1k, %v of 100k: ratio %.2f over %d pages each\n", fewP99, manyP99, ratio, len(all[0]),
	)
	b.ReportMetric(float64(fewP99.Microseconds())/1000, "p99-1k-ms")
	b.ReportMetric(float64(manyP99.Microseconds())/1000, "p99-100k-ms")
	b.ReportMetric(ratio, "ratio")
	if len(all[0]) >= 400 && ratio > 1.5 {
		b.Errorf("p99 of 100k is %.2f times that of 1k, want 1.5 at the most", ratio)
	}
}

func percentile(all []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)*p/100].Round(10 * time.Microsecond)
}
