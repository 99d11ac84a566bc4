package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

func (fakeBook) KeepsSecrets() bool { return true }
func (b fakeBook) Webhooks() callback.Rules {
	return callback.Rules{AllowPrivate: b.receiver != ""}
}

func (b fakeBook) Secrets(context.Context, fulfillment.ID) (current, previous string, err error) {
	return "phss_2", "", nil
}

// testSubscription is what the fake has.
func testSubscription() webhook.Subscription {
	filter := "fulfillment_order.status:open"
	return webhook.Subscription{
		ID: 71, AppID: 52, Topic: "FULFILLMENTS_CREATE", URI: "https://example.com/h", Format: webhook.FormatJSON,
		Filter: &filter, IncludeFields: []string{"id"}, APIVersion: "2026-07", State: webhook.Disabled,
		StateReason: "It answered 410.", StateSince: noon.Add(-time.Hour), CreatedAt: noon.Add(-48 * time.Hour),
		UpdatedAt: noon.Add(-2 * time.Hour), Concurrency: 3,
	}
}

func (b fakeBook) AddSubscription(_ context.Context, sub webhook.Subscription) (webhook.Subscription, error) {
	said := []any{
		sub.AppID, sub.Topic, sub.URI, sub.Filter, sub.IncludeFields, sub.Name, sub.APIVersion, sub.ByOperator,
	}
	if sub.TimeoutMS != 0 || sub.Concurrency != 0 {
		said = append(said, sub.TimeoutMS, sub.Concurrency)
	}
	err := b.note("AddSubscription", said)
	sub.ID, sub.State = 72, webhook.Enabled
	return sub, err
}

func (b fakeBook) UpdateSubscription(
	_ context.Context, id fulfillment.ID, change func(webhook.Subscription) (webhook.Subscription, error),
) (webhook.Subscription, error) {
	sub := testSubscription()
	if id != sub.ID {
		return webhook.Subscription{}, fulfillment.ErrNotFound
	}
	changed, err := change(sub)
	if err != nil {
		return webhook.Subscription{}, err
	}
	return changed, b.note("UpdateSubscription", []any{id, changed.TimeoutMS, changed.Concurrency, changed.APIVersion})
}

func (b fakeBook) DeleteSubscription(_ context.Context, id fulfillment.ID) error {
	return b.note("DeleteSubscription", id)
}

func (b fakeBook) SetSubscriptionState(
	_ context.Context, id fulfillment.ID, state webhook.State, reason string,
) (webhook.Subscription, error) {
	sub := testSubscription()
	sub.State, sub.StateReason = state, reason
	return sub, b.note("SetSubscriptionState "+id.String(), []string{string(state), reason})
}

func (b fakeBook) SubscriptionsByID(_ context.Context, ids []fulfillment.ID) ([]*webhook.Subscription, error) {
	if sub := testSubscription(); ids[0] == sub.ID {
		if b.receiver != "" {
			sub.URI = b.receiver
		}
		return []*webhook.Subscription{&sub}, nil
	}
	return []*webhook.Subscription{nil}, nil
}

func (b fakeBook) Subscriptions(
	_ context.Context, filter postgres.SubscriptionFilter, _ postgres.Page,
) (postgres.Results[webhook.Subscription], error) {
	return postgres.Results[webhook.Subscription]{Items: []webhook.Subscription{testSubscription()}},
		b.note("Subscriptions", []any{filter.AppID, filter.Topics, filter.States})
}

func (b fakeBook) WebhookStanding(context.Context, fulfillment.ID) (webhook.Standing, error) {
	next := noon.Add(time.Minute)
	return webhook.Standing{
		Cursor: 1700, Newest: 1707, Lag: 7, LagSeconds: 191, Waiting: 2, Dead: 1, LastError: "503 Service Unavailable", NextAttempt: &next,
		Failing: b.failing,
	}, nil
}

func (b fakeBook) WebhookStandings(
	ctx context.Context, ids []fulfillment.ID,
) (map[fulfillment.ID]webhook.Standing, error) {
	standing, err := b.WebhookStanding(ctx, ids[0])
	return map[fulfillment.ID]webhook.Standing{ids[0]: standing}, err
}

