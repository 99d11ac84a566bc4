package endtoend

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"packhorse/internal/access"
	"packhorse/internal/dev/npmtest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/webhook"
)

const (
	subscribe = `mutation ($topic: WebhookSubscriptionTopic!, $in: WebhookSubscriptionInput!) {
		webhookSubscriptionCreate(topic: $topic, webhookSubscription: $in) {
			webhookSubscription { id uri topic name filter updatedAt apiVersion { handle displayName supported } }
			userErrors { field message } } }`
	resubscribe = `mutation ($id: ID!, $in: WebhookSubscriptionInput!) {
		webhookSubscriptionUpdate(id: $id, webhookSubscription: $in) {
			webhookSubscription { id uri topic name filter includeFields updatedAt apiVersion { handle } }
			userErrors { field message } } }`
	unsubscribe = `mutation ($id: ID!) {
		webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } } }`
	listSubscriptions = `{ webhookSubscriptions(first: 10) { nodes { id topic updatedAt } }
		webhookSubscriptionsCount { count precision } }`
)

// refusals are the user errors of a mutation as field: message.
func refusals(answer *gatewaytest.Answer) []string {
	var list []string
	for _, e := range answer.UserErrors() {
		list = append(list, strings.Join(e.Field, ".")+": "+e.Message)
	}
	return list
}

func subscribed(t *testing.T, app *gatewaytest.App, topic, uri string) (id string) {
	t.Helper()
	made := app.Must(t, subscribe, vars{"topic": topic, "in": vars{"uri": uri}})
	return gatewaytest.Get[string](t, made, "webhookSubscriptionCreate.webhookSubscription.id")
}

// TestWebhookRegistration has the library that apps are made with register webhooks: three starts of an app, of which
// the second changes nothing and the third has a topic less. What an operator made for the app outlives them.
func TestWebhookRegistration(t *testing.T) {
	t.Parallel()
	npmtest.Modules(t)
	s := gatewaytest.Start(t, gatewaytest.Options{})
	url := string(s.Settings.Database.URL)
	secure := gatewaytest.Serve(t, url, s.Temporal, gatewaytest.Options{HTTPS: true}) // As Shopify's clients want.
	app, other := s.App("App", access.Scopes()...), s.App("Other", access.Scopes()...)
	theirs := subscribed(t, other, "ORDERS_CREATE", "https://other.example.com/h")
	operators, err := s.Store.AddSubscription(t.Context(), webhook.Subscription{
		AppID: app.ID, Topic: "ORDERS_CREATE", URI: "https://ops.example.com/h", ByOperator: true,
	}.Tidy())
	if err != nil {
		t.Fatal(err)
	}
	both := vars{"FULFILLMENT_ORDERS_CANCELLED": vars{}, "FULFILLMENTS_CREATE": vars{"includeFields": []string{"id"}}}
	wanted, err := json.Marshal([]vars{both, both, {"FULFILLMENTS_CREATE": both["FULFILLMENTS_CREATE"]}})
	if err != nil {
		t.Fatal(err)
	}
	said := npmtest.Run(t, filepath.Join("testdata", "register.mjs"), "PACKHORSE_API="+secure.URL,
		"NODE_EXTRA_CA_CERTS="+secure.Certificate, "PACKHORSE_TOKEN="+app.Token, "WANTED="+string(wanted))
	var did [][]string
	for line := range strings.Lines(said) {
		var one []string
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("it said %s", said)
		}
		slices.Sort(one)
		did = append(did, one)
	}
	if want := "[[FULFILLMENTS_CREATE create true FULFILLMENT_ORDERS_CANCELLED create true] [] " +
		"[FULFILLMENT_ORDERS_CANCELLED delete true]]"; fmt.Sprint(did) != want {
		t.Errorf("it did %v\nwant   %s", did, want)
	}
	listed := gatewaytest.Get[[]struct{ Topic string }](t, app.Must(t, listSubscriptions, nil), "webhookSubscriptions.nodes")
	if len(listed) != 1 || listed[0].Topic != "FULFILLMENTS_CREATE" {
		t.Errorf("the app has %v", listed)
	}
	number := fulfillment.ID(0)
	if _, err := fmt.Sscanf(theirs, "gid://shopify/WebhookSubscription/%d", &number); err != nil {
		t.Fatal(err)
	}
	left, err := s.Store.SubscriptionsByID(t.Context(), []fulfillment.ID{operators.ID, number})
	if err != nil || left[0] == nil || left[1] == nil {
		t.Errorf("the operator's and the other app's: %v, %v", left, err)
	}
}

