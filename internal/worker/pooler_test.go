package worker_test

import (
	"testing"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/worker/workertest"
)

// The whole engine works behind PgBouncer in transaction mode, the simulated service with its own tables, too.
func TestWorkerBehindAPooler(t *testing.T) {
	t.Parallel()
	url := devstacktest.Pooled(t, devstacktest.Database(t)) + "&default_query_exec_mode=cache_describe"
	s := workertest.StartOn(t, url)
	service := s.Service(fulfillment.Service{Name: "Ship Co", Provider: simulated.DefaultID})
	id := s.Order(service.LocationID, 2)
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	s.Eventually(id, "shipped by the service", (*fulfillment.FulfillmentOrder).Shipped)
}
