package hostile

import (
	"encoding/json"
	"fmt"
	"strings"
)

// repeat is a text for each number below n, in which it stands for %d.
func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "%d", fmt.Sprint(i)))
	}
	return b.String()
}

// long is a text that fills most of a body.
func long(n int) string { return strings.Repeat("x", n) }

const kB = 1000

// operation is a body with a document and its variables.
func operation(document string, variables vars) string {
	body, err := json.Marshal(vars{"query": document, "variables": variables})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// named is a body with a document of several operations, and the name of one.
func named(operation, document string) string {
	body, err := json.Marshal(vars{"query": document, "operationName": operation})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// doubling is fragments on a type each of which has the next one twice, within fields, and a selection at the bottom.
func doubling(levels int, kind, open, shut, bottom string) string {
	var b strings.Builder
	for i := range levels {
		next := fmt.Sprintf("%s { ...F%d } %s", open, i+1, shut)
		fmt.Fprintf(&b, "fragment F%d on %s { a: %s b: %s } ", i, kind, next, next)
	}
	fmt.Fprintf(&b, "fragment F%d on %s { %s }", levels, kind, bottom)
	return b.String()
}

const (
	moving  = `fulfillmentOrderMove(id: "WORK", newLocationId: $long) { userErrors { field message } } `
	holding = `fulfillmentOrderHold(id: "WORK", fulfillmentHold: $hold) { userErrors { field message } } `
)

// documents are operations that are made to be dear. It is a function because the API's process needs no memory for
// them.
func documents() []call {
	return []call{
		{name: "fragments that double, an unsized connection at the bottom", body: operation(
			`{ order(id: "ORDER") { ...F0 } } `+doubling(12, "Order", "fulfillments { order", "}",
				"lineItems { nodes { id } }"), nil)},
		{name: "fragments that double, 300 unsized connections at the bottom", body: operation(
			`{ order(id: "ORDER") { ...F0 } } `+doubling(12, "Order", "fulfillments { order", "}",
				repeat(300, "c%d: lineItems { nodes { id } } ")), nil)},
		{name: "fragments that double, over a plain list of 20", body: operation(
			`{ order(id: "ORDER") { ...F0 } } `+doubling(5, "Order", "fulfillments { order", "}", "id name"), nil)},
		{name: "introspection that doubles", body: operation(
			`{ __type(name: "Order") { ...F0 } } `+doubling(14, "__Type", "ofType", "", "name"), nil)},
		{name: "all of the schema, 200 times", body: operation(`{ `+repeat(200, `a%d: __schema { ...S } `)+`}
		fragment S on __Schema { types { name description fields(includeDeprecated: true) { name description
		args { name description type { name } } type { name kind ofType { name kind ofType { name } } } } } }`, nil)},
		{name: "all of the schema, once, with 200 aliases", body: operation(`{ __schema { types { fields {
		`+repeat(200, "a%d: description ")+`} } } }`, nil)},

		{name: "an ID of 900 kB in 300 aliases", body: operation(
			`query ($id: ID!) { `+repeat(300, "a%d: order(id: $id) { id } ")+`}`, vars{"id": long(900 * kB)})},
		{name: "an ID of 900 kB that is well-formed, in 300 aliases", body: operation(
			`query ($id: ID!) { `+repeat(300, "a%d: node(id: $id) { id } ")+`}`,
			vars{"id": "gid://shopify/Order/" + strings.Repeat("9", 900*kB)})},
		{name: "an ID of 3 kB in 300 aliases", body: operation(
			`query ($id: ID!) { `+repeat(300, "a%d: order(id: $id) { id } ")+`}`, vars{"id": long(3 * kB)})},
		{name: "250 IDs of 3 kB in 100 aliases", body: operation(
			`query ($ids: [ID!]!) { `+repeat(100, "a%d: nodes(ids: $ids) { id } ")+`}`, vars{"ids": list(250, long(3*kB))})},
		{name: "a cursor of 900 kB in 100 aliases", body: operation(
			`query ($c: String) { `+repeat(100, "a%d: orders(first: 1, after: $c) { nodes { id } } ")+`}`,
			vars{"c": long(900 * kB)})},
		{name: "a search of 900 kB in 100 aliases", body: operation(
			`query ($q: String) { `+repeat(100, "a%d: orders(first: 1, query: $q) { nodes { id } } ")+`}`,
			vars{"q": strings.Repeat("name:a OR ", 90*kB) + "name:a"})},
		{name: "a search of 900 kB", body: operation(
			`query ($q: String) { orders(first: 1, query: $q) { nodes { id } } }`,
			vars{"q": strings.Repeat("name:a OR ", 90*kB) + "name:a"})},
		{name: "a search of 10 kB in 300 aliases", body: operation(
			`query ($q: String) { `+repeat(300, "a%d: orders(first: 1, query: $q) { nodes { id } } ")+`}`,
			vars{"q": strings.Repeat("name:a OR ", kB) + "name:a"})},
		{name: "a search for a name of 900 kB", body: operation(
			`query ($q: String) { orders(first: 1, query: $q) { nodes { id } } }`, vars{"q": "nothing:" + long(900*kB)})},

		{name: "a plain list of 20, in 450 aliases of 100 fields", body: operation(
			`{ order(id: "ORDER") { `+repeat(450, "a%d: fulfillments { ...F } ")+`} }
		fragment F on Fulfillment { `+repeat(100, "b%d: id ")+`}`, nil)},
		{name: "a plain list of 20, in 490 aliases", body: operation(
			`{ order(id: "ORDER") { `+repeat(490, "a%d: fulfillments { id name status createdAt } ")+`} }`, nil)},
		{name: "a page of 40, in 70 aliases of 500 fields", body: operation(
			`{ `+repeat(70, "a%d: orders(first: 250) { nodes { ...F } } ")+`}
		fragment F on Order { `+repeat(500, "b%d: id ")+`}`, nil)},
		{name: "a page of 40, of 500 fields", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(500, "b%d: id ")+`} } }`, nil)},
		{name: "a page of 40, in 6 aliases of 500 fields", body: operation(
			`{ `+repeat(6, "a%d: orders(first: 250) { nodes { ...F } } ")+`}
		fragment F on Order { `+repeat(500, "b%d: id ")+`}`, nil)},
		{name: "a page of 40, of 6000 fields", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(6000, "b%d: id ")+`} } }`, nil)},
		{name: "a page of 40, of 6000 type names", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(6000, "b%d: __typename ")+`} } }`, nil)},
		{name: "a page of 40, of 500 free objects", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(500, "b%d: totalPriceSet { shopMoney { amount } } ")+`} } }`, nil)},
		{name: "a page of 40, of 500 free objects, twice", body: operation(
			`{ a: orders(first: 250) { nodes { ...F } } b: orders(first: 250) { nodes { ...F } } } fragment F on Order { `+
				repeat(500, "b%d: totalPriceSet { shopMoney { amount } } ")+`}`, nil)},
		{name: "a page of 40, of 500 currencies", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(500, "b%d: currencyCode ")+`} } }`, nil)},
		{name: "a page of 40, of 2000 free objects", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(2000, "b%d: totalPriceSet { shopMoney { amount } } ")+`} } }`, nil)},
		{name: "a page of 40, of 5000 notes of 1 kB", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(5000, "b%d: note ")+`} } }`, nil)},
		{name: "a page of 40, in 70 aliases of 500 currencies", body: operation(
			`{ `+repeat(70, "a%d: orders(first: 250) { nodes { ...F } } ")+`}
		fragment F on Order { `+repeat(500, "b%d: currencyCode ")+`}`, nil)},
		{name: "400 orders, with 40 shipments of an order each", body: operation(
			`{ `+repeat(400, `a%d: order(id: "ORDER") { ...F } `)+`}
		fragment F on Order { fulfillments { ...G } x: fulfillments { ...G } }
		fragment G on Fulfillment { id name status trackingInfo { number } }`, nil)},
		{name: "6000 fields of the shop", body: operation(`{ shop { `+repeat(6000, "b%d: name ")+`} }`, nil)},
		{name: "6000 type names", body: operation(`{ `+repeat(6000, "b%d: __typename ")+`}`, nil)},
		{name: "a page of 40, of 500 notes of 1 kB", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(500, "b%d: note ")+`} } }`, nil)},
		{name: "a page of 40, of 190 notes of 1 kB", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(190, "b%d: note ")+`} } }`, nil)},
		{name: "names of 900 B in 1000 aliases, for a page of 40", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(1000, "b%d"+long(900)+": id ")+`} } }`, nil)},
		{name: "names of 240 B in 500 aliases, for a page of 40", body: operation(
			`{ orders(first: 250) { nodes { `+repeat(500, "b%d"+long(240)+": id ")+`} } }`, nil)},
		{name: "all pages of all pages", body: operation(`{ orders(first: 40) { nodes { lineItems(first: 3) { nodes {
		`+repeat(6, "a%d: id ")+`} } fulfillmentOrders(first: 3) { nodes { id lineItems(first: 3) { nodes { id } }
		order { lineItems(first: 3) { nodes { id } } } } } } } }`, nil)},

		{name: "nested 500 deep", body: operation(strings.Repeat("{a", 500)+strings.Repeat("}", 500), nil)},
		{name: "nested 300,000 deep", body: operation(strings.Repeat("{a", 300*kB), nil)},
		{name: "lists nested 900,000 deep", body: operation(`{ nodes(ids: `+strings.Repeat("[", 900*kB), nil)},
		{name: "variables nested 9,000 deep", body: `{"query": "query ($id: ID!) { order(id: $id) { id } }",
		"variables": {"id": ` + strings.Repeat("[", 9*kB) + strings.Repeat("]", 9*kB) + `}}`},
		{name: "variables nested 400,000 deep", body: `{"query": "query ($id: ID!) { order(id: $id) { id } }",
		"variables": {"id": ` + strings.Repeat("[", 400*kB) + strings.Repeat("]", 400*kB) + `}}`},
		{name: "variables of 65,000 objects", body: `{"query": "{ shop { id } }",
		"variables": {"a": [` + strings.Repeat(`{"a":1},`, 65*kB) + `{}]}}`},
		{name: "60,000 numbers for IDs", body: `{"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
		"variables": {"ids": [` + strings.Repeat("1,", 60*kB) + `1]}}`},
		{name: "60,000 things wrong in a variable", body: `{"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
		"variables": {"ids": [` + strings.Repeat("true,", 60*kB) + `1]}}`},
		{name: "variables of 340,000 empty objects", body: `{"query": "{ shop { id } }",
		"variables": {"a": [` + strings.Repeat("{},", 340*kB) + `{}]}}`},
		{name: "variables of 125,000 objects", body: `{"query": "{ shop { id } }",
		"variables": {"a": [` + strings.Repeat(`{"a":1},`, 125*kB) + `{}]}}`},
		{name: "extensions of 500,000 numbers", body: `{"query": "{ shop { id } }",
		"extensions": {"a": [` + strings.Repeat(`1,`, 500*kB) + `1]}}`},
		{name: "an unknown field of 125,000 objects", body: `{"query": "{ shop { id } }",
		"more": [` + strings.Repeat(`{"a":1},`, 125*kB) + `1]}`},
		{name: "a list of 500,000 numbers for IDs", body: `{"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
		"variables": {"ids": [` + strings.Repeat("1,", 500*kB) + `1]}}`},
		{name: "a variable of 900 kB of the wrong type", body: operation(
			`query ($n: Int) { orders(first: $n) { nodes { id } } }`, vars{"n": long(900 * kB)})},
		{name: "a variable with 100,000 things wrong", body: `{"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
		"variables": {"ids": [` + strings.Repeat("true,", 180*kB) + `1]}}`},
		{name: "an object with 60,000 unknown fields", body: operation(
			`mutation ($h: FulfillmentOrderHoldInput!) { fulfillmentOrderHold(id: "WORK", fulfillmentHold: $h) {
		userErrors { message } } }`, vars{"h": unknownFields(60 * kB)})},

		{name: "2000 operations", body: named("Q1", repeat(2000, "query Q%d { shop { id } } "))},
		{name: "5000 operations without a name", body: operation(strings.Repeat("{ a } ", 5000), nil)},
		{name: "operations times fragments", body: named("Q1",
			repeat(1500, "query Q%d { ...F } ")+`fragment F on QueryRoot { `+repeat(900, "a%d: node(id: $v) { id } ")+`}`)},
		{name: "operations times fragments that are right", body: named("Q1",
			repeat(1500, "query Q%d($v: ID!) { ...F } ")+`fragment F on QueryRoot { `+
				repeat(400, "a%d: node(id: $v) { id } ")+`}`)},
		{name: "2500 fragments that nobody uses", body: operation(
			`{ shop { id } } `+repeat(2500, "fragment F%d on Shop { id } "), nil)},
		{name: "a fragment in every other", body: operation(`{ shop { ...F0 } } `+fragments(1600), nil)},
		{name: "the same field 6000 times", body: operation(`{ shop { `+strings.Repeat("id ", 6000)+`} }`, nil)},
		{name: "fields that don't agree, with arguments of 400 kB", body: operation(
			`{ `+repeat(1500, "a%d: shop { ...F } ")+`} fragment F on Shop { x(a: "`+long(400*kB)+`") x(a: "`+
				long(401*kB)+`") }`, nil)},
		{name: "fields that agree, with arguments of 400 kB", body: operation(
			`{ `+repeat(1500, "a%d: node(id: 1) { ...F } ")+`} fragment F on Order { metafield(key: "`+long(400*kB)+
				`") { id } metafield(key: "`+long(400*kB)+`") { id } }`, nil)},
		{name: "fields that agree, with arguments of 400 kB, in 1500 operations", body: named("Q1",
			repeat(1500, "query Q%d { node(id: 1) { ...F } } ")+`fragment F on Order { metafield(key: "`+long(400*kB)+
				`") { id } metafield(key: "`+long(400*kB)+`") { id } }`)},
		{name: "2800 directives on a field", body: operation(
			`{ shop { id `+strings.Repeat("@skip(if: false) ", 2800)+`} }`, nil)},
		{name: "9000 unknown directives on a field", body: operation(
			`{ shop { id `+strings.Repeat("@a ", 9000)+`} }`, nil)},
		{name: "an argument 4000 times", body: operation(
			`{ shop { id(`+strings.Repeat("a: 1 ", 4000)+`) } }`, nil)},
		{name: "a known argument 4000 times", body: operation(
			`{ order(`+strings.Repeat("id: 1 ", 4000)+`) { id } }`, nil)},
		{name: "an input field 4000 times", body: operation(
			`mutation { fulfillmentOrderHold(id: "WORK", fulfillmentHold: {reason: OTHER `+
				strings.Repeat("notifyMerchant: true ", 4000)+`}) { userErrors { message } } }`, nil)},
		{name: "a variable 4000 times", body: operation(
			`query (`+strings.Repeat("$a: ID ", 4000)+`) { order(id: $a) { id } }`, nil)},

		{name: "an operation with a name of 900 kB and 100 errors", body: operation(
			`query N`+long(900*kB)+` { `+repeat(150, "a%d: order(id: $v%d) { id } ")+`}`, nil)},
		{name: "an operation that isn't there, with a name of 900 kB", body: `{"query": "query A { shop { id } }",
		"operationName": "` + long(900*kB) + `"}`},
		{name: "an alias of 900 kB with 100 errors below", body: operation(
			`{ a`+long(900*kB)+`: shop { `+repeat(150, "a%d: nothing ")+`} }`, nil)},
		{name: "an alias of 900 kB with 300 errors when it is carried out", body: operation(
			`{ a`+long(900*kB)+`: fulfillmentOrder(id: "WORK") { `+
				repeat(300, `a%d: lineItems(first: 1, after: "%%%") { nodes { id } } `)+`} }`, nil)},
		{name: "a field of 900 kB", body: operation(`{ f`+long(900*kB)+` }`, nil)},
		{name: "a fragment of 900 kB, used 900 times", body: operation(
			`{ `+strings.Repeat("...F ", 900)+`...F`+long(900*kB)+` }`, nil)},
		{name: "a text of 900 kB where none can be", body: operation(`{ shop { "`+long(900*kB)+`" } }`, nil)},
		{name: "a text of 900 kB for an enum", body: operation(
			`{ fulfillmentOrders(first: 1, sortKey: "`+long(900*kB)+`") { nodes { id } } }`, nil)},
		{name: "a comment of 900 kB", body: operation("# "+long(900*kB)+"\n{ shop { id } }", nil)},
		{name: "300,000 comments", body: operation(strings.Repeat("#\n", 300*kB)+"{ shop { id } }", nil)},

		{name: "50 mutations of 250 lines that there aren't", body: operation(
			`mutation ($id: ID!, $lines: [FulfillmentOrderLineItemInput!]) { `+
				repeat(50, "a%d: fulfillmentOrderMove(id: $id, newLocationId: \"gid://shopify/Location/1\", fulfillmentOrderLineItems: $lines) { "+
					"userErrors { field message } } ")+`}`,
			vars{"id": "WORK", "lines": list(250, vars{"id": "gid://shopify/FulfillmentOrderLineItem/1", "quantity": 1})})},
		{name: "50 mutations of 250 fulfillment orders that there aren't", body: operation(
			`mutation ($ids: [ID!]!) { `+repeat(50, "a%d: fulfillmentOrdersSetFulfillmentDeadline(fulfillmentOrderIds: "+
				"$ids, fulfillmentDeadline: \"2030-01-01T00:00:00Z\") { userErrors { field message } } ")+`}`,
			vars{"ids": manyIDs("FulfillmentOrder", 250)})},
		{name: "50 splits of 250 fulfillment orders", body: operation(
			`mutation ($s: [FulfillmentOrderSplitInput!]!) { `+repeat(50, "a%d: fulfillmentOrderSplit("+
				"fulfillmentOrderSplits: $s) { userErrors { field message } } ")+`}`, vars{"s": list(250, vars{
				"fulfillmentOrderId": "WORK", "fulfillmentOrderLineItems": []vars{{"id": "LINE", "quantity": 1}}})})},
		{name: "a mutation of 250 times 250 lines", body: operation(
			`mutation ($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { userErrors { field message } } }`,
			vars{"f": vars{"lineItemsByFulfillmentOrder": list(40, vars{"fulfillmentOrderId": "WORK",
				"fulfillmentOrderLineItems": list(250, vars{"id": "gid://shopify/FulfillmentOrderLineItem/1",
					"quantity": 1})})}})},
		{name: "100 mutations that echo 900 kB", body: operation(
			`mutation ($long: ID!) { `+repeat(100, "a%d: "+moving)+`}`, vars{"long": long(900 * kB)})},
		{name: "100 holds with notes of 9 kB", body: operation(
			`mutation ($hold: FulfillmentOrderHoldInput!) { `+repeat(100, "a%d: "+holding)+`}`,
			vars{"hold": vars{"reason": "OTHER", "reasonNotes": long(9 * kB)}})},
		{name: "100 holds with notes of 900 kB", body: operation(
			`mutation ($hold: FulfillmentOrderHoldInput!) { `+repeat(100, "a%d: "+holding)+`}`,
			vars{"hold": vars{"reason": "OTHER", "reasonNotes": long(900 * kB)}})},
		{name: "an order of 250 lines with titles of 3 kB", body: operation(
			`mutation ($o: OrderCreateOrderInput!) { orderCreate(order: $o) { userErrors { field message } } }`,
			vars{"o": vars{"lineItems": list(250, vars{"title": long(3 * kB), "quantity": 1})}})},
		{name: "an order of 250 tags of 3 kB", body: operation(
			`mutation ($o: OrderCreateOrderInput!) { orderCreate(order: $o) { userErrors { field message } } }`,
			vars{"o": vars{"tags": list(250, long(3*kB)), "lineItems": list(1, vars{"title": "a", "quantity": 1})}})},
		{name: "20 orders of 250 lines", body: operation(
			`mutation ($o: OrderCreateOrderInput!) { `+repeat(20, "a%d: orderCreate(order: $o) { order { id "+
				"lineItems(first: 250) { nodes { id title } } } userErrors { field message } } ")+`}`,
			vars{"o": vars{"lineItems": list(250, vars{"title": "a", "quantity": 1})}})},
		{name: "a service with a callback of 900 kB, in 50 aliases", body: operation(
			`mutation ($url: URL) { `+repeat(50, "a%d: fulfillmentServiceCreate(name: \"a\", callbackUrl: $url) { "+
				"userErrors { field message } } ")+`}`, vars{"url": "https://a/" + long(900*kB)})},
		{name: "a mutation under 400 keys", body: operation(
			`mutation { `+repeat(90, `a%d: fulfillmentOrderOpen(id: "gid://shopify/FulfillmentOrder/1") `+
				`@idempotent(key: "k%d`+long(250)+`") { userErrors { message } } `)+`}`, nil)},
		{name: "a key of 900 kB", body: operation(
			`mutation { fulfillmentOrderOpen(id: "WORK") @idempotent(key: "`+long(900*kB)+
				`") { userErrors { message } } }`, nil)},
	}
}

func list[T any](n int, item T) []T {
	items := make([]T, n)
	for i := range items {
		items[i] = item
	}
	return items
}

func manyIDs(kind string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("gid://shopify/%s/%d", kind, i+1)
	}
	return ids
}

func unknownFields(n int) vars {
	object := vars{}
	for i := range n {
		object[fmt.Sprint("f", i)] = 1
	}
	return object
}

// fragments is n of them, each with all that come after the next one.
func fragments(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "fragment F%d on Shop { id ...F%d ...F%d } ", i, i+1, i+2)
	}
	fmt.Fprintf(&b, "fragment F%d on Shop { id } fragment F%d on Shop { id }", n, n+1)
	return b.String()
}
