package easypost_test

import (
	"net/http"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/providertest"
)

// delivery is a body as EasyPost sends it to a service.
func delivery(service fulfillment.ID, body []byte) provider.Delivery {
	return provider.Delivery{
		Service: service, Method: http.MethodPost, Body: body, ReceivedAt: easyposttest.Began,
		Header: http.Header{"X-Hmac-Signature": {easypost.Sign(secret, body)}},
	}
}

// deliveries are the events of a parcel's way, and of a refund.
func deliveries(t *testing.T) []provider.Delivery {
	t.Helper()
	server := easyposttest.New(t)
	answer := create(t, newProvider(t, server, nil, options()), providertest.Request("elsewhere"))
	code := answer.Labels[0].TrackingNumber
	bodies := [][]byte{
		server.Scan(code, easyposttest.Scan{
			Status: "in_transit", Detail: "arrived_at_facility", Message: "Arrived", City: "HAMBURG", Country: "DE",
		}),
		server.Refunded(answer.Reference),
	}
	// Another parcel: an update has the whole history, and so the news of the one before.
	answer = create(t, newProvider(t, server, nil, options()), providertest.Request("elsewhere too"))
	bodies = append(bodies, server.Scan(answer.Labels[0].TrackingNumber, easyposttest.Scan{
		Status: "delivered", Detail: "arrived_at_destination", Message: "Delivered",
	}))
	var list []provider.Delivery
	for _, body := range bodies {
		list = append(list, delivery(7, body))
	}
	return list
}
