package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/routing"
	"packhorse/internal/temporalio"
)

// JointInput is a command on several fulfillment orders, with everything decided that must not change on a retry.
type JointInput struct {
	Verb     fulfillment.Verb `json:"verb"`
	Command  json.RawMessage  `json:"command"`
	Now      time.Time        `json:"now"`
	Reserved []fulfillment.ID `json:"reserved,omitempty"` // those that take no other command meanwhile
	Reservations
}

// JointPlan is what a joint command would do.
type JointPlan struct {
	Participants []fulfillment.ID `json:"participants,omitempty"` // those that it would change, by ID
	Repeated     bool             `json:"repeated,omitempty"`     // it was carried out before

	JointCommitted // what it did, then
}

// JointCommitted is what a joint command did.
type JointCommitted struct {
	Results []fulfillment.Result            `json:"results,omitempty"`
	New     []*fulfillment.FulfillmentOrder `json:"new,omitempty"`
	// Versions are those of everybody that it changed. Of one that an earlier try committed they are not told.
	Versions map[fulfillment.ID]int64 `json:"versions,omitempty"`
}

// PlanJoint decides a joint command on what the store has, without doing it: a refusal needs nobody to wait.
func (a *Activities) PlanJoint(ctx context.Context, in JointInput) (JointPlan, error) {
	decided, err := a.decideJointly(ctx, in)
	if err != nil {
		return JointPlan{}, asApplicationError(err)
	}
	if decided.Repeated {
		return JointPlan{Repeated: true, JointCommitted: decided.earlier()}, nil
	}
	return JointPlan{Participants: decided.participants()}, nil
}

// CommitJoint decides a joint command and commits it: one transaction. It fails with [ErrorStale] if it would change a
// fulfillment order that is not reserved, or if the store is not as it was decided on; like PlanJoint, with
// [ErrorIDTaken] if its new IDs are something else's.
func (a *Activities) CommitJoint(ctx context.Context, in JointInput) (JointCommitted, error) {
	decided, err := a.decideJointly(ctx, in)
	if err != nil {
		return JointCommitted{}, asApplicationError(err)
	}
	if decided.Repeated { // By an earlier try.
		return decided.earlier(), nil
	}
	if err := in.check(in.Reserved, decided.participants(), decided.Transitions); err != nil {
		return JointCommitted{}, asApplicationError(err)
	}
	started := time.Now()
	err = a.Store.CommitJointly(ctx, decided.Commit())
	a.countCommit(ctx, err, time.Since(started))
	if err != nil {
		return JointCommitted{}, asApplicationError(err)
	}
	a.countTransitions(decided.Transitions)
	done := JointCommitted{Results: decided.Results, New: decided.New, Versions: map[fulfillment.ID]int64{}}
	for _, fo := range decided.States {
		done.Versions[fo.ID] = fo.Sequence
	}
	return done, nil
}

// jointlyDecided is a decision with what it was made on.
type jointlyDecided struct {
	*fulfillment.JointDecision
	states  []*fulfillment.FulfillmentOrder
	firstID fulfillment.ID
}

func (a *Activities) decideJointly(ctx context.Context, in JointInput) (jointlyDecided, error) {
	cmd, refused := fulfillment.DecodeJoint(in.Verb, in.Command, false)
	if refused != nil {
		return jointlyDecided{}, refused
	}
	meta := cmd.Envelope()
	states, err := a.Store.JointStates(ctx, cmd.Named(), meta.CommandID)
	if err != nil {
		return jointlyDecided{}, err
	}
	if err := a.locateJoint(ctx, cmd, states); err != nil {
		return jointlyDecided{}, err
	}
	decision, err := fulfillment.DecideJointly(
		cmd, states, fulfillment.Env{Now: in.Now, IDs: fulfillment.NewIDs(meta.FirstID)},
	)
	uses := func(fo *fulfillment.FulfillmentOrder) bool { return fo.Uses(meta.FirstID) }
	if slices.ContainsFunc(states, uses) && (err != nil || !decision.Repeated) {
		return jointlyDecided{}, fmt.Errorf("decide with new IDs from %d: %w", meta.FirstID, fulfillment.ErrIDTaken)
	}
	return jointlyDecided{decision, states, meta.FirstID}, err
}

// locateReopened looks up where all that comes back of a shipment goes to: together, as it was shipped.
func (a *Activities) locateReopened(
	ctx context.Context, back *fulfillment.CancelFulfillment, states []*fulfillment.FulfillmentOrder,
) error {
	var whole *fulfillment.FulfillmentOrder
	for _, fo := range states {
		switch part := back.Reopening(fo); {
		case part == nil:
		case whole == nil:
			whole = part
		default:
			whole.Lines = append(whole.Lines, part.Lines...)
		}
	}
	if whole == nil {
		return nil
	}
	found, err := a.Reopen(ctx, whole)
	back.Location = found.Location
	return err
}

