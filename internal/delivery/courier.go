package delivery

import (
	"context"
	"fmt"
	"sync"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/returns"
	"packhorse/internal/webhook"
)

// Courier makes what subscriptions are told, and brings it to them. It is safe for concurrent use.
type Courier struct {
	// Store is what has been committed: a *postgres.Store.
	Store interface {
		Subscriber(ctx context.Context, appID fulfillment.ID) (access.Caller, error)
		WebhookFacts(ctx context.Context, events []*fulfillment.Event) ([]webhook.Facts, error)
		SecretStore
		WebhookSecret(ctx context.Context, id fulfillment.ID) (access.Secret, error)
	}
	Shop       webhook.Shop
	ShopDomain string
	Client     *Client

	secrets secrets

	mu   sync.Mutex
	apps map[fulfillment.ID]knownApp
	own  map[fulfillment.ID]knownOwn // secrets of subscriptions
}

type knownApp struct {
	access.Caller
	at time.Time
}

type knownOwn struct {
	access.Secret
	at time.Time
}

// Render is that of [Config]. What the app may not see, or what the filter does not let through, has no body.
func (c *Courier) Render(
	ctx context.Context, to webhook.Subscription, entries []postgres.FeedEntry,
) ([]Rendered, error) {
	rendered := make([]Rendered, len(entries))
	if len(entries) == 0 {
		return rendered, nil
	}
	var filter webhook.Filter
	if to.Filter != nil {
		var err error
		if filter, err = webhook.CompileFilter(*to.Filter); err != nil {
			return nil, err
		}
	}
	for i, e := range entries {
		rendered[i].Event, rendered[i].Err = returns.ReadEvent(e.Event)
	}
	app, err := c.appOf(ctx, to.AppID, time.Now()) // What is left out is left out for good.
	if err != nil {
		return nil, err
	}
	var events []*fulfillment.Event
	var places []int
	for i, r := range rendered {
		if r.Err == nil && webhook.MaySee(r.Event, app) {
			events, places = append(events, r.Event), append(places, i)
		}
	}
	facts, err := c.Store.WebhookFacts(ctx, events)
	if err != nil {
		return nil, err
	}
	for n, i := range places {
		entry := webhook.Entry{Event: events[n], CommittedAt: entries[i].CommittedAt}
		rendered[i].Body, rendered[i].Err = c.body(to, filter, entry, facts[n], app.App)
	}
	return rendered, nil
}

// body is what a subscription is told of one event; nil: its filter does not let it through.
func (c *Courier) body(
	to webhook.Subscription, filter webhook.Filter, entry webhook.Entry, facts webhook.Facts, app access.App,
) ([]byte, error) {
	body, err := c.Shop.Body(entry, facts, app)
	if err != nil {
		return nil, err
	}
	if to.Filter != nil && *to.Filter != "" {
		decoded, err := webhook.Decode(body)
		if err != nil || !filter.Matches(decoded) {
			return nil, err
		}
	}
	return webhook.Trim(body, to.IncludeFields)
}

// Send is that of [Config].
func (c *Courier) Send(ctx context.Context, to webhook.Subscription, a Attempt) Result {
	app, err := c.appOf(ctx, to.AppID, time.Now().Add(-secretsAge))
	if err != nil {
		return Result{Err: err}
	}
	if !a.MayStillSee(app) {
		return Result{Withheld: true}
	}
	signer, err := c.secrets.signer(ctx, c.Store, to.AppID)
	if err != nil {
		return Result{Err: err}
	}
	own, err := c.ownOf(ctx, to.ID)
	if err != nil {
		return Result{Err: err}
	}
	signer.ShopDomain, signer.Own, signer.OwnPrevious = c.ShopDomain, own.Current, own.Previous
	message := Message{
		Subscription: to, Position: a.Position, Sequence: a.Sequence, Place: a.Place, OrderID: a.OrderID,
		CommandID: a.CommandID, TriggeredAt: a.At, Topic: a.Topic, Body: a.Body, Attempt: a.Number, Skipped: a.Skipped,
		Replay: a.Replay,
	}
	return c.Client.Within(to.Timeout()).Send(ctx, to.URI, message.Header(signer, time.Now()), a.Body)
}

// ownOf is the secret that a subscription has of its own.
func (c *Courier) ownOf(ctx context.Context, id fulfillment.ID) (access.Secret, error) {
	c.mu.Lock()
	known, ok := c.own[id]
	c.mu.Unlock()
	if ok && time.Since(known.at) < secretsAge {
		return known.Secret, nil
	}
	known.at = time.Now()
	var err error
	if known.Secret, err = c.Store.WebhookSecret(ctx, id); err != nil {
		return access.Secret{}, &AwayError{fmt.Errorf("sign: %w", err)}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == nil {
		c.own = map[fulfillment.ID]knownOwn{}
	}
	c.own[id] = known
	return known.Secret, nil
}

// appOf is what the app may see, as it was read at some time, or later.
func (c *Courier) appOf(ctx context.Context, appID fulfillment.ID, since time.Time) (access.Caller, error) {
	c.mu.Lock()
	known, ok := c.apps[appID]
	c.mu.Unlock()
	if ok && known.at.After(since) {
		return known.Caller, nil
	}
	known.at = time.Now()
	var err error
	if known.Caller, err = c.Store.Subscriber(ctx, appID); err != nil {
		return access.Caller{}, &AwayError{fmt.Errorf("look what the app may see: %w", err)}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.apps == nil {
		c.apps = map[fulfillment.ID]knownApp{}
	}
	c.apps[appID] = known
	return known.Caller, nil
}
