// Package demo takes sample orders through their lives: each is handed over, and commands are sent to it and conditions
// waited for as its example says. Everything is named by the example, so what was interrupted goes on where it was, and
// what is done is left alone.
package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/postgres"
)

// Book is what has been committed: a *postgres.Store.
type Book interface {
	Order(ctx context.Context, id fulfillment.ID) (*fulfillment.OrderRecord, error)
	FulfillmentOrdersOf(ctx context.Context, orderID fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error)
	Answers(ctx context.Context, id fulfillment.ID, commandIDs []string) ([]fulfillment.Answered, error)
	Transitions(ctx context.Context, id fulfillment.ID, page postgres.Page) (postgres.TransitionPage, error)
	Locations(ctx context.Context) ([]fulfillment.Location, error)
	AddLocation(ctx context.Context, l fulfillment.Location) (fulfillment.Location, error)
	AddService(ctx context.Context, s fulfillment.Service) (fulfillment.Service, error)
}

// Sender is what can be done with orders and fulfillment orders.
type Sender struct {
	Orders            operation.Orders
	FulfillmentOrders operation.FulfillmentOrders
}

// Stage is what examples are played on. All but Progress and Note are required.
type Stage struct {
	Book Book
	// Sender connects when something has to be sent: a second run has nothing to send. Several may ask at a time.
	Sender func(context.Context) (Sender, error)
	// Location finds a location by its name.
	Location func(ctx context.Context, name string) (fulfillment.Location, error)

	// Progress is told how many of all steps are passed, Note what is worth a line: one call of both at a time.
	Progress func(passed int)
	Note     func(text string)
}

// Life is what was done for an example.
type Life struct {
	*Example
	OrderID fulfillment.ID // 0: the order could not even be read
	Sent    int            // commands, the order itself included
}

// Steps is how many steps the examples have together, for [Stage.Progress]; to hand an order over is one.
func Steps(examples []*Example) int {
	n := 0
	for _, e := range examples {
		n += 1 + len(e.Steps)
	}
	return n
}

// Play takes all examples through their lives, at the same time. What became of them comes in their order, also of
// those that failed; the error joins why.
func (s *Stage) Play(ctx context.Context, examples []*Example) ([]Life, error) {
	var telling sync.Mutex
	passed := 0
	step := func() {
		telling.Lock()
		defer telling.Unlock()
		if passed++; s.Progress != nil {
			s.Progress(passed)
		}
	}
	note := func(text string) {
		telling.Lock()
		defer telling.Unlock()
		if s.Note != nil {
			s.Note(text)
		}
	}
	lives := make([]Life, len(examples))
	errs := make([]error, len(examples))
	began := time.Now()
	var group sync.WaitGroup
	for i, e := range examples {
		group.Go(func() {
			p := &player{Example: e, Stage: s, passed: step}
			errs[i] = p.play(ctx)
			lives[i] = Life{Example: e, OrderID: p.order.ID, Sent: p.sent}
			if errs[i] == nil && p.sent > 0 {
				note(fmt.Sprintf("%s %s (%.1f s)", p.order.Name, e.Name, time.Since(began).Seconds()))
			}
		})
	}
	group.Wait()
	return lives, errors.Join(errs...)
}
