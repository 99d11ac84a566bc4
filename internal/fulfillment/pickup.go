package fulfillment

// PreparedForPickup says why the lines of the fulfillment order can't be said to be prepared for pickup; nil: they can.
// There is nothing to record: the status stays as it is.
func (fo *FulfillmentOrder) PreparedForPickup() *Error {
	switch {
	case fo.DeliveryMethod != DeliveryPickUp, fo.Status != StatusOpen && fo.Status != StatusInProgress:
		return refusal(
			CodePickupInvalid, []string{"fulfillmentOrderId"}, "Invalid fulfillment_order_id provided %s", fo.ID,
		)
	case fo.RemainingUnits() == 0:
		return refusal(CodeNothingToPrepare, []string{"fulfillmentOrderId"},
			"There are no line items to prepare for fulfillment order %s", fo.ID)
	}
	return nil
}
