package routing

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// lot is what keeps lines apart: each lot becomes an assignment.
type lot struct {
	rank   int // of the location
	method fulfillment.DeliveryMethodType
	at     time.Time // UTC; zero: now
}

// methods are all delivery methods, in the order in which a location's assignments come: what needs no shipping last.
var methods = append(
	slices.DeleteFunc(slices.Clone(fulfillment.DeliveryMethodTypes), func(m fulfillment.DeliveryMethodType) bool {
		return m == fulfillment.DeliveryNone
	}), fulfillment.DeliveryNone,
)

// assignments gathers the placed lines in lots.
func (r *router) assignments(now time.Time) ([]fulfillment.Assignment, error) {
	lots := make(map[lot][]int)
	for i, l := range r.order.LineItems {
		if l.ID == 0 {
			return nil, &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{
				"lineItems", fmt.Sprint(i), "id",
			},
				Message: r.line(i) + " has no ID: lines get their IDs before they are routed."}
		}
		key := lot{rank: r.placed[i].site.rank, method: r.order.DeliveryMethodOf(l)}
		if at := cmp.Or(l.FulfillAt, r.order.FulfillAt); at != nil && at.After(now) {
			key.at = at.UTC().Round(0)
		}
		lots[key] = append(lots[key], i)
	}
	keys := make([]lot, 0, len(lots))
	for key := range lots {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b lot) int {
		method := func(l lot) int { return slices.Index(methods, l.method) }
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(method(a), method(b)), a.at.Compare(b.at))
	})
	assignments := make([]fulfillment.Assignment, len(keys))
	for n, key := range keys {
		assignments[n] = r.assignment(key, lots[key])
	}
	return assignments, nil
}

func (r *router) assignment(key lot, lines []int) fulfillment.Assignment {
	a := fulfillment.Assignment{
		Location:       r.sites[key.rank].Assign(r.why(lines)),
		DeliveryMethod: key.method,
	}
	if !key.at.IsZero() {
		at := key.at
		a.FulfillAt = &at
	}
	for _, i := range lines {
		l := r.order.LineItems[i]
		a.Lines = append(a.Lines, fulfillment.Quantity{ID: l.ID, Quantity: l.Quantity})
		if by := cmp.Or(l.FulfillBy, r.order.FulfillBy); by != nil && (a.FulfillBy == nil || by.Before(*a.FulfillBy)) {
			earliest := by.UTC()
			a.FulfillBy = &earliest
		}
	}
	return a
}
