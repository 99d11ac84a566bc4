package admin

import (
	"context"
	"time"

	"packhorse/internal/callback"
)

// FulfillmentServiceCallback is how one call of a service at its callback URL stands.
type FulfillmentServiceCallback struct{ standing callback.Standing }

// Callbacks are the calls for which there was a reason, in a fixed order.
func (s *FulfillmentService) Callbacks(ctx context.Context) ([]*FulfillmentServiceCallback, error) {
	list := []*FulfillmentServiceCallback{}
	if s.State.ID == 0 {
		return list, nil
	}
	found, stopped, err := LoadersFrom(ctx).book.ServiceCalls(ctx, s.State.ID)
	for _, call := range callback.Calls {
		for _, standing := range found {
			if standing.Call == call && (standing.NextAt != nil || standing.CalledAt != nil) {
				standing.NextAt = standing.Next(*s.State, stopped)
				list = append(list, &FulfillmentServiceCallback{standing})
			}
		}
	}
	return list, err
}

// CallbackProblem is why the service is not called.
func (s *FulfillmentService) CallbackProblem(ctx context.Context) (*string, error) {
	if s.State.ID == 0 {
		return nil, nil
	}
	_, stopped, err := LoadersFrom(ctx).book.ServiceCalls(ctx, s.State.ID)
	return optional(callback.Problem(*s.State, stopped)), err
}

// Kind is what the service is called for.
func (c *FulfillmentServiceCallback) Kind() callback.Call { return c.standing.Call }

// CalledAt is the last attempt.
func (c *FulfillmentServiceCallback) CalledAt() *time.Time { return c.standing.CalledAt }

// SucceededAt is the last attempt that has succeeded.
func (c *FulfillmentServiceCallback) SucceededAt() *time.Time { return c.standing.SucceededAt }

// FailingSince is the first of the attempts that have failed since one has succeeded.
func (c *FulfillmentServiceCallback) FailingSince() *time.Time { return c.standing.FailingSince }

// NextCallAt is the next attempt, if there is a reason for it then.
func (c *FulfillmentServiceCallback) NextCallAt() *time.Time { return c.standing.NextAt }

// Status is that of the last answer.
func (c *FulfillmentServiceCallback) Status() *int {
	if c.standing.Status == 0 {
		return nil
	}
	return &c.standing.Status
}

// Error is what was wrong with the last attempt.
func (c *FulfillmentServiceCallback) Error() *string { return optional(c.standing.Error) }

// Note is what of the last answer was not used.
func (c *FulfillmentServiceCallback) Note() *string { return optional(c.standing.Note) }
