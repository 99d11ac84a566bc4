package gateway

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestBodies(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *Options) { o.MaxBody = 2000 })
	for name, test := range map[string]struct {
		body    string
		kind    string // default: application/json
		status  int
		message string // part of the answer
	}{
		"no_query": {`{}`, "", 400, `{"errors":{"query":"Required parameter missing or invalid"}}`},
		"null_query": {
			`{"query":null}`, "", 400, `{"errors":{"query":"Required parameter missing or invalid"}}`,
		},
		"empty_query": {
			`{"query":" "}`, "", 400, `{"errors":{"query":"Required parameter missing or invalid"}}`,
		},
		"query_is_no_text": {
			`{"query":1}`, "", 400, `{"errors":{"query":"Required parameter missing or invalid"}}`,
		},
		"variables_are_no_object": {`{"query":"{ ping }","variables":[1]}`, "", 400, `{"errors":{"variables":`},
		"operation_name_no_text":  {`{"query":"{ ping }","operationName":1}`, "", 400, `{"errors":{"operationName":`},
		"nulls_are_nothing": {
			`{"query":"{ ping }","operationName":null,"variables":null}`, "", 200, `{"data":{"ping":null}`,
		},
		"a_field_twice": {`{"query":"{ ping }","query":"{ slow }"}`, "", 400, `twice`},
		"cut_off":       {`{"query":"{ ping }"`, "", 400, `not valid JSON`},
		"nothing":       {``, "", 400, `not valid JSON`},
		"not_JSON":      {`query=x`, "", 400, `not valid JSON`},
		"bad_escape":    {`{"query":"\x"}`, "", 400, `not valid JSON`},
		"more_after_it": {`{"query":"{ ping }"} {}`, "", 400, `more after`},
		"text":          {`"x"`, "", 400, `must be a JSON object`},
		"batch":         {`[{"query":"{ ping }"}]`, "", 400, `Batches`},
		"not_UTF-8":     {"{\"query\":\"{ ping(text: \xff) }\"}", "", 400, `UTF-8`},
		"deep": {
			`{"variables":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `}`, "", 400, `variables`,
		},
		"too_deep": {
			`{"query":"{ ping }","more":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "", 400,
			`The body is nested more than 100 levels deep.`,
		},
		"brackets_in_texts":       {`{"query":"{ ping }","more":"` + strings.Repeat(`[\"`, 200) + `"}`, "", 200, `{"data"`},
		"too_large":               {`{"query":"` + strings.Repeat(" ", 2000) + `"}`, "", 413, `2000 bytes`},
		"form":                    {`query=x`, "application/x-www-form-urlencoded", 415, `application/json`},
		"no_type":                 {`{"query":"{ ping }"}`, "none", 415, `application/json`},
		"latin-1":                 {`{"query":"{ ping }"}`, "application/json; charset=latin1", 415, `UTF-8`},
		"utf-8":                   {`{"query":"{ ping }"}`, `application/json; charset="UTF-8"`, 200, `{"data"`},
		"graphql":                 {`{ ping }`, "application/graphql", 200, `{"data"`},
		"empty_graphql":           {` `, "application/graphql", 400, `Required parameter`},
		"unknown_fields_are_left": {`{"query":"{ ping }","extensions":{"a":1},"id":7}`, "", 200, `{"data"`},
		"numbers_keep_every_digit": {
			`{"query":"query($t: String) { ping(text: $t) }","variables":{"t":"9223372036854775807"}}`, "", 200,
			`9223372036854775807`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind := "application/json"
			switch test.kind {
			case "none":
				kind = ""
			case "":
			default:
				kind = test.kind
			}
			w := s.send(test.body, "Content-Type", kind)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.message) ||
				!json.Valid(w.Body.Bytes()) {
				t.Errorf("got %d %s, want %d …%s…", w.Code, w.Body, test.status, test.message)
			}
		})
	}
	if w := s.send(`{"query":"{ ping }"}`, "Content-Encoding", "gzip"); w.Code != 415 {
		t.Errorf("a compressed body: %d %s", w.Code, w.Body)
	}
}

// FuzzBody sends anything: there must be an answer in JSON, and never one that is our fault.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{ ping }"}`, `{"query":"mutation { add(n: 1) @idempotent(key: \"a\") { sum } }"}`, `[]`, `{"query":`,
		`{"query":"query($t: String) { ping(text: $t) }","variables":{"t":null}}`, "\xff",
		`{"query":"{ ...a } fragment a on QueryRoot { ...a }"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := newStage(t)
		for _, kind := range []string{"application/json", "application/graphql"} {
			w := s.send(string(body), "Content-Type", kind)
			if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || strings.Contains(w.Body.String(), codeInternal) &&
				!reaches(w) {
				t.Errorf("%s: %d %s", kind, w.Code, w.Body)
			}
		}
	})
}

// reaches tells whether a document got to the fields of the test's schema that nobody resolves.
func reaches(w *httptest.ResponseRecorder) bool { return strings.Contains(w.Body.String(), `"data"`) }
