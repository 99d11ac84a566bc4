package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
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
	*example
	book   book
	sender func(context.Context) (sender, error)
	passed func() // called after each step

	order  fulfillment.Order
	placed time.Time
	did    int // how many commands were sent, the order itself included

	since map[fulfillment.ID]int64 // sequence of the last command to each fulfillment order
}

func (p *player) play(ctx context.Context) error {
	p.since = map[fulfillment.ID]int64{}
	if err := p.place(ctx); err != nil {
		return fmt.Errorf("%s: hand the order over: %w", p.name, err)
	}
	p.passed()
	for i := range p.Steps {
		ctx, cancel := context.WithTimeout(ctx, sampleStepTimeout)
		err := p.step(ctx, i)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: step %d, %s: %w", p.name, i+1, p.Steps[i].Do, err)
		}
		p.passed()
	}
	return nil
}

// place hands the order over, unless it is there.
func (p *player) place(ctx context.Context) error {
	p.placed = time.Now().UTC().Truncate(time.Millisecond)
	order, err := p.example.order(p.placed)
	if err != nil {
		return err
	}
	stored, err := p.book.Order(ctx, order.ID)
	switch {
	case err == nil:
		if stored.ProcessedAt != nil {
			p.placed = *stored.ProcessedAt
		}
		p.order, err = p.example.order(p.placed)
		return err
	case !errors.Is(err, postgres.ErrNotFound):
		return err
	}
	p.order = order
	s, err := p.sender(ctx)
	if err != nil {
		return err
	}
	nameOrder(&order, &asker{})
	if _, err := s.CreateOrder(ctx, order); err != nil {
		return err
	}
	p.did++
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
	commandID := fmt.Sprintf("sample/%s/%d", p.name, i+1)
	fos, err := p.candidates(ctx, step)
	if err != nil {
		return err
	}
	all, err := p.book.FulfillmentOrdersOf(ctx, p.order.ID)
	if err != nil {
		return err
	}
	for _, fo := range all {
		answered, err := p.book.Answers(ctx, fo.ID, []string{commandID})
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
	meta := cmd.Envelope()
	meta.CommandID, meta.Actor = commandID, step.actor(fo)
	s, err := p.sender(ctx)
	if err != nil {
		return err
	}
	p.did++
	result, err := s.Send(ctx, fo.ID, cmd)
	p.since[fo.ID] = result.Sequence
	return err
}

func (p *player) cancelOrder(ctx context.Context, i int) error {
	stored, err := p.book.Order(ctx, p.order.ID)
	if err != nil || stored.CancelledAt != nil {
		return err
	}
	cmd := fulfillment.CancelOrder{OrderID: p.order.ID, Reason: "the customer has changed their mind"}
	cmd.CommandID = fmt.Sprintf("sample/%s/%d", p.name, i+1)
	cmd.Actor = fulfillment.Actor{Role: fulfillment.RoleMerchant}
	s, err := p.sender(ctx)
	if err != nil {
		return err
	}
	p.did++
	_, err = s.CancelOrder(ctx, cmd)
	return err
}

// candidates are the fulfillment orders that the step may mean.
func (p *player) candidates(ctx context.Context, step *exampleStep) ([]*fulfillment.FulfillmentOrder, error) {
	fos, err := p.book.FulfillmentOrdersOf(ctx, p.order.ID)
	return slices.DeleteFunc(fos, func(fo *fulfillment.FulfillmentOrder) bool {
		return (step.At != "" && fo.AssignedLocation.Name != step.At) ||
			(step.SKU != "" && !slices.ContainsFunc(fo.Lines, func(l fulfillment.Line) bool { return l.SKU == step.SKU }))
	}), err
}

// choose is the fulfillment order that a command is for: the newest that has work left, or, for news about shipments,
// the newest that has one.
func choose(fos []*fulfillment.FulfillmentOrder, cmd fulfillment.Command) *fulfillment.FulfillmentOrder {
	var chosen *fulfillment.FulfillmentOrder
	for _, fo := range fos {
		fits := fo.Status != fulfillment.StatusClosed
		switch cmd.(type) {
		case *fulfillment.RecordEvent, *fulfillment.UpdateTracking, *fulfillment.CancelFulfillment:
			fits = len(fo.Fulfillments) > 0
		}
		if fits && (chosen == nil || fo.ID > chosen.ID) {
			chosen = fo
		}
	}
	return chosen
}

// complete fills in what depends on the fulfillment order: IDs of lines, shipments and locations.
func (p *player) complete(ctx context.Context, cmd fulfillment.Command, step *exampleStep, fo *fulfillment.FulfillmentOrder) error {
	if len(fo.Fulfillments) > 0 {
		last := fo.Fulfillments[len(fo.Fulfillments)-1].ID
		switch c := cmd.(type) {
		case *fulfillment.RecordEvent:
			c.FulfillmentID = last
		case *fulfillment.UpdateTracking:
			c.FulfillmentID = last
		case *fulfillment.CancelFulfillment:
			c.FulfillmentID = last
		}
	}
	if move, ok := cmd.(*fulfillment.Move); ok {
		to, err := location(ctx, p.book, step.To)
		if err != nil {
			return err
		}
		move.NewLocationID = to.ID
	}
	if len(step.Lines) == 0 {
		return nil
	}
	var lines []fulfillment.Quantity
	for _, l := range fo.Lines {
		if n := step.Lines[l.SKU]; n > 0 {
			lines = append(lines, fulfillment.Quantity{ID: l.ID, Quantity: n})
		}
	}
	body, err := json.Marshal(map[string]any{"fulfillmentOrderLineItems": lines})
	if err != nil {
		return fmt.Errorf("write the lines: %w", err)
	}
	return json.Unmarshal(body, cmd)
}

func (s *exampleStep) actor(fo *fulfillment.FulfillmentOrder) fulfillment.Actor {
	switch s.As {
	case "merchant":
		return fulfillment.Actor{Role: fulfillment.RoleMerchant, App: s.App}
	case "service":
		return fulfillment.Actor{Role: fulfillment.RoleService, App: s.App, ServiceID: fo.AssignedLocation.ServiceID, Name: fo.AssignedLocation.ServiceName}
	}
	return fulfillment.Actor{Role: fulfillment.RoleOperator, App: s.App}
}

// wait looks at the store until what is waited for has come true, now or at any time since the last command.
func (p *player) wait(ctx context.Context, step *exampleStep) error {
	last := "the order has no such fulfillment order"
	for pause := firstLook; ; pause = min(pause*3/2, longestLook) {
		fos, err := p.candidates(ctx, step)
		if err != nil && ctx.Err() == nil {
			return err
		}
		for _, fo := range fos {
			last = fmt.Sprintf("fulfillment order %s is %s", fo.ID, pair(fo.Status, fo.RequestStatus))
			reached, err := p.reached(ctx, step, fo)
			if reached || (err != nil && ctx.Err() == nil) {
				return err
			}
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return fmt.Errorf("not reached within %s: %s. Does the worker run?", sampleStepTimeout, last)
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

func (p *player) reached(ctx context.Context, step *exampleStep, fo *fulfillment.FulfillmentOrder) (bool, error) {
	until := step.Until
	if until.Shown != "" && !slices.ContainsFunc(fo.Fulfillments, func(f fulfillment.Fulfillment) bool {
		return f.DisplayStatus == until.Shown || slices.ContainsFunc(f.Events, func(e fulfillment.Event) bool { return string(e.Status) == string(until.Shown) })
	}) {
		return false, nil
	}
	fits := func(s fulfillment.Status, r fulfillment.RequestStatus) bool {
		return (until.Status == "" || s == until.Status) && (until.RequestStatus == "" || r == until.RequestStatus)
	}
	if fits(fo.Status, fo.RequestStatus) {
		return true, nil
	}
	page := postgres.Page{Limit: postgres.MaxLimit, After: postgres.Cursor(max(0, p.since[fo.ID]-1))}
	for {
		found, err := p.book.Transitions(ctx, fo.ID, page)
		if err != nil {
			return false, err
		}
		for _, t := range found.Items {
			if fits(t.After.Status, t.After.RequestStatus) {
				return true, nil
			}
		}
		if page.After = found.Next; page.After == 0 {
			return false, nil
		}
	}
}
