package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/config"
	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/gateway"
	"packhorse/internal/graphiql"
	"packhorse/internal/worker/workertest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// api is a running API with a token that may do everything.
type api struct {
	t     testing.TB
	url   string // of the endpoint
	token string
}

// start runs an API on the stack until the test ends.
func start(t testing.TB, stack *workertest.Stack) *api {
	t.Helper()
	settings := Settings{Database: stack.Settings.Database, Temporal: stack.Settings.Temporal, Gateway: config.Gateway{
		Address: "127.0.0.1:0", MetricsAddress: "127.0.0.1:0", GraphiQL: true,
		RequestTimeout: 30 * time.Second, IdleTimeout: time.Minute, StopTimeout: 10 * time.Second,
		MaxBodyBytes: gateway.DefaultMaxBody,
		CostLimit:    1000, CostBucket: 20_000, CostRestoreRate: 10_000, LogLevel: slog.LevelWarn, LogFormat: "text",
	}}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	address, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- Run(ctx, settings, t.Output(), func(a string) { address <- a }) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	app, err := stack.Store.CreateApp(t.Context(), access.App{Name: "Test", Scopes: access.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := stack.Store.CreateToken(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case a := <-address:
		return &api{t: t, url: "http://" + a + gateway.Endpoint(), token: token}
	case err := <-done:
		done <- err
		t.Fatalf("the API ended: %v", err)
	}
	return nil
}

// send sends a document with its variables; headers are name, value, and so on. It returns the answer's text.
func (a *api) send(query string, variables any, headers ...string) string {
	a.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		a.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Shopify-Access-Token", a.token)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		a.t.Error(err) // Not Fatal: it may be called from other goroutines.
		return ""
	}
	defer w.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(w.Body); err != nil || w.StatusCode != http.StatusOK {
		a.t.Errorf("%d %s, %v", w.StatusCode, &answer, err)
	}
	return answer.String()
}

var reference = regexp.MustCompile(`{{([\w.]+)}}`)

// fill puts what earlier answers had into an example's variables.
func fill(t *testing.T, variables string, answers map[string]any) json.RawMessage {
	t.Helper()
	if variables == "" {
		return json.RawMessage("null")
	}
	return json.RawMessage(reference.ReplaceAllStringFunc(variables, func(found string) string {
		path := strings.Split(strings.Trim(found, "{}"), ".")
		if path[0] == "unique" {
			return unique(t)
		}
		at := answers[path[0]]
		for _, name := range path[1:] {
			switch inner := at.(type) {
			case map[string]any:
				at = inner[name]
			case []any:
				if i, err := strconv.Atoi(name); err == nil && i < len(inner) {
					at = inner[i]
				}
			}
		}
		text, ok := at.(string)
		if !ok {
			t.Fatalf("there is no %s in the answers", found)
		}
		return text
	}))
}

// unique is text that was never there before.
func unique(t *testing.T) string {
	return strings.ToLower(t.Name()) + fmt.Sprint(time.Now().UnixNano())
}

// The examples of the GraphiQL page tell one story, which must come true.
func TestExamples(t *testing.T) {
	t.Parallel()
	stack := workertest.Start(t)
	stack.Warehouse("Main")
	a := start(t, stack)
	answers := map[string]any{}
	var last string
	for _, example := range graphiql.Examples() {
		last = a.send(example.Query, fill(t, example.Variables, answers))
		var answer struct {
			Data   map[string]any
			Errors []any
		}
		if err := json.Unmarshal([]byte(last), &answer); err != nil || len(answer.Errors) > 0 ||
			strings.Contains(last, `"userErrors":[{`) {
			t.Fatalf("%s: %s, %v", example.Name, last, err)
		}
		name := regexp.MustCompile(`(?:query|mutation) (\w+)`).FindStringSubmatch(example.Query)[1]
		answers[name] = answer.Data
	}
	if !strings.Contains(last, `"displayFulfillmentStatus":"FULFILLED"`) ||
		strings.Count(last, `"displayStatus":"DELIVERED"`) != 2 {
		t.Errorf("in the end, the order is %s", last)
	}
}

// Many who ask the same at once, of two processes, get one answer, and it is done once.
func TestIdempotencyKeyAcrossProcesses(t *testing.T) {
	t.Parallel()
	stack := workertest.Start(t)
	fo := stack.Order(stack.Warehouse("Main").ID, 3)
	a := start(t, stack)
	b := *start(t, stack)
	b.token = a.token
	document := fmt.Sprintf(`mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: "gid://shopify/FulfillmentOrder/%d"}]}) `+
		`{ fulfillment { id name } userErrors { message } } }`, fo)
	ask := func(of *api) string {
		for {
			answer := of.send(document, nil, "Idempotency-Key", "ship-it")
			if !strings.Contains(answer, "IDEMPOTENCY_CONCURRENT_REQUEST") { // That is for another try.
				return answer
			}
		}
	}
	answers := make([]string, 20)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = ask([]*api{a, &b}[i%2]) })
	}
	group.Wait()
	for _, answer := range answers {
		if answer != answers[0] || !strings.Contains(answer, `"fulfillment":{"id":"gid://shopify/Fulfillment/`) {
			t.Fatalf("different answers, or no fulfillment:\n%s\n%s", answers[0], answer)
		}
	}
	if n := len(stack.Load(fo).Fulfillments); n != 1 {
		t.Errorf("%d fulfillments", n)
	}
}

// Whoever crashed after the command and before the answer was stored has done the work; the next one only reports it.
func TestIdempotencyKeyAfterACrash(t *testing.T) {
	t.Parallel()
	stack := workertest.Start(t)
	fo := stack.Order(stack.Warehouse("Main").ID, 3)
	a := start(t, stack)
	document := fmt.Sprintf(`mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: [{fulfillmentOrderId: "gid://shopify/FulfillmentOrder/%d"}]}) `+
		`{ fulfillment { id name } userErrors { message } } }`, fo)
	first := a.send(document, nil, "Idempotency-Key", "k")
	forget(t, string(stack.Settings.Database.URL))
	second := a.send(document, nil, "Idempotency-Key", "k")
	cut := func(answer string) string { data, _, _ := strings.Cut(answer, `,"extensions"`); return data }
	if cut(first) != cut(second) || !strings.Contains(first, `"fulfillment":{"id"`) {
		t.Errorf("before the crash %s\nafter it         %s", first, second)
	}
	if n := len(stack.Load(fo).Fulfillments); n != 1 {
		t.Errorf("%d fulfillments", n)
	}
}
