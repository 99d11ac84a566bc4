package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"packhorse/internal/fulfillment"
)

// walk follows a list to its end, and fails when a page breaks its promises.
func walk[T any](t *testing.T, page Page, list func(Page) (Results[T], error)) (all []T) {
	t.Helper()
	for {
		got, err := list(page)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Items) > page.Limit || got.HasMore != (got.Next != 0) || got.HasMore &&
			len(got.Items) != page.Limit {
			t.Fatalf("%d items of %d, next %q, has more: %t", len(got.Items), page.Limit, got.Next, got.HasMore)
		}
		all = append(all, got.Items...)
		if !got.HasMore {
			return all
		}
		page.After = got.Next
	}
}

// TestOrdersAreListedAsTheyCame has orders whose IDs are derived from what another system calls them.
func TestOrdersAreListedAsTheyCame(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var want []fulfillment.ID
	for _, id := range []fulfillment.ID{1 << 60, 1 << 20, 1 << 61, 1 << 40, 1 << 30} {
		o := b.order()
		o.ID = id
		fos, transitions := b.plan(o, merchant)
		if _, err := b.CreateOrder(t.Context(), o, fos, transitions); err != nil {
			t.Fatal(err)
		}
		want = append(want, id)
	}
	for limit := range 6 {
		for _, latestFirst := range []bool{false, true} {
			var got []fulfillment.ID
			page := Page{Limit: limit + 1, Reverse: latestFirst}
			for _, o := range walk(t, page, func(p Page) (OrderPage, error) {
				return b.Orders(t.Context(), OrderFilter{}, p)
			}) {
				got = append(got, o.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("by %d, latest first %t: %v, want %v", page.Limit, latestFirst, got, want)
			}
			slices.Reverse(want)
		}
	}
}

// TestFulfillmentOrdersAreNumbered tells each one's place among those of its order as they were made.
func TestFulfillmentOrdersAreNumbered(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	o, fos := b.create(merchant, service)
	b.create(merchant)
	b.do(fos[0], &fulfillment.CreateFulfillment{})
	page, err := b.FulfillmentOrders(
		t.Context(), FulfillmentOrderFilter{OrderID: o.ID, LocationID: service.LocationID}, Page{},
	)
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != fos[1].ID || page.Items[0].Name != o.Name+"-2" {
		t.Errorf("%+v, %v; want %d to be %s-2", page.Items, err, fos[1].ID, o.Name)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var orders, fulfillmentOrders []fulfillment.ID
	var last []*fulfillment.FulfillmentOrder
	for range 5 {
		o, fos := b.create(merchant, service)
		orders = append(orders, o.ID)
		for _, fo := range fos {
			fulfillmentOrders = append(fulfillmentOrders, fo.ID)
		}
		last = fos
	}
	shipped := b.do(last[0], &fulfillment.CreateFulfillment{})
	due := b.now.AddDate(0, 0, 1)
	b.do(last[1], &fulfillment.SetDeadline{FulfillBy: &due})

	orderIDs := func(page Page, filter OrderFilter) (ids []fulfillment.ID) {
		for _, o := range walk(t, page, func(p Page) (OrderPage, error) { return b.Orders(t.Context(), filter, p) }) {
			ids = append(ids, o.ID)
		}
		return ids
	}
	fulfillmentOrderIDs := func(page Page, filter FulfillmentOrderFilter) (ids []fulfillment.ID) {
		for _, fo := range walk(
			t, page, func(p Page) (FulfillmentOrderPage, error) { return b.FulfillmentOrders(t.Context(), filter, p) },
		) {
			ids = append(ids, fo.ID)
		}
		return ids
	}
	reversed := func(ids []fulfillment.ID) []fulfillment.ID {
		ids = slices.Clone(ids)
		slices.Reverse(ids)
		return ids
	}
	for limit := range 6 {
		limit++
		if got := orderIDs(Page{Limit: limit}, OrderFilter{}); !slices.Equal(got, orders) {
			t.Errorf("orders by %d: %v, want %v", limit, got, orders)
		}
		if got := orderIDs(Page{Limit: limit, Reverse: true}, OrderFilter{}); !slices.Equal(got, reversed(orders)) {
			t.Errorf("orders by %d, reversed: %v, want %v", limit, got, reversed(orders))
		}
		if got := fulfillmentOrderIDs(
			Page{Limit: limit, Reverse: true}, FulfillmentOrderFilter{},
		); !slices.Equal(got, reversed(fulfillmentOrders)) {
			t.Errorf("fulfillment orders by %d, reversed: %v, want %v", limit, got, reversed(fulfillmentOrders))
		}
	}

	five := Page{Limit: 5}
	no := false
	for name, test := range map[string]struct{ got, want []fulfillment.ID }{
		"display_status": {
			orderIDs(
				five,
				OrderFilter{
					DisplayFulfillmentStatuses: []fulfillment.OrderDisplayStatus{fulfillment.OrderPartiallyFulfilled},
				},
			),
			orders[4:],
		},
		"fulfillment_status": {
			orderIDs(
				five,
				OrderFilter{
					FulfillmentStatuses: []fulfillment.OrderFulfillmentStatus{
						fulfillment.OrderStatusNotFulfilled, fulfillment.OrderStatusShipped,
					},
				},
			),
			orders[:4],
		},
		"name":              {orderIDs(five, OrderFilter{Name: "#" + orders[2].String()}), orders[2:3]},
		"source_identifier": {orderIDs(five, OrderFilter{SourceIdentifier: "shop/" + orders[3].String()}), orders[3:4]},
		"not_cancelled":     {orderIDs(five, OrderFilter{Cancelled: &no}), orders},
		"order": {
			fulfillmentOrderIDs(five, FulfillmentOrderFilter{OrderID: orders[1]}), fulfillmentOrders[2:4],
		},
		"closed": {
			fulfillmentOrderIDs(five, FulfillmentOrderFilter{Statuses: []fulfillment.Status{fulfillment.StatusClosed}}),
			[]fulfillment.ID{shipped.ID},
		},
		"service": {
			fulfillmentOrderIDs(five, FulfillmentOrderFilter{ServiceID: service.ServiceID, Provider: "manual"}),
			odd(fulfillmentOrders),
		},
		"two_statuses_at": {
			fulfillmentOrderIDs(
				five,
				FulfillmentOrderFilter{
					LocationID: merchant.LocationID,
					Statuses:   []fulfillment.Status{fulfillment.StatusClosed, fulfillment.StatusOnHold},
				},
			),
			[]fulfillment.ID{shipped.ID},
		},
		"request_status": {
			fulfillmentOrderIDs(
				five,
				FulfillmentOrderFilter{RequestStatuses: []fulfillment.RequestStatus{fulfillment.RequestSubmitted}},
			),
			nil,
		},
		"due": {
			fulfillmentOrderIDs(five, FulfillmentOrderFilter{FulfillBefore: due.AddDate(0, 0, 1)}),
			[]fulfillment.ID{last[1].ID},
		},
		"updated": {
			fulfillmentOrderIDs(five, FulfillmentOrderFilter{UpdatedSince: b.stored(shipped.ID).Updated()}),
			[]fulfillment.ID{shipped.ID, last[1].ID},
		},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("by %s: %v, want %v", name, test.got, test.want)
		}
	}

	before := b.calls.statements.Load()
	page, err := b.Orders(t.Context(), OrderFilter{}, Page{Reverse: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.calls.statements.Load() - before; got != 1 {
		t.Errorf("a list of orders takes %d statements, want 1", got)
	}
	if o := page.Items[0]; o.FulfillmentOrders != 2 || o.OpenFulfillmentOrders != 1 || o.Quantity != 4 ||
		o.Remaining != 1 {
		t.Errorf("counts of the last order: %+v", o)
	}
	counts, err := b.CountByStatus(t.Context())
	if diff := cmp.Diff(
		[]StatusCount{{fulfillment.StatusOpen, fulfillment.RequestUnsubmitted, 9}}, counts,
	); err != nil || diff != "" {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
}

func odd(ids []fulfillment.ID) (every []fulfillment.ID) {
	for i := 1; i < len(ids); i += 2 {
		every = append(every, ids[i])
	}
	return every
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(merchant)
	fo := fos[0]
	var want []fulfillment.Transition
	for i := range 60 {
		var cmd fulfillment.Command = &fulfillment.PlaceHold{Meta: id(fmt.Sprint(i)), Reason: fulfillment.HoldOther}
		if i%2 == 1 {
			cmd = &fulfillment.ReleaseHold{Meta: id(fmt.Sprint(i))}
		}
		c := b.decide(fo, cmd)
		if _, err := b.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		fo, want = c.State, append(want, c.Transitions...)
	}
	got := walk(t, Page{Limit: 7}, func(p Page) (TransitionPage, error) { return b.Transitions(t.Context(), fo.ID, p) })
	if diff := cmp.Diff(want, got[1:], cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
	latest, err := b.Transitions(t.Context(), fo.ID, Page{Limit: 1, Reverse: true})
	if err != nil || latest.Items[0].Sequence != fo.Sequence || !latest.HasMore {
		t.Errorf("the latest: %+v, %v", latest, err)
	}

	loaded, err := b.Load(t.Context(), fo.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fo.Recent, loaded.Recent); diff != "" || len(loaded.Recent) != 50 {
		t.Errorf("%d answers; -written +read:\n%s", len(loaded.Recent), diff)
	}
	answers, err := b.Answers(t.Context(), fo.ID, []string{"3", "nobody's", "0", ""})
	if err != nil || len(answers) != 2 || answers[0].CommandID != "0" || answers[1].CommandID != "3" ||
		answers[1].Result.Sequence == 0 {
		t.Errorf("answers %+v, %v", answers, err)
	}
}

func TestFulfillment(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, fos := b.create(service)
	fo := richLife(b, fos[0])
	owner, got, err := b.Fulfillment(t.Context(), fo.Fulfillments[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&fo.Fulfillments[0], got, cmpopts.EquateEmpty(), uncommitted); diff != "" || owner.ID != fo.ID {
		t.Errorf("of %d; -written +read:\n%s", owner.ID, diff)
	}
	if got := b.one(
		`SELECT count(*) FROM fulfillments WHERE shipped_at = in_transit_at AND display_status = 'IN_TRANSIT'`,
	); got != 1 {
		t.Errorf("%d fulfillments in transit, want 1", got)
	}
	if got := b.one(`SELECT count(*) FROM fulfillment_events`); got != 1 {
		t.Errorf("%d events, want 1", got)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	_, _, fulfillmentErr := b.Fulfillment(t.Context(), 1)
	_, loadErr := b.Load(t.Context(), 1)
	_, orderErr := b.Order(t.Context(), 1)
	_, locationErr := b.Location(t.Context(), 1)
	for name, err := range map[string]error{
		"fulfillment": fulfillmentErr, "fulfillment order": loadErr, "order": orderErr, "location": locationErr,
	} {
		if !errors.Is(err, fulfillment.ErrNotFound) || !strings.Contains(fmt.Sprint(err), name) {
			t.Errorf("%s: got %v, want fulfillment.ErrNotFound that names it", name, err)
		}
	}
	fos, err := b.FulfillmentOrdersOf(t.Context(), 1)
	page, pageErr := b.Transitions(t.Context(), 1, Page{})
	if err != nil || pageErr != nil || len(fos) != 0 || len(page.Items) != 0 {
		t.Errorf("%v, %v, %v, %v", fos, err, page, pageErr)
	}
}

func TestCursor(t *testing.T) {
	t.Parallel()
	for _, want := range []Cursor{0, 1, 250, 1 << 62} {
		got, err := ParseCursor(want.String())
		if err != nil || got != want {
			t.Errorf("%d became %d, %v", want, got, err)
		}
		body, err := json.Marshal(Results[int]{Next: want})
		var back Results[int]
		if err == nil {
			err = json.Unmarshal(body, &back)
		}
		if err != nil || back.Next != want {
			t.Errorf("%s became %d, %v", body, back.Next, err)
		}
	}
	for _, text := range []string{"x", "123", "!", "AQ", "AQE", "AgI", Cursor(7).String() + "AA"} {
		if got, err := ParseCursor(text); err == nil {
			t.Errorf("%q became %d", text, got)
		} else if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeInvalid {
			t.Errorf("%q: got %v, want a refusal", text, err)
		}
	}
}

func TestPageLimit(t *testing.T) {
	t.Parallel()
	for asked, want := range map[int]int{-1: DefaultLimit, 0: DefaultLimit, 1: 1, 250: 250, 251: MaxLimit} {
		if got := (Page{Limit: asked}).limit(); got != want {
			t.Errorf("limit %d becomes %d, want %d", asked, got, want)
		}
	}
}

// The lists of the command line must not read whole tables: with sequential scans and sorts made expensive, the
// planner finds an index that has the order, too.
func TestListsHaveIndexes(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for name, where := range map[string]string{
		"fulfillment_orders WHERE true":                               "fulfillment_orders_pkey",
		"fulfillment_orders WHERE status = 'OPEN'":                    "fulfillment_orders_status_idx",
		"fulfillment_orders WHERE request_status = 'SUBMITTED'":       "fulfillment_orders_request_status_idx",
		"fulfillment_orders WHERE location_id = 1":                    "fulfillment_orders_location_idx",
		"fulfillment_orders WHERE service_id = 1 AND service_id <> 0": "fulfillment_orders_service_idx",
		"fulfillment_orders WHERE order_id = 1":                       "fulfillment_orders_order_idx",
		"orders WHERE display_fulfillment_status = 'FULFILLED'":       "orders_display_fulfillment_status_idx",
		"orders WHERE fulfillment_status = 'shipped'":                 "orders_fulfillment_status_idx",
		"orders WHERE name = '#1'":                                    "orders_name_idx",
	} {
		tx, err := b.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(
			t.Context(),
			`SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off`,
		); err != nil {
			t.Fatal(err)
		}
		rows, err := tx.Query(t.Context(), `EXPLAIN SELECT * FROM `+name+` AND id > 5 ORDER BY id LIMIT 50`)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, line)
		}
		if text := strings.Join(plan, "\n"); !strings.Contains(text, where) || strings.Contains(text, "Sort") {
			t.Errorf("%s is not read by %s:\n%s", name, where, text)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
