package audit

import (
	"context"
	"fmt"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// evidence is everything that was read, once, before anything is judged.
type evidence struct {
	saw    Witness
	orders map[fulfillment.ID]*order
	fos    map[fulfillment.ID]*fulfillmentOrder
	events []event // the outbox, in its order

	orderIDs, foIDs []fulfillment.ID // in the order in which they are looked at

	runs     map[string][]*run // by workflow ID, oldest first
	commands map[string][]*received

	effects []simulated.Effect
	ledger  map[string]*simulated.Effect // by key

	states []compared // snapshots beside the states of the workflows
}

// gather reads the ledger and the histories after the store: what is in the store by then must be in them.
func gather(ctx context.Context, from Sources, saw Witness) (*evidence, error) {
	e := &evidence{saw: saw}
	if err := e.readStore(ctx, from.Database); err != nil {
		return nil, err
	}
	var err error
	if e.effects, err = from.Ledger.Effects(ctx); err != nil {
		return nil, err
	}
	e.ledger = make(map[string]*simulated.Effect, len(e.effects))
	for i := range e.effects {
		e.ledger[e.effects[i].Key] = &e.effects[i]
	}
	if err := e.readRuns(ctx, from); err != nil {
		return nil, fmt.Errorf("read the workflows: %w", err)
	}
	if err := e.readStates(ctx, from); err != nil {
		return nil, fmt.Errorf("ask the workflows for their states: %w", err)
	}
	return e, nil
}

// orderOf is the order that a fulfillment order is of; 0 if the store doesn't know.
func (e *evidence) orderOf(id fulfillment.ID) fulfillment.ID {
	if fo := e.fos[id]; fo != nil {
		return fo.OrderID
	}
	return 0
}
