// Package warehouse is a small warehouse that serves Packhorse's contract (docs/warehouse-contract.md). It is there to
// be read by whoever writes a real one, and to try Packhorse with: it takes every request that it has the goods for,
// ships it after a while, and tells what happens by signed callbacks. It keeps what it knows in memory, and in a file
// if it is given one.
package warehouse

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"packhorse/internal/standardwebhook"
)

// Version is that of the contract.
const Version = "2026-11"

// Config is how a warehouse behaves.
type Config struct {
	Secrets   standardwebhook.Secrets // of what comes in
	Callbacks standardwebhook.Secrets // of what is told
	// CallbackURL is where Packhorse takes callbacks; the service's ID is put behind it. Empty: nothing is told.
	CallbackURL string

	Pending    bool     // requests are answered later, by a callback
	OutOfStock []string // SKUs that are not there
	Never      bool     // nothing is shipped: requests stay accepted
	Labels     bool     // the answer to a request brings the parcel's label

	// The time between one step of a request and the next; 0: none.
	AcceptAfter, ShipAfter, TravelAfter time.Duration

	File   string // what is known is kept here; empty: in memory only
	Logger *slog.Logger
	Client *http.Client // to tell; nil: one with a timeout of 15 s
}

// Warehouse is a warehouse. It ships and tells while Run runs.
type Warehouse struct {
	config Config
	wake   chan struct{}

	mu    sync.Mutex
	state state
	busy  map[string]bool // the requests whose next step is being done
}

// New makes a warehouse, with what its file remembers.
func New(c Config) (*Warehouse, error) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 15 * time.Second}
	}
	w := &Warehouse{config: c, wake: make(chan struct{}, 1), busy: map[string]bool{}}
	var err error
	w.state, err = load(c.File)
	return w, err
}

// Run does what is due until the context ends.
func (w *Warehouse) Run(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	for ctx.Err() == nil {
		timer := time.NewTimer(w.begin(ctx, &group))
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

const (
	idle       = time.Minute // nothing is due
	atOnce     = 16          // requests that something is told about
	firstRetry = 100 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// begin does the step of each request that is due, and tells how long there is nothing else to do.
func (w *Warehouse) begin(ctx context.Context, group *sync.WaitGroup) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, wait := time.Now(), idle
	for key, r := range w.state.Requests {
		switch {
		case len(r.Steps) == 0 || w.busy[key] || len(w.busy) >= atOnce:
		case r.Steps[0].Due.After(now):
			wait = min(wait, r.Steps[0].Due.Sub(now))
		default:
			w.busy[key] = true
			group.Go(func() { w.step(ctx, key) })
		}
	}
	return wait
}

// step does the next step of a request: it happens, is written down, and then is told until somebody has heard it.
func (w *Warehouse) step(ctx context.Context, key string) {
	defer w.notify()
	w.mu.Lock()
	r := w.state.Requests[key]
	if len(r.Steps) == 0 { // It was cancelled meanwhile.
		delete(w.busy, key)
		w.mu.Unlock()
		return
	}
	if r.Steps[0].Body == nil {
		r.happen(time.Now())
		if err := w.state.save(w.config.File); err != nil {
			w.config.Logger.Error("the warehouse can't write down what it knows", "error", err)
		}
	}
	step := r.Steps[0]
	w.mu.Unlock()

	err := w.tell(ctx, r.ServiceID, step)

	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, key)
	i := slices.IndexFunc(r.Steps, func(s Step) bool { return s.ID == step.ID })
	switch {
	case i < 0:
	case errors.Is(err, errGone):
		r.Steps = nil
	case err != nil:
		r.Steps[i].Attempts++
		r.Steps[i].Due = time.Now().Add(min(lastRetry, firstRetry<<min(r.Steps[i].Attempts, 9)))
		w.config.Logger.Warn("a callback was not taken; it is sent again", "type", step.Type, "key", key, "error", err)
	default:
		r.Steps = r.Steps[1:]
		if len(r.Steps) > 0 {
			r.Steps[0].Due = time.Now().Add(r.Steps[0].After)
		}
	}
	if err := w.state.save(w.config.File); err != nil {
		w.config.Logger.Error("the warehouse can't write down what it knows", "error", err)
	}
}

func (w *Warehouse) notify() {
	select {
	case w.wake <- struct{}{}:
	default: // It is going to look anyway.
	}
}
