package gateway

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"packhorse/internal/access"
	"packhorse/internal/postgres"
)

// testFeed answers with a page that a test makes, and never has more.
type testFeed struct {
	page func(q postgres.FeedQuery) (postgres.FeedPage, error)
}

func (f testFeed) Feed(_ context.Context, q postgres.FeedQuery) (postgres.FeedPage, error) {
	return f.page(q)
}

func (testFeed) Wait(ctx context.Context, after int64, _ ...string) (int64, error) {
	<-ctx.Done()
	return after, ctx.Err()
}

// scopedCallers gives the caller of a test these scopes.
type scopedCallers []access.Scope

func (c scopedCallers) Caller(ctx context.Context, token string) (access.Caller, error) {
	caller, err := testCallers{}.Caller(ctx, token)
	caller.App.Scopes = c
	return caller, err
}

// eventsStage has a feed that answers with what page makes of a query.
func eventsStage(
	t *testing.T, page func(q postgres.FeedQuery) (postgres.FeedPage, error), change ...func(*Options),
) *stage {
	return newStage(t, append([]func(*Options){func(o *Options) {
		o.Callers = scopedCallers(access.Scopes())
		o.Feed, o.FeedWatch = testFeed{page}, testFeed{}
	}}, change...)...)
}

func (s *stage) events(query string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, EventsPath+"?"+query, nil)
	r.Header.Set(tokenHeader, goodToken)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.gateway.ServeHTTP(w, r)
	return w
}

func empty(q postgres.FeedQuery) (postgres.FeedPage, error) {
	return postgres.FeedPage{Next: q.After, Oldest: 1, Newest: q.After}, nil
}

// TestEventsParameters: what is wrong is told with what is allowed, all of it at once.
func TestEventsParameters(t *testing.T) {
	t.Parallel()
	s := eventsStage(t, empty)
	for query, want := range map[string]string{
		"after=-1":                          `{"errors":{"after":"\"-1\" is no position: a whole number from 0 is needed, or newest."}}`,
		"after=x&limit=0":                   `{"errors":{"after":"\"x\" is no position: a whole number from 0 is needed, or newest.","limit":"\"0\" is no limit: a whole number from 1 to 1000 is needed."}}`,
		"limit=1001":                        `"limit":"\"1001\" is no limit`,
		"order=%231001":                     `"order":"\"#1001\" is no order: its ID is needed, a number or a global one."`,
		"order=gid://shopify/Product/1":     `"order":"\"gid://shopify/Product/1\" is no order`,
		"topic=orders/creat":                `"topic":"There is no topic \"orders/creat\"; there are fulfillment_orders/fulfillment_request_submitted, `,
		"topic=":                            `There is no topic \"\"`,
		"wait=30":                           `"wait":"\"30\" is no time to wait: write it with its unit, such as 30s; from 0s to 1m0s."`,
		"wait=61s":                          `is no time to wait`,
		"since=1":                           `{"errors":{"since":"There is no such parameter; there are after, limit, order, topic, wait."}}`,
		"after=1&after=2":                   `{"errors":{"after":"It is there twice."}}`,
		"after=%ff":                         `"url":"It is not valid UTF-8, URL-encoded."`,
		"after=%zz":                         `"url":"It is not valid UTF-8, URL-encoded."`,
		"limit=" + strings.Repeat("9", 300): `…`,
	} {
		if w := s.events(query); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", query, w.Code, w.Body, want)
		}
	}
	if w := s.events("", "Accept", mediaStream, "Last-Event-ID", "x"); w.Code != http.StatusBadRequest ||
		!strings.Contains(w.Body.String(), `"Last-Event-ID":"\"x\" is no position`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s = eventsStage(t, func(postgres.FeedQuery) (postgres.FeedPage, error) {
		return postgres.FeedPage{}, &postgres.FeedGoneError{After: 30, Oldest: 10, Newest: 20}
	})
	if w := s.events("after=3", "Accept", mediaStream, "Last-Event-ID", "30"); w.Code != http.StatusGone ||
		!strings.Contains(w.Body.String(), `"Last-Event-ID":"Position 30 was never reached`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	var asked postgres.FeedQuery
	s = eventsStage(t, func(q postgres.FeedQuery) (postgres.FeedPage, error) { asked = q; return empty(q) })
	w := s.events("after=7&limit=5&order=gid://shop/Order/12&topic=orders/create,ORDERS_EDITED&topic=ORDERS_CREATE&wait=0s")
	if w.Code != http.StatusOK || asked.After != 7 || asked.Limit != 5 || asked.OrderID != 12 ||
		!slices.Equal(asked.Topics, []string{"orders/create", "orders/edited"}) {
		t.Errorf("%d %s for %+v", w.Code, w.Body, asked)
	}
	if got := w.Body.String(); got != `{"events":[],"next":7,"oldest":1,"newest":7}` {
		t.Errorf("a page without events is %s", got)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, EventsPath, nil)
	r.Header.Set(tokenHeader, goodToken)
	w = httptest.NewRecorder()
	s.gateway.ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %s", w.Code, w.Body)
	}
}

