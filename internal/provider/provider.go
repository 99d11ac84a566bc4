// Package provider is the seam between Packhorse and the systems of fulfillment services.
//
// A [Provider] is a plug-in that talks to one such system. What not every system can do (look up, price, bring back,
// print, send news) are small interfaces of their own, which a Provider implements or not: see [Capability]. [Call]
// makes a provider's effects happen once, whatever fails in between; [Tell] does so for the news of a service. The
// package providertest tells whether a Provider keeps the contract. An [Entry] in the package catalogue builds it in.
package provider

import (
	"context"

	"packhorse/internal/fulfillment"
)

// Provider talks to a fulfillment service's system. Implementations are safe for concurrent use, return promptly when
// the context ends, and return errors that [Classify] can tell apart.
type Provider interface {
	// ID names the provider: lower-case letters and digits, joined by single '-' or '_'; at most 64 characters.
	ID() string

	// Options lists the ways in which the provider fulfills. IDs are unique among them.
	Options(ctx context.Context) ([]Option, error)

	// ValidateOption checks what an operator configures for a service of this provider (fulfillment.Service.Options).
	// What it doesn't know is refused with a permanent error that names it. nil and empty data are the defaults.
	ValidateOption(ctx context.Context, data map[string]any) error

	// ValidateData checks what a customer chose when the order was made (data, such as a pick-up point) against the
	// Option's own Data, and returns what is to be kept with the order: data, or more. What can't be chosen is a
	// permanent error for people to read.
	ValidateData(ctx context.Context, option, data map[string]any, in Context) (map[string]any, error)

	// Create hands a request over. A request that the service can't take is answered REJECTED; an error says that there
	// is no answer. The same Request.Key again gives the first answer again and no second effect, if
	// the system can do that; if it can't, the Provider is neither [Finder] nor [Idempotent].
	Create(ctx context.Context, request Request) (Answer, error)

	// Cancel asks to stop a request that was created. A system that doesn't know the request rejects.
	Cancel(ctx context.Context, cancellation Cancellation) (Answer, error)
}

// Option is one way in which a provider fulfills, such as "express".
type Option struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`               // for people
	Return bool           `json:"isReturn,omitempty"` // for goods that come back
	Data   map[string]any `json:"data,omitempty"`     // the provider's own: what ValidateOption takes
}

// Context is what a provider may know of the order when it validates or prices an option. It may hold personal data:
// it is made for the call and not kept.
type Context struct {
	OrderID      fulfillment.ID       `json:"orderId,omitempty"`   // zero while there is no order yet
	ServiceID    fulfillment.ID       `json:"serviceId,omitempty"` // who would ship it; zero: nobody is chosen
	LocationID   fulfillment.ID       `json:"locationId,omitempty"`
	From         *fulfillment.Address `json:"from,omitempty"` // where the location is; nil: not known
	Destination  *fulfillment.Address `json:"destination,omitempty"`
	CurrencyCode string               `json:"currencyCode,omitempty"` // ISO 4217
	Lines        []RequestLine        `json:"lineItems,omitempty"`
}
