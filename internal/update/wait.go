package update

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

const (
	// firstLook is how long an answer may take before anybody asks why there is none, and nextLook how long after
	// that.
	firstLook = 2 * time.Second
	nextLook  = 5 * time.Second
	// lookTimeout bounds one look.
	lookTimeout = 5 * time.Second
)

// Unanswered is the refusal of a command to which there is no answer yet, with what stands in the way.
type Unanswered struct {
	Refused *fulfillment.Error // with [fulfillment.CodeUnavailable]
	Cause   error
}

const (
	noAnswerYet = "There is no answer yet ("
	mayStill    = "). The command may still be carried out: send it again with the command ID "
)

func unanswered(commandID string, cause error) *Unanswered {
	return &Unanswered{Cause: cause, Refused: &fulfillment.Error{
		Code: fulfillment.CodeUnavailable, Message: noAnswerYet + innermost(cause.Error()) + mayStill + commandID +
			" to learn what became of it.",
	}}
}

// innermost is what stands in the way at the end of a chain of workflows each of which waits for the next one, and got
// no answer from it: what the others say of their own commands is not for who waits for the first.
func innermost(cause string) string {
	for {
		_, inner, nested := strings.Cut(cause, noAnswerYet)
		if !nested {
			return cause
		}
		cause, _, _ = strings.Cut(inner, mayStill)
	}
}

// Error is the refusal's message, which names the cause.
func (e *Unanswered) Error() string { return e.Refused.Message }

// Unwrap is the refusal.
func (e *Unanswered) Unwrap() error { return e.Refused }

// WhatToDo is the next step, where the cause says it, and whether it is known what stands in the way at all: then
// nothing else is to be looked for.
func (e *Unanswered) WhatToDo() (step string, known bool) {
	cause, known := errors.AsType[knowing](e.Cause)
	if !known {
		return "", false
	}
	return cause.WhatToDo(), true
}

// knowing is a cause that knows the next step.
type knowing interface {
	error
	WhatToDo() string
}

// ExplainCause is what stands in the way, with the next step where that is known.
func ExplainCause(cause error) string {
	if known, ok := errors.AsType[knowing](cause); ok && known.WhatToDo() != "" {
		return innermost(cause.Error()) + ". " + known.WhatToDo()
	}
	return innermost(cause.Error())
}

// wait is a question to which there is no answer yet. While it is asked, it looks into the book for the answer, and
// what keeps the workflow from giving it.
type wait[R any] struct {
	question[R]
	client *Client
	ctx    context.Context // of the tries: it ends when the book has the answer
	cancel context.CancelFunc
	looker sync.WaitGroup

	looking sync.Mutex // one look at a time
	mu      sync.Mutex
	found   *found[R] // in the book
	last    error     // of the last try
	cause   error     // what was seen to stand in the way since
}

// found is an answer of the book.
type found[R any] struct {
	answer R
	err    error // a refusal
}

func startWait[R any](ctx context.Context, c *Client, q question[R]) *wait[R] {
	w := &wait[R]{question: q, client: c}
	w.ctx, w.cancel = context.WithCancel(ctx)
	w.looker.Go(w.lookOut)
	return w
}

// end ends the looks. Then, and not before, w.found is read without a lock.
func (w *wait[R]) end() {
	w.cancel()
	w.looker.Wait()
}

// lookOut looks from time to time.
func (w *wait[R]) lookOut() {
	first := firstLook
	if timeout := w.client.options.Timeout; timeout > 0 {
		first = min(first, timeout/2)
	}
	timer := time.NewTimer(first)
	defer timer.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-timer.C:
			w.look()
			w.tell()
			timer.Reset(nextLook)
		}
	}
}

// look looks into the book and at the workflow. An answer in the book ends the tries.
func (w *wait[R]) look() {
	w.looking.Lock()
	defer w.looking.Unlock()
	ctx, cancel := context.WithTimeout(w.ctx, lookTimeout)
	defer cancel()
	if w.book != nil {
		answer, there, err := w.book(ctx)
		if _, isRefusal := fulfillment.AsError(err); there && err == nil || isRefusal {
			w.mu.Lock()
			w.found = &found[R]{answer, err}
			w.mu.Unlock()
			w.cancel()
			return
		}
	}
	cause := w.client.obstacle(ctx, w.workflowID)
	if w.ctx.Err() == nil {
		w.mu.Lock()
		w.cause = cause
		w.mu.Unlock()
	}
}

// failed notes a try that came to no answer. One that was turned away by a workflow that may be paused is looked into
// at once: until a person comes, there will be no other.
func (w *wait[R]) failed(err error) {
	ended := w.ctx.Err() != nil
	w.mu.Lock()
	if !ended || w.last == nil {
		w.last = err
	}
	if !ended && !errors.Is(err, context.DeadlineExceeded) && !temporalio.MayBePaused(err) {
		w.cause = nil // But that it took too long says nothing new.
	}
	w.mu.Unlock()
	if ended {
		return
	}
	if temporalio.MayBePaused(err) {
		before := w.paused()
		w.look()
		if before == nil && w.paused() != nil {
			w.tell()
		}
	}
	if repeats := w.client.options.Repeats; repeats != nil {
		repeats(w.why())
	}
}

// why is what stands in the way, as far as it is known.
func (w *wait[R]) why() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.cause != nil:
		return w.cause
	case w.last != nil:
		return fmt.Errorf("%s: %w", w.workflowID, w.last)
	}
	return fmt.Errorf("%s does not answer", w.workflowID)
}

// paused is the workflow that was seen to be paused; nil: it is not, as far as is known.
func (w *wait[R]) paused() *temporalio.PausedError {
	paused, _ := errors.AsType[*temporalio.PausedError](w.why())
	return paused
}

// tell tells whoever waits what for.
func (w *wait[R]) tell() {
	if waiting := w.client.options.Waiting; waiting != nil && w.ctx.Err() == nil {
		waiting(w.ctx, w.why())
	}
}
