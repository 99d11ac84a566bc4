package webhook

import (
	"fmt"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
)

// exampleAt is the example of a fulfillment order, at the merchant's store or a service's depot.
func exampleAt(place fulfillment.AssignedLocation, at time.Time) *fulfillment.FulfillmentOrder {
	return &fulfillment.FulfillmentOrder{
		ID: exampleFulfillmentOrder, OrderID: exampleOrder, OrderName: "#1001", Sequence: 1,
		Status: fulfillment.StatusOpen, RequestStatus: fulfillment.RequestUnsubmitted, AssignedLocation: place,
		CreatedAt: at.Add(-time.Hour), DeliveryMethod: fulfillment.DeliveryShipping,
		Lines: []fulfillment.Line{
			{ID: exampleLamps, LineItemID: exampleLamp, Title: "Lamp", RequiresShipping: true, Total: 3, Remaining: 3},
			{ID: exampleBulbs, LineItemID: exampleBulb, Title: "Bulb", RequiresShipping: true, Total: 1, Remaining: 1},
		},
	}
}

// exampleSteps is what raises a topic of fulfillment orders, done to the example.
func exampleSteps(topic string, by access.App, at time.Time) ([]fulfillment.Transition, error) {
	env := fulfillment.Env{Now: at, IDs: fulfillment.NewIDs(exampleMinted), AwaitsDelivery: true}
	store := fulfillment.AssignedLocation{LocationID: exampleStore, Name: "Store"}
	depot := fulfillment.AssignedLocation{
		LocationID: exampleDepot, Name: "Depot", ServiceID: exampleService, ServiceName: "Depot",
	}
	switch topic {
	case fulfillment.TopicRoutingComplete:
		order := &exampleRecord(at).Order
		if err := order.Complete(at); err != nil {
			return nil, err
		}
		_, steps, err := fulfillment.NewFulfillmentOrders(order, []fulfillment.Assignment{{
			Location: store,
			Lines:    []fulfillment.Quantity{{ID: exampleLamp, Quantity: 3}, {ID: exampleBulb, Quantity: 1}},
		}}, env)
		return steps, err
	case fulfillment.TopicMerged:
		return exampleMerge(exampleAt(store, at), exampleAt(store, at), env)
	}

	fo, commands := exampleAt(store, at), exampleCommands(topic, by, at, &depot)
	switch topic {
	case fulfillment.TopicReady, fulfillment.TopicRescheduled:
		fo.Status, fo.FulfillAt = fulfillment.StatusScheduled, new(at.Add(time.Hour))
	case fulfillment.TopicDeadlineMissed:
		fo.FulfillBy = &at
	case fulfillment.TopicPreparedForPickup:
		fo.DeliveryMethod = fulfillment.DeliveryPickUp
	case fulfillment.TopicPreparedForLocalDelivery:
		fo.DeliveryMethod = fulfillment.DeliveryLocal
	}
	if _, asks := commands[0].(*fulfillment.SubmitFulfillmentRequest); asks {
		fo.AssignedLocation = depot
	}
	var steps []fulfillment.Transition
	for _, command := range commands {
		decision, err := fo.Decide(command, env)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", command.Verb(), err)
		}
		fo, steps = decision.State, append(decision.Transitions, decision.SiblingTransitions...)
	}
	return steps, nil
}

