package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"packhorse/internal/config"
)

// The exit statuses.
const (
	statusDone   = 0
	statusFailed = 1 // refused or failed
	statusUsage  = 2
)

// The values of --output.
const (
	formatTable = "table"
	formatJSON  = "json"
)

const defaultTimeout = 30 * time.Second

// app is what all commands share.
type app struct {
	in          io.Reader
	out, errOut io.Writer
	width       int      // of the terminal that out is; 0: it is none
	args        []string // what the program was called with
	now         func() time.Time
	zone        *time.Location // of the times that people read
	settings    *config.CLI    // the environment's, or the flags' of the same names
	backend     backend        // opens what it is asked for

	started bool // the arguments were understood: what fails now is no usage error
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	settings := &config.CLI{Output: formatTable, Timeout: defaultTimeout}
	return &app{in: stdin, out: stdout, errOut: stderr, width: terminalWidth(stdout), now: time.Now, zone: time.Local,
		settings: settings,
		backend:  &servers{log: stderr, cli: settings}}
}

func (a *app) run(ctx context.Context, args []string) int {
	defer a.backend.close()
	a.args = args
	root := a.newRoot()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errOut)
	a.markStarted(root)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return statusDone
	}
	return a.explain(cmd, err)
}

// markStarted notes for every command that its own work begins: cobra is done with the arguments by then.
func (a *app) markStarted(cmd *cobra.Command) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.started = true
			return work(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		a.markStarted(sub)
	}
}

func (a *app) json() bool { return a.settings.Output == formatJSON }
