package simulated

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

const (
	lease    = 10 * time.Second // after it, another worker takes a task over; sending twice is harmless
	poll     = time.Second      // finds what other workers scheduled, and what killed ones left
	minWait  = time.Millisecond // while another worker has a due task locked to claim it
	minRetry = 100 * time.Millisecond
	maxRetry = 10 * time.Second
	farewell = 2 * time.Second // how long a stopping Run takes to write down what it has just done
)

// Run sends the commands of the simulated service when they are due, until the context ends. Any number of processes
// may run on the same ledger.
func (p *Provider) Run(ctx context.Context) error {
	if p.config.Reporter == nil {
		return fmt.Errorf("run the simulated provider: it needs a reporter")
	}
	var busy atomic.Int64
	var group sync.WaitGroup
	defer group.Wait()
	for ctx.Err() == nil {
		wait := poll
		if free := p.config.Parallel - int(busy.Load()); free > 0 {
			claimed, err := p.config.Ledger.Claim(ctx, time.Now(), lease, free)
			if err != nil && ctx.Err() == nil {
				p.config.Logger.WarnContext(
					ctx, "the simulated provider can't claim its tasks; it tries again", "error", err,
				)
			}
			for _, task := range claimed {
				busy.Add(1)
				group.Go(func() {
					p.execute(ctx, task)
					busy.Add(-1)
					p.notify()
				})
			}
			if err == nil && len(claimed) < free {
				wait = p.untilNext(ctx)
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-p.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

func (p *Provider) untilNext(ctx context.Context) time.Duration {
	now := time.Now()
	due, ok, err := p.config.Ledger.Next(ctx, now)
	if err != nil || !ok { // Claim says what is wrong with the ledger.
		return poll
	}
	return min(poll, max(minWait, due.Sub(now)))
}

// execute sends one command and writes down what came of it.
func (p *Provider) execute(ctx context.Context, task Task) {
	result, err := p.send(ctx, task)
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	refused, ok := fulfillment.AsError(err)
	switch {
	case err == nil:
		task.FulfillmentID = cmp.Or(result.FulfillmentID, task.FulfillmentID)
		err = p.config.Ledger.Finish(
			ctx, task, "done", task.Step.Says, tasks(task.Step.Then, task, time.Now()), task.Step.Drop,
		)
	case stopping:
		err = p.config.Ledger.Postpone(ctx, task, time.Now(), "stopped")
	case ok && !refused.Retryable() && !tooEarly(task, refused):
		outcome := fmt.Sprintf("refused: %s: %s", refused.Code, refused.Message)
		then := tasks(task.Step.Else, task, time.Now())
		err = p.config.Ledger.Finish(ctx, task, outcome, task.Step.givenUp(), then, "")
	default:
		err = p.config.Ledger.Postpone(ctx, task, time.Now().Add(backoff(task.Attempts)), err.Error())
	}
	if err != nil {
		p.config.Logger.WarnContext(ctx, "the simulated provider can't write down what it did; it does it again",
			"fulfillmentOrder", task.FulfillmentOrderID, "step", task.Step.Name, "error", err)
	}
}

// givenUp is what is said of a call whose answer Packhorse did not take: nothing follows from it.
func (s Step) givenUp() *provider.Answer {
	if s.Says == nil {
		return nil
	}
	return &ended
}

// tooEarly tells whether a shipment is refused only because Packhorse has not got the answer to the request yet: a
// lost answer must not keep goods in the warehouse for ever.
func tooEarly(task Task, refused *fulfillment.Error) bool {
	return task.Step.Verb == fulfillment.VerbCreateFulfillment &&
		refused.RequestStatus == fulfillment.RequestSubmitted &&
		refused.Status != fulfillment.StatusClosed && // Its units went elsewhere.
		refused.Code != fulfillment.CodeAccessDenied // It is somebody else's by now.
}

func (p *Provider) send(ctx context.Context, task Task) (fulfillment.Result, error) {
	cmd := fulfillment.NewCommand(task.Step.Verb)
	if cmd == nil {
		return fulfillment.Result{}, &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Message: fmt.Sprintf("There is no command %q.", task.Step.Verb),
		}
	}
	if err := json.Unmarshal(task.Step.Body, cmd); err != nil {
		return fulfillment.Result{}, &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Message: fmt.Sprintf("The step is malformed: %s", err),
		}
	}
	if event, ok := cmd.(*fulfillment.RecordEvent); ok {
		event.FulfillmentID = task.FulfillmentID
	}
	ctx, cancel := context.WithTimeout(ctx, lease)
	defer cancel()
	return provider.Tell(ctx, p.config.Reporter, p.ID(), provider.News{
		ID:    task.Key + "/" + task.Step.Name, // The same on every attempt, so that it counts once.
		About: provider.Subject{FulfillmentOrderID: task.FulfillmentOrderID}, Service: task.ServiceID, Command: cmd,
	})
}

func backoff(attempts int) time.Duration {
	return min(maxRetry, minRetry<<min(max(attempts-1, 0), 10))
}
