package hostile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql/introspection"

	"packhorse/internal/gateway"
	"packhorse/internal/gateway/gatewaytest"
)

// What one request may come to at the settings that there are by default.
const (
	mostCPU    = time.Second
	mostAnswer = 8 << 20          // bytes
	mostMemory = raced * 64 << 20 // bytes, more than before
	mostLogged = 16 << 10         // bytes

	// For each point that it takes: with the 100 points that a token gets in a second, the CPU that it can take.
	mostPerPoint = 10 * time.Millisecond
	// Below this, it is for the number of requests to be bounded: each costs a point.
	little = 20 * time.Millisecond
)

// call is one request that is made to be dear.
type call struct {
	name string
	body string
	// change makes another request of the POST to the Admin API that it is without.
	change func(*http.Request)
	// metrics sends it to where metrics and health are.
	metrics bool
	// raw is sent as it is, in place of a request.
	raw string
}

// others are calls that are no documents.
func others() []call {
	return []call{
		{name: "a document of 900 kB in a URL", change: func(r *http.Request) {
			get(r, `{ shop { `+repeat(100*kB, "name ")+`} }`)
		}},
		{name: "a document of 14 kB in a URL", change: func(r *http.Request) {
			get(r, `{ shop { `+repeat(700, "a%d: name ")+`} }`)
		}},
		{name: "a batch of 20,000 operations", body: "[" + repeat(20*kB, `{"query": "{ shop { id } }"},`) + `{}]`},
		{name: "a body of 100 MB", body: long(100_000 * kB)},
		{name: "a body of 100 MB, compressed", change: compressed(100_000 * kB)},
		{name: "a body that is no JSON", body: `{"query": "{ shop { id } }", "` + long(900*kB) + `": `},
		{name: "a field of 900 kB, twice", body: `{"` + long(500*kB) + `": 1, "` + long(500*kB) + `": 2}`},
		{name: "a token of 15 kB", body: "{}", change: header("X-Shopify-Access-Token", 15*kB)},
		{name: "headers of 15 kB", body: "{}", change: header("X-Other", 15*kB)},
		{name: "headers of 1 MB", body: "{}", change: header("X-Other", kB*kB)},
		{name: "an idempotency key of 15 kB", change: header("Idempotency-Key", 15*kB), body: operation(
			`mutation { fulfillmentOrderOpen(id: "WORK") { userErrors { message } } }`, nil)},
		{name: "an Accept header of 3000 types", body: operation("{ shop { id } }", nil),
			change: func(r *http.Request) { r.Header.Set("Accept", strings.Repeat("a/b,", 3000)) }},
		{name: "a path of 14 kB", body: "{}", change: func(r *http.Request) { r.URL.Path = "/" + long(14*kB) }},
		{name: "a version of 14 kB", body: "{}", change: func(r *http.Request) {
			r.URL.Path = "/admin/api/" + long(14*kB) + "/graphql.json"
		}},
		{name: "a method of 14 kB", raw: long(14*kB) + " / HTTP/1.1\r\nHost: a\r\n\r\n"},
		{name: "100,000 headers", raw: "GET / HTTP/1.1\r\nHost: a\r\n" + repeat(100*kB, "a%d: b\r\n")},
		{name: "a multipart body", change: func(r *http.Request) {
			r.Header.Set("Content-Type", "multipart/form-data; boundary="+long(10*kB))
		}},
		{name: "metrics", metrics: true, change: func(r *http.Request) { r.Method, r.URL.Path = "GET", "/metrics" }},
		{name: "readiness", metrics: true, change: func(r *http.Request) { r.Method, r.URL.Path = "GET", "/readyz" }},
		{name: "health, with a body of 100 MB", metrics: true, body: long(100_000 * kB),
			change: func(r *http.Request) { r.URL.Path = "/livez" }},
		{name: "metrics, with a path of 14 kB", metrics: true, change: func(r *http.Request) { r.URL.Path = "/" + long(14*kB) }},
	}
}

func get(r *http.Request, document string) {
	r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0
	r.URL.RawQuery = url.Values{"query": {document}}.Encode()
}

func header(name string, size int) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, long(size)) }
}

func compressed(size int) func(*http.Request) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, long(size))
	_ = w.Close()
	return func(r *http.Request) {
		r.Header.Set("Content-Encoding", "gzip")
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b.Bytes())), int64(b.Len())
	}
}

// TestNoRequestCostsMuch sends each call to the API's process, and looks at what that used for it: time of processors,
// bytes of its answer and its log, and memory. Nothing else is done meanwhile. It logs a table, see docs/proof.md.
func TestNoRequestCostsMuch(t *testing.T) {
	s := newShop(t)
	s.fill(t)
	p := startAPI(t, s.Stack.Stack)
	slower := 1 // What the race detector makes of it.
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "-race" && setting.Value == "true" {
				slower = 15
			}
		}
	}
	p.send(t, s, call{body: operation("{ shop { id } }", nil)})
	t.Logf("| request | CPU ms | bytes out | MiB more | points | logged |")
	for _, c := range slices.Concat(documents(), webhooks(), others()) {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			before, logged := p.use(t, true), p.logged.Load()
			answer := p.send(t, s, c)
			after := p.use(t, false)
			answer.points = p.pointsOf(t, answer)
			cpu, memory := after.CPU-before.CPU, after.Peak-before.Peak
			logged = p.logged.Load() - logged
			points := answer.points
			t.Logf("| %s | %d | %d | %.1f | %d | %d | %s", c.name, cpu.Milliseconds(), answer.size,
				float64(memory)/(1<<20), points, logged, answer.start)
			if points > 0 && cpu > time.Duration(slower)*max(little, time.Duration(points)*mostPerPoint) {
				t.Errorf("it took %v of CPU for %d points, more than %v each", cpu, points, mostPerPoint)
			}
			if cpu > time.Duration(slower)*mostCPU {
				t.Errorf("it took %v of CPU, more than %v", cpu, mostCPU)
			}
			if memory > slower*mostMemory {
				t.Errorf("it took %d bytes more memory than before, more than %d", memory, mostMemory)
			}
			if answer.size > mostAnswer {
				t.Errorf("its answer has %d bytes, more than %d", answer.size, mostAnswer)
			}
			if logged > mostLogged {
				t.Errorf("it logged %d bytes, more than %d", logged, mostLogged)
			}
			if answer.status >= 500 || strings.Contains(answer.start, "INTERNAL_SERVER_ERROR") {
				t.Errorf("status %d: %s", answer.status, answer.start)
			}
		})
	}
}