func (b fakeBook) WebhookAttempts(
	_ context.Context, id fulfillment.ID, position int64, page postgres.Page,
) (postgres.Results[webhook.Attempt], error) {
	return postgres.Results[webhook.Attempt]{Items: []webhook.Attempt{
		{Position: 1699, Attempt: 2, Replay: true, At: noon, Took: 5 * time.Second, Error: "no answer within 5s"},
		{
			Position: 1699, Attempt: 1, At: noon.Add(-time.Minute), Took: 12 * time.Millisecond, Status: 503,
			Error: "503 Service Unavailable", Answer: "busy",
		},
	}}, b.note("WebhookAttempts", []any{id, position, page.Reverse})
}

func (b fakeBook) FeedBefore(_ context.Context, since time.Time) (int64, error) {
	return 1650, b.note("FeedBefore", since)
}

func (b fakeBook) Replay(_ context.Context, id fulfillment.ID, r webhook.Replay) (webhook.Replayed, error) {
	if r.After == 9000 || r.Until == 9 {
		return webhook.Replayed{}, &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"after"}, Message: "It is at 7."}
	}
	return webhook.Replayed{Events: 3, Waiting: 1}, b.note("Replay", []any{id, r.After, r.Until})
}

func (b fakeBook) DeadLetters(
	_ context.Context, id fulfillment.ID, page postgres.Page,
) (postgres.Results[webhook.Parked], error) {
	return postgres.Results[webhook.Parked]{Items: []webhook.Parked{{
		Event: webhook.Event{Position: 1600, OrderID: 1001, At: noon.Add(-time.Hour)}, State: webhook.Dead, Attempts: 9,
		LastError: "400 Bad Request",
	}}}, b.note("DeadLetters", []any{id, page.Reverse})
}

func (b fakeBook) AppSecret(_ context.Context, id fulfillment.ID) (access.Secret, error) {
	return access.Secret{Current: "phss_1", MadeAt: noon}, b.note("AppSecret", id)
}

func (b fakeBook) Reseal(context.Context) (postgres.Sealed, error) {
	return postgres.Sealed{Resealed: 3, ByKey: map[string]int{"a1b2c3d4": 4, "00c0ffee": b.unopened}}, b.note("Reseal", nil)
}

func (fakeBook) SecretsKeys() []string { return []string{"a1b2c3d4", "0badcafe"} }

// TestSecretsAreResealed tells which key is needed no more, and fails when one is missing.
func TestSecretsAreResealed(t *testing.T) {
	t.Parallel()
	f := lantern()
	want := "3 secrets sealed anew\n\nKEY       PLACE              SECRETS\na1b2c3d4  1, seals           4\n" +
		"0badcafe  2, can be removed  0\n"
	f.unopened = 1
	status, stdout, stderr := call(t, f, "", "secrets", "reseal")
	if status != statusFailed || !strings.HasPrefix(stdout, want) || !strings.Contains(stdout, "00c0ffee  not set            1\n") ||
		!strings.Contains(stderr, "1 secret sealed with a key that PACKHORSE_SECRETS_KEYS does not have") {
		t.Errorf("status %d, said %q and %q", status, stdout, stderr)
	}
	_, stdout, _ = call(t, lantern(), "", "secrets", "reseal", "-o", "json")
	if !strings.Contains(stdout, `"resealed": 3`) || !strings.Contains(stdout, `"place": 2`) {
		t.Errorf("said %q", stdout)
	}
}

func (b fakeBook) WebhookSecret(context.Context, fulfillment.ID) (access.Secret, error) {
	return access.Secret{}, nil
}

func (b fakeBook) RotateWebhookSecret(_ context.Context, id fulfillment.ID) (access.Secret, error) {
	return access.Secret{Current: "phss_3", MadeAt: noon}, b.note("RotateWebhookSecret", id)
}

func (b fakeBook) RevokeOldWebhookSecret(_ context.Context, id fulfillment.ID) error {
	return b.note("RevokeOldWebhookSecret", id)
}

