package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

const (
	transferPage     = 50               // fulfillment orders that are read at once
	transferStretch  = 20 * time.Second // how long an activity goes on before it tells how far it came
	transferParallel = 8                // fulfillment orders that are moved at the same time
)

// TransferInput is the deletion of a service whose fulfillment orders go to another location, and how far an earlier
// activity has come with them.
type TransferInput struct {
	temporalio.DeleteService
	After fulfillment.ID `json:"after,omitempty"` // the last one that was seen to, by ID
}

// TransferStretch is how far an activity has come with the fulfillment orders of a service.
type TransferStretch struct {
	After fulfillment.ID `json:"after,omitempty"` // the last one that was seen to, by ID
	Seen  int            `json:"seen,omitempty"`  // how many
	More  bool           `json:"more,omitempty"`  // others come after it
	Stays bool           `json:"stays,omitempty"` // one can't move, so nothing may
}

// SurveyTransfer looks whether all that waits at a service may be moved by who asks for its deletion, and can. Nothing
// can when the destination is none.
func (a *Activities) SurveyTransfer(ctx context.Context, in TransferInput) (TransferStretch, error) {
	stays := false
	stretch, err := a.throughout(ctx, in, func(
		_ context.Context, waiting []*fulfillment.FulfillmentOrder, to fulfillment.Location,
	) (bool, error) {
		for _, fo := range waiting {
			stays = stays || !canMove(in, fo, to)
		}
		return !stays, nil
	})
	stretch.Stays = stretch.Stays || stays
	return stretch, err
}

// Transfer moves what waits at a service to the destination. What a fulfillment order refuses, because of what happened
// since the survey, stays: the deletion says so.
func (a *Activities) Transfer(ctx context.Context, in TransferInput) (TransferStretch, error) {
	return a.throughout(ctx, in, func(
		ctx context.Context, waiting []*fulfillment.FulfillmentOrder, to fulfillment.Location,
	) (bool, error) {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(transferParallel)
		for _, fo := range waiting {
			group.Go(func() error {
				move := transferMove(in, fo, to)
				a.mintFirst(move.Envelope())
				_, err := a.Workflows.Command(ctx, fo.ID, move)
				if refused, ok := temporalio.Refusal(err); ok && !refused.Retryable() {
					return nil
				}
				return err
			})
		}
		return true, group.Wait()
	})
}

// throughout calls do with what waits at the service, page by page, until do says that it is enough or the time of a
// stretch is over.
func (a *Activities) throughout(
	ctx context.Context, in TransferInput,
	do func(ctx context.Context, waiting []*fulfillment.FulfillmentOrder, to fulfillment.Location) (bool, error),
) (TransferStretch, error) {
	ctx, stop := waiting(ctx)
	defer stop()
	from, to, err := a.endsOf(ctx, in)
	if err != nil || to == nil {
		return TransferStretch{Stays: true}, asApplicationError(err)
	}
	stretch := TransferStretch{After: in.After}
	for started := time.Now(); time.Since(started) < transferStretch; {
		page, err := a.Store.WaitingAt(ctx, from, stretch.After, transferPage)
		if err != nil {
			return TransferStretch{}, asApplicationError(err)
		}
		if len(page) == 0 {
			return stretch, nil
		}
		goOn, err := do(ctx, page, *to)
		if err != nil {
			return TransferStretch{}, asAnswer(err)
		}
		stretch.After, stretch.Seen = page[len(page)-1].ID, stretch.Seen+len(page)
		if !goOn || len(page) < transferPage {
			return stretch, nil
		}
	}
	stretch.More = true
	return stretch, nil
}

// endsOf is the service's location and the destination. The destination is nil if there is none that would do, or no
// service any more: why is for the deletion to say.
func (a *Activities) endsOf(ctx context.Context, in TransferInput) (fulfillment.ID, *fulfillment.Location, error) {
	services, err := a.Store.ServicesByID(ctx, []fulfillment.ID{in.ID})
	if err != nil || services[0] == nil {
		return 0, nil, err
	}
	to, err := a.Store.Location(ctx, in.DestinationLocationID)
	switch {
	case errors.Is(err, fulfillment.ErrNotFound):
		return 0, nil, nil
	case err != nil:
		return 0, nil, err
	case in.CheckDestination(&to) != nil:
		return 0, nil, nil
	}
	return services[0].LocationID, &to, nil
}

// canMove tells whether who asks for the deletion may move the fulfillment order, and its state allows it.
func canMove(in TransferInput, fo *fulfillment.FulfillmentOrder, to fulfillment.Location) bool {
	if in.Caller().MayCallAt("fulfillmentOrderMove", fo.AssignedLocation) != nil {
		return false
	}
	move := transferMove(in, fo, to)
	move.Location, move.UnstockedSKUs = new(to.Assign("")), slices.DeleteFunc(fo.SKUs(), to.Stocks)
	_, err := fo.Decide(move, fulfillment.Env{Now: time.Now().UTC()})
	return err == nil
}

// transferMove is the command that moves a fulfillment order. It has the same ID whenever the deletion is carried out.
func transferMove(in TransferInput, fo *fulfillment.FulfillmentOrder, to fulfillment.Location) *fulfillment.Move {
	move := &fulfillment.Move{NewLocationID: to.ID}
	move.Actor = in.Caller().Actor(fo.AssignedLocation)
	deletion := fulfillment.DerivedID("service-deletion", in.CommandID) // Short: a command ID has a limit.
	move.CommandID = fmt.Sprintf("service-deletion/%d/%d", deletion, fo.ID)
	return move
}

// DeleteService deletes a service that has no work left, or tells what it has.
func (a *Activities) DeleteService(ctx context.Context, deletion fulfillment.ServiceDeletion) error {
	return asApplicationError(a.Store.DeleteService(ctx, deletion))
}
