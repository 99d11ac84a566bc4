package main

import (
	"context"
	"time"

	"packhorse/internal/fulfillment"
)

// heraldTimeout is how long a command waits until those are told whom it concerns.
const heraldTimeout = 3 * time.Second

// herald tells whoever sends webhooks, or calls fulfillment services, of what was changed here, once it is committed.
// Where Temporal is away they find out by themselves, some seconds later.
type herald struct{ backend backend }

// Changed is that of [operation.Delivery].
func (h herald) Changed(ctx context.Context, id fulfillment.ID) {
	h.tell(ctx, func(ctx context.Context, s sender) { s.Changed(ctx, id) })
}

// ServiceChanged tells that a service was added.
func (h herald) ServiceChanged(ctx context.Context, id fulfillment.ID) {
	h.tell(ctx, func(ctx context.Context, s sender) { s.ServiceChanged(ctx, id) })
}

func (h herald) tell(ctx context.Context, say func(context.Context, sender)) {
	ctx, cancel := context.WithTimeout(ctx, heraldTimeout)
	defer cancel()
	if s, err := h.backend.sender(ctx); err == nil {
		say(ctx, s)
	}
}