func (b fakeBook) RotateSecret(_ context.Context, id fulfillment.ID) (access.Secret, error) {
	until := noon.Add(access.Grace)
	return access.Secret{Current: "phss_2", MadeAt: noon, Previous: "phss_1", PreviousUntil: &until}, b.note("RotateSecret", id)
}

func (b fakeBook) RevokeOldSecret(_ context.Context, id fulfillment.ID) (access.Secret, error) {
	return access.Secret{Current: "phss_2", MadeAt: noon}, b.note("RevokeOldSecret", id)
}

// TestWebhooks is what people and programs see of subscriptions, and what is done for it.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	const (
		row    = "71            web-shop  FULFILLMENTS_CREATE  DISABLED  -       app      https://example.com/h  fulfillment_order.status:open; 1 field\n"
		listed = "71            web-shop  FULFILLMENTS_CREATE  DISABLED  7, 3m11s  app      https://example.com/h  fulfillment_order.status:open; 1 field\n"
	)
	for _, test := range []struct{ args, sent, stdout string }{
		{"webhook create web-shop --topic orders/create --uri https://example.com/h",
			`AddSubscription ["52","ORDERS_CREATE","https://example.com/h",null,[],null,"2026-07",true]`,
			"72            web-shop  ORDERS_CREATE  ENABLED  -       operator  https://example.com/h"},
		{"webhook create web-shop --topic FULFILLMENT_ORDERS_DEADLINE_MISSED --uri https://example.com/h --filter id:1 " +
			"--include-fields id,name --name late --api-version 2026-04 -o json",
			`["52","FULFILLMENT_ORDERS_DEADLINE_MISSED","https://example.com/h","id:1",["id","name"],"late","2026-04",true]`,
			`"byOperator": true`},
		{"webhook create web-shop --topic orders/create --uri https://example.com/h --receiver-timeout 30s --concurrency 64",
			`null,"2026-07",true,30000,64]`, "72            web-shop"},
		{"webhook update 71 --receiver-timeout 1500ms --concurrency 1 -o json", `UpdateSubscription ["71",1500,1,"2026-07"]`,
			`"timeoutMs": 1500`},
		{"webhook update 71 --concurrency default", `UpdateSubscription ["71",0,0,"2026-07"]`, row},
		{"webhook list", `Subscriptions ["0",null,null]`, listed},
		{"webhook list --app web-shop --state paused,DISABLED --topic orders/create",
			`Subscriptions ["52",["ORDERS_CREATE"],["PAUSED","DISABLED"]]`, listed},
		{"webhook list -o json", "", `"stateReason": "It answered 410."`},
		{"webhook list -o json", "", `"lagSeconds": 191`},
		{"webhook show 71", "", "DISABLED since 2026-11-27 11:00Z (1 h ago): It answered 410."},
		{"webhook show 71 -o json", "", `"uri": "https://example.com/h"`},
		{"webhook show 71", "", "1700, 7 positions behind the feed, since 3m11s"},
		{"webhook show 71", "", "PACKHORSE_WEBHOOK_TIMEOUT to answer, 3 orders at the same time"},
		{"webhook show 71", "", "2 events"},
		{"webhook show 71", "", "1 event (packhorse webhook dead 71)"},
		{"webhook show 71", "", "2026-11-27 11:59:00Z  1699      1        -       503     12    Service Unavailable\n"},
		{"webhook show 71 -o json", "", `"lastError": "503 Service Unavailable"`},
		{"webhook attempts 71 --position 1699", `WebhookAttempts ["71",1699,true]`,
			"2026-11-27 12:00:00Z  1699      2        yes     -       5000  no answer within 5s\n"},
		{"webhook attempts 71 -o json --ascending", `WebhookAttempts ["71",0,false]`, `"answer": "busy",
      "ms": 12`},
		{"webhook dead 71", `DeadLetters ["71",false]`, "1600      2026-11-27 11:00Z (1 h ago)  1001   9         400 Bad Request\n"},
		{"webhook replay 71 --position 1600", `Replay ["71",1599,1600]`, "3 events to be told again, 1 waited already\nthe subscription is DISABLED: nothing is sent until"},
		{"webhook replay 71 --after 0 -o json", `Replay ["71",0,9223372036854775807]`, `"events": 3`},
		{"webhook replay 71 --after 1600 --until 1700 -o json", `Replay ["71",1600,1700]`, `"waiting": 1`},
		{"webhook replay 71 --since 2h --until 1700 -o json", `FeedBefore "2026-11-27T10:00:00Z"
Replay ["71",1650,1700]`, `"events": 3`},
		{"webhook replay 71 --since 2026-11-26T01:02:03Z -o json", `FeedBefore "2026-11-26T01:02:03Z"
Replay ["71",1650,9223372036854775807]`, `"events": 3`},
		{"webhook dead 71 -o json", "", `"lastError": "400 Bad Request"`},
		{"webhook pause 71 --reason Moving.", `SetSubscriptionState 71 ["PAUSED","Moving."]`, "PAUSED"},
		{"webhook pause 71", `SetSubscriptionState 71 ["PAUSED","Paused by an operator."]`, "PAUSED"},
		{"webhook resume 71 -o json", `SetSubscriptionState 71 ["ENABLED",""]`, `"state": "ENABLED"`},
		{"webhook secret rotate 71", `RotateWebhookSecret "71"`, "whsec_cGhzc18z\n"},
		{"webhook secret rotate 71 -o json", `RotateWebhookSecret "71"`, `"standard": "whsec_cGhzc18z"`},
		{"webhook secret revoke-old 71", `RevokeOldWebhookSecret "71"`, ""},
		{"webhook delete 71", `DeleteSubscription "71"`, "Webhook subscription 71 is deleted.\n"},
		{"webhook delete 71 -o json", `DeleteSubscription "71"`, `"deletedWebhookSubscriptionId": "71"`},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			f := lantern()
			status, stdout, stderr := call(t, f, "", strings.Fields(test.args)...)
			if status != statusDone || !strings.Contains(stdout, test.stdout) || stderr != "" {
				t.Errorf("status %d, said %q and %q; want %q", status, stdout, stderr, test.stdout)
			}
			if sent := strings.Join(f.sent, "\n"); !strings.Contains(sent, test.sent) {
				t.Errorf("sent %s, want %s", sent, test.sent)
			}
		})
	}
}

