package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// shownAttempts is how many attempts the page of a subscription has.
const shownAttempts = 10

// attempt is what became of a request, as it is answered to programs.
type attempt struct {
	webhook.Attempt
	Milliseconds int64 `json:"ms"`
}

func attempts(of []webhook.Attempt) []attempt {
	all := make([]attempt, len(of))
	for i, a := range of {
		all[i] = attempt{a, a.Took.Milliseconds()}
	}
	return all
}

func (a *app) newWebhookAttempts() *cobra.Command {
	var position int64
	c := &cobra.Command{
		Use: "attempts ID", Short: "List what became of the requests to a subscription, the latest first",
		Long: `Lists the requests to a subscription, the latest first: the status and the time of the answer, or why there was
none. With --output json each has the first 4 KiB of the answer. Attempts are kept for 7 days.`,
		Args: oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook attempts 915173728805303737
  packhorse webhook attempts 915173728805303737 --position 1707 --output json | jq -r '.items[].answer'`,
	}
	c.Flags().Var(positionValue(&position), "position", "only those of the event at this `POSITION` of the feed")
	page := pagingFlags(c, true)
	c.RunE = a.withSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
		found, err := collect(page, func(p postgres.Page) (postgres.Results[webhook.Attempt], error) {
			return b.WebhookAttempts(ctx, id, position, p)
		})
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, list[attempt]{Items: attempts(found.Items), Next: found.Next})
		}
		if err := a.attemptTable(found.Items); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "attempts", found.Next)
		return nil
	})
	return c
}

func (a *app) attemptTable(attempts []webhook.Attempt) error {
	t := a.newTable("AT", "POSITION", "ATTEMPT", "REPLAY", "STATUS", "MS", "ERROR")
	for _, at := range attempts {
		replay, status := "", ""
		if at.Replay {
			replay = "yes"
		}
		if at.Status != 0 {
			status = strconv.Itoa(at.Status)
		}
		wrong := at.Error
		if wrong == status+" "+http.StatusText(at.Status) {
			wrong = http.StatusText(at.Status)
		}
		t.row(
			at.At.In(a.zone).Format(secondLayout), strconv.FormatInt(at.Position, 10), number(at.Attempt), replay,
			status, strconv.FormatInt(at.Took.Milliseconds(), 10), wrong,
		)
	}
	return t.flush()
}

func (a *app) newWebhookDead() *cobra.Command {
	c := &cobra.Command{
		Use: "dead ID", Short: "List the events that a subscription was not told in the end",
		Long: `Lists dead letters, by their positions in the feed: events that the receiver did not take in any attempt. What came
after them of the same order was told. packhorse webhook replay tells them again.`,
		Args:    oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook dead 915173728805303737`,
	}
	page := pagingFlags(c, false)
	c.RunE = a.withSubscription(func(ctx context.Context, b book, id fulfillment.ID) error {
		found, err := collect(page, func(p postgres.Page) (postgres.Results[webhook.Parked], error) {
			return b.DeadLetters(ctx, id, p)
		})
		if err != nil {
			return err
		}
		if a.json() {
			return writeJSON(a.out, found)
		}
		t := a.newTable("POSITION", "HAPPENED", "ORDER", "ATTEMPTS", "LAST ERROR")
		for _, d := range found.Items {
			t.row(
				strconv.FormatInt(d.Position, 10), a.when(&d.At), idText(d.OrderID), number(d.Attempts), d.LastError,
			)
		}
		if err := t.flush(); err != nil {
			return err
		}
		a.tellMore(len(found.Items), "dead letters", found.Next)
		return nil
	})
	return c
}

// withSubscription does something with a subscription that is there, and whose ID is the argument.
func (a *app) withSubscription(
	do func(context.Context, book, fulfillment.ID) error,
) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		id, err := fulfillment.ParseID(args[0])
		if err != nil {
			return err
		}
		b, err := a.backend.book(c.Context())
		if err != nil {
			return err
		}
		if _, err := subscription(c.Context(), b, id); err != nil {
			return err
		}
		return do(asOperator(c.Context()), b, id)
	}
}

// noSubscription refuses an ID that no subscription has.
func noSubscription(id fulfillment.ID) error {
	return &fulfillment.Error{
		Code:    fulfillment.CodeInvalid,
		Message: fmt.Sprintf("There is no webhook subscription %s; see packhorse webhook list.", id),
	}
}

// subscription is the one that has an ID.
func subscription(ctx context.Context, b book, id fulfillment.ID) (*webhook.Subscription, error) {
	found, err := b.SubscriptionsByID(ctx, []fulfillment.ID{id})
	if err != nil {
		return nil, err
	}
	if found[0] == nil {
		return nil, noSubscription(id)
	}
	return found[0], nil
}

// positionValue is a position in the feed.
func positionValue(into *int64) *value {
	return &value{"POSITION", func(text string) error {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("a position is a whole number from 1")
		}
		*into = n
		return nil
	}, nil}
}
