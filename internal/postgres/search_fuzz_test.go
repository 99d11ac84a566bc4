package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

var searchSeeds = []string{
	"", "*", "-*", "1001", "#1001*", "a OR b", "NOT (a b)", `"50% off_ice"`, `a\:b`, "?", "{}", "$1", `'{}'`,
	`"? {} $1 %s"`, "\x00", "\xff", "ß*", "İ",
	"status:open,on_hold", "-status:open", "status:*", "-status:*", "status:open*", "request_status:accepted",
	"status:>open", "test:TRUE", "-active:true",
	"id:>=5", "id:1,2,3", "id:gid://shopify/Order/1", "id:gid://shopify/FulfillmentOrder/1?a", "id:9223372036854775808",
	"id:<-9223372036854775809", "-id:99999999999999999999",
	"created_at:2026-03-04", "updated_at:>=2026-03-04T23:00:00Z", "fulfill_at:*", "-fulfill_by:*",
	"created_at:<0000-01-01", "created_at:>9999-12-31", "created_at:0000-01-01,9999-12-31",
	`processed_at:"9999-12-31T23:59:59.999999999-23:59"`, `created_at:"0000-01-01 00:00:00+23:59"`,
	`updated_at:"2026-03-04t23:00,5"`, `created_at:"2026-03-04T23:00:00.1+24:60"`,
	`tag:"a,b",VIP*`, "email:*", "fulfillment_status:unfulfilled,shipped", "-fulfillment_status:unshipped",
	"order_name:1001,#1002*", `name:""`, `name:""*`, "assigned_location_id:0",
	"((((((-(-(status:open))))))))", strings.Repeat("a ", 400), strings.Repeat("-a OR ", 400) + "b",
	"name:" + strings.Repeat("x", 5000),
}

// patience is how long PostgreSQL may take for a query on a few rows, on a machine that has other things to do.
const patience = 10 * time.Second

// searches are the lists that can be searched, with the statement that a condition is tried in.
var searches = []struct {
	compile func(search.Expr) (Search, error)
	sql     string
}{
	{FulfillmentOrderSearch, "SELECT f.id FROM fulfillment_orders f WHERE true"},
	{OrderSearch, "SELECT f.id FROM orders f WHERE true"},
	{LocationSearch, "SELECT f.id FROM locations f WHERE true"},
}

// compiled is what a query becomes for one of the lists: nil when it is refused, which must be done with a plain text
// that points into the query.
func compiled(t *testing.T, text string, compile func(search.Expr) (Search, error)) *conditions {
	t.Helper()
	e, err := search.Parse(text)
	var s Search
	if err == nil {
		s, err = compile(e)
	}
	if err != nil {
		var refused *search.Error
		if !errors.As(err, &refused) || refused.At < 0 || refused.At > len([]rune(text)) || refused.Message == "" ||
			!utf8.ValidString(refused.Message) {
			t.Fatalf("%q is refused with %#v", text, err)
		}
		return nil
	}
	c := new(conditions)
	s.of("f").add(c)
	return c
}

// FuzzSearchSQL makes SQL of any query: it holds nothing of the query but through arguments, one for each place, all of
// which PostgreSQL can keep.
func FuzzSearchSQL(f *testing.F) {
	for _, text := range searchSeeds {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range searches {
			c := compiled(t, text, s.compile)
			if c == nil {
				continue
			}
			if n := strings.Count(c.sql, "$"); n != len(c.args) || strings.ContainsAny(c.sql, "{}?%\x00") ||
				strings.Count(c.sql, "(") != strings.Count(c.sql, ")") {
				t.Fatalf("%q became %s with %d places and %d arguments", text, c.sql, n, len(c.args))
			}
			for _, arg := range c.args {
				switch arg := arg.(type) {
				case string:
					checkStorable(t, arg)
				case []string:
					checkStorable(t, arg...)
				case int64, []int64:
				case time.Time:
					if arg.Year() < -1 || arg.Year() > 10_000 {
						t.Fatalf("%q asks for the time %s", text, arg)
					}
				default:
					t.Fatalf("%q has an argument %T", text, arg)
				}
			}
		}
	})
}

func checkStorable(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			t.Fatalf("PostgreSQL can't take the text %q", text)
		}
	}
}

