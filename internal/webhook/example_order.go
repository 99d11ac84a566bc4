package webhook

import (
	"time"

	"packhorse/internal/fulfillment"
)

var (
	exampleUnfulfilled = fulfillment.OrderStatuses{
		Display: fulfillment.OrderUnfulfilled, Fulfillment: fulfillment.OrderStatusNotFulfilled,
	}
	examplePart = fulfillment.OrderStatuses{
		Display: fulfillment.OrderPartiallyFulfilled, Fulfillment: fulfillment.OrderStatusPartiallyFulfilled,
	}
	exampleWhole = fulfillment.OrderStatuses{
		Display: fulfillment.OrderFulfilled, Fulfillment: fulfillment.OrderStatusFulfilled,
	}
)

// exampleRecord is the example of an order, of three lamps and a bulb, which was paid when it was made.
func exampleRecord(at time.Time) *fulfillment.OrderRecord {
	made := at.Add(-time.Hour)
	return &fulfillment.OrderRecord{
		Order: fulfillment.Order{
			ID: exampleOrder, Name: "#1001", Email: "customer@example.com", Note: "This order is an example.",
			Tags: []string{"example"}, Test: true,
			CustomAttributes: []fulfillment.Attribute{{Key: "gift", Value: "yes"}},
			Transactions: []fulfillment.Transaction{{
				Kind: fulfillment.TransactionSale, Status: fulfillment.TransactionSuccess, Gateway: "card",
				Amount: "41.50",
			}},
			ShippingAddress: &fulfillment.Address{
				FirstName: "Sam", LastName: "Example", Address1: "1 Example Street", City: "Berlin", Zip: "10115",
				CountryCode: "DE",
			},
			LineItems: []fulfillment.LineItem{
				{
					ID: exampleLamp, Title: "Lamp", SKU: "LAMP-1", Quantity: 3, UnitPrice: "12.50",
					TaxLines:         []fulfillment.TaxLine{{Title: "VAT", Rate: "0.19"}},
					CustomAttributes: []fulfillment.Attribute{{Key: "engraving", Value: "Hello"}},
				},
				{ID: exampleBulb, Title: "Bulb", SKU: "BULB-1", Quantity: 1, UnitPrice: "4.00"},
			},
		},
		CurrentQuantities: []fulfillment.Quantity{{ID: exampleLamp, Quantity: 3}, {ID: exampleBulb, Quantity: 1}},
		CreatedAt:         made,
		Transitions: []fulfillment.OrderTransition{{
			OrderID: exampleOrder, Sequence: 1, Kind: fulfillment.OrderKindCreated, At: made, After: exampleUnfulfilled,
			Details: &fulfillment.OrderDetails{AlsoRaises: []string{fulfillment.TopicOrderPaid}},
		}},
	}
}

// exampleStep is what raises a topic of orders. What it does to the order is in the record then.
func exampleStep(topic string, r *fulfillment.OrderRecord, at time.Time) *fulfillment.OrderTransition {
	step := fulfillment.OrderTransition{
		OrderID: exampleOrder, Sequence: 2, At: at, Before: &exampleUnfulfilled, After: exampleUnfulfilled,
		Details: &fulfillment.OrderDetails{},
	}
	shipped := []fulfillment.Reached{{FulfillmentOrderID: exampleFulfillmentOrder, Sequence: 2}}
	switch topic {
	case fulfillment.TopicOrderUpdated:
		step.Kind, r.Updates = fulfillment.OrderKindUpdated, 1
		step.Details = &fulfillment.OrderDetails{Update: 1, Changed: []string{"note"}}
		step.ValuesBefore = &fulfillment.OrderFields{Note: new("")}
	case fulfillment.TopicOrderEdited:
		step.Kind, step.Reason = fulfillment.OrderKindEdited, "The customer wants a bulb for a lamp."
		step.Details = &fulfillment.OrderDetails{
			SetQuantities: []fulfillment.Quantity{{ID: exampleLamp, Quantity: 2}, {ID: exampleBulb, Quantity: 2}},
			Quantities:    []fulfillment.Quantity{{ID: exampleLamp, Quantity: 3}, {ID: exampleBulb, Quantity: 1}},
			AlsoRaises:    []string{fulfillment.TopicOrderUpdated},
		}
	case fulfillment.TopicOrderCancelled:
		step.Kind, step.Reason = fulfillment.OrderKindCancelled, "customer"
		step.Details.AlsoRaises = []string{fulfillment.TopicOrderUpdated}
	case fulfillment.TopicOrderPartiallyFulfilled:
		step.Kind, step.After, step.Details.Shipped = fulfillment.OrderKindStatusChanged, examplePart, shipped
	case fulfillment.TopicOrderFulfilled:
		// The bulb is left out, so that the shipment is all.
		r.LineItems, r.CurrentQuantities = r.LineItems[:1], r.CurrentQuantities[:1]
		r.Transactions[0].Amount = "37.50"
		step.Kind, step.After, step.Details.Shipped = fulfillment.OrderKindStatusChanged, exampleWhole, shipped
	default: // It was made, and paid.
		return &r.Transitions[0]
	}
	r.Transitions = append(r.Transitions, step)
	return &step
}

// exampleFulfillment is the example of a shipment, of the lamps.
func exampleFulfillment(at time.Time) *fulfillment.Fulfillment {
	return &fulfillment.Fulfillment{
		ID: exampleShipment, Name: "#1001-F1", Status: fulfillment.FulfillmentSuccess,
		DisplayStatus: fulfillment.DisplayFulfilled, LocationID: exampleDepot, ServiceID: exampleService,
		CreatedAt: at, UpdatedAt: at,
		Tracking: []fulfillment.TrackingInfo{
			{Company: "Example Express", Number: "EX123", URL: "https://tracking.example.com/EX123"},
		},
		OriginAddress: &fulfillment.OriginAddress{City: "Leipzig", CountryCode: "DE"},
		Lines:         []fulfillment.FulfillmentLine{{LineItemID: exampleLamp, Quantity: 3}},
	}
}

// exampleShipped is what raises a topic of shipments.
func exampleShipped(topic string, at time.Time) fulfillment.Transition {
	f := exampleFulfillment(at)
	step := fulfillment.Transition{
		FulfillmentOrderID: exampleFulfillmentOrder, Sequence: 2, Kind: fulfillment.KindFulfilled, At: at,
		Topics: []string{topic}, After: fulfillment.State{Status: fulfillment.StatusInProgress},
		Details: &fulfillment.Details{
			ServiceID: exampleService, Fulfillment: f, OrderSequence: 1,
			Unfulfilled: []fulfillment.Quantity{{ID: exampleBulb, Quantity: 1}},
		},
	}
	if topic != fulfillment.TopicFulfillmentCreated {
		f.DisplayStatus, f.CreatedAt = fulfillment.DisplayInTransit, at.Add(-time.Minute)
		step.Sequence, step.Kind = 3, fulfillment.KindEventRecorded
		step.Details.Event = &fulfillment.FulfillmentEvent{
			ID: exampleNews, Status: fulfillment.EventInTransit, Message: "It is on its way.", HappenedAt: at,
			City: "Leipzig",
		}
	}
	return step
}
