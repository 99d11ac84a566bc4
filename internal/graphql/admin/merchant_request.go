package admin

import (
	"time"

	"packhorse/internal/fulfillment"
)

// FulfillmentOrderMerchantRequest is something that the merchant asked of a service.
type FulfillmentOrderMerchantRequest struct {
	owner   *fulfillment.FulfillmentOrder
	request *fulfillment.MerchantRequest
}

func requestConnection(
	p Paging, requests []*FulfillmentOrderMerchantRequest,
) (*FulfillmentOrderMerchantRequestConnection, error) {
	s, err := segment(p, requests, func(r *FulfillmentOrderMerchantRequest) fulfillment.ID { return r.request.ID })
	if err != nil {
		return nil, err
	}
	return connection(s,
		func(cursor string, node *FulfillmentOrderMerchantRequest) *FulfillmentOrderMerchantRequestEdge {
			return &FulfillmentOrderMerchantRequestEdge{Cursor: cursor, Node: node}
		},
		func(
			edges []*FulfillmentOrderMerchantRequestEdge, nodes []*FulfillmentOrderMerchantRequest, page *PageInfo,
		) *FulfillmentOrderMerchantRequestConnection {
			return &FulfillmentOrderMerchantRequestConnection{Edges: edges, Nodes: nodes, PageInfo: page}
		}), nil
}

// IsNode says that [Loaders.Node] finds it.
func (*FulfillmentOrderMerchantRequest) IsNode() {}

// ID is its global ID.
func (r *FulfillmentOrderMerchantRequest) ID() GID {
	return GID{TypeFulfillmentOrderMerchantRequest, r.request.ID}
}

// FulfillmentOrder is what it is about.
func (r *FulfillmentOrderMerchantRequest) FulfillmentOrder() *FulfillmentOrder {
	return &FulfillmentOrder{r.owner}
}

// Kind is what was asked.
func (r *FulfillmentOrderMerchantRequest) Kind() fulfillment.MerchantRequestKind {
	return r.request.Kind
}

// Message is what the merchant wrote.
func (r *FulfillmentOrderMerchantRequest) Message() *string { return optional(r.request.Message) }

// RequestOptions are the request's, as they were sent.
func (r *FulfillmentOrderMerchantRequest) RequestOptions() any { return r.request.Options }

// ResponseData is null, as recorded.
func (*FulfillmentOrderMerchantRequest) ResponseData() any { return nil }

// SentAt is when it was sent.
func (r *FulfillmentOrderMerchantRequest) SentAt() time.Time { return r.request.SentAt }