// answer is what came of a call.
type answer struct {
	status, size int // size is of the body
	start        string
	token        string
	points       int // that it took from the token's bucket; zero: it had none
}

// mostShown is how much of an answer is looked at and shown.
const mostShown = 300

// send sends a call with a token of its own, which nobody has spent anything of.
func (p *process) send(t *testing.T, s *shop, c call) answer {
	t.Helper()
	if c.raw != "" {
		return p.sendRaw(t, c.raw)
	}
	address := "http://" + p.api + gateway.Endpoint()
	if c.metrics {
		address = "http://" + p.metrics + "/"
	}
	request, err := http.NewRequestWithContext(
		t.Context(), http.MethodPost, address, strings.NewReader(s.replaces.Replace(c.body)),
	)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	token := s.Token(s.app.App).Token
	request.Header.Set("X-Shopify-Access-Token", token)
	if c.change != nil {
		c.change(request)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return answer{start: fmt.Sprintf("%.100v", err)} // It hung up before all was sent.
	}
	defer response.Body.Close()
	a := read(response)
	if !c.metrics {
		a.token = token
	}
	return a
}

// pointsOf asks what is left of what the token had. It costs a point itself.
func (p *process) pointsOf(t *testing.T, a answer) int {
	t.Helper()
	if a.token == "" {
		return 0
	}
	request, err := http.NewRequestWithContext(
		t.Context(), http.MethodGet, "http://"+p.api+gateway.Endpoint()+"?query={shop{id}}", nil,
	)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Shopify-Access-Token", a.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	told, err := gatewaytest.ReadAnswer(response.StatusCode, response.Header, body)
	if err != nil || told.Cost == nil {
		t.Fatalf("%v: %s", err, body)
	}
	return int(told.Cost.Throttle.Maximum-told.Cost.Throttle.Available) - 1
}

func read(response *http.Response) answer {
	start, _ := io.ReadAll(io.LimitReader(response.Body, mostShown))
	more, _ := io.Copy(io.Discard, response.Body)
	return answer{status: response.StatusCode, size: len(start) + int(more), start: string(start)}
}

func (p *process) sendRaw(t *testing.T, text string) answer {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.api)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	go func() { _, _ = io.WriteString(connection, text) }() // Nobody may read it to its end.
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		return answer{start: fmt.Sprintf("%.100v", err)}
	}
	defer response.Body.Close()
	return read(response)
}

// TestNoMutationIsBegunOnceTheAnswerIsTooLarge carries out as many as there is room for, says how many, and gives
// nothing back.
func TestNoMutationIsBegunOnceTheAnswerIsTooLarge(t *testing.T) {
	s := newShop(t)
	count := func() int {
		return gatewaytest.Get[int](t, s.app.Must(t, `{ ordersCount { count } }`, nil), "ordersCount.count")
	}
	before := count()
	create := "a%d: orderCreate(order: $o) { order { lineItems(first: 250) { nodes { ...F } } } } "
	a := s.app.Do(t, `mutation ($o: OrderCreateOrderInput!) { `+repeat(8, create)+`} fragment F on LineItem { `+
		repeat(200, "b%d: title ")+`}`, vars{"o": vars{"lineItems": list(250, vars{"title": "a", "quantity": 1})}})
	// An order has 250 × 200 values, and an answer 65,536.
	if len(a.Errors) != 1 || a.Errors[0].Message != "The answer would have more than 8388608 bytes, or 65536 values, "+
		"and is left out: ask for smaller pages, or for less of each object. Of its mutations, the first 2 were begun: "+
		"look at what they did." {
		t.Errorf("it is %.500s", a.Body)
	}
	if c := a.Cost; c == nil || c.Actual == nil || *c.Actual != c.Requested {
		t.Errorf("it gives something back: %.500s", a.Body)
	}
	if made := count() - before; made != 2 {
		t.Errorf("%d orders were made, want 2", made)
	}
}

// TestTheSchemaHasRoom asks for all of it, as tools that make code of it do. With half as many types more there would
// still be room.
func TestTheSchemaHasRoom(t *testing.T) {
	s := newShop(t)
	less := gatewaytest.Serve(
		t, string(s.Settings.Database.URL), s.Temporal, gatewaytest.Options{MaxAnswer: mostAnswer / 3 * 2},
	)
	a := s.app.On(less).Do(t, introspection.Query, nil)
	if len(a.Errors) > 0 || len(a.Body) < 100_000 {
		t.Errorf("it is %.500s", a.Body)
	}
}
