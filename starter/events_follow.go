package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/feed"
	"packhorse/internal/postgres"
)

const (
	// followPause is the pause before the database is asked again that did not answer.
	followPause = time.Second
	// followSilence is after how long without events it is looked whether that is because nothing happens.
	followSilence = 5 * time.Second
)

// feedWatch tells of new events: a *postgres.FeedWatch that runs.
type feedWatch interface {
	Wait(ctx context.Context, after int64, topics ...string) (newest int64, err error)
}

func (a *app) newEventsFollow() *cobra.Command {
	c := &cobra.Command{
		Use: "follow", Short: "Show events as they come, until Ctrl-C", Args: cobra.NoArgs,
		Long: `Shows events, the oldest first, and then those that come, until Ctrl-C, which says how to go on. When the database is
away, it says so, waits, and goes on where it was: no event is left out, and none is shown twice.

With --output json every event is one line, a JSON document. --timeout is how long the database may take to answer.`,
		Example: `  packhorse events follow --after newest
  packhorse events follow --order '#1001'
  packhorse events follow --after 1700 --output json | jq -c '{position, kind, orderId}'`,
	}
	flags := a.feedFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return (&follower{app: a, flags: flags}).run(c.Context())
	}
	return c
}

// follower follows the feed.
type follower struct {
	*app
	flags *feedFlags

	query *postgres.FeedQuery // nil: what the flags name was not looked up yet
	watch feedWatch
	shown *table // what was shown last; nil: nothing was
	waits string // for what, as it was told; empty: it does not
}

func (f *follower) run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := f.look(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
		case isUnreachable(err):
			f.tellWait("the database does not answer", err.Error())
			select {
			case <-ctx.Done():
			case <-time.After(followPause):
			}
		default:
			return err
		}
	}
	if f.query != nil {
		next := strconv.FormatInt(f.query.After, 10)
		fmt.Fprintf(f.errOut, "to go on: packhorse %s\n", goOn(f.args, next))
	}
	return nil
}

// look shows the next events, or waits for some.
func (f *follower) look(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, f.settings.Timeout)
	defer cancel()
	b, err := f.backend.book(limited)
	if err != nil {
		return err
	}
	if f.query == nil {
		query, err := f.flags.query(limited, b)
		if err != nil {
			return err
		}
		if f.watch, err = f.backend.feedWatch(ctx); err != nil {
			return err
		}
		f.query = &query
	}
	page, entries, err := readFeed(limited, b, *f.query)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		f.tellWait("", "")
	}
	if err := f.show(entries); err != nil {
		return err
	}
	f.query.After = page.Next
	if page.Next < page.Newest {
		return nil
	}
	silence, cancel := context.WithTimeout(ctx, followSilence)
	defer cancel()
	if _, err := f.watch.Wait(silence, page.Next, f.query.Topics...); err == nil || ctx.Err() != nil {
		return nil
	}
	limited, cancel = context.WithTimeout(ctx, f.settings.Timeout)
	defer cancel()
	waiting, oldest, err := b.FeedWaiting(limited)
	switch {
	case err != nil:
		return err
	case waiting > 0 && oldest > followSilence:
		f.tellWait("events have no positions yet", "a worker gives them; none runs, or it says why not")
	default:
		f.tellWait("", "")
	}
	return nil
}

// tellWait says what it waits for, once, and when that is over.
func (f *follower) tellWait(what, why string) {
	switch {
	case what == f.waits:
		return
	case what == "":
		fmt.Fprintln(f.errOut, "packhorse: going on")
	default:
		fmt.Fprintf(f.errOut, "packhorse: waiting, %s: %s\n", what, oneLine(why))
	}
	f.waits = what
}

func (f *follower) show(entries []feed.Entry) error {
	if f.json() {
		for _, e := range entries {
			line, err := json.Marshal(e)
			if err != nil {
				return fmt.Errorf("write the answer: %w", err)
			}
			if _, err := fmt.Fprintf(f.out, "%s\n", line); err != nil {
				return fmt.Errorf("write the answer: %w", err)
			}
		}
		return nil
	}
	if len(entries) == 0 && f.shown != nil {
		return nil
	}
	t := f.newTable(eventColumns...)
	t.goesOn(f.shown)
	for _, e := range entries {
		t.row(f.eventRow(e)...)
	}
	f.shown = t
	return t.flush()
}
