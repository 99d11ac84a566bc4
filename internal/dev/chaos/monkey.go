package chaos

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// monkey carries a schedule out.
type monkey struct {
	stage *stage
	tell  func(format string, args ...any)
	start time.Time

	post     *post
	setBacks *setBacks // nil: the schedule has none
	// What is to be done before the database is set back, and after.
	beforeSetBack func()
	afterSetBack  func(setBack)

	mu   sync.Mutex
	done map[Kind]int
}

// play does everything that is on the schedule, what is done to one thing after the other, and undoes it. When the
// context ends, what is under way is undone at once, and the rest left out. A fault that could not be done, or undone,
// ends the play with an error.
func (m *monkey) play(ctx context.Context, schedule []Fault) error {
	m.done = map[Kind]int{}
	byTarget := map[string][]Fault{}
	for _, f := range schedule {
		byTarget[f.On] = append(byTarget[f.On], f)
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, faults := range byTarget {
		group.Go(func() error {
			for _, f := range faults {
				if !m.until(ctx, f.At) {
					return nil
				}
				if err := m.do(ctx, f); err != nil {
					return fmt.Errorf("%s: %w", f, err)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func (m *monkey) until(ctx context.Context, at time.Duration) bool {
	return sleep(ctx, time.Until(m.start.Add(at)))
}

// sleep waits, unless the context ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// do does one fault and undoes it after its time, or when the context ends.
func (m *monkey) do(ctx context.Context, f Fault) error {
	worker := m.stage.crew.workers[f.On]
	always := context.WithoutCancel(ctx)
	m.tell("%s", f)
	crew, servers := m.stage.crew, m.stage.lab
	if f.Kind == RouteVersion || f.Kind == RampVersion {
		if crew.route(ctx, f) {
			m.count(f.Kind)
		}
		return nil
	}
	if m.post.concerns(f) {
		m.count(f.Kind)
		return m.post.do(ctx, f)
	}
	if front := m.stage.systems.of(f); front != nil {
		m.count(f.Kind)
		front.become(f.Kind)
		sleep(ctx, f.For)
		front.become("")
		return nil
	}
	switch f.Kind { // These count when they were done: they must be waited for.
	case SetBackPostgres:
		return m.setBack(ctx, f)
	case FailOverPostgres:
		return m.failOver(ctx, f)
	}
	m.count(f.Kind)
	switch f.Kind {
	case KillWorker:
		crew.kill(worker)
		sleep(ctx, f.For)
		return crew.launch(always, worker)
	case StopWorker:
		crew.stop(ctx, worker)
		sleep(ctx, f.For)
		return crew.launch(always, worker)
	case UpgradeWorker:
		return crew.upgrade(ctx, worker)
	case PauseWorker:
		return m.pause(ctx, worker.running().PID(), f.For)
	case KillPostgres:
		if err := servers.Postgres.Kill(always); err != nil {
			return err
		}
		sleep(ctx, f.For)
		return servers.Postgres.Start(always)
	case PausePostgres:
		return m.pause(ctx, servers.Postgres.PID(), f.For)
	case KillTemporal:
		if err := servers.Temporal.Kill(always); err != nil {
			return err
		}
		sleep(ctx, f.For)
		return servers.Temporal.Start(always)
	case PauseTemporal:
		return m.pause(ctx, servers.Temporal.PID(), f.For)
	}
	return m.disturb(ctx, f)
}

func (m *monkey) pause(ctx context.Context, pid int, d time.Duration) error {
	p, err := pauseTree(pid)
	if err != nil {
		return err
	}
	sleep(ctx, d)
	return p.end()
}

func (m *monkey) disturb(ctx context.Context, f Fault) error {
	p := m.stage.links[f.On]
	if err := p.disturb(f); err != nil {
		return err
	}
	sleep(ctx, f.For)
	return p.heal()
}

func (m *monkey) count(kind Kind) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done[kind]++
}
