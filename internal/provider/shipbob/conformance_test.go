package shipbob_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/providertest/httpfault"
	"packhorse/internal/provider/shipbob"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

// shipped has some orders shipped: the same in each test's ShipBob.
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
	providertest.Suite{
		New: func(t *testing.T) provider.Provider {
			w := newWorld(t)
			shipped(t, w)
			return w.Provider
		},
		Deliveries: deliveries(t),
		Faulty: func(t *testing.T, faults *httpfault.Faults) provider.Provider {
			faults.Header = "x-retry-after"
			w := newWorld(t)
			behind := httptest.NewServer(faults.Wrap(w.server.Handler()))
			t.Cleanup(behind.Close)
			return shipbob.New(shipbob.Config{
				URL: behind.URL + "/2026-01", Secrets: secrets,
				Now: func() time.Time { // The suite does not wait until ShipBob's time has passed.
					w.clock.pass(httpfault.RetryAfter)
					return w.clock.now()
				},
			})
		},
		Lagging: func(t *testing.T, clock *providertest.Clock) provider.Provider {
			server := shipbobtest.New(clock.Now)
			t.Cleanup(server.Close)
			server.Lag = shipbob.Entry(&shipbob.Environment{}).Settle
			return shipbob.New(shipbob.Config{URL: server.URL, Secrets: secrets, Now: clock.Now})
		},
		Settle: shipbob.Entry(&shipbob.Environment{}).Settle,
	}.Run(t)
}

// TestConformanceWithFaults: a question before the order that fails has done nothing.
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
