package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// answered reads an answer's errors.
func answered(t *testing.T, body []byte) (errs gqlerror.List, actual float64) {
	t.Helper()
	var a struct {
		Errors     gqlerror.List
		Extensions struct {
			Cost struct{ ActualQueryCost float64 }
		}
	}
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatalf("%v: %.500s", err, body)
	}
	return a.Errors, a.Extensions.Cost.ActualQueryCost
}

// TestAnswerHasALimit: what would be larger is left out, and costs what it might have cost.
func TestAnswerHasALimit(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *Options) { o.MaxAnswer = 1 << 20 })
	s.on("slow", func(context.Context, map[string]any) (string, error) {
		return string(encode(strings.Repeat("x", 1<<20))), nil
	})
	w := s.ask("{ slow }")
	errs, _ := answered(t, w.Body.Bytes())
	if len(errs) != 1 || codeOf(errs[0]) != codeAnswerTooLarge || w.Body.Len() > 1000 {
		t.Errorf("it is %.500s", w.Body)
	}
	s.on("slow", func(context.Context, map[string]any) (string, error) {
		return string(encode(strings.Repeat("x", 500_000))), nil
	})
	if w := s.ask("{ slow }"); w.Body.Len() < 500_000 {
		t.Errorf("what has room is %.500s", w.Body)
	}
}

// TestErrorsAreBounded: an answer has 100 errors and one that counts the others, with clipped texts.
func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	long := strings.Repeat("x", 100_000)
	s.on("ping", func(context.Context, map[string]any) (string, error) { return "", newError("A_CODE", "%s", long) })
	var fields strings.Builder
	for i := range 300 {
		fmt.Fprintf(&fields, "a%d: ping ", i)
	}
	w := s.ask("{ " + fields.String() + "}")
	errs, _ := answered(t, w.Body.Bytes())
	if len(errs) != 101 || errs[100].Message != "Too many errors: 200 more are left out." {
		t.Errorf("%d errors, the last is %v", len(errs), errs[len(errs)-1])
	}
	if w.Body.Len() > maxErrorBytes+10_000 {
		t.Errorf("they have %d bytes", w.Body.Len())
	}
	s.on("ping", func(context.Context, map[string]any) (string, error) { return "", errors.New("broken") })
	errs, _ = answered(t, s.ask("{ ping }").Body.Bytes())
	if len(errs) != 1 {
		t.Errorf("one error is %v", errs)
	}
}

// TestBodyHasSoManyValues: short ones would take many times their size in memory.
func TestBodyHasSoManyValues(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	body := func(n int, text string) string {
		return `{"query": "{ ping }", "variables": {"a": [` + strings.Repeat(text+",", n) + `0]}}`
	}
	for _, test := range []struct {
		what, body string
		status     int
	}{
		{"many numbers", body(100_000, "1"), http.StatusRequestEntityTooLarge},
		{"many objects", body(70_000, `{"a":1}`), http.StatusRequestEntityTooLarge},
		{"fewer", body(50_000, "1"), http.StatusOK},
		{"commas in texts", body(10, `"`+strings.Repeat(`,\",`, 20_000)+`"`), http.StatusOK},
	} {
		if w := s.send(test.body); w.Code != test.status {
			t.Errorf("%s: status %d, want %d: %.200s", test.what, w.Code, test.status, w.Body)
		}
	}
}
