package fulfillment

import "time"

// Kind names what a transition did.
type Kind string

// The kinds of transitions.
const (
	KindCreated                  Kind = "CREATED"
	KindOpened                   Kind = "OPENED"
	KindRescheduled              Kind = "RESCHEDULED"
	KindRequested                Kind = "FULFILLMENT_REQUESTED"
	KindAccepted                 Kind = "FULFILLMENT_REQUEST_ACCEPTED"
	KindRejected                 Kind = "FULFILLMENT_REQUEST_REJECTED"
	KindCancellationRequested    Kind = "CANCELLATION_REQUESTED"
	KindCancellationAccepted     Kind = "CANCELLATION_ACCEPTED"
	KindCancellationRejected     Kind = "CANCELLATION_REJECTED"
	KindHeld                     Kind = "HELD"
	KindHoldReleased             Kind = "HOLD_RELEASED"
	KindCancelled                Kind = "CANCELLED"
	KindIncomplete               Kind = "CLOSED_INCOMPLETE"
	KindProgressReported         Kind = "PROGRESS_REPORTED"
	KindProgressStopped          Kind = "PROGRESS_STOPPED"
	KindDeadlineSet              Kind = "DEADLINE_SET"
	KindDeadlineMissed           Kind = "DEADLINE_MISSED"
	KindAcceptOverdue            Kind = "ACCEPT_OVERDUE"
	KindTakenBack                Kind = "TAKEN_BACK"
	KindNotRerouted              Kind = "NOT_REROUTED"
	KindMoved                    Kind = "MOVED"
	KindSplit                    Kind = "SPLIT"
	KindMerged                   Kind = "MERGED"      // took units of another fulfillment order over
	KindMergedAway               Kind = "MERGED_AWAY" // gave units to another fulfillment order
	KindStaysApart               Kind = "STAYS_APART" // the rest of a partial hold could not be taken back
	KindPreparedForPickup        Kind = "PREPARED_FOR_PICKUP"
	KindPreparedForLocalDelivery Kind = "PREPARED_FOR_LOCAL_DELIVERY"
	KindFulfilled                Kind = "FULFILLMENT_CREATED"
	KindFulfillmentCancelled     Kind = "FULFILLMENT_CANCELLED"
	KindTrackingUpdated          Kind = "TRACKING_UPDATED"
	KindEventRecorded            Kind = "EVENT_RECORDED"
	KindUnitsCancelled           Kind = "UNITS_CANCELLED"
	KindProviderPending          Kind = "PROVIDER_PENDING"
	KindProviderUnknown          Kind = "PROVIDER_OUTCOME_UNKNOWN"
	KindProviderParked           Kind = "PROVIDER_PARKED"
	KindProviderLate             Kind = "PROVIDER_ANSWER_IGNORED"
	KindDestinationChanged       Kind = "DESTINATION_CHANGED" // goes where its order goes, which is elsewhere now
	KindDestinationKept          Kind = "DESTINATION_KEPT"    // still goes where its order went
	KindDeliveryGivenUp          Kind = "DELIVERY_GIVEN_UP"
	KindUnchanged                Kind = "UNCHANGED" // what was asked for was so already
	KindRefused                  Kind = "REFUSED"
	KindRestored                 Kind = "RESTORED" // goes on from what the database has, which was set back
)

// Transition is one step in the life of a fulfillment order: the unit of its history.
type Transition struct {
	FulfillmentOrderID ID        `json:"fulfillmentOrderId"`
	Sequence           int64     `json:"sequence"` // 1, 2, 3 …; without gaps, but for that of RESTORED
	Kind               Kind      `json:"kind"`
	Verb               Verb      `json:"command,omitempty"`
	CommandID          string    `json:"commandId,omitempty"`
	Fingerprint        string    `json:"fingerprint,omitempty"`
	Actor              Actor     `json:"actor"`
	At                 time.Time `json:"at"`
	Reason             string    `json:"reason,omitempty"` // why, in words for people
	Before             State     `json:"before,omitzero"`
	After              State     `json:"after"`
	Details            *Details  `json:"details,omitempty"` // what else belongs to the kind
	Topics             []string  `json:"topics,omitempty"`  // webhook topics that this transition raises
	Result             *Result   `json:"result,omitempty"`  // the answer, on the last transition of a command
}

// State is the short form of a fulfillment order in its history.
type State struct {
	Status        Status        `json:"status"`
	RequestStatus RequestStatus `json:"requestStatus"`
	LocationID    ID            `json:"locationId"`
	Total         int           `json:"totalQuantity"`
	Remaining     int           `json:"remainingQuantity"`
	Holds         int           `json:"holds,omitempty"`
}

// Summary is the state in short.
func (fo *FulfillmentOrder) Summary() State {
	return State{
		fo.Status, fo.RequestStatus, fo.AssignedLocation.LocationID, fo.TotalUnits(), fo.RemainingUnits(),
		len(fo.Holds),
	}
}
