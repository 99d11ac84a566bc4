package growth

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/search"
)

// pageSize is what a client of the API asks for, and farPage the page that it has come to.
const (
	pageSize = 50
	farPage  = 1000
)

// query is one that is measured on each store. It tells how many items it found.
type query struct {
	name string
	run  func(ctx context.Context, s *store) (int, error)
	// aside says why the target is not about it; "": it is.
	aside string
}

// latest is how many of the fulfillment orders of a store were changed in the time that an app asks for that looks for
// changes again and again; in the largest store, the changes of its last day, which are more.
const latest = 500

// queries are the lists of the API and of the command line in each of the ways in which people narrow them.
func queries() []query {
	type list = postgres.FulfillmentOrderList
	changed := postgres.Window{First: pageSize, Sort: postgres.SortUpdatedAt, Reverse: true}
	since := func(s *store, days int) string {
		last := dayOf(s.Size-1, s.Size).AddDate(0, 0, 1)
		return "updated_at:>=" + last.AddDate(0, 0, -max(1, days)).Format(time.DateOnly)
	}
	lately := func(s *store) string { return since(s, daysOfBook*latest/s.Size) }
	fixed := func(text string) func(*store) string { return func(*store) string { return text } }
	return []query{
		fulfillmentOrders("first page", list{}, nil),
		fulfillmentOrders("page 1,000", list{}, nil).far(list{}),
		fulfillmentOrders(
			"first page, with closed, last changed first", list{Window: changed, IncludeClosed: true}, nil,
		),
		fulfillmentOrders(
			"page 1,000, with closed, last changed first", list{Window: changed, IncludeClosed: true}, nil,
		).
			far(list{Window: changed, IncludeClosed: true}),
		fulfillmentOrders("status", list{}, fixed("status:ON_HOLD")),
		fulfillmentOrders("several statuses", list{}, fixed("status:ON_HOLD,IN_PROGRESS")),
		fulfillmentOrders("location", list{LocationIDs: []fulfillment.ID{ownLocations[1].LocationID}}, nil),
		fulfillmentOrders("two locations, last changed first", list{Window: changed,
			LocationIDs: []fulfillment.ID{ownLocations[1].LocationID, shipCo.LocationID}}, nil),
		fulfillmentOrders("what a service has to answer", list{Assignment: postgres.AssignmentFulfillmentRequested,
			Visibility: &access.Visibility{Assigned: true, Services: []fulfillment.ID{shipCo.ServiceID}}}, nil),
		fulfillmentOrders(
			"changed since, by change", list{Window: postgres.Window{First: pageSize, Sort: postgres.SortUpdatedAt}},
			lately,
		),
		fulfillmentOrders("changed since, by ID", list{}, lately),
		fulfillmentOrders("changed since, with closed, by ID", list{IncludeClosed: true}, lately),
		fulfillmentOrders(
			"changed in the last month, by ID", list{}, func(s *store) string { return since(s, 30) },
		).not("finds a share of all, and sorts it"),
		fulfillmentOrders(
			"status, changed since, by ID", list{}, func(s *store) string { return "status:OPEN " + lately(s) },
		),
		fulfillmentOrders(
			"order name", list{IncludeClosed: true},
			func(s *store) string { return fmt.Sprint("order_name:", s.lateOrder()) },
		),
		fulfillmentOrders(
			"text", list{IncludeClosed: true}, func(s *store) string { return fmt.Sprint(s.lateOrder()) },
		),
		fulfillmentOrders(
			"start of an order name", list{IncludeClosed: true},
			func(s *store) string { return fmt.Sprintf("%d*", s.lateOrder()/100) },
		),
		{name: "command line: open", run: func(ctx context.Context, s *store) (int, error) {
			page, err := s.Store.FulfillmentOrders(
				ctx, postgres.FulfillmentOrderFilter{Statuses: []fulfillment.Status{fulfillment.StatusOpen}},
				postgres.Page{},
			)
			return len(page.Items), err
		}},
		orders("orders, first page", postgres.OrderList{}, nil),
		orders("orders, last changed first", postgres.OrderList{Window: changed}, nil),
		orders(
			"orders by name", postgres.OrderList{},
			func(s *store) string { return fmt.Sprint("name:#", s.lateOrder()) },
		),
		orders(
			"orders, paid and unfulfilled", postgres.OrderList{},
			fixed("financial_status:paid fulfillment_status:unfulfilled"),
		),
		orders("orders, refunded", postgres.OrderList{}, fixed("financial_status:refunded")),
		orders(
			"orders by source identifier", postgres.OrderList{},
			func(s *store) string { return fmt.Sprint("source_identifier:shop-", s.lateOrder()) },
		),
		orders("orders by SKU", postgres.OrderList{}, fixed("sku:BEL-1")),
		orders("orders to be picked up", postgres.OrderList{}, fixed("delivery_method:pick-up")),
		orders("orders that are shipped", postgres.OrderList{}, fixed("delivery_method:shipping")),
		orders(
			"orders at a location", postgres.OrderList{}, fixed(fmt.Sprint("location_id:", ownLocations[1].LocationID)),
		),
		orders(
			"orders shipped from a location", postgres.OrderList{},
			fixed(fmt.Sprint("fulfillment_location_id:", shipCo.LocationID)),
		),
		orders("orders by price", postgres.OrderList{}, fixed("current_total_price:40..41")),
		one("one fulfillment order", (*store).lateOrder),
		one("one fulfillment order, however old", (*store).anyOrder).not("reads pages that nobody has read before"),
	}
}

