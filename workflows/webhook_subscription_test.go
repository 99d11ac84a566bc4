package workflows_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/webhook"
	"packhorse/internal/worker/workertest"
)

// receiver is somebody who is told by webhooks.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	heard  []*http.Request
	bodies []string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.heard, r.bodies = append(r.heard, req), append(r.bodies, string(body))
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.heard)
}

// subscribe has an app with these scopes told of a topic.
func subscribe(
	t *testing.T, s *workertest.Stack, to *receiver, topic string, scopes ...access.Scope,
) (webhook.Subscription, string) {
	t.Helper()
	app, err := s.Store.CreateApp(t.Context(), access.App{Handle: "desk", Name: "Desk", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := s.Store.Secrets(t.Context(), app.ID)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := s.Store.AddSubscription(t.Context(), webhook.Subscription{
		AppID: app.ID, Topic: webhook.TopicOf(topic), URI: to.URL + "/hooks", Format: webhook.FormatJSON,
		APIVersion: "2026-07",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Command.Deliver(t.Context(), sub.ID); err != nil {
		t.Fatal(err)
	}
	return sub, secret
}

// TestWebhooks: who has subscribed is told of what happened, signed, and of nothing while it is paused; what happened
// meanwhile is told after it. The run shows how it goes, and ends when the subscription is deleted.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	to := newReceiver(t)
	sub, secret := subscribe(t, s, to, fulfillment.TopicPlacedOnHold, "read_merchant_managed_fulfillment_orders")
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	workertest.WaitFor(t, "the webhook", func() bool { return to.count() == 1 })
	header := to.heard[0].Header
	if header.Get("X-Shopify-Topic") != fulfillment.TopicPlacedOnHold || header.Get("X-Shopify-Shop-Domain") !=
		"shop.example" || header.Get("X-Shopify-Hmac-Sha256") == "" || secret == "" ||
		header.Get("Packhorse-Sequence") != "2.1" || header.Get("Packhorse-Attempt") != "1" {
		t.Errorf("it says %v", header)
	}
	var body struct {
		FulfillmentOrder struct{ ID, Status string } `json:"fulfillment_order"`
	}
	if err := json.Unmarshal([]byte(to.bodies[0]), &body); err != nil || body.FulfillmentOrder.Status != "on_hold" ||
		body.FulfillmentOrder.ID != "gid://shopify/FulfillmentOrder/"+id.String() {
		t.Errorf("its body is %s, %v", to.bodies[0], err)
	}

	set := func(state webhook.State, reason string) {
		t.Helper()
		if _, err := s.Store.SetSubscriptionState(t.Context(), sub.ID, state, reason); err != nil {
			t.Fatal(err)
		}
		if err := s.Command.Deliver(t.Context(), sub.ID); err != nil {
			t.Fatal(err)
		}
	}
	set(webhook.Paused, "Lunch.")
	workertest.WaitFor(t, "the pause", func() bool { return searchable(t, s, sub.ID) == temporalio.DeliveryPaused })
	s.Send(id, &fulfillment.ReleaseHold{})
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	set(webhook.Enabled, "")
	workertest.WaitFor(t, "what was held back", func() bool { return to.count() == 2 })
	workertest.WaitFor(t, "the delivery", func() bool { return searchable(t, s, sub.ID) == temporalio.DeliveryEnabled })

	// A receiver that is gone disables it: the run says so.
	to.answer(http.StatusGone)
	s.Send(id, &fulfillment.ReleaseHold{})
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	workertest.WaitFor(t, "the end of it", func() bool { return searchable(t, s, sub.ID) == temporalio.DeliveryDisabled })
	if page := pageOf(t, s, temporalio.WebhookSubscriptionID(sub.ID)); !strings.Contains(page, "Disabled") ||
		!strings.Contains(page, "410") || !strings.Contains(page, "fulfillment_orders/placed_on_hold") {
		t.Errorf("its page says %s", page)
	}

	if err := s.Store.DeleteSubscription(t.Context(), sub.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Command.Deliver(t.Context(), sub.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Temporal.GetWorkflow(t.Context(), temporalio.WebhookSubscriptionID(sub.ID), "").Get(
		t.Context(), nil); err != nil {
		t.Error(err)
	}
	replays(t, s, temporalio.WebhookSubscriptionID(sub.ID))
}

// TestWebhooksSurvive the end of the worker and of the run: the next one goes on where it stood.
func TestWebhooksSurvive(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	to := newReceiver(t)
	sub, _ := subscribe(t, s, to, fulfillment.TopicMoved, "read_merchant_managed_fulfillment_orders")
	berlin, hamburg := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID
	id := s.Order(berlin, 1)
	move := func(location fulfillment.ID) {
		t.Helper()
		s.Send(id, &fulfillment.Move{NewLocationID: location})
	}
	move(hamburg)
	workertest.WaitFor(t, "the first webhook", func() bool { return to.count() == 1 })
	s.StopWorker()
	s.StartWorker()
	move(berlin)
	workertest.WaitFor(t, "the second", func() bool { return to.count() == 2 })
	if err := s.Temporal.TerminateWorkflow(t.Context(), temporalio.WebhookSubscriptionID(sub.ID), "", "test"); err != nil {
		t.Fatal(err)
	}
	// Its delivery hears of it with its next sign of life; the sequencer's process starts it again when it is silent.
	move(hamburg)
	workertest.WaitFor(t, "the third", func() bool { return to.count() == 3 })
	workertest.WaitFor(t, "another run", func() bool {
		described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.WebhookSubscriptionID(sub.ID), "")
		return err == nil && described.WorkflowExecutionInfo.Status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	})
	move(berlin)
	workertest.WaitFor(t, "the fourth", func() bool { return to.count() >= 4 })
	seen := map[string]bool{}
	to.mu.Lock()
	defer to.mu.Unlock()
	for _, request := range to.heard {
		seen[request.Header.Get("X-Shopify-Webhook-Id")] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d webhooks by their IDs, want 4", len(seen))
	}
}

// searchable is the state by which the subscription's run is found.
func searchable(t *testing.T, s *workertest.Stack, id fulfillment.ID) string {
	t.Helper()
	return stateOf(t, s, temporalio.WebhookSubscriptionID(id))
}

// stateOf is the state by which a run is found that delivers webhooks, or calls a service; "": it has none yet.
func stateOf(t *testing.T, s *workertest.Stack, workflowID string) string {
	t.Helper()
	described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), workflowID, "")
	if err != nil {
		t.Fatal(err)
	}
	attribute := described.WorkflowExecutionInfo.SearchAttributes.GetIndexedFields()[temporalio.WebhookState.GetName()]
	if attribute == nil {
		return ""
	}
	var state string
	if err := converter.GetDefaultDataConverter().FromPayload(attribute, &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// signalled tells whether a workflow's last run has had a signal of a name.
func signalled(t *testing.T, s *workertest.Stack, workflowID, name string) bool {
	t.Helper()
	for _, e := range history(t, s, workflowID) {
		if e.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == name {
			return true
		}
	}
	return false
}
