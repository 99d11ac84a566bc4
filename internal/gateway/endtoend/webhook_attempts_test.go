package endtoend

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

const askForAttempts = `query ($first: Int, $after: String, $position: UnsignedInt64) {
	webhookSubscriptions(first: 5) { nodes {
		topic
		delivery { cursor deadLetters failing lag lagSeconds lastError nextAttemptAt
			state stateReason stateSince waiting }
		attempts(first: $first, after: $after, position: $position) {
			nodes { answer at attempt error milliseconds position replay status topic }
			pageInfo { hasNextPage endCursor }
		}
	} }
}`

// TestWebhookAttempts: an app sees what became of the requests to its own subscriptions, page by page, and how the
// delivery goes.
func TestWebhookAttempts(t *testing.T) {
	t.Parallel()
	// Without an engine nobody follows the feed meanwhile.
	url := devstacktest.Database(t, postgres.Migrate)
	s := gatewaytest.Serve(t, url, nil, gatewaytest.Options{})
	store, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	app, other := s.App("App", access.Scopes()...), s.App("Other", access.Scopes()...)
	subscribed := func(app *gatewaytest.App, topic webhook.Topic) fulfillment.ID {
		sub, err := store.AddSubscription(t.Context(), webhook.Subscription{
			AppID: app.ID, Topic: topic, URI: "https://example.com/h",
		}.Tidy())
		if err != nil {
			t.Fatal(err)
		}
		return sub.ID
	}
	note := func(id fulfillment.ID, attempts int, reason string) {
		following, err := store.Follow(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		p := webhook.Progress{
			ID: following.ID, AppID: following.AppID, Epoch: following.Epoch, Cursor: 40, Failing: true,
		}
		if reason != "" {
			p.State, p.Reason = webhook.Disabled, reason
		}
		for i := range attempts {
			p.Attempts = append(p.Attempts, webhook.Attempt{
				Position: int64(31 + i/2), Attempt: 1 + i%2, At: following.Now.Add(time.Duration(i) * time.Second),
				Took: time.Duration(i) * time.Millisecond, Status: http.StatusServiceUnavailable,
				Error: "503 Service Unavailable", Answer: "busy " + strconv.Itoa(i),
			})
		}
		p.Parked = []webhook.Parked{{
			Event: webhook.Event{Position: 31, OrderID: 7, Topic: "orders/create"}, State: webhook.Pending, Attempts: 2,
			LastError: "503 Service Unavailable", NextAt: following.Now.Add(time.Minute), Body: []byte("{}"),
		}}
		_, err = s.SQL().Exec(t.Context(), `UPDATE feed_cursor SET position = greatest(position, $1)`, p.Cursor)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Progress(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	note(subscribed(app, "ORDERS_CREATE"), 5, "")
	note(subscribed(app, "ORDERS_UPDATED"), 1, "It answered 410.")
	theirs := subscribed(other, "ORDERS_CREATE")
	note(theirs, 3, "")

	page := app.Must(t, askForAttempts, vars{"first": 2})
	const nodes = "webhookSubscriptions.nodes"
	if n := gatewaytest.Get[[]any](t, page, nodes); len(n) != 2 {
		t.Fatalf("listed %s", page.Body)
	}
	for path, want := range map[string]string{
		".0.delivery.cursor": "40", ".0.delivery.waiting": "1", ".0.delivery.state": "ENABLED", ".0.delivery.lag": "0",
		".0.delivery.failing": "true", ".1.delivery.failing": "false", // Nobody sends anything there.
		".0.delivery.lagSeconds": "0", ".0.delivery.lastError": "503 Service Unavailable",
		".1.delivery.state": "DISABLED", ".1.delivery.stateReason": "It answered 410.",
		".1.delivery.nextAttemptAt": "<nil>", ".1.delivery.deadLetters": "0",
		".0.attempts.nodes.0.answer": "busy 0", ".0.attempts.nodes.1.attempt": "2", ".0.attempts.nodes.1.position": "31",
		".0.attempts.nodes.1.milliseconds": "1", ".0.attempts.nodes.1.status": "503",
		".0.attempts.nodes.1.error": "503 Service Unavailable", ".0.attempts.nodes.1.replay": "false",
		".0.attempts.nodes.1.topic": "ORDERS_CREATE", ".1.attempts.nodes.0.topic": "ORDERS_UPDATED",
		".0.attempts.pageInfo.hasNextPage": "true", ".1.attempts.pageInfo.hasNextPage": "false",
	} {
		if got := fmt.Sprint(gatewaytest.Get[any](t, page, nodes+path)); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	if gatewaytest.Get[any](t, page, nodes+".0.delivery.nextAttemptAt") == nil {
		t.Errorf("when the next attempt is made is not told: %s", page.Body)
	}
	var read []string
	for more := true; more; {
		for _, n := range gatewaytest.Get[[]struct{ Answer string }](t, page, nodes+".0.attempts.nodes") {
			read = append(read, n.Answer)
		}
		more = gatewaytest.Get[bool](t, page, nodes+".0.attempts.pageInfo.hasNextPage")
		page = app.Must(t, askForAttempts, vars{
			"first": 2, "after": gatewaytest.Get[any](t, page, nodes+".0.attempts.pageInfo.endCursor"),
		})
	}
	if fmt.Sprint(read) != "[busy 0 busy 1 busy 2 busy 3 busy 4]" {
		t.Errorf("page by page: %v", read)
	}
	one := app.Must(t, askForAttempts, vars{"first": 5, "position": "32"})
	if got := gatewaytest.Get[[]struct{ Answer string }](t, one, nodes+".0.attempts.nodes"); len(got) != 2 ||
		got[0].Answer != "busy 2" {
		t.Errorf("of one event: %v", got)
	}
	hidden := app.Must(t, `query ($id: ID!) { webhookSubscription(id: $id) { attempts(first: 5) { nodes { answer } } }
		node(id: $id) { ... on WebhookSubscription { delivery { cursor } } } }`,
		vars{"id": "gid://shopify/WebhookSubscription/" + theirs.String()})
	if gatewaytest.Get[any](t, hidden, "webhookSubscription") != nil || gatewaytest.Get[any](t, hidden, "node") != nil {
		t.Errorf("of another app's it sees %s", hidden.Body)
	}
	refused := app.Do(t, askForAttempts, vars{"first": 2, "position": "0"})
	if !strings.Contains(string(refused.Body), "position must be that of an event in the feed, from 1.") {
		t.Errorf("a position that is none: %s", refused.Body)
	}
}
