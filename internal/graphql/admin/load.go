package admin

import (
	"context"

	"packhorse/internal/fulfillment"
)

// Around gives the context of every request loaders of its own, and the namespace of global IDs.
func Around(book Book, shop ShopSettings, namespace string) func(context.Context) context.Context {
	return func(ctx context.Context) context.Context {
		return WithNamespace(WithLoaders(ctx, NewLoaders(book, shop)), namespace)
	}
}

// Forget makes what follows in the request read anew; see [Loaders.Forget].
func Forget(ctx context.Context) { LoadersFrom(ctx).Forget() }

// LoadFulfillmentOrder is [Loaders.FulfillmentOrder] of the request.
func LoadFulfillmentOrder(ctx context.Context, id fulfillment.ID) (*FulfillmentOrder, error) {
	return LoadersFrom(ctx).FulfillmentOrder(ctx, id)
}

// LoadFulfillment is [Loaders.Fulfillment] of the request.
func LoadFulfillment(ctx context.Context, id fulfillment.ID) (*Fulfillment, error) {
	return LoadersFrom(ctx).Fulfillment(ctx, id)
}

// LoadFulfillmentEvent is [Loaders.FulfillmentEvent] of the request.
func LoadFulfillmentEvent(ctx context.Context, id fulfillment.ID) (*FulfillmentEvent, error) {
	return LoadersFrom(ctx).FulfillmentEvent(ctx, id)
}

// LoadFulfillmentService is [Loaders.FulfillmentService] of the request.
func LoadFulfillmentService(ctx context.Context, id fulfillment.ID) (*FulfillmentService, error) {
	return LoadersFrom(ctx).FulfillmentService(ctx, id)
}

// LoadLocation is [Loaders.Location] of the request.
func LoadLocation(ctx context.Context, id fulfillment.ID) (*Location, error) {
	return LoadersFrom(ctx).Location(ctx, id)
}

// LoadOrder is [Loaders.Order] of the request.
func LoadOrder(ctx context.Context, id fulfillment.ID) (*Order, error) {
	return LoadersFrom(ctx).Order(ctx, id)
}

// LoadReturn is [Loaders.Return] of the request.
func LoadReturn(ctx context.Context, id fulfillment.ID) (*Return, error) {
	return LoadersFrom(ctx).Return(ctx, id)
}

// LoadReverseFulfillmentOrder is [Loaders.ReverseFulfillmentOrder] of the request.
func LoadReverseFulfillmentOrder(ctx context.Context, id fulfillment.ID) (*ReverseFulfillmentOrder, error) {
	return LoadersFrom(ctx).ReverseFulfillmentOrder(ctx, id)
}

// LoadReverseDelivery is [Loaders.ReverseDelivery] of the request.
func LoadReverseDelivery(ctx context.Context, id fulfillment.ID) (*ReverseDelivery, error) {
	return LoadersFrom(ctx).ReverseDelivery(ctx, id)
}

// LoadReturnableFulfillment is [Loaders.ReturnableFulfillment] of the request.
func LoadReturnableFulfillment(ctx context.Context, id fulfillment.ID) (*ReturnableFulfillment, error) {
	return LoadersFrom(ctx).ReturnableFulfillment(ctx, id)
}
