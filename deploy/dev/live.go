package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"

	"packhorse/internal/dev/devstack"
)

// commandGrace is how long a command may take to end after each signal.
const commandGrace = 30 * time.Second

// live is the life of the stack from its start until it is to be stopped. The
// status is that of the whole run.
func (s *stack) live(ctx context.Context, chosen settings) (int, error) {
	status, err := s.work(ctx, chosen)
	// Whatever failed then failed because the run was being ended, and the reason
	// for that is the one to tell.
	if cause := context.Cause(ctx); cause != nil {
		if !errors.Is(cause, errInterrupted) {
			return statusFailed, cause
		}
		if err != nil && !errors.Is(err, errStayedUp) {
			return statusInterrupted, cause
		}
		return statusDone, nil
	}
	return status, err
}

// errStayedUp says that everything was up and done when the run was ended.
var errStayedUp = errors.New("ended by request")

func (s *stack) work(ctx context.Context, chosen settings) (int, error) {
	if err := s.start(ctx); err != nil {
		return statusFailed, err
	}
	if len(chosen.command) > 0 {
		return s.runCommand(ctx, chosen)
	}
	if !s.fresh {
		if err := s.writeEnvironmentFile(); err != nil {
			return statusFailed, err
		}
	}
	if err := s.showSampleOrders(ctx); err != nil {
		return statusFailed, err
	}
	if chosen.once {
		return statusDone, nil
	}
	s.showWhereToLook()
	s.tell("\nCtrl-C stops everything; the data are kept for the next time.")
	<-ctx.Done()
	s.tell("\nstopping")
	return statusDone, errStayedUp
}

// runCommand runs the command of --exec with the terminal's streams. A status
// other than 0 is its own to explain, so there is no error for it.
func (s *stack) runCommand(ctx context.Context, chosen settings) (int, error) {
	words := chosen.command
	command := devstack.Command{
		Name: words[0], Path: words[0], Args: words[1:], Env: s.environment(),
		Stdout: os.Stdout, Stderr: os.Stderr,
		StopSignals: []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}, Grace: commandGrace,
	}
	// A command in a process group of its own would be stopped for reading from
	// the terminal; from a pipe or a file it may read.
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		command.Stdin = os.Stdin
	}
	hurting, stopHurting := context.WithCancel(ctx)
	var hurt sync.WaitGroup
	if chosen.disturb > 0 {
		hurt.Go(func() { s.disturb(hurting, chosen.disturb) })
	}
	status, err := s.finish(ctx, command)
	stopHurting()
	hurt.Wait()
	if chosen.memory {
		s.tellMemory()
	}
	if status > 0 && errors.As(err, new(*devstack.ProcessError)) {
		return status, nil
	}
	if status < 0 {
		return statusFailed, err
	}
	return status, err
}

// showSampleOrders takes the orders of examples/ through their lives.
func (s *stack) showSampleOrders(ctx context.Context) error {
	if err := s.startWarehouse(ctx); err != nil {
		return err
	}
	s.tell("")
	_, err := s.finish(ctx, devstack.Command{
		Name: "packhorse demo", Path: s.program("packhorse"),
		Args: []string{
			"demo", "--examples", filepath.Join(s.root, "examples"), "--warehouse", s.warehouseURL,
			"--warehouse-secret", warehouseSecret,
		},
		Env: s.environment(), Stdout: os.Stdout, Stderr: os.Stderr,
	})
	return err
}

func (s *stack) showWhereToLook() {
	s.tell("\nLook at")
	s.tell("  %-16s %s", "Temporal UI", s.temporal.UIURL())
	s.tell("  %-16s %s", "GraphiQL", s.graphiQLURL())
	s.tell("  %-16s %s", "API metrics", s.api.metricsURL())
	s.tell("  %-16s %s", "worker metrics", s.worker.metricsURL())
	s.tell("  %-16s %s", "sample warehouse", s.warehouseURL)
	s.tell("  %-16s %s", "database", s.postgres.PublicURL(databaseName))
	if s.logs != "" {
		s.tell("  %-16s %s", "logs", s.logs)
	}
	if s.fresh {
		return
	}
	s.tell("\nTry, in another terminal")
	s.tell("  source %s", s.environmentFile())
	s.tell("  bin/packhorse order list")
	s.tell("  bin/packhorse fulfillment-order list")
	s.tell(
		`  curl -s "$PACKHORSE_API" -H "X-Shopify-Access-Token: $PACKHORSE_TOKEN" -H 'Content-Type: application/json' \`,
	)
	s.tell(`    -d '{"query":"{ fulfillmentOrders(first: 3) { nodes { id status order { name } } } }"}'`)
}
