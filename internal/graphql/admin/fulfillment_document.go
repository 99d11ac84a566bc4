package admin

import (
	"context"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
)

// FulfillmentDocument is something to print, without its content.
type FulfillmentDocument struct {
	document *paper.Document
	company  string // the carrier, as the shipment names it; empty: it does not
}

// Documents are what services have brought for the fulfillment order, the oldest first.
func (o *FulfillmentOrder) Documents(ctx context.Context) ([]*FulfillmentDocument, error) {
	list := []*FulfillmentDocument{}
	found, err := read(ctx).documents.load(ctx, o.State.ID)
	for _, d := range found {
		company := ""
		for i := range o.State.Fulfillments {
			if of, ok := d.OfShipment(&o.State.Fulfillments[i]); ok && company == "" {
				company = of
			}
		}
		list = append(list, &FulfillmentDocument{d, company})
	}
	return list, err
}

// Documents are what services have brought for the shipment, without the labels of other parcels, the oldest first.
func (f *Fulfillment) Documents(ctx context.Context) ([]*FulfillmentDocument, error) {
	list := []*FulfillmentDocument{}
	for _, source := range f.State.Sources {
		found, err := read(ctx).documents.load(ctx, source.ID)
		if err != nil {
			return list, err
		}
		for _, d := range found {
			if company, ok := d.OfShipment(f.shipment()); ok {
				list = append(list, &FulfillmentDocument{d, company})
			}
		}
	}
	return list, nil
}

func (d *FulfillmentDocument) relation(by access.Caller) access.Relation {
	return by.To(d.document.ServiceID)
}

// CreatedAt is when the service brought it.
func (d *FulfillmentDocument) CreatedAt() time.Time { return d.document.CreatedAt }

// Kind is what it is for.
func (d *FulfillmentDocument) Kind() string { return string(d.document.Kind) }

// MediaType is the type of the content.
func (d *FulfillmentDocument) MediaType() *string { return optional(d.document.MediaType) }

// Name is a file name.
func (d *FulfillmentDocument) Name() string { return d.document.FileName() }

// Path is where the content is.
func (d *FulfillmentDocument) Path() *string {
	if d.document.SHA256 == "" {
		return nil
	}
	return new(paper.Path(d.document.ID))
}

// PrintedCount is how often it was handed out.
func (d *FulfillmentDocument) PrintedCount() int { return d.document.Printed }

// Problem is why the content is not there.
func (d *FulfillmentDocument) Problem() *string { return optional(d.document.Problem) }

// Sha256 is that of the content.
func (d *FulfillmentDocument) Sha256() *string { return optional(d.document.SHA256) }

// Size is that of the content.
func (d *FulfillmentDocument) Size() *int { return optional(d.document.Size) }

// TrackingNumber is that of the parcel that a label is for.
func (d *FulfillmentDocument) TrackingNumber() *string { return optional(d.document.TrackingNumber) }

// VoidableUntil is how long the carrier takes it back.
func (d *FulfillmentDocument) VoidableUntil() *time.Time { return d.document.VoidableUntil(d.company) }

// VoidedAt is when the service stopped what it is for.
func (d *FulfillmentDocument) VoidedAt() *time.Time { return d.document.VoidedAt }

// documentsOf reads the documents of fulfillment orders.
func documentsOf(book Book) *batch[fulfillment.ID, []*paper.Document] {
	return newBatch(book.DocumentsOf)
}
