package gateway

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// left is what a bucket has after an answer that tells it; the answer may be a refusal.
func left(t *testing.T, w *httptest.ResponseRecorder) int {
	t.Helper()
	var a struct {
		Extensions struct {
			Cost struct{ ThrottleStatus Status }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v: %.300s", err, w.Body)
	}
	return a.Extensions.Cost.ThrottleStatus.CurrentlyAvailable
}

// crossed is a document in which operations look at each other's fragments: so often that it is not looked at to its
// end.
func crossed() string {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, "query Q%d { ...F } ", i)
	}
	b.WriteString("fragment F on QueryRoot { ")
	for i := range 300 {
		fmt.Fprintf(&b, "a%d: ping(text: $v) ", i)
	}
	return b.String() + "}"
}

// TestEveryAnswerIsPaid: what is refused before it is carried out takes points as well, by what it took to find out,
// and so does what a document's own price says nothing of.
func TestEveryAnswerIsPaid(t *testing.T) {
	t.Parallel()
	send := func(body string) func(*stage) { return func(s *stage) { s.send(body) } }
	ask := func(query string) func(*stage) { return func(s *stage) { s.ask(query) } }
	for _, test := range []struct {
		what  string
		do    func(*stage)
		costs int
	}{
		{"an_operation", ask("{ ping }"), 1},
		{"a_document_that_is_none", ask("{ ping"), 1},
		{"an_unknown_field", ask("{ nothing }"), 1},
		{"a_body_that_is_none", send("{"), 1},
		{"a_document_beyond_the_limit", ask("mutation { " + fields(101) + " }"), 1},
		{"a_long_body", send(`{"query": "{ ping }", "variables": {"a": "` + strings.Repeat("x", 500<<10) + `"}}`), 1 + 48},
		{"a_long_body_that_is_refused", send(strings.Repeat("x", 500<<10)), 1 + 48},
		{"a_body_that_is_too_long", send(strings.Repeat("x", 2<<20)), 1},
		{"a_document_that_takes_long_to_look_at", func(s *stage) {
			s.send(`{"operationName": "Q1", "query": "` + crossed() + `"}`)
		}, 1 + 95},
		{"what_was_answered_before", func(s *stage) {
			s.ask("mutation { add(n: 1) { sum } }", keyHeader, "k")
			s.ask("mutation { add(n: 1) { sum } }", keyHeader, "k")
		}, 10 + 1},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t)
				test.do(s)
				if now := left(t, s.ask("{ ping }")); now != 2000-1-test.costs {
					t.Errorf("it cost %d points, want %d", 2000-1-now, test.costs)
				}
			})
		})
	}
}

// TestWhatIsOwedComesFirst: a token that has taken more than it had is given nothing until that has come back, and
// nothing that it sends is looked at.
func TestWhatIsOwedComesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		hostile := `{"operationName": "Q1", "query": "` + crossed() + `"}`
		sent := 0
		for ; left(t, s.ask("{ ping }")) >= 0; sent++ {
			s.send(hostile)
		}
		if sent < 19 || sent > 22 {
			t.Errorf("%d were looked at", sent)
		}
		w := s.send(hostile)
		if got := codes(t, w); len(got) != 1 || got[0] != codeThrottled || left(t, w) >= 0 {
			t.Errorf("what is sent then: %s", w.Body)
		}
		time.Sleep(time.Duration(-left(t, w))*10*time.Millisecond + 10*time.Millisecond)
		if w := s.ask("{ ping }"); !strings.Contains(w.Body.String(), `"data"`) {
			t.Errorf("after that has come back: %s", w.Body)
		}
	})
}
