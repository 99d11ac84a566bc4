// Package orderimport hands over the orders of a file with one JSON object a line. A line that can't be taken does not
// stop the others; an order that was handed over before is recognised, so that an import may be done again.
package orderimport

import (
	"context"
	"errors"
	"time"

	"packhorse/internal/fulfillment"
)

const (
	// inFlight is how many orders are being handed over at the same time.
	inFlight = 16
	// grace is how long orders that are on their way may take to arrive after the context has ended.
	grace = 15 * time.Second
)

// Import says how to import. Take, Identify and RejectFile are required.
type Import struct {
	// Take hands an order over. Its refusals are *fulfillment.Error.
	Take func(ctx context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error)
	// Identify completes an order that has an ID or a source identifier with the other, and a command ID that follows.
	Identify func(*fulfillment.Order)
	// RejectFile is the path of the file for the lines that are rejected, which is made when there is one.
	RejectFile string

	// Rejected is told of every rejected line, and Progress how far the import is after every line: what was read of
	// the file in bytes, before it is unpacked. Both are called by one goroutine. Default: nobody is told.
	Rejected func(Rejected)
	Progress func(so Summary, read int64)
}

// Summary is what became of a file.
type Summary struct {
	Created      int    `json:"created"`
	AlreadyThere int    `json:"alreadyThere"`
	Rejected     int    `json:"rejected"`
	LastLine     int    `json:"lastLine"` // the last one that was dealt with
	RejectFile   string `json:"rejectFile,omitempty"`
	Complete     bool   `json:"complete"` // the whole file was read
}

// Orders is how many orders were dealt with.
func (s Summary) Orders() int { return s.Created + s.AlreadyThere + s.Rejected }

// Run imports all lines. The summary says how far it came, also beside an error: the input can't be read, the context
// ended, or nothing can be handed over any more.
func (i Import) Run(ctx context.Context, lines *Lines) (Summary, error) {
	r := &run{Import: i, rejects: rejects{path: i.RejectFile}}
	stopped := errors.Join(r.all(ctx, lines), r.rejects.close())
	if r.rejects.n > 0 {
		r.done.RejectFile = i.RejectFile
	}
	r.done.Complete = r.done.Complete && stopped == nil
	return r.done, stopped
}
