package http

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// tellers make news of the callbacks, by their types.
var tellers = map[text]func(key string, b callbackBody) ([]provider.News, error){
	"request.accepted":      answered,
	"request.rejected":      answered,
	"cancellation.accepted": answered,
	"cancellation.rejected": answered,
	"request.held":          held,
	"request.released":      released,
	"request.progressed":    progressed,
	"fulfillment.shipped":   shipped,
	"fulfillment.cancelled": shipped,
	"fulfillment.event":     happened,
	"return.received":       returned,
}

// knownTypes are the types of callbacks, sorted.
func knownTypes() []string {
	var names []string
	for name := range tellers {
		names = append(names, string(name))
	}
	slices.Sort(names)
	return names
}

func eventStatuses() []string {
	names := make([]string, len(fulfillment.EventStatuses))
	for i, status := range fulfillment.EventStatuses {
		names[i] = string(status)
	}
	return names
}

// told is news of the request with the key. What names it is the same in whatever way it is told: in a callback, or in
// the answer to a call or a lookup.
func told(key string, name string, about provider.Subject, cmd fulfillment.Command) provider.News {
	about.RequestKey = key
	return provider.News{ID: key + "/" + name, About: about, Command: cmd}
}

// standing is what an answer says has happened already.
func standing(key string, b answerBody) []provider.News {
	var news []provider.News
	for _, s := range b.Shipments {
		if n, ok := s.news(key); ok {
			n.About.Reference = string(b.Reference)
			news = append(news, n)
		}
	}
	var h holdBody
	if json.Unmarshal(b.Hold, &h) == nil && h.Reason != "" {
		n := h.news(key, 0)
		n.About.Reference = string(b.Reference)
		news = append(news, n)
	}
	return news
}

// answered is the answer to a request or to a cancellation.
func answered(key string, b callbackBody) ([]provider.News, error) {
	var said answerBody
	if len(b.Data) > 0 && json.Unmarshal(b.Data, &said) != nil {
		return nil, malformed(b, "data is no object")
	}
	accepted, ok := units(said.Accepted)
	if !ok {
		return nil, malformed(b, "data.accepted is not a list of a lineId and a quantity each")
	}
	var some []fulfillment.Quantity // nil: all
	for _, part := range accepted {
		some = append(some, fulfillment.Quantity{ID: part.LineID, Quantity: part.Quantity})
	}
	kind := b.Type
	if takesNothing(accepted) {
		kind = text(strings.Replace(string(kind), ".accepted", ".rejected", 1))
	}
	var cmd fulfillment.Command
	switch kind {
	case "request.accepted":
		accept := &fulfillment.AcceptFulfillmentRequest{
			Message: string(said.Message), EstimatedShippedAt: said.EstimatedShippedAt.time(), Lines: some,
		}
		if some != nil {
			accept.Reason, accept.Rejected = reasonOf(said.Reason), notes(said.Lines)
		}
		cmd = accept
	case "request.rejected":
		cmd = &fulfillment.RejectFulfillmentRequest{
			Reason: reasonOf(said.Reason), Message: string(said.Message), Lines: notes(said.Lines),
		}
	case "cancellation.accepted":
		accept := &fulfillment.AcceptCancellationRequest{Message: string(said.Message), Lines: some}
		if some != nil {
			accept.Reason, accept.Rejected = reasonOf(said.Reason), notes(said.Lines)
		}
		cmd = accept
	default:
		cmd = &fulfillment.RejectCancellationRequest{Message: string(said.Message)}
	}
	// There may be several cancellations of one request, each with its answer.
	name := fmt.Sprintf("%s/%d", b.Type, b.Sequence)
	return []provider.News{told(key, name, provider.Subject{Reference: string(said.Reference)}, cmd)}, nil
}

// holdBody is Hold of the contract.
type holdBody struct {
	Reason  text `json:"reason"`
	Handle  text `json:"handle"`
	Message text `json:"message"`
}

