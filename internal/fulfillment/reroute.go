package fulfillment

// Reroute moves fulfillment orders of one order, all at one location, to another location that routing chooses. All of
// them move, or none.
//
// The workflow looks the location up and fills in Location before it decides.
type Reroute struct {
	Meta
	FulfillmentOrderIDs []ID              `json:"fulfillmentOrderIds"`
	IncludedLocationIDs []ID              `json:"includedLocationIds,omitempty"` // only these; default all
	ExcludedLocationIDs []ID              `json:"excludedLocationIds,omitempty"` // not these, even when included
	Location            *AssignedLocation `json:"location,omitempty"`            // as looked up; nil: none can have them
	Alternatives        bool              `json:"alternatives,omitempty"`        // as looked up: there are several
}

// Verb is Reroute.
func (*Reroute) Verb() Verb { return VerbReroute }

// Answering names the fulfillment orders.
func (cmd *Reroute) Answering() []ID { return named(cmd.FulfillmentOrderIDs) }

// Named names the fulfillment orders.
func (cmd *Reroute) Named() []ID { return named(cmd.FulfillmentOrderIDs) }

// Codes of Shopify's FulfillmentOrdersRerouteUserErrorCode.
const (
	CodeNoFulfillmentOrderIDs     Code = "NO_FULFILLMENT_ORDER_IDS"
	CodeNotFromTheSameOrder       Code = "FULFILLMENT_ORDERS_NOT_FROM_THE_SAME_ORDER"
	CodeStateNotSupported         Code = "FULFILLMENT_ORDERS_STATE_NOT_SUPPORTED"
	CodeCannotReassign            Code = "CANNOT_REASSIGN_LOCATION_FOR_FULFILLMENT_ORDERS"
	CodeDeliveryMethodUnsupported Code = "DELIVERY_METHOD_TYPE_NOT_SUPPORTED"
	CodeSingleLocation            Code = "SINGLE_LOCATION_SHOP_NOT_SUPPORTED"
	CodeNotAtTheSameLocation      Code = "FULFILLMENT_ORDERS_MUST_BELONG_TO_SAME_LOCATION"
)

var rerouteField = []string{"fulfillmentOrderIds"}

// check refuses what could not be re-routed wherever to. The states are those that the command names; nil stands
// for one that does not exist.
func (cmd *Reroute) check(states []*FulfillmentOrder) *Error {
	if len(states) == 0 {
		return refusal(CodeNoFulfillmentOrderIDs, rerouteField, "At least one fulfillment order ID must be provided.")
	}
	for _, fo := range states {
		if fo == nil {
			return NotFound(rerouteField...)
		}
	}
	first := states[0]
	for _, fo := range states {
		switch {
		case fo.OrderID != first.OrderID:
			return refusal(
				CodeNotFromTheSameOrder, rerouteField, "All fulfillment orders must belong to the same order.",
			)
		case fo.AssignedLocation.LocationID != first.AssignedLocation.LocationID:
			return refusal(
				CodeNotAtTheSameLocation, rerouteField, "All fulfillment orders must be assigned to the same location.",
			)
		case fo.DeliveryMethod != DeliveryShipping && fo.DeliveryMethod != DeliveryNone:
			return refusal(
				CodeDeliveryMethodUnsupported, rerouteField,
				"Fulfillment order %s has a delivery method that is tied to its location.", fo.ID,
			)
		}
		if e := mayMove(fo, cmd.Actor); e != nil {
			e.Field = rerouteField
			if e.Code != CodeProgressOnMove {
				e.Code = CodeStateNotSupported
			}
			return fo.explain(e, cmd.Actor)
		}
	}
	return nil
}

func (cmd *Reroute) decide(j *joint) *Error {
	states := make([]*FulfillmentOrder, len(j.answering))
	for i, id := range j.answering {
		states[i] = j.find(id)
	}
	if e := cmd.check(states); e != nil {
		return e
	}
	switch {
	case cmd.Location == nil && !cmd.Alternatives:
		return refusal(CodeSingleLocation, rerouteField, "There is no other location to re-route to.")
	case cmd.Location == nil:
		return refusal(CodeCannotReassign, rerouteField, "No other location can take the fulfillment orders.")
	}
	for _, fo := range states {
		if e := j.answer(fo.ID, &Move{NewLocationID: cmd.Location.LocationID, Location: cmd.Location}); e != nil {
			e.Field = rerouteField
			return e
		}
	}
	return nil
}
