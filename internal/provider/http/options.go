package http

import (
	"cmp"
	"context"
	"encoding/json"
	nethttp "net/http"
	"strconv"
	"strings"

	"packhorse/internal/provider"
)

// ListOptions asks the warehouse which options it has, with the one that the settings name.
func (p *Provider) ListOptions(
	ctx context.Context, service map[string]any,
) (options []provider.Option, chosen string, err error) {
	s, err := p.config.Defaults.merge(service)
	if err != nil {
		return nil, "", err
	}
	options, err = p.listed(ctx, s)
	return options, s.Option, err
}

// lists tells whether the warehouse lists the option as one to ship by. What a warehouse that doesn't say has is left
// to the request, and so is a call that never succeeds: there it waits for a person, where here the choice would be
// blamed.
func (p *Provider) lists(ctx context.Context, s Settings, id string) error {
	options, err := p.listed(ctx, s)
	switch {
	case err != nil && provider.Classify(err) == provider.Permanent, err == nil && options == nil:
		return nil
	case err != nil:
		return err
	}
	var names []string
	listed := false
	for _, o := range options {
		listed = listed || o.ID == id
		if !o.Return {
			names = append(names, strconv.Quote(text(o.ID).short()))
		}
	}
	if listed {
		return provider.CheckShips(options, id)
	}
	return refuse("the warehouse has no option %q: to ship by, it lists %s", text(id).short(), enumerate(names))
}

// listed are the options that the warehouse lists; nil: it doesn't say. Those that no order can choose, because of how
// their IDs are, are left out.
func (p *Provider) listed(ctx context.Context, s Settings) ([]provider.Option, error) {
	reply, err := p.call(ctx, s, call{method: nethttp.MethodGet, path: "/options"})
	if err != nil {
		return nil, withoutEffect(err)
	}
	var said struct {
		Options *list[struct {
			ID       text `json:"id"`
			Name     text `json:"name"`
			IsReturn flag `json:"isReturn"`
		}] `json:"options"`
	}
	if reply.status == nethttp.StatusNotFound || json.Unmarshal(reply.body, &said) != nil || said.Options == nil {
		return nil, nil
	}
	options := []provider.Option{}
	for _, o := range *said.Options {
		id, err := chosenOption(map[string]any{"id": string(o.ID)})
		if err == nil && id != "" {
			options = append(options, provider.Option{
				ID: id, Name: cmp.Or(o.Name.short(), o.ID.short()), Return: o.IsReturn == isTrue,
			})
		}
	}
	return options, nil
}

// enumerate is a few of the names, for people.
func enumerate(names []string) string {
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > maxListed:
		return strings.Join(names[:maxListed], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// maxListed are how many options are named.
const maxListed = 10
