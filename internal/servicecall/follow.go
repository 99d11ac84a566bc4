package servicecall

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/delivery"
	"packhorse/internal/fulfillment"
	"packhorse/internal/telemetry"
)

const (
	// sign is how often who follows notes that it is there, and looks for what it was not told of.
	sign = 10 * time.Second
	// retry is the pause after the database could not be asked.
	retry = time.Second
	// unsigned is the pause after nothing could be signed.
	unsigned = time.Minute
	// pagesAtOnce is how many pages of the feed are read before what was read is noted.
	pagesAtOnce = 10
)

// noKeys is why nothing is called where there are no secrets.
const noKeys = "Callbacks can't be signed here: apps have no secrets. Whoever runs Packhorse has to set " +
	"PACKHORSE_SECRETS_KEYS, also for the workers."

// Book is where the services, their events and what became of their calls are: a *postgres.Store.
type Book interface {
	FollowService(ctx context.Context, id fulfillment.ID) (callback.Following, error)
	NoteCalls(ctx context.Context, p callback.Progress) (callback.Following, error)
	ServiceEvents(ctx context.Context, locationID fulfillment.ID, after int64) (
		events []callback.Event, next int64, more, lost bool, err error,
	)
	Unanswered(
		ctx context.Context, serviceID fulfillment.ID, ping callback.Call, within time.Duration,
	) ([]fulfillment.ID, error)
	Untracked(ctx context.Context, serviceID, after fulfillment.ID) ([]callback.Untracked, error)
	SetStock(ctx context.Context, locationID fulfillment.ID, levels map[string]int64) error
}

// Line calls services: a *delivery.ServiceLine.
type Line interface {
	Ping(ctx context.Context, to fulfillment.Service, s callback.Standing) delivery.Result
	Ask(
		ctx context.Context, to fulfillment.Service, call callback.Call, suffix string, parameters callback.Parameters,
	) delivery.Result
}

// Config is what is needed to call services: all fields before Report.
type Config struct {
	Book Book
	Line Line
	Bell *Bell
	// Changes tells when a service was changed.
	Changes func(id fulfillment.ID) (changed <-chan struct{}, stop func())
	// Track gives a shipment its tracking numbers, once for each command ID.
	Track  func(ctx context.Context, fulfillmentOrderID fulfillment.ID, update *fulfillment.UpdateTracking) error
	Logger *slog.Logger
	Pace   callback.Pace
	Report func(Report) // is told now and then how it goes; it must not block; may be nil
	// Metrics counts the calls; may be nil.
	Metrics *telemetry.Metrics
}

// Report is how it goes.
type Report struct {
	Service fulfillment.Service
	Cursor  int64 // position in the feed up to which everything was seen to
	Calls   []callback.Standing
}

// Outcome is why nobody follows any more.
type Outcome struct {
	// Gone: there is no such service, or it is not to be called.
	Gone bool
	// Stopped is why it is not called until it gets a callback URL again; "": it was told to stop, or somebody else
	// follows.
	Stopped string
	Last    Report
}

// Follow calls a service until the context ends, or it is not to be called any more. While the database is away nothing
// is called, because nothing could be noted.
func Follow(ctx context.Context, config Config, id fulfillment.ID) (Outcome, error) {
	following, err := config.Book.FollowService(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return Outcome{Gone: true}, nil
	}
	if err != nil {
		return Outcome{}, err
	}
	f := newFollower(config, following)
	outcome, err := f.run(ctx)
	outcome.Last = f.last()
	return outcome, err
}

// follower calls one service. Only its own goroutine touches it.
type follower struct {
	Config
	service  fulfillment.Service
	url      string // what the standings are about
	stopped  string
	epoch    int64
	cursor   int64
	clock    time.Duration // how much the database's clock is ahead
	calls    map[callback.Call]*standing
	wanted   map[callback.Call]bool // questions
	results  chan result
	inFlight int
	unread   bool      // there may be events that were not read
	changed  bool      // there is something to note
	told     time.Time // when it was noted last
	looked   time.Time // when everything was read that there was
	blocked  time.Time // the database is not asked before
	ending   bool
}

