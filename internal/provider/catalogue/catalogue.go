// Package catalogue lists the providers that Packhorse has. The worker, the command line and the documentation read
// it; providers don't know it, nor each other. A provider that is to be built in is one line here.
package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"packhorse/internal/config"
	"packhorse/internal/provider"
	"packhorse/internal/provider/easypost"
	"packhorse/internal/provider/http"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/shipbob"
	"packhorse/internal/provider/simulated"
)

// Catalogue is a list of providers with different IDs.
type Catalogue []provider.Entry

// New is every provider that there is. Each call makes settings of its own, which are empty until config.Load fills
// them.
func New() Catalogue {
	return Catalogue{
		manual.Entry(),
		simulated.Entry(new(simulated.Environment)),
		http.Entry(),
		shipbob.Entry(new(shipbob.Environment)),
		easypost.Entry(new(easypost.Environment)),
	}
}

// IDs lists the providers' IDs in the catalogue's order.
func (c Catalogue) IDs() []string {
	ids := make([]string, len(c))
	for i, e := range c {
		ids[i] = e.ID
	}
	return ids
}

// Find is the provider with this ID. The error, which is permanent, begins with Medusa's text and says which
// providers there are.
func (c Catalogue) Find(id string) (provider.Entry, error) {
	if i := slices.IndexFunc(c, func(e provider.Entry) bool { return e.ID == id }); i >= 0 {
		return c[i], nil
	}
	return provider.Entry{}, &provider.Error{Class: provider.Permanent, Message: fmt.Sprintf(
		"Could not find a fulfillment provider with id: %s; there are %s", id, strings.Join(c.IDs(), ", "))}
}

// Select is the providers with these IDs, in this order. It is the error of [Catalogue.Find] for the first that is
// none.
func (c Catalogue) Select(ids []string) (Catalogue, error) {
	selected := make(Catalogue, len(ids))
	for i, id := range ids {
		var err error
		if selected[i], err = c.Find(id); err != nil {
			return nil, err
		}
	}
	return selected, nil
}

// Settings lists the settings of the providers that have some.
func (c Catalogue) Settings() []config.Group {
	var groups []config.Group
	for _, e := range c {
		if e.Settings != nil {
			title := "The provider `" + e.ID + "`, for the worker that serves it:"
			groups = append(groups, config.Group{Title: title, Settings: e.Settings})
		}
	}
	return groups
}

// Migrate brings the tables that providers have of their own up to date.
func (c Catalogue) Migrate(ctx context.Context, databaseURL string) error {
	for _, e := range c {
		if e.Migrate == nil {
			continue
		}
		if err := e.Migrate(ctx, databaseURL); err != nil {
			return err
		}
	}
	return nil
}
