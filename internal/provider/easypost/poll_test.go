package easypost_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/easypost/easyposttest"
	"packhorse/internal/provider/providertest"
)

// poll asks what is new until there is no more, and returns the cursor to go on with.
func poll(t *testing.T, p *easypost.Provider, cursor string, news *[]provider.News) string {
	t.Helper()
	for {
		told, next, more, err := p.Changes(t.Context(), provider.Polled{ServiceID: 7}, cursor)
		if err != nil {
			t.Fatal(err)
		}
		if news != nil {
			*news = append(*news, told...)
		}
		if cursor = next; !more {
			return cursor
		}
	}
}

// told is what news says, in short.
func told(news []provider.News) (list []string) {
	for _, n := range news {
		said := string(n.Command.Verb())
		if event, ok := n.Command.(*fulfillment.RecordEvent); ok {
			said = string(event.Status)
		}
		list = append(list, said)
	}
	return list
}

// TestPollFindsWhatNoWebhookTold, with the same IDs that the webhook's news would have had.
func TestPollFindsWhatNoWebhookTold(t *testing.T) {
	t.Parallel()
	for name, open := range ledgers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := easyposttest.New(t)
			p := newProvider(t, server, open(t), options())
			created := create(t, p, providertest.Request("a"))
			server.Advance(8 * time.Hour)
			body := server.Scan(created.Labels[0].TrackingNumber, easyposttest.Scan{
				Status: "in_transit", Detail: "arrived_at_facility", Message: "Arrived", City: "HAMBURG",
			})
			var polled []provider.News
			cursor := poll(t, p, "", &polled)
			if got := told(polled); !slices.Equal(got, []string{"IN_TRANSIT"}) {
				t.Fatalf("polled %v", got)
			}
			sent, err := p.Read(t.Context(), delivery(7, body))
			if err != nil || len(sent) != 1 || sent[0].ID != polled[0].ID ||
				fulfillment.Fingerprint(sent[0].Command) != fulfillment.Fingerprint(polled[0].Command) {
				t.Errorf("by webhook %+v, %v; polled %+v", sent, err, polled)
			}
			about := polled[0].About
			if about.FulfillmentOrderID != providertest.Request("a").FulfillmentOrderID || about.RequestKey != "a" ||
				about.Shipment != created.Reference || about.TrackingNumber == "" || about.Carrier != "USPS" {
				t.Errorf("it is about %+v", about)
			}
			// Told again as long as the cursor does not say that it was taken; then not before its time.
			var again []provider.News
			poll(t, p, "", &again)
			if len(again) != 1 || again[0].ID != polled[0].ID {
				t.Errorf("asked with the old cursor: %v", told(again))
			}
			again = nil
			cursor = poll(t, p, cursor, &again)
			if len(again) != 0 {
				t.Errorf("asked with the new cursor: %v", told(again))
			}
			server.Scan(created.Labels[0].TrackingNumber, easyposttest.Scan{Status: "delivered"})
			server.Advance(7 * time.Hour)
			cursor = poll(t, p, cursor, &again)
			if got := told(again); !slices.Equal(got, []string{"IN_TRANSIT", "DELIVERED"}) || again[0].ID != polled[0].ID {
				t.Errorf("later: %v", got)
			}
			calls := server.Calls(easyposttest.Get)
			server.Advance(48 * time.Hour)
			poll(t, p, poll(t, p, cursor, nil), nil)
			if server.Calls(easyposttest.Get) != calls {
				t.Error("a parcel that has arrived is asked for again")
			}
		})
	}
}

// TestPollsInSteps: many parcels are looked at some at a time, each one once, and those of other services not at all.
func TestPollsInSteps(t *testing.T) {
	t.Parallel()
	for name, open := range ledgers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := easyposttest.New(t)
			p := newProvider(t, server, open(t), options())
			for i := range 45 {
				r := providertest.Request(fmt.Sprint("request ", i))
				if i >= 42 {
					r.ServiceID = 8
				}
				create(t, p, r)
			}
			server.Advance(7 * time.Hour)
			poll(t, p, "", nil)
			if got := server.Calls(easyposttest.Get); got != 42 {
				t.Errorf("%d parcels were asked for, want 42", got)
			}
		})
	}
}

// TestPollGoesOn: a shipment that EasyPost does not know any more holds nothing up; an account that is refused is an
// error.
func TestPollGoesOn(t *testing.T) {
	t.Parallel()
	server := easyposttest.New(t)
	p := newProvider(t, server, nil, options())
	create(t, p, providertest.Request("a"))
	create(t, p, providertest.Request("a of test mode"))
	created := create(t, p, providertest.Request("b"))
	server.Scan(created.Labels[0].TrackingNumber, easyposttest.Scan{Status: "in_transit"})
	server.Advance(7 * time.Hour)
	server.Fail(easyposttest.Get, easyposttest.Fault{Status: 404, Code: "NOT_FOUND"}, 1)
	server.Fail(easyposttest.Get, easyposttest.Fault{Status: 403, Code: "MODE.UNAUTHORIZED"}, 1)
	var news []provider.News
	poll(t, p, "", &news)
	if got := told(news); !slices.Equal(got, []string{"IN_TRANSIT"}) {
		t.Errorf("told %v", got)
	}
	for status, want := range map[int]provider.Class{
		403: provider.Permanent, 503: provider.Retryable, 429: provider.Retryable,
	} {
		server.Fail(easyposttest.Get, easyposttest.Fault{Status: status}, 1)
		if _, _, _, err := p.Changes(t.Context(), provider.Polled{ServiceID: 7}, ""); provider.Classify(err) != want {
			t.Errorf("%d: %v, want %s", status, err, want)
		}
	}
}
