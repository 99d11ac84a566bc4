// Package lab runs the whole of Packhorse as real processes on servers of its own, for programs that measure it or
// break it: PostgreSQL, the Temporal dev server and workers, each of which may be stopped, killed and started again.
package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/config"
	"packhorse/internal/dev/devstack"
	"packhorse/internal/postgres"
	"packhorse/internal/provider/catalogue"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio"
	"packhorse/internal/temporalio/connect"
)

// database is the one that Packhorse uses.
const database = "packhorse"

// The names of the other PostgreSQL servers: Temporal's own, and that of the simulated provider's ledger.
const (
	temporalPostgres = "temporal-postgres"
	ledgerPostgres   = "ledger-postgres"
)

// Options say what Start starts. The zero value is usable.
type Options struct {
	// Logs is the folder that keeps what each process says. Empty: nothing is kept.
	Logs string
	// Durable lets PostgreSQL wait for the disk at each commit, as in production. Without it, what is committed
	// survives a crash of the server but not one of the machine.
	Durable bool
	// TemporalPostgres keeps Temporal's state in a PostgreSQL server of its own instead of SQLite, with the same
	// Durable. It takes programs that devstack.ErrNoTemporalServer names.
	TemporalPostgres bool
	// ApartLedger keeps the simulated provider's ledger in a PostgreSQL server of its own, with the same Durable:
	// Packhorse's may be set back, and what has left the building may not.
	ApartLedger bool
	// Notice is told what a person who waits should know. Default: standard error.
	Notice devstack.Notice
}

// Lab is PostgreSQL with Packhorse's tables and those of its providers, and Temporal with the search attributes.
type Lab struct {
	Postgres *devstack.Postgres
	Temporal *devstack.Temporal

	options          Options
	temporalPostgres *devstack.Postgres // nil: SQLite
	ledgerPostgres   *devstack.Postgres // nil: the ledger is in Packhorse's database
	folder           string             // of data, removed by Close
	logs             []io.Closer
}

// Start starts both servers. The caller must Close the Lab.
func Start(ctx context.Context, o Options) (_ *Lab, err error) {
	l := &Lab{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close(context.WithoutCancel(ctx)))
		}
	}()
	if l.folder, err = os.MkdirTemp("", "packhorse-lab-"); err != nil {
		return nil, fmt.Errorf("make a folder for the lab: %w", err)
	}
	if err := l.startPostgres(ctx); err != nil {
		return nil, err
	}
	if err := l.startTemporal(ctx); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Lab) startPostgres(ctx context.Context) (err error) {
	if l.Postgres, err = l.newPostgres(ctx, "postgres"); err != nil {
		return err
	}
	if err := l.Postgres.CreateDatabase(ctx, database); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, l.DatabaseURL()); err != nil {
		return err
	}
	if !l.options.ApartLedger {
		return catalogue.New().Migrate(ctx, l.DatabaseURL())
	}
	if l.ledgerPostgres, err = l.newPostgres(ctx, ledgerPostgres); err != nil {
		return err
	}
	if err := l.ledgerPostgres.CreateDatabase(ctx, database); err != nil {
		return err
	}
	return simulated.Migrate(ctx, l.LedgerURL())
}

// newPostgres starts a server; the name is that of its log and of its data.
func (l *Lab) newPostgres(ctx context.Context, name string) (*devstack.Postgres, error) {
	log, err := l.Log(name)
	if err != nil {
		return nil, err
	}
	options := devstack.PostgresOptions{Log: log, Notice: l.options.Notice}
	if l.options.Durable {
		options.Folder = filepath.Join(l.folder, name)
	}
	return devstack.StartPostgres(ctx, options)
}

func (l *Lab) startTemporal(ctx context.Context) error {
	log, err := l.Log("temporal")
	if err != nil {
		return err
	}
	if l.options.TemporalPostgres {
		if l.temporalPostgres, err = l.newPostgres(ctx, temporalPostgres); err != nil {
			return err
		}
	}
	l.Temporal, err = devstack.StartTemporal(ctx, devstack.TemporalOptions{
		Postgres:         l.temporalPostgres,
		SearchAttributes: temporalio.SearchAttributes(), CacheSearchAttributes: true, LogLevel: "error", Log: log,
		Notice: l.options.Notice,
	})
	return err
}

// TemporalPIDs are the processes that serve Temporal: the server, and its PostgreSQL if it has one.
func (l *Lab) TemporalPIDs() []int {
	pids := []int{l.Temporal.PID()}
	if l.temporalPostgres != nil {
		pids = append(pids, l.temporalPostgres.PID())
	}
	return pids
}

// DatabaseURL is the database's, straight to the server.
func (l *Lab) DatabaseURL() string { return l.Postgres.URL(database) }

// LedgerURL is the database of the simulated provider's ledger, straight to the server.
func (l *Lab) LedgerURL() string {
	if l.ledgerPostgres == nil {
		return l.DatabaseURL()
	}
	return l.ledgerPostgres.URL(database)
}

// Dial connects to the Temporal server itself.
func (l *Lab) Dial(ctx context.Context) (client.Client, error) {
	return connect.Dial(
		ctx, config.Temporal{Address: l.Temporal.Address(), Namespace: l.Temporal.Namespace()}, nil, nil,
	)
}

// Log opens the log of a process, or returns nil when none are kept. A process that is started again adds to it.
func (l *Lab) Log(name string) (io.Writer, error) {
	if l.options.Logs == "" {
		return nil, nil
	}
	if err := os.MkdirAll(l.options.Logs, 0o700); err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	file, err := os.OpenFile(filepath.Join(l.options.Logs, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	l.logs = append(l.logs, file)
	return file, nil
}

// Close stops the servers and removes their data. Workers must have been stopped.
func (l *Lab) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var errs []error
	if l.Temporal != nil {
		errs = append(errs, l.Temporal.Close(ctx))
	}
	for name, server := range map[string]*devstack.Postgres{
		"postgres": l.Postgres, temporalPostgres: l.temporalPostgres, ledgerPostgres: l.ledgerPostgres,
	} {
		if server == nil {
			continue
		}
		errs = append(errs, server.Close(ctx))
		if l.options.Durable {
			errs = append(errs, os.RemoveAll(devstack.FallbackFolder(filepath.Join(l.folder, name))))
		}
	}
	if l.folder != "" {
		errs = append(errs, os.RemoveAll(l.folder))
	}
	for _, log := range l.logs {
		errs = append(errs, log.Close())
	}
	return errors.Join(errs...)
}

// environment is this process's, without settings that point to other servers, and with these variables.
func environment(variables map[string]string) []string {
	var all []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TEMPORAL_") && !strings.HasPrefix(variable, "PACKHORSE_") {
			all = append(all, variable)
		}
	}
	for name, value := range variables {
		all = append(all, name+"="+value)
	}
	return all
}
