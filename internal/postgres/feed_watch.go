package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
)

const (
	// feedChannel is where the sequencer tells its newest position.
	feedChannel = "packhorse_feed"
	// topicsChannel is where it tells the topics of what it has moved: two positions, after the first and up to the
	// second of which that is, and the topics, with spaces between.
	topicsChannel = "packhorse_feed_topics"
	// webhookChannel is where changes of webhook subscriptions and fulfillment services are told, by their IDs.
	webhookChannel = "packhorse_webhooks"
	// newsChannel is where it is told that news of a fulfillment service came, or is to be looked at again.
	newsChannel = "packhorse_news"
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
// services, and of news that these tell, for all readers of a process. It is safe for concurrent use.
type FeedWatch struct {
	store *Store

	mu     sync.Mutex
	newest int64
	moved  chan struct{} // closed when newest changes
	// Which topics have events up to unknown, nobody has told. Beyond, up to newest, the last event of a topic is at
	// last, or before; one that has none there is missing.
	unknown int64
	last    map[string]int64
	// reached is the newest position that was ever heard of.
	reached int64

	changes map[fulfillment.ID]chan struct{} // of subscriptions and services
	news    chan struct{}
}

// NewFeedWatch is a watch that knows nothing until it runs.
func NewFeedWatch(store *Store) *FeedWatch {
	return &FeedWatch{
		store: store, moved: make(chan struct{}), last: map[string]int64{},
		changes: map[fulfillment.ID]chan struct{}{}, news: make(chan struct{}, 1),
	}
}

// News tells when news of a fulfillment service has come, or may have; nil behind a pooler, where nobody can be told.
// Only one may listen in a process.
func (w *FeedWatch) News() <-chan struct{} {
	if w.store.pooled {
		return nil
	}
	return w.news
}

func (w *FeedWatch) tellNews() {
	select {
	case w.news <- struct{}{}:
	default: // Nobody has heard of what came before yet.
	}
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

// Wait waits until there are events after a position, and returns the newest position of all. With topics, it waits
// until there may be events of these, such as "fulfillment_orders/moved", or about the feed itself: whether there are
// is not always known. While the watch does not run, or the database can't be asked, it waits for the context's end,
// and then returns the newest position, too, which may be beyond events of other topics.
//
// Whoever waits with topics should look now and then without being told, so as to go on past the others.
func (w *FeedWatch) Wait(ctx context.Context, after int64, topics ...string) (newest int64, err error) {
	for {
		newest, asked, moved := w.standing(topics)
		if asked > after {
			return newest, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return newest, ctx.Err()
		}
	}
}

// standing is the newest position, up to where there may be events of topics, or of any if there are none, and what is
// closed when that changes.
func (w *FeedWatch) standing(topics []string) (newest, asked int64, moved <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(topics) == 0 {
		return w.newest, w.newest, w.moved
	}
	asked = w.unknown
	for _, topic := range topics {
		asked = max(asked, w.last[topic])
	}
	return w.newest, asked, w.moved
}

// Reached is the newest position that was ever heard of, whatever the database has now.
func (w *FeedWatch) Reached() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reached
}

// heard takes over the newest position, of whichever topics what is new may be.
func (w *FeedWatch) heard(newest int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if newest == w.newest {
		return
	}
	w.unknown = newest
	clear(w.last)
	w.move(newest)
}

// heardOf takes over that all events between two positions, the second included, are of these topics. What was before
// the first one without having been told may be of any.
func (w *FeedWatch) heardOf(before, newest int64, topics []string) {
	w.mu.Lock()
	known := before == w.newest && newest > before
	if known {
		for _, topic := range topics {
			w.last[topic] = newest
		}
		w.move(newest)
	}
	w.mu.Unlock()
	if !known {
		w.heard(newest)
	}
}

// move wakes whoever waits, to see whether it is for him. The lock is held.
func (w *FeedWatch) move(newest int64) {
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
	conn, err := w.store.listen(ctx, topicsChannel, feedChannel, webhookChannel, newsChannel)
	if err != nil {
		return err
	}
	defer hangUp(ctx, conn)
	if err := w.read(ctx, conn); err != nil {
		return err
	}
	w.tell(0)
	w.tellNews()
	for {
		limited, cancel := context.WithTimeout(ctx, feedSilence)
		told, err := conn.WaitForNotification(limited)
		cancel()
		switch {
		case err == nil:
			if err := w.take(told.Channel, told.Payload); err != nil {
				return fmt.Errorf("read what was told on %s: %w", told.Channel, err)
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

// take takes over what was told on a channel.
func (w *FeedWatch) take(channel, told string) error {
	if channel == newsChannel {
		w.tellNews()
		return nil
	}
	words := strings.Fields(told)
	numbers := 1
	if channel == topicsChannel {
		numbers = 2
	}
	if len(words) < numbers {
		return fmt.Errorf("%d numbers are missing in %q", numbers-len(words), told)
	}
	first, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil {
		return err
	}
	switch channel {
	case webhookChannel:
		w.tell(fulfillment.ID(first))
	case topicsChannel:
		newest, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return err
		}
		w.heardOf(first, newest, words[2:])
	default:
		w.heard(first)
	}
	return nil
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
