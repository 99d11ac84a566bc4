package callback

import "packhorse/internal/fulfillment"

// Event is something that has happened to a fulfillment order at the location of a service, or that took it away from
// there.
type Event struct {
	Position           int64 // in the feed
	FulfillmentOrderID fulfillment.ID
	Kind               fulfillment.Kind
	WasHere, IsHere    bool                      // whether it was, and is, the service's
	Before, After      fulfillment.RequestStatus // "": it was not there, or was closed
}

// Ping is what the service is to be told of it; "": nothing. A request that is over without an answer of the service,
// however that came, is told like a request to stop: whoever looks finds it gone.
func (e Event) Ping() Call {
	const submitted = fulfillment.RequestSubmitted
	switch {
	case e.IsHere && e.After == submitted && (e.Before != submitted || !e.WasHere):
		return FulfillmentRequest
	case e.IsHere && e.After == fulfillment.RequestCancellationRequested && e.Before != e.After:
		return CancellationRequest
	case e.WasHere && e.Before == submitted && (!e.IsHere || e.After != submitted) &&
		e.Kind != fulfillment.KindAccepted && e.Kind != fulfillment.KindRejected:
		return CancellationRequest
	}
	return ""
}

// Ships tells whether the service may have a tracking number from now on.
func (e Event) Ships() bool { return e.IsHere && e.Kind == fulfillment.KindFulfilled }
