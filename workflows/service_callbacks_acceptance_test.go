package workflows_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/config"
	"packhorse/internal/delivery/receivertest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// minute is how long a minute is for the pings of these tests.
const minute = 3 * time.Second

// callee is a fulfillment service's own server: it keeps what it is called for, and answers as the test wants.
type callee struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(r *http.Request) (status int, body string)
	all    []called
}

type called struct {
	at     time.Time
	method string
	path   string // without the query
	query  string
	body   string
	header http.Header
}

func newCallee(t *testing.T, answer func(r *http.Request) (int, string)) *callee {
	t.Helper()
	c := &callee{answer: answer}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1000)
		n, _ := r.Body.Read(body)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all = append(c.all, called{
			time.Now(), r.Method, r.URL.Path, r.URL.RawQuery, string(body[:n]), r.Header,
		})
		status, said := http.StatusOK, ""
		if c.answer != nil {
			status, said = c.answer(r)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, said)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *callee) answers(answer func(r *http.Request) (int, string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

// heard are the calls of a path.
func (c *callee) heard(path string) []called {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.all), func(r called) bool { return r.path != path })
}

// await waits until a path was called so often.
func (c *callee) await(t *testing.T, path string, n int) []called {
	t.Helper()
	workertest.WaitFor(t, fmt.Sprintf("%d calls of %s", n, path), func() bool { return len(c.heard(path)) >= n })
	return c.heard(path)
}

// callingEngine is a stack whose minutes are short.
func callingEngine(t *testing.T) *workertest.Stack {
	t.Helper()
	return engine(t, func(s *workertest.Stack) {
		s.Settings.Webhooks.PingInterval, s.Settings.Webhooks.FetchInterval = minute, minute
		s.Settings.Webhooks.WebhookRetries = slices.Repeat(config.Pauses{50 * time.Millisecond}, 10_000)
	})
}

// serve gives an app a service that is called at a URL, and has it called.
func serve(
	t *testing.T, s *workertest.Stack, app access.App, url string, change ...func(*fulfillment.Service),
) fulfillment.Service {
	t.Helper()
	service := fulfillment.Service{
		Name: "North", Provider: fulfillment.ManualProvider, AppID: app.ID, CallbackURL: url,
	}
	for _, one := range change {
		one(&service)
	}
	service = s.Service(service)
	if err := s.Command.Call(t.Context(), service.ID); err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "somebody who calls it", func() bool {
		calls, _, err := s.Store.ServiceCalls(t.Context(), service.ID)
		return err == nil && len(calls) > 0
	})
	return service
}

const notified = "/cb/fulfillment_order_notification"

