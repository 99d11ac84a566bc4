package inbox

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"packhorse/internal/news"
	"packhorse/internal/provider"
)

// maxNews is how much a single delivery may tell.
const maxNews = 1000

// readDelivery has the provider read a delivery, and keeps what it tells.
func (w *Worker) readDelivery(ctx context.Context, d news.Delivery) {
	outcome, err := w.readOnce(ctx, d)
	if err != nil && ctx.Err() == nil {
		w.complaints.log(ctx, w.Logger, "What came from a fulfillment service was not read; it is tried again.", err,
			"provider", d.Provider, "service", d.ServiceID.String(), "delivery", d.ID)
	}
	w.Metrics.NewsRead(d.Provider, outcome)
}

// The outcomes of reading.
const (
	readDone    = "done"
	readUnknown = "not_understood"
	readRefused = "refused"
	readAgain   = "again"
)

func (w *Worker) readOnce(ctx context.Context, d news.Delivery) (outcome string, err error) {
	told, err := w.readWith(ctx, d)
	noting, cancel := noting(ctx)
	defer cancel()
	var unknown *provider.NotUnderstoodError
	switch {
	case errors.As(err, &unknown):
		w.Logger.WarnContext(ctx, "What came from a fulfillment service is not understood.",
			"provider", d.Provider, "service", d.ServiceID.String(), "delivery", d.ID, "error", err)
		if err = w.Store.EndDelivery(noting, d.ID, nil, unknown.Message); err == nil {
			return readUnknown, nil
		}
	case err == nil:
		if err = w.Store.EndDelivery(noting, d.ID, told, ""); err == nil {
			return readDone, nil
		}
	case ctx.Err() != nil: // Somebody else reads it.
		return readAgain, w.Store.PostponeDelivery(noting, d.ID, 0, "")
	case provider.Classify(err) == provider.Permanent:
		w.Logger.WarnContext(ctx, "What came from a fulfillment service can't be read.",
			"provider", d.Provider, "service", d.ServiceID.String(), "delivery", d.ID, "error", err)
		return readRefused, w.Store.RefuseDelivery(noting, d.ID, err.Error())
	}
	wait := cmp.Or(provider.RetryAfter(err), news.Pause(d.Attempts))
	if note := w.Store.PostponeDelivery(noting, d.ID, wait, err.Error()); note != nil {
		return readAgain, note
	}
	return readAgain, err
}

// readWith asks the provider. A provider that panics says as little as one that fails.
func (w *Worker) readWith(ctx context.Context, d news.Delivery) (told []news.Item, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = &provider.Error{Class: provider.Permanent, Message: "the provider panicked when it read it"}
		}
	}()
	service, err := w.service(ctx, d.ServiceID)
	if err != nil {
		return nil, err
	}
	delivery := provider.Delivery{
		Service: d.ServiceID, Method: d.Method, Path: d.Path, Header: http.Header(d.Header), Body: d.Body,
		ReceivedAt: d.ReceivedAt,
	}
	if service != nil { // Parcels of one that was deleted are on their way nevertheless.
		delivery.ServiceOptions = service.Options
	}
	receiver := w.Providers[d.Provider].Provider.(provider.Receiver)
	found, err := receiver.Read(ctx, delivery)
	if err != nil {
		return nil, err
	}
	if len(found) > maxNews {
		return nil, &provider.Error{Class: provider.Permanent, Message: "it tells more than 1000 pieces of news"}
	}
	return w.told(ctx, d.Provider, found, news.Item{
		ServiceID: d.ServiceID, Source: news.FromDelivery, DeliveryID: d.ID, ReceivedAt: d.ReceivedAt,
	}), nil
}

// told is what a provider has found, as it is kept. What can't be kept is logged: the rest counts.
func (w *Worker) told(
	ctx context.Context, providerID string, found []provider.News, came news.Item,
) []news.Item {
	var items []news.Item
	for _, n := range found {
		item, err := news.Told(providerID, came.ServiceID, n, came.Source, came.ReceivedAt)
		if err != nil {
			w.Logger.WarnContext(ctx, "News can't be kept.", "provider", providerID, "error", err)
			continue
		}
		item.DeliveryID = came.DeliveryID
		items = append(items, item)
	}
	return items
}

// now is the present time in the precision of the store.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
