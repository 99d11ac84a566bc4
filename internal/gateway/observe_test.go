package gateway

import (
	"context"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// inFlight is the requests that are being handled.
func (s *stage) inFlight() int { return int(testutil.ToFloat64(s.gateway.metrics.inFlight)) }

func TestAccessLog(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.send(`{"query":"mutation Named($n: Int!) { first: add(n: $n) { sum } again: add(n: 424242) { sum } }","variables":{"n":171717}}`,
		requestIDHeader, "id-7", tokenHeader, goodToken, keyHeader, "key-616161")
	log := s.log.String()
	for _, want := range []string{
		"msg=request", "method=POST", "path=" + path, "status=200", "class=ok", "ms=", "bytes=", "request_id=id-7",
		"app=shop",
		"type=mutation", "operation=Named", "fields=add", "cost=20",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s: %s", want, log)
		}
	}
	for _, secret := range []string{goodToken, "171717", "424242", "616161", "sum"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %s: %s", secret, log)
		}
	}
	if n := strings.Count(log, "\n"); n != 1 {
		t.Errorf("%d lines for one request", n)
	}
	s.ask("query "+strings.Repeat("x", 5000)+" { ping }", tokenHeader, "wrong\"\n")
	if line := s.log.String()[len(log):]; len(line) > 600 || strings.Contains(line, "wrong") ||
		!strings.Contains(line, "class=unauthorized") {
		t.Errorf("log of a refused request: %s", line)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.on("broken", func(context.Context, map[string]any) (string, error) { panic("x") })
	s.on("busy", func(context.Context, map[string]any) (string, error) {
		return `{"userErrors":[{"message":"No."}]}`, nil
	})
	s.on("secret", func(context.Context, map[string]any) (string, error) { return "null", nil })
	s.ask("{ ping }")
	s.ask("{ a: ping b: ping }")
	s.ask("{ ping __typename }")
	s.ask("{ ping secret }")
	s.ask("{ " + strings.Repeat("x", 100) + " }")
	s.ask("{ broken }")
	s.ask("{ ping }", tokenHeader, "wrong")
	s.ask("mutation { busy { userErrors { message } } }", keyHeader, "k")
	s.ask("mutation { busy { userErrors { message } } }", keyHeader, "k")
	s.ask("mutation { busy { sum } }", keyHeader, "k")
	s.send("x")
	if err := testutil.GatherAndCompare(s.registry, strings.NewReader(`
# HELP packhorse_api_requests_total Requests to the API, by root field and how they ended.
# TYPE packhorse_api_requests_total counter
packhorse_api_requests_total{class="bad_request",operation="none"} 2
packhorse_api_requests_total{class="conflict",operation="busy"} 1
packhorse_api_requests_total{class="internal",operation="broken"} 1
packhorse_api_requests_total{class="ok",operation="ping"} 3
packhorse_api_requests_total{class="ok",operation="several"} 1
packhorse_api_requests_total{class="replayed",operation="busy"} 1
packhorse_api_requests_total{class="unauthorized",operation="none"} 1
packhorse_api_requests_total{class="user_error",operation="busy"} 1
`), "packhorse_api_requests_total"); err != nil {
		t.Error(err)
	}
	if n := s.inFlight(); n != 0 {
		t.Errorf("%d requests in flight", n)
	}
	problems, err := testutil.GatherAndLint(s.registry)
	if err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const expensive = `mutation { a: add(n: 1) { sum } b: add(n: 1) { sum } }`
	w := s.ask("mutation { " + fields(101) + " }")
	if got := codes(t, w); len(got) != 1 || got[0] != codeMaxCostExceeded ||
		!strings.Contains(w.Body.String(), `"requestedQueryCost":1010,"actualQueryCost":null`) {
		t.Errorf("beyond the limit: %s", w.Body)
	}
	for range 2 {
		if got := codes(t, s.ask("mutation { "+fields(99)+" }")); got != nil {
			t.Fatalf("within the bucket: %v", got)
		}
	}
	w = s.ask("mutation { " + fields(90) + " }")
	if got := codes(t, w); len(got) != 1 || got[0] != codeThrottled ||
		!strings.Contains(w.Body.String(), `"actualQueryCost":null`) || strings.Contains(w.Body.String(), `"data"`) {
		t.Errorf("from an empty bucket: %d %s", w.Code, w.Body)
	}
	if got := codes(t, s.ask(expensive, tokenHeader, otherToken)); got != nil {
		t.Errorf("another token pays: %v", got)
	}
}

// fields is that many mutation fields.
func fields(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("f" + strings.Repeat("i", i) + ": add(n: 1) { sum } ")
	}
	return b.String()
}
