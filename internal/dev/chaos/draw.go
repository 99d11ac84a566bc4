package chaos

import (
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
)

// likely lists the verbs which make sense in this state, so that random lives get somewhere.
func likely(fo *fulfillment.FulfillmentOrder) []fulfillment.Verb {
	var verbs []fulfillment.Verb
	switch fo.RequestStatus {
	case fulfillment.RequestSubmitted:
		verbs = append(
			verbs, "AcceptFulfillmentRequest", "AcceptFulfillmentRequest", "RejectFulfillmentRequest", "Cancel",
		)
	case fulfillment.RequestAccepted:
		verbs = append(
			verbs, "SubmitCancellationRequest", "SubmitCancellationRequest", "Close", "CreateFulfillment",
			"CreateFulfillment",
		)
	case fulfillment.RequestCancellationRequested:
		verbs = append(verbs, "AcceptCancellationRequest", "RejectCancellationRequest", "CreateFulfillment")
	case fulfillment.RequestRejected, fulfillment.RequestCancellationAccepted, fulfillment.RequestClosed:
		verbs = append(verbs, "SubmitFulfillmentRequest", "SubmitFulfillmentRequest", "Hold", "Move")
	}
	switch fo.Status {
	case fulfillment.StatusScheduled:
		verbs = append(verbs, "Open", "Reschedule")
	case fulfillment.StatusOnHold:
		verbs = append(verbs, "ReleaseHold", "ReleaseHold", "ReleaseHold", "Hold", "Move")
	case fulfillment.StatusOpen:
		verbs = append(verbs, "Hold", "Split", "SetDeadline")
		if fo.AssignedLocation.AtService() {
			verbs = append(
				verbs, "SubmitFulfillmentRequest", "SubmitFulfillmentRequest", "SubmitFulfillmentRequest", "Move",
			)
		} else {
			verbs = append(verbs, "CreateFulfillment", "CreateFulfillment", "ReportProgress", "Move", "Cancel")
		}
	case fulfillment.StatusInProgress:
		verbs = append(verbs, "Open", "CreateFulfillment", "Hold")
	}
	if len(fo.Fulfillments) > 0 {
		verbs = append(verbs, "RecordEvent", "RecordEvent", "RecordEvent", "CancelFulfillment", "UpdateTracking")
	}
	return verbs
}

// draw is a command of this verb for the fulfillment order, without an envelope.
func (a *actor) draw(fo *fulfillment.FulfillmentOrder, verb fulfillment.Verb) fulfillment.Command {
	now := time.Now()
	switch cmd := fulfillment.NewCommand(verb).(type) {
	case *fulfillment.SubmitFulfillmentRequest:
		cmd.Message, cmd.Lines = "Please.", a.units(fo, 0.7)
		return cmd
	case *fulfillment.AcceptFulfillmentRequest:
		cmd.EstimatedShippedAt, cmd.Lines = new(now.AddDate(0, 0, 1).UTC()), a.units(fo, 0.6)
		return cmd
	case *fulfillment.RejectFulfillmentRequest:
		cmd.Reason, cmd.Message = oneOf(a.rng, fulfillment.RejectionReasons), "We can't."
		return cmd
	case *fulfillment.AcceptCancellationRequest:
		cmd.Replace, cmd.Lines = chance(a.rng, 0.4), a.units(fo, 0.6)
		return cmd
	case *fulfillment.PlaceHold:
		cmd.Reason, cmd.ReasonNotes, cmd.Lines = fulfillment.HoldOther, "A doubt.", a.units(fo, 0.5)
		if chance(a.rng, 0.3) {
			cmd.ExpiresAt = new(now.Add(time.Duration(1+a.rng.IntN(8)) * time.Second).UTC())
		}
		return cmd
	case *fulfillment.ReleaseHold:
		if len(fo.Holds) > 0 && chance(a.rng, 0.4) {
			cmd.HoldIDs = []fulfillment.ID{oneOf(a.rng, fo.Holds).ID}
		}
		return cmd
	case *fulfillment.Reschedule:
		cmd.FulfillAt = *someTime(a.rng, now)
		return cmd
	case *fulfillment.ReportProgress:
		cmd.ReasonNotes = "Packing."
		return cmd
	case *fulfillment.SetDeadline:
		if chance(a.rng, 0.8) {
			cmd.FulfillBy = someTime(a.rng, now)
		}
		return cmd
	case *fulfillment.Move:
		cmd.NewLocationID, cmd.Lines = oneOf(a.rng, a.shop.locations).ID, a.units(fo, 0.6)
		return cmd
	case *fulfillment.Split:
		cmd.Lines = a.units(fo, 0)
		return cmd
	case *fulfillment.CreateFulfillment:
		cmd.Lines = a.units(fo, 0.6)
		if chance(a.rng, 0.7) {
			cmd.Tracking = a.tracking()
		}
		return cmd
	case *fulfillment.CancelFulfillment:
		cmd.FulfillmentID = a.fulfillment(fo)
		return cmd
	case *fulfillment.UpdateTracking:
		cmd.FulfillmentID, cmd.Tracking = a.fulfillment(fo), *a.tracking()
		return cmd
	case *fulfillment.RecordEvent:
		cmd.FulfillmentID = a.fulfillment(fo)
		cmd.Status = oneOf(a.rng, append([]fulfillment.EventStatus{fulfillment.EventInTransit,
			fulfillment.EventDelivered,
			fulfillment.EventDelivered, fulfillment.EventDelivered}, fulfillment.EventStatuses...))
		return cmd
	case *fulfillment.CancelUnits:
		if len(fo.Lines) > 0 { // One that was merged away has none.
			cmd.LineItems = []fulfillment.Quantity{{ID: oneOf(a.rng, fo.Lines).LineItemID, Quantity: 1}}
		}
		return cmd
	default:
		return cmd
	}
}

