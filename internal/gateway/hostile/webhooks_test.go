package hostile

import (
	"net/http"
	"net/url"
	"strings"
)

const subscribing = `webhookSubscriptionCreate(topic: FULFILLMENTS_CREATE, webhookSubscription: $w) {
	userErrors { field message } } `

// subscribes is a mutation that subscribes in so many aliases.
func subscribes(aliases int, w vars) string {
	return operation(
		`mutation ($w: WebhookSubscriptionInput!) { `+repeat(aliases, "a%d: "+subscribing)+`}`, vars{"w": w},
	)
}

// webhooks are operations on subscriptions, and requests to the feed.
func webhooks() []call {
	const address = "https://receiver.example/hooks"
	return []call{
		{name: "a subscription with an address of 900 kB, in 50 aliases", body: subscribes(50, vars{
			"uri": "https://a.example/" + long(900*kB)})},
		{name: "a subscription with a filter of 900 kB, in 50 aliases", body: subscribes(50, vars{
			"uri": address, "filter": strings.Repeat("id:1 OR ", 110*kB) + "id:1"})},
		{name: "a subscription with a filter that is nested 400,000 deep", body: subscribes(1, vars{
			"uri": address, "filter": strings.Repeat("(", 400*kB) + "id:1" + strings.Repeat(")", 400*kB)})},
		{name: "a subscription with a filter that is nested 400,000 deep by NOT", body: subscribes(1, vars{
			"uri": address, "filter": strings.Repeat("NOT ", 200*kB) + "id:1"})},
		{name: "a subscription with a filter of 9 kB, in 50 aliases", body: subscribes(50, vars{
			"uri": address, "filter": strings.Repeat("id:1 OR ", kB) + "id:1"})},
		{name: "a subscription with 60,000 fields", body: subscribes(1, vars{
			"uri": address, "includeFields": list(60*kB, "id")})},
		{name: "a subscription with 250 fields of 3 kB, in 50 aliases", body: subscribes(50, vars{
			"uri": address, "includeFields": list(250, strings.Repeat("a.", kB))})},
		{name: "a subscription with a field of 900 kB", body: subscribes(1, vars{
			"uri": address, "includeFields": list(1, strings.Repeat("a.", 450*kB)+"a")})},
		{name: "a subscription with a name of 900 kB, in 50 aliases", body: subscribes(50, vars{
			"uri": address, "name": long(900 * kB)})},
		{name: "a subscription with 30,000 metafields", body: subscribes(1, vars{
			"uri": address, "metafields": list(30*kB, vars{"namespace": "a", "key": "b"})})},
		{name: "subscriptions at an address of 900 kB, in 70 aliases", body: operation(
			`query ($u: String) { `+repeat(70, "a%d: webhookSubscriptions(first: 250, uri: $u) { nodes { id } } ")+`}`,
			vars{"u": long(900 * kB)})},
		{name: "subscriptions to 40,000 topics", body: operation(
			`query ($t: [WebhookSubscriptionTopic!]) { webhookSubscriptions(first: 250, topics: $t) { nodes { id } } }`,
			vars{"t": list(40*kB, "FULFILLMENTS_CREATE")})},
		{name: "a search of subscriptions of 900 kB", body: operation(
			`query ($q: String) { webhookSubscriptions(first: 1, query: $q) { nodes { id } } }`,
			vars{"q": strings.Repeat("id:1 OR ", 110*kB) + "id:1"})},
		{name: "all subscriptions, in 70 aliases", body: operation(
			`{ `+repeat(70, "a%d: webhookSubscriptions(first: 250) { nodes { id } } ")+`}`, nil)},
		{name: "the addresses of all subscriptions, in 17 aliases", body: operation(
			`{ `+repeat(17, "a%d: webhookSubscriptions(first: 250) { nodes { uri } } ")+`}`, nil)},
		{name: "a subscription with a filter that is nested 32,000 deep", body: subscribes(1, vars{
			"uri": address, "filter": strings.Repeat("(", 32*kB) + "id:1" + strings.Repeat(")", 32*kB)})},
		{name: "a count of subscriptions in 90 aliases", body: operation(
			`{ `+repeat(90, "a%d: webhookSubscriptionsCount { count } ")+`}`, nil)},

		{name: "all of the feed", change: feed("limit=1000", "")},
		{name: "the feed with 3000 parameters", change: feed(repeat(3*kB, "a%d&"), "")},
		{name: "the feed after 14 kB", change: feed("after="+strings.Repeat("9", 14*kB), "")},
		{name: "the feed of topics of 14 kB", change: feed("topic="+strings.Repeat("orders/create,", kB), "")},
		{name: "the feed of 900 times a topic", change: feed(strings.Repeat("topic=orders/create&", 700), "")},
		{name: "the feed of an order of 14 kB", change: feed("order="+url.QueryEscape("gid://shopify/Order/")+
			strings.Repeat("9", 14*kB), "")},
		{name: "the feed of a wait of 14 kB", change: feed("wait="+strings.Repeat("1h", 7*kB), "")},
		{name: "the feed of a text that can't be decoded", change: feed(strings.Repeat("%zz&", 3*kB), "")},
		{name: "a stream after 14 kB", change: feed("", long(14*kB))},
		{name: "readiness, with 3000 parameters", metrics: true, change: func(r *http.Request) {
			r.Method, r.URL.Path, r.URL.RawQuery = http.MethodGet, "/readyz", repeat(3*kB, "a%d&")
		}},
	}
}

// feed makes a request to it, for a stream after what a browser has seen last where that is given.
func feed(query, last string) func(*http.Request) {
	return func(r *http.Request) {
		r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0
		r.URL.Path, r.URL.RawQuery = "/events", query
		if last != "" {
			r.Header.Set("Accept", "text/event-stream")
			r.Header.Set("Last-Event-ID", last)
		}
	}
}
