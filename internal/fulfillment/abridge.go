package fulfillment

import (
	"encoding/json"
	"slices"
)

// How large a state may be, in bytes of its JSON. It travels to every commit, every provider call and every new run,
// and a server ends a run whose state it can't carry.
const (
	// abridgedAbove is the size from which a state leaves out what rows of the store have.
	abridgedAbove = 96 << 10
	// abridgedTo is the size that is aimed at then, so that not every command has to.
	abridgedTo = 64 << 10
	// MaxState is the size from which a command that would let the state grow is refused. What must happen all the same
	// adds little, and with the answers that travel beside it all of it stays below 256 kB.
	MaxState = 176 << 10
	// maxAnswers is how much of the last answers travels with the state.
	maxAnswers = 48 << 10
)

// What an abridged state keeps of its lists, beside what decisions need, and of each text.
const (
	keptEvents   = 10 // of each shipment
	keptRequests = 5
	keptText     = 120 // characters
	keptTitle    = 24
)

// Size is how many bytes the state has as JSON.
func (fo *FulfillmentOrder) Size() int {
	body, err := json.Marshal(fo)
	if err != nil { // It has a time that JSON has no word for, and is not stored either.
		return 0
	}
	return len(body)
}

// Abridge leaves out of a large state what rows of the store have, and nothing that a decision depends on: the
// carrier's news but for the last and the decisive ones, then what the merchant asked but for the last, then long
// texts. It goes only as far as it must. The state is changed in place: it must be the caller's own.
func (fo *FulfillmentOrder) Abridge() {
	if fo.Size() <= abridgedAbove {
		return
	}
	fo.Abridged = true
	for _, step := range []func(*FulfillmentOrder){
		(*FulfillmentOrder).dropEvents, (*FulfillmentOrder).dropRequests, (*FulfillmentOrder).dropEventTexts,
		(*FulfillmentOrder).clipTexts, (*FulfillmentOrder).clipAllTexts,
	} {
		if step(fo); fo.Size() <= abridgedTo {
			return
		}
	}
}

// dropEvents keeps the last events of each shipment, the one by which it was shipped, and the newest.
func (fo *FulfillmentOrder) dropEvents() {
	for i := range fo.Fulfillments {
		f := &fo.Fulfillments[i]
		newest := f.newestEvent(false)
		trusted := f.newestEvent(true) // Runs go on that order events by it.
		shipped := slices.IndexFunc(f.Events, func(e FulfillmentEvent) bool { return e.Status.carried() })
		var kept []FulfillmentEvent
		for n, e := range f.Events {
			if n == shipped || n == newest || n == trusted || len(f.Events)-n <= keptEvents {
				kept = append(kept, e)
			}
		}
		f.EarlierEvents += len(f.Events) - len(kept)
		f.Events = kept
	}
}

// newestEvent is the place of the event by which newest says when the display status was followed last.
func (f *Fulfillment) newestEvent(trusts bool) int {
	at := f.newest(trusts)
	return slices.IndexFunc(f.Events, func(e FulfillmentEvent) bool { return !e.Late && e.counts(trusts).Equal(at) })
}

// dropRequests keeps the last merchant requests, and the last of each kind.
func (fo *FulfillmentOrder) dropRequests() {
	var kept []MerchantRequest
	for n, r := range fo.MerchantRequests {
		if len(fo.MerchantRequests)-n <= keptRequests || r.ID == fo.lastAsked(r.Kind).ID {
			kept = append(kept, r)
		}
	}
	fo.EarlierRequests += len(fo.MerchantRequests) - len(kept)
	fo.MerchantRequests = kept
}

// dropEventTexts leaves of an event when what happened.
func (fo *FulfillmentOrder) dropEventTexts() {
	for i := range fo.Fulfillments {
		for n, e := range fo.Fulfillments[i].Events {
			fo.Fulfillments[i].Events[n] = FulfillmentEvent{
				ID: e.ID, Status: e.Status, HappenedAt: e.HappenedAt, EstimatedDeliveryAt: e.EstimatedDeliveryAt,
				CreatedAt: e.CreatedAt, Late: e.Late,
			}
		}
	}
}

// clipTexts cuts what was written, but for the last request: a provider is told its message.
func (fo *FulfillmentOrder) clipTexts() {
	last := len(fo.MerchantRequests) - 1
	for i := range fo.MerchantRequests {
		if i != last {
			fo.MerchantRequests[i].Message = clip(fo.MerchantRequests[i].Message, keptText)
		}
	}
	for i := range fo.Holds {
		fo.Holds[i].ReasonNotes = clip(fo.Holds[i].ReasonNotes, keptText)
	}
	for i := range fo.Effects {
		fo.Effects[i].Problem = clip(fo.Effects[i].Problem, keptText)
	}
	if fo.LastRefusal != nil {
		refusal := *fo.LastRefusal
		refusal.Message = clip(refusal.Message, keptText)
		fo.LastRefusal = &refusal
	}
	for i := range fo.Lines {
		fo.Lines[i].Warnings = clipWarnings(fo.Lines[i].Warnings, keptTitle)
	}
}

