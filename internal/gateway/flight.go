package gateway

import (
	"crypto/sha256"
	"sync"

	"packhorse/internal/fulfillment"
)

// flights is the requests with idempotency keys that this process is carrying out.
type flights struct {
	mu    sync.Mutex
	byKey map[flightKey]*flight
}

type flightKey struct {
	app  fulfillment.ID
	name string
}

type flight struct {
	fingerprint [sha256.Size]byte
	done        chan struct{}
	answer      Answer // valid once done is closed
}

// join finds the flight under any of the names, or starts one under all of them, which the caller then leads: it must
// leave it with an answer.
func (f *flights) join(app fulfillment.ID, names []string, print [sha256.Size]byte) (joined *flight, leads bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range names {
		if running, ok := f.byKey[flightKey{app, name}]; ok {
			return running, false
		}
	}
	started := &flight{fingerprint: print, done: make(chan struct{})}
	if f.byKey == nil {
		f.byKey = map[flightKey]*flight{}
	}
	for _, name := range names {
		f.byKey[flightKey{app, name}] = started
	}
	return started, true
}

// leave ends a flight and gives its answer to those who wait.
func (f *flights) leave(app fulfillment.ID, names []string, ended *flight) {
	f.mu.Lock()
	for _, name := range names {
		delete(f.byKey, flightKey{app, name})
	}
	f.mu.Unlock()
	close(ended.done)
}