// TestWebhookIsTried with a request that is signed, says that it is a test, has what the subscription asks for of a
// body of its topic, and whose answer is shown.
func TestWebhookIsTried(t *testing.T) {
	t.Parallel()
	wantsBody := regexp.MustCompile(`^{"id":[0-9]{16}}$`)
	for status, want := range map[int]struct {
		exit   int
		stdout string
	}{
		http.StatusOK:         {statusDone, `"status": 200`},
		http.StatusBadRequest: {statusFailed, `"error": "Bad Request"`},
	} {
		var heard http.Header
		var body []byte
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			heard = r.Header.Clone()
			body, _ = io.ReadAll(r.Body)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "hello")
		}))
		f := lantern()
		f.receiver = receiver.URL
		exit, stdout, stderr := call(t, f, "", "webhook", "test", "71", "-o", "json")
		receiver.Close()
		if exit != want.exit || !strings.Contains(stdout, want.stdout) || !strings.Contains(stdout, `"answer": "hello"`) {
			t.Errorf("status %d, said %q and %q; want %q", exit, stdout, stderr, want.stdout)
		}
		signed := hmac.New(sha256.New, []byte("phss_2"))
		signed.Write(body)
		if heard.Get("X-Shopify-Test") != "true" || heard.Get("X-Shopify-Topic") != "fulfillments/create" ||
			!wantsBody.Match(body) || heard.Get("X-Shopify-Hmac-Sha256") != base64.StdEncoding.EncodeToString(signed.Sum(nil)) || len(f.sent) > 0 {
			t.Errorf("it got %v and %s; sent %v", heard, body, f.sent)
		}
	}
}

