package admin

import (
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// Paging is the arguments of a list. Without First and Last it asks for the first [postgres.DefaultLimit] items.
type Paging struct {
	First   *int
	After   *string
	Last    *int
	Before  *string
	Reverse *bool
}

// Window is the paging for a list of the store.
func (p Paging) Window(sort postgres.Sort) postgres.Window {
	zero := func(n *int) bool { return n != nil && *n == 0 }
	return postgres.Window{
		Sort: sort, First: value(p.First), After: value(p.After), Last: value(p.Last), Before: value(p.Before),
		Reverse: value(p.Reverse),
		None:    zero(p.First) || zero(p.Last),
	}
}

// check refuses what no list allows, in the words of the store's lists.
func (p Paging) check() error {
	no := func(field, message string) error {
		return &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{field}, Message: message}
	}
	outside := func(n *int) bool { return n != nil && (*n < 0 || *n > postgres.MaxLimit) }
	switch {
	case p.First != nil && p.Last != nil:
		return no("last", "Only one of first and last may be given.")
	case outside(p.First):
		return no("first", "first must be from 0 to 250.")
	case outside(p.Last):
		return no("last", "last must be from 0 to 250.")
	}
	return nil
}

// segment is the part of a list in memory that the paging shows. Cursors are places by ID; one whose item is no longer
// in the list is refused.
func segment[T any](p Paging, items []T, id func(T) fulfillment.ID) (postgres.Segment[T], error) {
	var none postgres.Segment[T]
	if err := p.check(); err != nil {
		return none, err
	}
	if value(p.Reverse) {
		items = slices.Clone(items)
		slices.Reverse(items)
	}
	from, to := 0, len(items)
	for _, c := range []struct {
		argument string
		cursor   *string
		cut      func(at int)
	}{{"after", p.After, func(at int) { from = at + 1 }}, {"before", p.Before, func(at int) { to = at }}} {
		if value(c.cursor) == "" {
			continue
		}
		place, err := postgres.ParsePlace(c.argument, *c.cursor, postgres.SortID)
		if err != nil {
			return none, err
		}
		at := slices.IndexFunc(items, func(item T) bool { return id(item) == place.ID })
		if at < 0 {
			return none, &fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{c.argument},
				Message: "What the cursor " + fulfillment.ClipMessage(*c.cursor) +
					" stands for is no longer in this list."}
		}
		c.cut(at)
	}
	to = max(from, to)
	switch {
	case p.Last != nil:
		from = max(from, to-*p.Last)
	case p.First != nil:
		to = min(to, from+*p.First)
	default:
		to = min(to, from+postgres.DefaultLimit)
	}
	s := postgres.Segment[T]{Items: items[from:to], HasPrevious: from > 0, HasNext: to < len(items)}
	for _, item := range s.Items {
		s.Cursors = append(s.Cursors, postgres.Place{Sort: postgres.SortID, ID: id(item)}.String())
	}
	return s, nil
}

// connection makes a connection of a segment.
func connection[T, Edge, Connection any](s postgres.Segment[T], edge func(cursor string, node T) *Edge,
	whole func(edges []*Edge, nodes []T, page *PageInfo) *Connection) *Connection {
	edges := make([]*Edge, len(s.Items))
	for i, item := range s.Items {
		edges[i] = edge(s.Cursors[i], item)
	}
	page := &PageInfo{HasNextPage: s.HasNext, HasPreviousPage: s.HasPrevious}
	if n := len(s.Cursors); n > 0 {
		page.StartCursor, page.EndCursor = &s.Cursors[0], &s.Cursors[n-1]
	}
	nodes := s.Items
	if nodes == nil {
		nodes = []T{}
	}
	return whole(edges, nodes, page)
}

// mapped is a segment of other things at the same places.
func mapped[From, To any](s postgres.Segment[From], to func(From) To) postgres.Segment[To] {
	m := postgres.Segment[To]{
		Cursors: s.Cursors, HasNext: s.HasNext, HasPrevious: s.HasPrevious, Items: make([]To, len(s.Items)),
	}
	for i, item := range s.Items {
		m.Items[i] = to(item)
	}
	return m
}

// value is what a pointer points to; the zero value when it is nil.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

// optional is nil for the zero value: what is empty in the domain is null in the API.
func optional[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}
