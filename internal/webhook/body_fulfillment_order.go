package webhook

import (
	"cmp"
	"slices"

	"packhorse/internal/fulfillment"
)

// ref is something by its global ID.
type ref struct {
	ID string `json:"id"`
}

type fulfillmentOrderState struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

type fulfillmentOrderRequest struct {
	ID            string `json:"id"`
	Status        string `json:"status"`
	RequestStatus string `json:"request_status"`
}

type merchantRequest struct {
	ID      string  `json:"id"`
	Message *string `json:"message"`
}

type lineQuantity struct {
	ID       string `json:"id"`
	Quantity int    `json:"quantity"`
}

// truncated ends a body of which line items were cut.
type truncated struct {
	Truncated bool `json:"truncated,omitempty"`
}

func (w *writer) id() string { return w.gid("FulfillmentOrder", w.event.FulfillmentOrderID) }

func (w *writer) state() fulfillmentOrderState {
	return fulfillmentOrderState{w.id(), word(w.after.Status)}
}

func (w *writer) request() fulfillmentOrderRequest {
	return fulfillmentOrderRequest{w.id(), word(w.after.Status), word(w.after.RequestStatus)}
}

// sibling is the fulfillment order that units went to; nil: there is none.
func (w *writer) sibling() *fulfillmentOrderState {
	d := w.details
	if d.SiblingID == 0 || d.Sibling == nil {
		return nil
	}
	return &fulfillmentOrderState{w.gid("FulfillmentOrder", d.SiblingID), word(d.Sibling.Status)}
}

func (w *writer) merchantRequest() *merchantRequest {
	r := w.details.MerchantRequest
	if r == nil {
		return nil
	}
	return &merchantRequest{w.gid("FulfillmentOrderMerchantRequest", r.ID), optional(r.Message)}
}

// app is an app by its handle; nil: it is none, but a person or Packhorse itself.
func (w *writer) app(handle string) *ref {
	id := w.Apps[handle]
	if id == 0 {
		return nil
	}
	return &ref{w.gid("App", id)}
}

func (w *writer) lines(quantities []fulfillment.Quantity) []lineQuantity {
	lines := make([]lineQuantity, len(quantities))
	for i, q := range quantities {
		lines[i] = lineQuantity{w.gid("FulfillmentOrderLineItem", q.ID), q.Quantity}
	}
	return lines
}

func fulfillmentOrderBody(w *writer) any {
	return struct {
		FulfillmentOrder fulfillmentOrderState `json:"fulfillment_order"`
	}{w.state()}
}

func rescheduledBody(w *writer) any {
	type fulfillmentOrder struct {
		fulfillmentOrderState
		FulfillAt *string `json:"fulfill_at"`
	}
	return struct {
		FulfillmentOrder fulfillmentOrder `json:"fulfillment_order"`
	}{fulfillmentOrder{w.state(), w.optionalTime(w.details.FulfillAt)}}
}

func deadlineBody(w *writer) any {
	type fulfillmentOrder struct {
		fulfillmentOrderState
		FulfillBy *string `json:"fulfill_by"`
	}
	return struct {
		FulfillmentOrder fulfillmentOrder `json:"fulfillment_order"`
	}{fulfillmentOrder{w.state(), w.optionalTime(w.details.FulfillBy)}}
}

// requestBody is of a request: what was asked for stays where it is, and the rest, if there is one, is elsewhere.
func requestBody(w *writer) any {
	b := struct {
		Original    fulfillmentOrderRequest  `json:"original_fulfillment_order"`
		Submitted   fulfillmentOrderRequest  `json:"submitted_fulfillment_order"`
		Unsubmitted *fulfillmentOrderRequest `json:"unsubmitted_fulfillment_order,omitempty"`
		Request     *merchantRequest         `json:"fulfillment_order_merchant_request"`
	}{Original: w.request(), Submitted: w.request(), Request: w.merchantRequest()}
	if rest := w.sibling(); rest != nil {
		b.Unsubmitted = &fulfillmentOrderRequest{rest.ID, rest.Status, word(w.details.Sibling.RequestStatus)}
	}
	return b
}

func answerBody(w *writer) any {
	return struct {
		FulfillmentOrder fulfillmentOrderRequest `json:"fulfillment_order"`
		Message          *string                 `json:"message"`
	}{w.request(), optional(w.details.Message)}
}

func cancellationBody(w *writer) any {
	return struct {
		FulfillmentOrder fulfillmentOrderRequest `json:"fulfillment_order"`
		Request          *merchantRequest        `json:"fulfillment_order_merchant_request"`
	}{w.request(), w.merchantRequest()}
}

// cancelledBody says "cancelled", which receivers look for; the fulfillment order is closed.
func cancelledBody(w *writer) any {
	return struct {
		FulfillmentOrder fulfillmentOrderState  `json:"fulfillment_order"`
		Replacement      *fulfillmentOrderState `json:"replacement_fulfillment_order"`
	}{fulfillmentOrderState{w.id(), word(fulfillment.StatusCancelled)}, w.sibling()}
}

func failedBody(w *writer) any {
	return struct {
		FulfillmentOrder fulfillmentOrderState `json:"fulfillment_order"`
		Message          *string               `json:"message"`
	}{w.state(), optional(w.details.Message)}
}

