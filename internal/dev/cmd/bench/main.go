// Command bench measures what an order's life costs with Packhorse, against bare Temporal, on a stack that it starts
// itself. It is what `make bench` runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// The exit statuses.
const (
	statusDone   = 0
	statusFailed = 1 // it could not be measured, or with --require a target was missed
	statusUsage  = 2
)

// usageError is a mistake on the command line.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // The first signal ends what runs in order, the next one has its usual effect.
	root := newRoot()
	root.AddCommand(newWorker(), newGrowth(), newWebhooks(), newProviders())
	err := root.ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	os.Exit(statusOf(err))
}

func statusOf(err error) int {
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, new(usageError)):
		return statusUsage
	}
	return statusFailed
}
