package delivery

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

const (
	// pageSize is how many events may be under way that have no row: they are in memory, with their bodies. A slow
	// receiver has fewer, but leastPage for each that may be on its way: what is not told in time is written.
	pageSize, leastPage = 500, 4
	// maxUnnoted is after how many attempts these are noted before there are more.
	maxUnnoted = 500
	// maxKept is how many bytes of bodies are kept that have been written, so that they need not be read again.
	maxKept = 4 << 20
	// maxParked is how many events may wait to be tried again. While there are more, the feed is not read: it waits.
	maxParked = 10_000
	// tell is after how long what was done is noted at the latest, and patience how long an event may be under way
	// until it gets a row, so that the cursor can pass it.
	tell, patience = 100 * time.Millisecond, time.Second
	// lookPause is the least time between two looks for events that follow each other: those that come within it are
	// read, and made bodies of, together.
	lookPause = 100 * time.Millisecond
	// quiet is how often the feed is read, and the cursor noted, where there was nothing to deliver.
	quiet = 5 * time.Second
	// sign is how often an idle follower notes that it is there, and hears what it was not told.
	sign = 10 * time.Second
	// retry is the pause after the database could not be asked.
	retry = time.Second
	// failures of so many requests, about more than one event and without a success in between, are the receiver's
	// fault, and not the events'.
	failures = 5
	// silences are so many requests in a row without an answer that people are told.
	silences = 3
)

// Retries are the pauses after an attempt that failed, until an event is given up: eight more within four hours.
var Retries = []time.Duration{
	10 * time.Second, 30 * time.Second, 2 * time.Minute, 7 * time.Minute, 20 * time.Minute, 45 * time.Minute,
	70 * time.Minute, 95 * time.Minute,
}

// Probe is how often a receiver that fails throughout is tried.
const Probe = time.Minute

// Book is where the events, the subscriptions and what became of the deliveries are: a *postgres.Store.
type Book interface {
	Follow(ctx context.Context, id fulfillment.ID) (webhook.Following, error)
	Feed(ctx context.Context, q postgres.FeedQuery) (postgres.FeedPage, error)
	Parked(ctx context.Context, id fulfillment.ID) ([]webhook.Parked, error)
	GivenUp(ctx context.Context, id fulfillment.ID) (map[fulfillment.ID][]int64, error)
	ParkedBodies(ctx context.Context, id fulfillment.ID, positions []int64) (map[int64][]byte, error)
	Progress(ctx context.Context, p webhook.Progress) (webhook.Following, error)
}

// Rendered is what a subscription is told of an event.
type Rendered struct {
	Body  []byte             // nil without an error: the event is not for the subscription
	Err   error              // why there is no body; it is tried again
	Event *fulfillment.Event // decoded; nil: it was not
}

// Config is what is needed to deliver. All fields before Concurrency are.
type Config struct {
	Book Book
	// Render makes the bodies of events, one for each. The error is of the infrastructure, and waited for.
	Render func(ctx context.Context, to webhook.Subscription, events []postgres.FeedEntry) ([]Rendered, error)
	// Send makes one attempt.
	Send func(ctx context.Context, to webhook.Subscription, attempt Attempt) Result
	// Feed tells of new events, and Changes of changes of subscriptions.
	Feed interface {
		Wait(ctx context.Context, after int64, topics ...string) (newest int64, err error)
	}
	Changes func(id fulfillment.ID) (changed <-chan struct{}, stop func())

	Logger      *slog.Logger
	Concurrency int             // orders that are told at the same time where a subscription doesn't say it; 0: 8
	Retries     []time.Duration // default: [Retries]
	Probe       time.Duration   // how often a receiver that fails throughout is tried; 0: every [Probe]
	Report      func(Report)    // is told now and then how it goes; it must not block
}

// Attempt is one request that is to be made.
type Attempt struct {
	webhook.Event
	Body   []byte
	Number int  // from 1
	Replay bool // somebody has asked for it again
}

// Report is how it goes.
type Report struct {
	Topic          string // as events spell it
	AppID          fulfillment.ID
	Cursor, Newest int64  // positions: everything up to Cursor is done, or parked
	Parked         int    // events that wait to be tried again
	Failing        bool   // the receiver fails throughout, or does not answer
	LastError      string // of the last attempt that failed, if none has succeeded since
	NextAttempt    time.Time
}

// Outcome is why nobody follows any more.
type Outcome struct {
	State  webhook.State // Enabled: it was told to stop, or somebody else follows
	Reason string
	Gone   bool // there is no such subscription
	Last   Report
}

