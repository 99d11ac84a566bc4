package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"packhorse/internal/audit"
	"packhorse/internal/fulfillment"
)

// Options say how to run.
type Options struct {
	Duration time.Duration // of the chaos; what comes before and after it is added. Default [DefaultDuration]
	Seed     uint64
	Worker   string // path of the worker program; required
	// PreviousWorker is the path of an older worker program, which the other version runs. Default: Worker.
	PreviousWorker string
	// Orders is a file of recorded orders as [rehearsal.ReadFile] reads it, or a folder of examples; required.
	Orders string
	// SetBack is by how much the database is set back now and then; what was committed in that time is lost. Default:
	// it never is, and nothing may be lost.
	SetBack time.Duration
	// Failover is how the database is failed over to a standby now and then, unless it is set back. Default: it is not.
	Failover Failover
	Actors   int // that act at the same time; default [DefaultActors]
	// Rest is how long the system may take to come to rest. Default [DefaultRest].
	Rest time.Duration
	// Logs is the folder in which the folder with the logs of a run is made, which is removed if nothing is wrong.
	// Default: that of temporary files.
	Logs string
	// Notice is told what happens, a line each, by several goroutines. Default: nobody is.
	Notice func(line string)
}

// The defaults of Options.
const (
	DefaultDuration = 5 * time.Minute
	DefaultActors   = 16
	DefaultRest     = 8 * time.Minute // A call that failed often is repeated every five.
)

func (o *Options) complete() {
	if o.Duration <= 0 {
		o.Duration = DefaultDuration
	}
	if o.Actors <= 0 {
		o.Actors = DefaultActors
	}
	if o.Rest <= 0 {
		o.Rest = DefaultRest
	}
	notice, began := o.Notice, time.Now()
	o.Notice = func(line string) {
		if notice != nil {
			notice(fmt.Sprintf("%6.1f s  %s", time.Since(began).Seconds(), line))
		}
	}
}

func (o *Options) tell(format string, args ...any) { o.Notice(fmt.Sprintf(format, args...)) }

// lastAnswers is how long commands that are under way at the end may take once everything is healed.
const lastAnswers = 40 * time.Second

// run is a run in progress.
type run struct {
	Options
	stage    *stage
	journal  *journal
	setBacks *setBacks // nil: the database isn't set back
	apps     []*app    // that use the Admin API
	post     *post
	cursors  *cursors
	logs     string
	result   *Result
}

// Run runs chaos and tells what came of it. An error is a run that could not be made; what the system did wrong is in
// the result. When the context ends, everything that was started is ended, and the context's error is returned.
func Run(ctx context.Context, o Options) (result *Result, err error) {
	o.complete()
	orders, err := openCatalogue(o.Orders)
	if err != nil {
		return nil, err
	}
	r := &run{Options: o, result: &Result{Seed: o.Seed, Duration: o.Duration}}
	if r.logs, err = os.MkdirTemp(o.Logs, fmt.Sprintf("packhorse-chaos-seed-%d-", o.Seed)); err != nil {
		return nil, fmt.Errorf("make a folder for the logs: %w", err)
	}
	defer func() {
		if ctx.Err() != nil || err == nil && len(result.Violations()) == 0 {
			err = errors.Join(err, os.RemoveAll(r.logs))
			return
		}
		r.tell("the logs are in %s", r.logs)
	}()
	log, err := os.Create(filepath.Join(r.logs, "commands.log"))
	if err != nil {
		return nil, fmt.Errorf("make a log: %w", err)
	}
	defer log.Close()
	if err := r.play(ctx, orders, log); err != nil {
		return nil, err
	}
	r.result.Logs = r.logs
	return r.result, r.result.keep()
}

// play starts the stage, lets the chaos out, heals, waits and asserts.
func (r *run) play(ctx context.Context, orders *catalogue, log io.Writer) (err error) {
	r.tell("starting PostgreSQL, Temporal and two workers")
	if r.stage, err = startStage(ctx, r.Options, r.logs); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stage.close(context.WithoutCancel(ctx))) }()
	shop, err := openShop(ctx, r.stage.store, !r.mayLose())
	if err != nil {
		return err
	}
	if r.mayLose() {
		r.setBacks = new(setBacks)
	}
	r.journal = newJournal(log, r.setBacks)
	api, err := r.openAPI(ctx)
	if err != nil {
		return err
	}
	if systems := r.stage.systems; systems != nil {
		if err := systems.add(ctx, r.stage.store, shop); err != nil {
			return err
		}
		if err := systems.listen(api, r.Seed); err != nil {
			return err
		}
	}
	if r.post, err = r.openPost(ctx, shop, api); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.post.close()) }()
	if !r.mayLose() { // Apps don't send again what was lost.
		if r.apps, err = r.openApps(ctx, shop, api); err != nil {
			return err
		}
	}
	lookedAt := r.watchCursors(ctx)
	defer lookedAt()
	if err := r.rampage(ctx, shop, orders); err != nil {
		return err
	}
	if err := r.rest(ctx); err != nil {
		return err
	}
	if err := r.post.rest(ctx, r.Rest, r.logs); err != nil {
		return err
	}
	lookedAt()
	err = r.assert(ctx)
	if len(r.result.Violations()) > 0 {
		r.stage.crew.dump(ctx)
	}
	return err
}

