package fulfillment

import "time"

// Details is what belongs to a [Transition] beside the states before and after it. Only what its kind is about is set.
type Details struct {
	// ServiceID is the fulfillment service that runs the location after it; missing: the location is the merchant's
	// own.
	ServiceID ID `json:"serviceId,omitempty"`
	// Lines are the units that the transition was about, by fulfillment order line ID.
	Lines []Quantity `json:"lineItems,omitempty"`
	// Requested are the units that the command named, as it named them; missing: the whole.
	Requested   []Quantity  `json:"requestedLineItems,omitempty"`
	SiblingID   ID          `json:"siblingId,omitempty"`   // the fulfillment order that units went to
	SiblingRole SiblingRole `json:"siblingRole,omitempty"` // what it is to this one
	// Sibling is the state of the other fulfillment order, SiblingID's or SourceID's, at that moment.
	Sibling *State `json:"sibling,omitempty"`
	// SourceID is the fulfillment order that the units came from, in CREATED and MERGED.
	SourceID ID `json:"sourceId,omitempty"`
	// SourceLines are the units by the lines of the fulfillment order that they came from, in MERGED.
	SourceLines []Quantity `json:"sourceLineItems,omitempty"`
	// Intents are, in MERGED, all units that became one fulfillment order, by what they came from: of a command that
	// merges several, on its last MERGED only.
	Intents         []MergeIntent     `json:"mergeIntents,omitempty"`
	Message         string            `json:"message,omitempty"`         // what the merchant or the service wrote
	MerchantRequest *MerchantRequest  `json:"merchantRequest,omitempty"` // the request sent, answered or withdrawn
	RejectionReason RejectionReason   `json:"rejectionReason,omitempty"`
	Rejected        []RejectedLine    `json:"rejectedLineItems,omitempty"`
	Hold            *Hold             `json:"fulfillmentHold,omitempty"`  // the hold that was added or released
	Holds           []Hold            `json:"fulfillmentHolds,omitempty"` // HELD, HOLD_RELEASED: all holds, as of then
	From            *AssignedLocation `json:"from,omitempty"`             // MOVED: the location before
	To              *AssignedLocation `json:"to,omitempty"`               // MOVED: the location after
	Fulfillment     *Fulfillment      `json:"fulfillment,omitempty"`      // the shipment after it, without its events
	// Unfulfilled are the units that were left to ship after it of the order lines in Fulfillment, in all of the
	// order's fulfillment orders, by order line ID; of lines that are not there, none were. The store fills it in.
	Unfulfilled []Quantity `json:"unfulfilledLineItems,omitempty"`
	// OrderSequence is that of the order's last transition before it, where there is a Fulfillment: what the order said
	// then is in its history. The store fills it in.
	OrderSequence int64 `json:"orderSequence,omitempty"`
	// DestinationBefore is, in FULFILLMENT_CREATED, the number of the order's update before which its address was where
	// the shipment goes; missing: it goes where the order went then.
	DestinationBefore int               `json:"destinationBefore,omitempty"`
	Event             *FulfillmentEvent `json:"fulfillmentEvent,omitempty"`
	FulfillAt         *time.Time        `json:"fulfillAt,omitempty"`   // RESCHEDULED
	FulfillBy         *time.Time        `json:"fulfillBy,omitempty"`   // DEADLINE_SET (nil: taken away), DEADLINE_MISSED
	OrderUpdate       int               `json:"orderUpdate,omitempty"` // DESTINATION_…: the number of the order's update
	EffectKey         string            `json:"effectKey,omitempty"`   // the effect that a provider's answer was about
	Attachments       *Attachments      `json:"attachments,omitempty"` // what came with a provider's answer
	Refused           *Error            `json:"refused,omitempty"`     // REFUSED: why, or why the last one was
	// RefusedSignals is how many signals a REFUSED is about, when there were too many to tell of each; else missing.
	RefusedSignals int      `json:"refusedSignals,omitempty"`
	SetBack        *SetBack `json:"setBack,omitempty"` // RESTORED: what is lost
}

// at notes who runs the location.
func (d *Details) at(l AssignedLocation) *Details {
	if l.ServiceID == 0 {
		return d
	}
	noted := Details{}
	if d != nil {
		noted = *d
	}
	noted.ServiceID = l.ServiceID
	return &noted
}

// went notes the sibling that units went to.
func (d *Details) went(to *FulfillmentOrder, role SiblingRole) {
	d.SiblingID, d.SiblingRole, d.Sibling = to.ID, role, new(to.Summary())
}

// The webhook topics that transitions raise, in the source's own spelling. TopicDeadlineMissed is Packhorse's own.
const (
	TopicRequestSubmitted         = "fulfillment_orders/fulfillment_request_submitted"
	TopicRequestAccepted          = "fulfillment_orders/fulfillment_request_accepted"
	TopicRequestRejected          = "fulfillment_orders/fulfillment_request_rejected"
	TopicCancellationSubmitted    = "fulfillment_orders/cancellation_request_submitted"
	TopicCancellationAccepted     = "fulfillment_orders/cancellation_request_accepted"
	TopicCancellationRejected     = "fulfillment_orders/cancellation_request_rejected"
	TopicCancelled                = "fulfillment_orders/cancelled"
	TopicFailedToComplete         = "fulfillment_orders/fulfillment_service_failed_to_complete"
	TopicPlacedOnHold             = "fulfillment_orders/placed_on_hold"
	TopicHoldReleased             = "fulfillment_orders/hold_released"
	TopicMoved                    = "fulfillment_orders/moved"
	TopicSplit                    = "fulfillment_orders/split"
	TopicMerged                   = "fulfillment_orders/merged"
	TopicRescheduled              = "fulfillment_orders/rescheduled"
	TopicReady                    = "fulfillment_orders/scheduled_fulfillment_order_ready"
	TopicProgressReported         = "fulfillment_orders/progress_reported"
	TopicProgressStopped          = "fulfillment_orders/manually_reported_progress_stopped"
	TopicPreparedForPickup        = "fulfillment_orders/line_items_prepared_for_pickup"
	TopicPreparedForLocalDelivery = "fulfillment_orders/line_items_prepared_for_local_delivery"
	TopicDeadlineMissed           = "fulfillment_orders/deadline_missed"
	TopicHoldAdded                = "fulfillment_holds/added"
	TopicHoldEnded                = "fulfillment_holds/released"
	TopicFulfillmentCreated       = "fulfillments/create"
	TopicFulfillmentUpdated       = "fulfillments/update"
	TopicEventCreated             = "fulfillment_events/create"
)
