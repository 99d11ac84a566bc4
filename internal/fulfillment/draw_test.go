package fulfillment_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
)

// drawCommand draws a command for the fulfillment order: mostly one that fits its state, from an actor who may send
// it; often enough one that doesn't.
func (w *world) drawCommand(t *rapid.T, fo *fulfillment.FulfillmentOrder) fulfillment.Command {
	verbs := append([]fulfillment.Verb{fulfillment.VerbTick}, likely(fo)...)
	verbs = append(verbs, verbs[1:]...)
	verbs = append(verbs, fulfillment.VerbProviderAnswer)
	verb := rapid.SampledFrom(append(verbs, fulfillment.Verbs()...)).Draw(t, "verb")
	cmd := w.drawFields(t, fo, verb)
	actors := append([]fulfillment.Actor{operator, operator, operator}, everybody(fo)...)
	if verb == fulfillment.VerbTick || verb == fulfillment.VerbProviderAnswer {
		actors = []fulfillment.Actor{fulfillment.System}
	}
	meta := cmd.Envelope()
	meta.Actor = rapid.SampledFrom(actors).Draw(t, "actor")
	if rapid.IntRange(0, 9).Draw(t, "without a command ID") != 9 {
		meta.CommandID = fmt.Sprintf("command-%d", w.block)
	}
	return cmd
}

// likely lists the verbs which make sense in this state, so that random lives get somewhere.
func likely(fo *fulfillment.FulfillmentOrder) []fulfillment.Verb {
	var verbs []fulfillment.Verb
	switch fo.RequestStatus {
	case fulfillment.RequestSubmitted:
		verbs = append(
			verbs, "AcceptFulfillmentRequest", "AcceptFulfillmentRequest", "AcceptFulfillmentRequest",
			"RejectFulfillmentRequest", "Cancel",
		)
	case fulfillment.RequestAccepted:
		verbs = append(verbs, "SubmitCancellationRequest", "SubmitCancellationRequest", "Close", "CreateFulfillment")
	case fulfillment.RequestCancellationRequested:
		verbs = append(verbs, "AcceptCancellationRequest", "RejectCancellationRequest", "CreateFulfillment", "Cancel")
	case fulfillment.RequestRejected, fulfillment.RequestCancellationAccepted, fulfillment.RequestClosed:
		verbs = append(verbs, "SubmitFulfillmentRequest", "SubmitFulfillmentRequest", "Hold", "Move")
	}
	switch fo.Status {
	case fulfillment.StatusScheduled:
		verbs = append(verbs, "Open", "Reschedule")
	case fulfillment.StatusOnHold:
		verbs = append(verbs, "ReleaseHold", "ReleaseHold", "Hold", "Move")
	case fulfillment.StatusOpen:
		verbs = append(
			verbs, "SubmitFulfillmentRequest", "SubmitFulfillmentRequest", "Hold", "Split", "ReportProgress",
			"CreateFulfillment",
		)
	case fulfillment.StatusInProgress:
		verbs = append(verbs, "Open", "CreateFulfillment", "Hold")
	}
	switch fo.DeliveryMethod {
	case fulfillment.DeliveryPickUp:
		verbs = append(verbs, "LineItemsPreparedForPickup")
	case fulfillment.DeliveryLocal:
		verbs = append(verbs, "LineItemsPreparedForLocalDelivery")
	}
	if len(fo.Fulfillments) > 0 {
		verbs = append(verbs, "RecordEvent", "RecordEvent", "CancelFulfillment", "UpdateTracking")
	}
	if len(fo.Effects) > 0 {
		verbs = append(verbs, "ProviderAnswer", "ProviderAnswer", "ProviderAnswer")
	}
	return verbs
}

