package fulfillment

import (
	"slices"
	"time"
)

// FulfillmentEvent is one piece of news about a shipment (Shopify's object of that name).
type FulfillmentEvent struct {
	ID                  ID          `json:"id"`
	Status              EventStatus `json:"status"`
	Message             string      `json:"message,omitempty"`
	HappenedAt          time.Time   `json:"happenedAt"`
	EstimatedDeliveryAt *time.Time  `json:"estimatedDeliveryAt,omitempty"`
	CreatedAt           time.Time   `json:"createdAt"`
	Address1            string      `json:"address1,omitempty"`
	City                string      `json:"city,omitempty"`
	Province            string      `json:"province,omitempty"`
	Country             string      `json:"country,omitempty"`
	Zip                 string      `json:"zip,omitempty"`
	Latitude            *float64    `json:"latitude,omitempty"`
	Longitude           *float64    `json:"longitude,omitempty"`
	Late                bool        `json:"late,omitempty"` // kept in the history, did not turn the display status back
}

// RecordEvent adds a carrier's news to a shipment. HappenedAt defaults to now.
type RecordEvent struct {
	Meta
	FulfillmentID       ID          `json:"fulfillmentId"`
	Status              EventStatus `json:"status"`
	Message             string      `json:"message,omitempty"`
	HappenedAt          *time.Time  `json:"happenedAt,omitempty"`
	EstimatedDeliveryAt *time.Time  `json:"estimatedDeliveryAt,omitempty"`
	Address1            string      `json:"address1,omitempty"`
	City                string      `json:"city,omitempty"`
	Province            string      `json:"province,omitempty"`
	Country             string      `json:"country,omitempty"`
	Zip                 string      `json:"zip,omitempty"`
	Latitude            *float64    `json:"latitude,omitempty"`
	Longitude           *float64    `json:"longitude,omitempty"`
}

// Verb is RecordEvent.
func (*RecordEvent) Verb() Verb { return VerbRecordEvent }

func (cmd *RecordEvent) check() *Error {
	field := func(name string) []string { return []string{"fulfillmentEvent", name} }
	if !slices.Contains(EventStatuses, cmd.Status) {
		return refusal(
			CodeInvalid, field("status"), "Expected %q to be one of: %s", clip(string(cmd.Status), maxText),
			joined(EventStatuses),
		)
	}
	if e := tooLong(cmd.Message, maxMessage, field("message")...); e != nil {
		return e
	}
	for _, part := range [][2]string{
		{"address1", cmd.Address1}, {"city", cmd.City}, {"province", cmd.Province}, {"country", cmd.Country},
		{"zip", cmd.Zip},
	} {
		if e := tooLong(part[1], maxText, field(part[0])...); e != nil {
			return e
		}
	}
	// Written so that not-a-number is refused, too.
	if v := cmd.Latitude; v != nil && !(*v >= -90 && *v <= 90) {
		return refusal(CodeInvalid, field("latitude"), "Latitude must be between -90 and 90.")
	}
	if v := cmd.Longitude; v != nil && !(*v >= -180 && *v <= 180) {
		return refusal(CodeInvalid, field("longitude"), "Longitude must be between -180 and 180.")
	}
	return nil
}

func (cmd *RecordEvent) apply(c *change) *Error {
	if e := checkTime("happenedAt", cmd.HappenedAt); e != nil {
		return e
	}
	if e := checkTime("estimatedDeliveryAt", cmd.EstimatedDeliveryAt); e != nil {
		return e
	}
	if e := cmd.check(); e != nil {
		return e
	}
	f := c.fo.fulfillment(cmd.FulfillmentID)
	if f == nil {
		return cmd.Unknown()
	}
	event := FulfillmentEvent{
		ID: c.ids.Next(), Status: cmd.Status, Message: cmd.Message, HappenedAt: c.now, CreatedAt: c.now,
		EstimatedDeliveryAt: cmd.EstimatedDeliveryAt, Address1: cmd.Address1, City: cmd.City, Province: cmd.Province,
		Country: cmd.Country, Zip: cmd.Zip, Latitude: cmd.Latitude, Longitude: cmd.Longitude,
	}
	if cmd.HappenedAt != nil {
		event.HappenedAt = *cmd.HappenedAt
	}
	was := f.DisplayStatus
	f.record(&event, c.trusts)
	f.UpdatedAt = c.now
	c.result.FulfillmentID, c.result.EventID = f.ID, event.ID
	topics := []string{TopicEventCreated}
	if f.DisplayStatus != was {
		topics = append(topics, TopicFulfillmentUpdated)
	}
	c.transition(
		KindEventRecorded, f.Name+": "+string(event.Status)+".", &Details{Fulfillment: f.brief(), Event: &event},
		topics...,
	)
	return nil
}

// clocksAhead is how far ahead of ours a carrier's clock is believed. What seems to have happened later happened when
// it was heard of, as far as the order of events goes: else news of tomorrow hides that of today.
const clocksAhead = 5 * time.Minute

// counts is when the event happened as far as its order goes: not much later than it was heard of. Whoever trusts
// takes every clock at its word.
func (e *FulfillmentEvent) counts(trusts bool) time.Time {
	if latest := e.CreatedAt.Add(clocksAhead); !trusts && e.HappenedAt.After(latest) {
		return latest
	}
	return e.HappenedAt
}

// ClocksMatter tells whether the order of a shipment's events depends on a clock that is ahead, once this one is among
// them.
func (cmd *RecordEvent) ClocksMatter(fo *FulfillmentOrder, now time.Time) bool {
	if cmd.HappenedAt != nil && cmd.HappenedAt.After(now.Add(clocksAhead)) {
		return true
	}
	f := fo.fulfillment(cmd.FulfillmentID)
	return f != nil && slices.ContainsFunc(f.Events, func(e FulfillmentEvent) bool {
		return e.counts(false) != e.counts(true)
	})
}

// record adds the event. News comes late and out of order, so the display status follows the event that happened
// last, not the one that came last; nothing turns a delivery or a cancellation back.
func (f *Fulfillment) record(event *FulfillmentEvent, trusts bool) {
	delivered := event.Status == EventDelivered
	event.Late = !delivered && (f.DeliveredAt != nil || event.counts(trusts).Before(f.newest(trusts)))
	f.Events = append(f.Events, *event)
	if !event.Late && f.Status != FulfillmentCancelled {
		f.DisplayStatus = DisplayStatus(event.Status)
	}
	if event.Status == EventInTransit && f.InTransitAt == nil {
		f.InTransitAt = new(event.HappenedAt)
	}
	if delivered && f.DeliveredAt == nil {
		f.DeliveredAt = new(event.HappenedAt)
	}
	if event.EstimatedDeliveryAt != nil && (!event.Late || f.EstimatedDeliveryAt == nil) {
		f.EstimatedDeliveryAt = event.EstimatedDeliveryAt
	}
}

// newest is when the latest of the events happened that the display status followed.
func (f *Fulfillment) newest(trusts bool) time.Time {
	var at time.Time
	for i := range f.Events {
		if e := &f.Events[i]; !e.Late && e.counts(trusts).After(at) {
			at = e.counts(trusts)
		}
	}
	return at
}
