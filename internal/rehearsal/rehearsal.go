package rehearsal

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
	"packhorse/workflows"
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
	Run       string    // name of the rehearsal, unique on its store
	Selection Selection // only From and To are read here, for the report and the clock
	Day       time.Duration
	InFlight  int           // steps that are played at the same time; default 64
	Settle    time.Duration // how long the system may take to come to rest in the end; default 1 minute

	Announce func(Plan)            // called before the first step; may be nil
	Progress func(done, total int) // called after every step, from several goroutines; may be nil
	Waiting  func(err error)       // called when the system does not answer and a command is to be sent again; may be nil
}

// The defaults of Options.
const (
	DefaultInFlight = 64
	DefaultSettle   = time.Minute
)

// Plan is what a rehearsal is about to do.
type Plan struct {
	Orders  int
	Sellers int
	Added   int // sellers that the store didn't have yet
	Steps   int
	Lasts   time.Duration // if the system keeps up
}

// ExistsError says that the store has orders of this run already.
type ExistsError struct {
	Run    string
	Orders int
}

func (e *ExistsError) Error() string {
	return fmt.Sprintf("the store has %d orders of a rehearsal %q already: choose another name for this one", e.Orders, e.Run)
}

// Run plays the records and reports what came of them. An error is a rehearsal that could not be finished; what the
// system did otherwise than recorded is in the report. It returns an *[ExistsError] if the run's name was used before.
func Run(ctx context.Context, system System, records []Record, options Options) (*Report, error) {
	r := newRehearsal(system, records, options)
	if n, err := r.book.existing(ctx, r.ids()); err != nil {
		return nil, fmt.Errorf("look for orders of an earlier rehearsal: %w", err)
	} else if n > 0 {
		return nil, &ExistsError{options.Run, n}
	}
	if err := r.setUp(ctx); err != nil {
		return nil, err
	}
	if err := r.play(ctx); err != nil {
		return nil, err
	}
	if err := r.settle(ctx); err != nil {
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
	retries atomic.Int64
	report  *Report
	findings
}

// findings are what the system says in the end.
type findings struct {
	stored  map[fulfillment.ID]*storedOrder
	effects map[fulfillment.ID][]simulated.Effect // by fulfillment order
	runs    runs
	lives   lives
}

func newRehearsal(system System, records []Record, options Options) *rehearsal {
	if options.InFlight <= 0 {
		options.InFlight = DefaultInFlight
	}
	if options.Settle <= 0 {
		options.Settle = DefaultSettle
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
	added, err := addSellers(ctx, r.Store, r.records)
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
	r.report.Sellers, r.report.Added = plan.Sellers, added
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
	box := &inbox{settled: r.book.settled}
	go box.watch(ctx)
	p := &player{
		commands: r.Commands, store: r.Store, inbox: box, minter: &fulfillment.Minter{}, run: r.options.Run, clock: r.clock,
		inFlight: r.options.InFlight, progress: func(n int) { done <- n }, waiting: r.waiting,
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

// settle reads what the system says until it has come to rest: every provider call is made, every workflow whose life
// is over is closed. It gives the system the time that the options say; what isn't settled then is reported as it is.
// A system that doesn't answer at all is waited for, as during the rehearsal.
func (r *rehearsal) settle(ctx context.Context) error {
	deadline := time.Now().Add(r.options.Settle)
	for pause := retryFirst; ; pause = min(2*pause, retryAtMost) {
		rest, err := r.look(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return fmt.Errorf("read what became of the orders: %w", ctx.Err())
		case err != nil:
			r.waiting(err)
		case rest || time.Now().After(deadline):
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// look reads everything, and tells whether the system has come to rest.
func (r *rehearsal) look(ctx context.Context) (rest bool, err error) {
	ids := r.ids()
	unsettled, err := r.book.unsettled(ctx, ids)
	if err != nil {
		return false, err
	}
	if r.stored, err = r.book.orders(ctx, ids); err != nil {
		return false, err
	}
	var fos []fulfillment.ID
	for _, o := range r.stored {
		for _, fo := range o.FulfillmentOrders {
			fos = append(fos, fo.ID)
		}
	}
	over, err := r.book.finished(ctx, fos)
	if err != nil {
		return false, err
	}
	finished := make(map[fulfillment.ID]bool, len(over))
	for _, id := range over {
		finished[id] = true
	}
	if r.runs, err = listRuns(ctx, r.Workflows, r.clock.Start); err != nil {
		return false, err
	}
	effects, err := r.Ledger.Effects(ctx)
	if err != nil {
		return false, fmt.Errorf("read the provider's ledger: %w", err)
	}
	r.effects = make(map[fulfillment.ID][]simulated.Effect, len(fos))
	for _, e := range effects {
		r.effects[e.FulfillmentOrderID] = append(r.effects[e.FulfillmentOrderID], e)
	}
	r.lives = checkLives(r.runs, r.orders, r.stored, finished)
	return unsettled == 0 && len(r.lives.shouldClose) == 0 && len(r.lives.shouldBeOpen) == 0, nil
}

// reconcile compares what was read with the records.
func (r *rehearsal) reconcile() *Report {
	report := r.report
	report.Retries = int(r.retries.Load())
	report.Store = storeTotals(r.orders, r.stored)
	for _, o := range r.orders {
		report.Differences = append(report.Differences, reconcile(o, r.stored[o.id], r.effects)...)
		for _, refused := range o.refusals {
			report.Refusals[string(refused.Step)+": "+refused.Message]++
		}
		report.WorkflowsOpen += one(r.runs.open[workflows.OrderID(o.id)])
		if s := r.stored[o.id]; s != nil {
			for _, fo := range s.FulfillmentOrders {
				report.DeadlinesMissed += one(fo.DeadlineMissedAt != nil)
				report.WorkflowsOpen += one(r.runs.open[workflows.FulfillmentOrderID(fo.ID)])
				for _, e := range r.effects[fo.ID] {
					report.ProviderKeys++
					report.ProviderCalls += e.Calls
					report.ProviderEffects += e.Effects
					report.ProviderMoreThanOnce += one(e.Effects > 1)
				}
			}
		}
	}
	report.WorkflowsFailed = len(r.lives.failed)
	report.WorkflowsShouldBeClosed, report.WorkflowsShouldBeOpen = len(r.lives.shouldClose), len(r.lives.shouldBeOpen)
	for _, id := range r.lives.failed {
		report.differ("workflow "+id, "ended well", r.runs.failed[id].String())
	}
	for _, id := range r.lives.shouldClose {
		report.differ("workflow "+id, "closed", "open, although its life is over")
	}
	for _, id := range r.lives.shouldBeOpen {
		report.differ("workflow "+id, "open", "closed, although its life is not over")
	}
	if len(report.Differences) == 0 && report.File != report.Store { // The orders agree, so the sums must.
		report.differ("totals", fmt.Sprintf("%+v", report.File), fmt.Sprintf("%+v", report.Store))
	}
	return report
}

func (r *Report) differ(what, file, store string) {
	r.Differences = append(r.Differences, Difference{What: what, File: file, Store: store})
}
