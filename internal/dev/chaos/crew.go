package chaos

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"packhorse/internal/dev/lab"
)

// crew is the two workers, which run at all times but while one is dead or being replaced.
type crew struct {
	stage    *stage
	programs map[string]string // by build ID
	seed     uint64
	workers  map[string]*member
	versions *versions
	tell     func(format string, args ...any)
	byItself atomic.Int64 // how often a worker ended although nobody had hurt it

	shape   sync.Mutex // held while it changes which versions there are, and where work goes
	starts  sync.Mutex // the lab opens one log at a time
	closing chan struct{}
	keepers sync.WaitGroup
}

// member is one of the two places for a worker. Only its own lane of the monkey hurts it.
type member struct {
	name string

	mu      sync.Mutex
	build   string
	process *lab.Worker
	away    bool // ended on purpose: nobody starts it again but who ended it
}

// The two build IDs.
const (
	buildNew = "new"
	buildOld = "old"
)

// graceOfWorkers is how long a worker that is told to stop lets running work go on.
const graceOfWorkers = 8 * time.Second

func newCrew(s *stage, o Options) *crew {
	return &crew{
		stage: s, seed: o.Seed, tell: o.tell, closing: make(chan struct{}),
		programs: map[string]string{buildNew: o.Worker, buildOld: cmp.Or(o.PreviousWorker, o.Worker)},
		workers: map[string]*member{
			onWorker1: {name: onWorker1, build: buildOld}, onWorker2: {name: onWorker2, build: buildNew},
		},
		versions: &versions{temporal: s.straight},
	}
}

// start starts both workers, makes the older version current, and waits until both take work.
func (c *crew) start(ctx context.Context) error {
	for _, m := range c.workers {
		if err := c.launch(ctx, m); err != nil {
			return err
		}
		c.keepers.Go(func() { c.keep(context.WithoutCancel(ctx), m) })
	}
	if err := c.ready(ctx); err != nil {
		return err
	}
	return c.versions.route(ctx, buildOld)
}

// readyTimeout is how long workers may take until they take work, on a machine that has other things to do.
const readyTimeout = 2 * time.Minute

func (c *crew) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for _, m := range c.workers {
		if err := m.running().Ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (m *member) running() *lab.Worker {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.process
}

func (m *member) builds() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.build
}

// launch starts the member's worker behind its own links.
func (c *crew) launch(ctx context.Context, m *member) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	database, err := c.stage.databaseURL(link(m.name, onPostgres))
	if err != nil {
		return err
	}
	c.starts.Lock()
	defer c.starts.Unlock()
	env := map[string]string{
		"TEMPORAL_DEPLOYMENT_NAME": deployment, "TEMPORAL_WORKER_BUILD_ID": m.build,
		// Nobody waits for as long as in production.
		"PACKHORSE_WATCH_INTERVAL": "2s", "PACKHORSE_WATCH_GRACE": "10s",
		"PACKHORSE_STOP_TIMEOUT":   graceOfWorkers.String(),
		"PACKHORSE_SIMULATED_SEED": strconv.FormatUint(c.seed, 10),
		"PACKHORSE_SECRETS_KEYS":   c.stage.secrets, "PACKHORSE_CALLBACK_ALLOW_PRIVATE": "true",
		"PACKHORSE_WEBHOOK_TIMEOUT": receiverTimeout.String(), "PACKHORSE_WEBHOOK_PROBE": "2s",
		"PACKHORSE_WEBHOOK_RETRIES": webhookRetries, "PACKHORSE_CALLBACK_INTERVAL": "1s",
		"PACKHORSE_CALLBACK_FETCH_INTERVAL": "1s",
	}
	maps.Copy(env, c.stage.systems.env())
	m.process, err = c.stage.lab.StartWorker(ctx, lab.WorkerOptions{
		Name: m.name, Program: c.programs[m.build],
		DatabaseURL: database, TemporalAddress: c.stage.links[link(m.name, onTemporal)].address, Env: env,
	})
	if err != nil {
		return fmt.Errorf("start %s: %w", m.name, err)
	}
	m.away = false
	return nil
}

// keep starts a worker again that ended by itself, as whoever runs it in production would, until
// the crew closes.
func (c *crew) keep(ctx context.Context, m *member) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-c.closing:
			return
		case <-tick.C:
		}
		m.mu.Lock()
		process, away := m.process, m.away
		m.mu.Unlock()
		if away || process == nil || process.Err() == nil {
			continue
		}
		c.byItself.Add(1)
		c.tell("%s ended by itself and is started again: %v", m.name, process.Err())
		if err := c.launch(ctx, m); err != nil {
			c.tell("%v", err)
		}
	}
}

// leave marks the member as ended on purpose, and gives its process.
func (m *member) leave() *lab.Worker {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = true
	return m.process
}

// kill ends the member's worker with SIGKILL.
func (c *crew) kill(m *member) { m.leave().Kill() }

// stop ends it with SIGTERM, and waits until its work is done. One that doesn't obey in time is killed, which is told.
func (c *crew) stop(ctx context.Context, m *member) {
	if err := m.leave().Stop(ctx); err != nil {
		c.tell("%v", err)
	}
}

// upgrade replaces the worker by one of the other version. The work of a version that nobody is left of moves to the
// other one before its last worker goes.
func (c *crew) upgrade(ctx context.Context, m *member) error {
	c.shape.Lock()
	defer c.shape.Unlock()
	m.mu.Lock()
	m.build = other(m.build)
	m.mu.Unlock()
	c.tellOf(c.serveAll(ctx))
	c.stop(ctx, m)
	return c.launch(context.WithoutCancel(ctx), m)
}

// route moves the work to the other version, or a share of it; it is false if no worker has that version.
func (c *crew) route(ctx context.Context, f Fault) bool {
	c.shape.Lock()
	defer c.shape.Unlock()
	if !c.has(buildNew) || !c.has(buildOld) {
		return false
	}
	if f.Kind == RampVersion {
		c.tellOf(c.versions.ramp(ctx, f.Much))
	} else {
		c.tellOf(c.versions.swap(ctx))
	}
	return true
}

// tellOf tells that versions could not be changed for long: the server was away. The end of the run sees to it.
func (c *crew) tellOf(err error) {
	if err != nil {
		c.tell("%v", err)
	}
}

// serveAll moves all work to one version if no worker has the other.
func (c *crew) serveAll(ctx context.Context) error {
	build := c.workers[onWorker1].builds()
	if c.has(other(build)) {
		return nil
	}
	return c.versions.route(ctx, build)
}

func (c *crew) has(build string) bool {
	for _, m := range c.workers {
		if m.builds() == build {
			return true
		}
	}
	return false
}

// heal waits until both workers take work, and all work has a worker.
func (c *crew) heal(ctx context.Context) error {
	for _, m := range c.workers {
		m.mu.Lock()
		away := m.away
		m.mu.Unlock()
		if away {
			if err := c.launch(ctx, m); err != nil {
				return err
			}
		}
	}
	if err := c.ready(ctx); err != nil {
		return err
	}
	return c.serveAll(ctx)
}

// close kills both workers: what they were doing is nobody's business any more.
func (c *crew) close() {
	close(c.closing)
	c.keepers.Wait()
	for _, m := range c.workers {
		if process := m.leave(); process != nil {
			process.Kill()
		}
	}
}
