// Package manual is the provider of services without a system of their own: people read requests and answer them.
package manual

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// The options, named as in Medusa's manual provider.
const (
	Option       = "manual-fulfillment"
	ReturnOption = "manual-fulfillment-return"
)

// Provider does nothing outside: each answer is PENDING until a person gives it. The zero value is ready.
type Provider struct{}

var (
	_ provider.Provider   = Provider{}
	_ provider.Idempotent = Provider{}
	_ provider.Returner   = Provider{}
)

// Entry is the provider in the catalogue. It is never called: a request waits until somebody answers it.
func Entry() provider.Entry {
	return provider.Entry{
		ID: fulfillment.ManualProvider, What: "People read the requests and answer them",
		Offline: Provider{},
		Open: func(context.Context, provider.Host) (provider.Provider, func(), error) {
			return Provider{}, nil, nil
		},
	}
}

// ID is "manual".
func (Provider) ID() string { return fulfillment.ManualProvider }

// Idempotent is true: there is no effect to repeat.
func (Provider) Idempotent() bool { return true }

// Options are the two options.
func (Provider) Options(context.Context) ([]provider.Option, error) {
	return []provider.Option{
		{ID: Option, Name: "Manual fulfillment"},
		{ID: ReturnOption, Name: "Manual return", Return: true},
	}, nil
}

// ValidateOption accepts nothing but "id", one of the options.
func (p Provider) ValidateOption(_ context.Context, data map[string]any) error {
	_, rest, err := provider.OptionID(p.ID(), data, Option, ReturnOption)
	if err != nil {
		return err
	}
	return provider.ReadOptions(p.ID(), rest, &struct{}{}, nil)
}

// ValidateData keeps what the customer chose.
func (p Provider) ValidateData(
	ctx context.Context, option, data map[string]any, _ provider.Context,
) (map[string]any, error) {
	if err := p.ValidateOption(ctx, option); err != nil {
		return nil, err
	}
	return data, nil
}

// Create leaves the request to people.
func (Provider) Create(ctx context.Context, _ provider.Request) (provider.Answer, error) {
	return pending(ctx)
}

// Cancel leaves the cancellation request to people. A withdrawal needs nobody: the request is simply gone.
func (Provider) Cancel(ctx context.Context, c provider.Cancellation) (provider.Answer, error) {
	answer, err := pending(ctx)
	if err == nil && c.Withdraw {
		answer.Outcome = fulfillment.OutcomeAccepted
	}
	return answer, err
}

// CreateReturn leaves the return to people.
func (Provider) CreateReturn(ctx context.Context, _ provider.ReturnRequest) (provider.Answer, error) {
	return pending(ctx)
}

func pending(ctx context.Context) (provider.Answer, error) {
	if err := ctx.Err(); err != nil {
		return provider.Answer{}, &provider.Error{Class: provider.Retryable, Message: "not asked", Cause: err}
	}
	return provider.Answer{Outcome: fulfillment.OutcomePending}, nil
}