// TestWebhooksThatFail: people and programs see that a receiver is only probed.
func TestWebhooksThatFail(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"webhook list": "DISABLED, FAILING", "webhook list -o json": `"failing": true`,
		"webhook show 71":         "the receiver fails, and is tried now and then: FAILING",
		"webhook show 71 -o json": `"failing": true`,
	} {
		f := lantern()
		f.failing = true
		if status, said, stderr := call(t, f, "", strings.Fields(args)...); status != 0 || !strings.Contains(said, want) {
			t.Errorf("%s: status %d, %s\n%s", args, status, stderr, said)
		}
	}
}

// TestChangesAreToldAtOnce: whoever sends webhooks or calls services hears of what is changed on the command line.
func TestChangesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	const at = " --callback-url https://example.com/cb"
	for args, want := range map[string][]fulfillment.ID{
		"webhook create web-shop --topic orders/create --uri https://example.com/h": {72},
		"webhook update 71 --concurrency 2":                                         {71}, "webhook resume 71": {71}, "webhook pause 71": {71},
		"webhook delete 71": {71}, "webhook show 71": nil,
		"service add Hands --id 31 --app web-shop" + at: {31}, "service add Hands --id 31" + at: nil,
		"service update 31 --callback-url none": nil, "service update 31" + at: {31},
	} {
		f := lantern()
		f.locations = append(
			f.locations, fulfillment.Location{ID: 11, Service: &fulfillment.Service{ID: 31, AppID: 52}},
		)
		if status, said, stderr := call(t, f, "", strings.Fields(args)...); status != 0 || !slices.Equal(f.told, want) {
			t.Errorf("%s: status %d, told of %v\n%s%s", args, status, f.told, said, stderr)
		}
	}
}

func TestWebhooksRefuse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args, want string
		status     int
	}{
		{"webhook create web-shop --uri https://example.com/h", `required flag(s) "topic"`, statusUsage},
		{"webhook create web-shop --topic SHOP_UPDATE --uri https://example.com/h", "it is none of FULFILLMENTS_CREATE", statusUsage},
		{"webhook create nobody --topic orders/create --uri https://example.com/h", `There is no app "nobody"`, statusFailed},
		{"webhook create web-shop --topic orders/create --uri http://example.com/h", "Address protocol http:// is not supported", statusFailed},
		{"webhook create web-shop --topic orders/create --uri http://example.com/h", "field       uri", statusFailed},
		{"webhook create web-shop --topic orders/create --uri http://127.0.0.1:3000/h",
			"(for development, set PACKHORSE_CALLBACK_ALLOW_PRIVATE=true, for every program)", statusFailed},
		{"webhook create web-shop --topic orders/create --uri https://x.myshopify.com/h", "Address cannot be a Shopify", statusFailed},
		{"webhook create web-shop --topic orders/create --uri https://example.com/h --filter word", "field       filter", statusFailed},
		{"webhook create web-shop --topic orders/create --uri https://example.com/h --receiver-timeout 31s",
			"Timeout must be between 1s and 30s", statusUsage},
		{"webhook create web-shop --topic orders/create --uri https://example.com/h --concurrency 0",
			"Concurrency must be between 1 and 64", statusUsage},
		{"webhook update 71", "[receiver-timeout concurrency] is required", statusUsage},
		{"webhook update 71 --receiver-timeout 0s", "Timeout must be between 1s and 30s", statusUsage},
		{"webhook update 71 --receiver-timeout 9", "write it with its unit, such as 10s, or default", statusUsage},
		{"webhook update 71 --concurrency 65", "Concurrency must be between 1 and 64", statusUsage},
		{"webhook update 71 --concurrency few", "it is a whole number, or default", statusUsage},
		{"webhook secret rotate 72", "There is no webhook subscription 72; see packhorse webhook list.", statusFailed},
		{"webhook update 72 --concurrency 2", "There is no webhook subscription 72; see packhorse webhook list.", statusFailed},
		{"webhook show 72", "There is no webhook subscription 72; see packhorse webhook list.", statusFailed},
		{"webhook attempts 72", "There is no webhook subscription 72; see packhorse webhook list.", statusFailed},
		{"webhook attempts 71 --position 0", "a position is a whole number from 1", statusUsage},
		{"webhook test 72", "There is no webhook subscription 72; see packhorse webhook list.", statusFailed},
		{"webhook replay 72 --after 0", "There is no webhook subscription 72; see packhorse webhook list.", statusFailed},
		{"webhook replay 71 --after -1", "a position is a whole number from 0", statusUsage},
		{"webhook replay 71", "at least one of the flags in the group [position after since] is required", statusUsage},
		{"webhook replay 71 --since yesterday", "or how long ago, such as 90m or 36h", statusUsage},
		{"webhook replay 71 --since 2026-11-28", "it is still to come", statusUsage},
		{"webhook replay 71 --since 1h --after 5", "none of the others can be", statusUsage},
		{"webhook replay 71 --after 9000", "field       after", statusFailed},
		{"webhook replay 71 --position 9001", "field       position", statusFailed},
		{"webhook dead 72", "There is no webhook subscription 72; see packhorse webhook list.", statusFailed},
		{"webhook pause 72", "There is no webhook subscription 72; see packhorse webhook list.", statusFailed},
		{"webhook delete 72", "There is no webhook subscription 72; see packhorse webhook list.", statusFailed},
		{"webhook show x", `"x" is not an ID`, statusUsage},
		{"webhook list --state GONE", "none of ENABLED", statusUsage},
		{"webhook list --topic orders/creat", `"orders/creat" is no topic; those that there is something to tell of are `, statusUsage},
		{"webhook create web-shop --topic orders/create --uri https://example.com/h --api-version banana",
			"there is no such version of the API; versions are 2025-01 to 2026-07, one each quarter, and unstable", statusUsage},
		{"webhook create web-shop --topic orders/create --uri https://example.com/h --api-version 2019-01",
			"there is no such version of the API", statusUsage},
		{"webhook create web-shop --topic orders/create --uri https://example.com/h --api-version 2099-01",
			"there is no such version of the API", statusUsage},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			f := lantern()
			status, stdout, stderr := call(t, f, "", strings.Fields(test.args)...)
			if status != test.status || !strings.Contains(stderr, test.want) || stdout != "" {
				t.Errorf("status %d, said %q and %q; want %d, %q", status, stdout, stderr, test.status, test.want)
			}
			if len(f.sent) > 0 {
				t.Errorf("it sent %v", f.sent)
			}
		})
	}
}

