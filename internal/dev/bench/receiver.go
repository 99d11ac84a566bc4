package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// receiver is an app on loopback that takes everything at once, and knows what arrived when for the first time.
type receiver struct {
	url    string
	server *http.Server

	mu       sync.Mutex
	first    map[arrival]time.Time
	requests int // with those that came again
}

// arrival is an event that a subscription was told.
type arrival struct {
	path     string
	position int64
}

func startReceiver() (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a receiver: %w", err)
	}
	r := &receiver{url: "http://" + listener.Addr().String(), first: map[arrival]time.Time{}}
	r.server = &http.Server{Handler: r}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

func (r *receiver) close() error {
	if err := r.server.Close(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stop the receiver: %w", err)
	}
	return nil
}

// ServeHTTP takes a webhook.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	now := time.Now()
	position, _ := strconv.ParseInt(request.Header.Get("Packhorse-Position"), 10, 64)
	of := arrival{request.URL.Path, position}
	r.mu.Lock()
	r.requests++
	if _, again := r.first[of]; !again {
		r.first[of] = now
	}
	r.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// forget begins anew.
func (r *receiver) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.first, r.requests = map[arrival]time.Time{}, 0
}

func (r *receiver) count() (events, requests int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.first), r.requests
}

// arrivalInterval is how often it is looked how many have arrived.
const arrivalInterval = 10 * time.Millisecond

// await waits until so many events have arrived.
func (r *receiver) await(ctx context.Context, events int) error {
	ticker := time.NewTicker(arrivalInterval)
	defer ticker.Stop()
	for {
		if now, _ := r.count(); now >= events {
			return nil
		}
		select {
		case <-ctx.Done():
			now, _ := r.count()
			return fmt.Errorf("%d of %d events arrived: %w", now, events, ctx.Err())
		case <-ticker.C:
		}
	}
}

// arrivals are when which position arrived; of an event that several subscriptions were told, the last.
func (r *receiver) arrivals() map[int64]time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[int64]time.Time, len(r.first))
	for of, at := range r.first {
		if at.After(all[of.position]) {
			all[of.position] = at
		}
	}
	return all
}
