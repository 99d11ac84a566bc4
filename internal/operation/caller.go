package operation

import (
	"context"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// caller is who asks. Without one there are no rights.
func caller(ctx context.Context) access.Caller {
	c, _ := access.CallerFrom(ctx)
	return c
}

// mayCall denies an operation for which the caller has none of the scopes that any use of it needs: to be asked before
// anything is looked up.
func mayCall(ctx context.Context, name string) error {
	if denied := caller(ctx).MayCall(name); denied != nil {
		return denied
	}
	return nil
}

// mayCallAt denies an operation that the caller may not do with what is at the location.
func mayCallAt(ctx context.Context, name string, at fulfillment.AssignedLocation) error {
	if denied := caller(ctx).MayCallAt(name, at); denied != nil {
		return denied
	}
	return nil
}

// sign puts into a command's envelope who asks, for what is at the location, and the command ID that follows from the
// idempotency key. A command ID that is there already stays.
func sign(ctx context.Context, meta *fulfillment.Meta, at fulfillment.AssignedLocation) {
	meta.Actor = caller(ctx).Actor(at)
	if meta.CommandID == "" {
		meta.CommandID = CommandID(ctx, "")
	}
}

// nowhere is the location of what no location has: an app acts as the merchant there.
var nowhere fulfillment.AssignedLocation
