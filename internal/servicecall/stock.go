package servicecall

import (
	"context"

	"packhorse/internal/callback"
	"packhorse/internal/delivery"
	"packhorse/internal/fulfillment"
)

// stock asks a service for all that it has, and keeps the levels that it names.
func (f *follower) stock(ctx context.Context, service fulfillment.Service, s callback.Standing) (r result) {
	r.suffix, r.questions = s.Suffix, 1
	f.ask(ctx, service, callback.Stock, &r, nil)
	defer r.Done()
	if !r.OK() {
		return r
	}
	levels, note, err := callback.ReadStock(r.Answer)
	if err != nil {
		r.Err, r.suffix = err, s.Suffix
		return r
	}
	r.note = note
	if err := f.Book.SetStock(ctx, service.LocationID, levels); err != nil {
		r.Result = delivery.Result{Err: &delivery.AwayError{Err: err}}
	}
	return r
}
