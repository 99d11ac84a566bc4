package fulfillment

import (
	"slices"
	"strconv"
	"strings"
)

// The codes of Shopify's LocationActivateUserErrorCode, LocationDeactivateUserErrorCode and
// LocationDeleteUserErrorCode.
const (
	CodeNonUniqueName         Code = "HAS_NON_UNIQUE_NAME"
	CodeNeverDeactivated      Code = "PERMANENTLY_BLOCKED_FROM_DEACTIVATION_ERROR"
	CodeHasFulfillmentOrders  Code = "HAS_FULFILLMENT_ORDERS_ERROR"
	CodeDestinationIsTheSame  Code = "DESTINATION_LOCATION_IS_THE_SAME_LOCATION"
	CodeDestinationNotFound   Code = "DESTINATION_LOCATION_NOT_FOUND_OR_INACTIVE"
	CodeDestinationOfAService Code = "DESTINATION_LOCATION_NOT_SHOPIFY_MANAGED"
	CodeLocationIsActive      Code = "LOCATION_IS_ACTIVE"
	CodeLocationHasOrders     Code = "LOCATION_HAS_PENDING_ORDERS"
	CodeLocationUndeletable   Code = "GENERIC_ERROR"
	// What LocationActivateUserErrorCode and LocationDeactivateUserErrorCode have of idempotency keys.
	CodeKeyMismatch Code = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
	CodeKeyInUse    Code = "IDEMPOTENCY_CONCURRENT_REQUEST"
)

// KeyMismatch refuses what is asked under an idempotency key that came before with something else.
func KeyMismatch() *Error {
	return refusal(CodeKeyMismatch, nil,
		"The same idempotency key cannot be used with different operation parameters.")
}

// KeyInUse refuses what is asked under an idempotency key while the same is being carried out.
func KeyInUse() *Error {
	return refusal(CodeKeyInUse, nil, "This request is currently in progress, please try again.")
}

// CheckActivation refuses to use a location again; nil: it may be used, or is. others are the other locations that
// there are.
func (l Location) CheckActivation(others []Location) *Error {
	switch {
	case l.Active && l.IsFulfillmentService(): // Shopify does not even find it (recorded).
		return LocationNotFound("locationId")
	case !l.Active && l.nameTaken(others):
		return refusal(CodeNonUniqueName, []string{"locationId"},
			"This location currently cannot be activated because there exists an active location with the same name.")
	}
	return nil
}

// LocationDeactivation takes a location out of use: routing and moves give it nothing any more.
type LocationDeactivation struct {
	ID ID
	// DestinationID is the location that what waits there goes to; zero: nothing may wait there.
	DestinationID ID
}

// CheckDestination refuses a deactivation whose destination can't take over; nil: it can, or there is none to be.
// destination is the location with that ID, if there is one.
func (d LocationDeactivation) CheckDestination(destination *Location) *Error {
	field := []string{"destinationLocationId"}
	switch {
	case d.DestinationID == 0:
		return nil
	case d.DestinationID == d.ID:
		return refusal(CodeDestinationIsTheSame, field,
			"Destination location is the same as the location to be deactivated.")
	case destination == nil || !destination.Active || destination.DeletedAt != nil:
		return refusal(CodeDestinationNotFound, field, "Destination location is not found or inactive.")
	case destination.IsFulfillmentService():
		return refusal(CodeDestinationOfAService, field, "Destination location is not Shopify managed.")
	}
	return nil
}

// CheckDeactivation refuses to take a location out of use; nil: it may be, or is. others are the other locations that
// there are.
func (l Location) CheckDeactivation(others []Location) *Error {
	inUse := func(other Location) bool { return other.Active && !other.IsFulfillmentService() }
	switch {
	case l.IsFulfillmentService(), l.Active && !slices.ContainsFunc(others, inUse):
		return refusal(CodeNeverDeactivated, []string{"locationId"},
			"Location could not be deactivated because it either has a fulfillment service or is the only location "+
				"with a shipping address.")
	case l.takesRoutedOrders() && !slices.ContainsFunc(others, Location.takesRoutedOrders):
		return refusal(CodeCannotDisableOnlineOrders, []string{"locationId"}, onlineOrdersNeeded)
	}
	return nil
}

// StillWaiting refuses to take a location out of use at which fulfillment orders wait: count in all, of which some, up
// to [MaxShownInUse], are shown; none to whoever may not see them, and not how many there are either. nil: none waits.
func StillWaiting(count int, shown []ID) *Error {
	if count == 0 {
		return nil
	}
	return refusal(CodeHasFulfillmentOrders, []string{"locationId"},
		"Location could not be deactivated because it has pending orders: fulfillment orders that are not "+
			"closed (%s). "+
			"Move, ship or cancel them, or name a destination that can take all of them over.", inUse(count, shown))
}

// CheckDeletion is all that stands in the way of a location's deletion; nil: nothing does. waiting is how many
// fulfillment orders there are not closed.
func (l Location) CheckDeletion(waiting int) Refusals {
	field := []string{"locationId"}
	var refusals Refusals
	if l.Active {
		refusals = append(refusals,
			refusal(CodeLocationIsActive, field, "The location cannot be deleted while it is active."))
	}
	if waiting > 0 {
		refusals = append(refusals,
			refusal(CodeLocationHasOrders, field, "The location cannot be deleted while it has pending orders."))
	}
	if !l.Active && l.IsFulfillmentService() {
		refusals = append(refusals, refusal(CodeLocationUndeletable, field,
			"The location belongs to a fulfillment service: it is deleted with the service."))
	}
	return refusals
}

// LocationDeletion deletes a location that is not in use. What is deleted stays for the history of the fulfillment
// orders that were there.
type LocationDeletion struct {
	ID        ID
	CommandID string // the same one again is answered as before; "": none
}

// Repeats tells whether this very deletion has deleted the location, given the command ID of the one that did.
func (d LocationDeletion) Repeats(deletedBy string) bool {
	return d.CommandID != "" && d.CommandID == deletedBy
}

// inUse says how many fulfillment orders there are, and names some of them: "3: 1, 2, …".
func inUse(count int, shown []ID) string {
	if len(shown) == 0 {
		return "which this app may not see"
	}
	names := make([]string, len(shown), len(shown)+1)
	for i, id := range shown {
		names[i] = id.String()
	}
	if count > len(shown) {
		names = append(names, "…")
	}
	return strconv.Itoa(count) + ": " + strings.Join(names, ", ")
}
