package graphql

import (
	"context"
	"strconv"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentOrderLineItemsPreparedForPickup(
	ctx context.Context, input admin.FulfillmentOrderLineItemsPreparedForPickupInput,
) (*admin.FulfillmentOrderLineItemsPreparedForPickupPayload, error) {
	return m.prepared(ctx, input, fulfillment.VerbLineItemsPreparedForPickup)
}

func (m *mutation) FulfillmentOrderLineItemsPreparedForLocalDelivery(
	ctx context.Context, input admin.FulfillmentOrderLineItemsPreparedForPickupInput,
) (*admin.FulfillmentOrderLineItemsPreparedForPickupPayload, error) {
	return m.prepared(ctx, input, fulfillment.VerbLineItemsPreparedForLocalDelivery)
}

// prepared says what is wrong with each entry, as in the source.
func (m *mutation) prepared(
	ctx context.Context, input admin.FulfillmentOrderLineItemsPreparedForPickupInput, verb fulfillment.Verb,
) (*admin.FulfillmentOrderLineItemsPreparedForPickupPayload, error) {
	var gids []string
	for _, group := range input.LineItemsByFulfillmentOrder {
		gids = append(gids, group.FulfillmentOrderID)
	}
	ids := make([]fulfillment.ID, len(gids))
	for i, gid := range gids {
		var err error
		if ids[i], err = admin.ParseGIDOf(gid, admin.TypeFulfillmentOrder); err != nil {
			return nil, err
		}
	}
	defer admin.Forget(ctx)
	refusals, err := m.FulfillmentOrders.PrepareEach(ctx, ids, verb)
	if err != nil {
		return nil, err
	}
	var list fulfillment.Refusals
	for i, gid := range gids {
		if refused, ok := refusals[i]; ok {
			list = append(list, ofPrepared(*refused, i, gid))
		}
	}
	payload := &admin.FulfillmentOrderLineItemsPreparedForPickupPayload{}
	if err = nil; len(list) > 0 {
		err = list
	}
	_, err = accepted(&payload.UserErrors, err)
	return payload, err
}

// ofPrepared gives the refusal of the i-th entry its place in the input. An ID that there can't be is told as it was
// sent, and the text is the source's.
func ofPrepared(refused fulfillment.Error, i int, gid string) *fulfillment.Error {
	refused.Field = append([]string{"input", "lineItemsByFulfillmentOrder", strconv.Itoa(i)}, refused.Field...)
	if refused.Code == fulfillment.CodePickupInvalid {
		plain, _, _ := strings.Cut(gid, "?")
		refused.Message = "Invalid fulfillment_order_id provided " + plain[strings.LastIndexByte(plain, '/')+1:]
	}
	return &refused
}
