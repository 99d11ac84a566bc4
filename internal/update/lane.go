package update

import (
	"context"
	"sync"
)

// laneWidth is how many commands of one client are with one workflow at the same time. The server takes ten updates at
// a time for a workflow, and each one that it turns away costs more than one that waits here.
const laneWidth = 4

// lanes are where commands to the same workflow wait for their turn. The zero value is ready.
type lanes struct {
	mu sync.Mutex
	of map[string]*lane
}

type lane struct {
	slots chan struct{}
	users int
}

// enter waits for a place; leave must be called after it, unless there is an error.
func (l *lanes) enter(ctx context.Context, workflowID string) (leave func(), err error) {
	l.mu.Lock()
	if l.of == nil {
		l.of = map[string]*lane{}
	}
	at := l.of[workflowID]
	if at == nil {
		at = &lane{slots: make(chan struct{}, laneWidth)}
		l.of[workflowID] = at
	}
	at.users++
	l.mu.Unlock()
	gone := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if at.users--; at.users == 0 {
			delete(l.of, workflowID)
		}
	}
	select {
	case at.slots <- struct{}{}:
		return func() { <-at.slots; gone() }, nil
	case <-ctx.Done():
		gone()
		return nil, ctx.Err()
	}
}
