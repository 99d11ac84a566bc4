package admin

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

// filter is a search in a list in memory, for lists that are never long. A field gives a string, an ID, a bool or a
// time; as in Shopify's API, id is the one that gives an ID, and those that end with _at give a time. What the query
// can't be is refused with a *[search.Error].
func filter[T any](items []T, query *string, fields map[string]func(T) any) ([]T, error) {
	e, err := search.Parse(value(query))
	if err != nil {
		return nil, err
	}
	if err := check(e, fields); err != nil { // Whatever the items are, also when there are none.
		return nil, err
	}
	var kept []T
	for _, item := range items {
		ok, err := matches(e, func(name string) any { return fields[name](item) })
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, item)
		}
	}
	return kept, nil
}

// check refuses fields that the list is not searched by, and values that their fields can't have.
func check[T any](e search.Expr, fields map[string]func(T) any) error {
	var inner []search.Expr
	switch e := e.(type) {
	case *search.And:
		inner = e.Terms
	case *search.Or:
		inner = e.Terms
	case *search.Not:
		inner = []search.Expr{e.Term}
	case *search.Term:
		names := strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
		switch _, ok := fields[e.Field]; {
		case ok:
			for _, v := range e.Values {
				if _, err := compare(blank(e.Field), v); err != nil {
					return err
				}
			}
		case e.Field != "":
			return search.Errorf(e.At, "This list can't be searched by %q, only by %s.", e.Field, names)
		case e.Comparator != search.Exists:
			return search.Errorf(
				e.At, "This list can't be searched for a text without a field. Its fields are %s.", names,
			)
		}
	}
	for _, part := range inner {
		if err := check(part, fields); err != nil {
			return err
		}
	}
	return nil
}

// blank is something that an item may have in a field: values are checked with it, also when there is no item. Any text
// can be compared with a string or a bool.
func blank(field string) any {
	switch {
	case field == "id":
		return fulfillment.ID(0)
	case strings.HasSuffix(field, "_at"):
		return time.Time{}
	}
	return ""
}

func matches(e search.Expr, field func(string) any) (bool, error) {
	switch e := e.(type) {
	case *search.And:
		for _, t := range e.Terms {
			if ok, err := matches(t, field); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	case *search.Or:
		for _, t := range e.Terms {
			if ok, err := matches(t, field); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	case *search.Not:
		ok, err := matches(e.Term, field)
		return !ok, err
	case *search.Term:
		if e.Field != "" {
			return holds(e, field(e.Field))
		}
	}
	return true, nil // A * alone.
}

// signs are the outcomes of a comparison of what an item has with a value for which a comparator holds.
var signs = map[search.Comparator][]int{
	search.Equal: {0}, search.Less: {-1}, search.LessOrEqual: {-1, 0}, search.Greater: {1},
	search.GreaterOrEqual: {0, 1},
}

func holds(term *search.Term, has any) (bool, error) {
	if term.Comparator == search.Exists {
		return has != "", nil
	}
	for _, v := range term.Values {
		if text, ok := has.(string); ok && v.Prefix {
			if strings.HasPrefix(strings.ToLower(text), strings.ToLower(v.Text)) {
				return true, nil
			}
			continue
		}
		sign, err := compare(has, v)
		if err != nil {
			return false, err
		}
		if slices.Contains(signs[term.Comparator], sign) {
			return true, nil
		}
	}
	return false, nil
}

// compare compares what an item has with a value of the query.
func compare(has any, v search.Value) (int, error) {
	switch has := has.(type) {
	case fulfillment.ID:
		text := v.Text
		if gid, err := ParseGID(text); err == nil {
			text = gid.ID.String()
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, search.Errorf(v.At, "%q is not an ID.", v.Text)
		}
		return cmp.Compare(int64(has), n), nil
	case time.Time:
		if search.IsNow(v.Text) {
			return has.Compare(time.Now()), nil
		}
		from, until, ok := search.ParseSpan(v.Text)
		switch {
		case !ok:
			return 0, search.Errorf(v.At, "%q is not a time: write it like 2026-02-28T13:45:00Z.", v.Text)
		case has.Before(from):
			return -1, nil
		case has.Before(until):
			return 0, nil
		}
		return 1, nil
	case bool:
		return strings.Compare(strconv.FormatBool(has), strings.ToLower(v.Text)), nil
	}
	return strings.Compare(strings.ToLower(has.(string)), strings.ToLower(v.Text)), nil
}