// clipAllTexts leaves hardly any.
func (fo *FulfillmentOrder) clipAllTexts() {
	for i := range fo.MerchantRequests {
		fo.MerchantRequests[i].Message = clip(fo.MerchantRequests[i].Message, keptText)
	}
	for i := range fo.Holds {
		fo.Holds[i].ReasonNotes = clip(fo.Holds[i].ReasonNotes, keptTitle)
	}
	for i := range fo.Lines {
		fo.Lines[i].Warnings = nil
		fo.Lines[i].Title = clip(fo.Lines[i].Title, keptTitle)
	}
}

func clipWarnings(warnings []Warning, limit int) []Warning {
	clipped := slices.Clone(warnings)
	for i := range clipped {
		clipped[i] = Warning{Title: clip(clipped[i].Title, limit), Description: clip(clipped[i].Description, limit)}
	}
	return clipped
}

// fewerAnswers is the last answers, as many as may travel with the state. Older ones are found in the store.
func fewerAnswers(answers []Answered) []Answered {
	const each = 512 // an answer without its command ID, at most
	room := maxAnswers
	for i := len(answers) - 1; i >= 0; i-- {
		id, _ := json.Marshal(answers[i].CommandID) // A text can always be written.
		room -= each + len(id)
		if len(answers)-i > RecentAnswers || room < 0 {
			return slices.Clone(answers[i+1:])
		}
	}
	return answers
}

// noRoom is the refusal of a command that has let a large state grow further; nil: there was room.
func (fo *FulfillmentOrder) noRoom(before *FulfillmentOrder, cmd Command) *Error {
	if !adds(cmd) {
		return nil
	}
	if size := fo.Size(); size > MaxState && size > before.Size() {
		return refusal(
			CodeNoRoom, nil,
			"The fulfillment order has no room for this: its lines, holds, shipments and what they were split from "+
				"may be %d kB in all, and would be %d. Split off what is left to ship, and go on with that.",
			MaxState>>10, size>>10,
		)
	}
	return nil
}

// adds tells whether the command puts more into the state than it takes out, for good.
func adds(cmd Command) bool {
	switch cmd.(type) {
	case *PlaceHold, *CreateFulfillment, *UpdateTracking, *Split, *SubmitFulfillmentRequest, *Move, *absorb:
		return true
	}
	return false
}

// KindsLeftOut are the kinds of transitions by which [FulfillmentOrder.Whole] puts back what a state leaves out.
var KindsLeftOut = []Kind{
	KindCreated, KindRequested, KindCancellationRequested, KindRejected, KindHeld, KindMoved, KindEventRecorded,
}

// Whole puts back what [FulfillmentOrder.Abridge] has left out: from its transitions of [KindsLeftOut], in their order,
// and the titles of the order's lines.
func (fo *FulfillmentOrder) Whole(transitions []Transition, titles map[ID]string) {
	var requests []MerchantRequest
	events := map[ID][]FulfillmentEvent{}
	for i := range transitions {
		d := transitions[i].Details
		if d == nil {
			continue
		}
		switch kind := transitions[i].Kind; kind {
		case KindRequested, KindCancellationRequested:
			if d.MerchantRequest != nil {
				requests = append(requests, *d.MerchantRequest)
			}
			if kind == KindRequested {
				fo.clearWarnings()
			}
		case KindMoved:
			fo.clearWarnings()
		case KindCreated, KindRejected:
			fo.warn(d.Rejected, d.Message)
		case KindHeld:
			for n := range fo.Holds {
				if d.Hold != nil && fo.Holds[n].ID == d.Hold.ID {
					fo.Holds[n].ReasonNotes = d.Hold.ReasonNotes
				}
			}
		case KindEventRecorded:
			if d.Event != nil && d.Fulfillment != nil {
				events[d.Fulfillment.ID] = append(events[d.Fulfillment.ID], *d.Event)
			}
		}
	}
	if len(requests) >= len(fo.MerchantRequests) {
		fo.MerchantRequests, fo.EarlierRequests = requests, 0
	}
	for i := range fo.Fulfillments {
		f := &fo.Fulfillments[i]
		if all := events[f.ID]; len(all) >= len(f.Events) {
			f.Events, f.EarlierEvents = all, 0
		}
	}
	for i := range fo.Lines {
		if title := titles[fo.Lines[i].LineItemID]; title != "" {
			fo.Lines[i].Title = title
		}
	}
	fo.Abridged = false
}

// carried tells whether the carrier has the parcel, as the news says.
func (s EventStatus) carried() bool {
	switch s {
	case EventCarrierPickedUp, EventInTransit, EventOutForDelivery, EventAttemptedDelivery, EventDelivered:
		return true
	}
	return false
}
