package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	example "packhorse/examples/warehouse/warehouse"
	"packhorse/internal/fulfillment"
	providerhttp "packhorse/internal/provider/http"
	"packhorse/internal/standardwebhook"
)

// warehouseSecret is the name of the secret between Packhorse and the warehouses.
const warehouseSecret = "BENCH_WAREHOUSE"

// warehouse is the example's warehouse on loopback, in this process. It accepts everything and ships nothing by itself,
// at once or as slowly as it is told to.
type warehouse struct {
	url    string
	handle http.Handler
	server *http.Server

	mu       sync.Mutex
	delay    time.Duration // of an answer to a request; 0: none
	first    int           // so many answers come sooner, evenly over the delay
	come     int           // of these
	hurry    chan struct{} // closed when nothing is delayed any more
	at       int           // requests that wait for their answer
	changed  time.Time     // when at did
	waited   time.Duration // of all requests together
	answered map[string]bool
	heard    chan struct{} // gets something when another key is answered
}

func startWarehouse(secret string) (*warehouse, error) {
	secrets, err := standardwebhook.ParseSecrets(secret)
	if err != nil {
		return nil, fmt.Errorf("start a warehouse: %w", err)
	}
	inner, err := example.New(example.Config{Secrets: secrets, Callbacks: secrets, Never: true})
	if err != nil {
		return nil, fmt.Errorf("start a warehouse: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a warehouse: %w", err)
	}
	w := &warehouse{
		url: "http://" + listener.Addr().String(), handle: inner.Handler(), answered: map[string]bool{},
		heard: make(chan struct{}, 1), hurry: make(chan struct{}),
	}
	w.server = &http.Server{Handler: w}
	go func() { _ = w.server.Serve(listener) }()
	return w, nil
}

// newWarehouseSecret is a secret that both sides can have.
func newWarehouseSecret() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // It never fails.
	return standardwebhook.NewSecret(key)
}

func (w *warehouse) close() error {
	if err := w.server.Close(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stop a warehouse: %w", err)
	}
	return nil
}

// service is how a fulfillment service names the warehouse.
func (w *warehouse) service(name string) fulfillment.Service {
	return fulfillment.Service{Name: name, Provider: providerhttp.ID, Options: map[string]any{
		"url": w.url, "secretName": warehouseSecret, "timeout": "25s", // The longest that there is.
	}}
}

// slow delays all answers from now on. The first ones come evenly over the delay, so that there is no wave of them.
func (w *warehouse) slow(delay time.Duration, first int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.delay, w.first, w.come, w.hurry = delay, first, 0, make(chan struct{})
}

// fast gives all answers that are delayed, and delays none any more.
func (w *warehouse) fast() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.delay > 0 {
		w.delay = 0
		close(w.hurry)
	}
}

// ServeHTTP answers a call of the contract.
func (w *warehouse) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut {
		w.handle.ServeHTTP(rw, r)
		return
	}
	w.mu.Lock()
	w.count(1)
	delay, hurry := w.delay, w.hurry
	if w.come < w.first {
		w.come++
		delay = delay * time.Duration(w.come) / time.Duration(w.first)
	}
	w.mu.Unlock()
	if delay > 0 {
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-hurry:
		case <-r.Context().Done():
		}
		timer.Stop()
	}
	w.handle.ServeHTTP(rw, r)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count(-1)
	if r.Context().Err() == nil {
		w.answered[r.URL.Path] = true
	}
	select {
	case w.heard <- struct{}{}:
	default: // Who listens is going to look anyway.
	}
}

// count notes that one more or less waits; mu is held.
func (w *warehouse) count(more int) {
	now := time.Now()
	w.waited += time.Duration(w.at) * now.Sub(w.changed)
	w.at, w.changed = w.at+more, now
}

// state is how many requests wait now, how long all have waited until now, and how many were ever answered.
func (w *warehouse) state() (at int, waited time.Duration, answered int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count(0)
	return w.at, w.waited, len(w.answered)
}

// commandsAtOnce is how many requests of a crowd are being made at the same time: not all of it comes at once.
const commandsAtOnce = 8

// crowd requests of a warehouse beside what is measured.
type crowd struct {
	driver    *packhorseDriver
	warehouse *warehouse
	asking    atomic.Int64 // commands that have no answer yet
}

func (c *crowd) request(ctx context.Context) error {
	c.asking.Add(1)
	defer c.asking.Add(-1)
	return c.driver.request(ctx)
}

// keep keeps so many requests on their way to the warehouse, and begins another one for each that is answered, until
// the context ends; those that were begun are then still under way.
func (c *crowd) keep(ctx context.Context, size int) error {
	group, requesting := errgroup.WithContext(context.WithoutCancel(ctx)) // What was begun is ended.
	group.SetLimit(commandsAtOnce)
	_, _, before := c.warehouse.state()
	for begun := 0; ctx.Err() == nil && requesting.Err() == nil; {
		_, _, answered := c.warehouse.state()
		for ; begun-(answered-before) < size; begun++ {
			group.Go(func() error { return c.request(requesting) })
		}
		select {
		case <-ctx.Done():
		case <-requesting.Done():
		case <-c.warehouse.heard:
		}
	}
	return group.Wait()
}

// beat begins a request at each beat until the context ends.
func (c *crowd) beat(ctx context.Context, beat time.Duration) error {
	group, requesting := errgroup.WithContext(context.WithoutCancel(ctx))
	group.SetLimit(commandsAtOnce)
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for ctx.Err() == nil && requesting.Err() == nil {
		select {
		case <-ctx.Done():
		case <-requesting.Done():
		case <-ticker.C:
			group.Go(func() error { return c.request(requesting) })
		}
	}
	return group.Wait()
}
