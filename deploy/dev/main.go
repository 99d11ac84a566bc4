// Command dev starts Packhorse with all it needs on one machine. It is what
// `make run` and `make rehearse` call:
//
//	dev                          the stack of this clone, with its data in .run/,
//	                             the sample orders, then up until Ctrl-C
//	dev --once                   the same, but it stops after the sample orders
//	dev --fresh --exec -- CMD    a stack of its own for one command, then nothing; the
//	                             command finds the API by $PACKHORSE_API and $PACKHORSE_TOKEN
//	dev --clean                  forget the data in .run/
//	dev --prepare                find or install what the tests need
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"packhorse/internal/dev/devstack"
)

// The exit statuses, besides that of a command that --exec runs.
const (
	statusDone        = 0
	statusFailed      = 1
	statusUsage       = 2
	statusInterrupted = 130
)

// errInterrupted is why the stack ends when somebody asked it to.
var errInterrupted = errors.New("interrupted")

// settings is what the command line says.
type settings struct {
	// Fresh is a stack of its own, on free ports, that leaves nothing behind.
	fresh bool
	// Once stops the stack after the sample orders.
	once bool
	// Clean forgets the kept data and does nothing else.
	clean bool
	// Prepare finds or installs what the tests need and does nothing else.
	prepare bool
	// Memory says at the end how much memory the worker had at the most.
	memory bool
	// Disturb is the time between two disturbances of the stack; 0: none.
	disturb time.Duration
	// Logs is the folder for log files; empty means none.
	logs string
	// Command runs instead of the sample orders, if there is one.
	command []string
}

func main() {
	// The kernel remembers a parent-death signal by thread; the main goroutine
	// keeps the main thread, which ends last.
	runtime.LockOSThread()
	os.Exit(run(os.Args[1:]))
}

func run(arguments []string) int {
	chosen, err := parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		return statusDone
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dev:", err)
		return statusUsage
	}
	endWithMake()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	interruptOnSignal(cancel)

	status, err := serve(ctx, cancel, chosen)
	if err != nil && !errors.Is(err, errInterrupted) {
		fmt.Fprintln(os.Stderr, err)
	}
	return status
}

func parse(arguments []string) (settings, error) {
	var chosen settings
	var exec bool
	flags := flag.NewFlagSet("dev", flag.ContinueOnError)
	flags.BoolVar(&chosen.fresh, "fresh", false, "start a stack of its own on free ports and leave nothing behind")
	flags.BoolVar(
		&chosen.once, "once", isTrue(os.Getenv("RUN_ONCE")), "stop after the sample orders (environment: RUN_ONCE=1)",
	)
	flags.BoolVar(&chosen.clean, "clean", false, "forget the data of earlier runs")
	flags.BoolVar(&chosen.prepare, "prepare", false, "find or install what the tests need")
	flags.BoolVar(
		&exec, "exec", false, "run the command after -- instead of the sample orders, and end with its status",
	)
	flags.BoolVar(
		&chosen.memory, "memory", false, "with --exec: say at the end how much memory the worker had at the most",
	)
	flags.DurationVar(
		&chosen.disturb, "disturb", 0,
		"with --fresh --exec: kill the worker three times and stop PostgreSQL for 5 s, with this `TIME` between",
	)
	flags.StringVar(&chosen.logs, "logs", "", "folder for the log files (default .run/logs; none with --fresh)")
	if err := flags.Parse(arguments); err != nil {
		return settings{}, err
	}
	chosen.command = flags.Args()
	switch {
	case chosen.disturb != 0 && (!exec || !chosen.fresh):
		return settings{}, errors.New(
			"--disturb needs --fresh and --exec: it hurts a stack that is there for one command",
		)
	case exec && len(chosen.command) == 0:
		return settings{}, errors.New("--exec needs a command: --exec -- COMMAND [ARGUMENT ...]")
	case !exec && len(chosen.command) > 0:
		return settings{}, fmt.Errorf("unexpected argument %q (a command needs --exec)", chosen.command[0])
	}
	return chosen, nil
}

func isTrue(value string) bool {
	return value != "" && value != "0" && !strings.EqualFold(value, "false")
}

// serve starts what is asked for, waits until it ends or has to, and stops it.
func serve(ctx context.Context, cancel context.CancelCauseFunc, chosen settings) (int, error) {
	root, err := devstack.RepositoryRoot()
	if err != nil {
		return statusFailed, err
	}
	s := newStack(root, chosen, cancel)
	if chosen.prepare {
		if err := devstack.Prepare(ctx, s.notice); err != nil {
			return statusFailed, err
		}
		return statusDone, nil
	}
	if !chosen.fresh {
		lock, err := s.lock()
		if err != nil {
			return statusFailed, err
		}
		defer lock.Unlock()
	}
	if chosen.clean {
		if err := s.forget(); err != nil {
			return statusFailed, err
		}
		return statusDone, nil
	}
	status, err := s.live(ctx, chosen)
	if stopErr := s.stop(); stopErr != nil {
		return statusFailed, errors.Join(err, stopErr)
	}
	return status, err
}

// interruptOnSignal cancels the context on the first signal. The next one has
// its usual effect: this process ends at once, and its children with it.
func interruptOnSignal(cancel context.CancelCauseFunc) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		signal.Reset(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		cancel(errInterrupted)
	}()
}

// endWithMake stops the stack in order when make, our parent, is killed: it has
// no chance to pass that on.
func endWithMake() {
	if os.Getenv("MAKELEVEL") != "" {
		_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0, 0, 0)
	}
}
