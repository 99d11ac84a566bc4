package shipbob

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// scan is an entry of a parcel's history.
type scan struct {
	Status         text   `json:"status"`
	Substatus      text   `json:"substatus"`
	Message        text   `json:"message"`
	CarrierMessage text   `json:"carrier_message"`
	Location       text   `json:"location"`
	Timestamp      moment `json:"timestamp"`
}

// eventOf is what a carrier's status becomes; "": nothing.
var eventOf = map[string]fulfillment.EventStatus{
	"pretransit":            fulfillment.EventConfirmed,
	"intransit":             fulfillment.EventInTransit,
	"outfordelivery":        fulfillment.EventOutForDelivery,
	"delivered":             fulfillment.EventDelivered,
	"availableforpickup":    fulfillment.EventReadyForPickup,
	"deliveryattemptfailed": fulfillment.EventAttemptedDelivery,
	"deliveryexception":     fulfillment.EventDelayed,
	"exception":             fulfillment.EventDelayed,
	"failed":                fulfillment.EventFailure,
	"returntosender":        fulfillment.EventFailure,
	"returnedtosender":      fulfillment.EventFailure,
	// Cancelled, and whatever else comes one day, is no news of the parcel.
}

// event is what the entry becomes. A substatus says more than its status where it has a meaning of its own.
func (s scan) event() fulfillment.EventStatus {
	switch s.Substatus.key() {
	case "outfordelivery", "availableforpickup", "deliveryattemptfailed":
		return eventOf[s.Substatus.key()]
	}
	return eventOf[s.Status.key()]
}

// longestMessage is as much of a carrier's words as is kept, in bytes.
const longestMessage = 500

// teller makes news of one order.
type teller struct {
	service fulfillment.ID
	about   provider.Subject
	notify  bool // the customer hears of shipments
	news    []provider.News
}

// mine is whose order it is: its reference is the key of a request of ours. false: it is somebody else's.
func (o order) mine(service fulfillment.ID) (*teller, bool) {
	key, ok := provider.ParsePathKey(string(o.ReferenceID))
	if !ok {
		return nil, false
	}
	id, _, ok := fulfillment.ParseEffectKey(key)
	if !ok || !o.ID.digits() {
		return nil, false
	}
	t := &teller{service: service, about: provider.Subject{
		FulfillmentOrderID: id, RequestKey: key, Reference: string(o.ID),
	}}
	t.notify = slices.ContainsFunc(o.Tags, func(tag tag) bool { return tag.Name == notifyTag && tag.Value == "true" })
	return t, true
}

// tell adds news of a shipment.
func (t *teller) tell(s shipment, what string, command fulfillment.Command) {
	about := t.about
	about.Shipment = string(s.ID)
	about.TrackingNumber = string(s.Tracking.is.Number)
	about.Carrier = string(s.Tracking.is.Carrier)
	t.news = append(t.news, provider.News{
		ID: "shipment/" + string(s.ID) + "/" + what, About: about, Service: t.service, Command: command,
	})
}

// newsOf is what an order tells of its shipments, each oldest first: it is the same whenever the order is the same, and
// what was told before has the same ID. scans are the histories of its parcels by the shipments' IDs, as far as they
// are known, and marked what ShipBob does not tell of the order. unknown are shipments that have left with nobody knows
// what.
func newsOf(
	service fulfillment.ID, o order, scans map[text][]scan, marked []mark,
) (news []provider.News, unknown []text) {
	t, mine := o.mine(service)
	if !mine {
		return nil, nil
	}
	t.reviewed(o, marked)
	units, lines := o.units()
	for _, s := range o.sorted() {
		if !s.left() || !s.ID.digits() {
			continue
		}
		shipped, known := units[s.ID]
		if !known {
			unknown = append(unknown, s.ID)
			continue
		}
		t.shipped(s, shipped)
		if history := scans[s.ID]; len(history) > 0 {
			t.history(s, history)
		} else {
			t.details(s)
		}
	}
	if !slices.Contains(marked, stopping) && !slices.Contains(marked, pending) {
		t.givenUp(o, lines)
	}
	return t.news, unknown
}

// reviewed is the answer to a request that was answered PENDING.
func (t *teller) reviewed(o order, marked []mark) {
	if !slices.Contains(marked, pending) {
		return
	}
	switch answer := o.answer(); answer.Outcome {
	case fulfillment.OutcomeAccepted:
		t.say(o, "accepted", &fulfillment.AcceptFulfillmentRequest{EstimatedShippedAt: answer.EstimatedShippedAt})
	case fulfillment.OutcomeRejected:
		t.say(o, "rejected", &fulfillment.RejectFulfillmentRequest{Reason: answer.Reason, Message: answer.Message})
	}
}

// givenUp is what ShipBob has cancelled and Packhorse has not asked for: all of the order, or shipments of which
// nothing else of the order takes the place, once the others have left. It ends the work on the units that remain.
func (t *teller) givenUp(o order, lines []*line) {
	if o.cancelled() {
		t.say(o, "cancelled", &fulfillment.Close{Message: "ShipBob has cancelled its order " + string(o.ID) + "."})
		return
	}
	if !slices.ContainsFunc(lines, func(l *line) bool { return l.left > 0 }) {
		return
	}
	var stopped []string
	for _, s := range o.sorted() {
		switch {
		case s.Status.key() == statusCancelled:
			stopped = append(stopped, string(s.ID))
		case !s.left():
			return
		}
	}
	if len(stopped) > 0 {
		t.say(o, "cancelled", &fulfillment.Close{
			Message: "ShipBob has cancelled a part of its order " + string(o.ID) + ", the shipments " +
				listed(stopped) + ". The others have left.",
		})
	}
}

