package easypost

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

var (
	delays = []string{
		"delayed", "weather_delay", "missorted", "held", "address_correction", "awaiting_information",
		"transit_exception",
	}
	failures   = []string{"lost", "damaged", "refused", "expired"}
	pickUps    = []string{"received_at_origin_facility", "departed_origin_facility"}
	onTheirWay = []string{"pre_transit", "in_transit", "out_for_delivery", "available_for_pickup"}
)

// eventStatus is what a carrier's word means here; empty: nothing, such as a word that nobody knows yet. first tells
// whether it is the first time that the carrier says it has the parcel.
func eventStatus(status, detail string, first bool) fulfillment.EventStatus {
	if slices.Contains(failures, detail) && slices.Contains(onTheirWay, status) {
		return fulfillment.EventFailure
	}
	switch status {
	case "pre_transit":
		return fulfillment.EventConfirmed // Nobody has seen the parcel yet.
	case "in_transit":
		switch {
		case first && slices.Contains(pickUps, detail):
			return fulfillment.EventCarrierPickedUp
		case detail == "delivery_exception":
			return fulfillment.EventAttemptedDelivery
		case slices.Contains(delays, detail):
			return fulfillment.EventDelayed
		}
		return fulfillment.EventInTransit
	case "out_for_delivery":
		return fulfillment.EventOutForDelivery
	case "available_for_pickup":
		return fulfillment.EventReadyForPickup
	case "delivered":
		return fulfillment.EventDelivered
	case "return_to_sender", "failure":
		return fulfillment.EventFailure
	}
	return ""
}

// What a fulfillment event may have, in bytes.
const (
	longestMessage = 500
	longestPlace   = 255
)

// events is the whole history of a tracker as commands: EasyPost may leave out an update of it, or send them in another
// order, but each one has all that happened before.
func events(t tracker) []fulfillment.RecordEvent {
	details := slices.Clone(t.Details)
	slices.SortStableFunc(details, func(a, b detail) int { return moment(a.Datetime).Compare(moment(b.Datetime)) })
	var list []fulfillment.RecordEvent
	confirmed, moved := false, false
	for _, d := range details {
		status := eventStatus(string(d.Status), string(d.StatusDetail), !moved)
		moved = moved || d.Status == "in_transit"
		if status == "" || status == fulfillment.EventConfirmed && confirmed {
			continue
		}
		confirmed = confirmed || status == fulfillment.EventConfirmed
		event := fulfillment.RecordEvent{
			Status: status, Message: clip(firstOf(string(d.Message), string(d.Description)), longestMessage),
			HappenedAt: happened(d.Datetime),
		}
		if at := d.Location.Value; at != nil {
			event.City, event.Province = clip(string(at.City), longestPlace), clip(string(at.State), longestPlace)
			event.Country, event.Zip = clip(string(at.Country), longestPlace), clip(string(at.Zip), longestPlace)
		}
		list = append(list, event)
	}
	// A status of which the history has nothing counts where it is the end, or all that there is.
	now := eventStatus(string(t.Status), string(t.StatusDetail), true)
	end := now == fulfillment.EventDelivered || now == fulfillment.EventFailure
	told := slices.ContainsFunc(list, func(e fulfillment.RecordEvent) bool { return e.Status == now })
	if now != "" && !told && (end || len(list) == 0) {
		list = append(list, fulfillment.RecordEvent{Status: now})
	}
	return list
}

func happened(at text) *time.Time {
	t := moment(at)
	if t.Year() < 1970 || t.Year() > 9999 {
		return nil
	}
	return &t
}

// tracked is a tracker's history as news. The ID of each piece follows from what it says, so that it is the same in
// every update that has it, and when EasyPost is asked.
func tracked(t tracker, about provider.Subject, service fulfillment.ID) []provider.News {
	var news []provider.News
	seen := make(map[string]bool)
	for _, event := range events(t) {
		said, err := json.Marshal(event)
		if err != nil {
			continue
		}
		sum := sha256.Sum256(said)
		id := firstOf(string(t.ID), string(t.TrackingCode)) + "/" + hex.EncodeToString(sum[:8])
		if seen[id] {
			continue
		}
		seen[id] = true
		news = append(news, provider.News{ID: id, About: about, Service: service, Command: &event})
	}
	return news
}

// follow is what a tracker tells of a parcel in the ledger. With the policy first_scan, the parcel ships first.
func (p *Provider) follow(t tracker, call Call, parcel Parcel) ([]provider.News, error) {
	if call.Kind == fulfillment.EffectReturn || bool(t.IsReturn) {
		return nil, nil // It says nothing about the way to the customer.
	}
	o, err := call.options(p.defaults, "")
	if err != nil {
		return nil, err
	}
	news := tracked(t, subject(call, parcel), call.ServiceID)
	if o.Ship == ShipOnFirstScan && parcel.Bought && call.Ended == nil && scanned(news) {
		news = append(shipped(call, parcel), news...)
	}
	return news, nil
}

// scanned tells whether a carrier has seen the parcel.
func scanned(news []provider.News) bool {
	return slices.ContainsFunc(news, func(n provider.News) bool {
		event, ok := n.Command.(*fulfillment.RecordEvent)
		return ok && event.Status != fulfillment.EventConfirmed
	})
}
