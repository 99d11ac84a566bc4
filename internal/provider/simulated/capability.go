package simulated

import (
	"context"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// CanPrice tells whether the settings have a price.
func (p *Provider) CanPrice(_ context.Context, data map[string]any) bool {
	s, err := p.defaults.merge(data)
	return err == nil && s.Price != ""
}

// Price is the settings' price, whatever is shipped and where to.
func (p *Provider) Price(_ context.Context, option, _ map[string]any, _ provider.Context) (provider.Price, error) {
	s, err := p.defaults.merge(option)
	if err != nil {
		return provider.Price{}, err
	}
	if s.Price == "" {
		return provider.Price{}, refuse("the option has no price of the simulated provider")
	}
	return provider.Price{Amount: s.Price, CurrencyCode: s.CurrencyCode, TaxInclusive: true}, nil
}

// CreateReturn accepts every return and makes up a label.
func (p *Provider) CreateReturn(ctx context.Context, r provider.ReturnRequest) (provider.Answer, error) {
	s, err := p.defaults.merge(r.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	// No command tells of a return, so the call is the only place for its answer.
	s.Answer, s.LateAnswerRate, s.DuplicateAnswerRate = AnswerImmediate, 0, 0
	c := chance{p.config.Seed, r.Key}
	return p.perform(ctx, verdict{as: &fulfillment.AcceptFulfillmentRequest{}, answer: provider.Answer{
		Outcome: fulfillment.OutcomeAccepted, Reference: c.reference(),
		Labels: []fulfillment.Label{{TrackingNumber: c.trackingNumber(s.TrackingPrefix, 1)}},
	}}, Effect{
		Key: r.Key, Kind: KindReturn, FulfillmentOrderID: r.FulfillmentOrderID, ServiceID: r.ServiceID, Settings: s,
	})
}

// Documents makes up a label for each of its own references; there are no invoices.
func (p *Provider) Documents(
	_ context.Context, query provider.Query, kind fulfillment.DocumentKind,
) ([]provider.Document, error) {
	reference := query.Reference
	if !strings.HasPrefix(reference, "SIM-") || kind == fulfillment.DocumentInvoice {
		return nil, nil
	}
	return []provider.Document{paperOf(kind, reference)}, nil
}
