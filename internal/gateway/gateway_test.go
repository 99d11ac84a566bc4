package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"packhorse/internal/access"
	"packhorse/internal/dev/logtest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/document"
	"packhorse/internal/postgres"
)

const (
	goodToken  = "good"
	otherToken = "other" // of the same app
)

// testSchema is a schema whose fields are functions.
type testSchema struct {
	schema    *ast.Schema
	resolvers map[string]func(ctx context.Context, arguments map[string]any) (string, error)
}

var parsedTestSchema = gqlparser.MustLoadSchema(&ast.Source{Input: `
schema { query: QueryRoot mutation: Mutation }
directive @idempotent(key: String!) on FIELD
type QueryRoot { ping(text: String): String secret: String slow: String broken: String }
type Mutation { add(n: Int!): Payload slow: Payload broken: Payload busy: Payload }
type Payload { sum: Int userErrors: [UserError!]! }
type UserError { message: String! }
`})

func (s *testSchema) Schema() *ast.Schema { return s.schema }

func (s *testSchema) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

// Exec does what gqlgen's generated code does with the root fields.
func (s *testSchema) Exec(context.Context) graphql.ResponseHandler {
	return func(ctx context.Context) *graphql.Response {
		operation := graphql.GetOperationContext(ctx)
		var b bytes.Buffer
		for i, field := range graphql.CollectFields(
			operation, operation.Operation.SelectionSet, []string{"QueryRoot", "Mutation"},
		) {
			fieldCtx := graphql.WithFieldContext(ctx, &graphql.FieldContext{Field: field})
			fieldCtx = graphql.WithRootFieldContext(fieldCtx, &graphql.RootFieldContext{Field: field})
			value := operation.RootResolverMiddleware(fieldCtx, func(ctx context.Context) (result graphql.Marshaler) {
				defer func() {
					if v := recover(); v != nil {
						graphql.AddError(ctx, operation.Recover(ctx, v))
						result = graphql.Null
					}
				}()
				if field.Name == "__typename" {
					return graphql.MarshalString("QueryRoot")
				}
				text, err := s.resolvers[field.Name](ctx, field.ArgumentMap(operation.Variables))
				if err != nil {
					graphql.AddError(ctx, err)
					return graphql.Null
				}
				return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, text) })
			})
			fmt.Fprintf(&b, "%s%q:", map[bool]string{true: "{", false: ","}[i == 0], field.Alias)
			value.MarshalGQL(&b)
		}
		b.WriteString("}")
		return &graphql.Response{Data: b.Bytes()}
	}
}

// testCallers knows the tokens of one app.
type testCallers struct{ err error }

func (c testCallers) Caller(_ context.Context, token string) (access.Caller, error) {
	tokens := map[string]fulfillment.ID{goodToken: 11, otherToken: 12}
	id, ok := tokens[token]
	switch {
	case c.err != nil:
		return access.Caller{}, c.err
	case !ok:
		return access.Caller{}, access.ErrUnknownToken
	}
	return access.Caller{App: access.App{ID: 1, Handle: "shop"}, TokenID: id}, nil
}

// testKeys is a store of idempotency keys that never expire. Without a lease, a claim stays until it is released.
type testKeys struct {
	mu     sync.Mutex
	rows   map[string]*testKey
	before func(doing string) error // may fail any call
}

type testKey struct {
	postgres.ClaimedKey
	fingerprint []byte
	free        bool
}

func (k *testKeys) fails(doing string) error {
	if k.before == nil {
		return nil
	}
	return k.before(doing)
}

