// Package bench measures what an order's life costs with Packhorse, against the same life as bare Temporal: without a
// store (the floor), and with one activity and one statement per transition (naive).
//
// All run on one stack of real processes on loopback, interleaved in rounds, so that noise hits all alike. Within a
// round the order of the variants rotates. A ratio is taken within a round, and its median over the rounds counts.
package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Options say what to measure. All fields but those that say otherwise must be set.
type Options struct {
	Variants []Variant
	InFlight []int // orders at the same time, one level each
	Orders   []int // of each round of each variant, by level
	Rounds   int
	Soak     time.Duration // how long Packhorse runs for its memory; 0: no soak

	NoFsync bool // lets PostgreSQL not wait for the disk
	// TemporalPostgres keeps Temporal's own state in PostgreSQL, in a server of its own, instead of SQLite.
	TemporalPostgres bool
	Profile          string // file for a CPU profile of Packhorse's worker; empty: none
	Logs             string // folder for what the processes say; empty: not kept
	Self             string // this program: its "worker" subcommand runs the bare variants
	// Env is settings of Packhorse's worker besides.
	Env map[string]string

	Progress Progress // optional
}

// Progress is told how far a run is.
type Progress interface {
	// Begin starts a part of so many orders.
	Begin(what string, orders int)
	// Done says that another order is.
	Done()
	// Note is a line worth reading.
	Note(text string)
}

type silent struct{}

func (silent) Begin(string, int) {}
func (silent) Done()             {}
func (silent) Note(string)       {}

// Run starts a stack, measures, and stops it.
func Run(ctx context.Context, o Options) (_ *Report, err error) {
	if o.Progress == nil {
		o.Progress = silent{}
	}
	r := &Report{
		At: time.Now().UTC(), Machine: Machine{CPUs: runtime.NumCPU(), Go: runtime.Version()},
		Settings: Settings{Rounds: o.Rounds, Fsync: !o.NoFsync, TemporalPersistence: "sqlite"},
	}
	if o.TemporalPostgres {
		r.Settings.TemporalPersistence = "postgres"
	}
	s, err := startStack(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	if err := s.warmUp(ctx, o); err != nil {
		return nil, err
	}
	for i, inFlight := range o.InFlight {
		l, err := s.level(ctx, o, inFlight, o.Orders[i])
		if err != nil {
			return nil, err
		}
		r.Levels = append(r.Levels, l)
	}
	if o.Soak > 0 {
		if r.Soak, err = s.soak(ctx, o); err != nil {
			return nil, err
		}
	}
	r.Targets = targetsOf(r)
	return r, nil
}

// warmUpOrders fill caches, pools and prepared statements, for each variant.
const warmUpOrders = 64

func (s *stack) warmUp(ctx context.Context, o Options) error {
	o.Progress.Begin("warm-up", warmUpOrders*len(o.Variants))
	for _, v := range o.Variants {
		if _, err := run(ctx, s.drivers[v], warmUpOrders, 32, o.Progress.Done); err != nil {
			return errors.Join(err, s.failed())
		}
	}
	return nil
}

// level runs all rounds at one number of orders in flight.
func (s *stack) level(ctx context.Context, o Options, inFlight, orders int) (Level, error) {
	o.Progress.Begin(fmt.Sprintf("%d in flight", inFlight), orders*o.Rounds*len(o.Variants))
	rounds := map[Variant][]*Round{}
	for i := range o.Rounds {
		for j := range o.Variants {
			v := o.Variants[(i+j)%len(o.Variants)]
			round, err := s.round(ctx, v, orders, inFlight, o.Progress.Done)
			if err != nil {
				return Level{}, err
			}
			rounds[v] = append(rounds[v], round)
			o.Progress.Note(
				fmt.Sprintf("%d in flight, round %d, %s: %.1f orders/s", inFlight, i+1, v, round.OrdersPerSecond),
			)
		}
	}
	return levelOf(inFlight, orders, rounds), nil
}
