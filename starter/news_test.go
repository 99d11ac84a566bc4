package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/postgres"
)

// refusedNews is a piece of news that nobody could carry out.
var refusedNews = news.Item{
	ID: 4711, Provider: "courier", ServiceID: 33, Key: "evt_1", Source: news.FromDelivery, DeliveryID: 17,
	About: news.Subject{TrackingNumber: "1Z7", Carrier: "UPS"}, Verb: fulfillment.VerbRecordEvent,
	Payload: []byte(`{"status":"IN_TRANSIT"}`), State: news.Refused, ReceivedAt: noon,
	Code: fulfillment.CodeInvalidState, Reason: "It is closed.", FulfillmentOrderID: 11,
	Targets: []news.Target{{FulfillmentOrderID: 11, FulfillmentID: 12}},
}

var takenDelivery = news.Delivery{
	ID: 17, Provider: "courier", ServiceID: 33, Key: "message-1", Method: "POST", Path: "/providers/courier/33",
	Header: map[string][]string{"Content-Type": {"application/json"}}, Body: []byte(`{"city":"Berlin"}`), Bytes: 17,
	ReceivedAt: noon, Times: 2, State: news.DeliveryDone,
}

func (b fakeBook) NewsList(
	_ context.Context, f postgres.NewsFilter, _ postgres.Page,
) (postgres.Results[news.Item], error) {
	if len(f.States) > 0 && f.States[0] != news.Refused {
		return postgres.Results[news.Item]{Items: []news.Item{}}, nil
	}
	return postgres.Results[news.Item]{Items: []news.Item{refusedNews}}, nil
}

func (b fakeBook) NewsItem(_ context.Context, id int64) (news.Item, error) {
	if id != refusedNews.ID {
		return news.Item{}, fmt.Errorf("read news %d: %w", id, fulfillment.ErrNotFound)
	}
	return refusedNews, nil
}

func (b fakeBook) ReplayNews(ctx context.Context, id int64, about *news.Target) (news.Item, error) {
	item, err := b.NewsItem(ctx, id)
	item.State, item.Code, item.Reason, item.Targets = news.Pending, "", "", nil
	if about != nil {
		item.Targets = []news.Target{*about}
	}
	return item, err
}

func (b fakeBook) NewsDeliveries(
	context.Context, []news.DeliveryState, postgres.Page,
) (postgres.Results[news.Delivery], error) {
	return postgres.Results[news.Delivery]{Items: []news.Delivery{takenDelivery}}, nil
}

func (b fakeBook) NewsDelivery(_ context.Context, id int64) (news.Delivery, error) {
	if id != takenDelivery.ID {
		return news.Delivery{}, fmt.Errorf("read delivery %d: %w", id, fulfillment.ErrNotFound)
	}
	return takenDelivery, nil
}

func (b fakeBook) ReplayDelivery(ctx context.Context, id int64) (news.Delivery, error) {
	d, err := b.NewsDelivery(ctx, id)
	d.State = news.DeliveryPending
	return d, err
}

// TestNewsCommands: what services told is listed and shown with what became of it, told again when a person says so,
// and the body of a delivery is not shown.
func TestNewsCommands(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"news list":                              {"4711", "parcel UPS 1Z7", "INVALID_STATE: It is closed."},
		"news list --state REFUSED -o json":      {`"id": 4711`, `"code": "INVALID_STATE"`},
		"news show 4711":                         {"delivery 17", "11, shipment 12", "It is closed."},
		"news replay 4711":                       {"PENDING"},
		"news replay 4711 --fulfillment-order 9": {"told to", "9"},
		"news replay 17 --delivery":              {"Delivery 17", "PENDING"},
		"news deliveries":                        {"17", "DONE"},
		"news delivery 17":                       {"POST /providers/courier/33", "2 times", "17 bytes"},
	} {
		status, out, errOut := call(t, new(fakeBackend), "", strings.Fields(line)...)
		if status != statusDone {
			t.Errorf("%s ends with %d: %s", line, status, errOut)
		}
		for _, text := range want {
			if !strings.Contains(out, text) {
				t.Errorf("%s lacks %q:\n%s", line, text, out)
			}
		}
		if strings.Contains(out, "Berlin") {
			t.Errorf("%s shows the body:\n%s", line, out)
		}
	}
	for _, line := range []string{"news show 1", "news show x", "news replay 1", "news delivery 0", "news list --state LOST"} {
		if status, _, errOut := call(t, new(fakeBackend), "", strings.Fields(line)...); status == statusDone || errOut == "" {
			t.Errorf("%s ends with %d: %s", line, status, errOut)
		}
	}
}
