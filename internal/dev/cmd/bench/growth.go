package main

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"packhorse/internal/dev/bench/growth"
)

// newGrowth is the command that measures what becomes of Packhorse as it grows.
func newGrowth() *cobra.Command {
	var o growth.Options
	var to output
	c := &cobra.Command{
		Use:   "growth",
		Short: "Measure lists and commits as the store grows, and the replay of a long life",
		Long: `Measure how long a commit and a page of each list take among ten thousand, a hundred thousand and a million
fulfillment orders, which take turns, and what it takes to replay one that was commanded thousands of times.

A million fulfillment orders take 20 GB of the disk, and five minutes to load.`,
		Example: `  make bench ARGS='growth'
  make bench ARGS='growth --sizes 10000,100000 --replay=false'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(o.Sizes) < 2 || o.Sizes[0] < 1 || !slices.IsSorted(o.Sizes) || o.Rounds < 1 || o.Commands < 1 {
				return usageError{
					errors.New(
						"--sizes must be two numbers at least, ascending; --rounds and --commands must be positive",
					),
				}
			}
			result, err := growth.Run(cmd.Context(), o, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			if err := write(to.file, result); err != nil {
				return err
			}
			return to.check(len(result.Missed()))
		},
	}
	c.Flags().IntSliceVar(
		&o.Sizes, "sizes", []int{10_000, 100_000, 1_000_000}, "fulfillment orders in each of the stores, ascending",
	)
	c.Flags().IntVar(&o.Rounds, "rounds", 60, "how often the stores take turns, with five runs of each query")
	c.Flags().BoolVar(&o.WithReplay, "replay", true, "also measure replay")
	c.Flags().IntVar(&o.Commands, "commands", 2000, "commands to the replayed fulfillment order")
	to.flags(c, ".run/growth.json")
	return c
}
