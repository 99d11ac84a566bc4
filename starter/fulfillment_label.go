package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
)

func (a *app) newFulfillmentLabel() *cobra.Command {
	var trackingNumber string
	c := &cobra.Command{
		Use: "label NAME", Short: "Write a shipment's label to the standard output",
		Long: `Writes the label of a shipment to the standard output, the same bytes each time. That it was printed is counted, and it
is noted who asked. Of several parcels, say which one's. NAME is a
shipment's, or that of a fulfillment order, whose label may be there before it is shipped. "packhorse document list" lists all documents.`,
		Args: oneArgument("fulfillment or fulfillment order", nil),
		Example: `  packhorse fulfillment label '#1001-F1' > label.pdf
  packhorse fulfillment label '#1001-1' > label.pdf
  packhorse fulfillment label '#1001-F1' --tracking-number 1Z12345E0205271688 > label.pdf`,
	}
	c.Flags().StringVar(&trackingNumber, "tracking-number", "", "`NUMBER` of the parcel whose label it is")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		b, err := a.backend.book(ctx)
		if err != nil {
			return err
		}
		of, err := labelledBy(ctx, b, args[0])
		if err != nil {
			return err
		}
		d, err := findLabel(ctx, b, of, trackingNumber)
		if err != nil {
			return err
		}
		return a.print(ctx, b, d)
	}
	return c
}

// sameParcel tells whether a label is only another one for a parcel whose label came before it with the same answer.
func sameParcel(first, d *paper.Document) bool {
	return first.RequestKey == d.RequestKey && first.FulfillmentOrderID == d.FulfillmentOrderID &&
		first.TrackingNumber != "" && (d.TrackingNumber == "" || d.TrackingNumber == first.TrackingNumber)
}

// labelSource is what a label is asked of.
type labelSource struct {
	name    string
	id      fulfillment.ID   // of the fulfillment order
	sources []fulfillment.ID // the fulfillment orders whose services bring its labels
	has     func(*paper.Document) bool
}

// labelledBy finds a shipment, or else a fulfillment order, by its name or ID.
func labelledBy(ctx context.Context, b book, name string) (labelSource, error) {
	fo, f, unknown := findFulfillment(ctx, b, name)
	if unknown == nil {
		return labelSource{f.Name, fo.ID, append([]fulfillment.ID{fo.ID}, f.Parts...), func(d *paper.Document) bool {
			_, ok := d.OfShipment(f)
			return ok
		}}, nil
	}
	if refused, ok := fulfillment.AsError(unknown); !ok || refused.Code != fulfillment.CodeFulfillmentNotFound {
		return labelSource{}, unknown
	}
	id, err := findFulfillmentOrder(ctx, b, name, false)
	if err == nil {
		_, err = loadFulfillmentOrder(ctx, b, id)
	}
	if refused, ok := fulfillment.AsError(err); ok && refused.Code == fulfillment.CodeNotFound {
		return labelSource{}, unknown
	}
	return labelSource{name, id, []fulfillment.ID{id}, func(*paper.Document) bool { return true }}, err
}

// findLabel is the only label of a shipment or a fulfillment order, or that of one of its parcels. One that is void is
// only taken when there is no other.
func findLabel(ctx context.Context, b book, of labelSource, number string) (*paper.Document, error) {
	found, err := b.DocumentsOf(ctx, of.sources)
	if err != nil {
		return nil, err
	}
	var labels, standing []*paper.Document
	for _, id := range of.sources {
		for _, d := range found[id] {
			if d.Kind != fulfillment.DocumentLabel || !of.has(d) ||
				number != "" && !paper.SameNumber(d.TrackingNumber, number) {
				continue
			}
			if slices.ContainsFunc(labels, func(first *paper.Document) bool { return sameParcel(first, d) }) {
				continue // Such as a QR code beside the label.
			}
			labels = append(labels, d)
			if d.VoidedAt == nil {
				standing = append(standing, d)
			}
		}
	}
	if len(standing) > 0 {
		labels = standing
	}
	switch len(labels) {
	case 0:
		return nil, &fulfillment.Error{Code: fulfillment.CodeDocumentNotFound, Message: fmt.Sprintf(
			"%s has no such label; see packhorse document list %s.", of.name, of.id)}
	case 1:
		return labels[0], nil
	}
	ids := make([]string, len(labels))
	for i, d := range labels {
		ids[i] = d.ID.String()
		if d.TrackingNumber != "" {
			ids[i] += " (" + d.TrackingNumber + ")"
		}
	}
	slices.Sort(ids)
	return nil, &fulfillment.Error{Code: fulfillment.CodeInvalid, Message: fmt.Sprintf(
		"%s has several labels: name one with --tracking-number, or write one with packhorse document get: %s.",
		of.name, strings.Join(ids, ", "))}
}
