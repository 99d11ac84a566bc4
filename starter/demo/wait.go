package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// wait looks at the store until what is waited for has come true, now or at any time since the last command.
func (p *player) wait(ctx context.Context, step *Step) error {
	last := "the order has no such fulfillment order"
	for pause := firstLook; ; pause = min(pause*3/2, longestLook) {
		fos, err := p.candidates(ctx, step)
		if err != nil && ctx.Err() == nil {
			return err
		}
		for _, fo := range fos {
			last = fmt.Sprintf("fulfillment order %s is %s / %s", fo.ID, fo.Status, fo.RequestStatus)
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

func (p *player) reached(ctx context.Context, step *Step, fo *fulfillment.FulfillmentOrder) (bool, error) {
	until := step.Until
	if until.Shown != "" && !slices.ContainsFunc(fo.Fulfillments, func(f fulfillment.Fulfillment) bool {
		return f.DisplayStatus == until.Shown ||
			slices.ContainsFunc(
				f.Events, func(e fulfillment.FulfillmentEvent) bool { return string(e.Status) == string(until.Shown) },
			)
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
		found, err := p.Book.Transitions(ctx, fo.ID, page)
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