// TestWebhookSubscriptionsAreTheAppsOwn: an app neither sees nor changes what another app or an operator made.
func TestWebhookSubscriptionsAreTheAppsOwn(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	app, other := s.App("App", access.Scopes()...), s.App("Other", access.Scopes()...)
	own := subscribed(t, app, "ORDERS_CREATE", "https://example.com/h")
	operators, err := s.Store.AddSubscription(t.Context(), webhook.Subscription{
		AppID: app.ID, Topic: "ORDERS_CREATE", URI: "https://example.com/h", ByOperator: true,
	}.Tidy())
	if err != nil {
		t.Fatal(err)
	}
	hidden := []string{
		subscribed(t, other, "ORDERS_CREATE", "https://example.com/h"),
		"gid://shopify/WebhookSubscription/" + operators.ID.String(),
	}
	listed := app.Must(t, listSubscriptions, nil)
	if nodes := gatewaytest.Get[[]object](t, listed, "webhookSubscriptions.nodes"); len(nodes) != 1 || nodes[0].ID != own ||
		gatewaytest.Get[int](t, listed, "webhookSubscriptionsCount.count") != 1 {
		t.Errorf("listed %s", listed.Body)
	}
	for _, id := range hidden {
		seen := app.Must(t, `query ($id: ID!, $query: String) { webhookSubscription(id: $id) { id } node(id: $id) { id }
			webhookSubscriptionsCount(query: $query) { count } }`,
			vars{"id": id, "query": "id:" + strings.TrimPrefix(id, "gid://shopify/WebhookSubscription/")})
		if gatewaytest.Get[any](t, seen, "webhookSubscription") != nil || gatewaytest.Get[any](t, seen, "node") != nil ||
			gatewaytest.Get[int](t, seen, "webhookSubscriptionsCount.count") != 0 {
			t.Errorf("seen: %s", seen.Body)
		}
		const notThere = "[id: Webhook subscription does not exist]"
		if got := refusals(app.Do(t, resubscribe, vars{"id": id, "in": vars{"uri": "https://example.com/x"}})); fmt.Sprint(got) != notThere {
			t.Errorf("changed %s: %v", id, got)
		}
		if got := refusals(app.Do(t, unsubscribe, vars{"id": id})); fmt.Sprint(got) != notThere {
			t.Errorf("deleted %s: %v", id, got)
		}
	}
	seen := app.Must(t, `query ($id: ID!) { webhookSubscription(id: $id) { id } node(id: $id) { ... on WebhookSubscription { uri } } }`, vars{"id": own})
	if gatewaytest.Get[string](t, seen, "node.uri") != "https://example.com/h" {
		t.Errorf("its own: %s", seen.Body)
	}
	if deleted := app.Must(t, unsubscribe, vars{"id": own}); gatewaytest.Get[string](t, deleted, "webhookSubscriptionDelete.deletedWebhookSubscriptionId") != own {
		t.Errorf("deleted: %s", deleted.Body)
	}
}

