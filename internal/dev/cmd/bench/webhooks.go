package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/dev/bench"
)

// newWebhooks is the command that measures what webhooks cost and take.
func newWebhooks() *cobra.Command {
	var o bench.WebhooksOptions
	var parts []string
	var to output
	c := &cobra.Command{
		Use:   "webhooks",
		Short: "Measure what it costs to tell of what happens, and how fast that is",
		Long: `Measure, on a stack that is started for it and with a receiver on loopback, what it costs the orders that somebody is
told of them (cost), how long an event takes from its commit to its arrival (latency), and how many deliveries a second
one worker makes of a backlog, against bare Temporal with an activity for each delivery (backlog).

One subscription is to the topic of which an order's life has the most events; everything is one for each topic.`,
		Example: `  make bench ARGS='webhooks --require'
  make bench ARGS='webhooks --parts backlog --profile .run/worker.prof'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range parts {
				part := bench.WebhooksPart(name)
				if !slices.Contains(bench.WebhooksParts, part) || slices.Contains(o.Parts, part) {
					return usageError{fmt.Errorf("--parts: %q is not one of %v, or is there twice", name,
						bench.WebhooksParts)}
				}
				o.Parts = append(o.Parts, part)
			}
			if min(o.Rounds, o.InFlight, o.OneByOne) < 1 || o.Rate <= 0 || o.For < time.Second || o.Backlog < 10 {
				return usageError{errors.New("--rounds, --in-flight, --rate and --one-by-one must be positive, " +
					"--for one second and --backlog 10 at least")}
			}
			o.Orders = ordersOf(o.InFlight)
			self, err := os.Executable()
			if err != nil {
				return err
			}
			o.Self = self
			return measure(cmd, to, func(p *progress) (*bench.WebhooksReport, error) {
				o.Progress = p
				return bench.RunWebhooks(cmd.Context(), o)
			})
		},
	}
	c.Flags().StringSliceVar(&parts, "parts", []string{"cost", "latency", "backlog"}, "what to measure")
	c.Flags().IntVar(&o.Rounds, "rounds", 5, "rounds of the cost")
	c.Flags().IntVar(&o.InFlight, "in-flight", 32, "orders at the same time while the cost is measured")
	c.Flags().Float64Var(&o.Rate, "rate", 20, "orders/s while the latency is measured")
	c.Flags().DurationVar(&o.For, "for", 30*time.Second, "how long the latency is measured, each time")
	c.Flags().IntVar(&o.Backlog, "backlog", 100_000, "events of the backlog")
	c.Flags().IntVar(&o.OneByOne, "one-by-one", 1000, "deliveries with an activity for each")
	to.flags(c, ".run/bench-webhooks.json")
	c.Flags().StringVar(&o.Logs, "logs", ".run/logs/bench", "`FOLDER` for what the processes say; empty: none")
	c.Flags().StringVar(&o.Profile, "profile", "", "`FILE` for a CPU profile of the worker over the whole run")
	c.Flags().BoolVar(&o.NoFsync, "no-fsync", false, "don't let PostgreSQL wait for the disk")
	return c
}