func (w *world) drawFields(t *rapid.T, fo *fulfillment.FulfillmentOrder, verb fulfillment.Verb) fulfillment.Command {
	switch verb {
	case fulfillment.VerbTick:
		return &fulfillment.Tick{}
	case fulfillment.VerbProviderAnswer:
		return w.drawAnswer(t, fo)
	}
	switch cmd := fulfillment.NewCommand(verb).(type) {
	case *fulfillment.SubmitFulfillmentRequest:
		cmd.Message, cmd.NotifyCustomer, cmd.Lines = drawText(t), rapid.Bool().Draw(t, "notify"), drawQuantities(t, fo)
		return cmd
	case *fulfillment.AcceptFulfillmentRequest:
		cmd.Message, cmd.EstimatedShippedAt = drawText(t), w.drawTime(t)
		if rapid.Bool().Draw(t, "a part") {
			cmd.Lines = drawQuantities(t, fo)
		}
		if rapid.IntRange(0, 3).Draw(t, "why not all") == 3 {
			cmd.Reason, cmd.Rejected = drawReason(t), drawRejectedLines(t, fo)
		}
		return cmd
	case *fulfillment.AcceptCancellationRequest:
		cmd.Message, cmd.Replace = drawText(t), rapid.Bool().Draw(t, "replace")
		if rapid.Bool().Draw(t, "a part") {
			cmd.Lines = drawQuantities(t, fo)
		}
		return cmd
	case *fulfillment.RejectFulfillmentRequest:
		cmd.Message, cmd.Reason, cmd.Lines = drawText(t), drawReason(t), drawRejectedLines(t, fo)
		return cmd
	case *fulfillment.SubmitCancellationRequest:
		cmd.Message = drawText(t)
		return cmd
	case *fulfillment.PlaceHold:
		cmd.Reason = rapid.SampledFrom(
			[]fulfillment.HoldReason{"OTHER", "AWAITING_PAYMENT", "HIGH_RISK_OF_FRAUD", "", "BOREDOM"},
		).Draw(t, "reason")
		cmd.Handle = rapid.SampledFrom(
			[]string{
				fmt.Sprint("handle-", w.block), fmt.Sprint("handle-", w.block), "", "same", strings.Repeat("h", 64),
				strings.Repeat("h", 65),
			},
		).Draw(t, "handle")
		cmd.ReasonNotes, cmd.ExternalID, cmd.Lines = drawText(t), rapid.SampledFrom(
			[]string{"", "ours"},
		).Draw(t, "external ID"), drawQuantities(t, fo)
		cmd.ExpiresAt = w.drawTime(t)
		return cmd
	case *fulfillment.ReleaseHold:
		ids := []fulfillment.ID{0, 404}
		for _, h := range fo.Holds {
			ids = append(ids, h.ID, h.ID, h.ID)
		}
		cmd.HoldIDs = rapid.SliceOfN(rapid.SampledFrom(ids), 0, 2).Draw(t, "holds")
		cmd.OwnOnly, cmd.ExternalID = rapid.Bool().Draw(t, "own only"), rapid.SampledFrom(
			[]string{"", "", "", "ours"},
		).Draw(t, "external ID")
		return cmd
	case *fulfillment.Reschedule:
		if at := w.drawTime(t); at != nil {
			cmd.FulfillAt = *at
		}
		return cmd
	case *fulfillment.ReportProgress:
		cmd.ReasonNotes = drawText(t)
		return cmd
	case *fulfillment.SetDeadline:
		cmd.FulfillBy = w.drawTime(t)
		return cmd
	case *fulfillment.Move:
		to := drawLocation(t)
		cmd.NewLocationID, cmd.Lines = to.LocationID, drawQuantities(t, fo)
		if rapid.IntRange(0, 9).Draw(t, "no such location") != 9 {
			cmd.Location = &to
		}
		if rapid.IntRange(0, 9).Draw(t, "not in stock") == 9 {
			cmd.UnstockedSKUs = []string{"SKU-1"}
		}
		return cmd
	case *fulfillment.Split:
		cmd.Lines = drawQuantities(t, fo)
		return cmd
	case *fulfillment.CreateFulfillment:
		cmd.Message, cmd.Lines = drawText(t), drawQuantities(t, fo)
		if rapid.Bool().Draw(t, "tracked") {
			cmd.Tracking = drawTracking(t)
		}
		return cmd
	case *fulfillment.CancelFulfillment:
		cmd.FulfillmentID = drawFulfillment(t, fo)
		return cmd
	case *fulfillment.UpdateTracking:
		cmd.FulfillmentID, cmd.Tracking = drawFulfillment(t, fo), *drawTracking(t)
		return cmd
	case *fulfillment.RecordEvent:
		cmd.FulfillmentID, cmd.Message = drawFulfillment(t, fo), drawText(t)
		cmd.Status = rapid.SampledFrom(
			append([]fulfillment.EventStatus{"DELIVERED", "", "TELEPORTED"}, fulfillment.EventStatuses...),
		).Draw(t, "event")
		cmd.HappenedAt, cmd.EstimatedDeliveryAt = w.drawTime(t), w.drawTime(t)
		if rapid.Bool().Draw(t, "position") {
			latitude := rapid.SampledFrom([]float64{52.5, -91, math.MaxFloat64}).Draw(t, "latitude")
			cmd.Latitude, cmd.Longitude = &latitude, &latitude
		}
		return cmd
	case *fulfillment.CancelUnits:
		cmd.WholeOrder, cmd.Reason = rapid.IntRange(0, 3).Draw(t, "whole order") == 3, drawText(t)
		if !cmd.WholeOrder {
			for _, q := range drawQuantities(t, fo) {
				if i := slices.IndexFunc(fo.Lines, func(l fulfillment.Line) bool { return l.ID == q.ID }); i >= 0 {
					q.ID = fo.Lines[i].LineItemID
				}
				cmd.LineItems = append(cmd.LineItems, q)
			}
		}
		return cmd
	default:
		return cmd
	}
}

