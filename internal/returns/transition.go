package returns

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"packhorse/internal/fulfillment"
)

// Kind names what a transition did.
type Kind string

// The kinds of transitions.
const (
	KindRequested       Kind = "REQUESTED"
	KindCreated         Kind = "CREATED" // begun without a request
	KindApproved        Kind = "APPROVED"
	KindDeclined        Kind = "DECLINED"
	KindCanceled        Kind = "CANCELED"
	KindClosed          Kind = "CLOSED"
	KindReopened        Kind = "REOPENED"
	KindRemoved         Kind = "LINES_REMOVED"
	KindReceived        Kind = "RECEIVED"
	KindProcessed       Kind = "PROCESSED"
	KindDisposed        Kind = "DISPOSED"
	KindDeliveryCreated Kind = "REVERSE_DELIVERY_CREATED"
	KindDeliveryUpdated Kind = "REVERSE_DELIVERY_UPDATED"
	KindExpected        Kind = "EXPECTED"  // when it should be back was set or taken away
	KindReminded        Kind = "REMINDED"  // it should be back soon
	KindOverdue         Kind = "OVERDUE"   // it should be back by now
	KindUnchanged       Kind = "UNCHANGED" // what was asked for was so already
	KindRefused         Kind = "REFUSED"   // a signalled command was refused: nobody waits for its answer
)

// The webhook topics that transitions raise, in the source's own spelling. The last two are Packhorse's own.
const (
	TopicRequest  = "returns/request"
	TopicApprove  = "returns/approve"
	TopicDecline  = "returns/decline"
	TopicCancel   = "returns/cancel"
	TopicClose    = "returns/close"
	TopicReopen   = "returns/reopen"
	TopicUpdate   = "returns/update"
	TopicProcess  = "returns/process"
	TopicAttach   = "reverse_deliveries/attach_deliverable"
	TopicDispose  = "reverse_fulfillment_orders/dispose"
	TopicReminder = "returns/reminder"
	TopicOverdue  = "returns/overdue"
)

// Topics lists every webhook topic that returns raise, in the order of the documentation. It must not be changed.
var Topics = []string{TopicRequest, TopicApprove, TopicDecline, TopicCancel, TopicClose, TopicReopen, TopicUpdate,
	TopicProcess, TopicAttach, TopicDispose, TopicReminder, TopicOverdue}

// Transition is one step in the life of a return: the unit of its history.
type Transition struct {
	ReturnID    fulfillment.ID    `json:"returnId"`
	OrderID     fulfillment.ID    `json:"orderId"`
	Sequence    int64             `json:"sequence"` // 1, 2, 3 … without gaps
	Kind        Kind              `json:"kind"`
	Verb        Verb              `json:"command,omitempty"`
	CommandID   string            `json:"commandId,omitempty"` // on the last transition of a command only
	Fingerprint string            `json:"fingerprint,omitempty"`
	Actor       fulfillment.Actor `json:"actor"`
	At          time.Time         `json:"at"`
	Reason      string            `json:"reason,omitempty"` // why, in words for people
	Before      *State            `json:"before,omitempty"` // nil: it was just made
	After       State             `json:"after"`
	Details     *Details          `json:"details,omitempty"` // what else belongs to the kind
	Topics      []string          `json:"topics,omitempty"`  // webhook topics that it raises
	Result      *Result           `json:"result,omitempty"`  // the answer, on the last transition of a command
}

// State is the short form of a return in its history.
type State struct {
	Status    Status `json:"status"`
	Units     int    `json:"totalQuantity"`
	Processed int    `json:"processedQuantity"`
	Received  int    `json:"receivedQuantity"`
}

// Summary is the state in short.
func (r *Return) Summary() State {
	return State{Status: r.Status, Units: r.Units(), Processed: r.ProcessedUnits(), Received: r.ReceivedUnits()}
}

