// Package feed keeps the feed: one process at a time gives every event of the outbox its position, and drops what is
// older than anybody needs. An [Entry] is what readers get.
package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/telemetry"
	"packhorse/internal/temporalio"
)

const (
	// busy is the pause after a look that found something, and eager how long it stays so short.
	busy, eager = 20 * time.Millisecond, 2 * time.Second
	// idle is the pause when nothing has come for longer. It delays the first event after a silence by half of it, and
	// costs a process that does nothing else some thousandths of a core. Whoever commits can't tell: see
	// docs/decisions/0005-an-outbox.md.
	idle = 50 * time.Millisecond
	// turn is how often a process that does not have the right asks for it, and one that has it looks whether it still
	// has; hung is after how long a process that hangs has lost it.
	turn, hung = time.Second, 10 * time.Second
	// measured is how often it is looked how many events wait, and what is too old.
	measured = 10 * time.Second
	// silence is after how long nobody delivers to a webhook subscription, or calls a fulfillment service, any more, as
	// far as anybody has heard.
	silence = 40 * time.Second
	// attemptsKept is how long people can look at the attempts of webhooks.
	attemptsKept = 7 * 24 * time.Hour
	// complainEvery is how often the same obstacle is logged.
	complainEvery = time.Minute
)

// Config is what is needed to keep the feed.
type Config struct {
	Store     *postgres.Store
	Logger    *slog.Logger
	Metrics   *telemetry.Metrics // may be nil
	Retention time.Duration      // how long events are kept at least
	// Compared says why it is not known yet whether a server, as [postgres.Sequencer.Server] names it, was set back to
	// an older state since it was heard of last; nil: it is. Where it may have been, positions that readers have heard
	// of would be given again. Nil: nobody can tell.
	Compared func(ctx context.Context, server string) error
	// Reached is the newest position that this process has heard of, whoever gave it; nil: it hears of none.
	Reached func() int64
	// Deliver has the webhooks of a subscription delivered, by its ID, if that is not done already. The error may be a
	// *temporalio.OccupiedError.
	Deliver func(ctx context.Context, id fulfillment.ID) error
	// Call has a fulfillment service called, by its ID, if that is not done already. The error may be that of Deliver.
	Call func(ctx context.Context, id fulfillment.ID) error
}

// keeper is one process that keeps the feed, or waits until it may.
type keeper struct {
	Config
	sequencer *postgres.Sequencer // nil: another process has the right, as far as is known
	newest    int64               // position that it knows to have been given
	compared  string              // the server of which it is known whether it was set back
	checked   time.Time           // when the right was asked for or looked at
	found     time.Time           // when there was something new
	measured  time.Time
	old       bool // there may be attempts of webhooks that are kept no longer

	complaint  string // the last one, and when it was logged
	complained time.Time
}

// Run gives events their positions until the context ends, as long as no other process does. What stands in the way is
// logged, and tried again.
func Run(ctx context.Context, config Config) error {
	k := &keeper{Config: config, old: true}
	defer k.leave()
	for ctx.Err() == nil {
		wait, err := k.look(ctx)
		if err != nil && ctx.Err() == nil {
			k.complain(ctx, "Events wait for their positions in the feed; it is tried again.", err)
			wait = turn
		}
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			pause.Stop()
		case <-pause.C:
		}
	}
	return nil
}

// look does what there is to do now, and tells when to look again.
func (k *keeper) look(ctx context.Context) (time.Duration, error) {
	if time.Since(k.measured) >= measured {
		k.measured = time.Now()
		if err := k.measure(ctx); err != nil {
			return 0, err
		}
	}
	if mine, err := k.mine(ctx); err != nil || !mine {
		return turn/2 + rand.N(turn), err
	}
	if err := k.trimAttempts(ctx); err != nil {
		return 0, err
	}
	given, err := k.sequencer.Sequence(ctx)
	switch {
	case err != nil:
		k.leave() // Another process may be better off.
		return 0, err
	case given > 0:
		k.found = time.Now()
		k.Metrics.Sequenced(given)
		return busy, nil
	case time.Since(k.found) < eager:
		return busy, nil
	}
	return idle, nil
}

