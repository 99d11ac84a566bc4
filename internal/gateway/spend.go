package gateway

import (
	"context"
	"time"

	"packhorse/internal/access"
)

// spend carries an operation out for what it costs, from the bucket of the caller's token, or refuses; what the Outcome
// costs less is given back.
func (g *Gateway) spend(ctx context.Context, caller access.Caller, op Operation) Answer {
	bucket, found := g.buckets.For(caller.TokenID.String()), recordFrom(ctx)
	found.spent = true
	ok, left := bucket.Take(time.Now(), op.Points)
	if !ok {
		why := faultThrottled
		why.Spent = &Spent{Points: op.Points, Left: left}
		return op.Refuse(ctx, why)
	}
	found.cost = op.Points
	o := op.Run(ctx)
	bucket.Charge(time.Now(), o.Beyond)
	left = bucket.Refund(time.Now(), op.Points-o.Points)
	return Answer{
		Status: o.Status, Class: o.Class, Durable: o.Durable, Body: o.Body(
			Spent{Points: op.Points, Actual: &o.Points, Left: left},
		),
	}
}