func (k *testKeys) ClaimKey(_ context.Context, c postgres.KeyClaim) (postgres.ClaimedKey, error) {
	if err := k.fails("claim"); err != nil {
		return postgres.ClaimedKey{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	row, ok := k.rows[c.Key]
	switch {
	case !ok:
		row = &testKey{ClaimedKey: postgres.ClaimedKey{App: c.App, Key: c.Key, Attempt: 1}, fingerprint: c.Fingerprint}
		if k.rows == nil {
			k.rows = map[string]*testKey{}
		}
		k.rows[c.Key] = row
	case !bytes.Equal(row.fingerprint, c.Fingerprint):
		return postgres.ClaimedKey{}, postgres.ErrKeyMismatch
	case row.Answer == nil && !row.free:
		return postgres.ClaimedKey{}, postgres.ErrKeyInUse
	case row.Answer == nil:
		row.free = false
		row.Attempt++
	}
	return row.ClaimedKey, nil
}

func (k *testKeys) AnswerKey(_ context.Context, claimed postgres.ClaimedKey, answer postgres.KeyAnswer) error {
	if err := k.fails("answer"); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rows[claimed.Key].Answer, k.rows[claimed.Key].Grounds = answer.Body, answer.Grounds
	return nil
}

func (k *testKeys) ReleaseKey(_ context.Context, claimed postgres.ClaimedKey) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rows[claimed.Key].free = true
	return nil
}

// stage is a gateway to play with.
type stage struct {
	t        *testing.T
	gateway  *Gateway
	schema   *testSchema
	keys     *testKeys
	registry *prometheus.Registry
	log      *logtest.Log
}

func newStage(t *testing.T, change ...func(*Options)) *stage {
	t.Helper()
	s := &stage{t: t, keys: &testKeys{}, registry: prometheus.NewRegistry(), log: new(logtest.Log)}
	s.schema = &testSchema{schema: parsedTestSchema, resolvers: map[string]func(
		context.Context, map[string]any,
	) (string, error){
		"ping": func(_ context.Context, arguments map[string]any) (string, error) {
			return string(encode(arguments["text"])), nil
		},
		"add": func(_ context.Context, arguments map[string]any) (string, error) {
			return fmt.Sprintf(`{"sum":%v}`, arguments["n"]), nil
		},
	}}
	documents, err := document.NewCache(parsedTestSchema, 10)
	if err != nil {
		t.Fatal(err)
	}
	buckets, err := NewBuckets(DefaultRate, 10)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Schema: s.schema, Documents: documents, Callers: testCallers{}, Keys: s.keys, Buckets: buckets,
		Logger: slog.New(slog.NewTextHandler(s.log, nil)), Registry: s.registry,
	}
	for _, f := range change {
		f(&o)
	}
	s.gateway = New(o)
	return s
}

// on sets what a root field does.
func (s *stage) on(field string, resolve func(ctx context.Context, arguments map[string]any) (string, error)) {
	s.schema.resolvers[field] = resolve
}

const path = "/admin/api/2026-07/graphql.json"

// send sends a body with a good token; headers are name, value, and so on.
func (s *stage) send(body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(tokenHeader, goodToken)
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.gateway.ServeHTTP(w, r)
	return w
}

// ask sends a document.
func (s *stage) ask(query string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.send(string(body), headers...)
}

// codes is the codes of the errors in an answer.
func codes(t *testing.T, w *httptest.ResponseRecorder) []string {
	t.Helper()
	var r struct {
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	var list []string
	for _, e := range r.Errors {
		list = append(list, e.Extensions.Code)
	}
	return list
}

func want(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	got := available.ReplaceAllString(w.Body.String(), `"currentlyAvailable":0`)
	if w.Code != status || got != body {
		t.Errorf("got %d %s\nwant %d %s", w.Code, got, status, body)
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/json; charset=utf-8" {
		t.Errorf("Content-Type is %q", kind)
	}
}

// available is what a bucket holds: the time restores it.
var available = regexp.MustCompile(`"currentlyAvailable":\d+`)

// noCost is the extension of an answer without objects, which costs what a document costs at least.
const noCost = `"extensions":{"cost":{"requestedQueryCost":1,"actualQueryCost":1,"throttleStatus":{"maximumAvailable":2000,"currentlyAvailable":0,"restoreRate":100}}}`

func TestAnswer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.send(
		`{"query":"query Q($t: String) { ping(text: $t) }","variables":{"t":"<ä>"},"operationName":"Q","unknown":1}`,
	)
	want(t, w, 200, `{"data":{"ping":"<ä>"},`+noCost+`}`)
	if got := w.Header().Get("X-Shopify-API-Version"); got != newestVersion {
		t.Errorf("version %q", got)
	}
	want(
		t, s.send(`{ ping(text: "x") }`, "Content-Type", "application/graphql"), 200,
		`{"data":{"ping":"x"},`+noCost+`}`,
	)
	want(
		t, s.send(`{"query":"{ ping }"}`, tokenHeader, "", "Authorization", "bearer good"), 200,
		`{"data":{"ping":null},`+noCost+`}`,
	)
	want(t, s.ask(`{ nothing }`), 200,
		`{"errors":[{"message":"Field 'nothing' doesn't exist on type 'QueryRoot'","path":["query","nothing"],"locations":[{"line":1,"column":3}],"extensions":{"code":"undefinedField","fieldName":"nothing","typeName":"QueryRoot"}}]}`)
}