// Follow delivers the events of a subscription until the context ends, or it is no longer enabled. Events of one order
// are delivered one after the other, in their order; orders are independent of each other. While the database is away
// nothing is sent, because nothing could be noted.
func Follow(ctx context.Context, config Config, id fulfillment.ID) (Outcome, error) {
	if config.Concurrency == 0 {
		config.Concurrency = 8
	}
	if config.Probe == 0 {
		config.Probe = Probe
	}
	if config.Retries == nil {
		config.Retries = Retries
	}
	following, err := config.Book.Follow(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return Outcome{Gone: true}, nil
	}
	if err != nil {
		return Outcome{}, err
	}
	if following.State != webhook.Enabled {
		return Outcome{State: following.State, Reason: following.StateReason}, nil
	}
	parked, err := config.Book.Parked(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	givenUp, err := config.Book.GivenUp(ctx, id)
	if err != nil {
		return Outcome{}, err
	}
	f := newFollower(config, following, parked, givenUp)
	outcome, err := f.run(ctx)
	outcome.Last = f.last()
	return outcome, err
}

// follower delivers the events of one subscription. Only its own goroutine touches it.
type follower struct {
	Config
	sub           webhook.Subscription
	epoch         int64
	cursor, read  int64 // positions: noted, and read
	newest        int64
	clock         time.Duration // how much the database's clock is ahead
	lanes         map[laneKey]*lane
	ready, again  []*lane   // those that have their turn; again: that were asked for again
	waits         time.Time // when the next lane has its turn that does not have it now; zero: none waits
	turns         int
	under         []*item // what is between the cursor and what was read, as far as it is neither done nor has a row
	fresh, stored int     // events without and with a row
	kept          int     // bytes of bodies of those with one
	replays       int     // events beside these that were asked for again
	asked, wanted int64   // how often somebody had asked when they were read, and has
	skipped       map[laneKey][]int64
	ahead         map[int64]bool // positions after the cursor that had a row when this began: they are not read again
	inFlight      int
	taken         int // events that the receiver has taken
	results       chan result
	reading       bool      // a page is on its way
	looked        time.Time // when it was begun to read
	caughtUp      bool      // then there was no more than was read
	pages         chan page
	window        int // how many events may be under way without a row

	news             // what is to be noted
	touched  []*item // whose rows are to be written
	noting   *note   // what is being noted; nil: nothing
	noted    chan *note
	finished int       // events that were read and are done, since it was begun to note
	since    time.Time // when the first of it was done; zero: that is not known yet
	told     time.Time // when it was noted last
	began    time.Time // when it was begun to note last
	blocked  time.Time // nothing can be noted until then
	reported time.Time
	notedAt  time.Time // when the database says that it was noted last
	ending   bool

	breaker breaker
}

func newFollower(
	config Config, following webhook.Following, parked []webhook.Parked, givenUp map[fulfillment.ID][]int64,
) *follower {
	f := &follower{
		Config: config, lanes: map[laneKey]*lane{},
		results: make(chan result, max(config.Concurrency, webhook.MaxConcurrency)),
		skipped: map[laneKey][]int64{}, ahead: map[int64]bool{},
		epoch: following.Epoch, cursor: following.Cursor, read: following.Cursor,
		told: time.Now(), began: time.Now(), asked: following.Replays, pages: make(chan page, 1),
		noted: make(chan *note, 1), window: pageSize,
	}
	f.heed(following, 0)
	for order, positions := range givenUp { // Nobody knows whether one that followed has said so.
		f.skipped[laneKey{order: order}] = positions
		for _, position := range positions {
			f.isAhead(position)
		}
	}
	for _, p := range parked {
		f.isAhead(p.Position)
		f.add(&item{Parked: p, stored: true})
	}
	f.wake()
	return f
}

// heed takes over what the database says of the subscription, in an answer that took so long. The clocks are as far
// apart as before, as long as that may be so: else what may be sent now would seem to be of a moment that is to come.
func (f *follower) heed(now webhook.Following, took time.Duration) {
	f.sub, f.wanted, f.notedAt = now.Subscription, now.Replays, now.NotedAt
	least := time.Until(now.Now)
	f.clock = min(max(f.clock, least), least+took)
}

// atOnce is how many orders are told at the same time.
func (f *follower) atOnce() int { return cmp.Or(f.sub.Concurrency, f.Concurrency) }

func (f *follower) now() time.Time { return time.Now().Add(f.clock) }

// run goes on until there is a reason to stop.
func (f *follower) run(ctx context.Context) (Outcome, error) {
	changed, stopListening := f.Changes(f.sub.ID)
	defer stopListening()
	waiting, stopWaiting := context.WithCancel(ctx)
	defer stopWaiting()
	news := make(chan int64)
	go f.listen(waiting, f.sub.Topic.Wire(), news)
	sending := context.WithoutCancel(ctx) // What is on its way ends by itself.
	for {
		f.ending = f.ending || ctx.Err() != nil || f.sub.State != webhook.Enabled || f.state != ""
		switch {
		case f.ending:
			stopWaiting()
			if f.inFlight == 0 && !f.reading && f.noting == nil {
				return f.end(sending)
			}
		case f.mayGoOn():
			f.goOn(waiting, sending)
		}
		if f.due() {
			f.note(sending)
		}
		f.report()
		timer := time.NewTimer(f.pause())
		select {
		case r := <-f.results:
			f.take(ctx, r)
		case p := <-f.pages:
			f.turnPage(ctx, p)
		case n := <-f.noted:
			if outcome, ok, err := f.wasNoted(ctx, n); err != nil || !ok {
				return outcome, err
			}
		case f.newest = <-news:
		case <-changed:
			f.told = time.Time{}
		case <-timer.C:
		case <-ended(ctx, f.ending):
		}
		timer.Stop()
		if !f.waits.IsZero() && !f.waits.After(f.now()) {
			f.wake()
		}
	}
}

// goOn reads more, and sends what has its turn.
func (f *follower) goOn(reading, sending context.Context) {
	if err := f.readAgain(reading); err != nil {
		f.block(reading, err)
		return
	}
	f.readOn(reading)
	if f.blocked.IsZero() || !f.reading { // After the database was away, it is read first.
		f.blocked = time.Time{}
		f.start(sending)
	}
}

// ended is the end of a context, as long as that is news.
func ended(ctx context.Context, known bool) <-chan struct{} {
	if known {
		return nil
	}
	return ctx.Done()
}

// listen tells of new positions: at once where there may be events of the topic, and else now and then, so that the
// cursor goes on past what is of others.
func (f *follower) listen(ctx context.Context, topic string, news chan<- int64) {
	for after := int64(0); ctx.Err() == nil; {
		limited, cancel := context.WithTimeout(ctx, quiet)
		newest, _ := f.Feed.Wait(limited, after, topic)
		cancel()
		if newest <= after {
			continue
		}
		select {
		case news <- newest:
			after = newest
		case <-ctx.Done():
			return
		}
	}
}

// end notes what was done last.
func (f *follower) end(ctx context.Context) (Outcome, error) {
	limited, cancel := context.WithTimeout(ctx, sign)
	defer cancel()
	f.note(limited)
	outcome, ok, err := f.wasNoted(limited, <-f.noted)
	if ok && err == nil {
		outcome = Outcome{State: f.sub.State, Reason: f.sub.StateReason}
	}
	return outcome, err
}

// mayGoOn tells whether more may be read and sent: not while much is to be noted or that takes long and, after the
// database was away, not before it is noted.
func (f *follower) mayGoOn() bool {
	if f.blocked.IsZero() {
		return len(f.attempts) < maxUnnoted && (f.noting == nil || time.Since(f.began) < tell)
	}
	return time.Now().After(f.blocked) && !f.unnoted()
}

// block waits for the database.
func (f *follower) block(ctx context.Context, err error) {
	if f.blocked.IsZero() {
		f.Logger.WarnContext(ctx, "Webhooks wait for the database.", "subscription", f.sub.ID.String(), "error", err)
	}
	f.blocked = time.Now().Add(retry)
}

// readAgain reads what somebody has asked for again.
func (f *follower) readAgain(ctx context.Context) error {
	if f.asked == f.wanted {
		return nil
	}
	parked, err := f.Book.Parked(ctx, f.sub.ID)
	if err != nil {
		return err
	}
	known := map[int64]bool{} // Those that are done may still have their rows.
	f.known(known)
	if f.noting != nil {
		f.noting.known(known)
	}
	for _, l := range f.lanes {
		for _, i := range l.items {
			known[i.Position] = true
		}
	}
	f.asked = f.wanted
	for _, p := range parked {
		if p.Replay && !known[p.Position] {
			f.add(&item{Parked: p, stored: true})
		}
	}
	return nil
}

// report tells how it goes, while much is done not each time.
func (f *follower) report() {
	if f.Report == nil || f.inFlight > 0 && time.Since(f.reported) < tell {
		return
	}
	f.reported = time.Now()
	f.Report(f.last())
}

// last is how it goes now.
func (f *follower) last() Report {
	r := Report{
		Topic: f.sub.Topic.Wire(), AppID: f.sub.AppID, Cursor: f.cursor, Newest: f.newest, Parked: f.stored + f.replays,
		Failing: f.breaker.away(), LastError: f.breaker.lastError,
	}
	if next := f.next(); !next.IsZero() {
		r.NextAttempt = next.Add(-f.clock)
	}
	return r
}
