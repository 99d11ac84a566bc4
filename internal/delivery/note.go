package delivery

import (
	"context"
	"errors"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

// due tells whether there is something to note, and it is time.
func (f *follower) due() bool {
	if time.Now().Before(f.blocked) {
		return false
	}
	silent := time.Since(f.told)
	return silent >= sign || f.unnoted() && (silent >= tell || f.fresh+f.inFlight == 0) ||
		silent >= patience && len(f.under) > 0 || silent >= quiet && f.passed() > f.cursor
}

// unnoted tells whether something has become of an event that the database does not know.
func (f *follower) unnoted() bool {
	return len(f.delivered)+len(f.replayed)+len(f.attempts)+len(f.dead) > 0
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

// note tells the database what was done. False: nobody is to follow here any more, and why.
func (f *follower) note(ctx context.Context) (Outcome, bool, error) {
	p := webhook.Progress{
		ID: f.sub.ID, AppID: f.sub.AppID, Epoch: f.epoch, Parked: f.dead, Delivered: f.delivered, Replayed: f.replayed,
		Attempts: f.attempts, State: f.state, Reason: f.reason,
	}
	var noted []*item
	for _, l := range f.lanes {
		for _, i := range l.items {
			if !i.stored && !i.row && (f.ending || f.breaker.open() || f.now().Sub(i.read) > patience) {
				i.row = true
			}
			if i.row && i.changed || i.row && !i.stored {
				p.Parked, noted = append(p.Parked, i.parked()), append(noted, i)
			}
		}
	}
	p.Cursor = f.passed()
	now, err := f.Book.Progress(ctx, p)
	switch {
	case errors.Is(err, fulfillment.ErrStale):
		return Outcome{State: webhook.Enabled, Reason: "Somebody else delivers, or it was deleted."}, false, nil
	case err != nil && f.ending:
		return Outcome{}, false, err
	case err != nil:
		f.block(ctx, err)
		return Outcome{}, true, nil
	}
	for _, i := range noted {
		if !i.stored {
			i.stored, i.body = true, nil
			f.fresh--
			f.stored++
		}
		i.changed = false
	}
	f.cursor, f.told, f.blocked = p.Cursor, time.Now(), time.Time{}
	f.delivered, f.replayed, f.dead, f.attempts, f.state, f.reason = nil, nil, nil, nil, "", ""
	f.heed(now)
	return Outcome{}, true, nil
}
