package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"packhorse/internal/fulfillment"
)

// counter counts what was read, to know how far a file has come.
type counter struct {
	in io.Reader
	n  atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// importRun hands over the lines of a file.
type importRun struct {
	app      *app
	send     sender
	rejects  rejects
	progress progress
	position func() int64
	done     imported
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
func (r *importRun) all(ctx context.Context, lines *ndjson) error {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(importGrace, cancel) })()

	queue := make(chan chan outcome, importInFlight-1)
	go func() {
		defer close(queue)
		for {
			line, err := lines.next()
			if err != nil {
				r.done.Complete = errors.Is(err, io.EOF)
				if !r.done.Complete {
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
			before, leave := r.underway.enter(order.ID)
			go func() {
				defer leave()
				if before != nil {
					<-before
				}
				created, err := r.send.CreateOrder(sending, order)
				answer <- outcome{line: line, created: err == nil && !created.Repeated, err: err}
			}()
		}
	}()
	for answer := range queue {
		if err := r.take(<-answer); err != nil {
			stop(err)
		}
	}
	return context.Cause(reading)
}

// importable is the order of a line, named.
func importable(line ndjsonLine) (fulfillment.Order, error) {
	if line.problem != nil {
		return fulfillment.Order{}, &fulfillment.Error{Code: fulfillment.CodeInvalid, Message: line.problem.Error()}
	}
	order, err := fulfillment.DecodeOrder(line.text)
	if err != nil {
		return fulfillment.Order{}, err
	}
	if order.ID == 0 && order.SourceIdentifier == "" {
		return fulfillment.Order{}, &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"sourceIdentifier"},
			Message: "The order has neither an id nor a sourceIdentifier: it could not be recognised when it is imported again."}
	}
	nameOrder(&order, &asker{})
	return order, nil
}

// take counts an outcome. Its error means that the import can't go on.
func (r *importRun) take(o outcome) error {
	refused, isRefusal := fulfillment.AsError(o.err)
	switch {
	case o.err == nil && o.created:
		r.done.Created++
	case o.err == nil:
		r.done.AlreadyThere++
	case isRefusal && !refused.Retryable():
		r.done.Rejected++
		if r.done.Rejected <= shownRejects && !r.app.json() {
			fmt.Fprintf(r.app.errOut, "line %d: %s\n", o.line.number, oneLine(refused.Message))
		}
		if r.done.Rejected == shownRejects && !r.app.json() {
			fmt.Fprintf(r.app.errOut, "more rejected lines are only in %s\n", r.rejects.path)
		}
		if err := r.rejects.add(newRejected(o.line, refused)); err != nil {
			return err
		}
	default:
		return fmt.Errorf("line %d: %w", o.line.number, o.err)
	}
	r.done.LastLine = o.line.number
	n := r.done.Created + r.done.AlreadyThere + r.done.Rejected
	r.progress.describe(count(n, "order"))
	r.progress.to(r.position())
	return nil
}

// summary tells what became of the file; stopped says why it ended early.
func (r *importRun) summary(ctx context.Context, file string, stopped error) error {
	if r.rejects.n > 0 {
		r.done.RejectFile = r.rejects.path
	}
	r.done.Complete = r.done.Complete && stopped == nil
	if r.app.json() {
		if err := writeJSON(r.app.out, r.done); err != nil {
			return err
		}
	} else {
		text := fmt.Sprintf("%s created, %d already there, %d rejected", count(r.done.Created, "order"), r.done.AlreadyThere, r.done.Rejected)
		if r.rejects.n > 0 {
			text += " (see " + r.rejects.path + ")"
		}
		fmt.Fprintln(r.app.out, text)
	}
	goOn := fmt.Sprintf("Import %s again to go on: what is there already is recognised.", file)
	switch {
	case ctx.Err() != nil && stopped != nil:
		return &stoppedError{fmt.Errorf("interrupted after line %d", r.done.LastLine), goOn, true}
	case stopped != nil:
		return &stoppedError{fmt.Errorf("stopped after line %d: %w", r.done.LastLine, stopped), goOn, true}
	case r.done.Rejected > 0:
		return &stoppedError{fmt.Errorf("%s of %s rejected", count(r.done.Rejected, "line"), inputName(file)),
			fmt.Sprintf("Mend them (jq -r .text %s has the lines) and import them.", r.rejects.path), false}
	}
	return nil
}
