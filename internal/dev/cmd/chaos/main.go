// Command chaos shows what Packhorse survives: it starts the whole stack, breaks it at random while orders go through
// it, and asserts that nothing was lost and nothing happened twice.
//
// It ends with 0 if nothing was violated, 1 if something was, 2 if it could not run.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"packhorse/internal/dev/chaos"
)

// The exit statuses.
const (
	exitViolated = 1
	exitNotRun   = 2
)

// errViolated says that the run was made and found something.
var errViolated = errors.New("something was violated")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	switch {
	case errors.Is(err, errViolated):
		os.Exit(exitViolated)
	case err != nil:
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(exitNotRun)
	}
}

func command() *cobra.Command {
	var options chaos.Options
	var quiet bool
	c := &cobra.Command{
		Use: "chaos",
		Short: "Break Packhorse at random while orders go through it, and assert that nothing was lost or happened " +
			"twice",
		Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("seed") {
				options.Seed = rand.Uint64N(1e6)
			}
			switch options.Failover {
			case "", chaos.FailoverInStep, chaos.FailoverBehind:
			default:
				return fmt.Errorf("--failover is %q; it can be in-step or behind", options.Failover)
			}
			if options.Failover != "" && options.SetBack != 0 {
				return errors.New("--set-back and --failover are two drills: name one of them")
			}
			if !quiet {
				options.Notice = func(line string) { fmt.Fprintln(os.Stderr, line) }
			}
			result, err := chaos.Run(c.Context(), options)
			if err != nil {
				return err
			}
			if err := result.Print(os.Stdout); err != nil {
				return err
			}
			if len(result.Violations()) > 0 {
				return errViolated
			}
			return nil
		},
	}
	f := c.Flags()
	f.DurationVar(
		&options.Duration, "duration", chaos.DefaultDuration,
		"how long the chaos lasts; start, coming to rest and checks are added",
	)
	f.Uint64Var(
		&options.Seed, "seed", 0,
		"seed of what the monkey does and the actors draw (default: one at random, which is told)",
	)
	f.DurationVar(
		&options.SetBack, "set-back", 0,
		"by how much the database is set back now and then, as by a restore, such as 30s: only what was committed "+
			"since may be lost (default: never)",
	)
	f.StringVar(
		(*string)(&options.Failover), "failover", "",
		"fail the database over to a standby now and then: in-step, which loses nothing, or behind (default: never)",
	)
	f.StringVar(&options.Worker, "worker", "bin/packhorse-worker", "the worker program")
	f.StringVar(
		&options.PreviousWorker, "previous-worker", "",
		"a worker program of an older version, to run beside (default: the same under another build ID)",
	)
	f.StringVar(
		&options.Orders, "orders", "examples",
		"recorded orders to play: a file, one JSON object a line, or a folder of examples",
	)
	f.IntVar(&options.Actors, "actors", chaos.DefaultActors, "how many act at the same time")
	f.DurationVar(&options.Rest, "rest", chaos.DefaultRest, "how long the system may take to come to rest")
	f.StringVar(
		&options.Logs, "logs", "", "folder for the logs of a run that went wrong (default: that of temporary files)",
	)
	f.BoolVar(&quiet, "quiet", false, "don't tell what happens meanwhile")
	return c
}
