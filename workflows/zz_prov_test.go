package workflows_test

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/worker/workertest"
	"packhorse/workflows"
)

func zledger(t *testing.T, s *workertest.Stack) *simulated.PostgresLedger {
	l, err := simulated.OpenLedger(t.Context(), string(s.Settings.Database.URL))
	if err != nil { t.Fatal(err) }
	t.Cleanup(l.Close)
	return l
}

func zdump(t *testing.T, s *workertest.Stack, id fulfillment.ID, l *simulated.PostgresLedger) {
	es, err := l.Effects(t.Context())
	if err != nil { t.Fatal(err) }
	for _, e := range es {
		if e.FulfillmentOrderID == id {
			t.Log("  ledger", e.Kind, e.Key, "calls", e.Calls, "effects", e.Effects, e.Answer.Outcome)
		}
	}
	p, _ := s.Store.Transitions(t.Context(), id, postgres.Page{})
	for _, x := range p.Items {
		t.Log("  ", x.Sequence, x.Kind, x.Actor, x.Reason, x.After.Status, x.After.RequestStatus)
	}
	fo := s.Load(id)
	t.Log("  effects", fo.Effects)
}

func TestZPFaults(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin")
	_ = berlin
	l := zledger(t, s)
	fast := func(m map[string]any) map[string]any {
		for k, v := range map[string]any{"shipAfter": "300ms", "inTransitAfter": "100ms", "outForDeliveryAfter": "100ms", "deliveredAfter": "100ms", "lateAnswerAfter": "700ms"} {
			if _, ok := m[k]; !ok { m[k] = v }
		}
		return m
	}
	for name, m := range map[string]map[string]any{
		"lost": {"lostAnswerRate": 0.9}, "lost1": {"lostAnswerRate": 1}, "late": {"lateAnswerRate": 1}, "dup": {"duplicateAnswerRate": 1}, "latedup": {"lateAnswerRate": 1, "duplicateAnswerRate": 1, "lostAnswerRate": 0.5},
		"reject": {"rejectAlways": "INVALID_SKU"}, "ignore": {"ignoreKeys": true, "lostAnswerRate": 1}, "pending": {"answer": "pending", "acceptAfter": "300ms", "duplicateAnswerRate": 1, "lostAnswerRate": 1}, "partial": {"partialShipmentRate": 1},
		"badoption": {"nope": 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.For(t)
			svc := s.Service(fulfillment.Service{Name: "S" + name, Provider: "simulated", Options: fast(m)})
			id := s.Order(svc.LocationID, 4)
			s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
			dl := time.Now().Add(12 * time.Second)
			for time.Now().Before(dl) {
				fo := s.Load(id)
				if fo.Finished() || fo.RequestStatus == fulfillment.RequestRejected { break }
				time.Sleep(50 * time.Millisecond)
			}
			zdump(t, s, id, l)
			replays(t, s, workflows.FulfillmentOrderID(id))
		})
	}
	for name, m := range map[string]map[string]any{
		"manual": {"answer": "manual"}, "slow": {"latency": map[string]any{"min": "1500ms", "max": "1500ms"}}, "slowlost": {"latency": map[string]any{"min": "1500ms", "max": "1500ms"}, "lostAnswerRate": 1}, "refusal": {"cancelRefusalRate": 1, "answer": "manual"},
	} {
		t.Run("withdraw"+name, func(t *testing.T) {
			t.Parallel()
			s := s.For(t)
			svc := s.Service(fulfillment.Service{Name: "W" + name, Provider: "simulated", Options: fast(m)})
			id := s.Order(svc.LocationID, 4)
			s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
			r := s.Send(id, &fulfillment.Cancel{})
			time.Sleep(7*time.Second)
			for _, e := range history(t, s, workflows.FulfillmentOrderID(id)) { t.Log(e.EventId, e.EventType, e.GetActivityTaskScheduledEventAttributes().GetActivityType()) }
			zdump(t, s, id, l)
			t.Log(s.Load(r.SiblingID).Status)
			replays(t, s, workflows.FulfillmentOrderID(id))
		})
	}
	for name, m := range map[string]map[string]any{
		"refuse": {"cancelRefusalRate": 1, "ship": false}, "ok": {"ship": false}, "lost": {"lostAnswerRate": 1, "ship": false}, "latecan": {"lateAnswerRate": 1, "ship": false},
	} {
		t.Run("cancel"+name, func(t *testing.T) {
			t.Parallel()
			s := s.For(t)
			svc := s.Service(fulfillment.Service{Name: "C" + name, Provider: "simulated", Options: fast(m)})
			id := s.Order(svc.LocationID, 4)
			s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
			s.Eventually(id, "accepted", func(fo *fulfillment.FulfillmentOrder) bool { return fo.RequestStatus == fulfillment.RequestAccepted })
			s.Send(id, &fulfillment.SubmitCancellationRequest{})
			s.Eventually(id, "decided", func(fo *fulfillment.FulfillmentOrder) bool { return fo.RequestStatus != fulfillment.RequestCancellationRequested && len(fo.Effects) == 0 })
			zdump(t, s, id, l)
			replays(t, s, workflows.FulfillmentOrderID(id))
		})
	}
	for name, m := range map[string]map[string]any{
		"slow": {"latency": map[string]any{"min": "3s", "max": "3s"}}, "latereject": {"rejectAlways": "OTHER", "latency": map[string]any{"min": "3s", "max": "3s"}},
	} {
		t.Run("policy"+name, func(t *testing.T) {
			t.Parallel()
			s := s.For(t)
			svc := s.Service(fulfillment.Service{Name: "P" + name, Provider: "simulated", Options: fast(m), AcceptWithin: fulfillment.Duration(time.Second), AcceptPolicy: fulfillment.AcceptReroute})
			id := s.Order(svc.LocationID, 4)
			s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
			s.Eventually(id, "moved", func(fo *fulfillment.FulfillmentOrder) bool { return fo.AssignedLocation.LocationID != svc.LocationID && len(fo.Effects) == 0 })
			zdump(t, s, id, l)
			replays(t, s, workflows.FulfillmentOrderID(id))
		})
	}
}
