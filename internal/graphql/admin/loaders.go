package admin

import (
	"context"
	"sync"

	"packhorse/internal/access"
	"packhorse/internal/callback"
	"packhorse/internal/fulfillment"
	"packhorse/internal/paper"
	"packhorse/internal/postgres"
	"packhorse/internal/returns"
	"packhorse/internal/webhook"
)

// Book is where everything is read. A *[postgres.Store] is one. Every method is one statement.
type Book interface {
	FulfillmentOrdersByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.FulfillmentOrder, error)
	FulfillmentOrdersByPart(
		ctx context.Context, part postgres.Part, ids []fulfillment.ID,
	) ([]*fulfillment.FulfillmentOrder, error)
	FulfillmentOrdersOfAll(ctx context.Context, orderIDs []fulfillment.ID) (
		map[fulfillment.ID][]*fulfillment.FulfillmentOrder, error,
	)
	FulfillmentOrdersOfOrders(
		ctx context.Context, orderIDs []fulfillment.ID, list postgres.FulfillmentOrderList,
	) (map[fulfillment.ID]postgres.Segment[*fulfillment.FulfillmentOrder], error)
	ListFulfillmentOrders(
		ctx context.Context, list postgres.FulfillmentOrderList,
	) (postgres.Segment[*fulfillment.FulfillmentOrder], error)
	FulfillmentsBy(
		ctx context.Context, by postgres.FulfillmentKey, keys []fulfillment.ID,
	) ([]*postgres.OwnedFulfillment, error)
	OrdersByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.OrderRecord, error)
	AddressesBefore(
		ctx context.Context, keys []postgres.AddressBefore,
	) (map[postgres.AddressBefore]*fulfillment.Address, error)
	OrdersByLineItem(ctx context.Context, lineItemIDs []fulfillment.ID) ([]*fulfillment.OrderRecord, error)
	ListOrders(ctx context.Context, list postgres.OrderList) (postgres.Segment[*fulfillment.OrderRecord], error)
	CountOrders(ctx context.Context, search postgres.Search, limit *int) (n int, all bool, err error)
	EditSession(ctx context.Context, id fulfillment.ID) (fulfillment.EditSession, error)
	Returns(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]*returns.Return, error)
	OrderReturns(
		ctx context.Context, orderIDs []fulfillment.ID,
	) (map[fulfillment.ID][]*returns.Return, error)
	ReturnOf(ctx context.Context, partIDs []fulfillment.ID) (map[fulfillment.ID]fulfillment.ID, error)
	LocationsByID(ctx context.Context, ids []fulfillment.ID) ([]*fulfillment.Location, error)
	CountWaitingAt(ctx context.Context, locationIDs []fulfillment.ID) (map[fulfillment.ID]int, error)
	Locations(ctx context.Context) ([]fulfillment.Location, error)
	ListLocations(ctx context.Context, list postgres.LocationList) (postgres.Segment[fulfillment.Location], error)
	AllServices(ctx context.Context) ([]fulfillment.Service, error)
	ServiceCalls(ctx context.Context, id fulfillment.ID) (calls []callback.Standing, stopped string, err error)
	Apps(ctx context.Context) ([]access.App, error)
	SubscriptionsByID(ctx context.Context, ids []fulfillment.ID) ([]*webhook.Subscription, error)
	ListSubscriptions(
		ctx context.Context, list postgres.SubscriptionList,
	) (postgres.Segment[*webhook.Subscription], error)
	CountSubscriptions(
		ctx context.Context, filter postgres.SubscriptionFilter, limit *int,
	) (n int, all bool, err error)
	WebhookStandings(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]webhook.Standing, error)
	DocumentsOf(
		ctx context.Context, fulfillmentOrderIDs []fulfillment.ID,
	) (map[fulfillment.ID][]*paper.Document, error)
	AttemptsOfSubscriptions(
		ctx context.Context, ids []fulfillment.ID, list postgres.AttemptList,
	) (map[fulfillment.ID]postgres.Segment[webhook.Attempt], error)
}

// Loaders read for one request what its objects need, and remember it. They are safe for concurrent use.
type Loaders struct {
	book Book
	shop ShopSettings

	mu  sync.Mutex
	now *reads

	warned warnings
}

