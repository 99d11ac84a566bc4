package postgres

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/search"
)

// TestWindowShowsWhatTheListHas compares every window of a small list with what a slice of the whole list would be.
func TestWindowShowsWhatTheListHas(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var all []*fulfillment.FulfillmentOrder
	for range 3 {
		_, fos := b.create(merchant, service)
		all = append(all, fos...)
	}
	for _, i := range []int{2, 5, 0} { // The order of updates is another than that of IDs.
		b.do(all[i], &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	}
	for i := range all {
		all[i] = b.stored(all[i].ID)
	}
	for _, sort := range []Sort{SortID, SortUpdatedAt} {
		for _, reverse := range []bool{false, true} {
			whole := slices.Clone(all)
			slices.SortFunc(whole, func(x, y *fulfillment.FulfillmentOrder) int {
				order := cmp.Compare(x.ID, y.ID)
				if sort == SortUpdatedAt {
					order = cmp.Or(x.Updated().Compare(y.Updated()), order)
				}
				if reverse {
					return -order
				}
				return order
			})
			cursor := func(i int) string {
				if i < 0 || i >= len(whole) {
					return ""
				}
				p := Place{Sort: sort, ID: whole[i].ID}
				if sort != SortID {
					p.At = whole[i].Updated()
				}
				return p.String()
			}
			for after := -1; after < len(whole); after++ {
				for before := 0; before <= len(whole); before++ {
					for _, n := range []int{0, 1, 2, 6, -1, -2, -6} {
						w := Window{
							Sort: sort, Reverse: reverse, After: cursor(after), Before: cursor(before),
							First: max(n, 0), Last: max(-n, 0), None: n == 0,
						}
						from, until := after+1, max(before, after+1)
						if from = min(from, len(whole)); n >= 0 {
							until = min(until, from+n)
						} else {
							from = max(from, until+n)
						}
						list := FulfillmentOrderList{Window: w}
						if (after+before)%2 == 0 { // The same list, which no index has in its order.
							list.Search = searched(
								t, FulfillmentOrderSearch, "created_at:>=2000-01-01 updated_at:<9999-01-01",
							)
							list.LocationIDs = []fulfillment.ID{merchant.LocationID, service.LocationID}
						}
						got, err := b.ListFulfillmentOrders(t.Context(), list)
						if err != nil {
							t.Fatal(err)
						}
						var want []fulfillment.ID
						for _, fo := range whole[from:until] {
							want = append(want, fo.ID)
						}
						if ids := snapshotIDs(got.Items); !slices.Equal(ids, want) {
							t.Fatalf("%+v shows %v, want %v", w, ids, want)
						}
						if len(want) > 0 && (got.HasPrevious != (from > 0) || got.HasNext != (until < len(whole))) {
							t.Fatalf(
								"%+v shows %d to %d of %d: has previous %t, has next %t", w, from, until, len(whole),
								got.HasPrevious, got.HasNext,
							)
						}
						for i, c := range got.Cursors {
							if c != cursor(from+i) {
								t.Fatalf("%+v: cursor %d is %s, want %s", w, i, c, cursor(from+i))
							}
						}
					}
				}
			}
		}
	}
}

// TestListWhileRowsChange walks lists both ways while other rows come and go: what stays where it is is seen once.
func TestListWhileRowsChange(t *testing.T) {
	t.Parallel()
	for _, sort := range []Sort{SortID, SortUpdatedAt} {
		for _, reverse := range []bool{false, true} {
			for _, fromEnd := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s_reverse_%t_from_end_%t", sort, reverse, fromEnd), func(t *testing.T) {
					t.Parallel()
					b := newBook(t)
					var still, moving []*fulfillment.FulfillmentOrder
					for range 6 {
						_, fos := b.create(merchant, service)
						still, moving = append(still, fos[0]), append(moving, fos[1])
					}
					seen := map[fulfillment.ID]int{}
					w, pages := Window{Sort: sort, Reverse: reverse, First: 2}, 0
					if fromEnd {
						w.First, w.Last = 0, 2
					}
					for {
						got, err := b.ListFulfillmentOrders(t.Context(), FulfillmentOrderList{Window: w})
						if err != nil {
							t.Fatal(err)
						}
						for _, fo := range got.Items {
							seen[fo.ID]++
						}
						more, back := got.HasNext, got.HasPrevious
						if fromEnd {
							more, back = back, more
						}
						if back != (pages > 0) {
							t.Errorf("page %d: there is something on the side it came from: %t", pages, back)
						}
						if !more {
							break
						}
						if fromEnd {
							w.Before = got.Cursors[0]
						} else {
							w.After = got.Cursors[len(got.Cursors)-1]
						}
						if pages++; pages > 30 {
							t.Fatal("the list has no end")
						}
						if len(moving) > 0 {
							// One is updated or closed, and so moves or goes away; another order comes.
							var cmd fulfillment.Command = &fulfillment.PlaceHold{Reason: fulfillment.HoldOther}
							b.do(moving[0], cmd)
							moving = moving[1:]
							if pages%2 == 0 {
								b.create(merchant)
							}
						}
					}
					for _, fo := range still {
						if seen[fo.ID] != 1 {
							t.Errorf("%d was seen %d times", fo.ID, seen[fo.ID])
						}
					}
				})
			}
		}
	}
}

