package fulfillment

import (
	"cmp"
	"time"
)

// Committed is when the store wrote something first and last, by the clock of the database, at the moment of the
// commit. It is what readers go by, who must not be told later of something that changed before what they have seen.
// When it was decided, by the clock of the workflow, may be long before that: a commit waits for locks, and for the end
// of an outage. It is zero in a workflow, which can't know it.
type Committed struct {
	First, Last time.Time
}

// Created is when it was committed first; in a workflow, when that was decided.
func (fo *FulfillmentOrder) Created() time.Time { return cmp.Or(fo.Committed.First, fo.CreatedAt) }

// Updated is when it was committed last; in a workflow, when that was decided.
func (fo *FulfillmentOrder) Updated() time.Time { return cmp.Or(fo.Committed.Last, fo.UpdatedAt) }

// Created is when it was committed first; in a workflow, when that was decided.
func (f *Fulfillment) Created() time.Time { return cmp.Or(f.Committed.First, f.CreatedAt) }

// Updated is when it was committed last; in a workflow, when that was decided.
func (f *Fulfillment) Updated() time.Time { return cmp.Or(f.Committed.Last, f.UpdatedAt) }

// AsCommitted is the fulfillment order with the times of its commits in the place of those of its decisions, for
// readers of its JSON. It stays as it is itself.
func (fo *FulfillmentOrder) AsCommitted() *FulfillmentOrder {
	shown := *fo
	shown.CreatedAt, shown.UpdatedAt = fo.Created(), fo.Updated()
	shown.Fulfillments = make([]Fulfillment, len(fo.Fulfillments))
	for i := range fo.Fulfillments {
		shown.Fulfillments[i] = *fo.Fulfillments[i].AsCommitted()
	}
	return &shown
}

// AsCommitted is [FulfillmentOrder.AsCommitted] for a shipment.
func (f *Fulfillment) AsCommitted() *Fulfillment {
	shown := *f
	shown.CreatedAt, shown.UpdatedAt = f.Created(), f.Updated()
	return &shown
}
