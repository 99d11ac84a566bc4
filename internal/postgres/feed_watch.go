package postgres

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const (
	// feedChannel is where the sequencer tells its newest position.
	feedChannel = "packhorse_feed"
	// webhookChannel is where changes of webhook subscriptions and fulfillment services are told, by their IDs.
	webhookChannel = "packhorse_webhooks"
)

const (
	// feedSilence is after how long without a word the newest position is read.
	feedSilence = 5 * time.Second
	// feedPooled is how often it is read behind a pooler, where nobody can be told.
	feedPooled = 200 * time.Millisecond
	// feedRetry is the pause after the database could not be asked.
	feedRetry = time.Second
)

// FeedWatch knows the newest position of the feed, and hears of changes of webhook subscriptions and of fulfillment
// services, for all readers of a process. It is safe for concurrent use.
type FeedWatch struct {
	store *Store

	mu     sync.Mutex
	newest int64
	moved  chan struct{} // closed when newest changes
	// reached is the newest position that was ever heard of.
	reached int64

	changes map[fulfillment.ID]chan struct{} // of subscriptions and services
}

// NewFeedWatch is a watch that knows nothing until it runs.
func NewFeedWatch(store *Store) *FeedWatch {
	return &FeedWatch{store: store, moved: make(chan struct{}), changes: map[fulfillment.ID]chan struct{}{}}
}

// Changes tells when a webhook subscription or a fulfillment service was changed, or may have been; behind a pooler it
// can't. Only one may ask for one of them at a time in a process; stop ends it.
func (w *FeedWatch) Changes(id fulfillment.ID) (changed <-chan struct{}, stop func()) {
	told := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes[id] = told
	return told, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.changes[id] == told {
			delete(w.changes, id)
		}
	}
}

// tell lets whoever asked for a subscription know that it was changed; 0: any may have been.
func (w *FeedWatch) tell(id fulfillment.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for of, told := range w.changes {
		if id != 0 && id != of {
			continue
		}
		select {
		case told <- struct{}{}:
		default: // It has not heard of the one before yet.
		}
	}
}

// Wait waits until there are events after a position, and returns the newest one. While the watch does not run, or the
// database can't be asked, it waits for the context's end.
func (w *FeedWatch) Wait(ctx context.Context, after int64) (newest int64, err error) {
	for {
		w.mu.Lock()
		newest, moved := w.newest, w.moved
		w.mu.Unlock()
		if newest > after {
			return newest, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return newest, ctx.Err()
		}
	}
}

// Reached is the newest position that was ever heard of, whatever the database has now.
func (w *FeedWatch) Reached() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reached
}

func (w *FeedWatch) heard(newest int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if newest == w.newest {
		return
	}
	w.reached = max(w.reached, newest)
	w.newest = newest // It may be lower than before, after the database was set back.
	close(w.moved)
	w.moved = make(chan struct{})
}

// Run listens until the context ends. It takes a connection of its own, beside those of the pool.
func (w *FeedWatch) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := w.listen(ctx); err == nil || ctx.Err() != nil {
			continue
		}
		pause(ctx, feedRetry) // What the database is up to is for others to say: readers meet it, too.
	}
	return nil
}

func (w *FeedWatch) listen(ctx context.Context) error {
	if w.store.pooled {
		pause(ctx, feedPooled)
		return w.read(ctx, w.store.pool)
	}
	conn, err := w.store.listen(ctx, feedChannel, webhookChannel)
	if err != nil {
		return err
	}
	defer hangUp(ctx, conn)
	if err := w.read(ctx, conn); err != nil {
		return err
	}
	w.tell(0)
	for {
		limited, cancel := context.WithTimeout(ctx, feedSilence)
		told, err := conn.WaitForNotification(limited)
		cancel()
		switch {
		case err == nil:
			number, err := strconv.ParseInt(told.Payload, 10, 64)
			if err != nil {
				return fmt.Errorf("read what was told on %s: %w", told.Channel, err)
			}
			if told.Channel == webhookChannel {
				w.tell(fulfillment.ID(number))
			} else {
				w.heard(number)
			}
		case ctx.Err() != nil || limited.Err() == nil:
			return err
		default: // Is it still there, and has it told everything?
			if err := w.read(ctx, conn); err != nil {
				return err
			}
		}
	}
}

func (w *FeedWatch) read(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}) error {
	var newest int64
	if err := db.QueryRow(ctx, `SELECT position FROM feed_cursor`).Scan(&newest); err != nil {
		return fmt.Errorf("read the newest position: %w", err)
	}
	w.heard(newest)
	return nil
}

// pause waits for a time, or for the context's end.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
