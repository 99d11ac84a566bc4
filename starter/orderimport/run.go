package orderimport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"packhorse/internal/fulfillment"
)

// run is an import in progress.
type run struct {
	Import
	rejects  rejects
	done     Summary
	underway underway
}

// outcome is what became of one line.
type outcome struct {
	line    ndjsonLine
	created bool
	err     error
}

// all hands over line after line, several at the same time, and takes the outcomes in the order of the lines. It ends
// early, with the reason, when the input can't be read, when the context ends, or when nothing can be handed over any
// more; what is on its way by then is waited for.
func (r *run) all(ctx context.Context, lines *Lines) error {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()

	whole := false // Until the queue is closed, the reading goroutine's.
	queue := make(chan chan outcome, inFlight-1)
	go func() {
		defer close(queue)
		for {
			line, err := lines.next()
			if err != nil {
				if whole = errors.Is(err, io.EOF); !whole {
					stop(err)
				}
				return
			}
			order, err := importable(line)
			answer := make(chan outcome, 1)
			select {
			case queue <- answer:
			case <-reading.Done():
				return
			}
			if err != nil {
				answer <- outcome{line: line, err: err}
				continue
			}
			r.Identify(&order)
			before, leave := r.underway.enter(order.ID)
			go func() {
				defer leave()
				if before != nil {
					<-before
				}
				created, err := r.Take(sending, order)
				answer <- outcome{line: line, created: err == nil && !created.Repeated, err: err}
			}()
		}
	}()
	for answer := range queue {
		if err := r.take(<-answer, lines); err != nil {
			stop(err)
		}
	}
	r.done.Complete = whole
	return context.Cause(reading)
}

// importable is the order of a line, if it can be recognised when it comes again.
func importable(line ndjsonLine) (fulfillment.Order, error) {
	if line.problem != nil {
		return fulfillment.Order{}, &fulfillment.Error{Code: fulfillment.CodeInvalid, Message: line.problem.Error()}
	}
	order, err := fulfillment.DecodeOrder(line.text)
	if err != nil && isRejected(line.text) {
		err = &fulfillment.Error{
			Code:    fulfillment.CodeInvalid,
			Message: "This is a line of a reject file: import the line that is in it, once that is mended",
		}
	}
	if err != nil {
		return fulfillment.Order{}, err
	}
	if order.ID == 0 && fulfillment.Tidy(order.SourceIdentifier) == "" {
		message := "The order has neither an id nor a sourceIdentifier: it could not be recognised when it is " +
			"imported again"
		order.ID = 1 // What else is wrong is said at once.
		if err := order.Complete(fulfillment.IDEpoch); err != nil {
			message += "; " + err.Error()
		}
		return fulfillment.Order{}, &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Field: []string{"sourceIdentifier"}, Message: message,
		}
	}
	return order, nil
}

// take counts an outcome. Its error means that the import can't go on.
func (r *run) take(o outcome, lines *Lines) error {
	refused, isRefusal := fulfillment.AsError(o.err)
	switch {
	case o.err == nil && o.created:
		r.done.Created++
	case o.err == nil:
		r.done.AlreadyThere++
	case isRefusal && !refused.Retryable():
		r.done.Rejected++
		one := newRejected(o.line, refused)
		if r.Rejected != nil {
			r.Rejected(one)
		}
		if err := r.rejects.add(one); err != nil {
			return err
		}
	default:
		return fmt.Errorf("line %d: %w", o.line.number, o.err)
	}
	r.done.LastLine = o.line.number
	if r.Progress != nil {
		r.Progress(r.done, lines.input.n.Load())
	}
	return nil
}
