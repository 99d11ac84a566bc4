package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// nameOfFulfillmentOrder is the name of the n-th fulfillment order of an order, from 1: "#1010-1".
func nameOfFulfillmentOrder(orderName string, n int) string { return orderName + "-" + strconv.Itoa(n) }

// inOrderOfMaking sorts the fulfillment orders of an order as their names count them: as they were made. None goes, so
// a name stays.
func inOrderOfMaking(fos []*fulfillment.FulfillmentOrder) []*fulfillment.FulfillmentOrder {
	fos = slices.Clone(fos)
	slices.SortFunc(fos, func(a, b *fulfillment.FulfillmentOrder) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return fos
}

// nameAmong is the name of a fulfillment order, which is one of all those of its order; of an order without a name it
// is the ID.
func nameAmong(siblings []*fulfillment.FulfillmentOrder, fo *fulfillment.FulfillmentOrder) string {
	n := slices.IndexFunc(inOrderOfMaking(siblings), func(one *fulfillment.FulfillmentOrder) bool {
		return one.ID == fo.ID
	})
	if n < 0 || fo.OrderName == "" {
		return fo.ID.String()
	}
	return nameOfFulfillmentOrder(fo.OrderName, n+1)
}

// namesAmong are the names of some of an order's fulfillment orders; the IDs of those that are not its own.
func namesAmong(siblings []*fulfillment.FulfillmentOrder, ids []fulfillment.ID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
		for _, fo := range siblings {
			if fo.ID == id {
				names[i] = nameAmong(siblings, fo)
			}
		}
	}
	return strings.Join(names, ", ")
}

// findFulfillmentOrder finds a fulfillment order by its ID, by its name ("#1010-1"), or by its order, when there is
// only one to be meant: the only one that is not closed, or the only one at all. A command that may be sent again under
// its own ID must mean the same again: there, an order with several is not enough.
func findFulfillmentOrder(ctx context.Context, b book, name string, again bool) (fulfillment.ID, error) {
	if id, err := fulfillmentOrderID(name); err == nil {
		return id, nil
	}
	order, err := findOrder(ctx, b, name)
	n := 0
	if isOrderNotFound(err) {
		if cut := strings.LastIndexByte(name, '-'); cut > 0 {
			if n, _ = strconv.Atoi(name[cut+1:]); n > 0 {
				order, err = findOrder(ctx, b, name[:cut])
			}
		}
	}
	unknown := &fulfillment.Error{
		Code: fulfillment.CodeNotFound, Message: fmt.Sprintf("There is no fulfillment order %q.", name),
	}
	switch {
	case isOrderNotFound(err):
		return 0, unknown
	case err != nil:
		return 0, err
	}
	fos, err := b.FulfillmentOrdersOf(ctx, order.ID)
	if err != nil {
		return 0, err
	}
	fos = inOrderOfMaking(fos)
	switch {
	case n == 0:
		return onlyFulfillmentOrder(name, order.Name, fos, again)
	case n > len(fos):
		unknown.Message += fmt.Sprintf(
			" Order %s has %s: %s.", order.Name, count(len(fos), "fulfillment order"), listed(order.Name, fos),
		)
		return 0, unknown
	}
	return fos[n-1].ID, nil
}

func isOrderNotFound(err error) bool {
	refused, ok := fulfillment.AsError(err)
	return ok && refused.Code == fulfillment.CodeOrderNotFound
}

func onlyFulfillmentOrder(
	name, orderName string, fos []*fulfillment.FulfillmentOrder, again bool,
) (fulfillment.ID, error) {
	open := slices.DeleteFunc(slices.Clone(fos), func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.Status == fulfillment.StatusClosed
	})
	switch {
	case len(fos) == 1:
		return fos[0].ID, nil
	case len(open) == 1 && !again:
		return open[0].ID, nil
	case len(open) == 1:
		return 0, fmt.Errorf(
			"with --command-id, %q must be the same fulfillment order whenever it is sent: name one of %s", name,
			listed(orderName, fos),
		)
	}
	return 0, fmt.Errorf(
		"%q is an order with more than one fulfillment order: name one of %s", name, listed(orderName, fos),
	)
}

// listed names fulfillment orders of an order, with what tells them apart.
func listed(orderName string, fos []*fulfillment.FulfillmentOrder) string {
	texts := make([]string, len(fos))
	for i, fo := range fos {
		texts[i] = fmt.Sprintf(
			"%s (%s, %s at %s)", nameOfFulfillmentOrder(orderName, i+1), fo.ID, fo.Status, fo.AssignedLocation.Name,
		)
	}
	return strings.Join(texts, ", ")
}

// isFulfillmentOrderName refuses what can't be one: a number that is no ID.
func isFulfillmentOrderName(text string) error {
	digits := strings.TrimPrefix(text, temporalio.FulfillmentOrderPrefix)
	if _, err := fulfillment.ParseID(digits); err != nil && strings.Trim(digits, "0123456789") == "" {
		return errors.New("it is neither a fulfillment order's name, such as #1010-1, nor its ID: " + err.Error())
	}
	return nil
}