// drawJoint is a command on all of these fulfillment orders, without an envelope.
func (a *actor) drawJoint(fos []*fulfillment.FulfillmentOrder) fulfillment.Joint {
	switch a.rng.IntN(9) {
	case 0, 1, 2:
		var in fulfillment.MergeInput
		for _, fo := range fos {
			in.Intents = append(in.Intents, fulfillment.MergeIntent{FulfillmentOrderID: fo.ID, Lines: a.units(fo, 0.8)})
		}
		return &fulfillment.Merge{Inputs: []fulfillment.MergeInput{in}}
	case 3, 4:
		split := &fulfillment.SplitEach{}
		for _, fo := range fos {
			split.Splits = append(
				split.Splits, fulfillment.SplitInput{FulfillmentOrderID: fo.ID, Lines: a.units(fo, 0)},
			)
		}
		return split
	case 5, 6:
		ship := &fulfillment.Ship{Tracking: a.tracking()}
		for _, fo := range fos {
			if a.shop.apart[fo.AssignedLocation.ServiceID] {
				continue
			}
			ship.Groups = append(ship.Groups, fulfillment.ShipGroup{FulfillmentOrderID: fo.ID, Lines: a.units(fo, 0.7)})
		}
		return ship
	case 7:
		reroute := &fulfillment.Reroute{}
		for _, fo := range fos {
			reroute.FulfillmentOrderIDs = append(reroute.FulfillmentOrderIDs, fo.ID)
		}
		return reroute
	}
	deadlines := &fulfillment.SetDeadlines{FulfillBy: someTime(a.rng, time.Now())}
	for _, fo := range fos {
		deadlines.FulfillmentOrderIDs = append(deadlines.FulfillmentOrderIDs, fo.ID)
	}
	return deadlines
}

// units are none (which means all) at this rate, else a part of those that remain; now and then more than there are.
func (a *actor) units(fo *fulfillment.FulfillmentOrder, whole float64) []fulfillment.Quantity {
	if chance(a.rng, whole) {
		return nil
	}
	var part []fulfillment.Quantity
	for _, line := range fo.Lines {
		if line.Remaining > 0 && (len(part) == 0 || chance(a.rng, 0.5)) {
			part = append(part, fulfillment.Quantity{ID: line.ID, Quantity: 1 + a.rng.IntN(line.Remaining)})
		}
	}
	if len(part) > 0 && chance(a.rng, 0.03) {
		part[0].Quantity += 100
	}
	return part
}

// fulfillment is one of the shipments, or one that doesn't exist.
func (a *actor) fulfillment(fo *fulfillment.FulfillmentOrder) fulfillment.ID {
	if len(fo.Fulfillments) == 0 {
		return 404
	}
	return oneOf(a.rng, fo.Fulfillments).ID
}

func (a *actor) tracking() *fulfillment.TrackingInput {
	return &fulfillment.TrackingInput{Company: "Chaos Cargo", Number: fmt.Sprintf("CC%09d", a.rng.IntN(1e9))}
}