func (h holdBody) news(key string, sequence number) provider.News {
	reason := fulfillment.HoldReason(h.Reason)
	if _, known := fulfillment.HoldReasons[reason]; !known {
		reason = fulfillment.HoldOther
	}
	return told(key, fmt.Sprintf("held/%s/%d", short(h.Handle), sequence), provider.Subject{}, &fulfillment.PlaceHold{
		Reason: reason, ReasonNotes: string(h.Message), Handle: string(h.Handle),
	})
}

func held(key string, b callbackBody) ([]provider.News, error) {
	var h holdBody
	if json.Unmarshal(b.Data, &h) != nil || h.Reason == "" {
		return nil, malformed(b, "data.reason is missing")
	}
	return []provider.News{h.news(key, b.Sequence)}, nil
}

// released ends the hold with the handle, or all that the warehouse has.
func released(key string, b callbackBody) ([]provider.News, error) {
	var said holdBody
	_ = json.Unmarshal(b.Data, &said) // It need not say anything.
	cmd := &fulfillment.ReleaseHold{OwnOnly: true}
	if said.Handle != "" {
		cmd.Handles = []string{string(said.Handle)}
	}
	return []provider.News{told(key, fmt.Sprintf("released/%d", b.Sequence), provider.Subject{}, cmd)}, nil
}

// progressed is about work that is under way: what a service has accepted is IN_PROGRESS without it, and only a
// merchant reports progress of work of its own. So it is kept, for people to see.
func progressed(key string, b callbackBody) ([]provider.News, error) {
	var said struct {
		Message text `json:"message,omitempty"`
	}
	_ = json.Unmarshal(b.Data, &said) // It need not say anything.
	n := told(key, fmt.Sprintf("progressed/%d", b.Sequence), provider.Subject{}, nil)
	said.Message = text(said.Message.short())
	data, err := json.Marshal(said)
	n.What, n.Data = "Progressed", data
	return []provider.News{n}, err
}

// shipmentBody is Shipment of the contract.
type shipmentBody struct {
	ShipmentID     text             `json:"shipmentId"`
	Revision       number           `json:"revision"`
	Lines          json.RawMessage  `json:"lines"`
	Parcels        list[parcelBody] `json:"parcels"`
	NotifyCustomer flag             `json:"notifyCustomer"`
	Message        text             `json:"message"`
}

type parcelBody struct {
	TrackingNumber  text `json:"trackingNumber"`
	TrackingCompany text `json:"trackingCompany"`
	TrackingURL     text `json:"trackingUrl"`
}

// news is a shipment that has left or, from its second revision on, its new tracking; false: it can't be told.
func (s shipmentBody) news(key string) (provider.News, bool) {
	parts, ok := units(s.Lines)
	if s.ShipmentID == "" || !ok || takesNothing(parts) {
		return provider.News{}, false
	}
	about := provider.Subject{Shipment: string(s.ShipmentID)}
	var tracking fulfillment.TrackingInput
	for _, p := range s.Parcels {
		if tracking.Company == "" {
			tracking.Company = string(p.TrackingCompany)
		}
		if p.TrackingNumber != "" || p.TrackingURL != "" {
			tracking.Numbers = append(tracking.Numbers, string(p.TrackingNumber))
			tracking.URLs = append(tracking.URLs, string(p.TrackingURL))
		}
	}
	if s.Revision > 0 {
		name := fmt.Sprintf("tracking/%s/%d", short(s.ShipmentID), s.Revision)
		return told(key, name, about, &fulfillment.UpdateTracking{
			Tracking: tracking, NotifyCustomer: s.NotifyCustomer == isTrue,
		}), true
	}
	cmd := &fulfillment.CreateFulfillment{NotifyCustomer: s.NotifyCustomer == isTrue, Message: string(s.Message)}
	if tracking.Company != "" || len(tracking.Numbers) > 0 {
		cmd.Tracking = &tracking
	}
	for _, part := range parts {
		cmd.Lines = append(cmd.Lines, fulfillment.Quantity{ID: part.LineID, Quantity: part.Quantity})
	}
	return told(key, "shipped/"+short(s.ShipmentID), about, cmd), true
}

