package simulated

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// verdict is how the service decides, whenever and however it says so.
type verdict struct {
	answer provider.Answer     // ACCEPTED or REJECTED
	as     fulfillment.Command // the same as a command of the service
	then   []Step              // what follows a yes
	drop   string              // key of the request that ends with it
}

// plan turns a verdict into the answer that the call gets, and the steps that are taken later. late is true when the
// call gets none in time.
func (v verdict) plan(s Settings, c chance) (answer provider.Answer, steps []Step, late bool) {
	pending := provider.Answer{
		Outcome: fulfillment.OutcomePending, Reference: v.answer.Reference, Documents: v.answer.Documents,
	}
	late = s.Answer == AnswerImmediate && c.happens("late answer", s.LateAnswerRate, 1)
	say := step("answer", s.AcceptAfter, v.as)
	say.Then, say.Drop, say.Says = v.then, v.drop, &v.answer
	switch {
	case s.Answer == AnswerManual:
		return pending, nil, false
	case late:
		answer, say.After = pending, s.LateAnswerAfter
		steps = []Step{say}
	case s.Answer == AnswerPending:
		answer, say.After = pending, c.delay("answer", s.AcceptAfter, s.Jitter)
		steps = []Step{say}
	default:
		answer, say.After = v.answer, 0
		steps = v.then
	}
	if c.happens("duplicate answer", s.DuplicateAnswerRate, 1) {
		steps = append([]Step{step("answer-again", say.After, v.as)}, steps...)
	}
	return answer, steps, late
}

// decide is the verdict on a request.
func decide(r provider.Request, s Settings, c chance, now time.Time) verdict {
	answer := provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: c.reference()}
	if s.RejectAlways != "" || c.happens("rejection", s.RejectionRate, 1) {
		reason := s.reason(c)
		answer.Outcome, answer.Reason = fulfillment.OutcomeRejected, reason
		answer.Message = "The simulated service rejects it."
		if len(r.Lines) > 0 {
			line := r.Lines[c.bits("rejected line", 1)%uint64(len(r.Lines))]
			answer.Lines = []fulfillment.RejectedLine{
				{LineID: line.LineID, Message: "The simulated service can't ship it."},
			}
		}
		return verdict{answer: answer, as: &fulfillment.RejectFulfillmentRequest{
			Reason: reason, Message: answer.Message, Lines: answer.Lines,
		}}
	}
	accept := &fulfillment.AcceptFulfillmentRequest{}
	if part, _ := halves(r.Lines); part != nil && c.happens("partial acceptance", s.PartialRate, 1) {
		r.Lines = inPart(&answer, accept, r.Lines, part, s.reason(c))
	}
	if s.Labels {
		answer.Documents = []provider.Document{paperOf(fulfillment.DocumentLabel, answer.Reference)}
	}
	v := verdict{answer: answer, as: accept}
	if s.Ship {
		ships := now.Add(time.Duration(s.ShipAfter)).UTC().Truncate(time.Millisecond)
		v.answer.EstimatedShippedAt, accept.EstimatedShippedAt = &ships, &ships
		v.then = shipping(r, s, c)
	}
	return v
}

// reason is why it does not take something.
func (s Settings) reason(c chance) fulfillment.RejectionReason {
	reason := s.RejectAlways
	if n := len(s.RejectionReasons); reason == "" && n > 0 {
		reason = s.RejectionReasons[c.bits("rejection reason", 1)%uint64(n)]
	}
	return cmp.Or(reason, fulfillment.RejectOther)
}

// inPart makes both forms of a yes one to a part of the lines, and returns the lines that it is about.
func inPart(
	answer *provider.Answer, accept *fulfillment.AcceptFulfillmentRequest, lines []provider.RequestLine,
	part []fulfillment.Quantity, reason fulfillment.RejectionReason,
) (accepted []provider.RequestLine) {
	for i, line := range lines {
		taken := 0
		if i < len(part) { // It begins with the first line, and leaves none out.
			taken = part[i].Quantity
			answer.Accepted = append(answer.Accepted, provider.Part{LineID: line.LineID, Quantity: taken})
		}
		if taken < line.Quantity {
			answer.Lines = append(answer.Lines, fulfillment.RejectedLine{
				LineID: line.LineID, Message: fmt.Sprintf("The simulated service has %d of %d.", taken, line.Quantity),
			})
		}
		if line.Quantity = taken; taken > 0 {
			accepted = append(accepted, line)
		}
	}
	answer.Reason, answer.Message = reason, "The simulated service takes a part of it."
	accept.Lines, accept.Reason, accept.Message, accept.Rejected = part, reason, answer.Message, answer.Lines
	return accepted
}

