package admin

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

func compare(a, b fulfillment.ID) int { return cmp.Compare(a, b) }

// filter is a search in a list in memory, for lists that are never long. A field gives a string, an ID, a bool or a
// time. What the query can't be is refused with a *[search.Error].
func filter[T any](items []T, query *string, fields map[string]func(T) any, bare ...string) ([]T, error) {
	e, err := search.Parse(value(query))
	if err != nil {
		return nil, err
	}
	var kept []T
	for _, item := range items {
		ok, err := matches(e, func(name string) (any, bool) {
			get, known := fields[name]
			if !known {
				return nil, false
			}
			return get(item), true
		}, bare)
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, item)
		}
	}
	return kept, nil
}

func matches(e search.Expr, field func(string) (any, bool), bare []string) (bool, error) {
	switch e := e.(type) {
	case *search.And:
		for _, t := range e.Terms {
			if ok, err := matches(t, field, bare); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	case *search.Or:
		for _, t := range e.Terms {
			if ok, err := matches(t, field, bare); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	case *search.Not:
		ok, err := matches(e.Term, field, bare)
		return !ok, err
	}
	term, ok := e.(*search.Term)
	if !ok {
		return true, nil
	}
	names := bare
	if term.Field != "" {
		names = []string{term.Field}
	}
	for _, name := range names {
		has, known := field(name)
		if !known {
			return false, search.Errorf(term.At, "This list can't be searched by %q.", name)
		}
		if ok, err := holds(term, has); ok || err != nil {
			return ok, err
		}
	}
	return len(names) == 0, nil
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
		sign, err := against(has, v)
		if err != nil {
			return false, err
		}
		allowed := map[search.Comparator][]int{
			search.Equal: {0}, search.Less: {-1}, search.LessOrEqual: {-1, 0}, search.Greater: {1}, search.GreaterOrEqual: {0, 1},
		}
		if slices.Contains(allowed[term.Comparator], sign) {
			return true, nil
		}
	}
	return false, nil
}

// against compares what an item has with a value of the query.
func against(has any, v search.Value) (int, error) {
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
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
			if t, err := time.Parse(layout, v.Text); err == nil {
				return has.Compare(t), nil
			}
		}
		return 0, search.Errorf(v.At, "%q is not a time: write it like 2026-02-28T13:45:00Z.", v.Text)
	case bool:
		return strings.Compare(strconv.FormatBool(has), strings.ToLower(v.Text)), nil
	}
	return strings.Compare(strings.ToLower(has.(string)), strings.ToLower(v.Text)), nil
}
