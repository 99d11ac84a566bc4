package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
)

// only finds the one thing that goes by this name; names gives all that a thing goes by.
func only[T any](things []T, name, what string, names func(T) []string) (T, error) {
	var found []T
	for _, thing := range things {
		if slices.ContainsFunc(names(thing), func(n string) bool { return n != "" && strings.EqualFold(n, name) }) {
			found = append(found, thing)
		}
	}
	var none T
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		code := fulfillment.CodeInvalid
		if what == "location" {
			code = fulfillment.CodeLocationNotFound
		}
		return none, &fulfillment.Error{
			Code: code, Message: fmt.Sprintf("There is no %s %q; see packhorse %s list.", what, name, what),
		}
	}
	ids := make([]string, len(found))
	for i, thing := range found {
		ids[i] = names(thing)[0]
	}
	return none, fmt.Errorf(
		"%q is the name of more than one %s: give the ID, one of %s", name, what, strings.Join(ids, ", "),
	)
}

// location finds a location by its ID or name.
func location(ctx context.Context, b book, name string) (fulfillment.Location, error) {
	locations, err := b.Locations(ctx)
	if err != nil {
		return fulfillment.Location{}, err
	}
	return only(
		locations, name, "location", func(l fulfillment.Location) []string { return []string{l.ID.String(), l.Name} },
	)
}

// findOrder finds an order by its ID, its name or its source identifier.
func findOrder(ctx context.Context, b book, name string) (*fulfillment.OrderRecord, error) {
	if id, err := fulfillment.ParseID(strings.TrimPrefix(gid(name, "Order"), temporalio.OrderPrefix)); err == nil {
		order, err := b.Order(ctx, id)
		if err == nil || !errors.Is(err, fulfillment.ErrNotFound) {
			return order, err
		}
	}
	ids := map[fulfillment.ID]bool{}
	for _, filter := range []postgres.OrderFilter{{SourceIdentifier: name}, {Name: name}, {Name: "#" + name}} {
		page, err := b.Orders(ctx, filter, postgres.Page{Limit: 5})
		if err != nil {
			return nil, err
		}
		for _, order := range page.Items {
			ids[order.ID] = true
		}
	}
	switch len(ids) {
	case 0:
		return nil, &fulfillment.Error{
			Code: fulfillment.CodeOrderNotFound, Message: fmt.Sprintf("There is no order %q.", name),
		}
	case 1:
		for id := range ids {
			return b.Order(ctx, id)
		}
	}
	var texts []string
	for id := range ids {
		texts = append(texts, id.String())
	}
	slices.Sort(texts)
	return nil, fmt.Errorf(
		"%q is the name of more than one order: give the ID, one of %s", name, strings.Join(texts, ", "),
	)
}

// findFulfillment finds a fulfillment by its ID or its name ("#1001-F1"), and the fulfillment order that it belongs to.
func findFulfillment(ctx context.Context, b book, name string) (
	*fulfillment.FulfillmentOrder, *fulfillment.Fulfillment, error,
) {
	unknown := &fulfillment.Error{
		Code: fulfillment.CodeFulfillmentNotFound, Message: fmt.Sprintf("There is no fulfillment %q.", name),
	}
	if id, err := fulfillment.ParseID(name); err == nil {
		fo, f, err := b.Fulfillment(ctx, id)
		if errors.Is(err, fulfillment.ErrNotFound) {
			return nil, nil, unknown
		}
		return fo, f, err
	}
	cut := strings.LastIndex(name, "-F")
	if cut < 0 {
		return nil, nil, unknown
	}
	order, err := findOrder(ctx, b, name[:cut])
	switch {
	case isOrderNotFound(err):
		return nil, nil, unknown
	case err != nil:
		return nil, nil, err
	}
	fos, err := b.FulfillmentOrdersOf(ctx, order.ID)
	if err != nil {
		return nil, nil, err
	}
	var owner *fulfillment.FulfillmentOrder
	var found *fulfillment.Fulfillment
	for _, fo := range fos {
		for i := range fo.Fulfillments {
			f := &fo.Fulfillments[i]
			if f.HomeID != 0 || strings.TrimPrefix(f.Name, "#") != strings.TrimPrefix(name, "#") {
				continue // A part has the name of the whole, which is its owner's.
			}
			if found != nil {
				return nil, nil, fmt.Errorf(
					"%q is the name of more than one fulfillment: give the ID, one of %s, %s", name, found.ID, f.ID,
				)
			}
			owner, found = fo, f
		}
	}
	if found == nil {
		return nil, nil, unknown
	}
	return owner, found, nil
}

// fulfillmentOrderID reads the ID of a fulfillment order, also as the ID of its workflow.
func fulfillmentOrderID(text string) (fulfillment.ID, error) {
	return fulfillment.ParseID(strings.TrimPrefix(text, temporalio.FulfillmentOrderPrefix))
}

// loadFulfillmentOrder reads a fulfillment order, with a refusal in plain words if there is none.
func loadFulfillmentOrder(ctx context.Context, b book, id fulfillment.ID) (*fulfillment.FulfillmentOrder, error) {
	fo, err := b.Load(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil, &fulfillment.Error{
			Code: fulfillment.CodeNotFound, Message: fmt.Sprintf("There is no fulfillment order %s.", id),
		}
	}
	return fo, err
}

// oneArgument wants exactly one argument, which check accepts.
func oneArgument(what string, check func(string) error) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("one argument is needed, the %s; there are %d", what, len(args))
		}
		if args[0] == "" {
			return fmt.Errorf("the %s is empty", what)
		}
		if check == nil {
			return nil
		}
		return check(args[0])
	}
}