// standing is how a call stands, and whether that was noted.
type standing struct {
	callback.Standing
	changed, busy bool
}

func newFollower(config Config, following callback.Following) *follower {
	f := &follower{
		Config: config, epoch: following.Epoch, cursor: following.Cursor, unread: true, changed: true,
		url: following.URL, calls: map[callback.Call]*standing{}, wanted: map[callback.Call]bool{},
		results: make(chan result, len(callback.Calls)),
	}
	for _, call := range callback.Calls {
		f.calls[call] = &standing{Standing: callback.Standing{Call: call}}
	}
	for _, s := range following.Calls {
		f.calls[s.Call].Standing = s
	}
	f.heed(following)
	if following.New {
		f.lookForUnanswered()
	}
	return f
}

// lookForUnanswered has pings made for what there is, because there may be what was not heard of.
func (f *follower) lookForUnanswered() {
	for _, s := range f.calls {
		if s.Call.IsPing() {
			s.Wanted(f.Pace, f.now())
			s.changed = true
		}
	}
}

// heed takes over what the database says of the service.
func (f *follower) heed(now callback.Following) {
	f.want(callback.TrackingNumbers, now.Service.TrackingSupport)
	f.want(callback.Stock, now.Service.InventoryManagement)
	f.service, f.stopped, f.clock = now.Service, now.Stopped, time.Until(now.Now)
	if f.url != f.service.CallbackURL {
		f.url, f.changed = f.service.CallbackURL, true
		for _, s := range f.calls {
			s.Moved(f.now())
			s.changed = true
		}
	}
}

// want has a question asked, or not any more.
func (f *follower) want(call callback.Call, wanted bool) {
	s := f.calls[call]
	switch was := f.wanted[call]; {
	case wanted && !was && s.NextAt == nil:
		s.NextAt, s.changed = new(f.now()), true
	case !wanted && (s.NextAt != nil || s.Error != ""):
		s.Dropped()
		s.changed = true
	}
	f.wanted[call] = wanted
}

// now is the time by the database's clock.
func (f *follower) now() time.Time { return time.Now().Add(f.clock) }

// run goes on until there is a reason to stop.
func (f *follower) run(ctx context.Context) (Outcome, error) {
	changed, stopHearing := f.Changes(f.service.ID)
	defer stopHearing()
	rung, stopListening := f.Bell.Listen(f.service.LocationID)
	defer stopListening()
	calling := context.WithoutCancel(ctx) // What is under way ends by itself.
	for {
		if f.ending = ctx.Err() != nil || f.stopped != ""; f.ending && f.inFlight == 0 && !f.dirty() {
			return Outcome{Stopped: f.stopped}, nil
		}
		if f.mayAsk() {
			outcome, ended, err := f.turn(ctx, calling)
			switch {
			case ended:
				return outcome, nil
			case err != nil && ctx.Err() != nil && f.inFlight == 0:
				return Outcome{}, err
			case err != nil:
				f.block(ctx, err)
			default:
				f.blocked = time.Time{}
				if f.ending && f.inFlight == 0 {
					continue
				}
			}
		}
		f.report()
		timer := time.NewTimer(f.pause())
		select {
		case r := <-f.results:
			f.take(r)
		case <-rung:
			f.unread = true
		case <-changed:
			f.told = time.Time{}
		case <-timer.C:
		case <-ended(ctx):
		}
		timer.Stop()
	}
}

// ended is the end of a context, as long as that is news.
func ended(ctx context.Context) <-chan struct{} {
	if ctx.Err() != nil {
		return nil
	}
	return ctx.Done()
}

