package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/operation"
	"packhorse/internal/webhook"
)

// asTheWorkers is what a flag takes for what is to be as the workers' settings say.
const asTheWorkers = "default"

func (a *app) newWebhookUpdate() *cobra.Command {
	c := &cobra.Command{
		Use: "update ID", Short: "Change how the receiver of a subscription is called",
		Long: `Changes how long the receiver of a subscription may take, and for how many orders it is called at the same time,
whoever made the subscription. Whoever delivers to it does so from now on. The apps' own updates leave it as it is.`,
		Args: oneArgument("subscription's ID", isID),
		Example: `  packhorse webhook update 915173728805303737 --receiver-timeout 15s --concurrency 2
  packhorse webhook update 915173728805303737 --concurrency default`,
	}
	change := limitFlags(c)
	c.MarkFlagsOneRequired("receiver-timeout", "concurrency")
	c.RunE = a.onSubscription(func(
		ctx context.Context, o operation.Subscriptions, id fulfillment.ID,
	) (webhook.Subscription, error) {
		return o.Update(ctx, id, *change)
	})
	return c
}

// limitFlags say how the receiver of a subscription is called.
func limitFlags(c *cobra.Command) *webhook.Change {
	change := &webhook.Change{}
	c.Flags().Var(&value{"DURATION", func(text string) error {
		if text == asTheWorkers {
			change.TimeoutMS = new(0)
			return nil
		}
		timeout, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("write it with its unit, such as 10s, or %s", asTheWorkers)
		}
		if problem := webhook.TimeoutProblem(timeout); problem != "" {
			return errors.New(problem)
		}
		change.TimeoutMS = new(int(timeout.Milliseconds()))
		return nil
	}, nil}, "receiver-timeout", "how long the receiver may take, 1s to 30s (default: PACKHORSE_WEBHOOK_TIMEOUT)")
	c.Flags().Var(&value{"NUMBER", func(text string) error {
		if text == asTheWorkers {
			change.Concurrency = new(0)
			return nil
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("it is a whole number, or %s", asTheWorkers)
		}
		if problem := webhook.ConcurrencyProblem(n); problem != "" {
			return errors.New(problem)
		}
		change.Concurrency = &n
		return nil
	}, nil}, "concurrency",
		"orders that it is told of at the same time, 1 to 64 (default: PACKHORSE_WEBHOOK_CONCURRENCY)")
	return change
}

// receiverLimits are how the receiver of a subscription is called, for people.
func receiverLimits(sub webhook.Subscription) string {
	timeout, concurrency := "", ""
	if sub.TimeoutMS != 0 {
		timeout = sub.Timeout().String()
	}
	if sub.Concurrency != 0 {
		concurrency = count(sub.Concurrency, "order")
	}
	return fmt.Sprintf("%s to answer, %s at the same time",
		cmp.Or(timeout, "PACKHORSE_WEBHOOK_TIMEOUT"), cmp.Or(concurrency, "PACKHORSE_WEBHOOK_CONCURRENCY orders"))
}
