package workflows_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/access"
	"packhorse/internal/config"
	"packhorse/internal/delivery/receivertest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
	"packhorse/internal/worker/workertest"
)

const merchant = access.Scope("read_merchant_managed_fulfillment_orders")

// hook is a webhook as it arrived.
type hook struct {
	http.Header
	body   string
	status int // of the answer
}

// inbox is a receiver that keeps what it is told, and answers as the test wants.
type inbox struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(hook) int
	all    []hook
}

// newInbox makes a receiver; it answers with 204 where it is not told otherwise.
func newInbox(t *testing.T, answer func(hook) int) *inbox {
	t.Helper()
	i := &inbox{answer: answer}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		one := hook{Header: r.Header, body: string(body), status: http.StatusNoContent}
		if i.answer != nil {
			one.status = i.answer(one)
		}
		i.all = append(i.all, one)
		if one.status == http.StatusFound {
			w.Header().Set("Location", strings.TrimPrefix(r.URL.Path, "/to/"))
		}
		w.WriteHeader(one.status)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *inbox) answers(answer func(hook) int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = answer
}

// taken are those that it took.
func (i *inbox) taken() []hook {
	return slices.DeleteFunc(i.arrived(), func(m hook) bool { return m.status/100 != 2 })
}

func (i *inbox) arrived() []hook {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.all)
}

// await waits until it took so many.
func (i *inbox) await(t *testing.T, what string, n int) []hook {
	t.Helper()
	workertest.WaitFor(t, what, func() bool { return len(i.taken()) >= n })
	return i.taken()
}

// engine is a stack whose worker tries again after a moment.
func engine(t *testing.T, change func(*workertest.Stack)) *workertest.Stack {
	t.Helper()
	s := workertest.Start(t)
	s.StopWorker()
	s.Settings.Webhooks.WebhookRetries = slices.Repeat(config.Pauses{50 * time.Millisecond}, 10_000)
	if change != nil {
		change(s)
	}
	s.StartWorker()
	return s
}