type movedFulfillmentOrder struct {
	fulfillmentOrderState
	AssignedLocationID string `json:"assigned_location_id"`
}

type movedLines struct {
	Original    movedFulfillmentOrder `json:"original_fulfillment_order"`
	Moved       movedFulfillmentOrder `json:"moved_fulfillment_order"`
	Destination string                `json:"destination_location_id"`
	Requested   []lineQuantity        `json:"fulfillment_order_line_items_requested"`
	Source      ref                   `json:"source_location"`
}

// movedBody is of a move. What moves whole keeps its number: then both are the same.
func movedBody(w *writer) any {
	d := w.details
	original := movedFulfillmentOrder{w.state(), w.gid("Location", w.after.LocationID)}
	b := movedLines{
		Original: original, Moved: original, Destination: w.gid("Location", d.To.LocationID),
		Requested: w.lines(orAll(d.Requested, d.Lines)), Source: ref{w.gid("Location", d.From.LocationID)},
	}
	if part := w.sibling(); part != nil {
		b.Moved = movedFulfillmentOrder{*part, w.gid("Location", d.Sibling.LocationID)}
	}
	return b
}

// orAll are the units that a command named, or, when it named none, those that it was about.
func orAll(requested, all []fulfillment.Quantity) []fulfillment.Quantity {
	if len(requested) > 0 {
		return requested
	}
	return all
}

type splitLines struct {
	Lines       []lineQuantity         `json:"split_line_items"`
	Original    fulfillmentOrderState  `json:"fulfillment_order"`
	Remaining   *fulfillmentOrderState `json:"remaining_fulfillment_order"`
	Replacement *fulfillmentOrderState `json:"replacement_fulfillment_order"` // null: it could be split as it was
}

func splitBody(w *writer) any {
	lines := orAll(w.details.Requested, w.details.Lines)
	return splitLines{Lines: w.lines(lines), Original: w.state(), Remaining: w.sibling()}
}

// mergedUnits are in the world of numbers, and what they became is in that of global IDs, as in the source.
type mergedUnits struct {
	Intents []mergeIntent `json:"merge_intents"`
	Merges  struct {
		FulfillmentOrder fulfillmentOrderState `json:"fulfillment_order"`
	} `json:"fulfillment_order_merges"`
	truncated
}

type mergeIntent struct {
	ID    digits         `json:"fulfillment_order_id"`
	Lines []numberedLine `json:"fulfillment_order_line_items"`
}

type numberedLine struct {
	ID       digits `json:"id"`
	Quantity int    `json:"quantity"`
}

func mergedBody(w *writer) any {
	b := mergedUnits{Intents: []mergeIntent{}}
	b.Merges.FulfillmentOrder = w.state()
	intents := w.details.Intents
	if len(intents) == 0 { // Before that was noted, each one that went was told of.
		intents = []fulfillment.MergeIntent{
			{FulfillmentOrderID: w.event.FulfillmentOrderID},
			{FulfillmentOrderID: w.details.SourceID, Lines: w.details.SourceLines},
		}
	}
	for _, intent := range intents {
		lines := make([]numberedLine, len(intent.Lines))
		for i, q := range intent.Lines {
			lines[i] = numberedLine{digits(q.ID), q.Quantity}
		}
		b.Intents = append(b.Intents, mergeIntent{digits(intent.FulfillmentOrderID), lines})
	}
	return b
}

func (b mergedUnits) cut(lines int) any {
	b.Intents, b.Truncated = slices.Clone(b.Intents), true
	for i := range b.Intents {
		b.Intents[i].Lines = firstOf(b.Intents[i].Lines, lines)
	}
	return b
}

// progressBody names the app that reported. Who uses an app is not known here.
func progressBody(w *writer) any {
	type report struct {
		ReasonNotes *string `json:"reason_notes"`
		ByApp       *ref    `json:"progress_reported_by_app"`
		ByUser      *ref    `json:"progress_reported_by_user"`
	}
	return struct {
		FulfillmentOrder fulfillmentOrderState `json:"fulfillment_order"`
		Report           report                `json:"progress_report"`
		InitialStatus    string                `json:"initial_status"`
	}{
		w.state(), report{ReasonNotes: optional(w.details.Message), ByApp: w.app(w.event.Actor.App)},
		word(cmp.Or(w.before.Status, w.after.Status)),
	}
}

func progressStoppedBody(w *writer) any {
	return struct {
		FulfillmentOrder fulfillmentOrderState `json:"fulfillment_order"`
		ByApp            *ref                  `json:"progress_stopped_by_app"`
		ByUser           *ref                  `json:"progress_stopped_by_user"`
	}{FulfillmentOrder: w.state(), ByApp: w.app(w.event.Actor.App)}
}

// preparedBody is of units that stand ready: what goes this way to the customer is preparable.
func preparedBody(method fulfillment.DeliveryMethodType) func(*writer) any {
	type deliveryMethod struct {
		MethodType string `json:"method_type"`
	}
	type fulfillmentOrder struct {
		fulfillmentOrderState
		Preparable     bool           `json:"preparable"`
		DeliveryMethod deliveryMethod `json:"delivery_method"`
	}
	return func(w *writer) any {
		return struct {
			FulfillmentOrder fulfillmentOrder `json:"fulfillment_order"`
		}{fulfillmentOrder{w.state(), true, deliveryMethod{word(method)}}}
	}
}
