package http

import (
	"context"
	"encoding/json"
	nethttp "net/http"
	"strconv"
	"strings"

	"packhorse/internal/provider"
)

// lists tells whether the warehouse lists the option as one to ship by. What a warehouse that doesn't say has is left
// to the request, and so is a call that never succeeds: there it waits for a person, where here the choice would be
// blamed.
func (p *Provider) lists(ctx context.Context, s Settings, id string) error {
	reply, err := p.call(ctx, s, call{method: nethttp.MethodGet, path: "/options"})
	switch {
	case err != nil && provider.Classify(err) == provider.Permanent:
		return nil
	case err != nil:
		return withoutEffect(err)
	}
	var said struct {
		Options *list[struct {
			ID       text `json:"id"`
			IsReturn flag `json:"isReturn"`
		}] `json:"options"`
	}
	if reply.status == nethttp.StatusNotFound || json.Unmarshal(reply.body, &said) != nil || said.Options == nil {
		return nil
	}
	var options []provider.Option
	var names []string
	listed := false
	for _, o := range *said.Options {
		options = append(options, provider.Option{ID: o.ID.short(), Return: o.IsReturn == isTrue})
		listed = listed || string(o.ID) == id
		if o.IsReturn != isTrue {
			names = append(names, strconv.Quote(o.ID.short()))
		}
	}
	if listed {
		return provider.CheckShips(options, id) // An ID that was chosen is short.
	}
	return refuse("the warehouse has no option %q: to ship by, it lists %s", text(id).short(), enumerate(names))
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
