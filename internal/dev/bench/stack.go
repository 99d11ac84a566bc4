package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"packhorse/internal/dev/bench/bare"
	"packhorse/internal/dev/devstack"
	"packhorse/internal/dev/lab"
	"packhorse/internal/postgres"
)

// stack is the servers, one worker for each variant, and who commands them. The workers of the variants whose turn it
// is not are idle: all they do is wait for tasks.
type stack struct {
	lab      *lab.Lab
	pool     *pgxpool.Pool
	store    *postgres.Store
	temporal client.Client
	workers  map[Variant]*lab.Worker
	drivers  map[Variant]driver
	accepted *acceptances // nil without Packhorse
}

// readyTimeout bounds the start of a worker.
const readyTimeout = time.Minute

func startStack(ctx context.Context, o Options) (_ *stack, err error) {
	s := &stack{workers: map[Variant]*lab.Worker{}, drivers: map[Variant]driver{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
		}
	}()
	if s.lab, err = lab.Start(
		ctx,
		lab.Options{Logs: o.Logs, Durable: !o.NoFsync, TemporalPostgres: o.TemporalPostgres, Notice: o.Progress.Note},
	); err != nil {
		return nil, err
	}
	if err := bare.Migrate(ctx, s.lab.DatabaseURL()); err != nil {
		return nil, err
	}
	if s.temporal, err = s.lab.Dial(ctx); err != nil {
		return nil, err
	}
	if s.store, err = postgres.Open(ctx, s.lab.DatabaseURL(), postgres.Options{}); err != nil {
		return nil, err
	}
	if s.pool, err = pgxpool.New(ctx, s.lab.DatabaseURL()); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	for _, v := range o.Variants {
		if err := s.startWorker(ctx, v, o); err != nil {
			return nil, err
		}
		if s.drivers[v], err = s.newDriver(ctx, v); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *stack) startWorker(ctx context.Context, v Variant, o Options) error {
	options := lab.WorkerOptions{Name: string(v), Program: o.Self, Args: []string{"worker", "--" + string(v)},
		Env: map[string]string{"PACKHORSE_LOG_LEVEL": "warn"}}
	if v == Packhorse {
		maps.Copy(options.Env, o.Env)
	}
	switch {
	case v == Packhorse && o.Profile == "":
		root, err := devstack.RepositoryRoot()
		if err != nil {
			return err
		}
		options.Program, options.Args = filepath.Join(root, "bin", "packhorse-worker"), nil
	case v == Packhorse:
		options.Args = append(options.Args, "--profile", o.Profile)
	}
	worker, err := s.lab.StartWorker(ctx, options)
	if err != nil {
		return err
	}
	s.workers[v] = worker
	ready, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return worker.Ready(ready)
}

func (s *stack) newDriver(ctx context.Context, v Variant) (driver, error) {
	if v != Packhorse {
		return newBareDriver(bare.Kind(v), s.temporal), nil
	}
	s.accepted = watchAcceptances(ctx, s.store)
	return newPackhorseDriver(ctx, s.temporal, s.store, s.accepted)
}

// failed is why a part of the stack has ended by itself, or nil.
func (s *stack) failed() error {
	for _, worker := range s.workers {
		if err := worker.Err(); err != nil {
			return err
		}
	}
	return nil
}

// until waits until a query says true.
func (s *stack) until(ctx context.Context, query string, args ...any) error {
	for {
		var done bool
		if err := s.pool.QueryRow(ctx, query, args...).Scan(&done); err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(arrivalInterval):
		}
		if err := s.failed(); err != nil {
			return err
		}
	}
}

func (s *stack) close(ctx context.Context) error {
	var errs []error
	if s.accepted != nil {
		s.accepted.close()
	}
	for _, worker := range s.workers {
		errs = append(errs, worker.Stop(ctx))
	}
	if s.temporal != nil {
		s.temporal.Close()
	}
	if s.store != nil {
		s.store.Close()
	}
	if s.pool != nil {
		s.pool.Close()
	}
	if s.lab != nil {
		errs = append(errs, s.lab.Close(ctx))
	}
	return errors.Join(errs...)
}
