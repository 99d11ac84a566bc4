package fulfillment_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
)

// drawJoint draws a command on several fulfillment orders: mostly ones that fit together, often enough ones that don't.
func (w *world) drawJoint(t *rapid.T) fulfillment.Joint {
	kinds := []string{
		"merge", "merge", "merge", "split", "split", "split", "ship", "ship", "reroute", "deadlines", "fold back",
	}
	if slices.ContainsFunc(w.orders, awaitsFold) {
		kinds = append(kinds, "fold back", "fold back", "fold back", "fold back", "fold back", "fold back")
	}
	var cmd fulfillment.Joint
	base := w.drawLikely(t, w.hasPeers)
	switch rapid.SampledFrom(kinds).Draw(t, "joint command") {
	case "merge":
		merge := &fulfillment.Merge{}
		for range rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "inputs") {
			var in fulfillment.MergeInput
			for _, fo := range w.drawTogether(t, base, 2) {
				in.Intents = append(
					in.Intents, fulfillment.MergeIntent{FulfillmentOrderID: fo.ID, Lines: drawSome(t, fo)},
				)
			}
			merge.Inputs = append(merge.Inputs, in)
			base = w.drawLikely(t, w.hasPeers)
		}
		cmd = merge
	case "split":
		split := &fulfillment.SplitEach{}
		for range rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "splits") {
			base = w.drawLikely(t, splittable)
			split.Splits = append(
				split.Splits, fulfillment.SplitInput{FulfillmentOrderID: base.ID, Lines: drawLess(t, base)},
			)
		}
		cmd = split
	case "ship":
		ship := &fulfillment.Ship{Message: drawText(t)}
		for _, fo := range w.drawTogether(t, base, 2) {
			ship.Groups = append(ship.Groups, fulfillment.ShipGroup{FulfillmentOrderID: fo.ID, Lines: drawSome(t, fo)})
		}
		if rapid.Bool().Draw(t, "tracked") {
			ship.Tracking = drawTracking(t)
		}
		cmd = ship
	case "reroute":
		reroute := &fulfillment.Reroute{
			FulfillmentOrderIDs: ids(w.drawTogether(t, base, 1)), Alternatives: rapid.Bool().Draw(t, "alternatives"),
		}
		if to := drawLocation(t); rapid.IntRange(0, 9).Draw(t, "nowhere to go") != 9 {
			reroute.Location = &to
		}
		cmd = reroute
	case "deadlines":
		cmd = &fulfillment.SetDeadlines{FulfillmentOrderIDs: ids(w.drawTogether(t, base, 1)), FulfillBy: w.drawTime(t)}
	default:
		base = w.drawLikely(t, awaitsFold)
		rest := w.drawOne(t).ID
		for _, e := range base.Effects {
			if e.Kind == fulfillment.EffectFold {
				rest, _ = fulfillment.ParseID(e.For)
			}
		}
		cmd = &fulfillment.FoldBack{FulfillmentOrderID: base.ID, RestID: rest}
	}
	meta := cmd.Envelope()
	meta.Actor = rapid.SampledFrom(
		append([]fulfillment.Actor{operator, operator, operator, operator, operator, operator}, everybody(base)...),
	).Draw(t, "actor")
	if rapid.IntRange(0, 9).Draw(t, "without a command ID") != 9 {
		meta.CommandID = fmt.Sprintf("joint-%d", w.block)
	}
	return cmd
}

// drawTowards is a command on one fulfillment order that nothing is wrong with, of a kind that leads to where siblings
// matter: partial holds, cancellations by a service, moves to where a sibling is, shipments that are taken back.
func (w *world) drawTowards(t *rapid.T, fo *fulfillment.FulfillmentOrder) fulfillment.Command {
	soon := w.now.Add(time.Hour)
	var list []fulfillment.Command
	switch fo.RequestStatus {
	case fulfillment.RequestSubmitted:
		list = append(
			list, &fulfillment.AcceptFulfillmentRequest{}, &fulfillment.AcceptFulfillmentRequest{Lines: oneUnit(fo)},
		)
	case fulfillment.RequestAccepted:
		list = append(list, &fulfillment.SubmitCancellationRequest{})
	case fulfillment.RequestCancellationRequested:
		list = append(
			list, &fulfillment.AcceptCancellationRequest{}, &fulfillment.AcceptCancellationRequest{Lines: oneUnit(fo)},
			&fulfillment.AcceptCancellationRequest{Lines: oneUnit(fo), Replace: true},
		)
	}
	switch fo.Status {
	case fulfillment.StatusScheduled:
		list = append(list, &fulfillment.Open{})
	case fulfillment.StatusOnHold:
		list = append(list, &fulfillment.ReleaseHold{})
		if ends := fo.Holds[0].ExpiresAt; ends != nil && ends.After(w.now) && ends.Before(w.now.Add(2*time.Hour)) &&
			rapid.Bool().Draw(t, "expires") {
			w.now = *ends
			return &fulfillment.Tick{Meta: fulfillment.Meta{Actor: fulfillment.System}}
		}
	case fulfillment.StatusOpen:
		list = append(list, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: drawLess(t, fo)},
			&fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Lines: drawLess(t, fo), ExpiresAt: &soon})
		if fo.AssignedLocation.AtService() {
			list = append(list, &fulfillment.SubmitFulfillmentRequest{Lines: drawLess(t, fo)})
		}
		for _, other := range w.orders {
			if to := other.AssignedLocation; other.OrderID == fo.OrderID &&
				to.LocationID != fo.AssignedLocation.LocationID && other.Status == fulfillment.StatusOpen {
				list = append(
					list, &fulfillment.Move{NewLocationID: to.LocationID, Location: &to, Lines: drawSome(t, fo)},
				)
				break
			}
		}
	}
	for _, f := range fo.Fulfillments {
		if f.HomeID != 0 || len(f.Parts) > 0 {
			list = append(list, &fulfillment.CancelFulfillment{FulfillmentID: f.ID})
		}
	}
	cmd := rapid.SampledFrom(append(list, &fulfillment.Tick{})).Draw(t, "towards")
	if cmd.Verb() != fulfillment.VerbTick {
		cmd.Envelope().CommandID = fmt.Sprintf("command-%d", w.block)
	}
	return cmd
}