// TestEventsHead: HEAD is answered as GET is, without a body, and does not wait for the end of a stream.
func TestEventsHead(t *testing.T) {
	t.Parallel()
	s := eventsStage(t, func(q postgres.FeedQuery) (postgres.FeedPage, error) {
		return postgres.FeedPage{Next: q.After, Oldest: 1, Newest: 9}, nil
	})
	server := httptest.NewServer(s.gateway)
	t.Cleanup(server.Close)
	for _, media := range []string{mediaJSON, mediaLines, mediaStream} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+EventsPath+"?after=9", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(tokenHeader, goodToken)
		r.Header.Set("Accept", media)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || len(body) != 0 ||
			!strings.HasPrefix(answer.Header.Get("Content-Type"), media) {
			t.Errorf("%s: %d %v, %d bytes, %v", media, answer.StatusCode, answer.Header, len(body), err)
		}
	}
}

// TestEventsManyParameters: what a URL can hold is not told one by one.
func TestEventsManyParameters(t *testing.T) {
	t.Parallel()
	var query strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&query, "%x&", i)
	}
	w := eventsStage(t, empty).events(query.String())
	want := `{"errors":{"url":"It has 3000 parameters; there are after, limit, order, topic, wait."}}`
	if w.Code != http.StatusBadRequest || w.Body.String() != want {
		t.Errorf("%d %.300s, want %s", w.Code, w.Body, want)
	}
}

// TestEventsFaults: who may not read, and what can't be read, has a status of its own.
func TestEventsFaults(t *testing.T) {
	t.Parallel()
	failing := func(err error) func(postgres.FeedQuery) (postgres.FeedPage, error) {
		return func(postgres.FeedQuery) (postgres.FeedPage, error) { return postgres.FeedPage{}, err }
	}
	noScopes := func(o *Options) { o.Callers = scopedCallers{access.WriteLocations} }
	unknown := func(o *Options) { o.Callers = testCallers{access.ErrUnknownToken} }
	for name, test := range map[string]struct {
		err    error
		change func(*Options)
		status int
		body   string
		retry  bool
	}{
		"not kept": {
			err: &postgres.FeedGoneError{After: 3, Oldest: 10, Newest: 20}, status: http.StatusGone,
			body: `{"errors":{"after":"The events after position 3 are not kept any more: the oldest has 10. Read what there is of your orders, and go on after 9."},"newest":20,"oldest":10}`,
		},
		"never reached": {
			err: &postgres.FeedGoneError{After: 30, Oldest: 10, Newest: 20}, status: http.StatusGone,
			body: `Position 30 was never reached`,
		},
		"the database is away": {
			err: &pgconn.PgError{Code: "57P01"}, status: http.StatusServiceUnavailable, body: "Service unavailable",
			retry: true,
		},
		"a fault of ours": {err: fmt.Errorf("secret"), status: http.StatusInternalServerError, body: "Internal error."},
		"no scope": {
			change: noScopes, status: http.StatusForbidden,
			body: "Access denied for events. Required access: `read_merchant_managed_fulfillment_orders` access scope, ",
		},
		"no token": {change: unknown, status: http.StatusUnauthorized, body: "Invalid API key"},
	} {
		for _, media := range []string{mediaJSON, mediaLines, mediaStream} {
			page := empty
			if test.err != nil {
				page = failing(test.err)
			}
			change := test.change
			if change == nil {
				change = func(*Options) {}
			}
			w := eventsStage(t, page, change).events("after=3", "Accept", media)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.body) ||
				strings.Contains(w.Body.String(), "secret") || (w.Header().Get("Retry-After") != "") != test.retry {
				t.Errorf("%s, %s: %d %v %s", name, media, w.Code, w.Header(), w.Body)
			}
		}
	}
}

