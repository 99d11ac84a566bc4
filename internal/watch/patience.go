package watch

import (
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

const (
	longestPause = time.Hour
	// longestRetry is for one that could not be looked at, which says nothing about it, and for one that is paused,
	// which a person lets go on at any moment.
	longestRetry = 2 * time.Minute
	// maxRemembered keeps the memory bounded: what is not remembered is looked at again at once.
	maxRemembered = 100_000
)

// patience knows who was looked at lately. One that was left alone is looked at again after a pause that doubles each
// time, until it has another version.
type patience struct {
	mu    sync.Mutex
	first time.Duration // the shortest pause
	sweep int           // that goes on
	looks map[fulfillment.ID]looks
}

type looks struct {
	version int64
	pause   time.Duration
	next    time.Time
	sweep   int // in which it was overdue last
	paused  bool
}

// begin starts a sweep.
func (p *patience) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep++
}

// over tells whether one that is overdue is to be looked at now.
func (p *patience) over(o postgres.Overdue, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.looks[o.ID]
	if !ok {
		return true
	}
	known.sweep = p.sweep
	p.looks[o.ID] = known
	return known.version != o.Version || !now.Before(known.next)
}

// forget drops what was not overdue any more in this sweep.
func (p *patience) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, known := range p.looks {
		if known.sweep != p.sweep {
			delete(p.looks, id)
		}
	}
}

// looked notes that one was looked at now, and with what result.
func (p *patience) looked(o postgres.Overdue, now time.Time, result found, failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.looks[o.ID]
	if !ok && len(p.looks) >= maxRemembered {
		return
	}
	pause := p.first
	if ok && known.version == o.Version {
		pause = 2 * known.pause
	}
	pause = min(pause, longestPause)
	if failed || result == paused {
		pause = min(pause, longestRetry)
	}
	if p.looks == nil {
		p.looks = map[fulfillment.ID]looks{}
	}
	p.looks[o.ID] = looks{o.Version, pause, now.Add(pause), p.sweep, result == paused}
}

// paused tells whether one was paused when it was looked at last.
func (p *patience) paused(id fulfillment.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.looks[id].paused
}

// countPaused counts those that were paused when they were looked at last.
func (p *patience) countPaused() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, known := range p.looks {
		if known.paused {
			n++
		}
	}
	return n
}
