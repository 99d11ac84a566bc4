package trial

import (
	"context"
	"encoding/json"
	"fmt"
	nethttp "net/http"

	"packhorse/internal/provider/http"
)

func optionsAreListed(ctx context.Context, w *warehouse) error {
	r, err := w.get(ctx, "/options")
	if err != nil {
		return err
	}
	if err := r.is(nethttp.StatusOK); err != nil {
		return err
	}
	if err := r.fits("Options"); err != nil {
		return err
	}
	var o struct {
		Version   string
		Abilities []string
	}
	if err := json.Unmarshal(r.body, &o); err != nil {
		return err
	}
	w.abilities = o.Abilities
	if o.Version != http.Version {
		return fmt.Errorf("it speaks the version %q, want %q", o.Version, http.Version)
	}
	return nil
}

func ratesArePrices(ctx context.Context, w *warehouse) error {
	if err := w.can("rates"); err != nil {
		return err
	}
	body := w.request("")
	r, err := w.send(ctx, message{method: nethttp.MethodPost, path: "/rates", body: map[string]any{
		"lines": body["lines"], "destination": body["destination"], "currencyCode": "EUR",
	}})
	if err != nil {
		return err
	}
	if err := r.is(nethttp.StatusOK); err != nil {
		return err
	}
	var list struct{ Rates []json.RawMessage }
	if err := json.Unmarshal(r.body, &list); err != nil || list.Rates == nil {
		return fmt.Errorf("the body is no object with a list of rates%s", r.said())
	}
	for _, one := range list.Rates {
		if err := (reply{body: one}).fits("Rate"); err != nil {
			return err
		}
	}
	return nil
}

func unknownPath(ctx context.Context, w *warehouse) error {
	r, err := w.get(ctx, "/no-such-path")
	if err != nil {
		return err
	}
	return r.problem(nethttp.StatusNotFound)
}
