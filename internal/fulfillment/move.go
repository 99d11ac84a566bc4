package fulfillment

// Move assigns another location; with lines, only those units: they go to a sibling there.
//
// Callers give NewLocationID. The workflow looks the location up and fills in Location before it decides.
type Move struct {
	Meta
	NewLocationID ID                `json:"newLocationId"`
	Lines         []Quantity        `json:"fulfillmentOrderLineItems,omitempty"`
	Location      *AssignedLocation `json:"location,omitempty"`      // as looked up; nil: there is no such location
	UnstockedSKUs []string          `json:"unstockedSkus,omitempty"` // of this fulfillment order's lines, as looked up
}

// Split puts units into a sibling at the same location; the original keeps the rest.
type Split struct {
	Meta
	Lines []Quantity `json:"fulfillmentOrderLineItems"`
}

// CancelUnits takes units out of the order for good: by order cancellation (all of them), or by an order edit that
// lowered a quantity. Where a service has accepted the work, it first asks the service to stop.
type CancelUnits struct {
	Meta
	WholeOrder bool       `json:"wholeOrder,omitempty"` // the order is cancelled: everything that is left
	LineItems  []Quantity `json:"lineItems,omitempty"`  // by order line ID
	Reason     string     `json:"reason,omitempty"`
}