// lateOrder is the number of one of the latest orders, which are those that people ask for.
func (s *store) lateOrder() int64 {
	return firstCopy + int64(s.Size) - 1 - rand.Int64N(int64(min(s.Size, 5000)))
}

// anyOrder is the number of an order of the store.
func (s *store) anyOrder() int64 { return firstCopy + rand.Int64N(int64(s.Size)) }

// fulfillmentOrderOf is the ID of an order's fulfillment order.
func fulfillmentOrderOf(number int64) fulfillment.ID { return fulfillment.ID(number*idsOfOrder + 10) }

// one loads the fulfillment order of an order.
func one(name string, number func(*store) int64) query {
	return query{name: name, run: func(ctx context.Context, s *store) (int, error) {
		_, err := s.Load(ctx, fulfillmentOrderOf(number(s)))
		return 1, err
	}}
}

func parsed(text string, compile func(search.Expr) (postgres.Search, error)) (postgres.Search, error) {
	e, err := search.Parse(text)
	if err != nil {
		return postgres.Search{}, err
	}
	return compile(e)
}

// fulfillmentOrders lists them. A text, if any, is what they are searched by.
func fulfillmentOrders(name string, list postgres.FulfillmentOrderList, text func(*store) string) query {
	if list.First == 0 {
		list.First = pageSize
	}
	return query{name: name, run: func(ctx context.Context, s *store) (int, error) {
		list := list
		if text != nil {
			var err error
			if list.Search, err = parsed(text(s), postgres.FulfillmentOrderSearch); err != nil {
				return 0, err
			}
		}
		segment, err := s.ListFulfillmentOrders(ctx, list)
		return len(segment.Items), err
	}}
}

// not sets a query aside.
func (q query) not(why string) query {
	q.aside = why
	return q
}

// far is the query from the place on that a client has come to that went through the list page by page: in a store with
// fewer pages, to the middle.
func (q query) far(list postgres.FulfillmentOrderList) query {
	return query{name: q.name, run: func(ctx context.Context, s *store) (int, error) {
		list := list
		var err error
		if list.After, err = s.walked(ctx, q.name, list); err != nil {
			return 0, err
		}
		list.First = pageSize
		segment, err := s.ListFulfillmentOrders(ctx, list)
		return len(segment.Items), err
	}}
}

// walked is the cursor before the far page, which is walked to once.
func (s *store) walked(ctx context.Context, name string, list postgres.FulfillmentOrderList) (string, error) {
	if cursor, ok := s.cursors[name]; ok {
		return cursor, nil
	}
	var cursors []string // of the last item of each page
	list.First = postgres.MaxLimit
	for len(cursors) < farPage-1 {
		segment, err := s.ListFulfillmentOrders(ctx, list)
		if err != nil {
			return "", err
		}
		for last := pageSize - 1; last < len(segment.Cursors); last += pageSize {
			cursors = append(cursors, segment.Cursors[last])
		}
		if !segment.HasNext {
			cursors = cursors[:len(cursors)/2]
			break
		}
		list.After = segment.Cursors[len(segment.Cursors)-1]
	}
	if len(cursors) == 0 {
		return "", fmt.Errorf("%s: the list has too few pages", name)
	}
	cursors = cursors[:min(len(cursors), farPage-1)]
	s.cursors[name] = cursors[len(cursors)-1]
	return s.cursors[name], nil
}

// orders lists orders. A text, if any, is what they are searched by.
func orders(name string, list postgres.OrderList, text func(*store) string) query {
	list.First = pageSize
	return query{name: name, run: func(ctx context.Context, s *store) (int, error) {
		list := list
		if text != nil {
			var err error
			if list.Search, err = parsed(text(s), postgres.OrderSearch); err != nil {
				return 0, err
			}
		}
		segment, err := s.ListOrders(ctx, list)
		return len(segment.Items), err
	}}
}