// locateJoint looks up where a move, a re-route, or what comes back goes to.
func (a *Activities) locateJoint(
	ctx context.Context, cmd fulfillment.Joint, states []*fulfillment.FulfillmentOrder,
) error {
	switch cmd := cmd.(type) {
	case *fulfillment.Alone:
		if back, ok := cmd.Command.(*fulfillment.CancelFulfillment); ok {
			return a.locateReopened(ctx, back, states)
		}
		move, ok := cmd.Command.(*fulfillment.Move)
		if !ok {
			return nil
		}
		in := FindLocationInput{LocationID: move.NewLocationID}
		for _, fo := range states {
			if fo.ID == cmd.FulfillmentOrderID {
				in.SKUs = fo.SKUs()
			}
		}
		found, err := a.FindLocation(ctx, in)
		move.Location, move.UnstockedSKUs = found.Location, found.Unstocked
		return err
	case *fulfillment.Reroute:
		var skus []string
		for _, fo := range states {
			skus = append(skus, fo.SKUs()...)
		}
		locations, err := a.Store.StockedLocations(ctx, skus)
		if err != nil {
			return err
		}
		cmd.Location, cmd.Alternatives = rerouted(cmd, states, locations)
	}
	return nil
}

// rerouted is the first location, in the order of routing, that can take all the fulfillment orders; others tells
// whether there is another location at all.
func rerouted(
	cmd *fulfillment.Reroute, states []*fulfillment.FulfillmentOrder, locations []fulfillment.Location,
) (to *fulfillment.AssignedLocation, others bool) {
	whole := &fulfillment.FulfillmentOrder{}
	for _, fo := range states {
		if slices.Contains(cmd.FulfillmentOrderIDs, fo.ID) {
			lines := append(whole.Lines, fo.Lines...)
			whole = fo.Clone()
			whole.Lines = lines
		}
	}
	var candidates []fulfillment.Location
	for _, l := range locations {
		if l.ID == whole.AssignedLocation.LocationID || !l.Active {
			continue
		}
		others = true
		if (len(cmd.IncludedLocationIDs) == 0 || slices.Contains(cmd.IncludedLocationIDs, l.ID)) &&
			!slices.Contains(cmd.ExcludedLocationIDs, l.ID) {
			candidates = append(candidates, l)
		}
	}
	if whole.ID == 0 {
		return nil, others
	}
	location, why, ok := routing.Next(whole, candidates)
	if !ok {
		return nil, others
	}
	assigned := location.Assign(why)
	return &assigned, others
}

// participants are the fulfillment orders that exist already and would change, by ID.
func (d jointlyDecided) participants() []fulfillment.ID {
	var ids []fulfillment.ID
	for _, fo := range d.States {
		if !slices.Contains(d.New, fo) {
			ids = append(ids, fo.ID)
		}
	}
	return ids
}

// earlier is what an earlier try did: its new fulfillment orders have IDs of the command's block. An answer names those
// that an earlier sending of the command made, with another block.
func (d jointlyDecided) earlier() JointCommitted {
	done := JointCommitted{Results: d.Results}
	for _, fo := range d.states {
		named := slices.ContainsFunc(d.Results, func(r fulfillment.Result) bool { return r.SiblingID == fo.ID })
		if (named || fo.ID.InBlock(d.firstID)) && !fo.Finished() {
			done.New = append(done.New, fo)
		}
	}
	return done
}

// ReservationInput names the fulfillment orders of a joint command.
type ReservationInput struct {
	FulfillmentOrderIDs []fulfillment.ID `json:"fulfillmentOrderIds"`
	By                  string           `json:"by"` // the joint command, and which try
	// Done is what a joint command has committed: its answers, and the versions of everybody that it changed.
	Done     []fulfillment.Answered   `json:"done,omitempty"`
	Versions map[fulfillment.ID]int64 `json:"versions,omitempty"`
}

// Reservations are the versions at which fulfillment orders were reserved. A worker of before tells none.
type Reservations struct {
	Versions map[fulfillment.ID]int64 `json:"versions,omitempty"`
}

// check wants every participant to be reserved, and no transition to have a number that its fulfillment order had given
// before that: then the store was set back since, and what is decided on it would pass for what is lost.
func (r Reservations) check(reserved, participants []fulfillment.ID, decided []fulfillment.Transition) error {
	for _, id := range participants {
		if !slices.Contains(reserved, id) {
			return fmt.Errorf("fulfillment order %d is not reserved: %w", id, fulfillment.ErrStale)
		}
	}
	for i := range decided {
		if id := decided[i].FulfillmentOrderID; decided[i].Sequence <= r.Versions[id] {
			return fmt.Errorf("fulfillment order %d was set back: %w", id, fulfillment.ErrStale)
		}
	}
	return nil
}

