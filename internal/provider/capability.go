package provider

import (
	"context"

	"packhorse/internal/fulfillment"
)

// Capability names what a Provider can do beside what every Provider does.
type Capability string

// The capabilities, each an interface of this package.
const (
	Finds     Capability = "lookup"     // [Finder]
	Repeats   Capability = "idempotent" // [Idempotent], and says so
	Prices    Capability = "prices"     // [Pricer]
	Returns   Capability = "returns"    // [Returner]
	Documents Capability = "documents"  // [Documenter]
	Receives  Capability = "receives"   // [Receiver]
	IsPolled  Capability = "polled"     // [Poller]
	Runs      Capability = "runs"       // [Runner]
)

// Capabilities lists what the provider is capable of.
func Capabilities(p Provider) []Capability {
	list := []Capability{}
	add := func(c Capability, capable bool) {
		if capable {
			list = append(list, c)
		}
	}
	_, finds := p.(Finder)
	_, prices := p.(Pricer)
	_, returns := p.(Returner)
	_, documents := p.(Documenter)
	_, receives := p.(Receiver)
	_, polls := p.(Poller)
	_, runs := p.(Runner)
	add(Finds, finds)
	add(Repeats, idempotent(p))
	add(Prices, prices)
	add(Returns, returns)
	add(Documents, documents)
	add(Receives, receives)
	add(IsPolled, polls)
	add(Runs, runs)
	return list
}

// Finder is a Provider whose system can be asked what came of a call. Its answer may lag behind a write:
// [Entry].Settle says how far.
type Finder interface {
	// Lookup is everything that the system has of the call, oldest first; nothing is no error. One find is adopted,
	// several are a doubled effect that a person must look at. What the service has said since then, and what it has
	// stopped, is to be seen: when Packhorse's database was set back, nobody tells it again.
	Lookup(ctx context.Context, query Query) ([]Found, error)
}

// Found is something that a provider's system has.
type Found struct {
	Reference string // the system's own name for it
	Answer    Answer // what Create, Cancel or CreateReturn answered then, or would answer now, with all that came along
}

// Idempotent is a Provider that may say that a repeated call with the same key has no second effect: it, rather than
// [Call], makes effects happen once.
type Idempotent interface {
	Idempotent() bool
}

// Runner is a Provider that works by itself: one whose service sends its answers and reports without being asked, or
// whose system has to be asked for news at intervals. It tells them with [Tell].
type Runner interface {
	// Run works until the context ends, and then returns nil within seconds. It runs in every worker that serves the
	// provider, so any number of processes share the work. What fails for a while is tried again; an error says that
	// it can't work at all, and ends the worker.
	Run(ctx context.Context) error
}

// Pricer is a Provider that can price an option: what it costs to ship these lines there.
type Pricer interface {
	// CanPrice tells whether an option with this data (Option.Data) is priced by the provider rather than by a fixed
	// price that somebody sets.
	CanPrice(ctx context.Context, data map[string]any) bool

	// Price has no effect: nothing is bought or reserved. Option and data are as for Provider.ValidateData. An option
	// that can't be priced for this order is a permanent error.
	Price(ctx context.Context, option, data map[string]any, in Context) (Price, error)
}

// Rater is a Pricer whose system has ways to ship of its own, beside the provider's options: an order chooses one of
// them by its ID, too, as far as Provider.ValidateData takes it.
type Rater interface {
	// Rates prices all of them. It has no effect, as Pricer.Price has none; option is the service's.
	Rates(ctx context.Context, option map[string]any, in Context) ([]Rated, error)
}

// Lister is a Provider whose system tells which ways to ship it has of its own, beside the provider's options.
type Lister interface {
	// ListOptions asks for them, and names the one that the service's options have; empty: they have none. It has no
	// effect. A system that doesn't tell has none, and nil is no error.
	ListOptions(ctx context.Context, service map[string]any) (options []Option, chosen string, err error)
}

// Ruler is a Pricer that follows the rule of an order ([Request].Option) when it creates, among more ways to ship than
// its options are.
type Ruler interface {
	// PriceByRule is the price of what Create would choose by the rule; option is the service's. It has no effect.
	// Where nothing is there within the days of the rule, the price has other days, or it is a permanent error.
	PriceByRule(
		ctx context.Context, option map[string]any, rule fulfillment.ShippingOption, in Context,
	) (Price, error)
}

// Rated is a way to ship with its price.
type Rated struct {
	ID, Name string
	Price    Price
}

// Price is what an option costs.
type Price struct {
	Amount       string `json:"amount"`       // exact decimal text, such as "4.90"
	CurrencyCode string `json:"currencyCode"` // ISO 4217
	TaxInclusive bool   `json:"taxInclusive"`
	DeliveryDays int    `json:"deliveryDays,omitempty"` // how long it takes to arrive, as promised; 0: not known
}

// Returner is a Provider that can bring goods back.
type Returner interface {
	// CreateReturn has the same rules as Provider.Create. The label to send the goods with comes in the answer.
	CreateReturn(ctx context.Context, request ReturnRequest) (Answer, error)
}

// Documenter is a Provider that can give documents once more, whenever somebody wants to print.
type Documenter interface {
	// Documents lists the documents of one kind that belong to a call which was answered: query.Reference is what the
	// Answer gave. It buys nothing. None is no error.
	Documents(ctx context.Context, query Query, kind fulfillment.DocumentKind) ([]Document, error)
}

// Document is something to print. It has Content, or a URL to get it from.
type Document struct {
	fulfillment.Document
	Content []byte `json:"content,omitempty"`
}
