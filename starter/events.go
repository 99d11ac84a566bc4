package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/feed"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/returns"
	"packhorse/internal/webhook"
)

func (a *app) newEvents() *cobra.Command {
	return group("events", "Read what happened, in the order in which it did", `The feed has an event for everything that happens to orders and fulfillment orders, each with a position: 1, 2, 3 …
Who has seen each position has missed nothing. Apps read the same at GET /events.`,
		a.newEventsList(), a.newEventsFollow())
}

// newestEvent is what --after takes in the place of a position.
const newestEvent = "newest"

// feedFlags are which events are asked for.
type feedFlags struct {
	after  int64
	newest bool // in the place of after
	order  string
	topics []string
}

func (a *app) feedFlags(c *cobra.Command) *feedFlags {
	f := new(feedFlags)
	c.Flags().Var(&value{"POSITION", func(text string) error {
		if f.newest = text == newestEvent; f.newest {
			return nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("a position is a whole number from 0, or %s", newestEvent)
		}
		f.after = n
		return nil
	}, nil}, "after", "begin after this `POSITION`, or after the newest one (default: with the oldest that is kept)")
	c.Flags().StringVar(&f.order, "order", "", "events of this `ORDER` only: its ID, name or source identifier")
	c.Flags().Var(&value{"TOPIC,...", func(text string) error {
		for part := range strings.SplitSeq(text, ",") {
			topic, ok := webhook.Events(part)
			if !ok {
				return fmt.Errorf("it is none of %s", joined(webhook.EventTopics()))
			}
			f.topics = append(f.topics, topic)
		}
		return nil
	}, nil}, "topic", "events of these topics only")
	completeValues(c, "after", newestEvent)
	completeValues(c, "topic", webhook.EventTopics()...)
	completesFlag(c, "order", a.openOrders())
	return f
}

// query looks up what the flags name.
func (f *feedFlags) query(ctx context.Context, b book) (postgres.FeedQuery, error) {
	q := postgres.FeedQuery{After: f.after, Topics: f.topics}
	if f.order != "" {
		order, err := findOrder(ctx, b, f.order)
		if err != nil {
			return q, err
		}
		q.OrderID = order.ID
	}
	if f.newest {
		page, err := b.Feed(ctx, postgres.FeedQuery{Limit: 1})
		if err != nil {
			return q, err
		}
		q.After = page.Newest
	}
	return q, nil
}

// readFeed reads a page. Where it can't begin is the fault of who asks.
func readFeed(ctx context.Context, b book, q postgres.FeedQuery) (postgres.FeedPage, []feed.Entry, error) {
	page, err := b.Feed(ctx, q)
	if gone, ok := errors.AsType[*postgres.FeedGoneError](err); ok {
		return page, nil, &fulfillment.Error{
			Code: fulfillment.CodeInvalid, Field: []string{"after"}, Message: gone.Error(),
		}
	}
	if err != nil {
		return page, nil, err
	}
	entries := make([]feed.Entry, len(page.Entries))
	for i, stored := range page.Entries {
		if entries[i], err = feed.Read(stored); err != nil {
			return page, nil, err
		}
	}
	return page, entries, nil
}

func (a *app) newEventsList() *cobra.Command {
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List events, the oldest first", Args: cobra.NoArgs,
		Example: `  packhorse events list --order '#1001'
  packhorse events list --after 1700 --topic fulfillments/create --output json | jq '.items[] | {position, kind}'`,
	}
	flags, limit := a.feedFlags(c), postgres.DefaultLimit
	c.Flags().Var(limitValue(&limit), "limit", limitUsage)
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		q, err := flags.query(ctx, b)
		if err != nil {
			return err
		}
		found := list[feed.Entry]{Items: []feed.Entry{}}
		for more := true; more; {
			q.Limit = min(limit-len(found.Items), postgres.FeedLimit)
			page, entries, err := readFeed(ctx, b, q)
			if err != nil {
				return err
			}
			found.Items = append(found.Items, entries...)
			q.After = page.Next
			more = page.Next < page.Newest
			if more && len(found.Items) >= limit {
				found.Next = strconv.FormatInt(page.Next, 10)
				break
			}
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		t := a.newTable(eventColumns...)
		for _, e := range found.Items {
			t.row(a.eventRow(e)...)
		}
		if err := t.flush(); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "events", found.Next)
		return nil
	}
	return c
}

var eventColumns = []string{
	"POSITION", "AT", "ORDER", "FULFILLMENT ORDER", "WHAT", "BY", "STATE", "TOPIC", "WHY",
}

// eventRow is an event in a table.
func (a *app) eventRow(e feed.Entry) []string {
	state, of := "", idText(e.FulfillmentOrderID)
	if e.ReturnID != 0 {
		of = "return " + idText(e.ReturnID)
		var before, after returns.State
		_, _ = json.Unmarshal(e.Before, &before), json.Unmarshal(e.After, &after)
		if state = string(after.Status); before.Status != "" && before.Status != after.Status {
			state = string(before.Status) + " → " + state
		}
	} else if e.FulfillmentOrderID != 0 {
		var before, after fulfillment.State
		_, _ = json.Unmarshal(e.Before, &before), json.Unmarshal(e.After, &after) // What can't be read is not shown.
		state = change(before, after)
	} else if e.OrderID != 0 {
		var before, after fulfillment.OrderStatuses
		_, _ = json.Unmarshal(e.Before, &before), json.Unmarshal(e.After, &after)
		if state = string(after.Display); before.Display != "" && before.Display != after.Display {
			state = string(before.Display) + " → " + state
		}
	}
	return []string{
		strconv.FormatInt(e.Position, 10), e.At.In(a.zone).Format(secondLayout), idText(e.OrderID),
		of, inWords(e.Kind), e.Actor.String(), state, e.Topic, e.Reason,
	}
}
