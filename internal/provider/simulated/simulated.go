// Package simulated is a provider that pretends to be a fulfillment service with a system of its own: it accepts,
// rejects, ships and tells a carrier's news by itself, and it fails in every way that real ones do, as its [Settings]
// say. What it does under a key depends on its seed and the key alone. Its [Ledger] counts the effects by key, so
// that a doubled one is seen.
package simulated

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// The options of the provider.
const (
	Option       = "simulated-fulfillment"
	ReturnOption = "simulated-fulfillment-return"
)

// DefaultID is the provider's ID unless Config says another.
const DefaultID = "simulated"

// Config is what a Provider needs.
type Config struct {
	ID       string // default DefaultID
	Seed     int64
	Defaults *Settings         // default DefaultSettings
	Ledger   Ledger            // required
	Reporter provider.Reporter // required by Run
	Parallel int               // how many commands Run sends at the same time; default 16
	Logger   *slog.Logger
}

// Provider is the simulated provider. It acts by itself while Run runs.
type Provider struct {
	config   Config
	defaults Settings
	wake     chan struct{}
}

var (
	_ provider.Provider   = (*Provider)(nil)
	_ provider.Finder     = (*Provider)(nil)
	_ provider.Pricer     = (*Provider)(nil)
	_ provider.Returner   = (*Provider)(nil)
	_ provider.Documenter = (*Provider)(nil)
	_ provider.Runner     = (*Provider)(nil)
)

// New makes a Provider. It fails if the defaults mean nothing or there is no ledger.
func New(c Config) (*Provider, error) {
	if c.Ledger == nil {
		return nil, fmt.Errorf("make the simulated provider: it needs a ledger")
	}
	c.ID = cmp.Or(c.ID, DefaultID)
	c.Parallel = cmp.Or(c.Parallel, 16)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	p := &Provider{config: c, defaults: DefaultSettings(), wake: make(chan struct{}, 1)}
	if c.Defaults != nil {
		p.defaults = *c.Defaults
	}
	if err := p.defaults.problems().Of(DefaultID); err != nil {
		return nil, fmt.Errorf("make the simulated provider: %w", err)
	}
	return p, nil
}

// ID is the provider's ID.
func (p *Provider) ID() string { return p.config.ID }

// Options are one to ship and one for returns.
func (p *Provider) Options(context.Context) ([]provider.Option, error) {
	return []provider.Option{
		{ID: Option, Name: "Simulated fulfillment"},
		{ID: ReturnOption, Name: "Simulated return", Return: true},
	}, nil
}

// ValidateOption checks a service's Settings.
func (p *Provider) ValidateOption(_ context.Context, data map[string]any) error {
	_, err := p.defaults.merge(data)
	return err
}

// ValidateData keeps what the customer chose.
func (p *Provider) ValidateData(
	ctx context.Context, option, data map[string]any, _ provider.Context,
) (map[string]any, error) {
	if err := p.ValidateOption(ctx, option); err != nil {
		return nil, err
	}
	return data, nil
}

// Create takes a request on.
func (p *Provider) Create(ctx context.Context, r provider.Request) (provider.Answer, error) {
	s, err := p.defaults.merge(r.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	c := chance{p.config.Seed, r.Key}
	e := Effect{
		Key: r.Key, Kind: KindCreate, FulfillmentOrderID: r.FulfillmentOrderID, ServiceID: r.ServiceID, Settings: s,
		OrderID: r.OrderID,
	}
	for _, line := range r.Lines {
		e.Units = append(e.Units, fulfillment.Quantity{ID: line.LineItemID, Quantity: line.Quantity})
	}
	return p.perform(ctx, decide(r, s, c, time.Now()), e)
}

// Cancel stops a request, as the settings with which the request was made say.
func (p *Provider) Cancel(ctx context.Context, c provider.Cancellation) (provider.Answer, error) {
	request, known, err := p.config.Ledger.Find(ctx, c.RequestKey)
	if err != nil {
		return provider.Answer{}, &provider.Error{
			Class: provider.Retryable, Message: "find the simulated request", Cause: err,
		}
	}
	e := Effect{
		Key: c.Key, Kind: KindCancel, RequestKey: c.RequestKey,
		FulfillmentOrderID: c.FulfillmentOrderID, ServiceID: cmp.Or(request.ServiceID, c.ServiceID),
		Settings: request.Settings,
	}
	if !known {
		e.Settings = p.defaults
	}
	draw := chance{p.config.Seed, c.Key}
	v := decideCancellation(c.RequestKey, e.Settings, draw)
	switch {
	case c.Withdraw: // There is nobody to decide about it.
		e.Kind = KindWithdraw
		e.Settings.Answer = AnswerImmediate
		e.Settings.LateAnswerRate, e.Settings.DuplicateAnswerRate = 0, 0
		v = verdict{
			answer: provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: draw.reference()}, as: v.as,
			drop: c.RequestKey,
		}
	case !known:
		e.Settings.Answer = AnswerImmediate
		v = verdict{answer: provider.Answer{Outcome: fulfillment.OutcomeRejected, Reference: draw.reference(),
			Message: "The simulated service knows no such request."}, as: &fulfillment.RejectCancellationRequest{}}
	}
	return p.perform(ctx, v, e)
}

// Lookup is what was done under the key of the call, with what the service says of it now.
func (p *Provider) Lookup(ctx context.Context, query provider.Query) ([]provider.Found, error) {
	e, ok, err := p.config.Ledger.Find(ctx, query.Key)
	if err != nil {
		return nil, &provider.Error{Class: provider.Retryable, Message: "look up the simulated effect", Cause: err}
	}
	if !ok {
		return nil, nil
	}
	var found []provider.Found
	for _, reference := range e.References() {
		answer := e.says()
		answer.Reference = reference
		found = append(found, provider.Found{Reference: reference, Answer: answer})
	}
	return found, nil
}
