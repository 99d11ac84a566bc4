package activities

import (
	"context"
	"errors"
	"time"

	"packhorse/internal/fulfillment"
)

// CloseOrderInput says which order is to be closed or opened: one of the commands is there.
type CloseOrderInput struct {
	Close *fulfillment.CloseOrder `json:"close,omitempty"`
	Open  *fulfillment.OpenOrder  `json:"open,omitempty"`
	Now   time.Time               `json:"now"`
}

// CloseOrder closes an order or opens it. One that is as it should be already stays as it is.
func (a *Activities) CloseOrder(ctx context.Context, in CloseOrderInput) (fulfillment.OrderClosed, error) {
	answer, err := a.closeOrder(ctx, in)
	return answer, asApplicationError(err)
}

func (a *Activities) closeOrder(ctx context.Context, in CloseOrderInput) (fulfillment.OrderClosed, error) {
	var closing fulfillment.OrderClosing
	var err error
	if in.Close != nil {
		closing, err = in.Close.Closing(in.Now)
	} else {
		closing, err = in.Open.Closing(in.Now)
	}
	if err != nil {
		return fulfillment.OrderClosed{}, err
	}
	order, err := a.Store.Order(ctx, closing.OrderID)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return fulfillment.OrderClosed{}, fulfillment.OrderNotFound("orderId")
	}
	if err != nil {
		return fulfillment.OrderClosed{}, err
	}
	// By an earlier try, or the same command sent again.
	if answer, there, err := closing.Answered(order); there {
		return answer, err
	}
	switch unchanged, err := a.Store.UnchangedBy(ctx, order.ID, closing.CommandID); {
	case err == nil && unchanged.Fingerprint != closing.Fingerprint:
		return fulfillment.OrderClosed{}, fulfillment.IdempotencyConflict()
	case err == nil:
		return fulfillment.OrderClosed{OrderID: order.ID, ClosedAt: unchanged.ClosedAt}, nil
	case !errors.Is(err, fulfillment.ErrNotFound):
		return fulfillment.OrderClosed{}, err
	}
	if !closing.Closed {
		if refused := fulfillment.CheckOpenOrder(order); refused != nil {
			return fulfillment.OrderClosed{}, refused
		}
	}
	changed, err := a.Store.CloseOrder(ctx, closing)
	if err != nil {
		return fulfillment.OrderClosed{}, err
	}
	answer := fulfillment.OrderClosed{OrderID: order.ID, ClosedAt: order.ClosedAt, Changed: changed}
	switch {
	case changed && closing.Closed:
		answer.ClosedAt = &closing.At
	case changed:
		answer.ClosedAt = nil
	default:
		err = a.Store.NoteUnchanged(ctx, fulfillment.OrderUnchanged{
			OrderID: order.ID, CommandID: closing.CommandID, Fingerprint: closing.Fingerprint, ClosedAt: order.ClosedAt,
			At: closing.At,
		})
	}
	return answer, err
}