// drawAnswer is a provider's answer: to an effect that waits for one, to one that was answered long ago, or to none.
func (w *world) drawAnswer(t *rapid.T, fo *fulfillment.FulfillmentOrder) *fulfillment.ProviderAnswer {
	var keys []string
	for _, e := range fo.Effects {
		keys = append(keys, e.Key, e.Key, e.Key)
	}
	for key, of := range w.keys {
		if of == fo.ID {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	answer := &fulfillment.ProviderAnswer{
		Key: rapid.SampledFrom(append(keys, "no such key")).Draw(t, "key"), Message: drawText(t),
	}
	answer.Outcome = rapid.SampledFrom(
		[]fulfillment.Outcome{"ACCEPTED", "ACCEPTED", "REJECTED", "PENDING", "UNKNOWN", "PARKED"},
	).Draw(t, "outcome")
	answer.Reason, answer.Lines, answer.EstimatedShippedAt = drawReason(t), drawRejectedLines(t, fo), w.drawTime(t)
	answer.Reference = rapid.SampledFrom([]string{"", "ref-1"}).Draw(t, "reference")
	if rapid.Bool().Draw(t, "a part") {
		answer.Accepted = drawQuantities(t, fo)
	}
	if rapid.Bool().Draw(t, "somewhere else") {
		to := drawLocation(t)
		answer.Location = &to
	}
	if rapid.IntRange(0, 3).Draw(t, "attachments") == 3 {
		answer.Labels = []fulfillment.Label{{TrackingNumber: drawText(t), LabelURL: "https://labels.example/1"}}
		answer.Data = map[string]any{"shipment": drawText(t), "apiKey": "no"}
	}
	return answer
}

// drawQuantities names no lines (the whole), a part of what is left, or nonsense.
func drawQuantities(t *rapid.T, fo *fulfillment.FulfillmentOrder) []fulfillment.Quantity {
	how := rapid.SampledFrom([]string{"whole", "part", "part", "all by name", "nonsense"}).Draw(t, "lines")
	var q []fulfillment.Quantity
	for _, l := range fo.Lines {
		switch {
		case how == "all by name" && l.Remaining > 0:
			q = append(q, fulfillment.Quantity{ID: l.ID, Quantity: l.Remaining})
		case how == "part" && l.Remaining > 0:
			if n := rapid.IntRange(0, l.Remaining).Draw(t, "units"); n > 0 {
				q = append(q, fulfillment.Quantity{ID: l.ID, Quantity: n})
			}
		case how == "nonsense":
			q = append(
				q,
				fulfillment.Quantity{
					ID: l.ID,
					Quantity: rapid.SampledFrom(
						[]int{1, 0, -1, l.Remaining + 1, math.MaxInt, math.MinInt},
					).Draw(t, "units"),
				},
			)
		}
	}
	if how == "nonsense" {
		more := []fulfillment.Quantity{{ID: 404, Quantity: 1}, {ID: 0, Quantity: 1}, {ID: -1, Quantity: 1}}
		if len(q) > 0 {
			more = append(more, q[0], fulfillment.Quantity{ID: q[0].ID, Quantity: 1})
		}
		q = append(q, rapid.SampledFrom(more).Draw(t, "one more"))
		q = q[rapid.IntRange(0, len(q)-1).Draw(t, "from"):]
	}
	return q
}

func (w *world) drawTime(t *rapid.T) *time.Time {
	if rapid.IntRange(0, 19).Draw(t, "an odd time") == 19 {
		odd := rapid.SampledFrom(
			[]time.Time{
				{}, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
				time.Date(2026, 2, 1, 0, 0, 0, 5, time.FixedZone("", 5*3600)),
			},
		).Draw(t, "odd")
		return &odd
	}
	return drawOffset(t, w, "time", 0, time.Minute, 30*time.Hour, -time.Hour, 400*24*time.Hour)
}

func drawText(t *rapid.T) string {
	return rapid.SampledFrom(
		[]string{"", "please", "ünïcode <b>\u2028 \"quoted\"", strings.Repeat("long ", 300)},
	).Draw(t, "text")
}

func drawReason(t *rapid.T) fulfillment.RejectionReason {
	return rapid.SampledFrom(
		[]fulfillment.RejectionReason{"", "INVENTORY_OUT_OF_STOCK", "OTHER", "TUESDAY"},
	).Draw(t, "reason")
}

func drawRejectedLines(t *rapid.T, fo *fulfillment.FulfillmentOrder) []fulfillment.RejectedLine {
	ids := []fulfillment.ID{404}
	for _, l := range fo.Lines {
		ids = append(ids, l.ID, l.ID)
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fulfillment.RejectedLine {
		return fulfillment.RejectedLine{LineID: rapid.SampledFrom(ids).Draw(t, "line"), Message: "none left"}
	}), 0, 2).Draw(t, "rejected lines")
}

func drawFulfillment(t *rapid.T, fo *fulfillment.FulfillmentOrder) fulfillment.ID {
	ids := []fulfillment.ID{404, 0}
	for _, f := range fo.Fulfillments {
		ids = append([]fulfillment.ID{f.ID, f.ID, f.ID}, ids...)
	}
	return rapid.SampledFrom(ids).Draw(t, "fulfillment")
}

func drawTracking(t *rapid.T) *fulfillment.TrackingInput {
	return rapid.SampledFrom([]*fulfillment.TrackingInput{{}, {Company: "DHL", Number: "00340434161094042557"},
		{Company: "UPS", Numbers: []string{"1Z999AA10123456784", ""}, URLs: []string{"https://example.com/1"}},
		{
			Number: "1", Numbers: []string{"2"}, URL: "javascript:alert(1)", URLs: []string{"a", "b", "c"},
		}}).Draw(t, "tracking")
}

// drawAssignments gives all units to one location, or to two.
func drawAssignments(t *rapid.T, w *world, order *fulfillment.Order) []fulfillment.Assignment {
	parts := rapid.IntRange(1, 2).Draw(t, "assignments")
	assignments := make([]fulfillment.Assignment, parts)
	for i := range assignments {
		method := rapid.SampledFrom([]fulfillment.DeliveryMethodType{
			fulfillment.DeliveryShipping, fulfillment.DeliveryShipping, fulfillment.DeliveryPickUp,
			fulfillment.DeliveryLocal, fulfillment.DeliveryNone,
		}).Draw(t, "delivery method")
		assignments[i] = fulfillment.Assignment{Location: drawLocation(t), DeliveryMethod: method,
			FulfillAt: drawOffset(t, w, "fulfillAt", 0, 48*time.Hour, -time.Hour), FulfillBy: drawOffset(
				t, w, "fulfillBy", 0, 24*time.Hour, 200*time.Hour,
			)}
	}
	for _, l := range order.LineItems {
		rest := l.Quantity
		if parts == 2 {
			rest = rapid.IntRange(0, l.Quantity).Draw(t, "units at the second location")
			if rest < l.Quantity {
				assignments[0].Lines = append(
					assignments[0].Lines, fulfillment.Quantity{ID: l.ID, Quantity: l.Quantity - rest},
				)
			}
		}
		if rest > 0 {
			assignments[parts-1].Lines = append(
				assignments[parts-1].Lines, fulfillment.Quantity{ID: l.ID, Quantity: rest},
			)
		}
	}
	return slices.DeleteFunc(assignments, func(a fulfillment.Assignment) bool { return len(a.Lines) == 0 })
}

func drawLocation(t *rapid.T) fulfillment.AssignedLocation {
	l := rapid.SampledFrom([]fulfillment.AssignedLocation{berlin, paris, byHand, automated}).Draw(t, "location")
	if l.AtService() {
		l.AcceptWithin = fulfillment.Duration(
			rapid.SampledFrom([]time.Duration{0, 48 * time.Hour, time.Minute}).Draw(t, "accept within"),
		)
		l.AcceptPolicy = rapid.SampledFrom(
			append([]fulfillment.AcceptPolicy{""}, fulfillment.AcceptPolicies...),
		).Draw(t, "accept policy")
	}
	return l
}

// drawOffset is one of the times from now on, or nil for 0.
func drawOffset(t *rapid.T, w *world, label string, from ...time.Duration) *time.Time {
	d := rapid.SampledFrom(from).Draw(t, label)
	if d == 0 {
		return nil
	}
	at := w.now.Add(d)
	return &at
}
