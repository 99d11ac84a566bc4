package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"packhorse/internal/dev/devstack"
)

// The ports that people know; others are used, and said, when these are taken.
// PostgreSQL's is next to its usual one, which belongs to the machine's own.
const (
	postgresPort      = 5433
	temporalPort      = 7233
	temporalUIPort    = 8233
	apiPort           = 8080
	apiMetricsPort    = 9090
	workerMetricsPort = 9091
)

// databaseName is the database that Packhorse uses.
const databaseName = "packhorse"

// temporalPatience is how long Temporal may fail before another server takes its place. With the time that a start
// takes on a busy machine, all is well again within a minute.
const temporalPatience = 25 * time.Second

// stopTimeout bounds how long the whole stack may take to stop.
const stopTimeout = 120 * time.Second

// A stack is PostgreSQL, Temporal, a worker and the API, and what was started for them.
type stack struct {
	root   string // The repository.
	folder string // Where the kept data are: .run
	fresh  bool
	logs   string                  // Folder of the log files; empty: none.
	end    context.CancelCauseFunc // Ends the whole run, with the reason.
	tell   func(format string, args ...any)

	postgres *devstack.Postgres
	temporal *devstack.Temporal
	worker   *kept
	api      *kept
	apiPort  int
	token    string // For the API.

	warehouse       *devstack.Process // of examples/warehouse, for the sample orders
	warehouseURL    string
	warehouseSecret string

	secretsKeys  string // What secrets of apps are sealed with.
	allowPrivate string // The setting of whether webhooks may come to this machine; empty: the default of programs.

	opened []io.Closer

	patience    time.Duration  // with Temporal
	keepers     sync.WaitGroup // They start servers again that end or answer no more.
	stopKeepers context.CancelFunc
}

func newStack(root string, chosen settings, end context.CancelCauseFunc) *stack {
	s := &stack{
		root: root, folder: filepath.Join(root, ".run"),
		fresh: chosen.fresh, logs: chosen.logs, end: end, patience: temporalPatience, stopKeepers: func() {},
	}
	if s.logs == "" && !s.fresh {
		s.logs = filepath.Join(s.folder, "logs")
	}
	if s.allowPrivate = os.Getenv(allowPrivate); s.allowPrivate == "" && len(chosen.command) == 0 {
		s.allowPrivate = "true" // Somebody tries things out, and has the receiver here, too.
	}
	// What a command prints may be read by a program, so ours goes elsewhere.
	out := io.Writer(os.Stdout)
	if len(chosen.command) > 0 {
		out = os.Stderr
	}
	s.tell = func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	return s
}

// lock makes this the only run of this clone.
func (s *stack) lock() (*devstack.Lock, error) {
	if err := s.keepToUser(); err != nil {
		return nil, err
	}
	lock, err := devstack.TryLock(filepath.Join(s.folder, "lock"))
	var held *devstack.LockedError
	if errors.As(err, &held) {
		return nil, fmt.Errorf(
			"this clone is running already, as process %d: stop that one first (Ctrl-C in its terminal, or kill %d)",
			held.PID, held.PID,
		)
	}
	return lock, err
}

// keepToUser makes the folders of the kept data, and takes them from the eyes of others. PostgreSQL's user, which is
// another one when we are root, has to pass through.
func (s *stack) keepToUser() error {
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	for folder, mode := range map[string]os.FileMode{s.folder: mode, filepath.Join(s.folder, "logs"): 0o700} {
		err := os.MkdirAll(folder, mode)
		if err == nil {
			err = os.Chmod(folder, mode)
		}
		if err != nil {
			return fmt.Errorf("make the folder of the kept data: %w", err)
		}
	}
	return nil
}

// forget removes the kept data. The lock file goes with them, so nobody may be
// waiting for it; nobody ever does.
func (s *stack) forget() error {
	err := errors.Join(
		os.RemoveAll(devstack.FallbackFolder(s.postgresFolder())),
		os.RemoveAll(s.folder),
	)
	if err != nil {
		return fmt.Errorf("forget the kept data: %w", err)
	}
	return nil
}

func (s *stack) postgresFolder() string { return filepath.Join(s.folder, "postgres") }

// start starts everything and waits until it is ready.
func (s *stack) start(ctx context.Context) error {
	var keeping context.Context
	keeping, s.stopKeepers = context.WithCancel(ctx)
	var err error
	if s.secretsKeys, err = s.keysOfSecrets(); err != nil {
		return err
	}
	if s.warehouseSecret, err = s.secretOfWarehouse(); err != nil {
		return err
	}
	if err := s.startPostgres(ctx); err != nil {
		return err
	}
	s.keepers.Go(func() { s.keepPostgres(keeping) })
	s.tell("%-12s %s", "PostgreSQL", s.postgres.PublicURL(databaseName))
	if err := s.startTemporal(ctx); err != nil {
		return err
	}
	s.keepers.Go(func() { s.keepTemporal(keeping) })
	s.tell("%-12s %s, UI %s", "Temporal", s.temporal.Address(), cmp.Or(s.temporal.UIURL(), "none"))
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.startWorker(ctx); err != nil {
		return err
	}
	s.tell("%-12s %s", "Worker", s.worker.metricsURL())
	if err := s.startAPI(ctx); err != nil {
		return err
	}
	s.tell("%-12s %s", "API", s.apiURL())
	return nil
}

