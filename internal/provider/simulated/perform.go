package simulated

import (
	"context"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// perform does the effect and answers, or fails to answer, as the effect's settings say.
func (p *Provider) perform(ctx context.Context, v verdict, e Effect) (provider.Answer, error) {
	if e.Key == "" {
		return provider.Answer{}, refuse("the simulated provider needs an idempotency key")
	}
	s, c := e.Settings, chance{p.config.Seed, e.Key}
	called := time.Now()
	latency := c.between("latency", s.Latency, 1)
	if err := travel(ctx, latency/2); err != nil {
		return provider.Answer{}, err
	}
	answer, steps, late := v.plan(s, c)
	e.Answer, e.Reference, e.CreatedAt = answer, v.answer.Reference, called
	drop := v.drop
	if answer.Outcome != fulfillment.OutcomeAccepted {
		drop = ""
	}
	cause := Task{Key: e.Key, FulfillmentOrderID: e.FulfillmentOrderID, ServiceID: e.ServiceID}
	done, err := p.config.Ledger.Record(ctx, e, tasks(steps, cause, called), drop, s.IgnoreKeys)
	if err != nil {
		return provider.Answer{}, &provider.Error{
			Class: provider.UnknownOutcome, Message: "record the simulated effect", Cause: err,
		}
	}
	if done.Kind != e.Kind || done.FulfillmentOrderID != e.FulfillmentOrderID {
		return provider.Answer{}, refuse("the key %s was used before, for something else", e.Key)
	}
	if len(steps) > 0 {
		p.notify()
	}
	switch {
	case late && done.Calls == 1:
		// The caller's patience ends first, or the connection does when the answer is sent.
		err := travel(ctx, time.Until(called.Add(time.Duration(s.LateAnswerAfter))))
		return provider.Answer{}, lost(err)
	case c.happens("lost answer", s.LostAnswerRate, done.Calls):
		return provider.Answer{}, lost(nil)
	}
	if err := travel(ctx, latency/2); err != nil {
		return provider.Answer{}, err
	}
	references := done.References()
	done.Answer.Reference = references[len(references)-1]
	return done.Answer, nil
}

// travel is the way to the service or back. The service can't tell why a caller has gone, so its error says that the
// outcome is unknown.
func travel(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		if err := ctx.Err(); err != nil {
			return lost(err)
		}
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return lost(ctx.Err())
	}
}

func lost(cause error) error {
	return &provider.Error{
		Class: provider.UnknownOutcome, Message: "the simulated service gave no answer", Cause: cause,
	}
}

func (p *Provider) notify() {
	select {
	case p.wake <- struct{}{}:
	default: // It is going to look anyway.
	}
}