// TestReplayNamesWhatWasGiven: a refusal is of the flag that was given, which the position was found by.
func TestReplayNamesWhatWasGiven(t *testing.T) {
	t.Parallel()
	status, _, stderr := call(t, lantern(), "", "webhook", "replay", "71", "--since", "2h", "--until", "9")
	if status != statusFailed || !strings.Contains(stderr, "field       since") {
		t.Errorf("status %d, said %q", status, stderr)
	}
}

// The secret alone goes to the standard output, for SECRET=$(packhorse app secret show …).
func TestAppSecrets(t *testing.T) {
	t.Parallel()
	for args, want := range map[string][3]string{
		"app secret show web-shop":       {"phss_1\n", "secret of the app web-shop since 2026-11-27 12:00Z\n", `AppSecret "52"`},
		"app secret rotate web-shop":     {"phss_2\n", "good until 2026-11-28 12:00:00Z", `RotateSecret "52"`},
		"app secret revoke-old web-shop": {"phss_2\n", "secret of the app web-shop", `RevokeOldSecret "52"`},
	} {
		f := lantern()
		status, stdout, stderr := call(t, f, "", strings.Fields(args)...)
		if status != statusDone || stdout != want[0] || !strings.Contains(stderr, want[1]) ||
			fmt.Sprint(f.sent) != "["+want[2]+"]" || strings.Contains(stderr, "phss_") {
			t.Errorf("%s: status %d, said %q and %q, did %v", args, status, stdout, stderr, f.sent)
		}
	}
	_, stdout, _ := call(t, lantern(), "", "app", "secret", "rotate", "web-shop", "-o", "json")
	for _, want := range []string{
		`"app": "web-shop"`, `"current": "phss_2"`, `"previous": "phss_1"`, `"standard": "whsec_cGhzc18y"`,
		`"standardPrevious": "whsec_cGhzc18x"`, `"previousUntil": "2026-11-28T12:00:00Z"`,
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%s is not in %s", want, stdout)
		}
	}
}
