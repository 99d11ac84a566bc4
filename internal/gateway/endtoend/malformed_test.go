package endtoend

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
)

// malformed is a request that can't be answered as it is, and what must be said about it.
type malformed struct {
	name   string
	body   string
	header gatewaytest.Option
	status int
	says   string // a part of the answer's body
}

func method(name string) gatewaytest.Option { return func(r *http.Request) { r.Method = name } }

func operation(query string) string {
	body, _ := json.Marshal(vars{"query": query})
	return string(body)
}

// deep is a document as deep as it says.
func deep(n int) string {
	return "{ job(id: \"gid://shopify/Job/1\") " + strings.Repeat("{ query { job(id: \"gid://shopify/Job/1\") ", n) +
		"{ id }" + strings.Repeat(" } }", n) + " }"
}

// aliases asks for the same so many times.
func aliases(n int) string {
	var b strings.Builder
	b.WriteString("{")
	for i := range n {
		fmt.Fprintf(&b, " a%d: fulfillmentOrders(first: 250) { nodes { id } }", i)
	}
	return b.String() + " }"
}

// fragments doubles with each fragment.
func fragments(n int) string {
	var b strings.Builder
	b.WriteString(`{ job(id: "gid://shopify/Job/1") { ...F0 } }`)
	for i := range n {
		fmt.Fprintf(
			&b,
			` fragment F%d on Job { query { a: job(id: "gid://shopify/Job/1") { ...F%d } b: job(id: "gid://shopify/Job/2") { ...F%d } } }`,
			i, i+1, i+1,
		)
	}
	fmt.Fprintf(&b, " fragment F%d on Job { id }", n)
	return b.String()
}

