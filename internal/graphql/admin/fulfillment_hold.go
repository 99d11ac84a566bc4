package admin

import (
	"context"

	"packhorse/internal/fulfillment"
)

// FulfillmentHold keeps a fulfillment order from being worked on.
type FulfillmentHold struct{ hold *fulfillment.Hold }

// IsNode says that [Loaders.Node] finds it.
func (*FulfillmentHold) IsNode() {}

// ID is its global ID.
func (h *FulfillmentHold) ID() GID { return GID{TypeFulfillmentHold, h.hold.ID} }

// Reason is why it was placed.
func (h *FulfillmentHold) Reason() fulfillment.HoldReason { return h.hold.Reason }

// DisplayReason is the reason in words.
func (h *FulfillmentHold) DisplayReason() string { return fulfillment.HoldReasons[h.hold.Reason] }

// ReasonNotes is what else was said.
func (h *FulfillmentHold) ReasonNotes() *string { return optional(h.hold.ReasonNotes) }

// Handle is the app's own name for it; empty, not null, when the app gave none, as recorded.
func (h *FulfillmentHold) Handle() *string { return &h.hold.Handle }

// HeldByApp is the app that placed it; nil when it was somebody else.
func (h *FulfillmentHold) HeldByApp(ctx context.Context) (*App, error) {
	return appByHandle(ctx, h.hold.HeldBy.App)
}

// HeldByRequestingApp tells whether the caller placed it.
func (h *FulfillmentHold) HeldByRequestingApp(ctx context.Context) bool {
	own := caller(ctx).App.Handle
	return own != "" && own == h.hold.HeldBy.App
}
