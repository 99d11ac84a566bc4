package inbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/provider"
)

// asked is no time at all: news is looked at again when somebody asks for it.
const asked = -time.Second

// tellItem finds out what news is about, tells it, and notes what became of it.
func (w *Worker) tellItem(ctx context.Context, item news.Item) {
	item, wait, err := w.tellOnce(ctx, item)
	noting, cancel := noting(ctx)
	defer cancel()
	defer w.endTurn(noting, item)
	switch {
	case ctx.Err() != nil && err != nil: // Somebody else tells it.
		wait = 0
	case err != nil:
		item.Reason, wait = err.Error(), cmp.Or(provider.RetryAfter(err), news.Pause(item.Attempts))
		w.complaints.log(ctx, w.Logger, "News of a fulfillment service is not told yet; it is tried again.", err,
			"provider", item.Provider, "service", item.ServiceID.String(), "news", item.ID)
	}
	switch err := w.Store.NoteNews(noting, item, wait); {
	case errors.Is(err, fulfillment.ErrStale): // Somebody else has it, or somebody has asked for it again.
		return
	case err != nil: // The lease ends, and it is told again.
		w.complain(ctx, err)
		return
	}
	outcome := string(item.State)
	if item.State == news.Pending {
		outcome = "AGAIN"
	}
	w.Metrics.NewsTold(item.Provider, outcome, string(item.Alert))
	if item.Alert != "" {
		w.Logger.WarnContext(
			ctx, "There is news of a parcel that a person should look at.", "alert", string(item.Alert),
			"provider", item.Provider, "service", item.ServiceID.String(), "news", item.ID,
			"fulfillmentOrder", item.FulfillmentOrderID.String(),
		)
	}
}

// tellOnce is the news as it is afterwards, and when it is to be looked at again. The error is of the infrastructure.
func (w *Worker) tellOnce(ctx context.Context, item news.Item) (news.Item, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	item.Code, item.Reason = "", ""
	if len(item.Targets) == 0 {
		targets, why, err := w.find(ctx, item)
		if err != nil {
			return item, 0, err
		}
		if len(targets) == 0 {
			if item.State != news.Unmatched {
				item.State, item.Attempts = news.Unmatched, 1
			}
			item.Reason = why.text
			if why.person {
				return item, asked, nil
			}
			return item, news.SearchPause(item.Attempts), nil
		}
		if item.State == news.Unmatched {
			item.State, item.Attempts = news.Pending, 1
		}
		item.Targets, item.FulfillmentOrderID = targets, targets[0].FulfillmentOrderID
	}
	switch counts, err := w.answerCounts(ctx, item); {
	case err != nil:
		return item, 0, err
	case counts == notYet:
		item.Reason = "The answer that it came with is not committed yet, or the service is asked to stop."
		return item, news.Pause(item.Attempts), nil
	case counts == never:
		item.State, item.Code = news.Refused, fulfillment.CodeInvalidState
		item.Reason = "The request that it came with the answer to was taken back."
		return item, asked, nil
	}
	if n := item.Notice(); n != nil {
		item.State, item.Alert, item.Reason = news.Done, news.Alert(n.Kind), n.Message
		return item, asked, nil
	}
	if item.Untold() {
		item.State = news.Kept
		item.Reason = "No command tells of it yet: " + string(item.Verb) + " changes nothing, and is kept."
		return item, asked, nil
	}
	shipments, err := w.shipments(ctx, item)
	if err != nil {
		return item, 0, err
	}
	told, wait, err := w.inOrder(ctx, item)
	switch {
	case err != nil:
		return item, 0, err
	case wait > 0:
		item.Reason = "Other news of the request is being told."
		return item, wait, nil
	case told == nil:
		item.State, item.Reason, item.RefusedSince = news.Done, "News that is later was told before.", nil
		return item, asked, nil
	}
	switch made, err := w.isMade(ctx, item); {
	case err != nil:
		return item, 0, err
	case made:
		item.State, item.Reason = news.Done, "The shipment is there already."
		return item, asked, nil
	}
	for _, target := range item.Targets {
		if why, err := w.printedTooLate(ctx, item, target); why != "" || err != nil {
			if item.Reason = why; err != nil {
				return item, 0, err
			}
			continue
		}
		refused, err := w.tellTarget(ctx, *told, target)
		if err != nil {
			return item, 0, err
		}
		if refused != nil {
			item, wait := w.refuse(item, refused)
			return item, wait, nil
		}
	}
	item.State, item.Alert, item.RefusedSince = news.Done, item.AlertOf(shipments), nil
	return item, asked, nil
}

// printedTooLate tells why a shipment is not told that its label was printed; empty: it is told, as all other news is.
func (w *Worker) printedTooLate(ctx context.Context, item news.Item, target news.Target) (why string, err error) {
	if item.Source != news.FromPrint {
		return "", nil
	}
	fo, err := w.Store.Load(ctx, target.FulfillmentOrderID)
	switch {
	case errors.Is(err, fulfillment.ErrNotFound):
		return "", nil // It is refused then.
	case err != nil:
		return "", err
	}
	for i := range fo.Fulfillments {
		if f := &fo.Fulfillments[i]; f.ID == target.FulfillmentID {
			return news.PrintedTooLate(f, item.ReceivedAt), nil
		}
	}
	return "", nil
}

// tellTarget gives the command to one fulfillment order. An error is of the infrastructure.
func (w *Worker) tellTarget(
	ctx context.Context, item news.Item, target news.Target,
) (*fulfillment.Error, error) {
	n, err := item.Command(target)
	if err == nil {
		var result fulfillment.Result
		if result, err = provider.Tell(ctx, w.Reporter, item.Provider, n); err == nil {
			return nil, w.remember(ctx, item, target, result)
		}
	}
	refused, ok := fulfillment.AsError(err)
	if !ok || refused.Retryable() {
		return nil, err
	}
	return refused, nil
}