// TestWebhookTopicsNeedTheirScopes: an app subscribes to what it may read of, and to nothing else.
func TestWebhookTopicsNeedTheirScopes(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	service, bookkeeper := s.App("Service", access.ReadAssigned), s.App("Bookkeeper", access.WriteOrders)
	for _, test := range []struct {
		app   *gatewaytest.App
		topic string
		may   bool
	}{
		{service, "FULFILLMENT_ORDERS_CANCELLED", true}, {service, "FULFILLMENT_HOLDS_ADDED", true},
		{service, "ORDERS_CREATE", false}, {service, "FULFILLMENTS_CREATE", false},
		{bookkeeper, "FULFILLMENT_ORDERS_CANCELLED", false}, {bookkeeper, "ORDERS_CREATE", true},
		{bookkeeper, "SHOP_UPDATE", true},
	} {
		got := refusals(test.app.Do(t, subscribe, vars{"topic": test.topic, "in": vars{"uri": "https://example.com/h"}}))
		want := "[topic: You do not have access to this webhook topic]"
		if test.may {
			want = "[]"
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s, %s: %v, want %s", test.app.Name, test.topic, got, want)
		}
	}
}

// TestWebhookSubscriptionChanges: what is left out of an update stays, null takes away, and what is refused changes
// nothing.
func TestWebhookSubscriptionChanges(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	app := s.App("App", access.Scopes()...)
	made := app.Must(t, subscribe, vars{"topic": "ORDERS_CREATE", "in": vars{
		"callbackUrl": "https://example.com/h", "filter": "id:1", "name": "wh-1", "includeFields": []string{"id"},
	}})
	sub := gatewaytest.Get[vars](t, made, "webhookSubscriptionCreate.webhookSubscription")
	if sub["uri"] != "https://example.com/h" || fmt.Sprint(sub["apiVersion"]) != "map[displayName:2026-07 handle:2026-07 supported:true]" {
		t.Errorf("made %v", sub)
	}
	id := sub["id"]
	update := func(in vars) (got vars, refused []string) {
		answer := app.Do(t, resubscribe, vars{"id": id, "in": in})
		if refused = refusals(answer); refused == nil {
			got = gatewaytest.Get[vars](t, answer, "webhookSubscriptionUpdate.webhookSubscription")
		}
		return got, refused
	}
	got, refused := update(vars{"uri": "https://example.com/2"})
	if refused != nil || got["uri"] != "https://example.com/2" || got["filter"] != "id:1" || got["name"] != "wh-1" ||
		fmt.Sprint(got["includeFields"]) != "[id]" {
		t.Errorf("another address: %v, %v", got, refused)
	}
	if got, refused = update(vars{"filter": nil, "name": nil, "includeFields": []string{}}); refused != nil || got["filter"] != nil ||
		got["name"] != nil || fmt.Sprint(got["includeFields"]) != "[]" || got["uri"] != "https://example.com/2" {
		t.Errorf("without filter, name and fields: %v, %v", got, refused)
	}
	if _, refused = update(vars{"uri": "https://example.com/3", "filter": "bogus"}); len(refused) != 1 {
		t.Errorf("a bad filter: %v", refused)
	}
	read := app.Must(t, `query ($id: ID!) { webhookSubscription(id: $id) { uri } }`, vars{"id": id})
	if uri := gatewaytest.Get[string](t, read, "webhookSubscription.uri"); uri != "https://example.com/2" {
		t.Errorf("after a refused change: %s", uri)
	}
}

// TestWebhookSubscriptionUnderAKey: the same, asked for again under the same idempotency key, is one subscription.
func TestWebhookSubscriptionUnderAKey(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Start(t, gatewaytest.Options{})
	app := s.App("App", access.Scopes()...)
	in := vars{"topic": "ORDERS_CREATE", "in": vars{"uri": "https://example.com/h"}}
	first := app.Must(t, subscribe, in, gatewaytest.Key("one"))
	again := app.Must(t, subscribe, in, gatewaytest.Key("one"))
	if string(first.Body) == "" || gatewaytest.Get[any](t, first, "webhookSubscriptionCreate.webhookSubscription.id") !=
		gatewaytest.Get[any](t, again, "webhookSubscriptionCreate.webhookSubscription.id") {
		t.Errorf("%s\n%s", first.Body, again.Body)
	}
	if got := refusals(app.Do(t, subscribe, in)); fmt.Sprint(got) != "[webhookSubscription.callbackUrl: Address for this topic has already been taken]" {
		t.Errorf("without a key: %v", got)
	}
}
