package graphql

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/graphql/admin"
)

func (m *mutation) FulfillmentOrderMove(ctx context.Context, id, newLocationID string, lines []*admin.FulfillmentOrderLineItemInput) (*admin.FulfillmentOrderMovePayload, error) {
	if _, err := admin.ParseGIDOf(id, admin.TypeFulfillmentOrder); err != nil { // Of both, the fulfillment order is looked at first.
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
	payload := &admin.FulfillmentOrderMovePayload{UserErrors: []*admin.FulfillmentOrderMoveFulfillmentOrderMoveUserError{}}
	result, refused, err := m.sendAs(ctx, "fulfillmentOrderMove", id, &fulfillment.Move{NewLocationID: location, Lines: named})
	if err == nil {
		err = unknown(refused, id)
	}
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrderMoveFulfillmentOrderMoveUserError{
			Code: code[admin.FulfillmentOrderMoveFulfillmentOrderMoveUserErrorCode](refused), Field: refused.Field, Message: refused.Message})
		return payload, nil
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

func (m *mutation) FulfillmentOrderSplit(ctx context.Context, in []*admin.FulfillmentOrderSplitInput) (*admin.FulfillmentOrderSplitPayload, error) {
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
	payload := &admin.FulfillmentOrderSplitPayload{UserErrors: []*admin.FulfillmentOrderSplitUserError{}}
	results, refused, err := m.splitEach(ctx, cmd)
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrderSplitUserError{
			Code: code[admin.FulfillmentOrderSplitUserErrorCode](refused), Field: refused.Field, Message: refused.Message})
		return payload, nil
	}
	payload.FulfillmentOrderSplits = []*admin.FulfillmentOrderSplitResult{}
	for _, result := range results {
		fos, err := m.fulfillmentOrders(ctx, []fulfillment.ID{result.FulfillmentOrderID, result.SiblingID})
		if err != nil {
			return nil, err
		}
		payload.FulfillmentOrderSplits = append(payload.FulfillmentOrderSplits,
			&admin.FulfillmentOrderSplitResult{FulfillmentOrder: fos[0], RemainingFulfillmentOrder: fos[1]})
	}
	return payload, nil
}

// splitEach sends a single split straight to its fulfillment order: nobody else is concerned.
func (m *mutation) splitEach(ctx context.Context, cmd *fulfillment.SplitEach) ([]fulfillment.Result, *fulfillment.Error, error) {
	const operation = "fulfillmentOrderSplit"
	if len(cmd.Splits) != 1 || cmd.Splits[0].FulfillmentOrderID == 0 {
		return m.sendJointlyAs(ctx, operation, cmd, false)
	}
	result, refused, err := m.sendToAs(ctx, operation, cmd.Splits[0].FulfillmentOrderID, &fulfillment.Split{Lines: cmd.Splits[0].Lines})
	if refused != nil && refused.Code == fulfillment.CodeNotFound { // With the place that a batch gives it.
		return m.sendJointlyAs(ctx, operation, cmd, false)
	}
	return []fulfillment.Result{result}, refused, err
}

func (m *mutation) FulfillmentOrderMerge(ctx context.Context, in []*admin.FulfillmentOrderMergeInput) (*admin.FulfillmentOrderMergePayload, error) {
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
	payload := &admin.FulfillmentOrderMergePayload{UserErrors: []*admin.FulfillmentOrderMergeUserError{}}
	results, refused, err := m.sendJointlyAs(ctx, "fulfillmentOrderMerge", cmd, false)
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrderMergeUserError{
			Code: code[admin.FulfillmentOrderMergeUserErrorCode](refused), Field: refused.Field, Message: refused.Message})
		return payload, nil
	}
	payload.FulfillmentOrderMerges = []*admin.FulfillmentOrderMergeResult{}
	for _, result := range results {
		fo, err := m.fulfillmentOrder(ctx, result.FulfillmentOrderID)
		if err != nil {
			return nil, err
		}
		payload.FulfillmentOrderMerges = append(payload.FulfillmentOrderMerges, &admin.FulfillmentOrderMergeResult{FulfillmentOrder: fo})
	}
	return payload, nil
}

func (m *mutation) FulfillmentOrdersReroute(ctx context.Context, gids, included, excluded []string) (*admin.FulfillmentOrdersReroutePayload, error) {
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
	payload := &admin.FulfillmentOrdersReroutePayload{UserErrors: []*admin.FulfillmentOrdersRerouteUserError{}}
	results, refused, err := m.sendJointlyAs(ctx, "fulfillmentOrdersReroute", cmd, false)
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		payload.UserErrors = append(payload.UserErrors, &admin.FulfillmentOrdersRerouteUserError{
			Code: code[admin.FulfillmentOrdersRerouteUserErrorCode](refused), Field: refused.Field, Message: refused.Message})
		return payload, nil
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
