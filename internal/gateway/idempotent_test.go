package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
)

// counter is a resolver that counts its calls, and answers with the number.
func counter(calls *atomic.Int32) func(context.Context, map[string]any) (string, error) {
	return func(context.Context, map[string]any) (string, error) {
		return fmt.Sprintf(`{"sum":%d}`, calls.Add(1)), nil
	}
}

func replayed(w *httptest.ResponseRecorder) bool { return w.Header().Get(replayedHeader) == "true" }

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	const mutation = "mutation { add(n: 1) { sum } }"
	wantCodes := func(t *testing.T, w *httptest.ResponseRecorder, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, codes(t, w)); w.Code != 200 || diff != "" {
			t.Errorf("%d %s: codes (-want +got)\n%s", w.Code, w.Body, diff)
		}
	}

	t.Run("the_same_gets_the_same_answer", func(t *testing.T) {
		t.Parallel()
		s, calls := newStage(t), new(atomic.Int32)
		s.on("add", counter(calls))
		first := s.ask(mutation, keyHeader, "k")
		second := s.ask(mutation, keyHeader, "k", tokenHeader, otherToken)
		if first.Body.String() != second.Body.String() || calls.Load() != 1 {
			t.Errorf("%d calls:\n%s\n%s", calls.Load(), first.Body, second.Body)
		}
		if replayed(first) || !replayed(second) {
			t.Errorf("replayed: %v, %v", replayed(first), replayed(second))
		}
		if s.ask(mutation, keyHeader, "other"); calls.Load() != 2 {
			t.Errorf("%d calls with two keys", calls.Load())
		}
		if s.ask(mutation); calls.Load() != 3 {
			t.Errorf("%d calls, one without a key", calls.Load())
		}
	})

	t.Run("a_refusal_is_an_answer", func(t *testing.T) {
		t.Parallel()
		s, calls := newStage(t), new(atomic.Int32)
		s.on("add", func(context.Context, map[string]any) (string, error) {
			calls.Add(1)
			return "", newError(codeNotFound, "Invalid id")
		})
		if a, b := s.ask(mutation, keyHeader, "k"), s.ask(mutation, keyHeader, "k"); calls.Load() != 1 ||
			a.Body.String() != b.Body.String() {
			t.Errorf("%d calls:\n%s\n%s", calls.Load(), a.Body, b.Body)
		}
	})

	t.Run("a_denial_is_none", func(t *testing.T) {
		t.Parallel()
		s, calls := newStage(t), new(atomic.Int32)
		denied := true
		s.on("add", func(ctx context.Context, arguments map[string]any) (string, error) {
			if denied {
				return "", &access.Denied{Operation: "add"}
			}
			return counter(calls)(ctx, arguments)
		})
		wantCodes(t, s.ask(mutation, keyHeader, "k"), access.Code)
		denied = false // The app was given the scope.
		wantCodes(t, s.ask(mutation, keyHeader, "k"))
		if calls.Load() != 1 {
			t.Errorf("%d calls", calls.Load())
		}
	})

	t.Run("a_stored_answer_is_for_who_may_still_ask", func(t *testing.T) {
		t.Parallel()
		may, calls := true, new(atomic.Int32)
		s := newStage(t, func(o *Options) {
			o.MayCall = func(_ access.Caller, field string) bool { return may && field == "add" }
		})
		s.on("add", func(ctx context.Context, arguments map[string]any) (string, error) {
			if !may {
				return "", &access.Denied{Operation: "add"}
			}
			return counter(calls)(ctx, arguments)
		})
		first := s.ask(mutation, keyHeader, "k")
		may = false // The scope was taken away.
		wantCodes(t, s.ask(mutation, keyHeader, "k"), access.Code)
		may = true
		if again := s.ask(mutation, keyHeader, "k"); again.Body.String() != first.Body.String() || calls.Load() != 1 {
			t.Errorf("%d calls:\n%s\n%s", calls.Load(), first.Body, again.Body)
		}
	})

	t.Run("other_content_is_refused", func(t *testing.T) {
		t.Parallel()
		s, calls := newStage(t), new(atomic.Int32)
		s.on("add", counter(calls))
		const document = `"query":"mutation($n: Int!) { add(n: $n) { sum } }"`
		s.send(`{`+document+`,"variables":{"n":1}}`, keyHeader, "k")
		wantCodes(t, s.send(`{`+document+`,"variables":{"n":2}}`, keyHeader, "k"), codeKeyMismatch)
		wantCodes(t, s.ask(mutation, keyHeader, "k"), codeKeyMismatch)
		wantCodes(t, s.send(`{"variables":{"n":1},`+document+`}`, keyHeader, "k"))
		if calls.Load() != 1 {
			t.Errorf("%d calls", calls.Load())
		}
	})

	t.Run("queries_have_none", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.ask("{ ping }", keyHeader, "k")
		s.ask(`{ ping @idempotent(key: "k") }`)
		wantCodes(t, s.ask(`{ ping(text: "") }`, keyHeader, "a\nb"))
		if len(s.keys.rows) != 0 {
			t.Errorf("claimed %v", s.keys.rows)
		}
	})

	t.Run("a_directive_has_one_for_its_field", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		var got []string
		s.on("add", func(ctx context.Context, _ map[string]any) (string, error) {
			got = append(got, operation.CommandID(ctx, ""))
			return "null", nil
		})
		const both = `"query":"mutation($k: String!) { a: add(n: 1) @idempotent(key: $k) { sum } ...f } fragment f on Mutation { b: add(n: 2) @idempotent(key: \"two\") { sum } c: add(n: 3) { sum } }","variables":{"k":"one"}`
		wantCodes(t, s.send(`{`+both+`}`))
		// The field without a key of its own is other work under a key of the header, and under each.
		wantCodes(t, s.send(`{`+both+`}`, keyHeader, "all"), codeKeyMismatch)
		s.keys.rows = nil
		wantCodes(t, s.send(`{`+both+`}`, keyHeader, "all"))
		if diff := cmp.Diff([]string{"1/one/a", "1/two/b", "", "1/one/a", "1/two/b", "1/all/c"}, got); diff != "" {
			t.Errorf("command IDs (-want +got)\n%s", diff)
		}
		wantCodes(t, s.ask(`mutation { other: add(n: 7) @idempotent(key: "two") { sum } }`), codeKeyMismatch)
		wantCodes(
			t,
			s.ask(`mutation { a: add(n: 7) @idempotent(key: "x") { sum } b: add(n: 7) @idempotent(key: "x") { sum } }`),
			codeKeyMismatch,
		)
		if len(got) != 6 {
			t.Errorf("%d calls", len(got))
		}
	})

	t.Run("which_key_is_the_header's_belongs_to_the_request", func(t *testing.T) {
		t.Parallel()
		s, calls := newStage(t), new(atomic.Int32)
		s.on("add", counter(calls))
		const document = `mutation { a: add(n: 1) @idempotent(key: "own") { sum } b: add(n: 2) { sum } }`
		first := s.ask(document, keyHeader, "one")
		if again := s.ask(document, keyHeader, "one"); !replayed(again) || again.Body.String() != first.Body.String() {
			t.Errorf("the very same: %s, want %s", again.Body, first.Body)
		}
		wantCodes(t, s.ask(document, keyHeader, "two"), codeKeyMismatch)
		wantCodes(t, s.ask(document), codeKeyMismatch)
		if calls.Load() != 2 {
			t.Errorf("%d fields were carried out, want 2", calls.Load())
		}
	})

	t.Run("an_answer_rests_on_the_rights_of_who_gets_it", func(t *testing.T) {
		t.Parallel()
		s, calls := newStage(t), new(atomic.Int32)
		s.on("add", counter(calls))
		s.ask(mutation, keyHeader, "k")
		if got := string(s.keys.rows["k"].Grounds); got != "[]" {
			t.Errorf("it rests on %s", got)
		}
		s.keys.rows["k"].Grounds = []byte(`[{"scopes":["read_orders"]}]`)
		w := s.ask(mutation, keyHeader, "k")
		if wantCodes(t, w, codeAccessDenied); calls.Load() != 1 || strings.Contains(w.Body.String(), "sum") {
			t.Errorf("%d calls: %s", calls.Load(), w.Body)
		}
	})

	t.Run("there_is_one_for_a_request", func(t *testing.T) {
		t.Parallel()
		s, calls := newStage(t), new(atomic.Int32)
		s.on("add", counter(calls))
		r := httptest.NewRequestWithContext(
			t.Context(), http.MethodPost, path, strings.NewReader(`{"query":"mutation { add(n: 1) { sum } }"}`),
		)
		r.Header = http.Header{"Content-Type": {"application/json"}, tokenHeader: {goodToken}, keyHeader: {"a", "b"}}
		w := httptest.NewRecorder()
		s.gateway.ServeHTTP(w, r)
		wantCodes(t, w, codeInvalidIdempotencyKey)
		if calls.Load() != 0 {
			t.Errorf("%d calls", calls.Load())
		}
	})

	t.Run("must_be_printable_and_short", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		for _, key := range []string{strings.Repeat("x", 256), "a\x01", "ü"} {
			wantCodes(t, s.ask(mutation, keyHeader, key), codeInvalidIdempotencyKey)
		}
		wantCodes(t, s.ask(`mutation { add(n: 1) @idempotent(key: "") { sum } }`), codeInvalidIdempotencyKey)
	})

	t.Run("a_failure_is_tried_again", func(t *testing.T) {
		t.Parallel()
		for _, failure := range []error{
			errors.New("down"), &fulfillment.Error{Code: fulfillment.CodeUnavailable},
			newError(codeThrottled, "Throttled"),
		} {
			s, calls := newStage(t), new(atomic.Int32)
			s.on("add", func(ctx context.Context, arguments map[string]any) (string, error) {
				if calls.Load() == 0 {
					calls.Add(1)
					return "", failure
				}
				return counter(calls)(ctx, arguments)
			})
			if got := codes(t, s.ask(mutation, keyHeader, "k")); len(got) != 1 {
				t.Errorf("%v: codes %v", failure, got)
			}
			wantCodes(t, s.ask(mutation, keyHeader, "k"))
			wantCodes(t, s.ask("mutation { busy { sum } }", keyHeader, "k"), codeKeyMismatch)
			if calls.Load() != 2 {
				t.Errorf("%d calls", calls.Load())
			}
		}
	})

	t.Run("a_panic_is_tried_again", func(t *testing.T) {
		t.Parallel()
		s, calls := newStage(t), new(atomic.Int32)
		s.on("add", func(ctx context.Context, arguments map[string]any) (string, error) {
			if calls.Load() == 0 {
				calls.Add(1)
				panic("x")
			}
			return counter(calls)(ctx, arguments)
		})
		wantCodes(t, s.ask(mutation, keyHeader, "k"), codeInternal)
		wantCodes(t, s.ask(mutation, keyHeader, "k"))
	})

	t.Run("another_process_has_it", func(t *testing.T) {
		t.Parallel()
		s, other := newStage(t), newStage(t)
		other.gateway.keys = s.keys
		s.on("add", func(context.Context, map[string]any) (string, error) {
			wantCodes(t, other.ask(mutation, keyHeader, "k"), codeConcurrentRequest)
			return `{"sum":1}`, nil
		})
		first := s.ask(mutation, keyHeader, "k")
		if second := other.ask(mutation, keyHeader, "k"); second.Body.String() != first.Body.String() ||
			!replayed(second) {
			t.Errorf("got %s, want %s", second.Body, first.Body)
		}
	})

	t.Run("an_answer_that_is_not_stored_is_not_given", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s, calls := newStage(t), new(atomic.Int32)
			s.on("add", counter(calls))
			failures := 3
			s.keys.before = func(doing string) error {
				if doing == "answer" && failures > 0 {
					failures--
					return errors.New("down")
				}
				return nil
			}
			wantCodes(t, s.ask(mutation, keyHeader, "k")) // It was tried until it was stored.
			failures = 1 << 30
			wantCodes(t, s.ask(mutation, keyHeader, "other"), codeTimeout)
			s.keys.before = func(doing string) error {
				if doing == "answer" {
					return postgres.ErrKeyLost
				}
				return nil
			}
			wantCodes(t, s.ask(mutation, keyHeader, "third"), codeConcurrentRequest)
		})
	})

	t.Run("a_store_that_is_down_is_an_internal_error", func(t *testing.T) {
		t.Parallel()
		s, calls := newStage(t), new(atomic.Int32)
		s.on("add", counter(calls))
		s.keys.before = func(string) error { return errors.New("secret cause") }
		w := s.ask(mutation, keyHeader, "k")
		wantCodes(t, w, codeInternal)
		if calls.Load() != 0 || strings.Contains(w.Body.String(), "secret") ||
			!strings.Contains(s.log.String(), "secret cause") {
			t.Errorf("%d calls, %s, %s", calls.Load(), w.Body, s.log)
		}
	})

	t.Run("a_store_that_is_away_is_asked_again_later", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s, calls := newStage(t, func(o *Options) { o.Timeout = 3 * time.Second }), new(atomic.Int32)
			s.on("add", counter(calls))
			s.keys.before = func(string) error {
				return &net.OpError{Op: "dial", Err: errors.New("connection refused")}
			}
			wantCodes(t, s.ask(mutation, keyHeader, "k"), codeUnavailable)
			s.keys.before = func(string) error {
				time.Sleep(4 * time.Second)
				return context.DeadlineExceeded
			}
			wantCodes(t, s.ask(mutation, keyHeader, "k"), codeTimeout)
			s.keys.before = nil
			wantCodes(t, s.ask(mutation, keyHeader, "k"))
			if calls.Load() != 1 {
				t.Errorf("%d calls", calls.Load())
			}
		})
	})
}