// TestServiceIsToldOfRequests: the first of many requests is told at once and the others together at the end of the
// minute, with a body of one key that never changes; while they are not answered the service is told again, and the
// pause doubles; once they are answered, it is left alone.
func TestServiceIsToldOfRequests(t *testing.T) {
	t.Parallel()
	s := callingEngine(t)
	app := newApp(t, s, "north", access.ReadAssigned)
	secret, _, err := s.Store.Secrets(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := newCallee(t, nil)
	service := serve(t, s, app, r.URL+"/cb/")
	var orders []fulfillment.ID
	for range 25 {
		orders = append(orders, s.Order(service.LocationID, 1))
	}
	var group sync.WaitGroup
	for _, id := range orders {
		group.Go(func() {
			if _, err := s.Command.Send(t.Context(), id, &fulfillment.SubmitFulfillmentRequest{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	all := r.await(t, notified, 4)
	for i, m := range all[:4] {
		if m.method != http.MethodPost || m.body != `{"kind":"FULFILLMENT_REQUEST"}` || len(m.body) != 30 || m.query != "" {
			t.Errorf("ping %d: %s %q ?%s", i, m.method, m.body, m.query)
		}
		as := hook{Header: m.header, body: m.body}
		if m.header.Get("X-Shopify-Hmac-Sha256") != shopifySignature(secret, as) ||
			m.header.Get("Webhook-Signature") != standardSignature(secret, as) ||
			m.header.Get("X-Shopify-Shop-Domain") != "shop.example" || m.header.Get("Packhorse-Position") == "" {
			t.Errorf("ping %d has the headers %v", i, m.header)
		}
	}
	ids := func(m called) []string {
		return strings.Split(m.header.Get("Packhorse-Fulfillment-Order"), ", ")
	}
	if named := append(ids(all[0]), ids(all[1])...); !covers(named, orders) {
		t.Errorf("the first two pings name %d fulfillment orders: %v", len(named), named)
	}
	if len(ids(all[2])) != 25 {
		t.Errorf("the repeated ping names %v", ids(all[2]))
	}
	seen := map[string]bool{}
	for i, least := range []time.Duration{minute, 2 * minute, 4 * minute} { // One that is late does not delay the next.
		if since := all[i+1].at.Sub(all[0].at); since < least-minute/2 {
			t.Errorf("ping %d comes %v after the first, want %v", i+1, since, least)
		}
		seen[all[i].header.Get("Webhook-Id")] = true
	}
	if len(seen) != 3 {
		t.Errorf("three pings have the IDs %v", seen)
	}
	for _, id := range orders {
		s.Send(id, &fulfillment.AcceptFulfillmentRequest{})
	}
	workertest.WaitFor(t, "rest", func() bool {
		calls, _, err := s.Store.ServiceCalls(t.Context(), service.ID)
		return err == nil && len(calls) > 0 && calls[slices.IndexFunc(calls, func(c callback.Standing) bool {
			return c.Call == callback.FulfillmentRequest
		})].NextAt == nil
	})
	workertest.WaitFor(t, "the page", func() bool {
		page := pageOf(t, s, temporalio.ServiceCallbacksID(service.ID))
		return strings.Contains(page, "FULFILLMENT_REQUEST") && strings.Contains(page, "answered 200")
	})
}

func covers(named []string, orders []fulfillment.ID) bool {
	return !slices.ContainsFunc(orders, func(id fulfillment.ID) bool {
		return !slices.Contains(named, "gid://shopify/FulfillmentOrder/"+id.String())
	})
}

// TestServiceBelievesPings: the library that apps are made with takes a real ping for one.
func TestServiceBelievesPings(t *testing.T) {
	t.Parallel()
	s := callingEngine(t)
	app := newApp(t, s, "north", access.ReadAssigned)
	secret, _, err := s.Store.Secrets(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := receivertest.Service(t, secret)
	service := serve(t, s, app, strings.TrimSuffix(r.URL, "/")+"/cb?of=north")
	id := s.Order(service.LocationID, 1)
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	m := r.Next(t)
	if !m.Valid || m.Path != notified+"?of=north" || string(m.Body) != `{"kind":"FULFILLMENT_REQUEST"}` ||
		m.Headers["x-shopify-shop-domain"] != "shop.example" {
		t.Errorf("it makes of it %+v", m)
	}
	for name := range m.Headers {
		if strings.HasPrefix(name, "shopify-") {
			t.Errorf("it has the header %s", name)
		}
	}
}

// TestServiceIsToldOfCancellations: of requests to stop, and of requests that were withdrawn before it answered.
func TestServiceIsToldOfCancellations(t *testing.T) {
	t.Parallel()
	s := callingEngine(t)
	r := newCallee(t, nil)
	service := serve(t, s, newApp(t, s, "north", access.ReadAssigned), r.URL+"/cb")
	kinds := func(kind string) (n int) {
		for _, m := range r.heard(notified) {
			if m.body == `{"kind":"`+kind+`"}` {
				n++
			}
		}
		return n
	}
	id := s.Order(service.LocationID, 1)
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	s.Send(id, &fulfillment.AcceptFulfillmentRequest{})
	s.Send(id, &fulfillment.SubmitCancellationRequest{})
	workertest.WaitFor(t, "both", func() bool { return kinds("FULFILLMENT_REQUEST") == 1 && kinds("CANCELLATION_REQUEST") == 1 })
	s.Send(id, &fulfillment.RejectCancellationRequest{})
	other := s.Order(service.LocationID, 1)
	s.Send(other, &fulfillment.SubmitFulfillmentRequest{})
	s.Send(other, &fulfillment.Cancel{})
	workertest.WaitFor(t, "that it was withdrawn", func() bool { return kinds("CANCELLATION_REQUEST") == 2 })
	last := r.heard(notified)
	if named := last[len(last)-1].header.Get("Packhorse-Fulfillment-Order"); !strings.Contains(named, other.String()) &&
		!strings.Contains(last[len(last)-2].header.Get("Packhorse-Fulfillment-Order"), other.String()) {
		t.Errorf("the last ones name %s", named)
	}
}

// TestServiceThatFails is called again, as the same message, and what was wrong can be seen; told that it is gone, it
// is left alone until it gets an address, at which it is told at once of what it did not hear.
func TestServiceThatFails(t *testing.T) {
	t.Parallel()
	s := callingEngine(t)
	r := newCallee(t, func(*http.Request) (int, string) { return http.StatusBadRequest, "" })
	service := serve(t, s, newApp(t, s, "north", access.ReadAssigned), r.URL+"/cb")
	s.Send(s.Order(service.LocationID, 1), &fulfillment.SubmitFulfillmentRequest{})
	all := r.await(t, notified, 3)
	if all[0].header.Get("Webhook-Id") != all[2].header.Get("Webhook-Id") || all[0].header.Get("Packhorse-Attempt") != "1" ||
		all[2].header.Get("Packhorse-Attempt") != "3" {
		t.Errorf("the first attempt has %v, the third %v", all[0].header, all[2].header)
	}
	standing := func() (c callback.Standing, stopped string) {
		calls, stopped, err := s.Store.ServiceCalls(t.Context(), service.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range calls {
			if one.Call == callback.FulfillmentRequest {
				c = one
			}
		}
		return c, stopped
	}
	workertest.WaitFor(t, "the reason", func() bool {
		c, _ := standing()
		return c.Error == "400 Bad Request" && c.FailingSince != nil && c.NextAt != nil
	})
	run := temporalio.ServiceCallbacksID(service.ID)
	workertest.WaitFor(t, "the page", func() bool { return strings.Contains(pageOf(t, s, run), "400 Bad Request") })

	r.answers(func(*http.Request) (int, string) { return http.StatusGone, "" })
	workertest.WaitFor(t, "the end of it", func() bool {
		_, stopped := standing()
		return strings.Contains(stopped, "410")
	})
	before := len(r.heard(notified))
	workertest.WaitFor(t, "the page", func() bool { return strings.Contains(pageOf(t, s, run), "Not called") })
	other := newCallee(t, nil)
	url := other.URL + "/cb"
	toURL := fulfillment.ServiceUpdate{ID: service.ID, CallbackURL: &url}
	if _, err := s.Store.UpdateService(t.Context(), toURL); err != nil {
		t.Fatal(err)
	}
	if err := s.Command.Call(t.Context(), service.ID); err != nil {
		t.Fatal(err)
	}
	other.await(t, notified, 1)
	if after := len(r.heard(notified)); after != before {
		t.Errorf("the old address was called %d times more", after-before)
	}
	workertest.WaitFor(t, "that all is well", func() bool {
		c, stopped := standing()
		return c.Error == "" && c.FailingSince == nil && stopped == ""
	})

	// Without an address nobody is called, and the run is over.
	none := ""
	toNone := fulfillment.ServiceUpdate{ID: service.ID, CallbackURL: &none}
	if _, err := s.Store.UpdateService(t.Context(), toNone); err != nil {
		t.Fatal(err)
	}
	if err := s.Temporal.GetWorkflow(t.Context(), run, "").Get(t.Context(), nil); err != nil {
		t.Error(err)
	}
	replays(t, s, run)
}

// TestServiceIsCalledByOne: after the end of a worker the next one goes on, and two of them do not call twice.
func TestServiceIsCalledByOne(t *testing.T) {
	t.Parallel()
	s := callingEngine(t)
	r := newCallee(t, nil)
	service := serve(t, s, newApp(t, s, "north", access.ReadAssigned), r.URL+"/cb")
	s.Send(s.Order(service.LocationID, 1), &fulfillment.SubmitFulfillmentRequest{})
	r.await(t, notified, 1)
	s.StopWorker()
	s.StartWorker()
	r.await(t, notified, 2)
	second := *s
	second.StartWorker()
	defer second.StopWorker()
	all := r.await(t, notified, 3)
	for i := range all[1:] {
		if pause := all[i+1].at.Sub(all[i].at); pause < minute-500*time.Millisecond {
			t.Errorf("between ping %d and %d are %v", i, i+1, pause)
		}
	}
}

const tracked = "/cb/fetch_tracking_numbers"

// TestServiceIsAskedForTracking: each form of an answer gives the shipments their numbers, once, or leaves them as they
// are and is asked again; a number that is there is never replaced, and only shipments without one are asked for, by
// their names, in a query that is signed as it is sent.
func TestServiceIsAskedForTracking(t *testing.T) {
	t.Parallel()
	s := callingEngine(t)
	app := newApp(t, s, "north", access.ReadAssigned)
	secret, _, err := s.Store.Secrets(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	none := func(*http.Request) (int, string) { return http.StatusInternalServerError, `{"msg":"error"}` } // form 6
	r := newCallee(t, none)
	service := serve(t, s, app, r.URL+"/cb", func(f *fulfillment.Service) { f.TrackingSupport = true })
	ship := func(numbers ...string) (fo, shipment fulfillment.ID, name string) {
		t.Helper()
		fo = s.Order(service.LocationID, 1)
		s.Send(fo, &fulfillment.SubmitFulfillmentRequest{})
		s.Send(fo, &fulfillment.AcceptFulfillmentRequest{})
		made := &fulfillment.CreateFulfillment{}
		if len(numbers) > 0 {
			made.Tracking = &fulfillment.TrackingInput{Numbers: numbers}
		}
		done := s.Send(fo, made)
		return fo, done.FulfillmentID, s.Load(fo).Fulfillments[0].Name
	}
	numbersOf := func(fo fulfillment.ID) (numbers []string) {
		for _, one := range s.Load(fo).Fulfillments[0].Tracking {
			numbers = append(numbers, one.Number)
		}
		return numbers
	}
	kept, _, keptName := ship("OWN1")
	first, _, name := ship()
	asked := r.await(t, tracked, 2)
	for _, q := range asked {
		want := "order_names%5B%5D=" + strings.ReplaceAll(name, "#", "%23") + "&shop=shop.example&timestamp="
		if q.method != http.MethodGet || !strings.HasPrefix(q.query, want) || !strings.HasSuffix(q.query, "&max_retries=3") ||
			q.header.Get("X-Shopify-Hmac-Sha256") != signature(secret, q.query) || q.body != "" {
			t.Errorf("it was asked ?%s\nwant      ?%s\nwith %v", q.query, want, q.header)
		}
	}
	for form, answer := range map[int]string{
		4: `{"message":"There are no tracking numbers for requested orders"}`, 5: `{"tracking_numbers":[],"success":true}`,
	} {
		r.answers(func(*http.Request) (int, string) { return http.StatusOK, answer })
		n := len(r.heard(tracked))
		r.await(t, tracked, n+2)
		if got := numbersOf(first); len(got) != 0 {
			t.Errorf("form %d gives it %v", form, got)
		}
	}
	for form, test := range map[int]struct{ answer, want string }{
		1: {`{"tracking_numbers":{"%s":"EX123"},"message":"Successfully received the tracking numbers","success":true}`, "[EX123]"},
		2: {`{"tracking_numbers":{"%s":["EX123","EX124"]},"message":"Successfully received","success":true}`, "[EX123 EX124]"},
		3: {`{"%s":"EX123"}`, "[EX123]"},
		7: {`{"message":"Successfully received","tracking_numbers":{"%s":"EX123"},"status":"true"}`, "[EX123]"},
	} {
		r.answers(func(q *http.Request) (int, string) {
			name := q.URL.Query().Get("order_names[]")
			return http.StatusOK, strings.Replace(test.answer, "%s", name, 1)
		})
		s.Eventually(first, fmt.Sprintf("given the numbers of form %d", form), func(fo *fulfillment.FulfillmentOrder) bool {
			return len(fo.Fulfillments[0].Tracking) > 0
		})
		if got := fmt.Sprint(numbersOf(first)); got != test.want {
			t.Errorf("form %d gives it %s, want %s", form, got, test.want)
		}
		first, _, _ = ship()
	}
	// A service that names what it was not asked for changes nothing, and it is noted.
	r.answers(func(*http.Request) (int, string) {
		return http.StatusOK, `{"tracking_numbers":{"` + keptName + `":"OTHER"}}`
	})
	workertest.WaitFor(t, "the note", func() bool {
		calls, _, err := s.Store.ServiceCalls(t.Context(), service.ID)
		return err == nil && slices.ContainsFunc(calls, func(c callback.Standing) bool {
			return strings.Contains(c.Note, keptName)
		})
	})
	if got := fmt.Sprint(numbersOf(kept)); got != "[OWN1]" {
		t.Errorf("a number that was there is %s", got)
	}
	for _, q := range r.heard(tracked) {
		if strings.Contains(q.query, "%23"+strings.TrimPrefix(keptName, "#")+"&") {
			t.Errorf("it was asked for what has a number: %s", q.query)
		}
	}
}

// TestServiceWantsJSON: where the plain path is not found it is tried with .json, once, and that is remembered.
func TestServiceWantsJSON(t *testing.T) {
	t.Parallel()
	s := callingEngine(t)
	r := newCallee(t, func(q *http.Request) (int, string) {
		if strings.HasSuffix(q.URL.Path, ".json") {
			return http.StatusOK, "{}"
		}
		return http.StatusNotFound, ""
	})
	service := serve(t, s, newApp(t, s, "north", access.ReadAssigned), r.URL+"/cb", func(f *fulfillment.Service) {
		f.TrackingSupport = true
	})
	fo := s.Order(service.LocationID, 1)
	s.Send(fo, &fulfillment.SubmitFulfillmentRequest{})
	s.Send(fo, &fulfillment.AcceptFulfillmentRequest{})
	s.Send(fo, &fulfillment.CreateFulfillment{})
	r.await(t, tracked+".json", 3)
	if plain := r.heard(tracked); len(plain) != 1 {
		t.Errorf("the plain path was tried %d times", len(plain))
	}
}

// TestServiceTellsItsStock: what a service says that it has decides where orders go, and is kept while it fails or
// names something else.
func TestServiceTellsItsStock(t *testing.T) {
	t.Parallel()
	s := callingEngine(t)
	r := newCallee(t, func(*http.Request) (int, string) { return http.StatusOK, `{"stock_levels":{"LAMP-1":"1"}}` })
	service := serve(t, s, newApp(t, s, "north", access.ReadAssigned), r.URL+"/cb", func(f *fulfillment.Service) {
		f.InventoryManagement = true
	})
	own, err := s.Store.AddLocation(t.Context(), fulfillment.Location{
		Name: "Berlin", Active: true, StocksAll: true, Priority: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	levels := func() map[string]int64 {
		found, _, err := s.Store.StockLevels(t.Context(), service.LocationID, 10)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]int64{}
		for _, l := range found {
			all[l.SKU] = l.Available
		}
		return all
	}
	route := func(quantity int) fulfillment.ID {
		t.Helper()
		created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
			LineItems: []fulfillment.LineItem{{Title: "Lamp", SKU: "LAMP-1", Quantity: quantity}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return s.Load(created.FulfillmentOrderIDs[0]).AssignedLocation.LocationID
	}
	workertest.WaitFor(t, "the level", func() bool { return levels()["LAMP-1"] == 1 })
	if one, two := route(1), route(2); one != service.LocationID || two != own.ID {
		t.Errorf("one unit goes to %d, two to %d; the merchant's own is %d", one, two, own.ID)
	}
	const path = "/cb/fetch_stock"
	if q := r.heard(path)[0]; q.method != http.MethodGet || !strings.HasPrefix(q.query, "shop=shop.example&timestamp=") {
		t.Errorf("it was asked %s ?%s", q.method, q.query)
	}
	r.answers(func(*http.Request) (int, string) { return http.StatusOK, "{a: 9, 0}" })
	r.await(t, path, len(r.heard(path))+2)
	if got := levels()["LAMP-1"]; got != 1 {
		t.Errorf("after an answer that is none there are %d", got)
	}
	r.answers(func(*http.Request) (int, string) { return http.StatusOK, `{"OTHER":7}` })
	workertest.WaitFor(t, "the other level", func() bool { return levels()["OTHER"] == 7 && levels()["LAMP-1"] == 1 })
	r.answers(func(*http.Request) (int, string) { // Of all that a shop has, which is longer than any other answer.
		var all strings.Builder
		for i := range 10_000 {
			fmt.Fprintf(&all, `"SKU-%d":%d,`, i, i)
		}
		return http.StatusOK, `{` + all.String() + `"LAMP-1":2}`
	})
	workertest.WaitFor(t, "all levels", func() bool {
		_, all, err := s.Store.StockLevels(t.Context(), service.LocationID, 1)
		return err == nil && all == 10_002
	})
}
