package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/dev/bench"
)

// flags is what the command line says.
type flags struct {
	variants []string
	inFlight []int
	orders   []int
	rounds   int
	soak     time.Duration
	logs     string
	profile  string
	noFsync  bool
	postgres bool
	to       output
}

func newRoot() *cobra.Command {
	var f flags
	root := &cobra.Command{
		Use:   "bench",
		Short: "Measure what an order's life costs, against bare Temporal",
		Long: `Measure what an order's life costs with Packhorse (packhorse), against the same workflows, updates and provider calls
that do nothing (floor), and against those with one activity and one SQL statement for each transition (naive).

All run on one stack that is started for it, interleaved in rounds. The tables go to the standard output; the whole of
the figures, as JSON, to a file.`,
		Example: `  make bench
  make bench ARGS='--in-flight 32 --rounds 9 --require'
  make bench ARGS='--soak 10m --require'
  make bench ARGS='--in-flight 32 --variants packhorse --profile .run/worker.prof'`,
		Args:          noArgs,
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.Flags().StringSliceVar(&f.variants, "variants", []string{"floor", "packhorse", "naive"}, "what to measure")
	root.Flags().IntSliceVar(&f.inFlight, "in-flight", []int{1, 8, 32}, "orders at the same time, one level each")
	root.Flags().IntSliceVar(
		&f.orders, "orders", nil,
		"orders of a round, one number or one for each level (default 40, and 8 for each in flight)",
	)
	root.Flags().IntVar(&f.rounds, "rounds", 5, "rounds of each level")
	root.Flags().DurationVar(
		&f.soak, "soak", 0,
		"run packhorse at 32 in flight for this long and watch its memory; instead of the rounds, unless "+
			"--in-flight is given, too",
	)
	f.to.flags(root, ".run/bench.json")
	root.Flags().StringVar(&f.logs, "logs", ".run/logs/bench", "`FOLDER` for what the processes say; empty: none")
	root.Flags().StringVar(
		&f.profile, "profile", "", "`FILE` for a CPU profile of packhorse's worker over the whole run",
	)
	root.Flags().BoolVar(&f.noFsync, "no-fsync", false, "don't let PostgreSQL wait for the disk")
	root.Flags().BoolVar(
		&f.postgres, "temporal-postgres", false,
		"keep Temporal's own state in PostgreSQL instead of SQLite; needs temporal-server and temporal-sql-tool",
	)
	return root
}

// noArgs refuses what is no flag.
func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return usageError{err}
	}
	return nil
}

func (f *flags) run(cmd *cobra.Command) error {
	if f.soak > 0 && !cmd.Flags().Changed("in-flight") {
		f.inFlight = nil
		if !cmd.Flags().Changed("variants") {
			f.variants = []string{string(bench.Packhorse)}
		}
	}
	options, err := f.options()
	if err != nil {
		return usageError{err}
	}
	return measure(cmd, f.to, func(p *progress) (*bench.Report, error) {
		options.Progress = p
		return bench.Run(cmd.Context(), options)
	})
}

// ordersOf is how many orders a round has by default: some seconds' worth.
func ordersOf(inFlight int) int { return 40 + 8*inFlight }

func (f *flags) options() (bench.Options, error) {
	o := bench.Options{
		InFlight: f.inFlight, Rounds: f.rounds, Soak: f.soak, NoFsync: f.noFsync, TemporalPostgres: f.postgres,
		Profile: f.profile, Logs: f.logs,
	}
	for _, name := range f.variants {
		v := bench.Variant(name)
		if !slices.Contains(bench.Variants, v) || slices.Contains(o.Variants, v) {
			return o, fmt.Errorf("--variants: %q is not one of %s, or is there twice", name, known())
		}
		o.Variants = append(o.Variants, v)
	}
	switch {
	case len(o.Variants) == 0:
		return o, errors.New("--variants: there must be one at least")
	case f.rounds < 1:
		return o, errors.New("--rounds: there must be one at least")
	case f.soak < 0 || f.soak > 0 && f.soak < bench.ShortestSoak:
		return o, fmt.Errorf("--soak: it takes %s at least to tell anything", bench.ShortestSoak)
	case f.soak > 0 && !slices.Contains(o.Variants, bench.Packhorse):
		return o, errors.New("--soak is packhorse's, which --variants leaves out")
	case len(f.orders) > 1 && len(f.orders) != len(f.inFlight):
		return o, fmt.Errorf("--orders: give one number, or %d, one for each of --in-flight", len(f.inFlight))
	}
	for i, inFlight := range f.inFlight {
		if inFlight < 1 {
			return o, fmt.Errorf("--in-flight: %d is too few", inFlight)
		}
		orders := ordersOf(inFlight)
		switch {
		case len(f.orders) == 1:
			orders = f.orders[0]
		case len(f.orders) > 1:
			orders = f.orders[i]
		}
		if orders < 1 {
			return o, fmt.Errorf("--orders: %d is too few", orders)
		}
		o.Orders = append(o.Orders, orders)
	}
	self, err := os.Executable()
	o.Self = self
	return o, err
}

// known names the variants.
func known() string {
	var all []string
	for _, v := range bench.Variants {
		all = append(all, string(v))
	}
	return strings.Join(all, ", ")
}
