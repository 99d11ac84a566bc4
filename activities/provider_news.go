package activities

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
	servicenews "packhorse/internal/news"
	"packhorse/internal/provider"
)

// Inbox keeps what services tell: a *postgres.Store.
type Inbox interface {
	// KeepNews keeps news, each once.
	KeepNews(ctx context.Context, told []servicenews.Item) error
	// NameSubject remembers what a service's system calls something, so that its news of that is understood.
	NameSubject(ctx context.Context, service fulfillment.ID, name string, target servicenews.Target) error
}

// keepNews keeps what came with an answer, before the answer is believed: it is told once that is committed. It also
// notes how the system will call the request in news that comes later.
func (p *Providers) keepNews(ctx context.Context, call ProviderCall, answer provider.Answer, adopted string) error {
	fo := call.State
	service := fo.AssignedLocation.ServiceID
	if p.Inbox == nil || service == 0 {
		return nil
	}
	target := servicenews.Target{FulfillmentOrderID: fo.ID}
	if call.Effect.Kind == fulfillment.EffectRequest && p.hearsNews() {
		for _, name := range namesOf(answer.Reference, adopted) {
			if err := p.Inbox.NameSubject(ctx, service, name, target); err != nil {
				return err
			}
		}
	}
	var told []servicenews.Item
	for i, n := range answer.News {
		n.ID = cmp.Or(n.ID, fmt.Sprintf("%s/news-%d", call.Effect.Key, i+1))
		n.About.FulfillmentOrderID = fo.ID
		item, err := servicenews.Told(p.Provider.ID(), service, n, servicenews.FromAnswer, time.Now().UTC())
		if err != nil {
			return &provider.Error{Class: provider.Permanent, Message: err.Error()}
		}
		item.After = call.Effect.Key
		told = append(told, item)
	}
	if len(told) == 0 {
		return nil
	}
	return p.Inbox.KeepNews(ctx, told)
}

// hearsNews tells whether the provider's system tells anything by itself.
func (p *Providers) hearsNews() bool {
	_, receives := p.Provider.(provider.Receiver)
	_, polls := p.Provider.(provider.Poller)
	return receives || polls
}

// namesOf are the names of a request: what the system calls it, and the key under which it has it if that is another
// one's.
func namesOf(reference, adopted string) []string {
	var names []string
	if reference != "" {
		names = append(names, servicenews.ReferenceName(reference))
	}
	if adopted != "" {
		names = append(names, servicenews.RequestName(adopted))
	}
	return names
}