func (s *stack) startPostgres(ctx context.Context) error {
	log, err := s.openLog("postgres")
	if err != nil {
		return err
	}
	options := devstack.PostgresOptions{Log: log, Notice: s.notice}
	if !s.fresh {
		options.Folder, options.Port = s.postgresFolder(), postgresPort
	}
	if s.postgres, err = devstack.StartPostgres(ctx, options); err != nil {
		return err
	}
	return s.postgres.CreateDatabase(ctx, databaseName)
}

func (s *stack) startTemporal(ctx context.Context) error {
	log, err := s.openLog("temporal")
	if err != nil {
		return err
	}
	options := devstack.TemporalOptions{
		UI: true, LogLevel: "warn", Patience: s.patience, Log: log, Notice: s.notice,
	}
	if !s.fresh {
		options.File = filepath.Join(s.folder, "temporal.db")
		options.Port, options.UIPort = temporalPort, temporalUIPort
	}
	s.temporal, err = devstack.StartTemporal(ctx, options)
	return err
}

// migrate brings the database to the present schema and registers the search
// attributes. It does nothing where that has been done.
func (s *stack) migrate(ctx context.Context) error {
	log, err := s.openLog("migrate")
	if err != nil {
		return err
	}
	_, err = s.finish(ctx, devstack.Command{
		Name: "packhorse migrate", Path: s.program("packhorse"), Args: []string{"migrate"},
		Env: s.environment(), Log: log,
	})
	return err
}

// finish runs a command to its end, or until the context ends. A status other
// than 0 is a *devstack.ProcessError, and also returned.
func (s *stack) finish(ctx context.Context, command devstack.Command) (int, error) {
	process, err := devstack.StartProcess(ctx, command)
	if err != nil {
		return statusFailed, err
	}
	select {
	case <-process.Done():
	case <-ctx.Done():
		return statusFailed, errors.Join(context.Cause(ctx), process.Stop(context.Background()))
	}
	if status := process.ExitCode(); status != 0 {
		return status, process.Err()
	}
	return statusDone, nil
}

// outageOfPostgres is how long PostgreSQL stays away when somebody stopped it, so
// that they can see what happens then, before it is started again.
const outageOfPostgres = 5 * time.Second

// keepPostgres starts PostgreSQL again when it ends by itself or by somebody's hand.
func (s *stack) keepPostgres(ctx context.Context) {
	for {
		process := s.postgres.Process()
		select {
		case <-ctx.Done():
			return
		case <-process.Done():
		}
		if process.Err() == nil {
			return // It was stopped by us.
		}
		s.tell("%s\nstarting PostgreSQL again in %v", process.Err(), outageOfPostgres)
		select {
		case <-ctx.Done():
			return
		case <-time.After(outageOfPostgres):
		}
		if err := s.postgres.Start(ctx); err != nil {
			s.end(err)
			return
		}
	}
}

// keepTemporal starts Temporal anew when it ends, or answers nothing any more: its SQLite can get into a state in which
// it neither works nor stops.
func (s *stack) keepTemporal(ctx context.Context) {
	if err := s.temporal.Guard(ctx); err != nil {
		s.end(err)
	}
}

// stop stops what was started, last first: what the API has begun needs the
// worker, and that needs both servers to finish what it has begun.
func (s *stack) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var errs []error
	if s.warehouse != nil {
		errs = append(errs, s.warehouse.Stop(ctx))
	}
	errs = append(errs, s.api.stop(ctx), s.worker.stop(ctx))
	s.stopKeepers()
	s.keepers.Wait()
	if s.temporal != nil {
		errs = append(errs, s.temporal.Close(ctx))
	}
	if s.postgres != nil {
		errs = append(errs, s.postgres.Close(ctx))
	}
	for _, log := range s.opened {
		errs = append(errs, log.Close())
	}
	if !s.fresh {
		errs = append(errs, s.removeEnvironmentFile())
	}
	return errors.Join(errs...)
}

func (s *stack) program(name string) string { return filepath.Join(s.root, "bin", name) }

func (s *stack) notice(message string) { s.tell("%s", message) }

// openLog begins a log, or returns nil when none are kept.
func (s *stack) openLog(name string) (io.Writer, error) {
	if s.logs == "" {
		return nil, nil
	}
	log, err := devstack.OpenLog(s.logs, name)
	if err != nil {
		return nil, err
	}
	s.opened = append(s.opened, log)
	return log, nil
}
