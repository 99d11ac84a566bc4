package webhook

import (
	"fmt"
	"slices"
	"time"

	"packhorse/internal/access"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// exampleID is the first ID of what is in examples. Like most IDs it does not fit into 53 bits.
const exampleID fulfillment.ID = 9007199254740993

// What is in examples.
const (
	exampleOrder = exampleID + iota
	exampleFulfillmentOrder
	exampleOther // fulfillment order, which is merged
	exampleLamp  // line of the order
	exampleBulb
	exampleLamps // line of the fulfillment order
	exampleBulbs
	exampleOtherBulbs
	exampleStore // location
	exampleDepot
	exampleService
	exampleShipment
	exampleShipmentLine
	exampleNews
	exampleMinted // the first of what commands make
)

// Example is an event of a topic, in the spelling of events, that never happened, and what the app would be sent of it:
// the body is made as of any other event, of an example of an order that was made an hour before. The error says that
// there is no body of the topic.
func (s Shop) Example(topic string, to access.App, at time.Time) (*fulfillment.Event, []byte, error) {
	event, facts, err := exampleOf(topic, to, at.UTC())
	if err != nil {
		return nil, nil, fmt.Errorf("make an example of %s: %w", topic, err)
	}
	body, err := s.Body(Entry{Event: event}, facts, to)
	return event, body, err
}

func exampleOf(topic string, by access.App, at time.Time) (*fulfillment.Event, Facts, error) {
	facts := Facts{
		Apps:     map[string]fulfillment.ID{by.Handle: by.ID},
		Services: map[fulfillment.ID]string{exampleService: "example-depot"},
	}
	var events []fulfillment.Event
	switch b := bodies[topic]; {
	case b.write == nil:
		return nil, Facts{}, fmt.Errorf("there is no body of it")
	case slices.Contains(returns.Topics, topic):
		var err error
		if events, err = exampleReturned(topic, at); err != nil {
			return nil, Facts{}, err
		}
	case b.needsShipment, topic == fulfillment.TopicEventCreated:
		facts.Order = exampleRecord(at)
		events = fulfillment.Events(exampleOrder, nil, []fulfillment.Transition{exampleShipped(topic, at)})
	case b.needsOrder, topic == fulfillment.TopicOrderEdited:
		facts.Order = exampleRecord(at)
		step := exampleStep(topic, facts.Order, at)
		if step.Details.Shipped != nil {
			facts.Shipped = []fulfillment.Fulfillment{*exampleFulfillment(at)}
		}
		events = fulfillment.Events(exampleOrder, step, nil)
	default:
		steps, err := exampleSteps(topic, by, at)
		if err != nil {
			return nil, Facts{}, err
		}
		events = fulfillment.Events(exampleOrder, nil, steps)
	}
	for i := range events {
		if events[i].Topic == topic {
			return &events[i], facts, nil
		}
	}
	return nil, Facts{}, fmt.Errorf("nothing of it was raised")
}
