package delivery

import (
	"context"
	"sync"
)

// places bounds how many do something at once, in all and for each host. A host that hangs takes its own places only.
type places struct {
	all     chan struct{}
	perHost int

	mu    sync.Mutex
	hosts map[string]*host
}

type host struct {
	places chan struct{}
	users  int // that are in, or wait
}

func newPlaces(perHost, inAll int) *places {
	return &places{all: make(chan struct{}, inAll), perHost: perHost, hosts: map[string]*host{}}
}

// enter waits for a place until the context ends. Whoever waits for a host keeps nobody else waiting.
func (p *places) enter(ctx context.Context, name string) (leave func(), err error) {
	p.mu.Lock()
	h := p.hosts[name]
	if h == nil {
		h = &host{places: make(chan struct{}, p.perHost)}
		p.hosts[name] = h
	}
	h.users++
	p.mu.Unlock()

	for i, places := range []chan struct{}{h.places, p.all} {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			if i > 0 {
				<-h.places
			}
			p.forget(name, h)
			return nil, ctx.Err()
		}
	}
	return func() {
		<-p.all
		<-h.places
		p.forget(name, h)
	}, nil
}

func (p *places) forget(name string, h *host) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h.users--; h.users == 0 {
		delete(p.hosts, name)
	}
}
