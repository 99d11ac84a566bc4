package graphiql

import (
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"packhorse/internal/graphql/document"
	"packhorse/internal/graphql/schema"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	handler := Handler("/admin/api/x/graphql.json")
	get := func(path string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	page := get("/")
	if page.Code != 200 || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("the page: %d %s", page.Code, page.Header())
	}
	// Everything that the page and its style name is served here, and a browser runs nothing else.
	references := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page.Body.String(), -1)
	if len(references) < 4 {
		t.Errorf("the page names %d files", len(references))
	}
	for _, reference := range references {
		if path := reference[1]; path != "data:," && get("/"+path).Code != 200 {
			t.Errorf("%s is not served", path)
		}
	}
	if got := page.Header().Get("Content-Security-Policy"); !strings.Contains(
		got, "default-src 'none'; script-src 'self';",
	) {
		t.Errorf("policy %q", got)
	}
	if w := get("/", "If-None-Match", page.Header().Get("ETag")); w.Code != 304 {
		t.Errorf("a page that the browser has: %d", w.Code)
	}
	if w := get("/page.go"); w.Code != 404 {
		t.Errorf("an unknown file: %d", w.Code)
	}
	var got setup
	if err := json.Unmarshal(get("/setup.json").Body.Bytes(), &got); err != nil ||
		got.Endpoint != "/admin/api/x/graphql.json" || len(got.Examples) < 10 {
		t.Errorf("setup: %+v, %v", got, err)
	}
}

var reference = regexp.MustCompile(`{{([^}]*)}}`)

// Every example is valid for the schema, in itself and in the order of the story.
func TestExamples(t *testing.T) {
	t.Parallel()
	answered := map[string]string{}
	for _, example := range Examples() {
		variables := map[string]any{}
		if example.Variables != "" {
			decoder := json.NewDecoder(strings.NewReader(example.Variables))
			decoder.UseNumber()
			if err := decoder.Decode(&variables); err != nil {
				t.Errorf("%s: its variables: %v", example.Name, err)
			}
		}
		request := document.Request{Query: example.Query, Variables: variables}
		prepared, _, errs := document.Prepare(schema.Load(), request)
		if len(errs) > 0 {
			t.Errorf("%s: %v", example.Name, errs)
			continue
		}
		if _, errs := document.Estimate(
			schema.Load(), prepared.Operation, prepared.Document, prepared.Variables, document.DefaultLimits,
		); len(errs) > 0 {
			t.Errorf("%s: %v", example.Name, errs)
		}
		for _, used := range reference.FindAllStringSubmatch(example.Variables, -1) {
			operation, path, _ := strings.Cut(used[1], ".")
			field, _, _ := strings.Cut(path, ".")
			if document, ok := answered[operation]; used[1] != "unique" &&
				(!ok || !strings.Contains(document, field+"(")) {
				t.Errorf("%s: nothing before it answers %s", example.Name, used[0])
			}
		}
		name := prepared.Operation.Name
		if _, twice := answered[name]; twice || name == "" {
			t.Errorf("%s: its operation's name %q is not its own", example.Name, name)
		}
		answered[name] = example.Query
	}
}
