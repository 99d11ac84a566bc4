package shipbob_test

import (
	"strings"
	"testing"

	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/shipbob"
)

// TestOptions: what a service names must be there at ShipBob, which would take any text for a shipping method.
func TestOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		options map[string]any
		wrong   string // in the error; "": there is none
	}{
		"defaults":            {nil, ""},
		"everything":          {map[string]any{"channel": 128944, "location": 10, "shippingMethod": "Express", "returnLocation": 10, "returnAction": "Restock", "pollEvery": "2m", "tokenSecretName": "SHIPBOB_TOKEN"}, ""},
		"unknown method":      {map[string]any{"shippingMethod": "Fastest"}, `"Fastest"; there are "Standard", "Express"`},
		"retired method":      {map[string]any{"shippingMethod": "Retired"}, "no active shipping method"},
		"other case":          {map[string]any{"shippingMethod": "standard"}, "no active shipping method"},
		"empty method":        {map[string]any{"shippingMethod": ""}, "shippingMethod"},
		"channel that reads":  {map[string]any{"channel": 128943}, "channel: orders can't be written"},
		"unknown channel":     {map[string]any{"channel": 5}, "they can in 128944"},
		"closed location":     {map[string]any{"location": 11}, "location: ShipBob has no location 11"},
		"unknown return":      {map[string]any{"returnLocation": 12}, "returnLocation: ShipBob has no location 12"},
		"secret in the place": {map[string]any{"tokenSecretName": "abc.def"}, "tokenSecretName: The name of a secret takes capital letters"},
		"secret not set":      {map[string]any{"tokenSecretName": "OTHER_TOKEN"}, "set the secret OTHER_TOKEN"},
		"return action":       {map[string]any{"returnAction": "Burn"}, "Default, Restock, Quarantine, Dispose"},
		"misspelt":            {map[string]any{"chanel": 1}, "chanel"},
		"polled too often":    {map[string]any{"pollEvery": "1s"}, "pollEvery is 1s: it must be between 15s and 168h"},
		"polled never":        {map[string]any{"pollEvery": "1000h"}, "pollEvery is 1000h0m0s: it must be between 15s"},
		"not a duration":      {map[string]any{"pollEvery": 60}, "pollEvery is a number: it must be a duration"},
		"text for a number":   {map[string]any{"channel": "128944"}, "channel is text: it must be a whole number"},
		"text for a truth":    {map[string]any{"sandbox": "yes"}, "sandbox is text: it must be true or false"},
		"blanks around":       {map[string]any{"shippingMethod": "Standard "}, "without blanks around it"},
		"negative":            {map[string]any{"location": -1}, "location is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := w.ValidateOption(t.Context(), c.options)
			switch {
			case c.wrong == "" && err != nil:
				t.Error(err)
			case c.wrong != "" && (provider.Classify(err) != provider.Permanent || !strings.Contains(err.Error(), c.wrong)):
				t.Errorf("%v, want a permanent error with %q", err, c.wrong)
			case err != nil && strings.Contains(err.Error(), "abc.def"):
				t.Errorf("a secret is repeated: %v", err)
			}
		})
	}
}

// TestUnknownMethodIsNotSent: an order with a method that ShipBob does not have would be shipped by another.
func TestUnknownMethodIsNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	r.ServiceOptions = map[string]any{"shippingMethod": "Fastest"}
	if _, err := w.Create(t.Context(), r); provider.Classify(err) != provider.Permanent {
		t.Errorf("%v, want a permanent error", err)
	}
	if w.server.HasMethod("Fastest") || w.server.Orders(reference(r)) != 0 {
		t.Error("it was sent")
	}
}

// TestOffline: without ShipBob, what can be seen without it is checked.
func TestOffline(t *testing.T) {
	t.Parallel()
	p := shipbob.Entry(&shipbob.Environment{}).Offline
	if err := p.ValidateOption(t.Context(), map[string]any{"shippingMethod": "Fastest"}); err != nil {
		t.Error(err)
	}
	if err := p.ValidateOption(t.Context(), map[string]any{"shipingMethod": "x"}); provider.Classify(err) != provider.Permanent {
		t.Errorf("%v, want a permanent error", err)
	}
}

func contextOf(r provider.Request) provider.Context {
	return provider.Context{Destination: r.Destination, Lines: r.Lines, CurrencyCode: "USD"}
}

// TestPrice is the cheapest of the centers', with the service's method, as exact text.
func TestPrice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := contextOf(providertest.Request("a"))
	unknown := contextOf(providertest.Request("a"))
	unknown.Lines = []provider.RequestLine{{SKU: "UNKNOWN", Quantity: 1}}
	for name, c := range map[string]struct {
		option map[string]any
		in     provider.Context
		want   string // "": a permanent error
	}{
		"cheapest":        {nil, in, "6.35"},
		"of the location": {map[string]any{"location": 10}, in, "7.35"},
		"unknown product": {nil, unknown, ""},
		"no lines":        {nil, provider.Context{Destination: in.Destination}, ""},
		"no address":      {nil, provider.Context{Lines: in.Lines}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := w.Price(t.Context(), c.option, nil, c.in)
			if c.want == "" && provider.Classify(err) != provider.Permanent || c.want != got.Amount ||
				c.want != "" && (err != nil || got.CurrencyCode != "USD") {
				t.Errorf("%+v, %v; want %q USD", got, err, c.want)
			}
		})
	}
	if w.server.Asked("POST /order") != 0 {
		t.Error("a price made an order")
	}
}
