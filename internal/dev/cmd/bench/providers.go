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

// newProviders is the command that measures what providers cost, and how one puts up with another.
func newProviders() *cobra.Command {
	var o bench.ProvidersOptions
	var parts []string
	var to output
	c := &cobra.Command{
		Use:   "providers",
		Short: "Measure what the HTTP provider costs, and what a slow provider does to another one's orders",
		Long: `Measure, on a stack that is started for it, how many orders a second the HTTP provider makes of the simulated one's,
with a warehouse on loopback (cost), and what orders of the simulated provider take while the warehouse of another
service is slow and always has as many requests as its provider's queue lets through (slow).

Both sides of a comparison take turns in rounds. A ratio is the median of the rounds'.`,
		Example: `  make bench ARGS='providers --require'
  make bench ARGS='providers --parts cost --profile .run/worker.prof'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range parts {
				part := bench.ProvidersPart(name)
				if !slices.Contains(bench.ProvidersParts, part) || slices.Contains(o.Parts, part) {
					return usageError{fmt.Errorf("--parts: %q is not one of %v, or is there twice", name,
						bench.ProvidersParts)}
				}
				o.Parts = append(o.Parts, part)
			}
			switch {
			case min(o.Rounds, o.InFlight, o.AtOnce) < 1 || o.Rate <= 0 || o.For < time.Second:
				return usageError{errors.New("--rounds, --in-flight, --at-once and --rate must be positive, " +
					"--for one second at least")}
			case o.Delay < time.Second || o.Delay > bench.LongestDelay:
				return usageError{fmt.Errorf("--delay: it may be 1s to %s", bench.LongestDelay)}
			}
			o.Orders = ordersOf(o.InFlight)
			self, err := os.Executable()
			if err != nil {
				return err
			}
			o.Self = self
			return measure(cmd, to, func(p *progress) (*bench.ProvidersReport, error) {
				o.Progress = p
				return bench.RunProviders(cmd.Context(), o)
			})
		},
	}
	c.Flags().StringSliceVar(&parts, "parts", []string{"cost", "slow"}, "what to measure")
	c.Flags().IntVar(&o.Rounds, "rounds", 7, "rounds of each part")
	c.Flags().IntVar(&o.InFlight, "in-flight", 32, "orders at the same time while the cost is measured")
	c.Flags().Float64Var(&o.Rate, "rate", 4, "orders/s beside the slow provider")
	c.Flags().DurationVar(&o.For, "for", 20*time.Second, "how long a round of these is")
	c.Flags().DurationVar(&o.Delay, "delay", 20*time.Second, "how long the slow provider takes to answer")
	c.Flags().IntVar(&o.AtOnce, "at-once", 50, "requests that wait for it at the same time")
	to.flags(c, ".run/bench-providers.json")
	c.Flags().StringVar(&o.Logs, "logs", ".run/logs/bench", "`FOLDER` for what the processes say; empty: none")
	c.Flags().StringVar(&o.Profile, "profile", "", "`FILE` for a CPU profile of the worker over the whole run")
	c.Flags().BoolVar(&o.NoFsync, "no-fsync", false, "don't let PostgreSQL wait for the disk")
	return c
}
