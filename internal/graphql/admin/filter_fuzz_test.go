package admin

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"packhorse/internal/search"
)

// FuzzFilter searches a list in memory with any query: it is refused with the place in it, and then whatever is in the
// list, or it keeps a part of the list in its order, each item for itself, and its negation keeps the rest.
func FuzzFilter(f *testing.F) {
	for _, query := range []string{
		"", " ", "*", "-*", "bell", "color:red", "(id:1", "((((id:1))))", "\x00", "\xff", "status:\xff", "İ",
		"id:1", "id:>=2", "id:1,2,x", "id:<2 OR -id:3", "id:*", "id:1*", "id:x", "id:-1", "id:+1",
		"id:1152921504606846976", "id:9223372036854775808",
		"id:gid://shopify/Fulfillment/1", "id:gid://shopify/Order/1?a",
		"id:<gid://shopify/Fulfillment/9223372036854775808", "id:gid://shopify/FulfillmentService/manual",
		"status:success", "status:SUC*", "-status:*", "status:>a", "status:\"\"", "status:\"\"*",
		"status:success,cancelled", "NOT (status:success OR id:>5)",
		"created_at:nonsense", "status:success OR created_at:nonsense", "status:none created_at:nonsense",
		"created_at:2026-03-02", "created_at:>2026-03-01", "-updated_at:<=2026-03-02",
		"created_at:<\"2026-03-01T12:00:00+01:00\"", "updated_at:9999-12-31", "updated_at:0001-01-01",
		"created_at:0000-01-01,9999-12-31T23:59:59", "created_at:*", "created_at:2026*",
	} {
		f.Add(query)
	}
	items := shipmentsToFilter()
	f.Fuzz(func(t *testing.T, query string) {
		kept, err := filter(items, &query, shipmentFields)
		if err != nil {
			refused, ok := errors.AsType[*search.Error](err)
			if !ok || refused.At < 0 || refused.At > len([]rune(query)) || refused.Message == "" ||
				!utf8.ValidString(refused.Message) || kept != nil {
				t.Fatalf("%q is refused with %#v, and keeps %v", query, err, kept)
			}
		}
		if none, errOfNone := filter(nil, &query, shipmentFields); len(none) > 0 || !sameError(err, errOfNone) {
			t.Fatalf("%q in an empty list: %v, %v; in one of %d: %v", query, none, errOfNone, len(items), err)
		}
		var each []*Fulfillment
		for i := range items {
			one, errOfOne := filter(items[i:i+1], &query, shipmentFields)
			if !sameError(err, errOfOne) {
				t.Fatalf("%q in a list of item %d: %v; in one of all: %v", query, i, errOfOne, err)
			}
			each = append(each, one...)
		}
		if !slices.Equal(kept, each) {
			t.Fatalf("%q keeps %v, and of each item alone %v", query, kept, each)
		}
		if err != nil || strings.TrimSpace(query) == "" {
			return
		}
		negation := "-(" + query + ")"
		others, err := filter(items, &negation, shipmentFields)
		if err != nil { // A query may be as long or deep as is allowed already.
			if e, parseErr := search.Parse(negation); parseErr == nil {
				t.Fatalf("%q is refused when it is negated, %s: %v", query, e, err)
			}
			return
		}
		for _, item := range items {
			if slices.Contains(kept, item) == slices.Contains(others, item) {
				t.Fatalf("%q and its negation agree about %+v", query, item.shipment())
			}
		}
	})
}

func sameError(a, b error) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Error() == b.Error())
}
