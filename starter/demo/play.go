package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
)

const (
	// sampleStepTimeout bounds how long one step of a sample order may take.
	sampleStepTimeout = 45 * time.Second
	firstLook         = 40 * time.Millisecond
	longestLook       = 400 * time.Millisecond
)

// player takes one sample order through its life. Everything it does has a name of its own, so an order whose life was
// interrupted goes on where it was, and one that is done is left alone.
type player struct {
	*Example
	*Stage
	passed func() // called after each step

	order  fulfillment.Order
	placed time.Time
	sent   int // how many commands were sent, the order itself included

	since map[fulfillment.ID]int64 // sequence of the last command to each fulfillment order
}

func (p *player) play(ctx context.Context) error {
	p.since = map[fulfillment.ID]int64{}
	if err := p.place(ctx); err != nil {
		return fmt.Errorf("%s: hand the order over: %w", p.Name, err)
	}
	p.passed()
	for i := range p.Steps {
		ctx, cancel := context.WithTimeout(ctx, sampleStepTimeout)
		err := p.step(ctx, i)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: step %d, %s: %w", p.Name, i+1, p.Steps[i].Do, err)
		}
		p.passed()
	}
	return nil
}

// place hands the order over, unless it is there.
func (p *player) place(ctx context.Context) error {
	p.placed = time.Now().UTC().Truncate(time.Millisecond)
	order, err := p.Example.order(p.placed)
	if err != nil {
		return err
	}
	stored, err := p.Book.Order(ctx, order.ID)
	switch {
	case err == nil:
		if stored.ProcessedAt != nil {
			p.placed = *stored.ProcessedAt
		}
		p.order, err = p.Example.order(p.placed)
		return err
	case !errors.Is(err, fulfillment.ErrNotFound):
		return err
	}
	p.order = order
	s, err := p.Sender(ctx)
	if err != nil {
		return err
	}
	asked := access.WithCaller(ctx, access.Trusted(fulfillment.Actor{Role: fulfillment.RoleOperator}))
	if _, err := s.Orders.Create(asked, operation.NewOrder{Order: order}); err != nil {
		return err
	}
	p.sent++
	return nil
}

func (p *player) step(ctx context.Context, i int) error {
	step := &p.Steps[i]
	switch step.Do {
	case stepWait:
		return p.wait(ctx, step)
	case stepCancelOrder:
		return p.cancelOrder(ctx, i)
	}
	commandID := fmt.Sprintf("sample/%s/%d", p.Name, i+1)
	fos, err := p.candidates(ctx, step)
	if err != nil {
		return err
	}
	all, err := p.Book.FulfillmentOrdersOf(ctx, p.order.ID)
	if err != nil {
		return err
	}
	for _, fo := range all {
		answered, err := p.Book.Answers(ctx, fo.ID, []string{commandID})
		if err != nil {
			return err
		}
		if len(answered) > 0 {
			p.since[fo.ID] = answered[0].Result.Sequence
			return nil
		}
	}
	cmd, err := step.command(time.Now())
	if err != nil {
		return err
	}
	fo := choose(fos, cmd)
	if fo == nil {
		return errors.New("the order has no such fulfillment order")
	}
	if err := p.complete(ctx, cmd, step, fo); err != nil {
		return err
	}
	cmd.Envelope().CommandID = commandID
	s, err := p.Sender(ctx)
	if err != nil {
		return err
	}
	p.sent++
	asked := access.WithCaller(ctx, access.Trusted(step.actor(fo)))
	result, err := s.FulfillmentOrders.Send(asked, fo.ID, cmd)
	p.since[fo.ID] = result.Sequence
	return err
}

func (p *player) cancelOrder(ctx context.Context, i int) error {
	stored, err := p.Book.Order(ctx, p.order.ID)
	if err != nil || stored.CancelledAt != nil {
		return err
	}
	cmd := fulfillment.CancelOrder{OrderID: p.order.ID, Reason: "the customer has changed their mind"}
	cmd.CommandID = fmt.Sprintf("sample/%s/%d", p.Name, i+1)
	s, err := p.Sender(ctx)
	if err != nil {
		return err
	}
	p.sent++
	asked := access.WithCaller(ctx, access.Trusted(fulfillment.Actor{Role: fulfillment.RoleMerchant}))
	_, err = s.Orders.Cancel(asked, operation.Cancellation{CancelOrder: cmd})
	return err
}