// Reserve asks each fulfillment order, by ID, to take no other command until it hears more. It waits for those that
// another joint command has reserved.
func (a *Activities) Reserve(ctx context.Context, in ReservationInput) (Reservations, error) {
	ctx, stop := waiting(ctx)
	defer stop()
	r := Reservations{Versions: make(map[fulfillment.ID]int64, len(in.FulfillmentOrderIDs))}
	for _, id := range in.FulfillmentOrderIDs {
		version, err := a.Workflows.Reserve(ctx, id, in.By)
		if err != nil {
			return Reservations{}, asApplicationError(err)
		}
		r.Versions[id] = version
	}
	return r, nil
}

// Apply tells each fulfillment order that the joint command is in the store: it goes on from there.
func (a *Activities) Apply(ctx context.Context, in ReservationInput) error {
	return a.endReservations(ctx, in, func(ctx context.Context, id fulfillment.ID, by string) error {
		of := func(done fulfillment.Answered) bool { return done.Result.FulfillmentOrderID == id }
		if i := slices.IndexFunc(in.Done, of); i >= 0 {
			return a.Workflows.Apply(ctx, id, by, &in.Done[i])
		}
		if version := in.Versions[id]; version != 0 {
			result := fulfillment.Result{FulfillmentOrderID: id, Sequence: version}
			return a.Workflows.Apply(ctx, id, by, &fulfillment.Answered{Result: result})
		}
		return a.Workflows.Apply(ctx, id, by, nil)
	})
}

// Abort tells each fulfillment order that the joint command did not happen: it goes on as it was.
func (a *Activities) Abort(ctx context.Context, in ReservationInput) error {
	return a.endReservations(ctx, in, a.Workflows.Abort)
}

func (a *Activities) endReservations(
	ctx context.Context, in ReservationInput, end func(ctx context.Context, id fulfillment.ID, by string) error,
) error {
	ctx, stop := waiting(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, id := range in.FulfillmentOrderIDs {
		group.Go(func() error { return end(ctx, id, in.By) })
	}
	return asAnswer(group.Wait())
}

// asAnswer is [asApplicationError] for what another workflow answers: one that can't answer now is asked again.
func asAnswer(err error) error {
	if refused, ok := temporalio.Refusal(err); ok && refused.Retryable() {
		return err
	}
	return asApplicationError(err)
}

// AskInput is a command that a fulfillment order can't decide without its siblings, or that concerns only one of them.
type AskInput struct {
	FulfillmentOrderID fulfillment.ID   `json:"fulfillmentOrderId"`
	OrderID            fulfillment.ID   `json:"orderId"`
	Verb               fulfillment.Verb `json:"verb"`
	Command            json.RawMessage  `json:"command"` // for AskOrder a joint one
}

// AskOrder hands a command on to the order, and waits for its answer.
func (a *Activities) AskOrder(ctx context.Context, in AskInput) (fulfillment.Result, error) {
	cmd, refused := fulfillment.DecodeJoint(in.Verb, in.Command, false)
	if refused != nil {
		return fulfillment.Result{}, asApplicationError(refused)
	}
	ctx, stop := waiting(ctx)
	defer stop()
	a.mintFirst(cmd.Envelope())
	results, err := a.Workflows.Joint(ctx, in.OrderID, cmd)
	if err != nil {
		return fulfillment.Result{}, asAnswer(err)
	}
	return results[0], nil
}

// AskOwner hands a command on to the fulfillment order that owns the shipment, and waits for its answer.
func (a *Activities) AskOwner(ctx context.Context, in AskInput) (fulfillment.Result, error) {
	cmd, refused := fulfillment.DecodeCommand(in.Verb, in.Command, false)
	if refused != nil {
		return fulfillment.Result{}, asApplicationError(refused)
	}
	ctx, stop := waiting(ctx)
	defer stop()
	a.mintFirst(cmd.Envelope())
	result, err := a.Workflows.Command(ctx, in.FulfillmentOrderID, cmd)
	return result, asAnswer(err)
}

// FoldBackInput names what a partial hold that ended by itself left out.
type FoldBackInput struct {
	FulfillmentOrderID fulfillment.ID     `json:"fulfillmentOrderId"`
	OrderID            fulfillment.ID     `json:"orderId"`
	Effect             fulfillment.Effect `json:"effect"`
}

// FoldBack has the order take back what a partial hold left out. That it went its own way meanwhile is no error.
func (a *Activities) FoldBack(ctx context.Context, in FoldBackInput) error {
	rest, err := fulfillment.ParseID(in.Effect.For)
	if err != nil {
		return asApplicationError(err)
	}
	cmd := &fulfillment.FoldBack{FulfillmentOrderID: in.FulfillmentOrderID, RestID: rest}
	cmd.CommandID, cmd.Actor = in.Effect.Key+"/fold", fulfillment.System
	ctx, stop := waiting(ctx)
	defer stop()
	a.mintFirst(cmd.Envelope())
	_, err = a.Workflows.Joint(ctx, in.OrderID, cmd)
	if refused, ok := temporalio.Refusal(err); ok && !refused.Retryable() {
		return nil
	}
	return asAnswer(err)
}
