package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// page is a part of the feed, with what the subscription is told of it.
type page struct {
	postgres.FeedPage
	rendered []Rendered           // of the entries
	of       webhook.Subscription // as it was
	err      error
}

// readOn has the next events read, unless enough are under way, or it is too early. Meanwhile others are sent.
func (f *follower) readOn(ctx context.Context) {
	if f.reading || f.read >= f.newest || f.fresh > f.window/2 || f.stored >= maxParked || f.holdsBack() ||
		f.untilLook() > 0 {
		return
	}
	f.reading, f.looked, f.caughtUp = true, time.Now(), false
	sub := f.sub
	query := postgres.FeedQuery{After: f.read, Topics: []string{sub.Topic.Wire()}, Limit: f.window - f.fresh}
	go func() {
		p := page{of: sub}
		if p.FeedPage, p.err = f.Book.Feed(ctx, query); p.err == nil {
			p.Entries = slices.DeleteFunc(p.Entries, func(e postgres.FeedEntry) bool { return e.OrderID == 0 })
			p.rendered, p.err = f.Render(ctx, sub, p.Entries)
		}
		f.pages <- p
	}()
}

// untilLook is how long it is too early to read again.
func (f *follower) untilLook() time.Duration {
	if !f.caughtUp {
		return 0
	}
	return max(lookPause-time.Since(f.looked), 0)
}

// turnPage takes over the events that were read. What was made for a subscription that is another one now is read
// again, and so is, later, what a receiver that fails throughout would not get anyway.
func (f *follower) turnPage(ctx context.Context, p page) {
	f.reading = false
	var gone *postgres.FeedGoneError
	switch {
	case f.ending || f.holdsBack() || !p.of.UpdatedAt.Equal(f.sub.UpdatedAt):
		return
	case errors.As(p.err, &gone) && gone.After > gone.Newest: // The database was set back; it will be told.
		f.newest = gone.Newest
	case errors.As(p.err, &gone):
		f.state, f.reason = webhook.Paused, fmt.Sprintf(
			"Its cursor expired at position %d, and the oldest event that is kept has %d: what lies between is "+
				"not told. Resume it to go on from there.", gone.After, gone.Oldest)
		f.read = gone.Oldest - 1
	case p.err != nil:
		f.block(ctx, p.err)
		return
	default:
		for i, e := range p.Entries {
			if f.ahead[e.Position] {
				delete(f.ahead, e.Position)
				continue
			}
			if p.rendered[i].Body != nil || p.rendered[i].Err != nil {
				f.add(newItem(e, p.rendered[i], f.now()))
			}
		}
		f.read, f.newest, f.caughtUp = p.Next, max(f.newest, p.Newest), p.Next >= p.Newest
	}
	if !f.unnoted() {
		f.blocked = time.Time{}
	}
}

// isAhead keeps a position with a row from being read again: the cursor stops at the first event without one, and
// others behind it may have theirs.
func (f *follower) isAhead(position int64) {
	if position > f.read {
		f.ahead[position] = true
	}
}

// adapt lets fewer events be under way when so many of them waited too long, as few as are done in half of the
// patience; and more again when none did.
func (f *follower) adapt(tooLate int) {
	if tooLate == 0 {
		f.window = min(2*f.window, pageSize)
	} else {
		done := float64(f.finished) / max(time.Since(f.began), time.Millisecond).Seconds()
		f.window = min(max(int(done*(patience/2).Seconds()), leastPage*f.atOnce()), pageSize)
	}
	f.finished, f.began = 0, time.Now()
}