// turn reads what has happened, begins the calls that are due, and notes both before they are made.
func (f *follower) turn(ctx, calling context.Context) (outcome Outcome, ended bool, err error) {
	limited, cancel := context.WithTimeout(calling, sign)
	defer cancel()
	f.changed = f.changed || time.Since(f.told) >= sign
	f.unread = f.unread || time.Since(f.looked) >= sign // Was everything told?
	var begun []*standing
	if !f.ending {
		if err := f.read(limited); err != nil {
			return outcome, false, err
		}
		if begun, err = f.begin(limited); err != nil {
			return outcome, false, err
		}
	}
	if !f.dirty() {
		return outcome, false, nil
	}
	before := f.url
	now, err := f.note(limited)
	switch {
	case errors.Is(err, fulfillment.ErrStale):
		// Somebody else follows, or the service is not to be called any more. What is under way is not waited for:
		// nobody may note it.
		return Outcome{}, true, nil
	case err != nil:
		f.undo(begun)
		return outcome, false, err
	}
	f.heed(now)
	for _, s := range begun {
		if f.url == before && f.stopped == "" {
			f.call(ctx, calling, s)
		} else {
			s.busy = false
		}
	}
	return outcome, false, nil
}

func (f *follower) all() []*standing {
	all := make([]*standing, len(callback.Calls))
	for i, call := range callback.Calls {
		all[i] = f.calls[call]
	}
	return all
}

// read reads what has happened since, and notes what is to be told. Of a feed that is far ahead it reads so much that
// calls don't wait for all of it, and what was read is noted before the rest is.
func (f *follower) read(ctx context.Context) error {
	for pages := 0; f.unread && pages < pagesAtOnce; pages++ {
		events, next, more, lost, err := f.Book.ServiceEvents(ctx, f.service.LocationID, f.cursor)
		if err != nil {
			return err
		}
		if lost {
			f.lookForUnanswered()
		}
		for _, e := range events {
			if call := e.Ping(); call != "" {
				f.calls[call].Happened(e.Position, e.FulfillmentOrderID, f.Pace, f.now())
				f.calls[call].changed = true
			}
			if s := f.calls[callback.TrackingNumbers]; e.Ships() && f.wanted[s.Call] {
				s.Wanted(f.Pace, f.now())
				s.changed = true
			}
		}
		if f.cursor, f.unread = next, more; !more {
			f.looked = time.Now()
		}
	}
	f.changed = f.changed || f.unread
	return nil
}

// dirty tells whether there is something to note.
func (f *follower) dirty() bool {
	return f.changed || slices.ContainsFunc(f.all(), func(s *standing) bool { return s.changed })
}

// note tells the database what has changed.
func (f *follower) note(ctx context.Context) (callback.Following, error) {
	p := callback.Progress{
		ServiceID: f.service.ID, Epoch: f.epoch, Cursor: f.cursor, URL: f.url, Stopped: f.stopped,
	}
	for _, s := range f.all() {
		if s.changed {
			p.Calls = append(p.Calls, s.Standing)
		}
	}
	now, err := f.Book.NoteCalls(ctx, p)
	if err != nil {
		return now, err
	}
	for _, s := range f.all() {
		s.changed = false
	}
	f.changed, f.told = false, time.Now()
	return now, nil
}

// mayAsk tells whether the database may be asked.
func (f *follower) mayAsk() bool { return !time.Now().Before(f.blocked) }

// block waits for the database.
func (f *follower) block(ctx context.Context, err error) {
	if f.blocked.IsZero() {
		f.Logger.WarnContext(ctx, "Callbacks wait for the database.", "service", f.service.ID.String(), "error", err)
	}
	f.blocked = time.Now().Add(retry)
}

// pause is how long there is nothing to do by itself.
func (f *follower) pause() time.Duration {
	if blocked := time.Until(f.blocked); blocked > 0 {
		return blocked
	}
	if f.dirty() || f.unread && !f.ending {
		return 0
	}
	wait := sign - time.Since(f.told)
	if !f.ending {
		wait = min(wait, sign-time.Since(f.looked))
		for _, s := range f.all() {
			if !s.busy && s.NextAt != nil {
				wait = min(wait, s.NextAt.Sub(f.now()))
			}
		}
	}
	return max(wait, time.Millisecond)
}

func (f *follower) report() {
	if f.Report != nil {
		f.Report(f.last())
	}
}

// last is how it goes now.
func (f *follower) last() Report {
	r := Report{Service: f.service, Cursor: f.cursor}
	for _, s := range f.all() {
		if s.NextAt != nil || s.CalledAt != nil {
			r.Calls = append(r.Calls, s.Standing)
		}
	}
	return r
}
