package gateway

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestMediaFor: who names GraphQL's media type, and likes nothing better, gets it.
func TestMediaFor(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"":                                  mediaJSON,
		"*/*":                               mediaJSON,
		"text/html":                         mediaJSON,
		"application/json":                  mediaJSON,
		"application/graphql-response+json": mediaGraphQL,
		"application/graphql-response+json, application/json;q=0.9":   mediaGraphQL,
		"application/json;q=0.9,application/graphql-response+json":    mediaGraphQL,
		"application/json,application/graphql-response+json":          mediaJSON,
		"application/graphql-response+json;q=0.1, */*":                mediaJSON,
		"application/graphql-response+json;q=0, application/json;q=0": mediaJSON,
		"application/graphql-response+json; charset=utf-8":            mediaGraphQL,
		"multipart/mixed, application/graphql-response+json, */*;q=0": mediaGraphQL,
		";;;, =, application/graphql-response+json":                   mediaGraphQL,
	} {
		if got := mediaFor([]string{accept}); got != want {
			t.Errorf("Accept: %s gets %s, want %s", accept, got, want)
		}
	}
}

// TestStatusTellsWhatCameOfADocument: with GraphQL's media type, the status is the answer's.
func TestStatusTellsWhatCameOfADocument(t *testing.T) {
	t.Parallel()
	for rule, test := range map[string]struct {
		body string
		want int
	}{
		"data":                           {`{"data":{"ping":null}}`, 200},
		"data and errors":                {`{"data":null,"errors":[{"message":"a","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`, 200},
		"a wrong document":               {`{"errors":[{"message":"a","extensions":{"code":"undefinedField"}}]}`, 400},
		"an error of a kind that is new": {`{"errors":[{"message":"a"}]}`, 400},
		"too dear":                       {`{"errors":[{"message":"a","extensions":{"code":"MAX_COST_EXCEEDED"}}]}`, 400},
		"throttled":                      {`{"errors":[{"message":"a","extensions":{"code":"THROTTLED"}}]}`, 429},
		"another's key":                  {`{"errors":[{"message":"a","extensions":{"code":"IDEMPOTENCY_KEY_PARAMETER_MISMATCH"}}]}`, 422},
		"a key at work":                  {`{"errors":[{"message":"a","extensions":{"code":"IDEMPOTENCY_CONCURRENT_REQUEST"}}]}`, 409},
		"no answer in time":              {`{"errors":[{"message":"a","extensions":{"code":"TIMEOUT"}}]}`, 504},
		"a fault of ours":                {`{"errors":[{"message":"a","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`, 500},
	} {
		if got := statusOf([]byte(test.body)); got != test.want {
			t.Errorf("%s: status %d, want %d", rule, got, test.want)
		}
	}
}

// get sends a GET request with the parameters of its URL.
func (s *stage) get(query string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path+"?"+query, nil)
	r.Header.Set(tokenHeader, goodToken)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.gateway.ServeHTTP(w, r)
	return w
}

// TestGET: queries may come in the URL, and nothing that changes something.
func TestGET(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	with := func(values ...string) string {
		q := url.Values{}
		for i := 0; i+1 < len(values); i += 2 {
			q.Add(values[i], values[i+1])
		}
		return q.Encode()
	}
	for rule, test := range map[string]struct {
		query  string
		status int
		says   string
	}{
		"a query":           {with("query", "{ ping }"), 200, `{"data":{"ping":null}`},
		"with variables":    {with("query", "query ($t: String) { ping(text: $t) }", "variables", `{"t":"x"}`), 200, `"x"`},
		"empty variables":   {with("query", "{ ping }", "variables", ""), 200, `{"data"`},
		"a choice":          {with("query", "query A { ping } query B { b: ping }", "operationName", "B"), 200, `{"b":`},
		"extensions":        {with("query", "{ ping }", "extensions", `{"a":1}`), 200, `{"data"`},
		"a mutation":        {with("query", "mutation { add(n: 1) { sum } }"), 405, "send mutations with POST"},
		"nothing":           {"", 400, "Required parameter"},
		"no object":         {with("query", "{ ping }", "variables", "[1]"), 400, `{"errors":{"variables":`},
		"no JSON":           {with("query", "{ ping }", "variables", "{"), 400, `{"errors":{"variables":`},
		"more after it":     {with("query", "{ ping }", "variables", "{} {}"), 400, `{"errors":{"variables":`},
		"no extensions":     {with("query", "{ ping }", "extensions", "1"), 400, `{"errors":{"extensions":`},
		"something twice":   {with("query", "{ ping }", "query", "{ slow }"), 400, "twice"},
		"not UTF-8":         {"query=%7Bping(text:%22%ff%22)%7D", 400, "UTF-8"},
		"a broken document": {with("query", "{"), 200, `{"errors":[{"message"`},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			if w := s.get(test.query); w.Code != test.status || !strings.Contains(w.Body.String(), test.says) {
				t.Errorf("status %d: %s; want %d with %s", w.Code, w.Body, test.status, test.says)
			}
		})
	}
	w := s.get(with("query", "{"), "Accept", mediaGraphQL)
	if kind := w.Header().Get("Content-Type"); w.Code != 400 || kind != mediaGraphQL+"; charset=utf-8" {
		t.Errorf("status %d, %s", w.Code, kind)
	}
}
