package endtoend

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/gateway"
	"packhorse/internal/gateway/gatewaytest"
	"packhorse/internal/graphql/admin"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestThrottling spends what a small bucket holds. The bucket is the token's; every answer tells what is left.
func TestThrottling(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	// What comes back in the time of the test is less than a point.
	small := gatewaytest.Serve(
		t, string(s.Settings.Database.URL), s.Temporal,
		gatewaytest.Options{Rate: gateway.Rate{Maximum: 100, RestorePerSecond: 0.001}},
	)
	app := s.merchant.On(small)
	const query = `{ fulfillmentOrders(first: 20) { nodes { id status } } }`
	var answer *gatewaytest.Answer
	served := 0
	for ; served < 200; served++ {
		if answer = app.Do(t, query, nil); len(answer.Errors) > 0 {
			break
		}
		if c := answer.Cost; c == nil || c.Actual == nil || *c.Actual > c.Requested || c.Throttle.Maximum != 100 {
			t.Fatalf("the cost is missing or wrong: %s", answer.Body)
		}
	}
	if !slices.Equal(answer.Codes(), []string{"THROTTLED"}) || answer.Errors[0].Message != "Throttled" {
		t.Fatalf("after %d answers: %s", served, answer.Body)
	}
	if c := answer.Cost; c == nil || c.Actual != nil || float64(c.Requested) <= c.Throttle.Available ||
		c.Throttle.RestoreRate != 0.001 {
		t.Errorf("the refusal's cost is missing or wrong: %s", answer.Body)
	}
	if served < 2 {
		t.Errorf("only %d answers, although what an answer does not cost is given back", served)
	}

	// A mutation that is throttled is not carried out, and comes through later under the same key.
	_, fo := s.order(t, 1)
	key := gatewaytest.Key("throttled")
	if throttled := app.Do(t, cancel, vars{"id": fo}, key); !slices.Equal(throttled.Codes(), []string{"THROTTLED"}) {
		t.Fatalf("want THROTTLED, got %s", throttled.Body)
	}
	if seen := read(t, s.merchant, fo); !seen.in("OPEN", "UNSUBMITTED") {
		t.Errorf("a throttled command made it %s/%s", seen.Status, seen.RequestStatus)
	}
	s.merchant.Must(t, cancel, vars{"id": fo}, key)

	// Another token of the same app, and what is more than anybody may ask.
	small.Token(app.App).Must(t, query, nil)
	answer = app.Do(t, `{ orders(first: 250) { nodes { fulfillmentOrders(first: 100) { nodes {
		lineItems(first: 250) { nodes { id } } } } } } }`, nil)
	if !slices.Contains(answer.Codes(), "MAX_COST_EXCEEDED") || answer.Cost == nil {
		t.Errorf("want MAX_COST_EXCEEDED, got %s", answer.Body)
	}
}

// TestRevokedToken takes a token back while it is in use: moments later nobody can use it, at any gateway.
func TestRevokedToken(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	second := gatewaytest.Serve(t, string(s.Settings.Database.URL), s.Temporal, gatewaytest.Options{})
	app := s.App("Short-lived", merchantScopes...)
	apps := []*gatewaytest.App{app, app.On(second)}
	for _, a := range apps {
		a.Must(t, `{ shop { id } }`, nil)
	}
	s.Revoke(app.TokenID)
	deadline := time.Now().Add(5 * time.Second) // Half of what an answer is remembered for without being told.
	for i, a := range apps {
		for {
			answer, err := a.Send(t.Context(), `{ shop { id } }`, nil)
			if err != nil {
				t.Fatal(err)
			}
			if answer.Status == http.StatusUnauthorized {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("gateway %d still takes the token", i+1)
			}
		}
	}
	s.Token(app.App).Must(t, `{ shop { id } }`, nil)
}

// TestStop stops a gateway while a mutation is under way: it is carried out and answered, new requests are not taken.
func TestStop(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	_, fo := s.order(t, 1)
	s.StopWorker() // Nobody carries commands out until it is back.
	type outcome struct {
		answer *gatewaytest.Answer
		err    error
	}
	answered := make(chan outcome, 1)
	go func() {
		answer, err := s.merchant.Send(t.Context(), cancel, vars{"id": fo})
		answered <- outcome{answer, err}
	}()
	s.waitForUpdate(t, fo)

	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.Stop()
	}()
	for { // New connections are refused.
		_, err := s.merchant.Send(t.Context(), `{ shop { id } }`, nil)
		if err != nil {
			break
		}
	}
	select {
	case <-stopped:
		t.Fatal("it has stopped before the mutation was answered")
	case o := <-answered:
		t.Fatalf("the mutation was answered without a worker: %+v", o)
	default:
	}
	s.StartWorker()
	o := <-answered
	if o.err != nil {
		t.Fatalf("the running mutation was cut off: %v", o.err)
	}
	if refused := o.answer.Refusals(); len(refused) > 0 {
		t.Errorf("the running mutation was refused: %v", refused)
	}
	<-stopped
	second := gatewaytest.Serve(t, string(s.Settings.Database.URL), s.Temporal, gatewaytest.Options{})
	if seen := read(t, s.merchant.On(second), fo); seen.Status != "CLOSED" {
		t.Errorf("after the mutation it is %s", seen.Status)
	}
}

// waitForUpdate waits until a command has reached the fulfillment order's workflow.
func (s *shop) waitForUpdate(t *testing.T, id string) {
	t.Helper()
	number, err := admin.ParseGIDOf(id, admin.TypeFulfillmentOrder)
	if err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "the command at its workflow", func() bool {
		described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.FulfillmentOrderID(number), "")
		return err == nil && described.GetPendingWorkflowTask() != nil // An update that nobody has taken yet.
	})
}

// TestVersions asks for versions of the API, as apps name them in the path.
func TestVersions(t *testing.T) {
	t.Parallel()
	s := newShop(t, gatewaytest.Options{})
	at := func(version string) gatewaytest.Option {
		return func(r *http.Request) {
			parts := strings.Split(r.URL.Path, "/")
			parts[3] = version
			r.URL.Path = strings.Join(parts, "/")
		}
	}
	for version, served := range map[string]string{
		"2025-01": "2025-01", "2025-10": "2025-10", "2019-04": "2025-01", "unstable": "unstable",
	} {
		answer := s.merchant.Must(t, `{ shop { id } }`, nil, at(version))
		if got := answer.Header.Get("X-Shopify-API-Version"); got != served {
			t.Errorf("asked for %s, served %s, want %s", version, got, served)
		}
	}
	answer, err := s.merchant.Send(t.Context(), `{ shop { id } }`, nil, at("latest"))
	if err != nil {
		t.Fatal(err)
	}
	if answer.Status != http.StatusNotFound {
		t.Errorf("a version that there isn't: status %d", answer.Status)
	}
}
