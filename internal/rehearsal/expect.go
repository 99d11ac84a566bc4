package rehearsal

import (
	"time"

	"packhorse/internal/fulfillment"
)

// expected is what must have become of one seller's share of a recorded order. Quantities are units.
type expected struct {
	seller        string
	lines         int
	units         int
	status        fulfillment.Status
	requestStatus fulfillment.RequestStatus
	remaining     int
	cancelled     int
	earliestLimit *time.Time
	shipped       bool
	inTransitAt   *time.Time
	deliveredAt   *time.Time
	estimatedAt   *time.Time // what the carrier's news says; nil if there is none
	reason        fulfillment.RejectionReason
	requests      int // fulfillment requests that reach the seller's provider
	cancellations int // cancellation requests that do
}

// expect derives from the record alone what the store must say in the end.
func (r *Record) expect() []expected {
	var all []expected
	for _, g := range r.groups() {
		e := expected{
			seller: g.seller, lines: len(g.items), units: g.units(), remaining: g.units(),
			earliestLimit: g.earliestLimit(),
			status:        fulfillment.StatusOpen, requestStatus: fulfillment.RequestUnsubmitted,
		}
		if r.requested() {
			e.requests = 1
			e.status, e.requestStatus = fulfillment.StatusInProgress, fulfillment.RequestAccepted
		}
		switch {
		case r.rejected():
			e.status, e.requestStatus, e.reason = fulfillment.StatusOpen, fulfillment.RequestRejected,
				fulfillment.RejectOutOfStock
		case r.shipped():
			e.status, e.shipped, e.remaining = fulfillment.StatusClosed, true, 0
			e.inTransitAt, e.deliveredAt, e.estimatedAt = r.CarrierAt.ptr(), r.DeliveredAt.ptr(), r.EstimatedAt.ptr()
		case r.cancelled():
			e.status, e.remaining, e.cancelled = fulfillment.StatusClosed, 0, e.units
			if r.requested() {
				e.requestStatus, e.cancellations = fulfillment.RequestCancellationAccepted, 1
			}
		}
		all = append(all, e)
	}
	return all
}

// cancelled tells whether the order's cancellation must succeed. That of an order that was shipped is refused: its
// units are on their way.
func (r *Record) cancelled() bool {
	return r.Status == RecordCanceled && len(r.Items) > 0 && !r.shipped()
}
