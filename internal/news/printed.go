package news

import (
	"encoding/json"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Printed is what the first print of a label tells: that the label of the shipment is printed.
func Printed() (fulfillment.Verb, json.RawMessage) {
	verb, payload, _ := content(provider.News{ // It can't fail.
		Command: &fulfillment.RecordEvent{Status: fulfillment.EventLabelPrinted},
	})
	return verb, payload
}

// PrintedTooLate tells why a shipment is not told that its label was printed then: it is printed, or the parcel is
// further than that. Empty: it is told. A label may be printed again while the parcel is on its way, and its status
// must not go back.
func PrintedTooLate(f *fulfillment.Fulfillment, at time.Time) string {
	switch {
	case f.Status == fulfillment.FulfillmentCancelled:
		return "The shipment is cancelled."
	case f.DeliveredAt != nil:
		return "The shipment is delivered."
	}
	for _, e := range f.Events {
		switch {
		case e.Status == fulfillment.EventLabelPurchased:
		case e.Status == fulfillment.EventLabelPrinted:
			return "It is known that its label was printed."
		case !e.HappenedAt.After(at):
			return "The parcel is further than its label: " + string(e.Status) + "."
		}
	}
	return ""
}
