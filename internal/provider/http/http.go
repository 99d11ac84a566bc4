// Package http is the provider of any warehouse that serves Packhorse's own contract over HTTP: see openapi.yaml, and
// docs/warehouse-contract.md for people. Each call is a PUT under its key, so it may be repeated; what became of it is
// looked up under the same key. Both sides sign.
package http

import (
	"context"
	nethttp "net/http"
	"time"

	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// ID is the provider's ID.
const ID = "http"

// The options of the provider. Which one of its own the warehouse takes is a setting.
const (
	Option       = "http-fulfillment"
	ReturnOption = "http-fulfillment-return"
)

// Config is what a Provider needs.
type Config struct {
	Secrets  provider.Secrets
	Rules    callback.Rules // for the addresses of warehouses
	Defaults Settings       // of services whose options leave something out
	Now      func() time.Time
}

// Provider talks to warehouses. It is safe for concurrent use.
type Provider struct {
	config    Config
	transport *nethttp.Transport
}

var (
	_ provider.Provider   = (*Provider)(nil)
	_ provider.Finder     = (*Provider)(nil)
	_ provider.Idempotent = (*Provider)(nil)
	_ provider.Pricer     = (*Provider)(nil)
	_ provider.Rater      = (*Provider)(nil)
	_ provider.Lister     = (*Provider)(nil)
	_ provider.Ruler      = (*Provider)(nil)
	_ provider.Returner   = (*Provider)(nil)
	_ provider.Documenter = (*Provider)(nil)
	_ provider.Receiver   = (*Provider)(nil)
)

// New makes a Provider. [Provider.Close] ends its connections.
func New(c Config) *Provider {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Provider{config: c, transport: newTransport(c.Rules)}
}

// Entry is the provider in the catalogue.
func Entry() provider.Entry {
	return provider.Entry{
		ID:        ID,
		What:      "Any warehouse that serves Packhorse's contract over HTTP",
		Queue:     &provider.Queue{},
		Addresses: []string{"url"},
		Secrets:   map[string]string{"secretName": "", "callbackSecretName": ""}, // By default they are one.
		Offline:   New(Config{}),
		Open: func(_ context.Context, host provider.Host) (provider.Provider, func(), error) {
			p := New(Config{Secrets: host.Secrets, Rules: host.Rules})
			return p, p.Close, nil
		},
	}
}

// Close ends the connections that wait for a call.
func (p *Provider) Close() { p.transport.CloseIdleConnections() }

// ID is "http".
func (*Provider) ID() string { return ID }

// Idempotent is true: the contract says so.
func (*Provider) Idempotent() bool { return true }

// Options are one to ship and one for returns.
func (*Provider) Options(context.Context) ([]provider.Option, error) {
	return []provider.Option{
		{ID: Option, Name: "Fulfillment by a warehouse over HTTP"},
		{ID: ReturnOption, Name: "Return to a warehouse over HTTP", Return: true},
	}, nil
}

// ValidateOption checks a service's Settings.
func (p *Provider) ValidateOption(_ context.Context, data map[string]any) error {
	_, err := p.config.Defaults.merge(data)
	return err
}

// ValidateData keeps what the customer chose. Whether the warehouse has an option it is asked itself.
func (p *Provider) ValidateData(
	ctx context.Context, option, data map[string]any, _ provider.Context,
) (map[string]any, error) {
	s, err := p.config.Defaults.merge(option)
	if err != nil {
		return nil, err
	}
	if chosen, err := chosenOption(option); err != nil {
		return nil, err
	} else if chosen != "" {
		if err := p.lists(ctx, s, chosen); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// Create puts a request.
func (p *Provider) Create(ctx context.Context, r provider.Request) (provider.Answer, error) {
	s, err := p.config.Defaults.merge(r.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	if s, err = p.ruled(ctx, s, r); err != nil {
		return provider.Answer{}, err
	}
	path := requestPath(r.Key)
	return p.put(ctx, s, path, fulfillment.EffectRequest, r.Key, requestOf(r, s))
}

// Cancel puts a cancellation under the request that it is about.
func (p *Provider) Cancel(ctx context.Context, c provider.Cancellation) (provider.Answer, error) {
	s, err := p.config.Defaults.merge(c.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	path := cancellationPath(c.RequestKey, c.Key)
	return p.put(ctx, s, path, fulfillment.EffectCancel, c.RequestKey, cancellationBody{
		Key: provider.PathKey(c.Key), RequestKey: provider.PathKey(c.RequestKey), Reference: c.Reference,
		Withdraw: c.Withdraw,
	})
}

// CreateReturn puts a return.
func (p *Provider) CreateReturn(ctx context.Context, r provider.ReturnRequest) (provider.Answer, error) {
	s, err := p.config.Defaults.merge(r.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	return p.put(ctx, s, returnPath(r.Key), fulfillment.EffectReturn, r.Key, returnOf(r, s))
}

// Lookup is what the warehouse has under the key.
func (p *Provider) Lookup(ctx context.Context, query provider.Query) ([]provider.Found, error) {
	s, err := p.config.Defaults.merge(query.ServiceOptions)
	if err != nil {
		return nil, err
	}
	path := requestPath(query.Key)
	switch query.Kind {
	case fulfillment.EffectCancel, fulfillment.EffectWithdraw:
		path = cancellationPath(query.RequestKey, query.Key)
	case fulfillment.EffectReturn:
		path = returnPath(query.Key)
	}
	reply, err := p.call(ctx, s, call{method: nethttp.MethodGet, path: path})
	if err != nil {
		return nil, withoutEffect(err)
	}
	if reply.status == nethttp.StatusNotFound {
		return nil, reply.nothing()
	}
	answer, err := reply.answer(query.Kind, query.RequestKey)
	if err != nil {
		return nil, withoutEffect(err)
	}
	return []provider.Found{{Reference: answer.Reference, Answer: answer}}, nil
}

// put sends a body under its path. News in the answer is about the request with the key.
func (p *Provider) put(
	ctx context.Context, s Settings, path string, kind fulfillment.EffectKind, key string, body any,
) (provider.Answer, error) {
	reply, err := p.call(ctx, s, call{method: nethttp.MethodPut, path: path, body: body})
	if err != nil {
		return provider.Answer{}, err
	}
	if reply.status == nethttp.StatusNotFound {
		return provider.Answer{}, reply.failure()
	}
	return reply.answer(kind, key)
}

// Documents asks the warehouse for the documents of a request.
func (p *Provider) Documents(
	ctx context.Context, query provider.Query, kind fulfillment.DocumentKind,
) ([]provider.Document, error) {
	s, err := p.config.Defaults.merge(query.ServiceOptions)
	if err != nil {
		return nil, err
	}
	reply, err := p.call(ctx, s, call{
		method: nethttp.MethodGet, path: requestPath(query.RequestKey) + "/documents?kind=" + string(kind),
	})
	if err != nil {
		return nil, withoutEffect(err)
	}
	if reply.status == nethttp.StatusNotFound {
		return nil, reply.nothing()
	}
	documents, err := reply.documents(kind)
	return documents, withoutEffect(err)
}

func requestPath(key string) string { return "/requests/" + provider.PathKey(key) }

func cancellationPath(requestKey, key string) string {
	return requestPath(requestKey) + "/cancellations/" + provider.PathKey(key)
}

func returnPath(key string) string { return "/returns/" + provider.PathKey(key) }
