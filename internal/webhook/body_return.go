package webhook

import (
	"cmp"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// numbered is something by its number, with its global ID.
type numbered struct {
	ID  digits `json:"id"`
	GID string `json:"admin_graphql_api_id"`
}

func (w *writer) numbered(typeName string, id fulfillment.ID) numbered {
	return numbered{digits(id), w.gid(typeName, id)}
}

// optionalNumbered is nil for no ID.
func (w *writer) optionalNumbered(typeName string, id fulfillment.ID) *numbered {
	if id == 0 {
		return nil
	}
	return new(w.numbered(typeName, id))
}

func (w *writer) theReturn() numbered { return w.numbered("Return", w.event.ReturnID) }

func (w *writer) itsOrder() numbered { return w.numbered("Order", w.event.OrderID) }

// madeReturn is a return that was asked for, or that comes back now: as it was then.
type madeReturn struct {
	numbered
	Status             string             `json:"status"`
	Order              numbered           `json:"order"`
	TotalLines         int                `json:"total_return_line_items"`
	Name               string             `json:"name"`
	Lines              []returnLine       `json:"return_line_items"`
	ShippingFees       []returnFee        `json:"return_shipping_fees"`
	ExchangeLines      []exchangeLineItem `json:"exchange_line_items"`
	TotalExchangeLines int                `json:"total_exchange_line_items"`
	truncated
}

// returnLine is units of a line of a shipment that come back.
type returnLine struct {
	numbered
	FulfillmentLine fulfillmentLine `json:"fulfillment_line_item"`
	Quantity        int             `json:"quantity"`
	Reason          string          `json:"return_reason"`
	ReasonNote      string          `json:"return_reason_note"`
	CustomerNote    *string         `json:"customer_note"`
}

type fulfillmentLine struct {
	numbered
	LineItem numbered `json:"line_item"`
}

type returnFee struct {
	numbered
	Price moneySet `json:"price"`
}

// exchangeLineItem is what the customer gets for it; LineItem is nil until it goes out.
type exchangeLineItem struct {
	numbered
	LineItem *numbered `json:"line_item"`
}

func madeReturnBody(w *writer) any {
	told := w.returnDetails.Made
	b := madeReturn{
		numbered: w.theReturn(), Status: word(w.returned.Status), Order: w.itsOrder(), Name: told.Name,
		TotalLines: len(told.Lines), TotalExchangeLines: len(told.ExchangeLines),
		Lines: make([]returnLine, len(told.Lines)), ShippingFees: []returnFee{},
		ExchangeLines: make([]exchangeLineItem, len(told.ExchangeLines)),
	}
	for i, l := range told.Lines {
		b.Lines[i] = returnLine{
			numbered: w.numbered("ReturnLineItem", l.ID),
			FulfillmentLine: fulfillmentLine{
				w.numbered("FulfillmentLineItem", l.FulfillmentLineID), w.numbered("LineItem", l.LineItemID),
			},
			Quantity: l.Quantity, Reason: word(l.Reason), ReasonNote: l.ReasonNote,
			CustomerNote: optional(l.CustomerNote),
		}
	}
	if fee := told.ShippingFee; fee != nil {
		price := money{amount(fee.Amount), cmp.Or(fee.CurrencyCode, w.CurrencyCode)}
		b.ShippingFees = append(
			b.ShippingFees, returnFee{w.numbered("ReturnShippingFee", fee.ID), moneySet{price, price}},
		)
	}
	for i, l := range told.ExchangeLines {
		b.ExchangeLines[i] = exchangeLineItem{
			w.numbered("ExchangeLineItem", l.ID), w.optionalNumbered("LineItem", l.LineItemID),
		}
	}
	return b
}

func (b madeReturn) cut(lines int) any {
	b.Lines, b.ExchangeLines = firstOf(b.Lines, lines), firstOf(b.ExchangeLines, lines)
	b.Truncated = true
	return b
}

func declinedReturnBody(w *writer) any {
	type decline struct {
		Reason string  `json:"reason"`
		Note   *string `json:"note"`
	}
	d := w.returnDetails.Decline
	return struct {
		numbered
		Status  string   `json:"status"`
		Order   numbered `json:"order"`
		Decline decline  `json:"decline"`
	}{w.theReturn(), word(w.returned.Status), w.itsOrder(), decline{word(d.Reason), optional(d.Note)}}
}

// returnState is a return of which only the status changed.
type returnState struct {
	numbered
	OrderID digits `json:"order_id"`
	Status  string `json:"status"`
}

func (w *writer) returnState() returnState {
	return returnState{w.theReturn(), digits(w.event.OrderID), word(w.returned.Status)}
}

func returnStateBody(w *writer) any { return w.returnState() }

// expectedReturnBody is of a return that should be back soon, or by now.
func expectedReturnBody(w *writer) any {
	return struct {
		returnState
		ExpectedBy  *string      `json:"expected_by"`
		Outstanding []lineNumber `json:"outstanding_return_line_items"`
	}{
		w.returnState(), w.optionalTime(w.returnDetails.ExpectedBy),
		w.lineNumbers("ReturnLineItem", w.returnDetails.Lines),
	}
}

// lineNumber is units of a line.
type lineNumber struct {
	numbered
	Quantity int `json:"quantity"`
}

func (w *writer) lineNumbers(typeName string, quantities []fulfillment.Quantity) []lineNumber {
	list := make([]lineNumber, len(quantities))
	for i, q := range quantities {
		list[i] = lineNumber{w.numbered(typeName, q.ID), q.Quantity}
	}
	return list
}

// processedReturnBody is of units that were inspected, and of those that go out for them.
func processedReturnBody(w *writer) any {
	return struct {
		numbered
		Status        string       `json:"status"`
		Order         numbered     `json:"order"`
		Lines         []lineNumber `json:"return_line_items"`
		ExchangeLines []lineNumber `json:"exchange_line_items"`
	}{
		w.theReturn(), word(w.returned.Status), w.itsOrder(), w.lineNumbers("ReturnLineItem", w.returnDetails.Lines),
		w.lineNumbers("ExchangeLineItem", w.returnDetails.ExchangeLines),
	}
}

// updatedReturnBody is of units that do not come back after all. Fees of lines have no numbers, and that of the way
// back never changes.
func updatedReturnBody(w *writer) any {
	type removal struct {
		GID   string `json:"admin_graphql_api_id"`
		Delta int    `json:"delta"`
	}
	type removals struct {
		Removals []removal `json:"removals"`
	}
	type fees struct {
		Updates  []none `json:"updates"`
		Removals []none `json:"removals"`
	}
	b := struct {
		GID          string   `json:"admin_graphql_api_id"`
		Lines        removals `json:"return_line_items"`
		Restocking   fees     `json:"restocking_fees"`
		ShippingFees fees     `json:"return_shipping_fees"`
	}{
		w.theReturn().GID, removals{[]removal{}}, fees{[]none{}, []none{}}, fees{[]none{}, []none{}},
	}
	for _, q := range w.returnDetails.Lines {
		b.Lines.Removals = append(b.Lines.Removals, removal{w.gid("ReturnLineItem", q.ID), q.Quantity})
	}
	return b
}

// parcelBody is of a parcel that comes back, with its tracking and label as they are from now on.
func parcelBody(w *writer) any {
	type tracking struct {
		Carrier *string `json:"carrier_name"`
		Number  *string `json:"tracking_number"`
		URL     *string `json:"tracking_url"`
	}
	type label struct {
		FileURL   *string `json:"public_file_url"`
		CreatedAt *string `json:"created_at"`
	}
	type deliverable struct {
		Tracking tracking `json:"tracking"`
		Label    label    `json:"label"`
	}
	d := w.returnDetails.Delivery
	b := struct {
		numbered
		Return      numbered    `json:"return"`
		Deliverable deliverable `json:"shipping_deliverable"`
	}{numbered: w.numbered("ReverseDelivery", d.ID), Return: w.theReturn()}
	if t := d.Tracking; t != nil {
		b.Deliverable.Tracking = tracking{optional(t.CarrierName), optional(t.Number), optional(t.URL)}
	}
	if l := d.Label; l != nil {
		b.Deliverable.Label = label{optional(l.FileURL), w.optionalTime(&l.CreatedAt)}
	}
	return b
}

// disposed is what became of units that came back.
type disposed struct {
	numbered
	Dispositions []disposition `json:"dispositions"`
	Total        int           `json:"total_dispositions"`
	truncated
}

type disposition struct {
	WorkLine     numbered  `json:"reverse_fulfillment_order_line_item"`
	DeliveryLine *numbered `json:"reverse_delivery_line_item"`
	Type         string    `json:"type"`
	Location     *numbered `json:"location"`
	Quantity     int       `json:"quantity"`
}

func disposedBody(w *writer) any {
	d := w.returnDetails
	b := disposed{
		numbered:     w.numbered("ReverseFulfillmentOrder", d.WorkID),
		Dispositions: make([]disposition, len(d.Dispositions)), Total: len(d.Dispositions),
	}
	for i, one := range d.Dispositions {
		b.Dispositions[i] = disposition{
			WorkLine: w.numbered("ReverseFulfillmentOrderLineItem", one.WorkLineID), Type: word(one.Type),
			Location: w.optionalNumbered("Location", one.LocationID), Quantity: one.Quantity,
		}
	}
	return b
}

func (b disposed) cut(lines int) any {
	b.Dispositions, b.Truncated = firstOf(b.Dispositions, lines), true
	return b
}

// lacksOfReturn is what the details of a return's event don't have that its body can't be without; empty: nothing.
func lacksOfReturn(topic string, d *returns.Details) string {
	switch {
	case (topic == returns.TopicRequest || topic == returns.TopicApprove) && d.Made == nil:
		return "return"
	case topic == returns.TopicDecline && d.Decline == nil:
		return "reason to decline"
	case topic == returns.TopicAttach && d.Delivery == nil:
		return "parcel"
	case topic == returns.TopicDispose && d.WorkID == 0:
		return "reverse fulfillment order"
	}
	return ""
}