// Fifty who ask the same at once get one answer.
func TestIdempotencyKeyInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, calls := newStage(t), new(atomic.Int32)
		release := make(chan struct{})
		s.on("slow", func(context.Context, map[string]any) (string, error) {
			<-release
			return fmt.Sprintf(`{"sum":%d}`, calls.Add(1)), nil
		})
		answers := make([]string, 50)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() { answers[i] = s.ask("mutation { slow { sum } }", keyHeader, "k").Body.String() })
		}
		synctest.Wait() // Until all are there.
		if got := codes(
			t, s.ask("mutation { busy { sum } }", keyHeader, "k"),
		); !slices.Equal(got, []string{codeKeyMismatch}) {
			t.Errorf("other content meanwhile: %v", got)
		}
		close(release)
		group.Wait()
		if slices.Sort(answers); answers[0] != answers[49] || calls.Load() != 1 ||
			!strings.Contains(answers[0], `{"sum":1}`) {
			t.Errorf("%d calls, answers %s and %s", calls.Load(), answers[0], answers[49])
		}
		if len(s.gateway.flights.byKey) != 0 {
			t.Errorf("%d flights are left", len(s.gateway.flights.byKey))
		}
	})
}

// One who waits for another's answer gives up when its own time is over.
func TestIdempotencyKeyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, func(o *Options) { o.Timeout = time.Minute })
		s.on("slow", func(context.Context, map[string]any) (string, error) {
			time.Sleep(90 * time.Second)
			return "null", nil
		})
		ask := func() []string { return codes(t, s.ask("mutation { slow { sum } }", keyHeader, "k")) }
		var group sync.WaitGroup
		group.Go(func() { ask() })
		synctest.Wait()
		if got := ask(); !slices.Equal(got, []string{codeConcurrentRequest}) {
			t.Errorf("got %v", got)
		}
		group.Wait()
	})
}
