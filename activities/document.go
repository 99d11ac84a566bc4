package activities

import (
	"context"
	"time"

	"packhorse/internal/paper"
	"packhorse/internal/provider"
)

// Papers keeps the labels and documents of answers: a *paper.Keeper.
type Papers interface {
	Keep(ctx context.Context, of paper.Document, answer provider.Answer) error
}

// keepTries is how often an answer's documents are tried to be kept by an attempt that has no second one.
const keepTries = 3

// keepDocuments keeps what an answer brings before the answer counts: contents are in no history, and URLs don't last.
// When that fails, the call is tried again, which finds the answer at the provider. Of a provider that can't be asked
// again the answer is worth more than its papers: then the URLs are in the attachments, and all that there is.
func (p *Providers) keepDocuments(ctx context.Context, call ProviderCall, answer provider.Answer) error {
	if p.Papers == nil || len(answer.Documents)+len(answer.Labels) == 0 {
		return nil
	}
	of := paper.Document{
		OrderID: call.State.OrderID, FulfillmentOrderID: call.State.ID, Provider: call.Effect.Provider,
		RequestKey: call.Effect.Key, BroughtBy: call.State.AssignedLocation.ServiceID,
	}
	var err error
	for i := range keepTries {
		if i > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
		if err = p.Papers.Keep(ctx, of, answer); err == nil {
			return nil
		}
	}
	if !provider.CanRepeat(p.Provider) {
		return nil
	}
	return &provider.Error{Class: provider.UnknownOutcome, Message: "can't keep the documents of the answer",
		Cause: err}
}
