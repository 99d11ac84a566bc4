package webhook

import (
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// exampleReturned is the events of what raises a topic of returns, done to the example of one: two lamps come back.
func exampleReturned(topic string, at time.Time) ([]fulfillment.Event, error) {
	shipment := exampleFulfillment(at.Add(-time.Hour))
	shipment.Lines[0].ID = exampleShipmentLine
	env := returns.Env{Facts: returns.Facts{
		Order: &exampleRecord(at).Order, Shipments: []fulfillment.Fulfillment{*shipment},
		Locations: []fulfillment.ID{exampleDepot},
	}}
	var r *returns.Return
	var last []returns.Transition
	commands := exampleReturnCommands(topic, at)
	for i, command := range commands {
		env.IDs = fulfillment.NewIDs(exampleMinted + fulfillment.ID(i)*fulfillment.IDBlock)
		env.Now = at.Add(time.Duration(i+1-len(commands)) * time.Minute)
		d, err := returns.Decide(r, command(r), env)
		if err != nil {
			return nil, err
		}
		r, last = d.State, d.Transitions
	}
	var events []fulfillment.Event
	for i := range last {
		events = append(events, last[i].Events()...)
	}
	return events, nil
}

type returnCommand func(*returns.Return) returns.Command

// exampleReturnCommands are what is done to a return until the last one raises the topic.
func exampleReturnCommands(topic string, at time.Time) []returnCommand {
	opened := returns.Opened{
		OrderID: exampleOrder,
		Lines: []returns.NewLine{
			{
				FulfillmentLineID: exampleShipmentLine, Quantity: 2, Reason: returns.ReasonOther,
				ReasonNote: "Too bright.",
			},
		},
	}
	create := &returns.Create{
		Opened:        opened,
		ExchangeLines: []returns.NewExchangeLine{{Title: "Dim lamp", SKU: "LAMP-2", UnitPrice: "12.50", Quantity: 1}},
	}
	create.ShippingFee = &returns.ShippingFee{Amount: "4.90", CurrencyCode: "EUR"}
	request := func(*returns.Return) returns.Command { return &returns.Request{Opened: opened} }
	begin := func(*returns.Return) returns.Command { return create }
	then := func(command returns.Command) []returnCommand {
		return []returnCommand{begin, func(*returns.Return) returns.Command { return command }}
	}
	switch topic {
	case returns.TopicRequest:
		return []returnCommand{request}
	case returns.TopicApprove:
		return []returnCommand{begin}
	case returns.TopicDecline:
		return []returnCommand{request, func(*returns.Return) returns.Command {
			return &returns.Decline{Reason: returns.DeclineReturnPeriodEnded, Note: "It was sent 30 days ago."}
		}}
	case returns.TopicCancel:
		return then(&returns.Cancel{})
	case returns.TopicReopen:
		return append(then(&returns.Close{}), func(*returns.Return) returns.Command { return &returns.Reopen{} })
	case returns.TopicUpdate:
		return []returnCommand{begin, func(r *returns.Return) returns.Command {
			return &returns.Remove{Lines: []returns.RemovedUnits{{ReturnLineID: r.Lines[0].ID, Quantity: 1}}}
		}}
	case returns.TopicProcess:
		return []returnCommand{begin, func(r *returns.Return) returns.Command {
			return &returns.Process{
				Lines:         []returns.ProcessedUnits{{ReturnLineID: r.Lines[0].ID, Quantity: 1}},
				ExchangeLines: []fulfillment.Quantity{{ID: r.ExchangeLines[0].ID, Quantity: 1}},
			}
		}}
	case returns.TopicAttach:
		return then(&returns.CreateDelivery{
			Tracking: &returns.TrackingInput{
				Number: "EX123", URL: "https://tracking.example.com/EX123", CarrierName: "Example Express",
			},
			Label: &returns.LabelInput{FileURL: "https://labels.example.com/EX123.pdf"},
		})
	case returns.TopicDispose:
		return []returnCommand{begin, func(r *returns.Return) returns.Command {
			return &returns.Dispose{Units: []returns.DisposeUnits{{
				WorkLineID: r.Work[0].Lines[0].ID, Quantity: 1, Type: returns.Restocked, LocationID: exampleDepot,
			}}}
		}}
	case returns.TopicReminder:
		create.Expected = returns.Expected{
			By: new(at.Add(24 * time.Hour)), Remind: fulfillment.Duration(24 * time.Hour),
		}
		return then(&returns.Tick{})
	case returns.TopicOverdue:
		create.By = &at
		return then(&returns.Tick{})
	}
	return then(&returns.Close{})
}
