package news

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"packhorse/internal/carrier"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Told is news of a service of a provider, as it is kept. An error says what is wrong with the provider's news.
func Told(
	providerID string, service fulfillment.ID, n provider.News, source Source, at time.Time,
) (Item, error) {
	if n.Command == nil && n.Notice != nil && n.ID != "" {
		return notice(providerID, service, n, source, at)
	}
	if n.ID == "" || (n.Command == nil) != (n.What != "") {
		return Item{}, fmt.Errorf("the news %q of %s has no ID or asks for nothing", n.ID, providerID)
	}
	verb, payload, err := content(n)
	if err != nil {
		return Item{}, fmt.Errorf("the news %q of %s: %w", n.ID, providerID, err)
	}
	return item(providerID, service, n, source, verb, payload, at), nil
}

// notice is news without a command.
func notice(
	providerID string, service fulfillment.ID, n provider.News, source Source, at time.Time,
) (Item, error) {
	payload, err := json.Marshal(n.Notice)
	if err != nil {
		return Item{}, fmt.Errorf("write the news %q of %s: %w", n.ID, providerID, err)
	}
	return item(providerID, service, n, source, "", payload, at), nil
}

func item(
	providerID string, service fulfillment.ID, n provider.News, source Source, verb fulfillment.Verb,
	payload json.RawMessage, at time.Time,
) Item {
	a := n.About
	return Item{
		Provider: providerID, ServiceID: service, Key: Key(providerID, n.ID), Source: source,
		About: Subject{
			FulfillmentOrderID: a.FulfillmentOrderID, RequestKey: a.RequestKey, Reference: a.Reference,
			Shipment: a.Shipment, TrackingNumber: a.TrackingNumber, Carrier: a.Carrier,
		},
		Verb: verb, Payload: payload, Sequence: n.Sequence, ReceivedAt: at,
	}
}

// Notice is what a person must see, where the news asks for nothing; nil: it has a command.
func (i Item) Notice() *provider.Notice {
	var n provider.Notice
	if i.Verb != "" || json.Unmarshal(i.Payload, &n) != nil || n.Kind == "" {
		return nil
	}
	return &n
}

// content is what news says: a command, or what no command tells of yet.
func content(n provider.News) (fulfillment.Verb, json.RawMessage, error) {
	if n.Command == nil {
		if !json.Valid(n.Data) || fulfillment.NewCommand(fulfillment.Verb(n.What)) != nil {
			return "", nil, fmt.Errorf("%s is a command, or has no data", n.What)
		}
		return fulfillment.Verb(n.What), n.Data, nil
	}
	verb := n.Command.Verb()
	if fulfillment.NewCommand(verb) == nil {
		return "", nil, fmt.Errorf("it asks for %s, which nobody can send", verb)
	}
	*n.Command.Envelope() = fulfillment.Meta{}
	carrier.ProposeFor(n.Command) // As it is kept: it is the same whenever it is told.
	tracking := fulfillment.TrackingOf(n.Command)
	tracking.EncodeURLs()
	tracking.LeaveOutURLs()
	payload, err := json.Marshal(n.Command)
	if into := shipmentOf(n.Command); err == nil && into != nil && *into == 0 {
		payload, err = without(payload, "fulfillmentId") // It is found later: 0 would seem to be one.
	}
	return verb, payload, err
}

// without is a JSON object without one of its fields.
func without(object json.RawMessage, field string) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, err
	}
	delete(fields, field)
	return json.Marshal(fields)
}

// Untold tells whether no command tells of the news yet.
func (i Item) Untold() bool { return i.Verb != "" && fulfillment.NewCommand(i.Verb) == nil }

// Key is what news with this ID is kept under: the ID, or what stands for it in the IDs of its commands.
func Key(providerID, newsID string) string {
	return strings.TrimPrefix(provider.CommandID(providerID, newsID), providerID+"/")
}

// Command is what the news asks of a target, with the ID that the command gets there. At the same target it is the same
// whenever it is made.
func (i Item) Command(to Target) (provider.News, error) {
	cmd, refused := fulfillment.DecodeCommand(i.Verb, i.Payload, false)
	if refused != nil {
		return provider.News{}, refused
	}
	n := provider.News{
		ID: i.Key, Service: i.ServiceID, Command: cmd, WithAnswer: i.After != "",
		About: provider.Subject{FulfillmentOrderID: to.FulfillmentOrderID, RequestKey: i.About.RequestKey},
	}
	if event, ok := cmd.(*fulfillment.RecordEvent); ok {
		heard := i.ReceivedAt.UTC().Truncate(time.Millisecond)
		// It may have waited since. And what is further ahead is refused: some clocks of carriers are years ahead.
		if event.HappenedAt == nil || event.HappenedAt.After(heard.Add(fulfillment.NewsAhead)) {
			event.HappenedAt = &heard
		}
	}
	if into := shipmentOf(cmd); into != nil && to.FulfillmentID != 0 {
		*into = to.FulfillmentID
		n.ID += "/" + to.FulfillmentID.String() // A parcel may carry several shipments of a fulfillment order.
	}
	return n, nil
}

// ToldTo tells whether the news is about a shipment of the fulfillment order that it is about, as far as is known.
func (i Item) ToldTo(shipment fulfillment.ID) bool {
	return !slices.ContainsFunc(i.Targets, func(t Target) bool { return t.FulfillmentID != 0 }) ||
		slices.ContainsFunc(i.Targets, func(t Target) bool { return t.FulfillmentID == shipment })
}

// NeedsShipment tells whether the command is about a shipment that it doesn't name.
func (i Item) NeedsShipment() bool {
	cmd, refused := fulfillment.DecodeCommand(i.Verb, i.Payload, false)
	if refused != nil {
		return false
	}
	into := shipmentOf(cmd)
	return into != nil && *into == 0
}

// HappenedAt is when it happened, as the service says it, but not later than it was heard of.
func (i Item) HappenedAt() time.Time {
	var event fulfillment.RecordEvent
	if i.Verb != fulfillment.VerbRecordEvent || json.Unmarshal(i.Payload, &event) != nil || event.HappenedAt == nil ||
		event.HappenedAt.After(i.ReceivedAt) {
		return i.ReceivedAt
	}
	return *event.HappenedAt
}

// AlertOf is why a person should look at news that is told of these shipments, as they are now; empty: there is no
// reason. What comes after a void is an alert of its own, see [AfterTheVoid].
func (i Item) AlertOf(shipments []Parcel) Alert {
	if i.Verb != fulfillment.VerbRecordEvent {
		return ""
	}
	var event fulfillment.RecordEvent
	if json.Unmarshal(i.Payload, &event) != nil {
		return ""
	}
	for _, s := range shipments {
		if event.Status == fulfillment.EventFailure && !s.Cancelled && s.DeliveredAt != nil &&
			i.HappenedAt().After(*s.DeliveredAt) {
			return AfterDelivery
		}
	}
	return ""
}

// shipmentOf is where a command names its shipment; nil: it is about none.
func shipmentOf(cmd fulfillment.Command) *fulfillment.ID {
	switch cmd := cmd.(type) {
	case *fulfillment.RecordEvent:
		return &cmd.FulfillmentID
	case *fulfillment.UpdateTracking:
		return &cmd.FulfillmentID
	case *fulfillment.CancelFulfillment:
		return &cmd.FulfillmentID
	}
	return nil
}