// FuzzSearch looks for any query in lists of a few rows: PostgreSQL takes it, and what is not found by it is found by
// its negation.
func FuzzSearch(f *testing.F) {
	fulfillmentOrders, orders, locations := shelves(f)
	for _, text := range searchSeeds {
		f.Add(text)
	}
	all := [][]fulfillment.ID{fulfillmentOrders.ids, orders.ids, locations.ids}
	f.Fuzz(func(t *testing.T, text string) {
		for i, s := range searches {
			c := compiled(t, text, s.compile)
			if c == nil {
				continue
			}
			find := func(sql string) []fulfillment.ID {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				rows, err := fulfillmentOrders.pool.Query(ctx, sql, c.args...)
				if err != nil {
					t.Fatalf("%q became %s: %v", text, sql, err)
				}
				ids, err := pgx.CollectRows(rows, pgx.RowTo[fulfillment.ID])
				if err != nil {
					t.Fatalf("%q became %s: %v", text, sql, err)
				}
				return ids
			}
			found := find(s.sql + c.sql)
			if c.sql != "" {
				found = append(found, find(s.sql+" AND ("+strings.TrimPrefix(c.sql, " AND ")+") IS NOT TRUE")...)
			}
			slices.Sort(found)
			if !slices.Equal(found, all[i]) && i < 2 { // The places that services run are not on the shelf.
				t.Fatalf("%q: with and without it there are %v, want %v", text, found, all[i])
			}
		}
	})
}

// FuzzList asks for any part of any list: PostgreSQL takes it, or it is refused plainly, and never are there more items
// than were asked for.
func FuzzList(f *testing.F) {
	b, _, _ := shelves(f)
	store := b.Store
	id := Place{Sort: SortID, ID: b.ids[2]}.String()
	updated := Place{SortUpdatedAt, searchStart, b.ids[3]}.String()
	sorts := []Sort{"", SortID, SortUpdatedAt, SortCreatedAt, SortProcessedAt, SortName, "TITLE"}
	f.Add("", uint8(0), 1, 0, "", "", false)
	f.Add("status:open", uint8(2), 0, 2, updated, "", true)
	f.Add("-id:1", uint8(1), 250, 0, id, id, false)
	f.Add("*", uint8(5), 0, 3, "", id, true)
	f.Add(
		"a OR b", uint8(4), -1, 0, Place{SortProcessedAt, time.UnixMicro(latestMicro), 1<<63 - 1}.String(), "x", false,
	)
	f.Add("id:>1", uint8(6), 0, 0, "\xff", Cursor(3).String(), false)
	f.Fuzz(func(t *testing.T, text string, sort uint8, first, last int, after, before string, reverse bool) {
		e, err := search.Parse(text)
		if err != nil {
			return
		}
		w := Window{
			Sort: sorts[int(sort)%len(sorts)], First: first, Last: last, After: after, Before: before, Reverse: reverse,
		}
		check := func(items, cursors int, err error) {
			t.Helper()
			refused, ok := fulfillment.AsError(err)
			switch {
			case err != nil &&
				(!ok || refused.Code != fulfillment.CodeInvalid || refused.Message == "" ||
					!utf8.ValidString(refused.Message)):
				t.Fatalf("%q %+v: %v", text, w, err)
			case err == nil &&
				(items != cursors || items > max(first, last, DefaultLimit) || first > 0 && items > first ||
					last > 0 && items > last):
				t.Fatalf("%q %+v: %d items, %d cursors", text, w, items, cursors)
			}
		}
		if s, err := FulfillmentOrderSearch(e); err == nil {
			got, err := store.ListFulfillmentOrders(
				t.Context(), FulfillmentOrderList{Window: w, Search: s, IncludeClosed: reverse},
			)
			check(len(got.Items), len(got.Cursors), err)
		}
		if s, err := OrderSearch(e); err == nil {
			got, err := store.ListOrders(t.Context(), OrderList{Window: w, Search: s})
			check(len(got.Items), len(got.Cursors), err)
		}
		if s, err := LocationSearch(e); err == nil {
			got, err := store.ListLocations(
				t.Context(), LocationList{Window: w, Search: s, IncludeInactive: reverse, IncludeServices: !reverse},
			)
			check(len(got.Items), len(got.Cursors), err)
		}
	})
}
