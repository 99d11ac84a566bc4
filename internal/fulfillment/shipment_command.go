package fulfillment

// ShipmentCommand is a command on a shipment, which the fulfillment order that owns the shipment carries out.
type ShipmentCommand interface {
	Command
	// Shipment is the ID of the shipment.
	Shipment() ID
	// Unknown is the refusal when there is no such shipment.
	Unknown() *Error
}

// Shipment is the one to cancel.
func (cmd *CancelFulfillment) Shipment() ID { return cmd.FulfillmentID }

// Unknown says that there is no such shipment.
func (*CancelFulfillment) Unknown() *Error {
	return refusal(CodeFulfillmentNotFound, []string{"id"}, "Fulfillment not found.")
}

// Shipment is the one that is tracked.
func (cmd *UpdateTracking) Shipment() ID { return cmd.FulfillmentID }

// Unknown says that there is no such shipment.
func (*UpdateTracking) Unknown() *Error {
	return refusal(CodeFulfillmentNotFound, []string{"fulfillmentId"}, "Fulfillment does not exist.")
}

// Shipment is the one that there is news of.
func (cmd *RecordEvent) Shipment() ID { return cmd.FulfillmentID }

// Unknown says that there is no such shipment.
func (*RecordEvent) Unknown() *Error {
	return refusal(
		CodeFulfillmentNotFound, []string{"fulfillmentEvent", "fulfillmentId"}, "Fulfillment does not exist.",
	)
}
