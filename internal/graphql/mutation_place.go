package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentOrderMove(
	ctx context.Context, id, newLocationID string, lines []*admin.FulfillmentOrderLineItemInput,
) (*admin.FulfillmentOrderMovePayload, error) {
	// Of both, the fulfillment order is looked at first.
	if _, err := admin.ParseGIDOf(id, admin.TypeFulfillmentOrder); err != nil {
		return nil, err
	}
	location, err := admin.ParseGIDOf(newLocationID, admin.TypeLocation)
	if err != nil {
		return nil, err
	}
	named, err := quantities(lines)
	if err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrderMovePayload{}
	result, err := m.send(ctx, id, &fulfillment.Move{NewLocationID: location, Lines: named})
	if ok, err := accepted(&payload.UserErrors, notThere(err, id)); !ok {
		return payload, err
	}
	original, err := m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
	if err != nil {
		return nil, err
	}
	payload.OriginalFulfillmentOrder, payload.MovedFulfillmentOrder = original, original
	if result.SiblingID != 0 {
		payload.RemainingFulfillmentOrder = original
		payload.MovedFulfillmentOrder, err = m.fulfillmentOrder(ctx, result.SiblingID)
	}
	return payload, err
}

func (m *mutation) FulfillmentOrderSplit(
	ctx context.Context, in []*admin.FulfillmentOrderSplitInput,
) (*admin.FulfillmentOrderSplitPayload, error) {
	cmd := &fulfillment.SplitEach{}
	for _, s := range in {
		id, err := admin.ParseGIDOf(s.FulfillmentOrderID, admin.TypeFulfillmentOrder)
		if err != nil {
			return nil, err
		}
		lines, err := quantities(s.FulfillmentOrderLineItems)
		if err != nil {
			return nil, err
		}
		cmd.Splits = append(cmd.Splits, fulfillment.SplitInput{FulfillmentOrderID: id, Lines: lines})
	}
	payload := &admin.FulfillmentOrderSplitPayload{}
	results, err := m.FulfillmentOrders.SplitEach(ctx, cmd)
	admin.Forget(ctx)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.FulfillmentOrderSplits = []*admin.FulfillmentOrderSplitResult{}
	for _, result := range results {
		fo, err := m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
		if err != nil {
			return nil, err
		}
		remaining, err := m.fulfillmentOrder(ctx, result.SiblingID)
		if err != nil {
			return nil, err
		}
		payload.FulfillmentOrderSplits = append(payload.FulfillmentOrderSplits,
			&admin.FulfillmentOrderSplitResult{FulfillmentOrder: fo, RemainingFulfillmentOrder: remaining})
	}
	return payload, nil
}

func (m *mutation) FulfillmentOrderMerge(
	ctx context.Context, in []*admin.FulfillmentOrderMergeInput,
) (*admin.FulfillmentOrderMergePayload, error) {
	cmd := &fulfillment.Merge{}
	for _, input := range in {
		var merge fulfillment.MergeInput
		for _, intent := range input.MergeIntents {
			id, err := admin.ParseGIDOf(intent.FulfillmentOrderID, admin.TypeFulfillmentOrder)
			if err != nil {
				return nil, err
			}
			lines, err := quantities(intent.FulfillmentOrderLineItems)
			if err != nil {
				return nil, err
			}
			merge.Intents = append(merge.Intents, fulfillment.MergeIntent{FulfillmentOrderID: id, Lines: lines})
		}
		cmd.Inputs = append(cmd.Inputs, merge)
	}
	payload := &admin.FulfillmentOrderMergePayload{}
	results, err := m.sendJointly(ctx, cmd)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	payload.FulfillmentOrderMerges = []*admin.FulfillmentOrderMergeResult{}
	for _, result := range results {
		fo, err := m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
		if err != nil {
			return nil, err
		}
		payload.FulfillmentOrderMerges = append(
			payload.FulfillmentOrderMerges, &admin.FulfillmentOrderMergeResult{FulfillmentOrder: fo},
		)
	}
	return payload, nil
}

func (m *mutation) FulfillmentOrdersReroute(
	ctx context.Context, gids, included, excluded []string,
) (*admin.FulfillmentOrdersReroutePayload, error) {
	ids, err := admin.ParseGIDs(gids, admin.TypeFulfillmentOrder)
	if err != nil {
		return nil, err
	}
	cmd := &fulfillment.Reroute{FulfillmentOrderIDs: ids}
	if cmd.IncludedLocationIDs, err = admin.ParseGIDs(included, admin.TypeLocation); err != nil {
		return nil, err
	}
	if cmd.ExcludedLocationIDs, err = admin.ParseGIDs(excluded, admin.TypeLocation); err != nil {
		return nil, err
	}
	payload := &admin.FulfillmentOrdersReroutePayload{}
	results, err := m.sendJointly(ctx, cmd)
	if ok, err := accepted(&payload.UserErrors, err); !ok {
		return payload, err
	}
	moved := make([]fulfillment.ID, len(results))
	for i, result := range results {
		if moved[i] = result.FulfillmentOrderID; result.SiblingID != 0 { // What was shipped from it already stays.
			moved[i] = result.SiblingID
		}
	}
	payload.MovedFulfillmentOrders, err = m.fulfillmentOrders(ctx, moved)
	return payload, err
}
