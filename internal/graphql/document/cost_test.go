package document_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/graphql/document"
)

var costSchema = gqlparser.MustLoadSchema(&ast.Source{Name: "cost.graphql", Input: `
schema { query: QueryRoot mutation: Mutation }
interface Node { id: ID! }
enum Status { OPEN CLOSED }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Order implements Node { id: ID! status: Status! customer: Customer lines(first: Int = 5, last: Int):
	LineConnection! fulfillments(first: Int): [Fulfillment!]! }
type Customer implements Node { id: ID! name: String address: Address }
type Address { city: String }
type Fulfillment { id: ID! }
type Line { id: ID! order: Order }
type LineEdge { cursor: String! node: Line! }
type LineConnection { edges: [LineEdge!]! nodes: [Line!]! pageInfo: PageInfo! total: Int }
type OrderEdge { cursor: String! node: Order! }
type OrderConnection { edges: [OrderEdge!]! nodes: [Order!]! pageInfo: PageInfo! }
type UserError { message: String! }
type Payload { order: Order userErrors: [UserError!]! }
type QueryRoot {
  order(id: ID!): Order
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  orders(first: Int, last: Int, after: String): OrderConnection!
}
type Mutation { cancel(id: ID!): Payload }
`})

// prepared returns a valid document.
func prepared(t *testing.T, query string, variables map[string]any) *document.Prepared {
	t.Helper()
	p, _, errs := document.Prepare(costSchema, document.Request{Query: query, Variables: variables})
	if errs != nil {
		t.Fatal(errs)
	}
	return p
}