// remember notes what the system calls the shipment that was made: later news names it.
func (w *Worker) remember(
	ctx context.Context, item news.Item, target news.Target, result fulfillment.Result,
) error {
	if item.About.Shipment == "" || item.Verb != fulfillment.VerbCreateFulfillment || result.FulfillmentID == 0 {
		return nil
	}
	return w.Store.NameSubject(ctx, item.ServiceID, news.ShipmentName(item.About.Shipment), news.Target{
		FulfillmentOrderID: target.FulfillmentOrderID, FulfillmentID: result.FulfillmentID,
	})
}

// isMade tells whether news ships what was shipped: the system has told so before, in other news of the same shipment.
func (w *Worker) isMade(ctx context.Context, item news.Item) (bool, error) {
	if item.About.Shipment == "" || item.Verb != fulfillment.VerbCreateFulfillment {
		return false, nil
	}
	made, err := w.Store.Named(ctx, item.ServiceID, news.ShipmentName(item.About.Shipment))
	return len(made) > 0, err
}

// refuse is news whose command was refused: what may pass is tried again for a while.
func (w *Worker) refuse(item news.Item, refused *fulfillment.Error) (news.Item, time.Duration) {
	item.Code, item.Reason = refused.Code, refused.Short().Told()
	if why := item.WasSo(refused); why != "" {
		item.State, item.Code, item.Reason, item.RefusedSince = news.Done, "", why, nil
		return item, asked
	}
	tried := news.TriedFor(refused)
	if item.RefusedSince == nil {
		item.RefusedSince = new(now())
	}
	if time.Since(*item.RefusedSince) < tried {
		return item, news.Pause(item.Attempts)
	}
	if item.Verb == fulfillment.VerbReleaseHold &&
		(refused.Code == fulfillment.CodeInvalidState || refused.Code == fulfillment.CodeHoldNotFound) {
		item.State, item.Code, item.Reason, item.RefusedSince = news.Done, "", "There was nothing to release.", nil
		return item, asked
	}
	item.State = news.Refused
	return item, asked
}

// turnPause is until it is looked again whether it is the news' turn.
const turnPause = 250 * time.Millisecond

// inOrder takes the turn of news that is told in order, and says what of it is to be told: nil is nothing, because
// later news has taken its place. wait is not zero when it is another's turn.
func (w *Worker) inOrder(ctx context.Context, item news.Item) (told *news.Item, wait time.Duration, err error) {
	if !item.InOrder() {
		return &item, 0, nil
	}
	switch mine, err := w.Store.TakeTurn(ctx, item, lease); {
	case err != nil:
		return nil, 0, err
	case !mine:
		return nil, turnPause, nil
	}
	others, err := w.Store.ToldInOrder(ctx, item)
	if err != nil {
		return nil, 0, err
	}
	left, overtaken := item.Overtaken(others)
	if overtaken {
		return nil, 0, nil
	}
	return &left, 0, nil
}

// endTurn lets other news of the request be told, after it was noted what became of this.
func (w *Worker) endTurn(ctx context.Context, item news.Item) {
	if !item.InOrder() {
		return
	}
	if err := w.Store.EndTurn(ctx, item); err != nil { // It ends by itself.
		w.complain(ctx, err)
	}
}

// counting says whether the answer that news came with counts.
type counting int

const (
	counts counting = iota
	notYet
	never
)

// answerCounts tells whether the answer that the news came with counts, as far as it matters: what was to be shipped
// for a request is not shipped for the next one, nor after the request was taken back: the service has let go of it.
func (w *Worker) answerCounts(ctx context.Context, item news.Item) (counting, error) {
	if item.After == "" {
		return counts, nil
	}
	fo, err := w.Store.Load(ctx, item.FulfillmentOrderID)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return counts, nil // It is refused then.
	}
	if err != nil {
		return counts, err
	}
	if slices.ContainsFunc(fo.Effects, func(e fulfillment.Effect) bool {
		return e.Key == item.After && (e.Status == fulfillment.EffectDue || e.Status == fulfillment.EffectUnknown) ||
			e.Kind == fulfillment.EffectWithdraw && e.For == item.After && e.Status != fulfillment.EffectParked
	}) {
		return notYet, nil
	}
	if item.Verb != fulfillment.VerbCreateFulfillment {
		return counts, nil
	}
	if fo.RequestKey != item.After && fo.RequestKey != item.About.RequestKey {
		return never, nil
	}
	switch fo.RequestStatus {
	case fulfillment.RequestCancellationRequested: // What was made is kept, or given back.
		return notYet, nil
	case fulfillment.RequestUnsubmitted, fulfillment.RequestCancellationAccepted, fulfillment.RequestClosed:
		return never, nil
	}
	return counts, nil
}

// shipments are those that the news is told of, as they are before.
func (w *Worker) shipments(ctx context.Context, item news.Item) ([]news.Parcel, error) {
	if item.Verb != fulfillment.VerbRecordEvent {
		return nil, nil
	}
	var ids []fulfillment.ID
	for _, t := range item.Targets {
		ids = append(ids, t.FulfillmentOrderID)
	}
	all, err := w.Store.ParcelsOf(ctx, ids)
	return slices.DeleteFunc(all, func(p news.Parcel) bool {
		return !slices.Contains(item.Targets, news.Target{
			FulfillmentOrderID: p.FulfillmentOrderID, FulfillmentID: p.FulfillmentID,
		})
	}), err
}
