package provider

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
)

var validID = regexp.MustCompile(`^[a-z0-9]+([-_][a-z0-9]+)*$`)

const maxIDLength = 64

// TaskQueue is the Temporal task queue on which a provider's activities run: one of its own, so that a slow provider
// starves no other and each can have its rate limit.
func TaskQueue(id string) string { return "packhorse-provider-" + id }

// Registry has the providers of a process by their IDs. The zero value is empty and ready; it is safe for concurrent
// use.
type Registry struct {
	mu        sync.RWMutex
	providers map[string]Provider
}

// Register adds a provider. An ID that is malformed (see [Provider].ID) or taken is refused.
func (r *Registry) Register(p Provider) error {
	id := p.ID()
	if len(id) > maxIDLength || !validID.MatchString(id) {
		return fmt.Errorf("register provider: %q is not a provider ID: lower-case letters and digits are needed, joined by '-' or '_', at most %d", id, maxIDLength)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.providers[id]; taken {
		return fmt.Errorf("register provider: there is a provider with id %s already", id)
	}
	if r.providers == nil {
		r.providers = make(map[string]Provider)
	}
	r.providers[id] = p
	return nil
}

// Get is the provider with this ID. Its error is permanent; the text is Medusa's.
func (r *Registry) Get(id string) (Provider, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p, ok := r.providers[id]
	if !ok {
		return nil, &Error{Class: Permanent, Message: "Could not find a fulfillment provider with id: " + id}
	}
	return p, nil
}

// IDs lists the IDs of all providers, sorted.
func (r *Registry) IDs() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.providers))
}
