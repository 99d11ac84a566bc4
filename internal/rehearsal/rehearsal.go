package rehearsal

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// System is what a rehearsal runs on.
type System struct {
	Commands  Commands
	Store     Store
	Database  Database // the store's
	Workflows Workflows
	Ledger    Ledger
}

// Ledger tells what the sellers' provider did. A simulated.PostgresLedger is one.
type Ledger interface {
	Effects(ctx context.Context) ([]simulated.Effect, error)
}

// Options say how to rehearse.
type Options struct {
	Run         string    // name of the rehearsal, unique on its store
	Selection   Selection // only From and To are read here, for the report and the clock
	Day         time.Duration
	InFlight    int           // steps that are played at the same time; default 64
	RestTimeout time.Duration // how long the system may take to come to rest in the end; default 1 minute
	Warehouses  *Warehouses   // nil: all sellers are services of the simulated provider

	Announce func(Plan)            // called before the first step; may be nil
	Progress func(done, total int) // called after every step, from several goroutines; may be nil
	// called when the system does not answer and a command is to be sent again; may be nil
	Waiting func(err error)
}

// The defaults of Options.
const (
	DefaultInFlight    = 64
	DefaultRestTimeout = time.Minute
)

// Plan is what a rehearsal is about to do.
type Plan struct {
	Orders   int
	Sellers  int
	Added    int // sellers that the store didn't have yet
	OverHTTP int // sellers that are warehouses over HTTP
	Steps    int
	Lasts    time.Duration // if the system keeps up
}

// ExistsError says that the store has orders of this run already.
type ExistsError struct {
	Run    string
	Orders int
}

func (e *ExistsError) Error() string {
	return fmt.Sprintf(
		"the store has %d orders of a rehearsal %q already: choose another name for this one", e.Orders, e.Run,
	)
}

// Run plays the records and reports what came of them. An error is a rehearsal that could not be finished; what the
// system did otherwise than recorded is in the report. It returns an *[ExistsError] if the run's name was used before,
// and an
// *[UnknownSellerError] if a seller that is to be a warehouse has nothing to do.
func Run(ctx context.Context, system System, records []Record, options Options) (*Report, error) {
	var sellers map[string]bool
	if options.Warehouses != nil {
		var err error
		if records, sellers, err = options.Warehouses.renamed(options.Run, records); err != nil {
			return nil, err
		}
	}
	r := newRehearsal(system, records, options)
	if n, err := r.book.existing(ctx, r.ids()); err != nil {
		return nil, fmt.Errorf("look for orders of an earlier rehearsal: %w", err)
	} else if n > 0 {
		return nil, &ExistsError{options.Run, n}
	}
	if len(sellers) > 0 {
		var err error
		if r.warehouse, err = startWarehouse(*options.Warehouses, sellers, system.Database); err != nil {
			return nil, err
		}
		defer r.warehouse.close()
	}
	if err := r.setUp(ctx); err != nil {
		return nil, err
	}
	if err := r.play(ctx); err != nil {
		return nil, err
	}
	if err := r.awaitRest(ctx); err != nil {
		return nil, err
	}
	return r.reconcile(), nil
}

// rehearsal is a run in progress.
type rehearsal struct {
	System
	options Options
	records []Record
	book    book
	clock   Clock
	orders  []*played
	// warehouse plays the sellers that are warehouses over HTTP; nil: there are none.
	warehouse *warehouse
	retries   atomic.Int64
	report    *Report
	findings
}

func newRehearsal(system System, records []Record, options Options) *rehearsal {
	if options.InFlight <= 0 {
		options.InFlight = DefaultInFlight
	}
	if options.RestTimeout <= 0 {
		options.RestTimeout = DefaultRestTimeout
	}
	return &rehearsal{
		System: system, options: options, records: records, book: book{system.Database},
		report: &Report{
			Run: options.Run, Day: fulfillment.Duration(options.Day),
			From: options.Selection.From.Format(time.DateOnly), To: options.Selection.To.Format(time.DateOnly),
			File: fileTotals(records), Dirt: dirtOf(records), Refusals: map[string]int{}, Differences: []Difference{},
		},
	}
}

func (r *rehearsal) ids() []fulfillment.ID {
	ids := make([]fulfillment.ID, len(r.records))
	for i := range r.records {
		ids[i] = OrderID(r.options.Run, r.records[i].ID)
	}
	return ids
}

// setUp adds the sellers, and only then starts the clock.
func (r *rehearsal) setUp(ctx context.Context) error {
	added, err := addSellers(ctx, r.Store, r.records, r.warehouse)
	if err != nil {
		return err
	}
	r.clock = Clock{Start: time.Now(), From: r.options.Selection.From, Day: r.options.Day}
	sellers := map[string]bool{}
	plan := Plan{Orders: len(r.records), Added: added}
	end := r.clock.Start
	for i := range r.records {
		o := newPlayed(r.options.Run, &r.records[i], r.clock)
		r.orders = append(r.orders, o)
		plan.Steps += len(o.steps)
		end = *later(&end, new(o.end(r.clock)))
		for _, item := range r.records[i].Items {
			sellers[item.SellerID] = true
		}
	}
	plan.Sellers, plan.Lasts = len(sellers), end.Sub(r.clock.Start)
	if r.warehouse != nil {
		plan.OverHTTP = len(r.warehouse.sellers)
	}
	r.report.Sellers, r.report.Added, r.report.OverHTTP = plan.Sellers, added, plan.OverHTTP
	r.report.StartedAt, r.report.Expected = r.clock.Start.UTC(), fulfillment.Duration(plan.Lasts)
	if r.options.Announce != nil {
		r.options.Announce(plan)
	}
	return nil
}

func (r *rehearsal) play(ctx context.Context) error {
	total, done := 0, make(chan int)
	for _, o := range r.orders {
		total += len(o.steps)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		sum := 0
		for n := range done {
			if sum += n; r.options.Progress != nil {
				r.options.Progress(sum, total)
			}
		}
	}()
	box := &inbox{taken: r.book.taken}
	go box.watch(ctx)
	p := &player{
		commands: r.Commands, store: r.Store, inbox: box, minter: &fulfillment.Minter{}, run: r.options.Run,
		warehouse: r.warehouse,
		clock:     r.clock,
		inFlight:  r.options.InFlight, progress: func(n int) { done <- n }, waiting: r.waiting,
	}
	err := p.play(ctx, r.orders)
	close(done)
	<-counted
	if err != nil {
		return fmt.Errorf("play the recorded orders: %w", err)
	}
	r.report.Took = fulfillment.Duration(time.Since(r.clock.Start))
	r.report.Lag = lagOf(p.lags)
	return nil
}

func (r *rehearsal) waiting(err error) {
	r.retries.Add(1)
	if r.options.Waiting != nil {
		r.options.Waiting(err)
	}
}
