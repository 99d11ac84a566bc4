package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// lane is the events of one order, which are delivered one after the other. Those that somebody has asked for again are
// older than what comes by itself, and go beside it.
type lane struct {
	of    laneKey
	items []*item // by position
	busy  bool    // the first one is on its way
	ready bool    // it has its turn, or waits for it
}

type laneKey struct {
	order  fulfillment.ID
	replay bool
}

// add puts an event behind the others of its order.
func (f *follower) add(i *item) {
	of := laneKey{i.OrderID, i.Replay}
	l := f.lanes[of]
	if l == nil {
		l = &lane{of: of}
		f.lanes[of] = l
	}
	for _, position := range f.skipped[of] { // Some may be known from before.
		if position < i.Position && !slices.Contains(i.Skipped, position) {
			i.Skipped = append(i.Skipped, position)
		}
	}
	delete(f.skipped, of)
	l.items = append(l.items, i)
	i.taken = f.taken
	if i.Replay {
		i.row = true
		f.replays++
	} else if i.stored {
		i.row = true
		f.stored++
	} else {
		f.under = append(f.under, i)
		f.fresh++
	}
	f.enqueue(l)
}

// enqueue lets a lane have its turn, if its first event may be sent now.
func (f *follower) enqueue(l *lane) {
	if l.ready || l.busy || len(l.items) == 0 {
		return
	}
	if at := l.items[0].NextAt; at.After(f.now()) {
		if f.waits.IsZero() || at.Before(f.waits) {
			f.waits = at
		}
		return
	}
	l.ready = true
	if l.of.replay {
		f.again = append(f.again, l)
	} else {
		f.ready = append(f.ready, l)
	}
}

// turn is the next lane that has its turn: every fourth one of those that were asked for again, as long as there are
// others, which so wait for none of them for long.
func (f *follower) turn() *lane {
	from := &f.ready
	if f.turns++; len(f.again) > 0 && (len(f.ready) == 0 || f.turns%4 == 0) {
		from = &f.again
	}
	l := (*from)[0]
	*from = (*from)[1:]
	l.ready = false
	return l
}

// wake lets lanes have their turn whose time has come.
func (f *follower) wake() {
	f.waits = time.Time{}
	for _, l := range f.lanes {
		f.enqueue(l)
	}
}

// next is when the next event may be sent that may not be sent now; zero: there is none.
func (f *follower) next() time.Time {
	if f.breaker.open() {
		return f.breaker.probe
	}
	return f.waits
}

// pause is how long there is nothing to do by itself.
func (f *follower) pause() time.Duration {
	wait := quiet - time.Since(f.told)
	switch {
	case f.noting != nil: // It tells when it is done.
	case f.unnoted():
		wait = tell - time.Since(f.since)
	case len(f.under) > 0:
		wait = patience - f.waited()
	}
	if early := f.untilLook(); early > 0 && f.read < f.newest && !f.reading {
		wait = min(wait, early)
	}
	if next := f.next(); !next.IsZero() && !f.ending {
		wait = min(wait, next.Sub(f.now()))
	}
	if blocked := time.Until(f.blocked); blocked > 0 {
		wait = max(wait, blocked)
	}
	return max(wait, time.Millisecond)
}

// start sends what has its turn, as much as may be on its way at the same time. A receiver that fails throughout gets
// the oldest event now and then, and nothing else.
func (f *follower) start(ctx context.Context) {
	if f.breaker.open() {
		if f.inFlight == 0 && !f.breaker.probe.After(f.now()) {
			if l := f.toProbe(); l != nil {
				l.items[0].probes++
				f.send(ctx, l)
				return
			}
			f.breaker = breaker{} // There is nothing left to try it with.
		} else {
			return
		}
	}
	for f.inFlight < f.atOnce() && len(f.ready)+len(f.again) > 0 {
		l := f.turn()
		if !l.busy && len(l.items) > 0 && !l.items[0].NextAt.After(f.now()) {
			f.send(ctx, l)
		} else {
			f.enqueue(l)
		}
	}
}

// toProbe is the lane that a receiver which fails throughout is tried with: that of the oldest event, and when that
// fails again, of the next one, since the oldest may be one that it never takes; nil: there is none but those that were
// asked for again.
func (f *follower) toProbe() *lane {
	var best *lane
	for _, l := range f.lanes {
		if l.of.replay {
			continue
		}
		if best == nil || cmp.Or(
			cmp.Compare(l.items[0].probes, best.items[0].probes),
			cmp.Compare(l.items[0].Position, best.items[0].Position),
		) < 0 {
			best = l
		}
	}
	return best
}

// holdsBack tells whether the rest of the feed waits, because the receiver fails throughout. As long as there is only
// one order to try it with, more is read: what comes first may be never taken.
func (f *follower) holdsBack() bool {
	if !f.breaker.open() {
		return false
	}
	orders := 0
	for _, l := range f.lanes {
		if !l.of.replay {
			orders++
		}
		if orders > 1 {
			return true
		}
	}
	return false
}

// send makes an attempt with the first event of a lane.
func (f *follower) send(ctx context.Context, l *lane) {
	i := l.items[0]
	l.busy = true
	f.inFlight++
	attempt, sub := Attempt{Event: i.Event, Body: i.body, Number: i.Attempts + 1, Replay: i.Replay}, f.sub
	go func() {
		r := result{lane: l, item: i, at: time.Now(), uri: sub.URI}
		if attempt.Body == nil {
			attempt.Body, r.Err = f.bodyOf(ctx, sub, i.Position)
		}
		switch {
		case r.Err != nil:
		case attempt.Body == nil:
			r.nothing = true
		default:
			r.at = time.Now()
			r.Result = f.Send(ctx, sub, attempt)
			r.nothing = r.Withheld
		}
		f.results <- r
	}()
}