func TestVersions(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for asked, served := range map[string]string{
		"/admin/api/2025-01/graphql.json": "2025-01", "/admin/api/2026-04/graphql.json": "2026-04",
		"/admin/api/2026-07/graphql.json": "2026-07",
		"/admin/api/2019-04/graphql.json": "2025-01", "/admin/api/2099-10/graphql.json": "2026-07",
		"/admin/api/unstable/graphql.json": "unstable",
		"/admin/api/graphql.json":          "2025-01",
		"/admin/api/2026-02/graphql.json":  "", "/admin/api/latest/graphql.json": "",
		"/admin/api/2026-13/graphql.json": "", "/admin/api/2026-07/other.json": "", "/": "",
	} {
		r := httptest.NewRequestWithContext(
			t.Context(), http.MethodPost, asked, strings.NewReader(`{"query":"{ ping }"}`),
		)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(tokenHeader, goodToken)
		w := httptest.NewRecorder()
		s.gateway.ServeHTTP(w, r)
		status := 200
		if served == "" {
			status = 404
		}
		if got := w.Header().Get("X-Shopify-API-Version"); got != served || w.Code != status ||
			!json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s, version %q, want %q", asked, w.Code, w.Body, got, served)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, method := range []string{
		http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodHead,
	} {
		w := httptest.NewRecorder()
		s.gateway.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		if w.Code != 405 || w.Header().Get("Allow") != "GET, POST" || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s, Allow %q", method, w.Code, w.Body, w.Header().Get("Allow"))
		}
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	refused := `{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}`
	for _, headers := range [][]string{
		{tokenHeader, ""}, {tokenHeader, "wrong"}, {tokenHeader, "", "Authorization", "Bearer wrong"},
		{tokenHeader, "", "Authorization", "Basic good"}, {tokenHeader, "wrong", "Authorization", "Bearer good"},
	} {
		// The answer is the same whatever else is wrong.
		for _, body := range []string{`{"query":"{ ping }"}`, "no JSON"} {
			want(t, s.send(body, headers...), 401, refused)
		}
	}
	down := newStage(t, func(o *Options) { o.Callers = testCallers{err: errors.New("secret cause")} })
	w := down.ask("{ ping }")
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("without a store: %d %s", w.Code, w.Body)
	}
	if !strings.Contains(down.log.String(), "secret cause") {
		t.Errorf("the cause is not in the log: %s", down.log)
	}
}

// silentCallers is a store that says nothing.
type silentCallers struct{}

func (silentCallers) Caller(ctx context.Context, _ string) (access.Caller, error) {
	<-ctx.Done()
	return access.Caller{}, ctx.Err()
}

func TestAuthenticateInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, func(o *Options) { o.Callers, o.Timeout = silentCallers{}, 3*time.Second })
		started := time.Now()
		if w := s.ask("{ ping }"); w.Code != 503 || time.Since(started) != 3*time.Second {
			t.Errorf("after %v: %d %s", time.Since(started), w.Code, w.Body)
		}
	})
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	if got := s.ask("{ ping }", requestIDHeader, "abc-1").Header().Get(requestIDHeader); got != "abc-1" {
		t.Errorf("a sane ID became %q", got)
	}
	for _, strange := range []string{"", "a b", "a\"b", strings.Repeat("x", 129)} {
		if got := s.ask("{ ping }", requestIDHeader, strange).Header().Get(requestIDHeader); got == strange ||
			!saneRequestID.MatchString(got) {
			t.Errorf("%q became %q", strange, got)
		}
	}
	s.on("ping", func(ctx context.Context, _ map[string]any) (string, error) {
		caller, _ := access.CallerFrom(ctx)
		return fmt.Sprintf("%q", RequestID(ctx)+" "+caller.RequestID), nil
	})
	want(t, s.ask("{ ping }", requestIDHeader, "abc"), 200, `{"data":{"ping":"abc abc"},`+noCost+`}`)
}
