// Package easypost is a provider that buys shipping labels at EasyPost. EasyPost ships nothing itself: a request is
// accepted when its labels are bought, and people at the location put them on the parcels.
//
// EasyPost knows no idempotency keys, but sells the label of a shipment only once. So a shipment, which costs nothing,
// is made and written into the [Ledger] under the request's key before its label is bought; whenever it is in doubt
// what became of a call, that shipment is asked.
package easypost

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// ID is the provider's ID.
const ID = "easypost"

// Config is what a Provider needs.
type Config struct {
	URL      string           // of EasyPost's API; default DefaultURL
	Ledger   Ledger           // required
	Secrets  provider.Secrets // default: those of the environment
	Defaults *Options         // what a service's options are read over; default DefaultOptions
	Timeout  time.Duration    // of one call to EasyPost; default DefaultTimeout
	// LookEvery is how often a parcel on its way, or an undecided refund, is looked at; default DefaultLookEvery.
	LookEvery time.Duration
	Now       func() time.Time // default time.Now
	Logger    *slog.Logger
}

// The defaults of [Config].
const (
	DefaultURL     = "https://api.easypost.com/v2"
	DefaultTimeout = 20 * time.Second // Packhorse waits for 30 s altogether.
)

// Provider is the provider of EasyPost.
type Provider struct {
	config   Config
	defaults Options
	http     *http.Client
}

var (
	_ provider.Provider   = (*Provider)(nil)
	_ provider.Finder     = (*Provider)(nil)
	_ provider.Pricer     = (*Provider)(nil)
	_ provider.Ruler      = (*Provider)(nil)
	_ provider.Returner   = (*Provider)(nil)
	_ provider.Documenter = (*Provider)(nil)
	_ provider.Receiver   = (*Provider)(nil)
	_ provider.Poller     = (*Provider)(nil)
)

// New makes a Provider. Close ends its connections.
func New(c Config) (*Provider, error) {
	if c.Ledger == nil {
		return nil, fmt.Errorf("make the provider of EasyPost: it needs a ledger")
	}
	if c.URL == "" {
		c.URL = DefaultURL
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.LookEvery == 0 {
		c.LookEvery = DefaultLookEvery
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.URL = strings.TrimRight(c.URL, "/")
	p := &Provider{config: c, defaults: DefaultOptions()}
	if c.Defaults != nil {
		p.defaults = *c.Defaults
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 16
	p.http = &http.Client{
		Transport: transport, Timeout: c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return p, nil
}

// Close ends idle connections to EasyPost.
func (p *Provider) Close() { p.http.CloseIdleConnections() }

// ID is the provider's ID.
func (p *Provider) ID() string { return ID }

// Options are the rules that need no settings of their own, and returns.
func (p *Provider) Options(context.Context) ([]provider.Option, error) {
	return []provider.Option{
		{ID: OptionCheapest, Name: "EasyPost, the cheapest rate", Data: map[string]any{
			"id": OptionCheapest, "rule": string(Cheapest), "service": nil, // which belongs to another rule
		}},
		{ID: OptionFastest, Name: "EasyPost, the fastest rate", Data: map[string]any{
			"id": OptionFastest, "rule": string(Fastest), "service": nil,
		}},
		{ID: OptionReturn, Name: "EasyPost return label", Return: true, Data: map[string]any{"id": OptionReturn}},
	}, nil
}

// ValidateOption checks a service's Options.
func (p *Provider) ValidateOption(_ context.Context, data map[string]any) error {
	_, err := p.defaults.merge(data)
	return err
}

// ValidateData refuses every choice: customers choose nothing here.
func (p *Provider) ValidateData(
	ctx context.Context, option, data map[string]any, _ provider.Context,
) (map[string]any, error) {
	if err := p.ValidateOption(ctx, option); err != nil {
		return nil, err
	}
	if len(data) > 0 {
		return nil, refuse("EasyPost leaves customers nothing to choose, such as %s: the service's options say which "+
			"rate is bought", sortedKeys(data)[0])
	}
	return data, nil
}

// client speaks for the account of these options.
func (p *Provider) client(o Options) (client, error) {
	key, err := p.config.Secrets.First(o.APIKey)
	if err != nil {
		return client{}, err
	}
	return client{http: p.http, base: p.config.URL, key: key, now: p.config.Now}, nil
}

// from is where parcels are sent from: the location's address, with what the options add to it.
func (o Options) from(location *fulfillment.Address) (fulfillment.Address, error) {
	var from fulfillment.Address
	if o.From != nil {
		from = *o.From
	}
	if location != nil && location.Address1 != "" {
		sender := from
		from = *location
		from.FirstName = firstOf(from.FirstName, sender.FirstName)
		from.LastName = firstOf(from.LastName, sender.LastName)
		from.Company = firstOf(from.Company, sender.Company)
		from.Phone, from.Email = firstOf(from.Phone, sender.Phone), firstOf(from.Email, sender.Email)
	}
	if from.Address1 == "" || from.City == "" || from.CountryCode == "" {
		return from, refuse("EasyPost needs the address that parcels are sent from: give the location its address, " +
			"or the service the option from")
	}
	return from, nil
}

// signer is who vouches for a customs declaration.
func (o Options) signer(from fulfillment.Address) string {
	if o.From != nil {
		return firstOf(o.Customs.Signer, addressOf(*o.From).Name, addressOf(from).Name)
	}
	return firstOf(o.Customs.Signer, addressOf(from).Name)
}