var manyMalformed = []malformed{
	{name: "empty", body: "", status: 400, says: "not valid JSON"},
	{name: "no JSON", body: "{query: 1}", status: 400, says: "not valid JSON"},
	{name: "JSON that ends", body: `{"query": "{ shop { id } }"`, status: 400, says: "ends too early"},
	{name: "two objects", body: operation("{ shop { id } }") + "{}", status: 400, says: "more after"},
	{name: "batch", body: "[" + operation("{ shop { id } }") + "]", status: 400, says: "Batches"},
	{name: "null", body: "null", status: 400, says: "JSON object"},
	{name: "string", body: `"{ shop { id } }"`, status: 400, says: "JSON object"},
	{name: "no query", body: "{}", status: 400, says: "Required parameter missing or invalid"},
	{name: "query is null", body: `{"query": null}`, status: 400, says: "Required parameter missing or invalid"},
	{name: "query is a number", body: `{"query": 7}`, status: 400, says: "Required parameter missing or invalid"},
	{
		name: "variables are a list", body: `{"query": "{ shop { id } }", "variables": []}`, status: 400,
		says: "Must be an object",
	},
	{
		name: "variables are text", body: `{"query": "{ shop { id } }", "variables": "{}"}`, status: 400,
		says: "Must be an object",
	},
	{
		name: "query twice", body: `{"query": "{ shop { id } }", "query": "{ shop { name } }"}`, status: 400,
		says: "twice",
	},
	{name: "not UTF-8", body: "{\"query\": \"{ shop { id } } # \xff\"}", status: 400, says: "UTF-8"},
	{
		name: "nested without end", body: `{"variables": ` + strings.Repeat("[", 200_000), status: 400,
		says: "nested more than 100 levels",
	},
	{
		name: "more than 1 MiB", body: operation("{ shop { id } } # " + strings.Repeat("x", 1<<20)), status: 413,
		says: "Too Large",
	},

	{name: "GET without a query", header: method("GET"), status: 400, says: "Required parameter missing or invalid"},
	{name: "PUT", body: operation("{ shop { id } }"), header: method("PUT"), status: 405, says: "Method Not Allowed"},
	{
		name: "form", body: "query={shop{id}}",
		header: gatewaytest.Header("Content-Type", "application/x-www-form-urlencoded"), status: 415,
		says: "Unsupported",
	},
	{
		name: "no content type", body: operation("{ shop { id } }"), header: gatewaytest.Header("Content-Type", ""),
		status: 415, says: "Unsupported",
	},
	{
		name: "UTF-16", body: operation("{ shop { id } }"),
		header: gatewaytest.Header("Content-Type", "application/json; charset=utf-16"), status: 415,
		says: "Unsupported",
	},
	{
		name: "compressed", body: operation("{ shop { id } }"), header: gatewaytest.Header("Content-Encoding", "gzip"),
		status: 415, says: "Content-Encoding",
	},

	{
		name: "no token", body: operation("{ shop { id } }"), header: gatewaytest.Header("X-Shopify-Access-Token", ""),
		status: 401, says: "Invalid API key",
	},
	{
		name: "wrong token", body: operation("{ shop { id } }"),
		header: gatewaytest.Header("X-Shopify-Access-Token", "shpat_0123456789abcdef"), status: 401,
		says: "Invalid API key",
	},
	{
		name: "huge token", body: operation("{ shop { id } }"),
		header: gatewaytest.Header("X-Shopify-Access-Token", strings.Repeat("a", 10_000)), status: 401,
		says: "Invalid API key",
	},
	{
		name: "token comes before the body", body: "{", header: gatewaytest.Header("X-Shopify-Access-Token", "x"),
		status: 401, says: "Invalid API key",
	},

	{name: "document ends", body: operation("{ shop {"), status: 200, says: `"message"`},
	{name: "document is no GraphQL", body: operation("SELECT * FROM orders"), status: 200, says: `"message"`},
	{name: "document is blank", body: operation(" \n # nothing\n"), status: 200, says: `"message"`},
	{name: "only a fragment", body: operation("fragment F on Shop { id }"), status: 200, says: `"message"`},
	{name: "subscription", body: operation("subscription { shop { id } }"), status: 200, says: `"message"`},
	{name: "unknown field", body: operation("{ shop { id colour } }"), status: 200, says: "undefinedField"},
	{name: "unknown argument", body: operation(`{ shop(id: 1) { id } }`), status: 200, says: "argumentNotAccepted"},
	{
		name: "unknown type", body: operation(`{ node(id: "gid://shopify/Order/1") { ... on Colour { id } } }`),
		status: 200, says: `"message"`,
	},
	{name: "unknown directive", body: operation(`{ shop @loud { id } }`), status: 200, says: `"message"`},
	{
		name: "two operations without a choice", body: operation("query A { shop { id } } query B { shop { id } }"),
		status: 200, says: `"message"`,
	},
	{
		name: "operation that is not there", body: `{"query": "query A { shop { id } }", "operationName": "B"}`,
		status: 200, says: `"message"`,
	},
	{
		name: "fragment in a circle", body: operation("{ shop { ...F } } fragment F on Shop { ...F }"), status: 200,
		says: `"message"`,
	},
	{
		name:   "unknown enum value",
		body:   operation(`{ assignedFulfillmentOrders(first: 1, assignmentStatus: LOUD) { nodes { id } } }`),
		status: 200, says: `"message"`,
	},
	{name: "selection on a leaf", body: operation("{ shop { id { x } } }"), status: 200, says: "selectionMismatch"},
	{name: "no selection", body: operation("{ shop }"), status: 200, says: "selectionMismatch"},

	{name: "too deep", body: operation(deep(15)), status: 200, says: "MAX_DEPTH_EXCEEDED"},
	{name: "too deep to be read", body: operation(deep(500)), status: 200, says: "nested more than"},
	{name: "deep beyond all measure", body: operation(strings.Repeat("{a", 100_000)), status: 200, says: `"message"`},
	{
		name: "deep lists", body: operation(`{ nodes(ids: ` + strings.Repeat("[", 100_000) + `) { id } }`), status: 200,
		says: `"message"`,
	},
	{name: "alias bomb", body: operation(aliases(1000)), status: 200, says: "MAX_COST_EXCEEDED"},
	{name: "fragment bomb", body: operation(fragments(60)), status: 200, says: "MAX_DEPTH_EXCEEDED"},
	{
		name: "page of more than 250", body: operation(`{ fulfillmentOrders(first: 251) { nodes { id } } }`),
		status: 200, says: "250",
	},
	{
		name: "page of nothing", body: operation(`{ fulfillmentOrders { nodes { id } } }`), status: 200,
		says: `"message"`,
	},
	{
		name: "page of fewer than none", body: operation(`{ fulfillmentOrders(first: -1) { nodes { id } } }`),
		status: 200, says: `"message"`,
	},
	{
		name: "page from both ends", body: operation(`{ fulfillmentOrders(first: 1, last: 1) { nodes { id } } }`),
		status: 200, says: `"message"`,
	},
	{
		name: "cursor that is none", body: operation(`{ fulfillmentOrders(first: 1, after: "%%%") { nodes { id } } }`),
		status: 200, says: `"message"`,
	},
	{
		name: "search that is none",
		body: operation(`{ fulfillmentOrders(first: 1, query: "((status:OPEN") { nodes { id } } }`), status: 200,
		says: `"message"`,
	},
	{
		name: "search as deep as it goes",
		body: operation(
			`{ fulfillmentOrders(first: 1, query: "` + strings.Repeat("(", 50_000) + `") { nodes { id } } }`,
		),
		status: 200, says: `"message"`,
	},
	{
		name: "introspection of introspection",
		body: operation(
			`{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
		),
		status: 200, says: "MAX_DEPTH_EXCEEDED",
	},
	{name: "key that is too long",
		body: operation(
			`mutation { fulfillmentCancel(id: "gid://shopify/Fulfillment/1") { userErrors { message } } }`,
		),
		header: gatewaytest.Key(strings.Repeat("k", 256)), status: 200, says: "INVALID_IDEMPOTENCY_KEY"},
	{name: "empty key",
		body: operation(
			`mutation { fulfillmentCancel(id: "gid://shopify/Fulfillment/1") @idempotent(key: "") { userErrors { message } } }`,
		),
		status: 200, says: "INVALID_IDEMPOTENCY_KEY"},
}

// TestMalformed sends what can't be answered: the answer says why, soon, and is never a fault of the server's.
func TestMalformed(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	for _, m := range manyMalformed {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			var options []gatewaytest.Option
			if m.header != nil {
				options = append(options, m.header)
			}
			began := time.Now()
			answer, err := s.merchant.SendBody(t.Context(), []byte(m.body), options...)
			if err != nil {
				t.Fatal(err)
			}
			checkSane(t, answer, time.Since(began))
			if answer.Status != m.status || !strings.Contains(string(answer.Body), m.says) {
				t.Errorf("status %d: %.500s; want %d, saying %q", answer.Status, answer.Body, m.status, m.says)
			}
			if answer.Status != 200 && answer.Other == nil || answer.Status == 200 && len(answer.Errors) == 0 {
				t.Errorf("it has no errors: %.500s", answer.Body)
			}
		})
	}
}

// slow is far more than any answer takes, and less than a hang.
const slow = 30 * time.Second

// checkSane makes sure that an answer, whatever it says, is no fault of the server's.
func checkSane(t testing.TB, answer *gatewaytest.Answer, took time.Duration) {
	t.Helper()
	for _, fault := range []string{"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"} {
		if slices.Contains(answer.Codes(), fault) {
			t.Errorf("status %d: %.2000s", answer.Status, answer.Body)
		}
	}
	if answer.Status >= 500 {
		t.Errorf("status %d: %.2000s", answer.Status, answer.Body)
	}
	if answer.RequestID() == "" {
		t.Error("the answer has no request ID")
	}
	if took > slow {
		t.Errorf("it took %v", took)
	}
	for _, e := range answer.Errors {
		if e.Message == "" {
			t.Errorf("an error without a message: %.2000s", answer.Body)
		}
	}
}

// TestStrangeIDs sends IDs that name nothing, or something else, wherever an ID can be: reads find nothing, or say that
// it is no ID; mutations refuse; nothing changes.
func TestStrangeIDs(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	order, fo := s.order(t, 2)
	line := read(t, s.merchant, fo).LineItems.Nodes[0].ID
	before := read(t, s.merchant, fo)
	unknown := func(kind string) string { return "gid://shopify/" + kind + "/4611686018427387904" }
	large := func(kind string) string { return "gid://shopify/" + kind + "/1234567890123456789012" }
	t.Run("ids", func(t *testing.T) { // It ends with its parallel subtests.
		for _, id := range []struct {
			name, value string
			isID        bool // of a fulfillment order, as far as its form says
		}{
			{"unknown", unknown("FulfillmentOrder"), true},
			{"22 digits", large("FulfillmentOrder"), true},
			{"zero", "gid://shopify/FulfillmentOrder/0", false},
			{"negative", "gid://shopify/FulfillmentOrder/-1", false},
			{"order's", order, false},
			{"line's", line, false},
			{"no such type", "gid://shopify/Colour/1", false},
			{"plain number", "1", false},
			{"empty", "", false},
			{"NUL", "gid://shopify/FulfillmentOrder/1\x00", false},
			{"emoji", "gid://shopify/FulfillmentOrder/🐎", false},
			{"right to left", "gid://shopify/FulfillmentOrder/١٢٣", false},
			{"injection", "gid://shopify/FulfillmentOrder/1; DROP TABLE orders", false},
			{"very long", "gid://shopify/FulfillmentOrder/" + strings.Repeat("9", 100_000), true},
		} {
			t.Run(id.name, func(t *testing.T) {
				t.Parallel()
				answer := s.merchant.Do(
					t, `query ($id: ID!) { fulfillmentOrder(id: $id) { id } }`, vars{"id": id.value},
				)
				checkSane(t, answer, 0)
				if answer.Data["fulfillmentOrder"] != nil {
					t.Errorf("it finds %s", answer.Body)
				}
				if told := len(answer.Errors) > 0; told == id.isID {
					t.Errorf("a read says %s", answer.Body)
				}
				for name, write := range writes(id.value, line, unknown("Fulfillment"), s.other) {
					answer := s.merchant.Do(t, write.document, write.variables)
					checkSane(t, answer, 0)
					if len(answer.Refusals()) == 0 {
						t.Errorf("%s is carried out: %s", name, answer.Body)
					}
				}
				node := s.merchant.Do(t, `query ($id: ID!) { nodes(ids: [$id, $id]) { id } }`, vars{"id": id.value})
				checkSane(t, node, 0)
			})
		}
		t.Run("of_parts", func(t *testing.T) {
			t.Parallel()
			_, otherOrders := s.order(t, 2)
			foreign := read(t, s.merchant, otherOrders).LineItems.Nodes[0].ID
			for _, part := range []string{
				foreign, unknown("FulfillmentOrderLineItem"), large("FulfillmentOrderLineItem"), fo, "x",
				"gid://shopify/FulfillmentOrderLineItem/0",
			} {
				lines := []vars{{"id": part, "quantity": 1}}
				for name, write := range map[string]write{
					"move": {move, vars{"id": fo, "to": s.other, "lines": lines}},
					"split": {
						splitting,
						vars{"splits": []vars{{"fulfillmentOrderId": fo, "fulfillmentOrderLineItems": lines}}},
					},
					"hold": {
						holding, vars{"id": fo, "hold": vars{"reason": "OTHER", "fulfillmentOrderLineItems": lines}},
					},
					"ship":   {ship, shipment(fo, lines)},
					"submit": {submit, vars{"id": fo, "lines": lines}},
					"place":  {move, vars{"id": fo, "to": part}},
					"holds":  {releaseHold, vars{"id": fo, "holds": []string{part}}},
				} {
					answer := s.merchant.Do(t, write.document, write.variables)
					checkSane(t, answer, 0)
					if len(answer.Refusals()) == 0 {
						t.Errorf("%s with %s is carried out: %s", name, part, answer.Body)
					}
				}
			}
		})
	})
	if after := read(t, s.merchant, fo); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("it was\n%+v\nand is\n%+v", before, after)
	}
}

// TestStrangeValues sends values that a field can't have, or that are unusual: the first are refused before anything is
// done, the second come back as they were.
func TestStrangeValues(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	_, fo := s.order(t, 2)
	line := read(t, s.merchant, fo).LineItems.Nodes[0].ID

	for name, w := range map[string]write{
		"id is null":          {cancel, vars{"id": nil}},
		"id is missing":       {cancel, nil},
		"id is a list":        {cancel, vars{"id": []string{fo}}},
		"id is an object":     {cancel, vars{"id": vars{"id": fo}}},
		"input is null":       {holding, vars{"id": fo, "hold": nil}},
		"reason is null":      {holding, vars{"id": fo, "hold": vars{"reason": nil}}},
		"reason is unknown":   {holding, vars{"id": fo, "hold": vars{"reason": "BECAUSE"}}},
		"unknown input field": {holding, vars{"id": fo, "hold": vars{"reason": "OTHER", "colour": "red"}}},
		"list holds null":     {splitting, vars{"splits": []any{nil}}},
		"list is null":        {splitting, vars{"splits": nil}},
		"quantity is null":    {move, vars{"id": fo, "to": s.other, "lines": []vars{{"id": line, "quantity": nil}}}},
		"quantity is text":    {move, vars{"id": fo, "to": s.other, "lines": []vars{{"id": line, "quantity": "1"}}}},
		"quantity is a half":  {move, vars{"id": fo, "to": s.other, "lines": []vars{{"id": line, "quantity": 0.5}}}},
		"quantity is too much": {
			move, vars{"id": fo, "to": s.other, "lines": []vars{{"id": line, "quantity": 1 << 31}}},
		},
		"quantity is none":     {move, vars{"id": fo, "to": s.other, "lines": []vars{{"id": line, "quantity": 0}}}},
		"quantity is negative": {move, vars{"id": fo, "to": s.other, "lines": []vars{{"id": line, "quantity": -1}}}},
		"line twice": {
			move,
			vars{"id": fo, "to": s.other, "lines": []vars{{"id": line, "quantity": 1}, {"id": line, "quantity": 1}}},
		},
		"time is none":         {setDeadline, vars{"ids": []string{fo}, "at": "tomorrow"}},
		"time is null":         {setDeadline, vars{"ids": []string{fo}, "at": nil}},
		"time is far away":     {setDeadline, vars{"ids": []string{fo}, "at": "999999-01-01T00:00:00Z"}},
		"no fulfillment order": {setDeadline, vars{"ids": []string{}, "at": "2030-01-01T00:00:00Z"}},
		"nothing to merge":     {merging, vars{"merges": []vars{}}},
		"merge of nothing":     {merging, vars{"merges": []vars{{"mergeIntents": []vars{}}}}},
		"nothing to ship":      {ship, vars{"fulfillment": vars{"lineItemsByFulfillmentOrder": []vars{}}}},
		"handle is too long": {
			holding, vars{"id": fo, "hold": vars{"reason": "OTHER", "handle": strings.Repeat("h", 65)}},
		},
		"notes are too long": {
			holding, vars{"id": fo, "hold": vars{"reason": "OTHER", "reasonNotes": strings.Repeat("n", 100_000)}},
		},
		"NUL in the notes": {holding, vars{"id": fo, "hold": vars{"reason": "OTHER", "reasonNotes": "a\x00b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := s.merchant.Do(t, w.document, w.variables)
			checkSane(t, answer, 0)
			if len(answer.Refusals()) == 0 {
				t.Errorf("it is carried out: %s", answer.Body)
			}
		})
	}

	for name, text := range map[string]string{
		"emoji":         "🐎📦👩‍👩‍👧‍👦",
		"right_to_left": "\u202eمرحبا\u202c",
		"quotes":        `"'\` + "`; DROP TABLE orders; --",
		"lines":         "a\nb\r\nc\u2028d",
		"html":          "<script>alert(1)</script> & co",
		"combining":     "e\u0301 and \u00e9",
		"blank":         "   ",
	} {
		t.Run("comes_back/"+name, func(t *testing.T) {
			t.Parallel()
			_, id := s.order(t, 1)
			held := s.merchant.Must(t, `mutation ($id: ID!, $hold: FulfillmentOrderHoldInput!) {
				fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) { fulfillmentHold { handle reasonNotes }
					userErrors { field message } }
			}`, vars{"id": id, "hold": vars{"reason": "OTHER", "handle": text, "reasonNotes": text}})
			tidy := fulfillment.Tidy(text) // What is of one line.
			for field, want := range map[string]string{"handle": tidy, "reasonNotes": text} {
				if got := gatewaytest.Get[string](t, held, "fulfillmentOrderHold.fulfillmentHold."+field); got != want {
					t.Errorf("%s came back as %q, want %q", field, got, want)
				}
			}
			answer := s.merchant.Do(t, `mutation ($title: String!) { orderCreate(order: {lineItems: [{title: $title,
				quantity: 1}], note: $title}) {
				order { note lineItems(first: 1) { nodes { title } } } userErrors { field message } }
					}`, vars{"title": text})
			checkSane(t, answer, 0)
			if len(answer.Refusals()) == 0 {
				if got := gatewaytest.Get[string](t, answer, "orderCreate.order.lineItems.nodes.0.title"); got != tidy {
					t.Errorf("the title came back as %q, want %q", got, tidy)
				}
			} else if strings.TrimSpace(text) != "" {
				t.Errorf("the order is refused: %v", answer.Refusals())
			}
		})
	}
}
