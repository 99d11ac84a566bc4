// Command packhorse starts and commands the workflows of Packhorse, and shows what became of them.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"packhorse/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // The first signal ends what runs in order, the next one has its usual effect.
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run does what the arguments (without the program's name) say, until it is done or ctx ends, and returns the exit
// status: 0 done, 1 refused or failed, 2 usage.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := newApp(stdin, stdout, stderr)
	if err := config.Load(a.settings); err != nil {
		fmt.Fprintln(stderr, "packhorse:", err)
		return statusUsage
	}
	return a.run(ctx, args)
}
