package workflows_test

import (
	"fmt"
	"os"
	"sort"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
	"packhorse/workflows"
)

func TestZZLoad(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	s := workertest.Start(t)
	service := s.Service(fulfillment.Service{Name: "North", Provider: "simulated", Options: map[string]any{"shipAfter": "300ms", "inTransitAfter": "100ms", "outForDeliveryAfter": "100ms", "deliveredAfter": "100ms"}})
	const n = 300
	ids := make([]fulfillment.ID, n)
	var lat []time.Duration
	var mu sync.Mutex
	var wg sync.WaitGroup
	sem := make(chan struct{}, 60)
	for i := range n {
		wg.Go(func() {
			sem <- struct{}{}
			defer func() { <-sem }()
			created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{LineItems: []fulfillment.LineItem{{Title: "B", Quantity: 2, LocationID: service.LocationID}}})
			if err != nil {
				t.Error(err)
				return
			}
			id := created.FulfillmentOrderIDs[0]
			ids[i] = id
			b := time.Now()
			s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
			d := time.Since(b)
			mu.Lock()
			lat = append(lat, d)
			mu.Unlock()
		})
	}
	wg.Wait()
	for _, id := range ids {
		closes(t, s, workflows.FulfillmentOrderID(id))
	}
	sort.Slice(lat, func(i, j int) bool { return lat[i] < lat[j] })
	t.Log("p50", lat[len(lat)/2], "p99", lat[len(lat)*99/100], "max", lat[len(lat)-1])
	timeouts, failed := 0, 0
	for _, id := range ids {
		events := history(t, s, workflows.FulfillmentOrderID(id))
		for _, e := range events {
			if e.EventType == enumspb.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT {
				timeouts++
				t.Log(id, e.EventId, e.EventTime.AsTime(), e.GetWorkflowTaskTimedOutEventAttributes())
			}
			if e.EventType == enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED {
				failed++
				fmt.Println(id, e.EventId, e.GetWorkflowTaskFailedEventAttributes())
			}
		}
	}
	t.Log("timeouts", timeouts, "failed", failed)
}
