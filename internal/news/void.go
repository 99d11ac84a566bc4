package news

import (
	"encoding/json"
	"fmt"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Voided is a shipment that was cancelled, and whose parcel moves nevertheless.
type Voided struct {
	Shipment           *fulfillment.Fulfillment
	FulfillmentOrderID fulfillment.ID
	Event              fulfillment.EventStatus // what was heard of it
}

// AfterTheVoid finds such a shipment in a transition, whoever told of it and in whatever way.
func AfterTheVoid(t *fulfillment.Transition) (Voided, bool) {
	d := t.Details
	if t.Kind != fulfillment.KindEventRecorded || d == nil || d.Fulfillment == nil || d.Event == nil ||
		d.Fulfillment.Status != fulfillment.FulfillmentCancelled || !d.Event.Status.Moves() {
		return Voided{}, false
	}
	return Voided{Shipment: d.Fulfillment, FulfillmentOrderID: t.FulfillmentOrderID, Event: d.Event.Status}, true
}

// Item is the news that people are told: one for each shipment. Its provider and service are those of the shipment's
// location, and it comes now.
func (v Voided) Item() Item {
	what := v.Shipment.Name
	if len(v.Shipment.Tracking) > 0 && v.Shipment.Tracking[0].Number != "" {
		what += " (parcel " + v.Shipment.Tracking[0].Number + ")"
	}
	payload, _ := json.Marshal(provider.Notice{Kind: provider.NoticeKind(AfterVoid), Message: fmt.Sprintf(
		"%s was cancelled, and its parcel moves: %s. Ask the carrier to stop it; its label will not be paid back.",
		what, v.Event,
	)}) // It can't fail.
	return Item{
		ServiceID: v.Shipment.ServiceID, Source: FromWatch, Key: "void/" + v.Shipment.ID.String(),
		About: Subject{FulfillmentOrderID: v.FulfillmentOrderID}, Payload: payload,
		FulfillmentOrderID: v.FulfillmentOrderID,
		Targets:            []Target{{FulfillmentOrderID: v.FulfillmentOrderID, FulfillmentID: v.Shipment.ID}},
	}
}