func newApp(t *testing.T, s *workertest.Stack, handle string, scopes ...access.Scope) access.App {
	t.Helper()
	app, err := s.Store.CreateApp(t.Context(), access.App{Handle: handle, Name: handle, Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// subscribeTo has an app told of a topic at an address.
func subscribeTo(
	t *testing.T, s *workertest.Stack, app access.App, topic, uri string, change ...func(*webhook.Subscription),
) webhook.Subscription {
	t.Helper()
	sub := webhook.Subscription{
		AppID: app.ID, Topic: webhook.TopicOf(topic), URI: uri, Format: webhook.FormatJSON, APIVersion: "2026-07",
	}
	for _, one := range change {
		one(&sub)
	}
	sub, err := s.Store.AddSubscription(t.Context(), sub)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Command.Deliver(t.Context(), sub.ID); err != nil {
		t.Fatal(err)
	}
	return sub
}

func named(name string) func(*webhook.Subscription) {
	return func(sub *webhook.Subscription) { sub.Name = &name }
}

// shopifySignature and standardSignature are as the receivers compute them.
func shopifySignature(secret string, m hook) string { return signature(secret, m.body) }

func standardSignature(secret string, m hook) string {
	return "v1," + signature(secret, m.Get("Webhook-Id")+"."+m.Get("Webhook-Timestamp")+"."+m.body)
}

func signature(secret, text string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// show has a receiver that checks with a library say what it makes of a webhook, as it arrived.
func show(t *testing.T, m hook, to *receivertest.Receiver) receivertest.Verdict {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to.URL, strings.NewReader(m.body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = m.Header.Clone()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return to.Next(t)
}

// toggle puts a fulfillment order on hold and releases it again: each is told once.
func toggle(s *workertest.Stack, id fulfillment.ID) {
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	s.Send(id, &fulfillment.ReleaseHold{})
}

// TestWebhookIsBelieved by the libraries that apps use: a request of fulfillment is told once, with exactly the body
// and the headers that they read, and none by which they would take it for something else.
func TestWebhookIsBelieved(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	app := newApp(t, s, "desk", access.ReadThirdParty)
	secret, _, err := s.Store.Secrets(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	shopify := receivertest.Shopify(t, secret)
	standard := receivertest.Standard(t, access.StandardSecret(secret))
	subscribeTo(t, s, app, fulfillment.TopicRequestSubmitted, shopify.URL, named("wh-1"))
	subscribeTo(t, s, app, fulfillment.TopicRequestSubmitted, standard.URL)
	north := s.Service(fulfillment.Service{Name: "North", Provider: fulfillment.ManualProvider})
	id := s.Order(north.LocationID, 2)
	asked := s.Send(id, &fulfillment.SubmitFulfillmentRequest{Message: "Glass inside"})
	first, second := shopify.Next(t), standard.Next(t)
	if !first.Valid || !second.Valid {
		t.Errorf("they say %q and %q", first.Reason, second.Reason)
	}
	if first.Topic != "FULFILLMENT_ORDERS_FULFILLMENT_REQUEST_SUBMITTED" || first.Name != "wh-1" ||
		first.Domain != "shop.example" || first.APIVersion != "2026-07" || first.EventID == "" {
		t.Errorf("it reads %+v", first)
	}
	want := fmt.Sprintf(`{"original_fulfillment_order":{"id":"gid://shopify/FulfillmentOrder/%[1]s","status":"open",`+
		`"request_status":"submitted"},"submitted_fulfillment_order":{"id":"gid://shopify/FulfillmentOrder/%[1]s",`+
		`"status":"open","request_status":"submitted"},"fulfillment_order_merchant_request":{"id":`+
		`"gid://shopify/FulfillmentOrderMerchantRequest/%[2]s","message":"Glass inside"}}`, id, asked.RequestID)
	if string(first.Body) != want || string(second.Body) != want {
		t.Errorf("the bodies are\n%s\n%s, want\n%s", first.Body, second.Body, want)
	}
	if first.WebhookID == second.Headers["x-shopify-webhook-id"] || first.EventID != second.Headers["x-shopify-event-id"] {
		t.Errorf("two subscriptions share the event's ID alone: %v, %v", first.Headers, second.Headers)
	}
	for name := range first.Headers {
		if strings.HasPrefix(name, "shopify-") {
			t.Errorf("it has the header %s", name)
		}
	}
}

// TestWebhookIsTriedAgain as the same message: only the time, the signature and the number of the attempt are new. The
// libraries that apps use believe both.
func TestWebhookIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := engine(t, func(s *workertest.Stack) {
		s.Settings.Webhooks.WebhookRetries = config.Pauses{1200 * time.Millisecond} // Timestamps have seconds.
	})
	to := newInbox(t, func(m hook) int {
		if m.Get("Packhorse-Attempt") == "1" {
			return http.StatusInternalServerError
		}
		return http.StatusNoContent
	})
	app := newApp(t, s, "desk", merchant)
	secret, _, err := s.Store.Secrets(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	sub := subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, to.URL)
	toggle(s, s.Order(s.Warehouse("Berlin").ID, 1))
	to.await(t, "the second attempt", 1)
	all := to.arrived()
	if len(all) != 2 {
		t.Fatalf("%d requests", len(all))
	}
	first, second := all[0], all[1]
	shopify, standard := receivertest.Shopify(t, secret), receivertest.Standard(t, access.StandardSecret(secret))
	for _, m := range all {
		for _, checker := range []*receivertest.Receiver{shopify, standard} {
			if said := show(t, m, checker); !said.Valid {
				t.Errorf("attempt %s is not believed: %s", m.Get("Packhorse-Attempt"), said.Reason)
			}
		}
		if m.Get("Webhook-Signature") != standardSignature(secret, m) ||
			m.Get("X-Shopify-Hmac-Sha256") != shopifySignature(secret, m) {
			t.Errorf("attempt %s is not signed: %v", m.Get("Packhorse-Attempt"), m.Header)
		}
	}
	number := func(m hook) int64 {
		n, err := strconv.ParseInt(m.Get("Webhook-Timestamp"), 10, 64)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	if first.body != second.body || number(second) <= number(first) || second.Get("Packhorse-Attempt") != "2" {
		t.Errorf("first %v %s\nthen  %v %s", first.Header, first.body, second.Header, second.body)
	}
	for _, name := range []string{
		"Webhook-Id", "X-Shopify-Webhook-Id", "X-Shopify-Event-Id", "X-Shopify-Triggered-At", "X-Shopify-Hmac-Sha256",
		"Packhorse-Position", "Packhorse-Sequence",
	} {
		if first.Get(name) == "" || first.Get(name) != second.Get(name) {
			t.Errorf("%s: %q, then %q", name, first.Get(name), second.Get(name))
		}
	}
	book := database(t, s)
	workertest.WaitFor(t, "both attempts", func() bool {
		return slices.Equal(attempts(t, book, sub.ID), []string{"1: 500 500 Internal Server Error", "2: 204 "})
	})
}

// attempts are those that were noted of a subscription: number, status and what was wrong.
func attempts(t *testing.T, book *pgx.Conn, id fulfillment.ID) []string {
	t.Helper()
	rows, err := book.Query(t.Context(), `SELECT attempt || ': ' || status || ' ' || error FROM webhook_attempts
		WHERE subscription_id = $1 ORDER BY position, attempt`, id)
	var list []string
	if err == nil {
		list, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// awaitCursor waits until everything up to the end of the feed was delivered to a subscription, or was not for it.
func awaitCursor(t *testing.T, book *pgx.Conn, id fulfillment.ID) {
	t.Helper()
	workertest.WaitFor(t, "the end of the feed", func() (done bool) {
		err := book.QueryRow(t.Context(), `SELECT NOT EXISTS (SELECT FROM outbox) AND
			cursor >= (SELECT max(position) FROM feed) FROM webhook_subscriptions WHERE id = $1`, id).Scan(&done)
		if err != nil {
			t.Fatal(err)
		}
		return done
	})
}

// TestWebhookSecretRotates: while both secrets are good, the one signature of Shopify is the old one's and Standard
// Webhooks has both, the new one first; when the old one is revoked, all is the new one's. The libraries that apps use
// say so, too, with either secret.
func TestWebhookSecretRotates(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	to := newInbox(t, nil)
	app := newApp(t, s, "desk", merchant)
	secret, err := s.Store.RotateSecret(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, to.URL)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	toggle(s, id)
	m := to.await(t, "the first webhook", 1)[0]
	if m.Get("Webhook-Signature") != standardSignature(secret.Current, m)+" "+standardSignature(secret.Previous, m) ||
		m.Get("X-Shopify-Hmac-Sha256") != shopifySignature(secret.Previous, m) {
		t.Errorf("during the rotation: %v", m.Header)
	}
	checkers := []struct {
		name              string
		by                *receivertest.Receiver
		duringIt, afterIt bool
	}{
		{"shopify-api, old secret", receivertest.Shopify(t, secret.Previous), true, false},
		{"shopify-api, new secret", receivertest.Shopify(t, secret.Current), false, true},
		{"standardwebhooks, old secret", receivertest.Standard(t, access.StandardSecret(secret.Previous)), true, false},
		{"standardwebhooks, new secret", receivertest.Standard(t, access.StandardSecret(secret.Current)), true, true},
	}
	for _, c := range checkers {
		if said := show(t, m, c.by); said.Valid != c.duringIt {
			t.Errorf("during the rotation %s says %t %q", c.name, said.Valid, said.Reason)
		}
	}
	if _, err := s.Store.RevokeOldSecret(t.Context(), app.ID); err != nil {
		t.Fatal(err)
	}
	n := 1
	workertest.WaitFor(t, "an end of the old secret", func() bool { // A worker believes a secret for two seconds.
		toggle(s, id)
		n++
		list := to.await(t, "the next webhook", n)
		m = list[n-1]
		return !strings.Contains(m.Get("Webhook-Signature"), " ")
	})
	if m.Get("Webhook-Signature") != standardSignature(secret.Current, m) ||
		m.Get("X-Shopify-Hmac-Sha256") != shopifySignature(secret.Current, m) {
		t.Errorf("after it: %v", m.Header)
	}
	for _, c := range checkers {
		if said := show(t, m, c.by); said.Valid != c.afterIt {
			t.Errorf("after it %s says %t %q", c.name, said.Valid, said.Reason)
		}
	}
}

// TestWebhooksOfOneOrderFail and hold nobody else up: of that order the first event is tried again and again, and once
// it is taken all follow in their order.
func TestWebhooksOfOneOrderFail(t *testing.T) {
	t.Parallel()
	s := engine(t, nil)
	const events = 20
	berlin, hamburg := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID
	ids := []fulfillment.ID{s.Order(berlin, 1), s.Order(berlin, 1), s.Order(berlin, 1)}
	failing := func(m hook) bool { return strings.Contains(m.body, "/"+ids[0].String()+`"`) }
	to := newInbox(t, func(m hook) int {
		if failing(m) {
			return http.StatusServiceUnavailable
		}
		return http.StatusNoContent
	})
	subscribeTo(t, s, newApp(t, s, "desk", merchant), fulfillment.TopicMoved, to.URL)
	for n := range events {
		for _, id := range ids {
			s.Send(id, &fulfillment.Move{NewLocationID: []fulfillment.ID{hamburg, berlin}[n%2]})
		}
	}
	to.await(t, "those of the other orders", 2*events)
	tries := func() (tries []string) {
		for _, m := range to.arrived() {
			if failing(m) {
				tries = append(tries, m.Get("Packhorse-Sequence"))
			}
		}
		return tries
	}
	workertest.WaitFor(t, "more attempts", func() bool { return len(tries()) >= 3 })
	if different := slices.Compact(tries()); len(different) != 1 {
		t.Errorf("of the order that fails it was told %v", different)
	}
	to.answers(nil)
	of := map[string][]float64{}
	for _, m := range to.await(t, "all", 3*events) {
		var body struct {
			Original struct{ ID string } `json:"original_fulfillment_order"`
		}
		sequence, err := strconv.ParseFloat(m.Get("Packhorse-Sequence"), 64)
		if err := errors.Join(json.Unmarshal([]byte(m.body), &body), err); err != nil {
			t.Fatal(err)
		}
		of[body.Original.ID] = append(of[body.Original.ID], sequence)
	}
	for id, sequences := range of {
		if len(sequences) != events || !slices.IsSorted(sequences) || len(slices.Compact(sequences)) != events {
			t.Errorf("%s: %v", id, sequences)
		}
	}
	if len(of) != len(ids) {
		t.Errorf("it was told of %d orders", len(of))
	}
}

// TestWebhooksAreFiltered by the whole body, and then trimmed.
func TestWebhooksAreFiltered(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	app := newApp(t, s, "desk", merchant)
	only := func(filter string) func(*webhook.Subscription) {
		return func(sub *webhook.Subscription) {
			sub.Filter, sub.IncludeFields = &filter, []string{"fulfillment_order.id"}
		}
	}
	released, never, held, both := newInbox(t, nil), newInbox(t, nil), newInbox(t, nil), newInbox(t, nil)
	const open = "fulfillment_order.status:open"
	subscribeTo(t, s, app, fulfillment.TopicHoldReleased, released.URL, only(open))
	none := subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, never.URL, only(open))
	subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, held.URL,
		only("fulfillment_order.status:on_hold AND fulfillment_order.fulfillment_holds.reason:other"))
	subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, both.URL)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.PlaceHold{Reason: "INVENTORY_OUT_OF_STOCK"})
	s.Send(id, &fulfillment.ReleaseHold{})
	toggle(s, id)
	want := `{"fulfillment_order":{"id":"gid://shopify/FulfillmentOrder/` + id.String() + `"}}`
	for _, m := range slices.Concat(released.await(t, "the releases", 2), held.await(t, "the hold", 1)) {
		if m.body != want {
			t.Errorf("told %s, want %s", m.body, want)
		}
	}
	both.await(t, "what is not filtered", 2)
	toggle(s, id)
	released.await(t, "one more release", 3)
	held.await(t, "one more hold", 2)
	if got := held.arrived(); len(got) != 2 {
		t.Errorf("told of %d holds", len(got))
	}
	awaitCursor(t, database(t, s), none.ID)
	if got := never.arrived(); len(got) != 0 {
		t.Errorf("told %s, which is not open", got[0].body)
	}
}

// TestWebhookReceiverIsGone: 410 disables the subscription, with the reason. Nothing is sent any more and nothing is
// lost: resumed, it goes on with the event that was answered so.
func TestWebhookReceiverIsGone(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	to, other := newInbox(t, func(hook) int { return http.StatusGone }), newInbox(t, nil)
	app := newApp(t, s, "desk", merchant)
	sub := subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, to.URL)
	subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, other.URL)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	toggle(s, id)
	stored := func() webhook.Subscription {
		t.Helper()
		found, err := s.Store.SubscriptionsByID(t.Context(), []fulfillment.ID{sub.ID})
		if err != nil || found[0] == nil {
			t.Fatalf("it is not there any more: %v", err)
		}
		return *found[0]
	}
	workertest.WaitFor(t, "its end", func() bool { return stored().State == webhook.Disabled })
	if reason := stored().StateReason; !strings.Contains(reason, "410") {
		t.Errorf("its reason is %q", reason)
	}
	toggle(s, id)
	toggle(s, id)
	other.await(t, "what others are told", 3)
	if n := len(to.arrived()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	to.answers(nil)
	if _, err := s.Store.SetSubscriptionState(t.Context(), sub.ID, webhook.Enabled, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Command.Deliver(t.Context(), sub.ID); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, m := range to.await(t, "all of it", 3) {
		got = append(got, m.Get("Packhorse-Position"))
	}
	for _, m := range other.taken() {
		want = append(want, m.Get("Packhorse-Position"))
	}
	if !slices.Equal(got, want) {
		t.Errorf("told of positions %v, want %v", got, want)
	}
}

// TestWebhooksStayOutside: a private address is not connected to, and no redirect is followed. The attempts say so.
func TestWebhooksStayOutside(t *testing.T) {
	t.Parallel()
	s := engine(t, nil)
	inside := newInbox(t, nil)
	away := newInbox(t, func(hook) int { return http.StatusFound })
	app := newApp(t, s, "desk", merchant)
	redirected := subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, away.URL+"/to/"+inside.URL)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	toggle(s, id)
	book := database(t, s)
	said := func(sub webhook.Subscription, what string) func() bool {
		return func() bool {
			list := attempts(t, book, sub.ID)
			other := func(one string) bool { return !strings.Contains(one, what) }
			return len(list) > 1 && !slices.ContainsFunc(list, other)
		}
	}
	workertest.WaitFor(t, "the answers", said(redirected, "302 Found"))
	s.StopWorker()
	s.Settings.Callbacks.AllowPrivate = false
	s.StartWorker()
	private := subscribeTo(t, s, app, fulfillment.TopicPlacedOnHold, strings.Replace(inside.URL, "http://", "https://", 1))
	toggle(s, id)
	workertest.WaitFor(t, "the refusals", said(private, "127.0.0.1: the address is not public"))
	if n := len(inside.arrived()); n != 0 {
		t.Errorf("%d requests came inside", n)
	}
}

// TestWebhooksTellWhatTheAppMayRead and nothing else: a service's app hears of its own fulfillment orders.
func TestWebhooksTellWhatTheAppMayRead(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	service, all := newApp(t, s, "north", access.ReadAssigned), newApp(t, s, "desk", access.Scopes()...)
	own, everything := newInbox(t, nil), newInbox(t, nil)
	sub := subscribeTo(t, s, service, fulfillment.TopicCancelled, own.URL)
	subscribeTo(t, s, all, fulfillment.TopicCancelled, everything.URL)
	north := s.Service(fulfillment.Service{Name: "North", Provider: fulfillment.ManualProvider, AppID: service.ID})
	south := s.Service(fulfillment.Service{Name: "South", Provider: fulfillment.ManualProvider})
	theirs := s.Order(north.LocationID, 1)
	for _, id := range []fulfillment.ID{s.Order(s.Warehouse("Berlin").ID, 1), s.Order(south.LocationID, 1), theirs} {
		s.Send(id, &fulfillment.Cancel{})
	}
	everything.await(t, "all of them", 3)
	if m := own.await(t, "its own", 1); !strings.Contains(m[0].body, theirs.String()) {
		t.Errorf("it was told %s", m[0].body)
	}
	awaitCursor(t, database(t, s), sub.ID)
	if n := len(own.arrived()); n != 1 {
		t.Errorf("it was told %d times", n)
	}
}
