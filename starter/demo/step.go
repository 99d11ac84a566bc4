package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"packhorse/internal/fulfillment"
)

// candidates are the fulfillment orders that the step may mean.
func (p *player) candidates(ctx context.Context, step *Step) ([]*fulfillment.FulfillmentOrder, error) {
	fos, err := p.Book.FulfillmentOrdersOf(ctx, p.order.ID)
	return slices.DeleteFunc(fos, func(fo *fulfillment.FulfillmentOrder) bool {
		has := func(l fulfillment.Line) bool { return l.SKU == step.SKU }
		return (step.At != "" && fo.AssignedLocation.Name != step.At) ||
			(step.SKU != "" && !slices.ContainsFunc(fo.Lines, has))
	}), err
}

// choose is the fulfillment order that a command is for: the newest that has work left, or, for news about shipments,
// the newest that has one.
func choose(fos []*fulfillment.FulfillmentOrder, cmd fulfillment.Command) *fulfillment.FulfillmentOrder {
	var chosen *fulfillment.FulfillmentOrder
	for _, fo := range fos {
		fits := fo.Status != fulfillment.StatusClosed
		switch cmd.(type) {
		case *fulfillment.RecordEvent, *fulfillment.UpdateTracking, *fulfillment.CancelFulfillment:
			fits = len(fo.Fulfillments) > 0
		}
		if fits && (chosen == nil || fo.ID > chosen.ID) {
			chosen = fo
		}
	}
	return chosen
}

// complete fills in what depends on the fulfillment order: IDs of lines, shipments and locations.
func (p *player) complete(
	ctx context.Context, cmd fulfillment.Command, step *Step, fo *fulfillment.FulfillmentOrder,
) error {
	if len(fo.Fulfillments) > 0 {
		last := fo.Fulfillments[len(fo.Fulfillments)-1].ID
		switch c := cmd.(type) {
		case *fulfillment.RecordEvent:
			c.FulfillmentID = last
		case *fulfillment.UpdateTracking:
			c.FulfillmentID = last
		case *fulfillment.CancelFulfillment:
			c.FulfillmentID = last
		}
	}
	if move, ok := cmd.(*fulfillment.Move); ok {
		to, err := p.Location(ctx, step.To)
		if err != nil {
			return err
		}
		move.NewLocationID = to.ID
	}
	if len(step.Lines) == 0 {
		return nil
	}
	var lines []fulfillment.Quantity
	for _, l := range fo.Lines {
		if n := step.Lines[l.SKU]; n > 0 {
			lines = append(lines, fulfillment.Quantity{ID: l.ID, Quantity: n})
		}
	}
	body, err := json.Marshal(map[string]any{"fulfillmentOrderLineItems": lines})
	if err != nil {
		return fmt.Errorf("write the lines: %w", err)
	}
	return json.Unmarshal(body, cmd)
}

func (s *Step) actor(fo *fulfillment.FulfillmentOrder) fulfillment.Actor {
	switch s.As {
	case "merchant":
		return fulfillment.Actor{Role: fulfillment.RoleMerchant, App: s.App}
	case "service":
		return fulfillment.Actor{
			Role: fulfillment.RoleService, App: s.App, ServiceID: fo.AssignedLocation.ServiceID,
			Name: fo.AssignedLocation.ServiceName,
		}
	}
	return fulfillment.Actor{Role: fulfillment.RoleOperator, App: s.App}
}