// decideCancellation is the verdict on stopping a request.
func decideCancellation(key string, s Settings, c chance) verdict {
	answer := provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: c.reference()}
	if c.happens("cancellation refusal", s.CancelRefusalRate, 1) {
		answer.Outcome, answer.Message = fulfillment.OutcomeRejected, "The simulated service has packed it already."
		return verdict{answer: answer, as: &fulfillment.RejectCancellationRequest{Message: answer.Message}}
	}
	return verdict{answer: answer, as: &fulfillment.AcceptCancellationRequest{}, drop: key}
}

// shipping is one parcel, or two of which the second leaves after the first.
func shipping(r provider.Request, s Settings, c chance) []Step {
	parcel := func(name string, n int, lines []fulfillment.Quantity) Step {
		cmd := &fulfillment.CreateFulfillment{Lines: lines, NotifyCustomer: r.NotifyCustomer}
		ships := r.DeliveryMethod != fulfillment.DeliveryNone
		if ships {
			cmd.Tracking = &fulfillment.TrackingInput{
				Company: s.TrackingCompany, Number: c.trackingNumber(s.TrackingPrefix, n),
			}
		}
		shipped := step(name, c.delay(fmt.Sprintf("ship-%d", n), s.ShipAfter, s.Jitter), cmd)
		if ships && s.Deliver {
			shipped.Then = news(n, s, c)
		}
		return shipped
	}
	// Without lines a parcel takes everything that is left, whatever was cancelled meanwhile.
	half, rest := halves(r.Lines)
	if half == nil || !c.happens("partial shipment", s.PartialShipmentRate, 1) {
		return []Step{parcel("ship-1", 1, nil)}
	}
	// The second one has what the first left, also when Packhorse's database was set back and knows of no first one.
	first, second := parcel("ship-1", 1, half), parcel("ship-2", 2, rest)
	instead := parcel("ship-2-of-what-is-left", 2, nil)
	instead.After = 0
	second.Else = []Step{instead}
	first.Then = append(first.Then, second)
	return []Step{first}
}

// halves are half of the units, rounded down, and the rest; nil if one unit can't be parted.
func halves(lines []provider.RequestLine) (half, rest []fulfillment.Quantity) {
	units := 0
	for _, l := range lines {
		units += l.Quantity
	}
	left := units / 2
	if left == 0 {
		return nil, nil
	}
	for _, l := range lines {
		n := min(left, l.Quantity)
		if n > 0 {
			half = append(half, fulfillment.Quantity{ID: l.LineID, Quantity: n})
		}
		if n < l.Quantity {
			rest = append(rest, fulfillment.Quantity{ID: l.LineID, Quantity: l.Quantity - n})
		}
		left -= n
	}
	return half, rest
}

// news is a carrier's, each after the one before.
func news(parcel int, s Settings, c chance) []Step {
	var then []Step
	for _, event := range []struct {
		status fulfillment.EventStatus
		after  fulfillment.Duration
	}{
		{fulfillment.EventDelivered, s.DeliveredAfter},
		{fulfillment.EventOutForDelivery, s.OutForDeliveryAfter},
		{fulfillment.EventInTransit, s.InTransitAfter},
	} {
		name := fmt.Sprintf("%s-%d", event.status, parcel)
		told := step(name, c.delay(name, event.after, s.Jitter), &fulfillment.RecordEvent{Status: event.status})
		told.Then = then
		then = []Step{told}
	}
	return then
}

func step(name string, after fulfillment.Duration, cmd fulfillment.Command) Step {
	body, err := json.Marshal(cmd)
	if err != nil {
		panic(fmt.Sprintf("simulated: a %s can't be written as JSON: %v", cmd.Verb(), err)) // Commands are plain data.
	}
	return Step{Name: name, After: after, Verb: cmd.Verb(), Body: body}
}

// tasks are the steps that follow something that happened now.
func tasks(steps []Step, cause Task, now time.Time) []Task {
	next := make([]Task, len(steps))
	for i, s := range steps {
		next[i] = cause
		next[i].ID, next[i].Attempts, next[i].Step = 0, 0, s
		next[i].DueAt = now.Add(time.Duration(s.After))
		if s.Verb != fulfillment.VerbRecordEvent {
			next[i].FulfillmentID = 0
		}
	}
	return next
}