// rampage lets actors and monkey out for the duration, then heals everything, and returns when nobody waits for an
// answer any more.
func (r *run) rampage(ctx context.Context, shop *shop, orders *catalogue) error {
	patience, impatient := context.WithCancel(ctx)
	acting, stop := context.WithTimeout(ctx, r.Duration)
	r.tell("%d actors and the monkey are out for %v, seed %d", r.Actors, r.Duration, r.Seed)
	var all sync.WaitGroup
	defer func() {
		stop()
		impatient()
		all.Wait()
	}()
	actors := r.actors(patience, shop, orders)
	for _, a := range actors {
		all.Go(func() { a.live(acting) })
	}
	for _, a := range r.apps {
		a.pool = actors[0].pool
		all.Go(func() { a.live(acting) })
	}
	all.Go(func() { r.post.desk.live(acting, rand.New(rand.NewPCG(r.Seed, 3000)), !r.mayLose()) })
	if systems := r.stage.systems; systems != nil {
		for _, live := range systems.lives(r.stage, r.Seed) {
			all.Go(func() { live(acting, patience) })
		}
	}
	m := &monkey{stage: r.stage, start: time.Now(), tell: r.tell, post: r.post, setBacks: r.setBacks}
	if r.mayLose() {
		m.beforeSetBack, m.afterSetBack = r.drill(patience, &all)
	}
	if err := m.play(acting, Schedule(r.Options)); err != nil {
		return fmt.Errorf("let the monkey out: %w", err)
	}
	<-acting.Done()
	r.result.Faults = m.done
	if err := ctx.Err(); err != nil {
		return err
	}
	r.tell("healing everything")
	if err := r.stage.heal(ctx); err != nil {
		return fmt.Errorf("heal everything: %w", err)
	}
	if err := r.post.heal(ctx); err != nil {
		return fmt.Errorf("heal the receivers of webhooks: %w", err)
	}
	if systems := r.stage.systems; systems != nil {
		if err := systems.heal(ctx, r.stage); err != nil {
			return fmt.Errorf("heal the systems of services: %w", err)
		}
	}
	last := lastAnswers
	if r.mayLose() {
		last += acceptsWithin
	}
	timer := time.AfterFunc(last, impatient)
	defer timer.Stop()
	all.Wait()
	return ctx.Err()
}

func (r *run) actors(patience context.Context, shop *shop, orders *catalogue) []*actor {
	pool := newPool(r.stage.store)
	var minter fulfillment.Minter
	straight, linked := r.stage.commands(r.stage.straight), r.stage.commands(r.stage.linked)
	var list []*actor
	for i := range r.Actors {
		a := &actor{
			number: i, rng: rand.New(rand.NewPCG(r.Seed, uint64(1000+i))), commands: straight,
			temporal: r.stage.straight,
			shop:     shop, catalogue: orders, pool: pool, journal: r.journal, minter: &minter, patience: patience,
		}
		if i%2 == 1 {
			a.commands, a.temporal = linked, r.stage.linked
		}
		list = append(list, a)
	}
	return list
}

// assert lets the checker and the actors tell what is wrong.
func (r *run) assert(ctx context.Context) error {
	r.tell("checking")
	if err := r.checkSignals(ctx); err != nil {
		return err
	}
	if r.mayLose() {
		if err := r.checkLosses(ctx); err != nil {
			return err
		}
	}
	if err := r.follow(ctx); err != nil {
		return fmt.Errorf("follow the feed: %w", err)
	}
	if err := r.checkWebhooks(ctx); err != nil {
		return fmt.Errorf("check the webhooks: %w", err)
	}
	if systems := r.stage.systems; systems != nil {
		agreement, err := systems.agreement(ctx, r.stage)
		if err != nil {
			return fmt.Errorf("compare the book with the systems of services: %w", err)
		}
		r.result.Assertions = append(r.result.Assertions, agreement.check()...)
	}
	report, err := audit.Check(ctx, r.stage.sources, r.journal.saw())
	if err != nil {
		return fmt.Errorf("check what is left: %w", err)
	}
	r.result.take(r.journal, report)
	r.result.WorkersEnded = int(r.stage.crew.byItself.Load())
	if r.result.Provider, err = countProvider(ctx, r.stage.provider); err != nil {
		return err
	}
	return r.tellStories(ctx)
}