// drawSome is mostly no lines (the whole).
func drawSome(t *rapid.T, fo *fulfillment.FulfillmentOrder) []fulfillment.Quantity {
	if rapid.IntRange(0, 2).Draw(t, "whole") != 2 {
		return nil
	}
	return drawQuantities(t, fo)
}

// drawLess is mostly a unit less than there are, or one unit.
func drawLess(t *rapid.T, fo *fulfillment.FulfillmentOrder) []fulfillment.Quantity {
	if rapid.IntRange(0, 9).Draw(t, "any lines") == 9 {
		return drawQuantities(t, fo)
	}
	lines := oneUnit(fo)
	for _, l := range fo.Lines {
		if l.ID == lines[0].ID && l.Remaining > 1 && rapid.Bool().Draw(t, "most") {
			lines[0].Quantity = l.Remaining - 1
		}
	}
	return lines
}

// drawLikely is mostly a fulfillment order that fits.
func (w *world) drawLikely(t *rapid.T, fits func(*fulfillment.FulfillmentOrder) bool) *fulfillment.FulfillmentOrder {
	var list []*fulfillment.FulfillmentOrder
	for _, fo := range w.orders {
		if fits(fo) {
			list = append(list, fo)
		}
	}
	if len(list) == 0 || rapid.IntRange(0, 5).Draw(t, "any one") == 5 {
		return w.drawOne(t)
	}
	return rapid.SampledFrom(list).Draw(t, "fulfillment order")
}

// hasPeers tells whether others can be merged with it.
func (w *world) hasPeers(fo *fulfillment.FulfillmentOrder) bool {
	return len(fo.MergeableWith(w.orders, operator)) > 0
}

func splittable(fo *fulfillment.FulfillmentOrder) bool {
	return slices.Contains(fo.SupportedActions(operator), fulfillment.ActionSplit)
}

// awaitsFold tells whether what a hold left out is still to be taken back.
func awaitsFold(fo *fulfillment.FulfillmentOrder) bool {
	return slices.ContainsFunc(fo.Effects, func(e fulfillment.Effect) bool { return e.Kind == fulfillment.EffectFold })
}

// sharesShipment tells whether it has a part of a shipment that stands.
func sharesShipment(fo *fulfillment.FulfillmentOrder) bool {
	return slices.ContainsFunc(fo.Fulfillments, func(f fulfillment.Fulfillment) bool {
		return (f.HomeID != 0 || len(f.Parts) > 0) && f.Status == fulfillment.FulfillmentSuccess
	})
}

// drawOne is mostly a fulfillment order that is not closed.
func (w *world) drawOne(t *rapid.T) *fulfillment.FulfillmentOrder {
	var open []*fulfillment.FulfillmentOrder
	for _, fo := range w.orders {
		if fo.Status != fulfillment.StatusClosed {
			open = append(open, fo, fo, fo, fo, fo)
		}
	}
	return rapid.SampledFrom(append(open, w.orders...)).Draw(t, "fulfillment order")
}

// drawTogether is one or more fulfillment orders, at least so many if there are: that one first, then, mostly, such as
// can be with it in one parcel.
func (w *world) drawTogether(
	t *rapid.T, first *fulfillment.FulfillmentOrder, least int,
) []*fulfillment.FulfillmentOrder {
	list := []*fulfillment.FulfillmentOrder{first}
	if rapid.IntRange(0, 7).Draw(t, "any") == 7 {
		return append(
			list,
			rapid.SampledFrom(
				append(w.orders[:len(w.orders):len(w.orders)], &fulfillment.FulfillmentOrder{ID: 404}),
			).Draw(t, "another"),
		)
	}
	for _, fo := range w.orders {
		fits := fo.ID != first.ID && fo.OrderID == first.OrderID &&
			fo.AssignedLocation.LocationID == first.AssignedLocation.LocationID &&
			(fo.Status == fulfillment.StatusOpen || fo.Status == first.Status && fo.Status != fulfillment.StatusClosed)
		if fits && (len(list) < least || rapid.Bool().Draw(t, "with")) {
			list = append(list, fo)
		}
	}
	return list
}

func ids(fos []*fulfillment.FulfillmentOrder) []fulfillment.ID {
	list := make([]fulfillment.ID, len(fos))
	for i, fo := range fos {
		list[i] = fo.ID
	}
	return list
}