// bodyOf finds the body that was made for the first attempt, or makes it.
func (f *follower) bodyOf(ctx context.Context, sub webhook.Subscription, position int64) ([]byte, error) {
	bodies, err := f.Book.ParkedBodies(ctx, sub.ID, []int64{position})
	switch {
	case err != nil:
		return nil, &AwayError{err}
	case bodies[position] != nil:
		return bodies[position], nil
	}
	page, err := f.Book.Feed(ctx, postgres.FeedQuery{After: position - 1, Limit: 1})
	switch {
	case errors.As(err, new(*postgres.FeedGoneError)):
		return nil, err
	case err != nil:
		return nil, &AwayError{err}
	}
	if len(page.Entries) == 0 || page.Entries[0].Position != position {
		return nil, fmt.Errorf("event %d is not in the feed any more", position)
	}
	rendered, err := f.Render(ctx, sub, page.Entries)
	if err != nil {
		return nil, &AwayError{err}
	}
	if rendered[0].Err != nil {
		return nil, fmt.Errorf("make the body: %w", rendered[0].Err)
	}
	return rendered[0].Body, nil
}

// take notes what became of an attempt.
func (f *follower) take(ctx context.Context, r result) {
	f.inFlight--
	r.lane.busy = false
	defer f.enqueue(r.lane)
	i := r.item
	if r.nothing {
		f.drop(r.lane)
		return
	}
	if errors.As(r.Err, new(*AwayError)) {
		i.NextAt, f.breaker.lastError = f.now().Add(retry), r.Err.Error()
		f.block(ctx, r.Err)
		return
	}
	i.Attempts++
	attempt := webhook.Attempt{
		Position: i.Position, Attempt: i.Attempts, Replay: i.Replay, At: r.at.Add(f.clock), Took: r.Took,
		Status: r.Status, Answer: string(r.Answer),
	}
	if r.OK() {
		f.taken++
		f.attempts = append(f.attempts, attempt)
		f.drop(r.lane)
		if f.breaker.succeeded() { // Everybody may be tried again.
			for _, l := range f.lanes {
				l.items[0].NextAt = f.now()
			}
			f.wake()
		}
		return
	}
	attempt.Error = r.Why()
	f.attempts = append(f.attempts, attempt)
	i.LastError, i.row = attempt.Error, true
	f.touch(i)
	if r.Status == http.StatusGone {
		i.NextAt = f.now()
		if r.uri == f.sub.URI { // Else the receiver is elsewhere by now.
			f.state, f.gone = webhook.Disabled, r.uri
			f.reason = "The receiver answered 410: it is gone. Resume it, or give it another address, to go on " +
				"where it stopped."
		}
		return
	}
	probing := f.breaker.open()
	if !i.Replay { // Somebody may ask for what no receiver takes; that says nothing of it.
		f.breaker.failed(i.Position, attempt.Error, f.now().Add(f.Probe), r.Unanswered)
	}
	// Without an answer nothing is known of the event, unless another one was taken meanwhile.
	counts := !probing && (!r.Unanswered || f.taken > i.taken)
	i.taken = f.taken
	if counts {
		i.Strikes++
	}
	if i.Strikes > len(f.Retries) {
		f.giveUp(r.lane)
		return
	}
	wait := f.pauseAfter(i.Strikes)
	if !counts {
		wait = min(f.pauseAfter(i.Attempts), f.Probe)
	}
	wait += time.Duration((rand.Float64() - 0.5) / 5 * float64(wait))
	i.NextAt = f.now().Add(max(wait, r.RetryAfter))
	if f.breaker.open() {
		i.NextAt = f.breaker.probe // For people: nothing is sent before.
	}
}

// pauseAfter is how long an event waits that has failed so often.
func (f *follower) pauseAfter(times int) time.Duration {
	if len(f.Retries) == 0 {
		return f.Probe
	}
	return f.Retries[min(max(times, 1), len(f.Retries))-1]
}

// Why says what was wrong with an answer, or why there was none.
func (r Result) Why() string {
	if r.Err != nil {
		return r.Err.Error()
	}
	return fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status))
}

// giveUp leaves the first event of a lane as a dead letter; the next one says so.
func (f *follower) giveUp(l *lane) {
	i := l.items[0]
	i.State = webhook.Dead
	f.dead = append(f.dead, i.parked())
	skipped := append(slices.Clone(i.Skipped), i.Position)
	if len(l.items) > 1 {
		l.items[1].Skipped = skipped
		f.touch(l.items[1])
	} else {
		f.skipped[l.of] = skipped
	}
	f.remove(l)
}

// drop forgets the first event of a lane, which was delivered.
func (f *follower) drop(l *lane) {
	if l.of.replay {
		f.replayed = append(f.replayed, l.items[0].Position)
	} else if l.items[0].row { // It may have one, also where the answer to that was lost.
		f.delivered = append(f.delivered, l.items[0].Position)
	}
	f.remove(l)
}

func (f *follower) remove(l *lane) {
	if l.of.replay {
		f.replays--
	} else if l.items[0].stored {
		f.stored--
		f.kept -= len(l.items[0].body)
	} else {
		f.fresh--
		f.finished++
	}
	l.items[0].done = true
	l.items = l.items[1:]
	if len(l.items) == 0 {
		delete(f.lanes, l.of)
		return
	}
	f.enqueue(l)
}
