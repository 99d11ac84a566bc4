package access

import "packhorse/internal/fulfillment"

// Ownership is what an app is to the location that a fulfillment order is assigned to.
type Ownership string

// The kinds of ownership.
const (
	MerchantManaged Ownership = "MERCHANT_MANAGED" // no service runs the location
	Assigned        Ownership = "ASSIGNED"         // a service of the app itself does
	ThirdParty      Ownership = "THIRD_PARTY"      // another app's service does, or one that no app owns
)

// Ownerships lists every Ownership, in the order of the documentation.
var Ownerships = []Ownership{MerchantManaged, Assigned, ThirdParty}

// Visibility is which fulfillment orders a caller may read, for lists that are filtered where they are stored.
type Visibility struct {
	Merchant   bool             // those at locations that no service runs
	Assigned   bool             // those at the Services
	ThirdParty bool             // those at all other services
	Services   []fulfillment.ID // that the caller's app owns
}

// Everything tells whether nothing is hidden, so that a list needs no filter.
func (v Visibility) Everything() bool { return v.Merchant && v.Assigned && v.ThirdParty }

// Includes tells whether a fulfillment order at the location is among them.
func (v Visibility) Includes(l fulfillment.AssignedLocation) bool {
	switch ownership(v.Services, l.ServiceID) {
	case MerchantManaged:
		return v.Merchant
	case Assigned:
		return v.Assigned
	default:
		return v.ThirdParty
	}
}
