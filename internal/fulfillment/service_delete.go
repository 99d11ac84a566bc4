package fulfillment

// InventoryAction says what becomes of a service's location when the service is deleted.
type InventoryAction string

// The inventory actions.
const (
	InventoryTransfer InventoryAction = "TRANSFER" // its stock goes to another location, it goes with the service
	InventoryKeep     InventoryAction = "KEEP"     // it becomes one of the merchant's own
	InventoryDelete   InventoryAction = "DELETE"   // it goes with the service
)

// ServiceDeletion deletes a fulfillment service as Shopify's fulfillmentServiceDelete does. With KEEP its location
// becomes one of the merchant's own; with TRANSFER and DELETE the location is deleted, too.
type ServiceDeletion struct {
	ID              ID              `json:"id"`
	InventoryAction InventoryAction `json:"inventoryAction,omitempty"` // default TRANSFER
	// DestinationLocationID is for TRANSFER: an active location of the merchant's own. Else there is none.
	DestinationLocationID ID     `json:"destinationLocationId,omitempty"`
	CommandID             string `json:"commandId,omitempty"` // the same one again is answered as before; "": none
}

// Repeats tells whether this very deletion has deleted the service, given the command ID of the one that did.
func (d ServiceDeletion) Repeats(deletedBy string) bool {
	return d.CommandID != "" && d.CommandID == deletedBy
}

// Transfers tells whether there has to be a destination.
func (d ServiceDeletion) Transfers() bool {
	return d.InventoryAction == InventoryTransfer || d.InventoryAction == ""
}

// CheckDestination refuses a deletion whose destination does not fit its inventory action; nil: it does. destination is
// the location that the deletion names, if there is one.
func (d ServiceDeletion) CheckDestination(destination *Location) *Error {
	switch {
	case d.Transfers():
		if destination == nil || !destination.takesOver() {
			return &Error{Code: CodeInvalid, Message: "Invalid destination location."}
		}
	case d.InventoryAction != InventoryKeep && d.InventoryAction != InventoryDelete:
		return refusal(CodeInvalid, []string{"inventoryAction"}, "There is no inventory action %q.", d.InventoryAction)
	case d.DestinationLocationID != 0:
		return refusal(CodeInvalid, []string{"inventoryAction"},
			"Inventory action Destination location id should not be present "+
				"when deleting/keeping the inventory of the fulfillment service.")
	}
	return nil
}

// takesOver tells whether the location can take over what a service leaves: it is one of the merchant's own, in use.
func (l Location) takesOver() bool {
	return !l.IsFulfillmentService() && l.Active && l.DeletedAt == nil
}

// MaxShownInUse is how many fulfillment orders a refused deletion names.
const MaxShownInUse = 5

// CheckUnused refuses to delete a service that still has work, and names it: count fulfillment orders that are not
// closed, of which some, up to [MaxShownInUse], are shown; none to whoever may not see them. nil: it has none.
//
// That is so whatever the inventory action: an order with a service that nobody runs any more would wait for ever, and
// where else it is to go is a decision for whoever moves or closes it.
func (d ServiceDeletion) CheckUnused(count int, shown []ID) *Error {
	if count == 0 {
		return nil
	}
	return refusal(
		CodeServiceInUse,
		[]string{"id"},
		"Fulfillment service can't be deleted while it has fulfillment orders that are not closed (%s). "+
			"Move, cancel or close them first.",
		inUse(count, shown),
	)
}