func TestListFulfillmentOrdersNarrows(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	other := service
	other.LocationID, other.ServiceID, other.Name = 44, 55, "Others"
	_, fos := b.create(merchant, service)
	_, more := b.create(other, service)
	_, last := b.create(service, merchant)
	merchants, mine, others, asked, accepted, stopping := fos[0], fos[1], more[0], more[1], last[0], last[1]
	held := b.do(merchants, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	asked = b.do(asked, &fulfillment.SubmitFulfillmentRequest{})
	accepted = b.do(accepted, &fulfillment.SubmitFulfillmentRequest{}, &fulfillment.AcceptFulfillmentRequest{})
	closed := b.do(stopping, &fulfillment.CreateFulfillment{})
	expr, err := search.Parse("status:open OR status:closed")
	if err != nil {
		t.Fatal(err)
	}
	found, err := FulfillmentOrderSearch(expr)
	if err != nil {
		t.Fatal(err)
	}
	own := []fulfillment.ID{service.ServiceID}
	visible := func(m, a, third bool) FulfillmentOrderList {
		return FulfillmentOrderList{
			Visibility: &access.Visibility{Merchant: m, Assigned: a, ThirdParty: third, Services: own},
		}
	}
	for name, test := range map[string]struct {
		list FulfillmentOrderList
		want []*fulfillment.FulfillmentOrder
	}{
		"not_closed": {
			FulfillmentOrderList{}, []*fulfillment.FulfillmentOrder{held, mine, others, asked, accepted},
		},
		"closed_too": {
			FulfillmentOrderList{IncludeClosed: true},
			[]*fulfillment.FulfillmentOrder{held, mine, others, asked, accepted, closed},
		},
		"on_hold": {FulfillmentOrderList{OnHold: true}, []*fulfillment.FulfillmentOrder{held}},
		"search": {
			FulfillmentOrderList{Search: found}, []*fulfillment.FulfillmentOrder{mine, others, asked},
		},
		"search_closed": {
			FulfillmentOrderList{Search: found, IncludeClosed: true},
			[]*fulfillment.FulfillmentOrder{mine, others, asked, closed},
		},
		"locations": {
			FulfillmentOrderList{LocationIDs: []fulfillment.ID{44, 11, 44}},
			[]*fulfillment.FulfillmentOrder{held, others},
		},
		"no_location": {FulfillmentOrderList{LocationIDs: []fulfillment.ID{}}, nil},
		"unsubmitted": {
			FulfillmentOrderList{Assignment: AssignmentFulfillmentUnsubmitted},
			[]*fulfillment.FulfillmentOrder{mine, others},
		},
		"requested": {
			FulfillmentOrderList{Assignment: AssignmentFulfillmentRequested}, []*fulfillment.FulfillmentOrder{asked},
		},
		"accepted": {
			FulfillmentOrderList{Assignment: AssignmentFulfillmentAccepted}, []*fulfillment.FulfillmentOrder{accepted},
		},
		"none_is_cancelling": {FulfillmentOrderList{Assignment: AssignmentCancellationRequested}, nil},
		"everybody": {
			visible(true, true, true), []*fulfillment.FulfillmentOrder{held, mine, others, asked, accepted},
		},
		"nobody":      {visible(false, false, false), nil},
		"merchant":    {visible(true, false, false), []*fulfillment.FulfillmentOrder{held}},
		"assigned":    {visible(false, true, false), []*fulfillment.FulfillmentOrder{mine, asked, accepted}},
		"third_party": {visible(false, false, true), []*fulfillment.FulfillmentOrder{others}},
		"merchant_assigned": {
			visible(true, true, false), []*fulfillment.FulfillmentOrder{held, mine, asked, accepted},
		},
		"merchant_third_party": {visible(true, false, true), []*fulfillment.FulfillmentOrder{held, others}},
		"services": {
			visible(false, true, true), []*fulfillment.FulfillmentOrder{mine, others, asked, accepted},
		},
		"without_services": {FulfillmentOrderList{Visibility: &access.Visibility{Assigned: true}}, nil},
	} {
		got, err := b.ListFulfillmentOrders(t.Context(), test.list)
		if err != nil {
			t.Fatal(err)
		}
		if ids, want := snapshotIDs(got.Items), snapshotIDs(test.want); !slices.Equal(ids, want) {
			t.Errorf("%s: %v, want %v", name, ids, want)
		}
	}
	if _, err := b.ListFulfillmentOrders(t.Context(), FulfillmentOrderList{Assignment: "LATER"}); err == nil {
		t.Error("an assignment status that there is not was taken")
	}
	stopped := b.do(accepted, &fulfillment.SubmitCancellationRequest{})
	got, err := b.ListFulfillmentOrders(t.Context(), FulfillmentOrderList{Assignment: AssignmentCancellationRequested})
	if err != nil || len(got.Items) != 1 || got.Items[0].Sequence != stopped.Sequence {
		t.Errorf("cancellation requested: %v, %v", snapshotIDs(got.Items), err)
	}
}

func TestListOrders(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var ids []fulfillment.ID
	for i := range 5 {
		o := b.order()
		placed := testStart.Add(-time.Duration(i%3) * time.Hour) // Neither as created nor distinct.
		o.ProcessedAt = &placed
		fos, transitions := b.plan(o, merchant)
		if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, o.ID)
		if i == 1 {
			b.do(fos[0], &fulfillment.CreateFulfillment{})
		}
	}
	at := b.now.Add(time.Hour)
	if err := b.CancelOrder(t.Context(), ids[0], at, "", "cancel", fulfillment.System); err != nil {
		t.Fatal(err)
	}
	for sort, want := range map[Sort][]int{
		SortID: {0, 1, 2, 3, 4}, SortCreatedAt: {0, 1, 2, 3, 4}, SortProcessedAt: {2, 1, 4, 0, 3},
		SortUpdatedAt: {1, 2, 3, 4, 0},
	} {
		for _, reverse := range []bool{false, true} {
			if reverse {
				slices.Reverse(want)
			}
			var forth, back []int
			for w := (Window{Sort: sort, Reverse: reverse, First: 2}); ; {
				got, err := b.ListOrders(t.Context(), OrderList{Window: w})
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range got.Items {
					forth = append(forth, slices.Index(ids, o.ID))
				}
				if !got.HasNext {
					break
				}
				w.After = got.Cursors[len(got.Cursors)-1]
			}
			for w := (Window{Sort: sort, Reverse: reverse, Last: 2}); ; {
				got, err := b.ListOrders(t.Context(), OrderList{Window: w})
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range slices.Backward(got.Items) {
					back = append(back, slices.Index(ids, o.ID))
				}
				if !got.HasPrevious {
					break
				}
				w.Before = got.Cursors[0]
			}
			slices.Reverse(back)
			if !slices.Equal(forth, want) || !slices.Equal(back, want) {
				t.Errorf("by %s, reverse %t: forth %v, back %v, want %v", sort, reverse, forth, back, want)
			}
		}
	}
}