// TestEventsArePaidFor: pages cost what they are worth, a token in debt gets none until points have come back, and what
// an app waits for with too many requests is refused.
func TestEventsArePaidFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		entries := make([]postgres.FeedEntry, 1000)
		for i := range entries {
			entries[i] = postgres.FeedEntry{Position: int64(i + 1), OrderID: 1, Event: []byte(`{}`)}
		}
		s := eventsStage(t, func(postgres.FeedQuery) (postgres.FeedPage, error) {
			return postgres.FeedPage{Entries: entries, Next: 1000, Oldest: 1, Newest: 5000}, nil
		}, func(o *Options) { o.Buckets, _ = NewBuckets(Rate{Maximum: 30, RestorePerSecond: 1}, 1) })
		for range 3 { // 11 points each
			if w := s.events("limit=1000"); w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
		w := s.events("limit=1000")
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "4" {
			t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
		}
		time.Sleep(4 * time.Second)
		if w := s.events("limit=1000"); w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := eventsStage(t, empty, func(o *Options) { o.MaxFollowers = 2 })
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan int, 2)
		for _, media := range []string{mediaJSON, mediaStream} {
			go func() {
				r := httptest.NewRequestWithContext(ctx, http.MethodGet, EventsPath+"?wait=1m", nil)
				r.Header.Set(tokenHeader, goodToken)
				r.Header.Set("Accept", media)
				w := httptest.NewRecorder()
				s.gateway.ServeHTTP(w, r)
				ended <- w.Code
			}()
		}
		synctest.Wait()
		if w := s.events("wait=1s"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("a third one: %d %s", w.Code, w.Body)
		}
		if w := s.events(""); w.Code != http.StatusOK {
			t.Errorf("one that does not wait: %d %s", w.Code, w.Body)
		}
		end()
		<-ended
		<-ended
		if w := s.events("wait=1s"); w.Code != http.StatusOK {
			t.Errorf("when they have gone: %d %s", w.Code, w.Body)
		}
	})
}

// TestEventsStreamSaysThatItIsThere: a stream on which nothing happens says so, and up to where it has looked.
func TestEventsStreamSaysThatItIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := eventsStage(t, func(q postgres.FeedQuery) (postgres.FeedPage, error) {
			return postgres.FeedPage{Next: 12, Oldest: 1, Newest: 12}, nil
		})
		ctx, end := context.WithTimeout(t.Context(), 2*keepAlive+time.Second)
		defer end()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, EventsPath+"?after=7", nil)
		r.Header.Set(tokenHeader, goodToken)
		r.Header.Set("Accept", mediaStream)
		w := httptest.NewRecorder()
		s.gateway.ServeHTTP(w, r)
		const want = "retry: 1000\n\n: still here\nid: 12\n\n: still here\n\n"
		if w.Body.String() != want || w.Header().Get("Content-Type") != mediaStream {
			t.Errorf("%v %q, want %q", w.Header(), w.Body, want)
		}
	})
}

// othersFeed is a feed that only has events of other topics than anybody asks for, and notes which these are.
type othersFeed struct {
	newest int64
	asked  []string
}

func (f *othersFeed) Feed(context.Context, postgres.FeedQuery) (postgres.FeedPage, error) {
	return postgres.FeedPage{Next: f.newest, Oldest: 1, Newest: f.newest}, nil
}

func (f *othersFeed) Wait(ctx context.Context, _ int64, topics ...string) (int64, error) {
	f.asked = topics
	<-ctx.Done()
	f.newest++
	return f.newest, ctx.Err()
}

// TestEventsGoPastOtherTopics: whoever waits is not woken by these, and gets past them all the same.
func TestEventsGoPastOtherTopics(t *testing.T) {
	t.Parallel()
	for media, want := range map[string]string{
		mediaJSON:   `{"events":[],"next":13,"oldest":1,"newest":13}`,
		mediaStream: "retry: 1000\n\n: still here\nid: 13\n\n: still here\nid: 14\n\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &othersFeed{newest: 12}
			s := eventsStage(t, nil, func(o *Options) { o.Feed, o.FeedWatch = f, f })
			ctx, end := context.WithTimeout(t.Context(), 2*keepAlive+time.Second)
			defer end()
			r := httptest.NewRequestWithContext(
				ctx, http.MethodGet, EventsPath+"?after=7&wait=1s&topic=fulfillment_orders/moved", nil)
			r.Header.Set(tokenHeader, goodToken)
			r.Header.Set("Accept", media)
			w := httptest.NewRecorder()
			s.gateway.ServeHTTP(w, r)
			if got := strings.TrimSpace(w.Body.String()); got != strings.TrimSpace(want) {
				t.Errorf("%s: %d %q, want %q", media, w.Code, got, want)
			}
			if len(f.asked) != 1 || f.asked[0] != "fulfillment_orders/moved" {
				t.Errorf("%s: it waits for %q", media, f.asked)
			}
		})
	}
}