// Details is what belongs to a [Transition] beside the states before and after it. Only what its kind is about is set.
type Details struct {
	// Lines are the units that the transition was about, by return line ID.
	Lines         []Quantity       `json:"returnLineItems,omitempty"`
	Made          *Made            `json:"made,omitempty"`              // REQUESTED, CREATED, APPROVED: as it was then
	ExchangeLines []Quantity       `json:"exchangeLineItems,omitempty"` // that go out, or were removed, by their ID
	Decline       *Declined        `json:"decline,omitempty"`           // DECLINED
	DeclinedLines []DeclinedLine   `json:"declinedReturnLineItems,omitempty"`
	WorkID        fulfillment.ID   `json:"reverseFulfillmentOrderId,omitempty"` // what DISPOSED and parcels are of
	Dispositions  []Disposed       `json:"dispositions,omitempty"`              // DISPOSED
	Delivery      *Delivery        `json:"reverseDelivery,omitempty"`           // REVERSE_DELIVERY_…: after it
	DeliveryID    fulfillment.ID   `json:"reverseDeliveryId,omitempty"`         // RECEIVED: the parcel
	LocationID    fulfillment.ID   `json:"locationId,omitempty"`                // RECEIVED: where
	Differences   []LineDifference `json:"differences,omitempty"`               // RECEIVED
	ExpectedBy    *time.Time       `json:"expectedBy,omitempty"`                // EXPECTED, REMINDED, OVERDUE
	Overdue       OverdueAction    `json:"whenOverdue,omitempty"`               // EXPECTED
	Note          string           `json:"note,omitempty"`                      // what was written with the command
	Notify        bool             `json:"notifyCustomer,omitempty"`            // the customer is to be told

	Refused *fulfillment.Error `json:"refused,omitempty"` // REFUSED: why, or why the last one was
	// RefusedSignals is how many signals a REFUSED is about, when there were too many to tell of each; else missing.
	RefusedSignals int `json:"refusedSignals,omitempty"`
}

// Made is what others are told of a return that is asked for, or that comes back from now on. Its lines may lose units
// later, or go: so the history keeps them as they were.
type Made struct {
	Name          string         `json:"name"`
	Lines         []Line         `json:"returnLineItems"`
	ExchangeLines []ExchangeLine `json:"exchangeLineItems,omitempty"`
	ShippingFee   *ShippingFee   `json:"returnShippingFee,omitempty"`
}

// made is the return as it is told of now.
func (r *Return) made() *Made {
	return &Made{
		Name: r.Name, Lines: slices.Clone(r.Lines), ExchangeLines: slices.Clone(r.ExchangeLines),
		ShippingFee: r.ShippingFee,
	}
}

// Disposed is units of a line and what became of them, with what a stock needs to know of them.
type Disposed struct {
	WorkLineID   fulfillment.ID `json:"reverseFulfillmentOrderLineItemId"`
	ReturnLineID fulfillment.ID `json:"returnLineItemId"`
	LineItemID   fulfillment.ID `json:"lineItemId"`
	SKU          string         `json:"sku,omitempty"`
	Disposition
}

// LineDifference is a difference and the return line that it is about; 0: none that was announced.
type LineDifference struct {
	ReturnLineID fulfillment.ID `json:"returnLineItemId,omitempty"`
	Difference
}

// DecodeEvent puts a return's own types into an entry of the feed that [fulfillment.DecodeEvent] has read: State and
// *Details. An entry that is about something else stays as it is.
func DecodeEvent(e *fulfillment.Event) error {
	if e.ReturnID == 0 {
		return nil
	}
	for _, part := range []struct {
		value *any
		read  func([]byte) (any, error)
	}{{&e.Before, readAs[State]}, {&e.After, readAs[State]}, {&e.Details, readAs[*Details]}} {
		body, ok := (*part.value).(json.RawMessage)
		if !ok {
			continue
		}
		value, err := part.read(body)
		if err != nil {
			return fmt.Errorf("read event %d.%d of return %d: %w", e.Sequence, e.Position, e.ReturnID, err)
		}
		*part.value = value
	}
	return nil
}

// ReadEvent reads an entry of the feed as it was committed, whatever it is about: see [fulfillment.DecodeEvent], and of
// a return, State and *Details.
func ReadEvent(payload []byte) (*fulfillment.Event, error) {
	e, err := fulfillment.DecodeEvent(payload)
	if err != nil {
		return nil, err
	}
	return e, DecodeEvent(e)
}

func readAs[T any](body []byte) (any, error) {
	var value T
	err := json.Unmarshal(body, &value)
	return value, err
}

// Events are the entries of the feed for the transition: one for each topic that it raises, or one without a topic.
func (t *Transition) Events() []fulfillment.Event {
	e := fulfillment.Event{
		Version: fulfillment.EventVersion, OrderID: t.OrderID, ReturnID: t.ReturnID, Sequence: t.Sequence,
		Kind: string(t.Kind), At: t.At, Verb: t.Verb, CommandID: t.CommandID, Actor: t.Actor, Reason: t.Reason,
		After: t.After,
	}
	if t.Before != nil {
		e.Before = *t.Before
	}
	if t.Details != nil {
		e.Details = t.Details
	}
	events := make([]fulfillment.Event, max(1, len(t.Topics)))
	for i := range events {
		events[i] = e
		events[i].Position = i
		if len(t.Topics) > 0 {
			events[i].Topic = t.Topics[i]
		}
	}
	return events
}