func estimate(
	t *testing.T, query string, variables map[string]any, limits document.Limits,
) (document.Requested, gqlerror.List) {
	t.Helper()
	p := prepared(t, query, variables)
	return document.Estimate(costSchema, p.Operation, p.Document, p.Variables, limits)
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, query string
		want        document.Requested
	}{
		{"a document costs 1 at least", `{ __typename }`, document.Requested{Cost: 1}},
		{"an object costs 1", `{ order(id: "1") { id status } }`, document.Requested{Cost: 1, Depth: 2, Nodes: 1}},
		{
			"objects add up", `{ order(id: "1") { customer { address { city } } } }`,
			document.Requested{Cost: 3, Depth: 4, Nodes: 3},
		},
		{
			"aliases add up", `{ a: order(id: "1") { id } b: order(id: "2") { id } }`,
			document.Requested{Cost: 2, Depth: 2, Nodes: 2},
		},
		{
			"the same field twice is one", `{ order(id: "1") { id } order(id: "1") { status } }`,
			document.Requested{Cost: 1, Depth: 2, Nodes: 1},
		},
		{
			"a connection costs 2 and a node times the price of a page", `{ orders(first: 10) { nodes { id } } }`,
			document.Requested{Cost: 6, Depth: 3, Nodes: 11},
		},
		{
			"edges cost as nodes", `{ orders(first: 10) { edges { cursor node { id } } } }`,
			document.Requested{Cost: 6, Depth: 4, Nodes: 11},
		},
		{
			"nodes and edges are both paid", `{ orders(first: 10) { nodes { id } edges { node { id } } } }`,
			document.Requested{Cost: 10, Depth: 4, Nodes: 21},
		},
		{
			"pageInfo is free", `{ orders(last: 10) { nodes { id } pageInfo { hasNextPage } } }`,
			document.Requested{Cost: 6, Depth: 3, Nodes: 11},
		},
		{"an empty page", `{ orders(first: 0) { nodes { id } } }`, document.Requested{Cost: 2, Depth: 3, Nodes: 1}},
		{
			"pages multiply", `{ orders(first: 10) { nodes { lines(first: 3) { nodes { id } } } } }`,
			document.Requested{Cost: 2 + 4*(1+2+2), Depth: 5, Nodes: 51},
		},
		{
			"the default page size counts", `{ order(id: "1") { lines { nodes { id } } } }`,
			document.Requested{Cost: 1 + 2 + 3, Depth: 4, Nodes: 7},
		},
		{
			"the page size may be a variable", `query ($n: Int) { orders(first: $n) { nodes { id } } }`,
			document.Requested{Cost: 2 + 3, Depth: 3, Nodes: 8},
		},
		{
			"a list costs 1, whatever its length", `{ order(id: "1") { fulfillments(first: 4) { id } } }`,
			document.Requested{Cost: 2, Depth: 3, Nodes: 5},
		},
		{
			"a list without a size, too; it is taken to have ten objects", `{ order(id: "1") { fulfillments { id } } }`,
			document.Requested{Cost: 2, Depth: 3, Nodes: 11},
		},
		{
			"a list of IDs, too", `{ nodes(ids: ["1", "2", "3"]) { id } }`,
			document.Requested{Cost: 1, Depth: 2, Nodes: 3},
		},
		{"the most expensive type",
			`{ node(id: "1") { id ... on Order { customer { id } } ... on Customer { address { city } } ...F } } fragment F on Order { lines(first: 2) { nodes { id } } }`,
			document.Requested{Cost: 1 + 1 + 3, Depth: 4, Nodes: 5}},
		{"fragments merge",
			`{ order(id: "1") { ...A ...B customer { id } } } fragment A on Order { customer { address { city } } } fragment B on Order { customer { name address { city } } }`,
			document.Requested{Cost: 3, Depth: 4, Nodes: 3}},
		{"skipped fields are free",
			`query ($no: Boolean!) { order(id: "1") { customer @include(if: $no) { id } lines(first: 250) @skip(if: true) { nodes { id } } } }`,
			document.Requested{Cost: 1, Depth: 1, Nodes: 1}},
		{"all skipped is 1", `{ order(id: "1") @skip(if: true) { id } }`, document.Requested{Cost: 1}},
		{
			"a mutation costs 10", `mutation { cancel(id: "1") { order { id } userErrors { message } } }`,
			document.Requested{Cost: 10, Depth: 3, Nodes: 12},
		},
		{
			"each", `mutation { a: cancel(id: "1") { order { id } } b: cancel(id: "2") { order { id } } }`,
			document.Requested{Cost: 20, Depth: 3, Nodes: 4},
		},
		{"what a payload's objects hold costs",
			`mutation { cancel(id: "1") { order { customer { id } lines(first: 3) { nodes { id } } } } }`,
			document.Requested{Cost: 10 + 1 + 2 + 2, Depth: 5, Nodes: 7}},
		{
			"the schema's objects cost as others",
			`{ __schema { types { name fields { name args { name } type { name ofType { name } } } } } }`,
			document.Requested{Cost: 6},
		},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			got, errs := estimate(
				t, test.query, map[string]any{"n": json.Number("7"), "no": false}, document.DefaultLimits,
			)
			if errs != nil {
				t.Fatal(errs)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	limits := document.Limits{MaxCost: 20, MaxDepth: 4, MaxPageSize: 20, MaxInputSize: 3, MaxNodes: 50}
	for _, test := range []struct {
		rule, query string
		want        []string // code|path|message
	}{
		{
			"no page size", `{ a: orders { nodes { id } } }`,
			[]string{"BAD_REQUEST|a|you must provide one of first or last"},
		},
		{
			"a page size of null", `query ($n: Int) { orders(first: $n, last: null) { nodes { id } } }`,
			[]string{"BAD_REQUEST|orders|you must provide one of first or last"},
		},
		{
			"both page sizes", `{ orders(first: 1, last: 1) { nodes { id } } }`,
			[]string{"BAD_REQUEST|orders|providing both first and last is not supported"},
		},
		{
			"a negative one", `{ orders(last: -1) { nodes { id } } }`,
			[]string{"BAD_REQUEST|orders|last cannot be negative"},
		},
		{
			"too large a page, below", `{ orders(first: 1) { nodes { lines(first: 21) { nodes { id } } } } }`,
			[]string{"BAD_REQUEST|orders/nodes/lines|first cannot exceed 20"},
		},
		{"too expensive",
			`{ orders(first: 20) { nodes { customer { address { city } } } } a: orders(first: 20) { nodes { customer { id } } } }`, []string{
				"MAX_DEPTH_EXCEEDED||Query has depth of 5, which exceeds max depth of 4",
				"MAX_COST_EXCEEDED||Query cost is 29, which exceeds the single query max cost limit (20).",
				"MAX_NODES_EXCEEDED||Query may return 102 objects, which exceeds the limit of 50."}},
		{
			"too many IDs", `query ($ids: [ID!] = ["1", "2", "3", "4"]) { nodes(ids: $ids) { id } }`,
			[]string{"MAX_INPUT_SIZE_EXCEEDED|nodes|The input array size of 4 is greater than the maximum allowed of 3."},
		},
		{"within all", `{ orders(first: 20) { nodes { customer { id } } } }`, nil},
		{"endless introspection",
			`{ __type(name: "Order") { fields { type { fields { type { fields { type { fields { name } } } } } } } } }`,
			[]string{
				"MAX_DEPTH_EXCEEDED|__type/fields/type/fields/type/fields/type|Maximum introspection depth exceeded",
			}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			_, errs := estimate(t, test.query, nil, limits)
			var got []string
			for _, e := range errs {
				var path []string
				for _, p := range e.Path {
					path = append(path, fmt.Sprint(p))
				}
				got = append(got, fmt.Sprintf("%v|%s|%s", e.Extensions["code"], strings.Join(path, "/"), e.Message))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("the cost is told as numbers too", func(t *testing.T) {
		t.Parallel()
		_, errs := estimate(t, `{ orders(first: 10) { nodes { id } } }`, nil, document.Limits{MaxCost: 5})
		if len(errs) != 1 || errs[0].Extensions["cost"] != 6 || errs[0].Extensions["maxCost"] != 5 {
			t.Errorf("errors = %+v, want cost 6 and maxCost 5", errs)
		}
	})
	t.Run("without limits nothing exceeds", func(t *testing.T) {
		t.Parallel()
		if _, errs := estimate(t, `{ orders(first: 100000) { nodes { id } } }`, nil, document.Limits{}); errs != nil {
			t.Error(errs)
		}
	})
}

// TestBombs defends that documents whose answer is exponentially larger are refused, not counted.
func TestCostOfBombs(t *testing.T) {
	t.Parallel()
	var pages, doubling strings.Builder
	pages.WriteString(`{ orders(first: 250) { nodes { ...F0 } } }`)
	doubling.WriteString(`{ order(id: "1") { ...F0 } }`)
	for i := range 40 {
		fmt.Fprintf(&pages, " fragment F%d on Order { lines(first: 250) { nodes { order { ...F%d } } } }", i, i+1)
		fmt.Fprintf(
			&doubling,
			" fragment F%d on Order { a: lines(first: 1) { nodes { order { ...F%d } } } b: lines(first: 1) { nodes "+
				"{ order { ...F%d } } } }",
			i, i+1, i+1,
		)
	}
	pages.WriteString(" fragment F40 on Order { id }")
	doubling.WriteString(" fragment F40 on Order { id }")
	for name, query := range map[string]string{"pages": pages.String(), "doubling": doubling.String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, errs := estimate(t, query, nil, document.DefaultLimits)
			if len(errs) == 0 || r.Cost < 1_000_000 {
				t.Errorf("Estimate = %+v, %v; want a huge cost and errors", r, errs)
			}
		})
	}
}

func TestActual(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, query, data string
		want              int
	}{
		{"no data", `{ order(id: "1") { id customer { id } } }`, `null`, 1},
		{"null keeps its own price", `{ order(id: "1") { id customer { id } } }`, `{"order": null}`, 1},
		{
			"objects", `{ order(id: "1") { customer { address { city } } } }`,
			`{"order": {"customer": null}}`, 2,
		},
		{"a page which is not full", `{ orders(first: 10) { nodes { id customer { id } } pageInfo { hasNextPage } } }`,
			`{"orders": {"nodes": [{"id": "1", "customer": {"id": "2"}}, {"id": "3", "customer": null}], "pageInfo": {"hasNextPage": false}}}`, 2 + 1 + 1},
		{
			"a full page", `{ orders(first: 2) { nodes { id customer { id } } } }`,
			`{"orders": {"nodes": [{"id": "1", "customer": {"id": "2"}}, {"id": "3", "customer": {"id": "2"}}]}}`, 4,
		},
		{
			"edges", `{ orders(first: 10) { edges { node { id } } } }`,
			`{"orders": {"edges": [{"node": {"id": "1"}}]}}`, 3,
		},
		{"an empty page of nodes", `{ orders(first: 10) { nodes { customer { id } } } }`, `{"orders": {"nodes": []}}`, 6},
		{
			"an empty page of edges", `{ orders(first: 10) { edges { node { customer { id } } } } }`,
			`{"orders": {"edges": []}}`, 2,
		},
		{"a connection in each object", `{ orders(first: 10) { nodes { lines(first: 9) { nodes { id } } } } }`,
			`{"orders": {"nodes": [{"lines": {"nodes": [{"id": "1"}]}}, {"lines": {"nodes": []}}]}}`, 2 + 1 + 4},
		{"a list costs the mean of its items",
			`{ nodes(ids: ["1", "2", "3"]) { id ... on Order { customer { id } } ... on Customer { address { city } } } }`,
			`{"nodes": [{"id": "1", "customer": {"id": "9"}}, null, {"id": "2", "address": null}]}`, 1 + 1},
		{"a mutation", `mutation { cancel(id: "1") { order { id customer { id } } userErrors { message } } }`,
			`{"cancel": {"order": {"id": "1", "customer": {"id": "2"}}, "userErrors": [{"message": "a"}]}}`, 11},
		{"a mutation which failed", `mutation { cancel(id: "1") { order { id customer { id } } } }`, `{"cancel": null}`, 10},
		{"one without any data", `mutation { cancel(id: "1") { order { id customer { id } } } }`, `null`, 10},
		{"introspection", `{ __schema { types { name } } }`, `{"__schema": {"types": [{"name": "a"}]}}`, 2},
		{"not JSON", `{ order(id: "1") { id } }`, `{`, 1},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			p := prepared(t, test.query, nil)
			r, _ := document.Estimate(costSchema, p.Operation, p.Document, p.Variables, document.DefaultLimits)
			data := json.RawMessage(test.data)
			if got := document.Actual(
				costSchema, p.Operation, p.Document, p.Variables, data, r.Cost,
			); got != test.want {
				t.Errorf("Actual = %d of %d, want %d", got, r.Cost, test.want)
			}
		})
	}
}
