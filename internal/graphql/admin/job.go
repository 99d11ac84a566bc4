package admin

import (
	"context"

	"packhorse/internal/fulfillment"
)

// Job is the work of cancelling an order: its number is the order's.
type Job struct{ orderID fulfillment.ID }

// NewJob is the work of cancelling this order.
func NewJob(orderID fulfillment.ID) *Job { return &Job{orderID} }

// Job is the work with this number; nil when it is unknown.
func (l *Loaders) Job(ctx context.Context, id fulfillment.ID) (*Job, error) {
	order, err := l.reads().orders.load(ctx, id)
	if order == nil || order.CancelledAt == nil {
		return nil, err
	}
	return &Job{id}, nil
}

// ID is the job's global ID.
func (j *Job) ID() GID { return GID{TypeJob, j.orderID} }

// Done tells whether all fulfillment orders of the order are closed.
func (j *Job) Done(ctx context.Context) (bool, error) {
	fos, err := read(ctx).ofOrder.load(ctx, j.orderID)
	for _, fo := range fos {
		if fo.Status != fulfillment.StatusClosed {
			return false, err
		}
	}
	return true, err
}