// reads is what is remembered, and how to read more.
type reads struct {
	book              Book
	fulfillmentOrders *batch[fulfillment.ID, *fulfillment.FulfillmentOrder]
	ofOrder           *batch[fulfillment.ID, []*fulfillment.FulfillmentOrder]
	parts             map[postgres.Part]*batch[fulfillment.ID, *fulfillment.FulfillmentOrder]
	fulfillments      map[postgres.FulfillmentKey]*batch[fulfillment.ID, *postgres.OwnedFulfillment]
	orders            *batch[fulfillment.ID, *fulfillment.OrderRecord]
	ordersByLineItem  *batch[fulfillment.ID, *fulfillment.OrderRecord]
	addressesBefore   *batch[postgres.AddressBefore, *fulfillment.Address]
	locationsByID     *batch[fulfillment.ID, *fulfillment.Location]
	waitingAt         *batch[fulfillment.ID, int] // fulfillment orders that are not closed, by location
	subscriptions     *batch[fulfillment.ID, *webhook.Subscription]
	standings         *batch[fulfillment.ID, webhook.Standing]  // of subscriptions
	documents         *batch[fulfillment.ID, []*paper.Document] // of fulfillment orders
	returns           *batch[fulfillment.ID, *returns.Return]
	returnsOf         *batch[fulfillment.ID, []*returns.Return] // of orders
	returnOf          *batch[fulfillment.ID, fulfillment.ID]    // of a part
	locations         once[[]fulfillment.Location]
	services          once[[]fulfillment.Service]
	apps              once[[]access.App]

	mu       sync.Mutex
	orderIDs map[fulfillment.ID]bool // orders that the response may name
	lists    map[orderListKey]*batch[fulfillment.ID, postgres.Segment[*fulfillment.FulfillmentOrder]]

	subscriptionIDs []fulfillment.ID // of subscriptions that the response has
	attempts        map[postgres.AttemptList]*batch[fulfillment.ID, postgres.Segment[webhook.Attempt]]
}

// NewLoaders reads from the book.
func NewLoaders(book Book, shop ShopSettings) *Loaders {
	return &Loaders{book: book, shop: shop, now: newReads(book)}
}

// Forget makes what follows read anew: after a mutation, so that its payload and everything behind it show what it did.
func (l *Loaders) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = newReads(l.book)
}

