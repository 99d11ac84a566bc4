package fulfillment

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// ServiceType says what kind of fulfillment service one is.
type ServiceType string

// The service types.
const (
	ServiceGiftCard   ServiceType = "GIFT_CARD"   // Shopify's own; Packhorse has none
	ServiceManual     ServiceType = "MANUAL"      // the merchant, see ManualService
	ServiceThirdParty ServiceType = "THIRD_PARTY" // any that was added
)

// ManualHandle is the handle of [ManualService], and stands in the place of its ID in Shopify's API.
const ManualHandle = "manual"

// Codes of refusals about services and locations: those of LocationAddUserErrorCode, and Packhorse's own.
const (
	CodeBlank           Code = "BLANK"             // a value is missing
	CodeTaken           Code = "TAKEN"             // another one has this name
	CodeTooLong         Code = "TOO_LONG"          // a text is too long
	CodeServiceNotFound Code = "SERVICE_NOT_FOUND" // no such fulfillment service
	CodeServiceInUse    Code = "SERVICE_IN_USE"    // fulfillment orders are still with the service
)

// ManualService is the built-in service: the merchant, who fulfills at the locations that no other service runs. It
// has no ID, because it is not stored. The location is the one that stands for all of them; zero: there is none.
func ManualService(locationID ID) Service {
	return Service{Name: "Manual", Handle: ManualHandle, Provider: ManualProvider, LocationID: locationID}
}

// Type is MANUAL for [ManualService], else THIRD_PARTY.
func (s Service) Type() ServiceType {
	if s.ID == 0 {
		return ServiceManual
	}
	return ServiceThirdParty
}

// NeedsShippingMethod tells whether the service ships physical goods.
func (s Service) NeedsShippingMethod() bool {
	return s.RequiresShippingMethod == nil || *s.RequiresShippingMethod
}

// IsFulfillmentService tells whether a fulfillment service runs the location.
func (l Location) IsFulfillmentService() bool { return l.ServiceID != 0 }

// ShipsInventory tells whether the location ships the merchant's own stock to who orders online. As recorded, one of
// the merchant's own that takes no online orders does not.
func (l Location) ShipsInventory() bool { return !l.IsFulfillmentService() && l.TakesOnlineOrders() }

// TakesOnlineOrders tells whether orders may be routed to the location. One that takes none can still be given
// fulfillment orders by a move.
func (l Location) TakesOnlineOrders() bool {
	return l.FulfillsOnlineOrders == nil || *l.FulfillsOnlineOrders
}

// Stocks tells whether a line with the SKU can be moved to the location. Any location can have what has no SKU, and
// a service that has said nothing of its stock may have anything.
func (l Location) Stocks(sku string) bool {
	sku = Tidy(sku)
	return sku == "" || l.StocksAll || slices.Contains(TidyAll(l.SKUs), sku) ||
		l.IsFulfillmentService() && len(l.SKUs) == 0
}

// Refusals are several refusals of one command, in the order of its input. There is at least one.
type Refusals []*Error

// Error is the messages as sentences.
func (r Refusals) Error() string {
	messages := make([]string, len(r))
	for i, e := range r {
		messages[i] = strings.TrimSuffix(e.Message, ".")
	}
	return strings.Join(messages, ". ") + "."
}

// Unwrap is the refusals, so that [AsError] finds the first.
func (r Refusals) Unwrap() []error {
	list := make([]error, len(r))
	for i, e := range r {
		list[i] = e
	}
	return list
}

// AsRefusals finds all refusals in err: those of [Refusals], or the only [Error], one for each of its problems; nil:
// err is no refusal.
func AsRefusals(err error) Refusals {
	var all Refusals
	if errors.As(err, &all) {
		return all
	}
	e, ok := AsError(err)
	switch {
	case !ok:
		return nil
	case len(e.Problems) == 0:
		return Refusals{e}
	}
	for _, p := range e.Problems {
		one := *e
		one.Code, one.Field, one.Message, one.Problems = cmp.Or(p.Code, e.Code), p.Field, p.Message, nil
		all = append(all, &one)
	}
	return all
}
