package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/webhook"
)

func (a *app) newWebhookReplay() *cobra.Command {
	var position, after, until int64
	var since time.Time
	c := &cobra.Command{
		Use: "replay ID", Short: "Tell a subscription again what it was told, or was not",
		Long: `Tells a subscription events of its topic again, with the header Packhorse-Replay: 1 and the IDs they had at first:
one, such as a dead letter, or all after a position of the feed, or since a time. They go beside what comes by itself,
in the order of each order. A dead letter is told in the bytes that it had; other events as they are in the feed, as
long as that keeps them, and with the filter and the fields that the subscription has now.`,
		Args: oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook replay 915173728805303737 --position 1707
  packhorse webhook replay 915173728805303737 --after 1700 --until 1900
  packhorse webhook replay 915173728805303737 --since 2h
  packhorse webhook replay 915173728805303737 --since "2026-03-04 12:00"`,
	}
	c.Flags().Var(positionValue(&position), "position", "the event at this `POSITION`")
	c.Flags().Var(wholeNumber(&after), "after", "events after this `POSITION`; 0: all that are kept")
	c.Flags().Var(a.pastValue(&since), "since", "events since this `TIME`, or for so long, such as 2h")
	c.Flags().Var(positionValue(&until), "until", "events up to this `POSITION` (default: up to where the subscription is)")
	c.MarkFlagsOneRequired("position", "after", "since")
	c.MarkFlagsMutuallyExclusive("position", "after", "since")
	c.MarkFlagsMutuallyExclusive("position", "until")
	c.RunE = a.withSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
		if !since.IsZero() {
			var err error
			if after, err = b.FeedBefore(ctx, since); err != nil {
				return err
			}
		}
		from := webhook.Replay{After: after, Until: until}
		switch {
		case position != 0:
			from = webhook.Replay{After: position - 1, Until: position}
		case until == 0:
			from.Until = math.MaxInt64
		}
		done, err := b.Replay(ctx, id, from)
		if err != nil {
			if refused, ok := fulfillment.AsError(err); ok && slices.Equal(refused.Field, []string{"after"}) {
				asked := *refused
				switch {
				case position != 0:
					asked.Field = []string{"position"}
				case !since.IsZero():
					asked.Field = []string{"since"}
				}
				return &asked
			}
			return err
		}
		if a.json() {
			return writeJSON(a.out, done)
		}
		fmt.Fprintf(a.out, "%s to be told again, %d waited already\n", count(done.Events, "event"), done.Waiting)
		sub, err := subscription(ctx, b, id)
		if err == nil && sub.State != webhook.Enabled {
			fmt.Fprintf(
				a.out, "the subscription is %s: nothing is sent until packhorse webhook resume %s\n", sub.State, id,
			)
		}
		return err
	})
	return c
}

// wholeNumber is a position in the feed, or 0.
func wholeNumber(into *int64) *value {
	position := positionValue(into)
	return &value{position.kind, func(text string) error {
		if text == "0" {
			*into = 0
			return nil
		}
		if position.set(text) != nil {
			return errors.New("a position is a whole number from 0")
		}
		return nil
	}, nil}
}

// pastValue is a time, or how long ago it was.
func (a *app) pastValue(into *time.Time) *value {
	return &value{"TIME", func(text string) (err error) {
		if d, wrong := time.ParseDuration(text); wrong == nil {
			*into = a.now().Add(-d).UTC().Truncate(time.Millisecond)
		} else if *into, err = a.parseTime(text); err != nil {
			return errors.New(`write it as RFC 3339, "2006-01-02 15:04" (local), or how long ago, such as 90m or 36h`)
		}
		if into.After(a.now()) {
			return errors.New("it is still to come")
		}
		return nil
	}, nil}
}
