package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

// TemporalOptions says what server StartTemporal starts.
type TemporalOptions struct {
	// File keeps the server's state (SQLite) from one start to the next. Empty
	// means a temporary file that Close removes.
	File string
	// Postgres keeps the server's state instead of SQLite, in databases of its own.
	// It takes programs that the dev server doesn't: ErrNoTemporalServer says
	// which. There is no web UI then, and no File.
	Postgres *Postgres
	// Namespace exists when the server is ready; the default is "default".
	Namespace string
	// SearchAttributes are registered in Namespace, by name: Keyword, Datetime,
	// Int, Double, Bool, Text or KeywordList. The server does so only when it
	// makes the namespace; an existing File keeps those it has.
	SearchAttributes map[string]string
	// CacheSearchAttributes has the dev server remember search attributes for a
	// minute, as other servers do. Without, it reads all of them again for every
	// request that has one, and those that are added later can be used at once.
	CacheSearchAttributes bool
	// Port and UIPort are the wanted ports of the frontend and of the web UI. When
	// one is taken, the next free one is used and Notice is told. 0 means any.
	Port, UIPort int
	// UI says whether the web UI is served.
	UI bool
	// LogLevel is what the server logs: debug, info, warn, error or never. The
	// default is error.
	LogLevel string
	// Patience is how long the server, once it was ready, may answer nothing but
	// errors, or nothing at all, before an *UnresponsiveError says so. The default
	// is a minute, which is also what a start may take.
	Patience time.Duration
	// Log receives the server's log; it is optional.
	Log io.Writer
	// Notice is told what a person should know; the default is standard error.
	Notice Notice
}

// A Temporal is a Temporal dev server of our own, on loopback ports that stay
// the same from one Start to the next. Its methods may be called from several
// goroutines.
type Temporal struct {
	options   TemporalOptions
	temporary *temporaryFolder // nil when the state is kept.
	program   string
	file      string
	// ownPostgres has the state of a server of serverFolder; nil: there is none.
	ownPostgres *Postgres

	startPatience time.Duration

	port, uiPort, httpPort, metricsPort int

	mu      sync.Mutex
	process *Process // The latest one; never nil once started.
}

// Program is the path of the Temporal CLI that runs the server.
func (t *Temporal) Program() string { return t.program }

// StartTemporal finds or builds the Temporal CLI, starts its dev server, and
// waits until the frontend answers and the namespace with its search attributes
// exists.
func StartTemporal(ctx context.Context, options TemporalOptions) (*Temporal, error) {
	if options.Namespace == "" {
		options.Namespace = client.DefaultNamespace
	}
	if options.LogLevel == "" {
		options.LogLevel = "error"
	}
	if options.Patience == 0 {
		options.Patience = defaultPatience
	}
	t := &Temporal{options: options, startPatience: defaultPatience}
	err := t.startOwnPostgres(ctx)
	if err == nil {
		err = t.prepare(ctx)
	}
	if err == nil {
		err = t.startOnFreePorts(ctx)
	}
	if err == nil && t.options.Postgres != nil {
		if err = t.RegisterNamespace(ctx, options.Namespace, options.SearchAttributes); err != nil {
			t.Process().Kill()
		}
	}
	if err != nil {
		return nil, errors.Join(err, t.removeTemporary(context.WithoutCancel(ctx))) // Its time may be what is up.
	}
	return t, nil
}

// prepare finds the programs and makes the place for the state.
func (t *Temporal) prepare(ctx context.Context) (err error) {
	if t.options.File == "" || t.options.Postgres != nil {
		if t.temporary, err = newTemporaryFolder(os.TempDir()); err != nil {
			return err
		}
		t.file = filepath.Join(t.temporary.path, "temporal.db")
	} else if t.file, err = filepath.Abs(t.options.File); err != nil {
		return fmt.Errorf("find Temporal's file: %w", err)
	}
	if t.options.Postgres == nil {
		t.program, err = TemporalCLI(ctx, t.options.Notice)
		return err
	}
	var sqlTool string
	if t.program, sqlTool, err = temporalServer(ctx); err != nil {
		return err
	}
	return t.prepareDatabases(ctx, sqlTool)
}

// startOnFreePorts tries again elsewhere when somebody was faster on a port: one
// of ours, or one of those that the server picks for itself.
func (t *Temporal) startOnFreePorts(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		var errs [4]error
		t.port, errs[0] = PortOrNext(t.options.Port)
		t.uiPort, errs[1] = PortOrNext(t.options.UIPort)
		t.httpPort, errs[2] = FreePort()
		t.metricsPort, errs[3] = FreePort()
		if err := errors.Join(errs[:]...); err != nil {
			return err
		}
		if t.options.Postgres != nil {
			if err := t.writeServerConfig(); err != nil {
				return err
			}
		}
		err := t.Start(ctx)
		if err == nil {
			break
		}
		if attempt == startAttempts || !strings.Contains(err.Error(), "address already in use") {
			return err
		}
	}
	if wanted := t.options.Port; wanted != 0 && t.port != wanted {
		t.options.Notice.say("port %d is taken; Temporal is on %d", wanted, t.port)
	}
	if wanted := t.options.UIPort; t.options.UI && wanted != 0 && t.uiPort != wanted {
		t.options.Notice.say("port %d is taken; Temporal's UI is on %d", wanted, t.uiPort)
	}
	return nil
}

