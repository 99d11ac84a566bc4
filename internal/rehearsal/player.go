package rehearsal

import (
	"container/heap"
	"context"
	"slices"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
)

// Commands sends commands to workflows and waits for their durable answers; refusals are *fulfillment.Error. A
// *operation.Commands is one.
type Commands interface {
	CreateOrder(ctx context.Context, order fulfillment.Order) (fulfillment.OrderCreated, error)
	Send(ctx context.Context, id fulfillment.ID, cmd fulfillment.Command) (fulfillment.Result, error)
	CancelOrder(ctx context.Context, cmd fulfillment.CancelOrder) (fulfillment.OrderCancelled, error)
}

// played is a recorded order while it is played, and what came of it.
type played struct {
	record *Record
	id     fulfillment.ID
	steps  []moment
	next   int       // index into steps
	due    time.Time // when steps[next] is to be played, if the system keeps up

	created  bool
	refusals []Refusal
	parts    []part // one for each seller, in the order of Record.groups
}

// part is one seller's share of an order.
type part struct {
	seller       string
	id           fulfillment.ID // of the fulfillment order; zero: the order has none at the seller's location
	fulfillment  fulfillment.ID
	cancellation bool // its service was asked to stop
}

// Refusal is a command that the system refused.
type Refusal struct {
	Step    Step             `json:"step"`
	Code    fulfillment.Code `json:"code"`
	Message string           `json:"message"`
}

func (o *played) refused(step Step) *Refusal {
	if i := slices.IndexFunc(o.refusals, func(r Refusal) bool { return r.Step == step }); i >= 0 {
		return &o.refusals[i]
	}
	return nil
}

func newPlayed(run string, record *Record, clock Clock) *played {
	o := &played{record: record, id: OrderID(run, record.ID), steps: record.life()}
	o.due = clock.Real(o.steps[0].at)
	return o
}

// end is when the last step is to be played.
func (o *played) end(clock Clock) time.Time {
	end := o.due
	for _, m := range o.steps {
		if at := clock.Real(m.at); at.After(end) {
			end = at
		}
	}
	return end
}

// player plays orders on the clock: every order's next step when it is due, at most inFlight at the same time. What
// the system can't do in time is done late, never left out.
type player struct {
	commands Commands
	store    Store
	inbox    *inbox
	// warehouse plays the sellers that are warehouses over HTTP; nil: there are none.
	warehouse *warehouse
	minter    *fulfillment.Minter
	run       string
	clock     Clock
	inFlight  int
	progress  func(steps int)
	waiting   func(err error) // the system doesn't answer; the player goes on trying

	mu      sync.Mutex
	queue   queue
	running int
	wake    chan struct{}
	lags    []time.Duration
}

// play returns when every order has come to its end, or with ctx's error.
func (p *player) play(ctx context.Context, orders []*played) error {
	p.wake = make(chan struct{}, 1)
	p.queue = slices.Clone(orders)
	heap.Init(&p.queue)
	var steps sync.WaitGroup
	defer steps.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		order, wait, done := p.take(time.Now())
		if done {
			return nil
		}
		if order != nil {
			steps.Go(func() { p.step(ctx, order) })
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.wake:
		case <-timer.C:
		}
	}
}

// take takes the next order that is due, or says how long there is nothing to do (unless the player is woken).
func (p *player) take(now time.Time) (order *played, wait time.Duration, done bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case len(p.queue) == 0 && p.running == 0:
		return nil, 0, true
	case len(p.queue) == 0 || p.running >= p.inFlight:
		return nil, time.Hour, false
	}
	if wait := p.queue[0].due.Sub(now); wait > 0 {
		return nil, wait, false
	}
	order = heap.Pop(&p.queue).(*played)
	p.running++
	p.lags = append(p.lags, now.Sub(order.due))
	return order, 0, false
}

// step plays one step of the order and puts the order back in the queue, unless that was the last.
func (p *player) step(ctx context.Context, order *played) {
	goesOn := p.act(ctx, order, order.steps[order.next].step)
	if ctx.Err() != nil {
		goesOn = false
	}
	before := order.next
	order.next++
	if !goesOn {
		order.next = len(order.steps)
	}
	played := order.next - before // Once the order is back in the queue it belongs to its next step.
	p.mu.Lock()
	p.running--
	if order.next < len(order.steps) {
		// A step never comes before the one that it waits for.
		if at := p.clock.Real(order.steps[order.next].at); at.After(order.due) {
			order.due = at
		}
		heap.Push(&p.queue, order)
	}
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
	p.progress(played)
}

// queue is a heap of orders by when they are due.
type queue []*played

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*played)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return x
}