// exampleCommands are done to the example, the last of which raises the topic.
func exampleCommands(
	topic string, by access.App, at time.Time, depot *fulfillment.AssignedLocation,
) []fulfillment.Command {
	service := fulfillment.Meta{
		Actor: fulfillment.Actor{Role: fulfillment.RoleService, App: by.Handle, ServiceID: exampleService},
	}
	merchant := fulfillment.Meta{Actor: fulfillment.Actor{Role: fulfillment.RoleMerchant, App: by.Handle}}
	part := []fulfillment.Quantity{{ID: exampleLamps, Quantity: 1}}

	ask := &fulfillment.SubmitFulfillmentRequest{Message: "Glass inside."}
	accept := &fulfillment.AcceptFulfillmentRequest{Meta: service, Message: "It goes out tomorrow."}
	stop := &fulfillment.SubmitCancellationRequest{Message: "The customer has changed their mind."}
	hold := &fulfillment.PlaceHold{
		Meta: merchant, Reason: fulfillment.HoldIncorrectAddress, ReasonNotes: "There is no such street.",
		Handle: "example", Lines: part,
	}
	switch topic {
	case fulfillment.TopicRequestSubmitted:
		return []fulfillment.Command{ask}
	case fulfillment.TopicRequestAccepted:
		return []fulfillment.Command{ask, accept}
	case fulfillment.TopicRequestRejected:
		return []fulfillment.Command{
			ask, &fulfillment.RejectFulfillmentRequest{Meta: service, Message: "There are none left."},
		}
	case fulfillment.TopicCancellationSubmitted:
		return []fulfillment.Command{ask, accept, stop}
	case fulfillment.TopicCancellationAccepted:
		return []fulfillment.Command{
			ask, accept, stop, &fulfillment.AcceptCancellationRequest{Meta: service, Message: "Stopped."},
		}
	case fulfillment.TopicCancellationRejected:
		return []fulfillment.Command{
			ask, accept, stop, &fulfillment.RejectCancellationRequest{Meta: service, Message: "It is on its way."},
		}
	case fulfillment.TopicFailedToComplete:
		return []fulfillment.Command{ask, accept, &fulfillment.Close{Meta: service, Message: "There are none left."}}
	case fulfillment.TopicCancelled:
		return []fulfillment.Command{&fulfillment.Cancel{Meta: merchant}}
	case fulfillment.TopicPlacedOnHold, fulfillment.TopicHoldAdded:
		return []fulfillment.Command{hold}
	case fulfillment.TopicHoldReleased, fulfillment.TopicHoldEnded:
		return []fulfillment.Command{hold, &fulfillment.ReleaseHold{Meta: merchant}}
	case fulfillment.TopicMoved:
		return []fulfillment.Command{
			&fulfillment.Move{Meta: merchant, NewLocationID: depot.LocationID, Location: depot, Lines: part},
		}
	case fulfillment.TopicSplit:
		return []fulfillment.Command{&fulfillment.Split{Meta: merchant, Lines: part}}
	case fulfillment.TopicRescheduled:
		return []fulfillment.Command{&fulfillment.Reschedule{Meta: merchant, FulfillAt: at.AddDate(0, 1, 0)}}
	case fulfillment.TopicReady:
		return []fulfillment.Command{&fulfillment.Open{Meta: merchant}}
	case fulfillment.TopicProgressReported:
		return []fulfillment.Command{&fulfillment.ReportProgress{Meta: merchant, ReasonNotes: "It is being packed."}}
	case fulfillment.TopicProgressStopped:
		return []fulfillment.Command{
			&fulfillment.ReportProgress{Meta: merchant}, &fulfillment.Open{Meta: merchant},
		}
	case fulfillment.TopicPreparedForPickup:
		return []fulfillment.Command{&fulfillment.LineItemsPreparedForPickup{Meta: merchant}}
	case fulfillment.TopicPreparedForLocalDelivery:
		return []fulfillment.Command{&fulfillment.LineItemsPreparedForLocalDelivery{Meta: merchant}}
	}
	return []fulfillment.Command{&fulfillment.Tick{}} // Time raises what is left.
}

// exampleMerge is a merge of the example with another one, of bulbs.
func exampleMerge(fo, other *fulfillment.FulfillmentOrder, env fulfillment.Env) ([]fulfillment.Transition, error) {
	other.ID, other.Lines = exampleOther, other.Lines[1:]
	other.Lines[0].ID = exampleOtherBulbs
	decision, err := fulfillment.DecideJointly(&fulfillment.Merge{Inputs: []fulfillment.MergeInput{{
		Intents: []fulfillment.MergeIntent{{FulfillmentOrderID: fo.ID}, {FulfillmentOrderID: other.ID}},
	}}}, []*fulfillment.FulfillmentOrder{fo, other}, env)
	if err != nil {
		return nil, err
	}
	return decision.Transitions, nil
}