// Start starts the server again after Stop or Kill, with the same state on the
// same ports, and waits until it is ready. It does nothing while it runs. One
// that comes up and answers nothing is killed, and another one started.
func (t *Temporal) Start(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.process != nil && !ended(t.process) {
		return nil
	}
	for attempt := 1; ; attempt++ {
		process, err := t.startOnce(ctx)
		if err == nil {
			t.process = process
			return nil
		}
		if attempt == startAttempts || !errors.As(err, new(*UnresponsiveError)) {
			return err
		}
		t.options.Notice.say("%v; starting another one", err)
	}
}

func (t *Temporal) startOnce(ctx context.Context) (*Process, error) {
	if err := t.keepToUser(); err != nil {
		return nil, err
	}
	process, err := StartProcess(ctx, Command{
		// What it makes is its user's alone.
		Name: "Temporal", Path: "/bin/sh",
		Args: append([]string{"-c", `umask 077; exec "$0" "$@"`, t.program}, t.arguments()...),
		// TEMPORAL_NAMESPACE and its like would change the server's flags.
		Env: withoutPrefix(os.Environ(), "TEMPORAL_"), Log: t.options.Log,
		StopSignals: []syscall.Signal{syscall.SIGTERM},
	})
	if err != nil {
		return nil, err
	}
	if err := t.waitReady(ctx, process); err != nil {
		process.Kill()
		return nil, err
	}
	return process, nil
}

// keepToUser takes the state that is there from the eyes of others.
func (t *Temporal) keepToUser() error {
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Chmod(t.file+end, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("keep Temporal's state to its user: %w", err)
		}
	}
	return nil
}

// inFlightUpdates is how many updates of one run may be under way. Above the server's own limit, which is ten, each one
// that it turns away has it forget those that are under way: nobody gets an answer while many knock. What many updates
// may weigh together is limited all the same.
const inFlightUpdates = 1000

func (t *Temporal) arguments() []string {
	if t.options.Postgres != nil {
		return t.serverArguments()
	}
	arguments := []string{
		"server", "start-dev", "--disable-config-file", "--disable-config-env",
		"--ip", loopback,
		"--port", strconv.Itoa(t.port),
		"--http-port", strconv.Itoa(t.httpPort),
		"--metrics-port", strconv.Itoa(t.metricsPort),
		"--db-filename", t.file,
		"--namespace", t.options.Namespace,
		"--log-level", t.options.LogLevel,
		"--dynamic-config-value",
		"system.forceSearchAttributesCacheRefreshOnRead=" + strconv.FormatBool(!t.options.CacheSearchAttributes),
		"--dynamic-config-value", "history.maxInFlightUpdates=" + strconv.Itoa(inFlightUpdates),
		// A write-ahead log is several times faster than SQLite's rollback journal.
		"--sqlite-pragma", "journal_mode=WAL",
	}
	if t.temporary != nil {
		arguments = append(arguments, "--sqlite-pragma", "synchronous=OFF")
	} else {
		arguments = append(arguments, "--sqlite-pragma", "synchronous=NORMAL")
	}
	if t.options.UI {
		arguments = append(arguments, "--ui-port", strconv.Itoa(t.uiPort))
	} else {
		arguments = append(arguments, "--headless")
	}
	for _, name := range slices.Sorted(maps.Keys(t.options.SearchAttributes)) {
		arguments = append(arguments, "--search-attribute", name+"="+t.options.SearchAttributes[name])
	}
	return arguments
}

// waitReady waits until the frontend is healthy and the namespace is there.
func (t *Temporal) waitReady(ctx context.Context, process *Process) error {
	c, err := t.client()
	if err != nil {
		return err
	}
	defer c.Close()
	return process.insist(ctx, t.startPatience, never, func(ctx context.Context) error {
		if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
			return err
		}
		if t.options.Postgres != nil {
			return nil // Its namespace is made when it is ready.
		}
		_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{
			Namespace: t.options.Namespace,
		})
		if err != nil {
			return err
		}
		_, err = c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{
			Namespace: t.options.Namespace,
		})
		return err
	})
}

// client is a connection that says nothing of its own.
func (t *Temporal) client() (client.Client, error) {
	c, err := client.NewLazyClient(client.Options{
		HostPort: t.Address(), Namespace: t.options.Namespace,
		Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return nil, fmt.Errorf("connect to Temporal: %w", err)
	}
	return c, nil
}

// Address is the frontend's host and port, as TEMPORAL_ADDRESS wants it.
func (t *Temporal) Address() string { return address(t.port) }

// UIURL is the address of the web UI, or "" when there is none.
func (t *Temporal) UIURL() string {
	if !t.options.UI {
		return ""
	}
	return "http://" + address(t.uiPort)
}

// Namespace is the namespace that exists since the start.
func (t *Temporal) Namespace() string { return t.options.Namespace }

// Process is the server's latest process; after Stop or Kill, the one that
// ended.
func (t *Temporal) Process() *Process {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.process
}

// PID is the ID of the server's latest process.
func (t *Temporal) PID() int { return t.Process().PID() }

// Stop shuts the server down and keeps its state: Start continues from there.
func (t *Temporal) Stop(ctx context.Context) error { return t.Process().Stop(ctx) }

// Kill ends the server at once with SIGKILL. Its state survives.
func (t *Temporal) Kill(context.Context) error {
	t.Process().Kill()
	return nil
}

// Close stops the server and removes its state if it was temporary.
func (t *Temporal) Close(ctx context.Context) error {
	return errors.Join(t.Stop(ctx), t.removeTemporary(ctx))
}

// removeTemporary removes the state that isn't kept.
func (t *Temporal) removeTemporary(ctx context.Context) error {
	var errs []error
	if t.ownPostgres != nil {
		errs = append(errs, t.ownPostgres.Close(ctx))
	}
	if t.temporary != nil {
		errs = append(errs, t.temporary.remove())
	}
	return errors.Join(errs...)
}
