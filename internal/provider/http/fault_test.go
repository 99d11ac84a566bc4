package http_test

import (
	"context"
	"io"
	nethttp "net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"packhorse/examples/warehouse/warehouse"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
)

// fault is what goes wrong with the first request that is put. Before: the warehouse has not seen it.
type fault func(w nethttp.ResponseWriter, r *nethttp.Request, warehouse nethttp.Handler)

// reset ends the connection as a crash does.
func reset(nethttp.ResponseWriter, *nethttp.Request, nethttp.Handler) { panic(nethttp.ErrAbortHandler) }

func answer(status int, header map[string]string, body string) fault {
	return func(w nethttp.ResponseWriter, _ *nethttp.Request, _ nethttp.Handler) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hang keeps the caller waiting until it has gone, which a server notices when it has read the body.
func hang(_ nethttp.ResponseWriter, r *nethttp.Request, _ nethttp.Handler) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// after lets the warehouse see the request first.
func after(f fault) fault {
	return func(w nethttp.ResponseWriter, r *nethttp.Request, handler nethttp.Handler) {
		handler.ServeHTTP(httptest.NewRecorder(), r)
		f(w, r, handler)
	}
}

// cut sends half of the warehouse's answer.
func cut(w nethttp.ResponseWriter, r *nethttp.Request, handler nethttp.Handler) {
	whole := httptest.NewRecorder()
	handler.ServeHTTP(whole, r)
	w.Header().Set("Content-Length", whole.Header().Get("Content-Length"))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(whole.Code)
	_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
	panic(nethttp.ErrAbortHandler)
}

// flood sends more than anybody reads.
func flood(w nethttp.ResponseWriter, r *nethttp.Request, handler nethttp.Handler) {
	handler.ServeHTTP(httptest.NewRecorder(), r)
	w.WriteHeader(nethttp.StatusCreated)
	_, _ = io.WriteString(w, `{"outcome":"ACCEPTED","message":"`+strings.Repeat("x", 257<<10)+`"}`)
}

// TestFaults: whatever becomes of the first call, two calls are one request, and what was answered is heard in the end.
func TestFaults(t *testing.T) {
	t.Parallel()
	wait := map[string]string{"Retry-After": "1"}
	for name, test := range map[string]struct {
		fault fault
		class provider.Class
	}{
		"reset_before_the_effect":    {reset, provider.UnknownOutcome},
		"reset_after_the_effect":     {after(reset), provider.UnknownOutcome},
		"time-out_before_the_effect": {hang, provider.UnknownOutcome},
		"time-out_after_the_effect":  {after(hang), provider.UnknownOutcome},
		"cut_body":                   {cut, provider.UnknownOutcome},
		"flood":                      {flood, provider.UnknownOutcome},
		"no_JSON":                    {after(answer(201, nil, "<html>")), provider.UnknownOutcome},
		"500_before_the_effect":      {answer(500, nil, ""), provider.UnknownOutcome},
		"502_after_the_effect":       {after(answer(502, nil, "")), provider.UnknownOutcome},
		"503_that_says_nothing":      {after(answer(503, nil, "")), provider.UnknownOutcome},
		"503_with_a_time":            {answer(503, wait, ""), provider.Retryable},
		"429_with_a_time":            {answer(429, wait, ""), provider.Retryable},
		"429_with_a_time_and_effect": {after(answer(429, wait, "")), provider.Retryable},
		"500_that_says_nothing_happened": {answer(500, map[string]string{"Content-Type": "application/problem+json"},
			`{"title":"x","status":500,"effect":"none"}`), provider.Retryable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler := open(t, warehouse.Config{}).Handler()
			var puts atomic.Int64
			server := serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				if r.Method == nethttp.MethodPut && puts.Add(1) == 1 {
					test.fault(w, r, handler)
					return
				}
				handler.ServeHTTP(w, r)
			}))
			p := newProvider(t, server.URL)
			request := providertest.Request("fulfillment-order/7#12")
			request.ServiceOptions = map[string]any{
				"url": server.URL, "secretName": "WAREHOUSE", "timeout": "300ms", "connectTimeout": "300ms",
			}
			attempt := provider.Attempt{First: true, Query: provider.Query{Key: request.Key,
				Kind: fulfillment.EffectRequest, RequestKey: request.Key}}
			send := func(ctx context.Context) (provider.Answer, error) { return p.Create(ctx, request) }
			_, err := provider.Call(t.Context(), p, attempt, send)
			if class := provider.Classify(err); class != test.class {
				t.Errorf("the first call: %s, %v; want %s", class, err, test.class)
			}
			if after := provider.RetryAfter(err); (test.class == provider.Retryable && after == 0) &&
				!strings.Contains(name, "nothing_happened") {
				t.Errorf("the first call asks for no pause: %v", err)
			}
			attempt.First = false
			got, err := provider.Call(t.Context(), p, attempt, send)
			if err != nil || got.Outcome != fulfillment.OutcomeAccepted || got.Reference == "" {
				t.Errorf("the second call: %+v, %v", got, err)
			}
			again, err := p.Create(t.Context(), request)
			if err != nil || again.Reference != got.Reference {
				t.Errorf("the key has %q, and %q, %v", got.Reference, again.Reference, err)
			}
		})
	}
}

// TestUnreachable: what was never sent may be sent again; what may not be called is for a person.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nethttp.NotFoundHandler())
	gone.Close()
	plain := serve(t, nethttp.NotFoundHandler())
	silent := strings.Replace(plain.URL, "http://", "https://", 1)
	for name, test := range map[string]struct {
		url   string
		class provider.Class
	}{
		"refused":      {gone.URL, provider.Retryable},
		"no_such_host": {"http://warehouse.invalid", provider.Retryable},
		"no_TLS":       {silent, provider.Retryable},
	} {
		p := newProvider(t, test.url)
		_, err := p.Create(t.Context(), providertest.Request("a"))
		if class := provider.Classify(err); class != test.class {
			t.Errorf("%s: %s, want %s: %v", name, class, test.class, err)
		}
	}
	gone2, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := newProvider(t, plain.URL).Create(gone2, providertest.Request("a")); provider.Classify(err) != provider.Retryable {
		t.Errorf("the caller was gone before anything was sent: %v", err)
	}
}

// TestRedirectsAreNotFollowed: they would lead to an address that nobody has allowed, and a path that nobody signed
// for.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var followed atomic.Int64
	target := serve(t, nethttp.HandlerFunc(func(nethttp.ResponseWriter, *nethttp.Request) { followed.Add(1) }))
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := serve(t, nethttp.RedirectHandler(target.URL, status))
		_, err := newProvider(t, server.URL).Create(t.Context(), providertest.Request("a"))
		if provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), "redirect") {
			t.Errorf("%d: %v, want a permanent error that says so", status, err)
		}
	}
	if n := followed.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

// TestTimeouts: a warehouse that takes longer than its service's options allow is given up, and asked later.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	server := serve(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) { hang(w, r, nil) }))
	request := providertest.Request("a")
	request.ServiceOptions = map[string]any{"url": server.URL, "secretName": "WAREHOUSE", "timeout": "200ms",
		"connectTimeout": "100ms"}
	began := time.Now()
	_, err := newProvider(t, server.URL).Create(t.Context(), request)
	if took := time.Since(began); took > 5*time.Second || provider.Classify(err) != provider.UnknownOutcome {
		t.Errorf("after %s: %v", took, err)
	}
}
