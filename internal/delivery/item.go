package delivery

import (
	"time"

	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// item is one event that is to be delivered.
type item struct {
	webhook.Parked
	body    []byte    // nil: it must be fetched, or made
	read    time.Time // from the feed
	row     bool      // it is to have a row
	stored  bool      // it has one
	touched bool      // it is to be written
	done    bool      // it was delivered, or given up
	taken   int       // how many others had been when it was read, or tried last
	probes  int       // attempts while the receiver failed throughout
}

// result is what became of an attempt.
type result struct {
	Result
	lane    *lane
	item    *item
	at      time.Time
	uri     string // that was called
	nothing bool   // was sent: the event is not for the subscription, or its app, any more
}

func newItem(e postgres.FeedEntry, r Rendered, now time.Time) *item {
	i := &item{body: r.Body, read: now, Parked: webhook.Parked{
		Event: e.Told(r.Event), State: webhook.Pending, NextAt: now,
	}}
	if r.Err != nil {
		i.LastError = "make the body: " + r.Err.Error()
	}
	return i
}

// parked is the item's row.
func (i *item) parked() webhook.Parked {
	p := i.Parked
	if !i.stored { // Else the row has it.
		p.Body = i.body
	}
	return p
}