// say adds news of the order.
func (t *teller) say(o order, what string, command fulfillment.Command) {
	t.news = append(t.news, provider.News{
		ID: "order/" + string(o.ID) + "/" + what, About: t.about, Service: t.service, Command: command,
	})
}

// shipped is that the shipment was made, and its number when that is known: it may come later than the shipment.
func (t *teller) shipped(s shipment, lines []fulfillment.Quantity) {
	tracking := s.Tracking.is.input()
	t.tell(s, "shipped", &fulfillment.CreateFulfillment{Lines: lines, Tracking: tracking, NotifyCustomer: t.notify})
	if tracking != nil && tracking.Number != "" {
		t.tell(s, "tracking", &fulfillment.UpdateTracking{Tracking: *tracking, NotifyCustomer: t.notify, IfNone: true})
	}
	at := first(s.Tracking.is.ShippingDate, s.ActualFulfillmentDate, s.LastUpdateAt)
	printed := at
	if !at.IsZero() { // ShipBob has one time for it and for leaving, and news may be told in any order.
		printed.Time = at.Add(-time.Second)
	}
	t.event(s, fulfillment.EventLabelPrinted, "label", printed, scan{})
	if s.Status.key() == statusCompleted { // It has left ShipBob; it is not delivered.
		t.event(s, fulfillment.EventCarrierPickedUp, "left", first(s.ActualFulfillmentDate, at), scan{})
	}
}

// input is the tracking of a new shipment; nil: there is none yet.
func (t parcelTracking) input() *fulfillment.TrackingInput {
	in := fulfillment.TrackingInput{
		Company: cut(string(t.Carrier), 255), Number: cut(string(t.Number), 255), URL: string(t.URL),
	}
	if len(in.URL) > 2000 || !strings.HasPrefix(in.URL, "https://") && !strings.HasPrefix(in.URL, "http://") {
		in.URL = ""
	}
	if in.Company == "" && in.Number == "" && in.URL == "" {
		return nil
	}
	return &in
}

// history tells each entry of a parcel's history once.
func (t *teller) history(s shipment, history []scan) {
	sorted := slices.SortedStableFunc(slices.Values(history), func(a, b scan) int {
		return a.Timestamp.Compare(b.Timestamp.Time)
	})
	for _, entry := range sorted {
		if status := entry.event(); status != "" && !entry.Timestamp.IsZero() {
			t.event(s, status, fmt.Sprintf("scan/%s/%d", status, entry.Timestamp.Unix()), entry.Timestamp, entry)
		}
	}
}

// details tells what the shipment itself says of its way, where there is no history.
func (t *teller) details(s shipment) {
	delivered := false
	for _, d := range s.StatusDetails {
		status := eventOf[d.Name.key()]
		at := first(s.LastTrackingUpdateAt, s.LastUpdateAt)
		switch {
		case status == "" || d.Name.key() == statusException:
			continue
		case status == fulfillment.EventDelivered:
			delivered, at = true, first(s.DeliveryDate, at)
			t.event(s, status, "scan/"+string(status), at, scan{Message: d.Description})
		default:
			t.event(s, status, fmt.Sprintf("scan/%s/%d", status, at.Unix()), at, scan{Message: d.Description})
		}
	}
	if !delivered && s.Status.key() == statusCompleted && !s.DeliveryDate.IsZero() {
		t.event(s, fulfillment.EventDelivered, "scan/"+string(fulfillment.EventDelivered), s.DeliveryDate, scan{})
	}
}

func (t *teller) event(s shipment, status fulfillment.EventStatus, what string, at moment, entry scan) {
	city, province, _ := strings.Cut(cut(string(entry.Location), 255), ",")
	t.tell(s, what, &fulfillment.RecordEvent{
		Status: status, HappenedAt: at.pointer(), City: strings.TrimSpace(city), Province: strings.TrimSpace(province),
		Message: cut(cmp.Or(string(entry.Message), string(entry.CarrierMessage)), longestMessage),
	})
}

// held is why the shipment is held: its hold's handle and reason; false: it is not.
func (s shipment) held() (handle string, reason fulfillment.HoldReason, notes string, held bool) {
	var words []string
	for _, d := range s.StatusDetails {
		for _, w := range append([]text{d.Name, d.Description}, d.ExtraInformation.is.ValidationMessages...) {
			if w != "" && !slices.Contains(words, short(string(w))) {
				words = append(words, short(string(w)))
			}
		}
	}
	notes = cut("ShipBob's shipment "+string(s.ID)+": "+strings.Join(words, "; "), longestMessage)
	notes = strings.TrimSuffix(notes, ": ")
	switch s.Status.key() {
	case statusException:
		return "shipbob-exception-" + string(s.ID), fulfillment.HoldInventoryOutOfStock, notes, s.ID.digits()
	case statusOnHold:
		return "shipbob-hold-" + string(s.ID), holdReason(words), notes, s.ID.digits()
	}
	return "", "", "", false
}

// holdReason goes by the words of the details.
func holdReason(words []string) fulfillment.HoldReason {
	said := strings.ToLower(strings.Join(words, " "))
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(said, part) })
	}
	switch {
	case has("address"):
		return fulfillment.HoldIncorrectAddress
	case has("payment", "card", "billing"):
		return fulfillment.HoldAwaitingPayment
	}
	return fulfillment.HoldOther
}

// since is a time as ShipBob takes it in a query.
func since(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }
