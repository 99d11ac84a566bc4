package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/document"
	"packhorse/internal/refusal"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	fail := func(err error) func(context.Context, map[string]any) (string, error) {
		return func(context.Context, map[string]any) (string, error) { return "", err }
	}
	for name, test := range map[string]struct {
		err     error
		code    string
		message string
		logged  bool
	}{
		"with_a_code": {&gqlerror.Error{
			Message: "Invalid id: x", Extensions: map[string]any{"code": "RESOURCE_NOT_FOUND"},
		},
			"RESOURCE_NOT_FOUND", `"message":"Invalid id: x"`, false},
		"wrapped_with_a_code": {gqlerror.WrapPath(nil, newError("RESOURCE_NOT_FOUND", "Invalid id: x")),
			"RESOURCE_NOT_FOUND", `"message":"Invalid id: x"`, false},
		"denied": {
			&access.Denied{Operation: "secret"}, access.Code, `Access denied for secret field.`, false,
		},
		"no_answer_in_time": {
			&fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: "secret"}, codeUnavailable,
			`may still be carried out`, true,
		},
		"not_to_be_stored": {
			&fulfillment.Error{Code: fulfillment.CodeInternal, Message: "It is our fault."}, codeInternal,
			`It is our fault.`, true,
		},
		"another_body": {fulfillment.IdempotencyConflict(), codeKeyMismatch, `Use a new command ID.`, false},
		"no_database": {
			fmt.Errorf("list: %w", &net.OpError{Op: "dial", Err: errors.New("secret")}), codeUnavailable,
			refusal.UnavailableMessage, true,
		},
		"read_only": {
			fmt.Errorf("commit: %w", &pgconn.PgError{Code: "25006", Message: "secret"}), codeUnavailable,
			refusal.UnavailableMessage, true,
		},
		"statement_timeout": {
			fmt.Errorf("list: %w", &pgconn.PgError{Code: "57014", Message: "secret"}), codeUnavailable,
			refusal.UnavailableMessage, true,
		},
		"anything_else": {
			errors.New("secret"), codeInternal,
			`Internal error. Looks like something went wrong on our end. Request ID: id-7 (include this in support requests).`,
			true,
		},
		"refusal": {
			&fulfillment.Error{Code: fulfillment.CodeInvalid, Message: "first must be from 1 to 250."},
			document.CodeBadRequest, `first must be from 1 to 250.`, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.on("broken", fail(test.err))
			w := s.ask("{ ping broken }", requestIDHeader, "id-7")
			if got := codes(t, w); w.Code != 200 || !slices.Equal(got, []string{test.code}) ||
				!strings.Contains(w.Body.String(), test.message) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "secret") && test.code != access.Code {
				t.Errorf("the cause got out: %s", w.Body)
			}
			if !strings.Contains(w.Body.String(), `{"data":{"ping":null,"broken":null},`) ||
				!strings.Contains(w.Body.String(), `"path":["broken"]`) && test.code != "RESOURCE_NOT_FOUND" {
				t.Errorf("the rest or the path is missing: %s", w.Body)
			}
			log := s.log.String()
			logged := strings.Contains(log, "level=ERROR") || strings.Contains(log, "level=WARN")
			whole := strings.Contains(log, "request_id=id-7") && strings.Contains(log, test.err.Error())
			if logged != test.logged || logged && !whole {
				t.Errorf("log: %s", log)
			}
		})
	}

	t.Run("are_logged_once_for_a_request", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.on("broken", fail(errors.New("cause")))
		if got := codes(t, s.ask("{ a: broken b: broken c: broken }")); len(got) != 3 {
			t.Errorf("codes %v", got)
		}
		if n := strings.Count(s.log.String(), "level=ERROR"); n != 1 {
			t.Errorf("%d errors in the log:\n%s", n, s.log)
		}
	})

	t.Run("a_panic_is_an_internal_error", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.on("broken", func(context.Context, map[string]any) (string, error) { panic("secret state") })
		w := s.ask("{ ping broken }")
		if got := codes(t, w); w.Code != 200 || !slices.Equal(got, []string{codeInternal}) ||
			strings.Contains(w.Body.String(), "secret") {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if log := s.log.String(); strings.Count(log, "level=ERROR") != 1 || !strings.Contains(log, "secret state") ||
			!strings.Contains(log, "errors_test.go") {
			t.Errorf("log: %s", log)
		}
	})

	t.Run("a_panic_outside_resolvers_is_answered", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, func(o *Options) { o.Around = func(context.Context) context.Context { panic("x") } })
		if got := codes(t, s.ask("{ ping }")); !slices.Equal(got, []string{codeInternal}) {
			t.Errorf("codes %v", got)
		}
		s = newStage(t, func(o *Options) { o.Documents = nil })
		if w := s.ask("{ ping }"); w.Code != 500 || !slices.Equal(codes(t, w), []string{codeInternal}) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, func(o *Options) { o.Timeout = 3 * time.Second })
		s.on("slow", func(ctx context.Context, _ map[string]any) (string, error) {
			<-ctx.Done()
			return "", fmt.Errorf("ask: %w", ctx.Err())
		})
		started := time.Now()
		w := s.ask("mutation { slow { sum } }")
		if got := codes(t, w); w.Code != 200 || !slices.Equal(got, []string{codeTimeout}) {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if took := time.Since(started); took != 3*time.Second {
			t.Errorf("took %v", took)
		}
		if strings.Contains(s.log.String(), "level=ERROR") || !strings.Contains(s.log.String(), "class=timeout") ||
			!strings.Contains(s.log.String(), "ask: context deadline exceeded") {
			t.Errorf("log: %s", s.log)
		}
	})
}

// A mutation goes on when the asker hangs up, a query ends.
func TestHangUp(t *testing.T) {
	t.Parallel()
	for kind, goesOn := range map[string]bool{"query { slow }": false, "mutation { slow { sum } }": true} {
		s := newStage(t)
		gone, hangUp := context.WithCancel(t.Context())
		var ended error
		s.on("slow", func(ctx context.Context, _ map[string]any) (string, error) {
			hangUp()
			ended = ctx.Err()
			return "null", ended
		})
		r, err := http.NewRequestWithContext(gone, http.MethodPost, path, strings.NewReader(kind))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/graphql")
		r.Header.Set(tokenHeader, goodToken)
		s.gateway.ServeHTTP(discard{}, r)
		if (ended == nil) != goesOn {
			t.Errorf("%s: ended with %v", kind, ended)
		}
	}
}

// discard is an asker who has hung up.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return 0, errors.New("gone") }
func (discard) WriteHeader(int)             {}
