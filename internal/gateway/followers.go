package gateway

import (
	"sync"

	"packhorse/internal/fulfillment"
)

// DefaultMaxFollowers is the default of [Options.MaxFollowers].
const DefaultMaxFollowers = 20

// followers counts the requests of each app that wait for events, in this process.
type followers struct {
	most int

	mu    sync.Mutex
	count map[fulfillment.ID]int
}

// enter counts one more, unless there are as many as there may be.
func (f *followers) enter(app fulfillment.ID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count[app] >= f.most {
		return false
	}
	if f.count == nil {
		f.count = map[fulfillment.ID]int{}
	}
	f.count[app]++
	return true
}

func (f *followers) leave(app fulfillment.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count[app]--; f.count[app] == 0 {
		delete(f.count, app)
	}
}
