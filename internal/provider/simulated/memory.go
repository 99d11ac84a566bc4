package simulated

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// MemoryLedger is a Ledger that ends with the process. The zero value is ready; it is safe for concurrent use.
type MemoryLedger struct {
	mu      sync.Mutex
	effects map[string]Effect
	order   []string // keys, oldest first
	last    int64    // ID of the newest task
	tasks   map[int64]*scheduled
	left    map[string]bool // keys of requests of which a parcel has left
}

var _ Ledger = (*MemoryLedger)(nil)

type scheduled struct {
	Task
	claimedUntil time.Time
}

// Record is Ledger's.
func (l *MemoryLedger) Record(ctx context.Context, e Effect, tasks []Task, drop string, again bool) (Effect, error) {
	if err := ctx.Err(); err != nil {
		return Effect{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.effects[e.Key]
	switch {
	case ok:
		known.Calls++
		if again {
			known.Effects++
		}
		e = known
	default:
		if l.effects == nil {
			l.effects = make(map[string]Effect)
		}
		e.Calls, e.Effects = 1, 1
		l.order = append(l.order, e.Key)
		l.drop(drop, e.CreatedAt)
		l.schedule(tasks)
	}
	l.effects[e.Key] = e
	return e, nil
}

// Find is Ledger's.
func (l *MemoryLedger) Find(ctx context.Context, key string) (Effect, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.effects[key]
	return e, ok, ctx.Err()
}

// Effects is Ledger's.
func (l *MemoryLedger) Effects(ctx context.Context) ([]Effect, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	effects := make([]Effect, len(l.order))
	for i, key := range l.order {
		effects[i] = l.effects[key]
	}
	return effects, ctx.Err()
}

// Claim is Ledger's.
func (l *MemoryLedger) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Task, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var claimed []Task
	for _, s := range l.sorted() {
		if len(claimed) == limit || s.DueAt.After(now) {
			break
		}
		if s.claimedUntil.After(now) && !s.claimedUntil.After(now.Add(2*lease)) {
			continue
		}
		s.claimedUntil = now.Add(lease)
		s.Attempts++
		claimed = append(claimed, s.Task)
	}
	return claimed, nil
}

// Next is Ledger's.
func (l *MemoryLedger) Next(ctx context.Context, now time.Time) (time.Time, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.sorted() {
		if !s.claimedUntil.After(now) {
			return s.DueAt, true, ctx.Err()
		}
	}
	return time.Time{}, false, ctx.Err()
}

// Finish is Ledger's.
func (l *MemoryLedger) Finish(
	ctx context.Context, task Task, outcome string, said *provider.Answer, next []Task, drop string,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.tasks[task.ID]; !open {
		return nil
	}
	delete(l.tasks, task.ID)
	l.say(task.Key, said)
	if outcome == "done" && task.Step.Verb == fulfillment.VerbCreateFulfillment {
		if l.left == nil {
			l.left = make(map[string]bool)
		}
		l.left[task.Key] = true
	}
	l.drop(drop, time.Now())
	l.schedule(next)
	return nil
}

// Postpone is Ledger's.
func (l *MemoryLedger) Postpone(ctx context.Context, task Task, due time.Time, _ string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.tasks[task.ID]; s != nil {
		s.DueAt, s.claimedUntil = due, time.Time{}
	}
	return nil
}

func (l *MemoryLedger) schedule(tasks []Task) {
	if l.tasks == nil {
		l.tasks = make(map[int64]*scheduled)
	}
	for _, task := range tasks {
		l.last++
		task.ID = l.last
		l.tasks[task.ID] = &scheduled{Task: task}
	}
}

func (l *MemoryLedger) say(key string, said *provider.Answer) {
	if e, ok := l.effects[key]; ok && said != nil {
		e.Said = said
		l.effects[key] = e
	}
}

func (l *MemoryLedger) drop(key string, now time.Time) {
	if !l.left[key] {
		l.say(key, &ended)
	}
	for id, s := range l.tasks {
		if key != "" && s.Key == key && s.FulfillmentID == 0 && !s.claimedUntil.After(now) {
			delete(l.tasks, id)
		}
	}
}

func (l *MemoryLedger) sorted() []*scheduled {
	all := make([]*scheduled, 0, len(l.tasks))
	for _, s := range l.tasks {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *scheduled) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID))
	})
	return all
}
