package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
)

// printShop hands out one document, or fails.
type printShop struct {
	document *paper.Document
	err      error
	asked    []string
}

func (p *printShop) Print(_ context.Context, name string) (*paper.Document, []byte, error) {
	p.asked = append(p.asked, name)
	if p.err != nil {
		return p.document, nil, p.err
	}
	return p.document, []byte("%PDF-1"), nil
}

func (s *stage) document(method, name string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, PapersPath+name, nil)
	r.Header.Set(tokenHeader, goodToken)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.gateway.ServeHTTP(w, r)
	return w
}

// TestDocument: a document is handed out as a file that nobody but its asker keeps, and the log says who got which one.
func TestDocument(t *testing.T) {
	t.Parallel()
	shop := &printShop{document: &paper.Document{
		ID: 7, OrderID: 8, Name: "label-é\"", MediaType: paper.PDF, SHA256: strings.Repeat("ab", 32),
	}}
	s := newStage(t, func(o *Options) { o.Papers = shop })
	w := s.document(http.MethodGet, "7")
	if w.Code != http.StatusOK || w.Body.String() != "%PDF-1" || len(shop.asked) != 1 || shop.asked[0] != "7" {
		t.Errorf("%d: %q", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "Content-Length": "6",
		"Content-Disposition":    `attachment; filename*=utf-8''label-%C3%A9_.pdf`,
		"Cache-Control":          "private, no-store",
		"Etag":                   `"` + strings.Repeat("ab", 32) + `"`,
		"X-Content-Type-Options": "nosniff",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if log := s.log.String(); !strings.Contains(log, "document=7") || !strings.Contains(log, "app=shop") ||
		strings.Contains(log, "%PDF") || strings.Contains(log, "label-") {
		t.Errorf("the log is %s", log)
	}
}

// TestDocumentRefused: who has no token gets nothing, and what is not to be had is told apart.
func TestDocumentRefused(t *testing.T) {
	t.Parallel()
	soon := time.Now()
	notThere := &fulfillment.Error{Code: fulfillment.CodeNotFound, Message: "The document could not be fetched: gone"}
	for rule, c := range map[string]struct {
		shop    printShop
		method  string
		headers []string
		status  int
		says    string
		retry   string
	}{
		"without_a_token": {method: http.MethodGet, headers: []string{tokenHeader, "wrong"}, status: 401, says: "[API]"},
		"to_be_changed":   {method: http.MethodPut, status: 405, says: "documents are read with GET"},
		"unknown": {
			shop:   printShop{err: fmt.Errorf("secret: %w", fulfillment.ErrNotFound)},
			method: http.MethodGet, status: 404, says: "there is no such document",
		},
		"never_was_to_be_had": {
			shop:   printShop{document: &paper.Document{}, err: notThere},
			method: http.MethodGet, status: 404, says: "could not be fetched: gone",
		},
		"on_its_way": {
			shop:   printShop{document: &paper.Document{NextAt: &soon}, err: notThere},
			method: http.MethodGet, status: 503, says: "gone", retry: "5",
		},
		"no_database": {
			shop:   printShop{err: &net.OpError{Op: "dial", Err: errors.New("secret")}},
			method: http.MethodGet, status: 503, says: "Service unavailable", retry: "1",
		},
		"a_fault": {shop: printShop{err: errors.New("secret")}, method: http.MethodGet, status: 500, says: "Request ID"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, func(o *Options) { o.Papers = &c.shop })
			w := s.document(c.method, "7", c.headers...)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || strings.Contains(w.Body.String(), "secret") ||
				w.Header().Get("Retry-After") != c.retry || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %v: %s", w.Code, w.Header(), w.Body)
			}
		})
	}
}

// TestDocumentThrottled: who owes points has to wait, and a document costs what its size does.
func TestDocumentThrottled(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(o *Options) {
		buckets, err := NewBuckets(Rate{Maximum: 1, RestorePerSecond: 0.001}, 10)
		if err != nil {
			t.Fatal(err)
		}
		o.Buckets, o.Papers = buckets, &printShop{document: &paper.Document{MediaType: paper.PDF}}
	})
	for s.document(http.MethodGet, "7").Code == http.StatusOK { // Until there is nothing left.
	}
	if w := s.document(http.MethodGet, "7"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}
