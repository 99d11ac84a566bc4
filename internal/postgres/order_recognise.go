package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// Recognise compares an order that comes (again) with what was handed over first under its ID. nil says that it is the
// same one, and name is the one that it got; an [*fulfillment.OrderExistsError] that its content is another,
// [fulfillment.ErrNotFound] that there is no such order. given is what the sender said of it, and the order the same,
// completed or not.
//
// Of an order that was taken in before contents were kept, there is a fingerprint to compare with: it tells that
// something differs, but not what.
func (s *Store) Recognise(
	ctx context.Context, order *fulfillment.Order, given fulfillment.OrderContent,
) (name string, err error) {
	var fingerprint string
	var first *fulfillment.OrderContent
	err = s.pool.QueryRow(ctx, `SELECT name, fingerprint, content FROM orders WHERE id = $1`, order.ID).
		Scan(&name, &fingerprint, &first)
	if err != nil {
		return "", fmt.Errorf("look for order %d: %w", order.ID, translate(err))
	}
	exists := &fulfillment.OrderExistsError{OrderID: order.ID}
	if first != nil {
		if exists.Differs = first.Differs(given); len(exists.Differs) > 0 {
			return name, exists
		}
		return name, nil
	}
	again := *order
	if _, named := given.Fields["name"]; !named {
		again.Name = name
	}
	switch of, err := fingerprintOfBefore(again); {
	case err != nil:
		return "", err
	case of != fingerprint:
		return name, exists
	}
	return name, nil
}

// fingerprintOfBefore identifies what was ordered as it was done before contents were kept.
func fingerprintOfBefore(o fulfillment.Order) (string, error) {
	_ = o.Complete(time.Now()) // What is wrong with it is said elsewhere.
	if o.Name == "#"+o.ID.String() {
		o.Name = ""
	}
	o.ID, o.FirstID, o.CommandID, o.Actor, o.Numbered = 0, 0, "", fulfillment.Actor{}, false
	o.ProcessedAt = nil // The time of the sending, unless the sender knows better.
	o.LineItems = slices.Clone(o.LineItems)
	for i := range o.LineItems {
		o.LineItems[i].ID = 0
	}
	return fingerprint(o)
}