func TestFulfillmentOrdersOfOrders(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	first, fos := b.create(merchant, service)
	second, more := b.create(merchant, service)
	b.do(more[0], &fulfillment.CreateFulfillment{})
	of, err := b.FulfillmentOrdersOfOrders(t.Context(), []fulfillment.ID{second.ID, first.ID, 99, first.ID},
		FulfillmentOrderList{Window: Window{First: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[fulfillment.ID]struct {
		id   fulfillment.ID
		next bool
	}{first.ID: {fos[0].ID, true}, second.ID: {more[1].ID, false}, 99: {}} {
		got, ok := of[id]
		if !ok || got.HasNext != want.next || got.HasPrevious || want.id == 0 && len(got.Items) != 0 || want.id != 0 &&
			!slices.Equal(snapshotIDs(got.Items), []fulfillment.ID{want.id}) {
			t.Errorf("of %d: %v, has next %t; want %v", id, snapshotIDs(got.Items), got.HasNext, want)
		}
	}
	of, err = b.FulfillmentOrdersOfOrders(t.Context(), []fulfillment.ID{second.ID},
		FulfillmentOrderList{
			Window: Window{First: 1, After: Place{Sort: SortID, ID: more[0].ID}.String()}, IncludeClosed: true,
		})
	if got := of[second.ID]; err != nil || !slices.Equal(snapshotIDs(got.Items), snapshotIDs(more[1:])) ||
		!got.HasPrevious || got.HasNext {
		t.Errorf("the second page: %+v, %v", got, err)
	}
}

// TestListsReadNoMoreOfALargeTable counts the pages of the database that a list touches: an index must lead to its
// rows, and nothing may be read and thrown away, however many closed rows there are and wherever the wanted ones are.
func TestListsReadNoMoreOfALargeTable(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	grow := func(from, to int) {
		t.Helper()
		for _, sql := range []string{
			`INSERT INTO orders (id, name, fingerprint, created_at, updated_at, processed_at)
			SELECT i, '#' || i, '', at, at, at FROM generate_series($1::bigint, $2::bigint) i, LATERAL (SELECT
				timestamptz '2026-01-01' + i * interval '1 second') t (at)`,
			`INSERT INTO fulfillment_orders (id, order_id, order_name, status, request_status, location_id,
				location_name, service_id,
				delivery_method, total, remaining, version, snapshot, created_at, updated_at)
			SELECT i, i, '#' || i, CASE WHEN i % 10 < 9 THEN 'CLOSED' WHEN i % 70 = 9 THEN 'ON_HOLD' ELSE 'OPEN' END,
				CASE WHEN i % 110 = 19 THEN 'SUBMITTED' ELSE 'UNSUBMITTED' END, i / 10 % 20, '', CASE WHEN i / 10 % 20
					< 10 THEN 0 ELSE i / 10 % 20 END,
				'SHIPPING', 1, 1, 1, jsonb_build_object('filler', (SELECT string_agg(md5(i::text || j), '') FROM
					generate_series(1, 30) j)), at, at
			FROM generate_series($1::bigint, $2::bigint) i, LATERAL (SELECT timestamptz '2026-01-01' + (i * 7919 %
				100003) * interval '1 second') t (at)`,
		} {
			if _, err := b.pool.Exec(t.Context(), sql, from, to); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.pool.Exec(t.Context(), `VACUUM ANALYZE`); err != nil {
			t.Fatal(err)
		}
	}
	half := func(sort Sort, id fulfillment.ID) string {
		return Place{sort, testStart.AddDate(0, -2, -3).Add(time.Duration(id*7919%100003) * time.Second), id}.String()
	}
	mine := &access.Visibility{Assigned: true, Services: []fulfillment.ID{19}}
	lists := map[string]FulfillmentOrderList{
		"unclosed":    {},
		"all":         {IncludeClosed: true},
		"merchant":    {Visibility: &access.Visibility{Merchant: true}},
		"assigned":    {Visibility: mine},
		"third_party": {Visibility: &access.Visibility{ThirdParty: true, Services: []fulfillment.ID{19}}},
		"both":        {Visibility: &access.Visibility{Merchant: true, Assigned: true, Services: []fulfillment.ID{19}}},
		"requested":   {Visibility: mine, Assignment: AssignmentFulfillmentRequested},
		"location":    {LocationIDs: []fulfillment.ID{19}},
		"locations":   {LocationIDs: []fulfillment.ID{3, 7, 19}},
		"on_hold":     {OnHold: true},
	}
	pages := func(query string, args []any) int {
		t.Helper()
		var plans []struct {
			Plan struct {
				Hit  int `json:"Shared Hit Blocks"`
				Read int `json:"Shared Read Blocks"`
			}
		}
		var text []byte
		for range 2 { // The first time, the system catalogs and hint bits may be read, too.
			if err := b.pool.QueryRow(
				t.Context(), `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) `+query, args...,
			).Scan(&text); err != nil {
				t.Fatal(err)
			}
		}
		if err := json.Unmarshal(text, &plans); err != nil {
			t.Fatal(err)
		}
		return plans[0].Plan.Hit + plans[0].Plan.Read
	}
	measure := func(rows int) map[string]int {
		touched := map[string]int{}
		for name, list := range lists {
			for _, sort := range []Sort{SortID, SortUpdatedAt} {
				if name == "on_hold" && sort != SortID { // Shopify's list of what is on hold can't be sorted.
					continue
				}
				for _, reverse := range []bool{false, true} {
					for _, after := range []string{"", half(sort, 1500)} {
						list.Window = Window{Sort: sort, Reverse: reverse, First: 50, After: after}
						var c conditions
						s, err := list.span(&c)
						if err != nil {
							t.Fatal(err)
						}
						query, args := s.query(fulfillmentOrders, c, false)
						touched[fmt.Sprintf("%s_by_%s_reverse_%t_after_%t", name, sort, reverse, after != "")] = pages(query, args)
					}
				}
			}
		}
		for _, sort := range []Sort{SortID, SortCreatedAt, SortProcessedAt, SortUpdatedAt} {
			s, err := Window{Sort: sort, Reverse: true, First: 50}.check(sort)
			if err != nil {
				t.Fatal(err)
			}
			query, args := s.query(orders, conditions{}, false)
			touched["orders_by_"+string(sort)] = pages(query, args)
		}
		s, err := Window{First: 50}.check(SortID)
		if err != nil {
			t.Fatal(err)
		}
		var c conditions
		// The last tenth of the list: it is not to be looked for from the first item on.
		lately := time.Date(2026, 1, 1, 0, 0, rows*9/10, 0, time.UTC)
		searched(t, OrderSearch, "updated_at:>="+lately.Format(time.RFC3339)).of("o").addTo(&c, "")
		query, args := s.query(orders, c, false)
		touched["orders_changed_lately"] = pages(query, args)
		return touched
	}
	grow(1, 3000)
	small := measure(3000)
	grow(3001, 40000)
	large := measure(40000)
	for name, n := range large {
		if n > max(400, small[name]*3/2) { // 51 items cost four to eight pages each, with their indexes.
			t.Errorf("%s reads %d pages of the large table, %d of the small one", name, n, small[name])
		}
	}
}

func searched(t *testing.T, compile func(search.Expr) (Search, error), text string) Search {
	t.Helper()
	e, err := search.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := compile(e)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func snapshotIDs(fos []*fulfillment.FulfillmentOrder) (ids []fulfillment.ID) {
	for _, fo := range fos {
		ids = append(ids, fo.ID)
	}
	return ids
}

// What waits at a location is read page by page: nothing that is closed, nothing of elsewhere, nothing twice.
func TestWaitingAt(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	if _, err := b.AddLocation(
		t.Context(), fulfillment.Location{ID: merchant.LocationID, Name: merchant.Name, Active: true},
	); err != nil {
		t.Fatal(err)
	}
	here, err := b.Location(t.Context(), b.service(fulfillment.Service{Name: "Ship Co"}).LocationID)
	if err != nil {
		t.Fatal(err)
	}
	var want []fulfillment.ID
	for i := range 4 {
		_, fos := b.create(here.Assign("in the test"))
		b.create(merchant)
		if i == 1 {
			b.do(fos[0], &fulfillment.CancelUnits{Meta: id("cancel"), WholeOrder: true})
			continue
		}
		want = append(want, fos[0].ID)
	}
	slices.Sort(want)
	var got []fulfillment.ID
	for after := fulfillment.ID(0); ; {
		page, err := b.WaitingAt(t.Context(), here.ID, after, 2)
		if err != nil || len(page) > 2 {
			t.Fatalf("%d at once, %v", len(page), err)
		}
		if len(page) == 0 {
			break
		}
		for _, fo := range page {
			got, after = append(got, fo.ID), fo.ID
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("waiting are %d, want %d", got, want)
	}
}
