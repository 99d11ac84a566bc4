package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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

// keptNews is a piece of news that no command tells of.
var keptNews = news.Item{
	ID: 4712, Provider: "http", ServiceID: 33, Key: "7", Source: news.FromDelivery, Verb: "ReturnReceived",
	Payload: []byte(`{"lines":[]}`), State: news.Kept, ReceivedAt: noon, Reason: "No command tells of it yet.",
}

var takenDelivery = news.Delivery{
	ID: 17, Provider: "courier", ServiceID: 33, Key: "message-1", Method: "POST", Path: "/providers/courier/33",
	Header: map[string][]string{"Content-Type": {"application/json"}}, Body: []byte(`{"city":"Berlin"}`), Bytes: 17,
	ReceivedAt: noon, Times: 2, State: news.DeliveryDone,
}

func (b fakeBook) NewsList(
	_ context.Context, f postgres.NewsFilter, _ postgres.Page,
) (postgres.Results[news.Item], error) {
	if len(f.States) > 0 && f.States[0] == news.Kept {
		if f.FulfillmentOrderID != 0 {
			return postgres.Results[news.Item]{Items: b.kept}, nil
		}
		return postgres.Results[news.Item]{Items: []news.Item{keptNews}}, nil
	}
	if f.FulfillmentOrderID != 0 && f.Alert {
		return postgres.Results[news.Item]{Items: b.alerts}, nil
	}
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
	_ context.Context, f postgres.DeliveryFilter, _ postgres.Page,
) (postgres.Results[news.Delivery], error) {
	if f.ServiceID != 0 && f.ServiceID != takenDelivery.ServiceID {
		return postgres.Results[news.Delivery]{Items: []news.Delivery{}}, nil
	}
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

// withCourier is [lantern] with the service that has told something.
func withCourier() *fakeBackend {
	f := lantern()
	f.locations = append(f.locations, fulfillment.Location{ID: 32, Name: "Courier", Active: true, ServiceID: 33,
		Service: &fulfillment.Service{ID: 33, Name: "Courier", Handle: "courier", Provider: "courier", LocationID: 32}})
	return f
}

// TestNewsCommands: what services told is listed and shown with what became of it, told again when a person says so,
// and the body of a delivery is not shown.
func TestNewsCommands(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"news list":                         {"4711", "parcel UPS 1Z7", "INVALID_STATE: It is closed."},
		"news list --state REFUSED -o json": {`"id": 4711`, `"code": "INVALID_STATE"`},
		"news show 4711":                    {"delivery 17", "11, shipment 12", "It is closed."},
		"news replay 4711":                  {"PENDING"},
		"news replay 4711 --fulfillment-order fulfillment-order/4711": {"4711\n"},
		"news replay 4711 --fulfillment-order #1001-1":                {"4711\n"},
		"news replay 4711 --fulfillment #1001-F1":                     {"4711, shipment 4714"},
		"news replay 17 --delivery":                                   {"Delivery 17", "PENDING"},
		"news deliveries":                                             {"17", "DONE"},
		"news deliveries --service Courier":                           {"17", "DONE"},
		"news delivery 17":                                            {"POST /providers/courier/33", "2 times", "17 bytes"},
	} {
		status, out, errOut := call(t, withCourier(), "", strings.Fields(line)...)
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
	_, out, _ := call(t, withCourier(), "", "news", "deliveries", "--service", "nordlicht")
	if strings.Contains(out, "17") {
		t.Errorf("a delivery of another service is listed:\n%s", out)
	}
	for line, want := range map[string]string{
		"news list --provider nope":                          "--provider: ",
		"news list --service nope":                           `There is no service "nope"; see packhorse service list.`,
		"news deliveries --service nope":                     `There is no service "nope"; see packhorse service list.`,
		"news list --fulfillment-order #1002-1":              `There is no fulfillment order "#1002-1".`,
		"news list --fulfillment-order 99999999999999999999": "neither a fulfillment order's name",
		"news replay 4711 --fulfillment-order #1001-7":       `There is no fulfillment order "#1001-7".`,
		"news replay 4711 --fulfillment-order 9":             "There is no fulfillment order 9.",
		"news replay 4711 --fulfillment #1001-F7":            `There is no fulfillment "#1001-F7".`,
		"news replay 4711 --fulfillment 1":                   `There is no fulfillment "1".`,
		"news replay 4711 --fulfillment #1002-F1":            `There is no fulfillment "#1002-F1".`,
		"service show nope":                                  `There is no service "nope"; see packhorse service list.`,
	} {
		if status, out, errOut := call(t, withCourier(), "", strings.Fields(line)...); status == statusDone ||
			!strings.Contains(errOut, want) {
			t.Errorf("%s ends with %d: %s%s", line, status, out, errOut)
		}
	}
	for _, line := range []string{"news show 1", "news show x", "news replay 1", "news delivery 0", "news list --state LOST"} {
		if status, _, errOut := call(t, new(fakeBackend), "", strings.Fields(line)...); status == statusDone || errOut == "" {
			t.Errorf("%s ends with %d: %s", line, status, errOut)
		}
	}
}

// A shipment shows why a person should look at it: of a silence only as long as it lasts, and nothing of another
// shipment.
func TestShipmentShowsAlerts(t *testing.T) {
	t.Parallel()
	f := lantern()
	shipment := f.fulfillmentOrders[0].Fulfillments[0]
	alert := func(id int64, what news.Alert, of fulfillment.ID, change func(*news.Item)) news.Item {
		item := news.Item{ID: id, Alert: what, Reason: "Reason " + string(what), ReceivedAt: noon,
			FulfillmentOrderID: f.fulfillmentOrders[0].ID,
			Targets:            []news.Target{{FulfillmentOrderID: f.fulfillmentOrders[0].ID, FulfillmentID: of}}}
		if change != nil {
			change(&item)
		}
		return item
	}
	silence := func(of fulfillment.ID, after time.Duration) func(*news.Item) {
		return func(i *news.Item) {
			i.Key, i.ReceivedAt = "silence/"+of.String()+"/1", shipment.UpdatedAt.Add(after)
			i.Targets[0].FulfillmentID = 0
		}
	}
	f.alerts = []news.Item{
		alert(1, news.AfterVoid, shipment.ID, nil),
		alert(2, news.AfterVoid, shipment.ID+1, nil),
		alert(3, news.RefundRefused, 0, nil),
		alert(4, news.NothingHeard, 0, silence(shipment.ID, time.Hour)),
		alert(5, news.NothingHeard, 0, silence(shipment.ID, -time.Hour)),
		alert(6, news.NothingHeard, 0, silence(shipment.ID+1, time.Hour)),
	}
	status, stdout, stderr := call(t, f, "", "fulfillment", "show", shipment.Name)
	if status != statusDone {
		t.Fatalf("status %d: %s", status, stderr)
	}
	for id := range 6 {
		shown := strings.Contains(stdout, fmt.Sprintf(": news %d. Reason ", id+1))
		if want := slices.Contains([]int{1, 3, 4}, id+1); shown != want {
			t.Errorf("alert %d is shown: %t\n%s", id+1, shown, stdout)
		}
	}
}

// TestKeptNewsIsListed with its state and the reason: nothing else tells a person that goods came back.
func TestKeptNewsIsListed(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := call(t, lantern(), "", "news", "list", "--state", "KEPT")
	for _, want := range []string{"ReturnReceived", "KEPT", "No command tells of it yet."} {
		if status != statusDone || !strings.Contains(stdout, want) {
			t.Errorf("status %d, %q is not in %s%s", status, want, stdout, stderr)
		}
	}
}

// TestProgressThatAServiceTellsIsShown with the fulfillment order: no command tells of it.
func TestProgressThatAServiceTellsIsShown(t *testing.T) {
	t.Parallel()
	backend := lantern()
	backend.kept = []news.Item{{
		ID: 4713, Verb: "Progressed", State: news.Kept, ReceivedAt: noon, Payload: []byte(`{"message":"Being\npacked."}`),
	}}
	status, stdout, stderr := call(t, backend, "", "fulfillment-order", "show", "4711")
	for _, want := range []string{"service told", "Progressed, ", ": Being packed. (news 4713)"} {
		if status != statusDone || !strings.Contains(stdout, want) {
			t.Errorf("status %d, %q is not in %s%s", status, want, stdout, stderr)
		}
	}
}
