// Command packhorse-worker carries orders out: it takes workflow tasks and activities from Temporal.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"packhorse/internal/config"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/telemetry"
	"packhorse/internal/worker"
)

func main() { os.Exit(run()) }

func run() int {
	log.SetOutput(telemetry.Unquoted(os.Stderr))
	if len(os.Args) > 1 {
		switch arg := os.Args[1]; arg {
		case "-h", "--help", "help":
			fmt.Println(
				"packhorse-worker takes workflow tasks and activities from Temporal until SIGTERM or " +
					"Ctrl-C.\n\nSettings come from the environment:",
			)
			if err := worker.Usage(os.Stdout); err != nil {
				return 1
			}
			return 0
		default:
			fmt.Fprintf(
				os.Stderr, "packhorse-worker: unknown argument %q: settings come from the environment, see --help\n",
				arg,
			)
			return 2
		}
	}
	for _, warning := range config.UnknownVariables(os.Environ(), catalogue.New().Settings()...) {
		fmt.Fprintln(os.Stderr, "packhorse-worker:", warning)
	}
	settings, err := worker.Load()
	if err != nil {
		fmt.Fprintln(os.Stderr, "packhorse-worker:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := worker.Run(ctx, settings, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "packhorse-worker:", err)
		return 1
	}
	return 0
}
