package delivery

import (
	"context"
	"errors"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// news is what was done and the database does not know.
type news struct {
	delivered []int64
	replayed  []int64
	dead      []webhook.Parked
	attempts  []webhook.Attempt
	state     webhook.State
	reason    string
	gone      string // the address that the state is about, if it is about one
}

// known adds the positions that are done, and may still have their rows.
func (n *news) known(positions map[int64]bool) {
	for _, position := range slices.Concat(n.delivered, n.replayed) {
		positions[position] = true
	}
	for _, d := range n.dead {
		positions[d.Position] = true
	}
}

// before is news with later ones behind them.
func (n *news) before(later news) news {
	if later.state == "" {
		later.state, later.reason, later.gone = n.state, n.reason, n.gone
	}
	return news{
		append(n.delivered, later.delivered...), append(n.replayed, later.replayed...),
		append(n.dead, later.dead...), append(n.attempts, later.attempts...), later.state, later.reason, later.gone,
	}
}

// note is what the database is told at once, and what it says.
type note struct {
	news
	items  []*item // whose rows are written
	cursor int64
	now    webhook.Following
	err    error
}

// due tells whether there is something to note, and it is time.
func (f *follower) due() bool {
	if f.noting != nil || time.Now().Before(f.blocked) {
		return false
	}
	silent := time.Since(f.told)
	if f.unnoted() && f.since.IsZero() {
		f.since = time.Now()
	}
	return silent >= sign || f.unnoted() && (time.Since(f.since) >= tell || len(f.attempts) >= maxUnnoted) ||
		f.waited() > patience || silent >= quiet && f.passed() > f.cursor
}

// waited is how long the first event has been under way that keeps the cursor from passing it; 0: there is none.
func (f *follower) waited() time.Duration {
	if f.passed(); len(f.under) == 0 {
		return 0
	}
	return f.now().Sub(f.under[0].read)
}

// unnoted tells whether something has become of an event that the database does not know.
func (f *follower) unnoted() bool {
	return f.noting != nil || len(f.delivered)+len(f.replayed)+len(f.attempts)+len(f.dead) > 0
}

// passed is the position up to which everything is delivered, or is to have a row.
func (f *follower) passed() int64 {
	for len(f.under) > 0 && (f.under[0].done || f.under[0].row) {
		f.under = f.under[1:]
	}
	if len(f.under) > 0 {
		return f.under[0].Position - 1
	}
	return f.read
}

// touch has an event's row written, if it is to have one.
func (f *follower) touch(i *item) {
	if !i.touched {
		i.touched = true
		f.touched = append(f.touched, i)
	}
}

// giveRows lets what has been under way for too long have a row, and tells how much that is; when nothing more is sent,
// all of it.
func (f *follower) giveRows() (tooLate int) {
	all := f.ending || f.breaker.open()
	for _, i := range f.under { // They were read one after the other.
		if !all && f.now().Sub(i.read) <= patience {
			break
		}
		if !i.done && !i.row {
			i.row = true
			f.touch(i)
			tooLate++
		}
	}
	return tooLate
}

// note tells the database what was done. Meanwhile more is done.
func (f *follower) note(ctx context.Context) {
	f.adapt(f.giveRows())
	n := &note{news: f.news}
	p := webhook.Progress{
		ID: f.sub.ID, AppID: f.sub.AppID, Epoch: f.epoch, Parked: slices.Clone(n.dead), Delivered: n.delivered,
		Replayed: n.replayed, Attempts: n.attempts, State: n.state, Reason: n.reason,
		URI: n.gone, After: f.notedAt, Failing: f.breaker.away(),
	}
	for _, i := range f.touched {
		i.touched = false
		if i.row && !i.done {
			p.Parked, n.items = append(p.Parked, i.parked()), append(n.items, i)
		}
	}
	n.cursor = f.passed()
	p.Cursor = n.cursor
	f.news, f.touched, f.noting, f.since = news{}, nil, n, time.Time{}
	go func() {
		n.now, n.err = f.Book.Progress(ctx, p)
		f.noted <- n
	}()
}

// wasNoted takes over what the database says. False: nobody is to follow here any more, and why.
func (f *follower) wasNoted(ctx context.Context, n *note) (Outcome, bool, error) {
	f.noting = nil
	if n.err != nil {
		f.news = n.before(f.news)
		for _, i := range n.items {
			f.touch(i)
		}
	}
	switch {
	case errors.Is(n.err, fulfillment.ErrStale):
		return Outcome{
			State: webhook.Enabled, Reason: "Somebody else delivers, it was deleted, or the database was set back.",
		}, false, nil
	case n.err != nil && f.ending:
		return Outcome{}, false, n.err
	case n.err != nil:
		f.block(ctx, n.err)
		return Outcome{}, true, nil
	}
	for _, i := range n.items {
		if !i.stored && !i.done {
			i.stored = true
			if f.kept+len(i.body) <= maxKept {
				f.kept += len(i.body)
			} else {
				i.body = nil
			}
			f.fresh--
			f.stored++
		}
	}
	f.cursor, f.told, f.blocked = n.cursor, time.Now(), time.Time{}
	f.heed(n.now, time.Since(f.began))
	return Outcome{}, true, nil
}
