package shipbob_test

import (
	"fmt"
	"testing"

	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

// webhooks are deliveries about orders that have shipped in each test's ShipBob, which is the same each time.
func shipped(t *testing.T, w world) {
	t.Helper()
	for n := range 3 {
		r := request(1000 + n)
		w.create(t, r)
		w.server.Complete(reference(r), 0, fmt.Sprintf("1Z%d", n))
		w.server.Scan(reference(r), 0, shipbobtest.Scan{Status: "InTransit", Message: "Departed", Location: "Chicago, IL"})
	}
}

func deliveries(t *testing.T) []provider.Delivery {
	t.Helper()
	w := newWorld(t)
	shipped(t, w)
	var list []provider.Delivery
	for n, topic := range []string{"order.shipped", "order.shipment.delivered", "order.shipment.cancelled"} {
		header, body := w.server.Webhook(fmt.Sprint("msg_", n), topic, reference(request(1000+n)), began)
		list = append(list, provider.Delivery{
			Service: 7, Method: "POST", Path: "/providers/shipbob/7", Header: header, Body: body, ReceivedAt: began,
		})
	}
	return list
}

func TestConformance(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(t *testing.T) provider.Provider {
		w := newWorld(t)
		shipped(t, w)
		return w.Provider
	}, deliveries(t)...)
}

// TestConformanceOffline: what is listed without secrets keeps the rules of what can be asked of it.
func TestConformanceWithFaults(t *testing.T) {
	t.Parallel()
	for _, fault := range []shipbobtest.Fault{
		{Operation: "GET /shipping-method", Do: shipbobtest.FaultReset},
		{Operation: "GET /channel", Do: shipbobtest.FaultAnswer, Status: 503},
	} {
		t.Run(fault.Operation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.server.Fail(fault)
			_, err := w.Create(t.Context(), request(1))
			if provider.Classify(err) != provider.Retryable {
				t.Errorf("%v, want it retryable: nothing was sent", err)
			}
			w.create(t, request(1))
		})
	}
}
