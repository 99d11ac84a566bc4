package chaos

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
)

// setBack is one time at which the database was set back. What was committed between the two moments may be lost.
type setBack struct {
	from  time.Time // the copy was begun
	until time.Time // the server answered with the copy's data; zero: it doesn't yet
}

// setBacks are those of a run. It is safe for concurrent use; nil is none.
type setBacks struct {
	mu  sync.Mutex
	all []setBack
}

// begin notes that the database goes back to what it was at this moment.
func (s *setBacks) begin(from time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, setBack{from: from})
}

// end notes that it answers again.
func (s *setBacks) end(now time.Time) setBack {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := &s.all[len(s.all)-1]
	last.until = now
	return *last
}

// mayHaveLost tells whether what went on between two moments may be lost by one of them, or a part of it.
func (s *setBacks) mayHaveLost(from, until time.Time) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.all, func(b setBack) bool {
		return !until.Before(b.from) && (b.until.IsZero() || !from.After(b.until))
	})
}

// setBack copies the database, leaves the copy alone for the fault's time, and sets the database back to it.
func (m *monkey) setBack(ctx context.Context, f Fault) error {
	always := context.WithoutCancel(ctx) // What is begun is not left half done: the server would stay away.
	database := m.stage.lab.Postgres
	from := time.Now()
	if err := database.Copy(always); err != nil {
		return err
	}
	if !sleep(ctx, f.For) {
		return nil
	}
	return m.lose(f, from, func() error { return database.SetBack(always) })
}

// lose does what loses everything since a moment.
func (m *monkey) lose(f Fault, since time.Time, how func() error) error {
	m.beforeSetBack()
	m.setBacks.begin(since)
	if err := how(); err != nil {
		return err
	}
	m.count(f.Kind)
	b := m.setBacks.end(time.Now())
	m.tell("%s is set back by %.1f s", f.On, b.until.Sub(b.from).Seconds())
	m.afterSetBack(b)
	return nil
}

// databaseLane takes the place of the one of PostgreSQL: each time, the server is killed as well. nil: there is none.
func (o Options) databaseLane() *lane {
	l := &lane{on: []string{onPostgres}, gap: span{15 * time.Second, 30 * time.Second}}
	switch {
	case o.SetBack > 0:
		l.kinds, l.long = []Kind{SetBackPostgres}, o.SetBack
	case o.Failover != "":
		l.kinds = []Kind{FailOverPostgres}
	default:
		return nil
	}
	return l
}

// mayLose tells whether something of what is answered may be lost.
func (o Options) mayLose() bool { return o.SetBack > 0 || o.Failover == FailoverBehind }

// drill gives what is done before the database is set back, and after. All goroutines are counted; they end when
// patience does.
func (r *run) drill(patience context.Context, all *sync.WaitGroup) (before func(), after func(setBack)) {
	commands := r.stage.commands(r.stage.straight)
	as := func(number int) actor {
		return actor{
			number: number, rng: rand.New(rand.NewPCG(r.Seed, uint64(1000+number))), commands: commands,
			temporal: r.stage.straight, journal: r.journal, pool: newPool(r.stage.store),
			minter: new(fulfillment.Minter), patience: patience,
		}
	}
	replayer := &replayer{actor: as(r.Actors), seed: r.Seed, within: acceptsWithin, logs: r.logs}
	prober := &prober{
		actor: as(r.Actors + 1), database: r.stage.sources.Database, within: acceptsWithin, send: commands.Send,
	}
	var rounds sync.WaitGroup // One after the other.
	end := func() {}
	before = func() {
		end()
		rounds.Wait()
	}
	after = func(b setBack) {
		var round context.Context
		round, end = context.WithCancel(patience)
		rounds.Add(1)
		all.Go(func() {
			defer rounds.Done()
			r.afterSetBack(round, b, replayer, prober)
		})
	}
	return before, after
}

// afterSetBack does what others do when they hear of it: order systems send the orders of their last minutes again, and
// an operator asks every fulfillment order of the book whether it takes commands.
func (r *run) afterSetBack(ctx context.Context, b setBack, replayer *replayer, prober *prober) {
	again, err := replayer.replay(ctx, b)
	if err != nil && ctx.Err() == nil {
		r.tell("orders could not be sent again: %v", err)
	}
	r.tell("%d orders were sent again", again)
	asked, err := prober.probe(ctx, b)
	if err != nil && ctx.Err() == nil {
		r.tell("the fulfillment orders could not be asked: %v", err)
	}
	r.tell("%d fulfillment orders have answered by %.0f s after it was set back", asked, time.Since(b.until).Seconds())
}