func shipped(key string, b callbackBody) ([]provider.News, error) {
	var s shipmentBody
	if json.Unmarshal(b.Data, &s) != nil || s.ShipmentID == "" {
		return nil, malformed(b, "data.shipmentId is missing")
	}
	if b.Type == "fulfillment.cancelled" {
		return []provider.News{told(key, "cancelled/"+short(s.ShipmentID),
			provider.Subject{Shipment: string(s.ShipmentID)}, &fulfillment.CancelFulfillment{})}, nil
	}
	n, ok := s.news(key)
	if !ok {
		return nil, malformed(b, "data.lines is not a list of a lineId and a quantity each")
	}
	return []provider.News{n}, nil
}

// eventBody is Event of the contract.
type eventBody struct {
	EventID             text `json:"eventId"`
	ShipmentID          text `json:"shipmentId"`
	TrackingNumber      text `json:"trackingNumber"`
	TrackingCompany     text `json:"trackingCompany"`
	Status              text `json:"status"`
	HappenedAt          text `json:"happenedAt"`
	Message             text `json:"message"`
	City                text `json:"city"`
	Province            text `json:"province"`
	CountryCode         text `json:"countryCode"`
	Zip                 text `json:"zip"`
	EstimatedDeliveryAt text `json:"estimatedDeliveryAt"`
}

func happened(key string, b callbackBody) ([]provider.News, error) {
	var e eventBody
	switch {
	case json.Unmarshal(b.Data, &e) != nil || e.ShipmentID == "":
		return nil, malformed(b, "data.shipmentId is missing")
	case e.HappenedAt.time() == nil:
		return nil, malformed(b, "data.happenedAt is no time such as 2026-01-31T12:00:00Z")
	case !slices.Contains(fulfillment.EventStatuses, fulfillment.EventStatus(e.Status)):
		return nil, provider.NotUnderstood("the status %q of an event is not known here: there are %s",
			e.Status.short(), strings.Join(eventStatuses(), ", "))
	}
	name := "event/" + short(e.EventID)
	if e.EventID == "" {
		name = "event/" + digest(string(e.ShipmentID), string(e.TrackingNumber), string(e.Status), string(e.HappenedAt),
			string(e.City))
	}
	about := provider.Subject{
		Shipment: string(e.ShipmentID), TrackingNumber: string(e.TrackingNumber), Carrier: string(e.TrackingCompany),
	}
	return []provider.News{told(key, name, about, &fulfillment.RecordEvent{
		Status: fulfillment.EventStatus(e.Status), Message: string(e.Message), HappenedAt: e.HappenedAt.time(),
		EstimatedDeliveryAt: e.EstimatedDeliveryAt.time(), City: string(e.City), Province: string(e.Province),
		Country: string(e.CountryCode), Zip: string(e.Zip),
	})}, nil
}

// returnedLine is ReturnedLine of the contract.
type returnedLine struct {
	LineID      text   `json:"lineId"`
	Quantity    number `json:"quantity"`
	Disposition text   `json:"disposition"`
}

// returned is about goods that came back: no command of a fulfillment order tells of them yet, so it is kept.
func returned(key string, b callbackBody) ([]provider.News, error) {
	var said struct {
		Reference text                `json:"reference"`
		Lines     *list[returnedLine] `json:"lines"`
	}
	if json.Unmarshal(b.Data, &said) != nil || said.Lines == nil {
		return nil, malformed(b, "data.lines is missing")
	}
	n := told(key, fmt.Sprintf("%s/%d", b.Type, b.Sequence), provider.Subject{}, nil)
	data, err := json.Marshal(said) // Nothing else: a parcel that came back has a customer's address.
	n.What, n.Data = "ReturnReceived", data
	return []provider.News{n}, err
}

func malformed(b callbackBody, problem string) error {
	return refuse("the callback %s (sequence %d): %s", b.Type, b.Sequence, problem)
}

// longestPart is how many bytes of a warehouse's own name stand in the ID of news.
const longestPart = 100

// short is a name for the ID of news, with its digest in place of what is too long.
func short(name text) string {
	if len(name) <= longestPart {
		return string(name)
	}
	return "sha256:" + digest(string(name))
}

// digest tells several texts apart from others.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
