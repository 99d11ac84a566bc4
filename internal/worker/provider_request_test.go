package worker_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/workflow/v1"

	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// listener is a provider that keeps what it is asked, and the secret that its service's options name.
type listener struct {
	manual.Provider
	host  provider.Host
	asked chan provider.Request
}

func (*listener) ID() string { return "listener" }

func (*listener) ValidateOption(context.Context, map[string]any) error { return nil }

func (*listener) ValidateData(
	_ context.Context, option, data map[string]any, _ provider.Context,
) (map[string]any, error) {
	if option["id"] != "express" {
		return nil, &provider.Error{Class: provider.Permanent, Message: fmt.Sprint("there is no ", option["id"])}
	}
	return map[string]any{"point": data["point"], "checked": true}, nil
}

func (l *listener) Create(_ context.Context, r provider.Request) (provider.Answer, error) {
	name, _ := r.ServiceOptions["apiKey"].(string)
	if _, err := l.host.Secrets.First(name); err != nil {
		return provider.Answer{}, err
	}
	l.asked <- r
	return provider.Answer{Outcome: fulfillment.OutcomeAccepted}, nil
}

// TestProviderIsToldWhatCarriersAsk: weights in whole grams, prices with their currency, what customs ask, and where
// the location is. A secret that the deployment lacks is waited for, with what to set.
func TestProviderIsToldWhatCarriersAsk(t *testing.T) {
	t.Parallel()
	heard := &listener{asked: make(chan provider.Request, 2)}
	s := workertest.Start(t)
	s.StopWorker()
	s.Settings.Named = config.ProviderSecrets{Folder: t.TempDir()}
	if err := os.WriteFile(filepath.Join(s.Settings.Named.Folder, "LISTENER_KEY"), []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Settings.Providers = append(s.Settings.Providers, provider.Entry{
		ID: heard.ID(), What: "Listens", Queue: &provider.Queue{}, Offline: heard,
		Open: func(_ context.Context, host provider.Host) (provider.Provider, func(), error) {
			heard.host = host
			return heard, nil, nil
		},
	})
	s.Settings.Worker.Providers = config.Names{heard.ID()}
	s.StartWorker()
	ask := func(service string, key string, choice *fulfillment.ShippingOption) fulfillment.ID {
		added := s.Service(fulfillment.Service{
			Name: service, Provider: heard.ID(), Options: map[string]any{"apiKey": key},
		})
		if _, err := s.Store.EditLocation(t.Context(), fulfillment.LocationEdit{ID: added.LocationID,
			Address1: new("Kai 2"), City: new("Hamburg"), Zip: new("20457"), CountryCode: new("DE"),
		}); err != nil {
			t.Fatal(err)
		}
		created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{CurrencyCode: "EUR", ShippingOption: choice,
			LineItems: []fulfillment.LineItem{
				{Title: "Tee", SKU: "TEE", Quantity: 2, LocationID: added.LocationID, UnitPrice: "12.50",
					Weight:               &fulfillment.Weight{Value: 5, Unit: fulfillment.Ounces},
					HarmonizedSystemCode: "610910", CountryCodeOfOrigin: "PT"},
				{Title: "Card", Quantity: 1, LocationID: added.LocationID, CountryCodeOfOrigin: "ZZ"},
			}})
		if err != nil {
			t.Fatal(err)
		}
		s.Send(created.FulfillmentOrderIDs[0], &fulfillment.SubmitFulfillmentRequest{})
		return created.FulfillmentOrderIDs[0]
	}
	express := &fulfillment.ShippingOption{ID: "express", Data: map[string]string{"point": "42"}}
	id := ask("Without a key", "SET_LATER", nil)
	const missing = "The secret SET_LATER is not set: write it into the file SET_LATER of the folder " +
		"PACKHORSE_PROVIDER_SECRETS, or into the environment variable PACKHORSE_SECRET_SET_LATER."
	s.Eventually(id, "waiting, with what to set", func(*fulfillment.FulfillmentOrder) bool {
		run, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.FulfillmentOrderID(id), "")
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(run.GetPendingActivities(), func(a *workflow.PendingActivityInfo) bool {
			return strings.Contains(a.GetLastFailure().GetMessage(), missing)
		})
	})
	if err := os.WriteFile(filepath.Join(s.Settings.Named.Folder, "SET_LATER"), []byte("y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Eventually(id, "accepted by itself", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.RequestStatus == fulfillment.RequestAccepted
	})
	<-heard.asked

	id = ask("With a key", "LISTENER_KEY", express)
	s.Eventually(id, "accepted", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.RequestStatus == fulfillment.RequestAccepted
	})
	request := <-heard.asked
	from := &fulfillment.Address{
		Company: "With a key", Address1: "Kai 2", City: "Hamburg", Zip: "20457", CountryCode: "DE",
	}
	if diff := cmp.Diff(from, request.From); diff != "" || request.CurrencyCode != "EUR" || len(request.Lines) != 2 {
		t.Fatalf("it was asked %+v; the address differs: %s", request, diff)
	}
	if diff := cmp.Diff(express, request.Option); diff != "" || request.OptionData["point"] != "42" ||
		request.OptionData["checked"] != true || request.ServiceOptions["id"] != "express" {
		t.Errorf("it was told of the option %+v with %v", request.Option, request.OptionData)
	}
	tee, card := request.Lines[0], request.Lines[1]
	if tee.Grams != 142 || tee.UnitPrice != "12.50" || tee.HSCode != "610910" || tee.CountryOfOrigin != "PT" {
		t.Errorf("of the first line it was told %+v", tee)
	}
	if card.Grams != 0 || card.UnitPrice != "" || card.HSCode != "" || card.CountryOfOrigin != "" {
		t.Errorf("of the second line it was told %+v, of which the order says nothing", card)
	}
}

// TestOptionThatTheServiceLacks: what an order chose is checked by the provider before anything is sent; the service
// can't take what it doesn't have.
func TestOptionThatTheServiceLacks(t *testing.T) {
	t.Parallel()
	heard := &listener{asked: make(chan provider.Request, 1)}
	s := workertest.Start(t)
	s.StopWorker()
	s.Settings.Providers = append(s.Settings.Providers, provider.Entry{
		ID: heard.ID(), What: "Listens", Queue: &provider.Queue{}, Offline: heard,
		Open: func(context.Context, provider.Host) (provider.Provider, func(), error) { return heard, nil, nil },
	})
	s.Settings.Worker.Providers = config.Names{heard.ID()}
	s.StartWorker()
	added := s.Service(fulfillment.Service{Name: "Listeners", Provider: heard.ID()})
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
		ShippingOption: &fulfillment.ShippingOption{ID: "balloon"},
		LineItems:      []fulfillment.LineItem{{Title: "Tee", Quantity: 1, LocationID: added.LocationID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := created.FulfillmentOrderIDs[0]
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	s.Eventually(id, "rejected", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.RequestStatus == fulfillment.RequestRejected
	})
	steps, err := s.Store.Transitions(t.Context(), id, postgres.Page{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	if last := steps.Items[len(steps.Items)-1]; !strings.Contains(last.Reason+last.Details.Message, "no balloon") {
		t.Errorf("the last step says %+v", last)
	}
	if len(heard.asked) > 0 {
		t.Error("it was sent")
	}
}