func (l *Loaders) reads() *reads {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

type loadersKey struct{}

// WithLoaders puts the loaders of a request into its context.
func WithLoaders(ctx context.Context, l *Loaders) context.Context {
	return context.WithValue(ctx, loadersKey{}, l)
}

// LoadersFrom is the loaders of the request. It panics when there are none: the server has forgotten them.
func LoadersFrom(ctx context.Context) *Loaders { return ctx.Value(loadersKey{}).(*Loaders) }

func read(ctx context.Context) *reads { return LoadersFrom(ctx).reads() }

// caller is who asks; nobody, who may see nothing, outside of a request.
func caller(ctx context.Context) access.Caller {
	c, _ := access.CallerFrom(ctx)
	return c
}

func newReads(book Book) *reads {
	r := &reads{
		book: book, orderIDs: map[fulfillment.ID]bool{},
		parts:        map[postgres.Part]*batch[fulfillment.ID, *fulfillment.FulfillmentOrder]{},
		fulfillments: map[postgres.FulfillmentKey]*batch[fulfillment.ID, *postgres.OwnedFulfillment]{},
		lists:        map[orderListKey]*batch[fulfillment.ID, postgres.Segment[*fulfillment.FulfillmentOrder]]{},
		attempts:     map[postgres.AttemptList]*batch[fulfillment.ID, postgres.Segment[webhook.Attempt]]{},
	}
	r.fulfillmentOrders = newBatch(inOrder(book.FulfillmentOrdersByID, r.sawFulfillmentOrder))
	for _, part := range []postgres.Part{postgres.PartLine, postgres.PartHold, postgres.PartMerchantRequest} {
		r.parts[part] = newBatch(inOrder(func(
			ctx context.Context, ids []fulfillment.ID,
		) ([]*fulfillment.FulfillmentOrder, error) {
			return book.FulfillmentOrdersByPart(ctx, part, ids)
		}, r.sawFulfillmentOrder))
	}
	for _, key := range []postgres.FulfillmentKey{
		postgres.FulfillmentByID, postgres.FulfillmentByLine, postgres.FulfillmentByEvent,
	} {
		r.fulfillments[key] = newBatch(inOrder(func(
			ctx context.Context, ids []fulfillment.ID,
		) ([]*postgres.OwnedFulfillment, error) {
			return book.FulfillmentsBy(ctx, key, ids)
		}, func(f *postgres.OwnedFulfillment) {
			for _, fo := range f.Sources {
				r.sawFulfillmentOrder(fo)
			}
		}))
	}
	r.ofOrder = newBatch(func(ctx context.Context, ids []fulfillment.ID) (
		map[fulfillment.ID][]*fulfillment.FulfillmentOrder, error,
	) {
		of, err := book.FulfillmentOrdersOfAll(ctx, ids)
		for _, fos := range of {
			for _, fo := range fos {
				r.sawFulfillmentOrder(fo)
			}
		}
		return of, err
	})
	r.orders = newBatch(inOrder(book.OrdersByID, r.sawOrder))
	r.ordersByLineItem = newBatch(inOrder(book.OrdersByLineItem, r.sawOrder))
	r.addressesBefore = newBatch(book.AddressesBefore)
	r.locationsByID = newBatch(inOrder(book.LocationsByID, func(*fulfillment.Location) {}))
	r.standings = newBatch(book.WebhookStandings)
	r.subscriptions = newBatch(inOrder(book.SubscriptionsByID, r.sawSubscription))
	r.documents = documentsOf(book)
	r.readReturns()
	r.waitingAt = newBatch(book.CountWaitingAt)
	r.locations = newOnce(func(ctx context.Context) ([]fulfillment.Location, error) {
		locations, err := book.Locations(ctx)
		for i := range locations {
			r.locationsByID.know(locations[i].ID, &locations[i])
		}
		return locations, err
	})
	r.services = newOnce(func(ctx context.Context) ([]fulfillment.Service, error) {
		services, err := book.AllServices(ctx)
		for i := range services {
			r.locationsByID.announce(services[i].LocationID)
		}
		return services, err
	})
	r.apps = newOnce(book.Apps)
	return r
}

// inOrder turns a read that answers in the order of its keys, with nil for what does not exist, into one of a batch.
func inOrder[T any](
	read func(context.Context, []fulfillment.ID) ([]*T, error), saw func(*T),
) func(context.Context, []fulfillment.ID) (map[fulfillment.ID]*T, error) {
	return func(ctx context.Context, ids []fulfillment.ID) (map[fulfillment.ID]*T, error) {
		items, err := read(ctx, ids)
		if err != nil {
			return nil, err
		}
		of := make(map[fulfillment.ID]*T, len(ids))
		for i, item := range items {
			if item != nil {
				of[ids[i]] = item
				saw(item)
			}
		}
		return of, nil
	}
}

// sawFulfillmentOrder remembers the fulfillment order, and announces what it names.
func (r *reads) sawFulfillmentOrder(fo *fulfillment.FulfillmentOrder) {
	r.fulfillmentOrders.know(fo.ID, fo)
	r.sawOrderID(fo.OrderID)
	if fo.DestinationBefore != 0 {
		r.addressesBefore.announce(postgres.AddressBefore{OrderID: fo.OrderID, Update: fo.DestinationBefore})
	}
	r.documents.announce(fo.ID)
	r.locationsByID.announce(fo.AssignedLocation.LocationID)
	for i := range fo.Fulfillments {
		r.locationsByID.announce(fo.Fulfillments[i].LocationID)
	}
}

func (r *reads) sawOrder(o *fulfillment.OrderRecord) {
	r.orders.know(o.ID, o)
	r.sawOrderID(o.ID)
}

func (r *reads) sawOrderID(id fulfillment.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.orderIDs[id] {
		return
	}
	r.orderIDs[id] = true
	r.orders.announce(id)
	r.ofOrder.announce(id)
	r.returnsOf.announce(id)
	for _, list := range r.lists {
		list.announce(id)
	}
}

// orderListKey is the arguments of a list of fulfillment orders that each order has.
type orderListKey struct {
	window postgres.Window
	query  string
}

// listOfOrder reads such a list, for all orders of the level at once.
func (r *reads) listOfOrder(
	ctx context.Context, orderID fulfillment.ID, key orderListKey, list postgres.FulfillmentOrderList,
) (postgres.Segment[*fulfillment.FulfillmentOrder], error) {
	r.mu.Lock()
	b := r.lists[key]
	if b == nil {
		b = newBatch(func(ctx context.Context, ids []fulfillment.ID) (
			map[fulfillment.ID]postgres.Segment[*fulfillment.FulfillmentOrder], error,
		) {
			of, err := r.book.FulfillmentOrdersOfOrders(ctx, ids, list)
			for _, s := range of {
				for _, fo := range s.Items {
					r.sawFulfillmentOrder(fo)
				}
			}
			return of, err
		})
		for id := range r.orderIDs {
			b.announce(id)
		}
		r.lists[key] = b
	}
	r.mu.Unlock()
	return b.load(ctx, orderID)
}
