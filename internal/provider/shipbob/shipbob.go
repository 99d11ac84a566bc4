// Package shipbob is the provider for ShipBob, a warehouse of somebody else's: it takes all orders, ships them later
// from one or several of its centers, and tells by its statuses how it goes.
//
// It keeps hardly anything itself. An order at ShipBob has the key of the request as its reference, which ShipBob takes
// once, and the IDs of its lines in tags; marks are kept of the few orders of which ShipBob does not tell enough.
package shipbob

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"packhorse/internal/provider"
)

// ID is the provider's ID.
const ID = "shipbob"

// The options of the provider.
const (
	Option       = "shipbob-fulfillment"
	ReturnOption = "shipbob-fulfillment-return"
)

// Config is what a Provider needs.
type Config struct {
	URL        string           // of the API with its version; default [DefaultURL]
	SandboxURL string           // of the sandbox's; default [DefaultSandboxURL]
	Secrets    provider.Secrets // required by all that asks ShipBob
	Client     *http.Client     // default: one of its own
	Timeout    time.Duration    // of one call to ShipBob; default [DefaultTimeout]
	Settle     time.Duration    // how far ShipBob's lists may lag behind; default [DefaultSettle]
	Now        func() time.Time // default [time.Now]
	Logger     *slog.Logger
}

// DefaultTimeout is how long a call may take: Packhorse waits for 30 s altogether.
const DefaultTimeout = 25 * time.Second

// The addresses of ShipBob's API.
const (
	DefaultURL        = "https://api.shipbob.com/2026-01"
	DefaultSandboxURL = "https://sandbox-api.shipbob.com/2026-01"
)

// Provider is the provider for ShipBob. One serves any number of services and accounts.
type Provider struct {
	config Config
	marks  marks

	mu       sync.Mutex
	budgets  map[string]*budget  // by address and name of the token
	catalogs map[string]*catalog // likewise
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Finder   = (*Provider)(nil)
	_ provider.Pricer   = (*Provider)(nil)
	_ provider.Returner = (*Provider)(nil)
	_ provider.Receiver = (*Provider)(nil)
	_ provider.Poller   = (*Provider)(nil)
)

// New makes a Provider that keeps its marks in memory. It asks nobody.
func New(c Config) *Provider {
	c.URL = strings.TrimRight(cmp.Or(c.URL, DefaultURL), "/")
	c.SandboxURL = strings.TrimRight(cmp.Or(c.SandboxURL, DefaultSandboxURL), "/")
	c.Timeout, c.Settle = cmp.Or(c.Timeout, DefaultTimeout), cmp.Or(c.Settle, DefaultSettle)
	if c.Client == nil {
		c.Client = &http.Client{
			Transport: http.DefaultTransport.(*http.Transport).Clone(), Timeout: c.Timeout,
			// A redirect of a request would be sent again without its body, and the token goes to nobody else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Provider{
		config: c, marks: &memoryMarks{now: c.Now}, budgets: make(map[string]*budget),
		catalogs: make(map[string]*catalog),
	}
}

// ID is "shipbob".
func (p *Provider) ID() string { return ID }

// Options are one to ship and one for returns.
func (p *Provider) Options(context.Context) ([]provider.Option, error) {
	return []provider.Option{
		{ID: Option, Name: "ShipBob"},
		{ID: ReturnOption, Name: "Return to ShipBob", Return: true},
	}, nil
}

// ValidateOption checks a service's [Settings], and with ShipBob that the account has its shipping method, channel and
// location: ShipBob itself takes any text for a method, and ships by its standard one. Without secrets, as on the
// command line, only what can be seen without ShipBob is checked; the rest then is when the first order is sent.
func (p *Provider) ValidateOption(ctx context.Context, data map[string]any) error {
	s, err := settingsOf(data)
	if err != nil || p.config.Secrets == nil {
		return err
	}
	a, err := p.account(s)
	if err != nil {
		return err
	}
	_, err = p.fit(ctx, a, true)
	return err
}

// ValidateData refuses every choice: ShipBob's orders have nothing that it could be told by.
func (p *Provider) ValidateData(
	_ context.Context, option, data map[string]any, _ provider.Context,
) (map[string]any, error) {
	if _, err := settingsOf(option); err != nil {
		return nil, err
	}
	if len(data) > 0 {
		return nil, refuse("ShipBob leaves customers nothing to choose, such as %s: the service's option "+
			"shippingMethod says how it ships", slices.Sorted(maps.Keys(data))[0])
	}
	return data, nil
}

// open is the access of the service with these options.
func (p *Provider) open(options map[string]any) (*account, error) {
	s, err := settingsOf(options)
	if err != nil {
		return nil, err
	}
	return p.account(s)
}

func (p *Provider) account(s Settings) (*account, error) {
	if p.config.Secrets == nil {
		return nil, refuse("the provider shipbob has no secrets here")
	}
	token, err := p.config.Secrets.First(s.TokenSecret)
	if err != nil {
		return nil, err
	}
	if token == "" || strings.ContainsFunc(token, func(c rune) bool {
		return c <= ' ' || c > '~'
	}) {
		return nil, &provider.Error{
			Class: provider.Retryable, Message: "the secret " + s.TokenSecret + " is empty, or is no token of ShipBob",
		}
	}
	a := &account{Settings: s, base: p.config.URL, token: token, http: p.config.Client, settle: p.config.Settle}
	if s.Sandbox {
		a.base = p.config.SandboxURL
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.budget = p.budgets[a.key()]; a.budget == nil {
		a.budget = &budget{now: p.config.Now}
		p.budgets[a.key()] = a.budget
	}
	return a, nil
}

// key tells accounts apart.
func (a *account) key() string { return a.base + " " + a.TokenSecret }