// mine tells whether this process gives the positions.
func (k *keeper) mine(ctx context.Context) (bool, error) {
	if k.sequencer != nil {
		if time.Since(k.checked) < turn {
			return true, nil
		}
		if k.checked = time.Now(); k.sequencer.Check(ctx) == nil {
			return true, nil
		}
		k.leave()
	}
	var err error
	k.checked = time.Now()
	if k.Reached != nil {
		k.newest = max(k.newest, k.Reached())
	}
	k.sequencer, err = k.Store.TrySequence(ctx, hung, k.newest)
	if k.sequencer == nil {
		return false, err
	}
	if err := k.compare(ctx, k.sequencer.Server()); err != nil {
		k.leave()
		return false, err
	}
	return true, nil
}

// compare asks whether the server was set back, once for each of its starts.
func (k *keeper) compare(ctx context.Context, server string) error {
	if k.Compared == nil || server == k.compared {
		return nil
	}
	if err := k.Compared(ctx, server); err != nil {
		return err
	}
	k.compared = server
	return nil
}

func (k *keeper) leave() {
	if k.sequencer == nil {
		return
	}
	k.newest = max(k.newest, k.sequencer.Newest())
	k.sequencer.Close()
	k.sequencer = nil
}

// measure looks how many events wait, in every process: the one that should give positions may be hanging. The one that
// does drops what is too old.
func (k *keeper) measure(ctx context.Context) error {
	events, oldest, err := k.Store.FeedWaiting(ctx)
	if err != nil {
		return err
	}
	k.Metrics.FeedWaits(events, oldest)
	if k.sequencer == nil {
		k.Metrics.WebhooksLag(0, 0)
		k.Metrics.CallbackServices(0, 0)
		return nil
	}
	behind, age, err := k.Store.WebhookLag(ctx)
	if err != nil {
		return err
	}
	k.Metrics.WebhooksLag(behind, age)
	failing, stockAge, err := k.Store.CalledServices(ctx)
	if err != nil {
		return err
	}
	k.Metrics.CallbackServices(failing, stockAge)
	alone, err := k.Store.Unfollowed(ctx, silence)
	if err != nil {
		return err
	}
	err = k.each(ctx, alone, k.Deliver, "The webhooks of a subscription are not delivered; it is tried again.")
	if err != nil {
		return err
	}
	uncalled, err := k.Store.UncalledServices(ctx, silence)
	if err != nil {
		return err
	}
	err = k.each(ctx, uncalled, k.Call, "A fulfillment service is not called back; it is tried again.")
	if err != nil {
		return err
	}
	k.old = true
	for {
		if dropped, err := k.Store.TrimFeed(ctx, k.Retention); err != nil || !dropped {
			return err
		}
	}
}

// each starts what belongs to each of these. One whose ID somebody else's run sits on keeps none of the others waiting.
func (k *keeper) each(
	ctx context.Context, ids []fulfillment.ID, start func(context.Context, fulfillment.ID) error, complaint string,
) error {
	for _, id := range ids {
		err := start(ctx, id)
		if occupied, ok := errors.AsType[*temporalio.OccupiedError](err); ok {
			k.complain(ctx, complaint, fmt.Errorf("%w. %s", occupied, occupied.WhatToDo()))
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// trimAttempts deletes some attempts of webhooks that are too old, if there are any. Events don't wait until all are.
func (k *keeper) trimAttempts(ctx context.Context) error {
	if !k.old {
		return nil
	}
	deleted, err := k.Store.TrimAttempts(ctx, attemptsKept)
	k.old = err == nil && deleted == postgres.AttemptsTrimmed
	return err
}

// complain logs what stands in the way, the same not all the time.
func (k *keeper) complain(ctx context.Context, what string, err error) {
	if err.Error() == k.complaint && time.Since(k.complained) < complainEvery {
		return
	}
	k.complaint, k.complained = err.Error(), time.Now()
	k.Logger.WarnContext(ctx, what, "error", err)
}
