package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
)

// unknown says why nobody knows what news is about.
type unknown struct {
	text   string
	person bool // only a person can say it
}

// find finds out which fulfillment orders, and which of their shipments, news is about. It believes the surest that the
// service says: a fulfillment order, a request, what it calls a shipment or a request, and only then the number of a
// parcel.
func (w *Worker) find(ctx context.Context, item news.Item) ([]news.Target, unknown, error) {
	named, err := w.named(ctx, item)
	if err != nil {
		return nil, unknown{}, err
	}
	if len(named) > 1 {
		return nil, unknown{"The service calls several fulfillment orders so: " + list(named) + ". Say which one is " +
			"meant: packhorse news replay ID --fulfillment-order FULFILLMENT_ORDER.", true}, nil
	}
	if !item.NeedsShipment() {
		if len(named) == 0 {
			return w.byNumber(ctx, item, 0)
		}
		return []news.Target{{FulfillmentOrderID: named[0].FulfillmentOrderID}}, unknown{}, nil
	}
	if len(named) == 0 {
		return w.byNumber(ctx, item, 0)
	}
	if named[0].FulfillmentID != 0 {
		return named, unknown{}, nil
	}
	id := named[0].FulfillmentOrderID
	if item.Source == news.FromPrint {
		return w.ofLabel(ctx, item, id)
	}
	if item.About.TrackingNumber != "" {
		return w.byNumber(ctx, item, id)
	}
	shipments, err := w.Store.ParcelsOf(ctx, []fulfillment.ID{id})
	if err != nil {
		return nil, unknown{}, err
	}
	if item.About.Shipment == "" && len(shipments) == 1 {
		return []news.Target{{FulfillmentOrderID: id, FulfillmentID: shipments[0].FulfillmentID}}, unknown{}, nil
	}
	return nil, unknown{hasOthers(id, len(shipments)), false}, nil
}

// ofLabel finds the shipments that a label belongs to: those with its number, else those without any, as documents do.
func (w *Worker) ofLabel(ctx context.Context, item news.Item, id fulfillment.ID) ([]news.Target, unknown, error) {
	if item.About.TrackingNumber != "" {
		if found, why, err := w.byNumber(ctx, item, id); len(found) > 0 || why.person || err != nil {
			return found, why, err
		}
	}
	shipments, err := w.Store.ParcelsOf(ctx, []fulfillment.ID{id})
	if err != nil {
		return nil, unknown{}, err
	}
	if len(shipments) == 1 && (item.About.TrackingNumber == "" || shipments[0].Number == "") {
		return []news.Target{{FulfillmentOrderID: id, FulfillmentID: shipments[0].FulfillmentID}}, unknown{}, nil
	}
	if len(shipments) == 0 {
		return nil, unknown{"The label was printed before the shipment: that is told when it comes.", false}, nil
	}
	return nil, unknown{hasOthers(id, len(shipments)), false}, nil
}

// hasOthers says that none of a fulfillment order's shipments is meant.
func hasOthers(id fulfillment.ID, shipments int) string {
	switch shipments {
	case 0:
		return fmt.Sprintf("Fulfillment order %s has no shipment yet.", id)
	case 1:
		return fmt.Sprintf("Fulfillment order %s has one shipment, and it is not known to be this one.", id)
	}
	return fmt.Sprintf(
		"Fulfillment order %s has %d shipments, and none of them is known to be this one.", id, shipments,
	)
}

// named is what the service says it is about without a parcel's number: the surest that is known.
func (w *Worker) named(ctx context.Context, item news.Item) ([]news.Target, error) {
	about := item.About
	if about.Shipment != "" {
		shipment, err := w.Store.Named(ctx, item.ServiceID, news.ShipmentName(about.Shipment))
		if err != nil {
			return nil, err
		}
		if len(shipment) > 0 {
			return shipment[:1], nil // Of several, one was taken back and made anew: the newest comes first.
		}
	}
	if about.FulfillmentOrderID != 0 {
		return []news.Target{{FulfillmentOrderID: about.FulfillmentOrderID}}, nil
	}
	if about.RequestKey != "" {
		adopted, err := w.Store.Named(ctx, item.ServiceID, news.RequestName(about.RequestKey))
		if err != nil || len(adopted) > 0 {
			return adopted, err
		}
		key, _, _ := strings.Cut(strings.TrimPrefix(about.RequestKey, fulfillment.EffectKeyPrefix), "/")
		if id, _, ok := fulfillment.ParseEffectKey(fulfillment.EffectKeyPrefix + key); ok {
			return []news.Target{{FulfillmentOrderID: id}}, nil
		}
	}
	if about.Reference == "" {
		return nil, nil
	}
	return w.Store.Named(ctx, item.ServiceID, news.ReferenceName(about.Reference))
}

// byNumber finds shipments by the number of a parcel; of one fulfillment order only, unless it is zero.
func (w *Worker) byNumber(
	ctx context.Context, item news.Item, only fulfillment.ID,
) ([]news.Target, unknown, error) {
	if item.About.TrackingNumber == "" {
		return nil, unknown{"Nobody knows yet what the service calls so.", false}, nil
	}
	parcels, err := w.Store.Parcels(ctx, item.ServiceID, item.About.TrackingNumber)
	if err != nil {
		return nil, unknown{}, err
	}
	if only != 0 {
		parcels = slices.DeleteFunc(parcels, func(p news.Parcel) bool { return p.FulfillmentOrderID != only })
	}
	meant, why := news.Match(item.About, item.HappenedAt(), parcels)
	if why != "" {
		return nil, unknown{why, true}, nil
	}
	var targets []news.Target
	for _, p := range meant {
		target := news.Target{FulfillmentOrderID: p.FulfillmentOrderID}
		if item.NeedsShipment() {
			target.FulfillmentID = p.FulfillmentID
		}
		if !slices.Contains(targets, target) {
			targets = append(targets, target)
		}
	}
	return targets, unknown{"No shipment of the service has this number yet.", false}, nil
}

func list(targets []news.Target) string {
	texts := make([]string, len(targets))
	for i, t := range targets {
		texts[i] = t.FulfillmentOrderID.String()
	}
	return strings.Join(texts, ", ")
}
