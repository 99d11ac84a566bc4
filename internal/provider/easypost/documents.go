package easypost

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Documents lists the labels, or the forms of a kind, of all parcels of a request or return. The label of a return is a
// document of the kind return. It buys nothing: EasyPost gives a label's address as often as it is asked.
func (p *Provider) Documents(
	ctx context.Context, query provider.Query, kind fulfillment.DocumentKind,
) ([]provider.Document, error) {
	asked, err := p.defaults.merge(query.ServiceOptions)
	if err != nil {
		return nil, err
	}
	call, there, err := p.config.Ledger.Find(ctx, query.Key)
	if err == nil && !there {
		call, _, there, err = p.config.Ledger.OfShipment(ctx, query.Reference, "")
	}
	if err != nil {
		return nil, unwritten(provider.Retryable, err)
	}
	if !there {
		return nil, nil
	}
	o, err := call.options(p.defaults, asked.APIKey)
	if err != nil {
		return nil, err
	}
	c, err := p.client(o)
	if err != nil {
		return nil, err
	}
	ofLabel := fulfillment.DocumentLabel
	if call.Kind == fulfillment.EffectReturn {
		ofLabel = fulfillment.DocumentReturn
	}
	var documents []provider.Document
	for _, parcel := range call.Parcels {
		if parcel.ShipmentID == "" {
			continue
		}
		sh, err := c.shipment(ctx, parcel.ShipmentID)
		if err != nil {
			return nil, judge(opAsk, err, false).failure()
		}
		if !sh.bought() {
			continue
		}
		if kind == ofLabel {
			if address := labelURL(sh.label(), o.LabelFormat); address != "" {
				documents = append(documents, provider.Document{Document: fulfillment.Document{
					Kind: kind, Name: fileName("label", sh, address), ContentType: contentType(address), URL: address,
				}})
			}
		}
		for _, f := range sh.forms() {
			if d := formDocument(f, sh); d.Kind == kind && d.URL != "" {
				documents = append(documents, d)
			}
		}
	}
	return documents, nil
}
