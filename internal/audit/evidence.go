package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// evidence is everything that was read about some orders, before anything is judged.
type evidence struct {
	of     scope
	saw    Witness
	orders map[fulfillment.ID]*order
	fos    map[fulfillment.ID]*fulfillmentOrder
	events []event // in their order

	orderIDs, foIDs []fulfillment.ID // in the order in which they are looked at

	runs     map[string][]*run // by workflow ID, oldest first
	commands map[string][]*received

	unread  bool                         // the ledger can't be read: effects and ledger are empty
	effects []simulated.Effect           // by the time of the first call
	ledger  map[string]*simulated.Effect // by key

	states []compared // snapshots beside the states of the workflows

	lost losses

	told  []toldRequest           // requests that wait for the answer of a service that is called
	asked map[fulfillment.ID]bool // services that were asked for tracking numbers

	retention time.Duration // how long the server keeps what has ended; 0: for ever
}

// gather reads the ledger and the histories after the store: what is in the store by then must be in them.
func (a *auditor) gather(ctx context.Context, of scope) (*evidence, error) {
	of, err := of.known(ctx, a.from.Database)
	if err != nil {
		return nil, err
	}
	e := &evidence{of: of, saw: a.saw.of(of.orders), unread: a.noLedger != "", retention: a.retention}
	if err := e.readStore(ctx, a.from.Database, of.orders); err != nil {
		return nil, err
	}
	if err := e.readLosses(ctx, a.from.Database); err != nil {
		return nil, err
	}
	if err := e.readCallbacks(ctx, a.from.Database, of.orders); err != nil {
		return nil, err
	}
	if !e.unread {
		if e.effects, err = a.from.Ledger.EffectsOf(ctx, slices.Concat(e.foIDs, of.fos)); err != nil {
			return nil, err
		}
	}
	e.ledger = make(map[string]*simulated.Effect, len(e.effects))
	for i := range e.effects {
		e.ledger[e.effects[i].Key] = &e.effects[i]
	}
	if err := e.readRuns(ctx, a.from, a.strict); err != nil {
		return nil, fmt.Errorf("read the workflows: %w", err)
	}
	if err := e.readStates(ctx, a.from); err != nil {
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
