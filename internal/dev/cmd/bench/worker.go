package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"

	"github.com/spf13/cobra"

	"packhorse/internal/dev/bench/bare"
	"packhorse/internal/worker"
)

// newWorker makes the command that runs one variant's worker as a process of its own.
func newWorker() *cobra.Command {
	var floor, naive, packhorse bool
	var profile string
	c := &cobra.Command{
		Use:   "worker",
		Short: "Run the worker of one variant, as packhorse-worker does, until SIGTERM",
		Long: "Run the worker of one variant until SIGTERM. The settings are packhorse-worker's, and come from the " +
			"same variables.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := worker.Load()
			if err != nil {
				return usageError{err}
			}
			work := func(ctx context.Context) error { return worker.Run(ctx, settings, os.Stderr) }
			switch {
			case floor:
				work = func(ctx context.Context) error { return bare.Run(ctx, bare.Floor, settings, os.Stderr) }
			case naive:
				work = func(ctx context.Context) error { return bare.Run(ctx, bare.Naive, settings, os.Stderr) }
			}
			return profiled(cmd.Context(), profile, work)
		},
	}
	c.Flags().BoolVar(&floor, "floor", false, "bare workflows that do nothing")
	c.Flags().BoolVar(&naive, "naive", false, "the same with one statement for each transition")
	c.Flags().BoolVar(&packhorse, "packhorse", false, "Packhorse itself")
	c.Flags().StringVar(&profile, "profile", "", "`FILE` for a CPU profile")
	c.MarkFlagsOneRequired("floor", "naive", "packhorse")
	c.MarkFlagsMutuallyExclusive("floor", "naive", "packhorse")
	return c
}

// profiled does something, and writes where its CPU time went to a file if there is to be one.
func profiled(ctx context.Context, path string, work func(context.Context) error) (err error) {
	if path == "" {
		return work(ctx)
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return fmt.Errorf("write the profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return work(ctx)
}
