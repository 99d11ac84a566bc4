package returns

import (
	"fmt"
	"math"
	"time"

	"packhorse/internal/fulfillment"
)

// Request asks for a return: nothing comes back before somebody has approved it.
type Request struct {
	fulfillment.Meta
	Opened
}

// Create makes an open return at once, as who runs the shop may.
type Create struct {
	fulfillment.Meta
	Opened
	Expected
	ExchangeLines []NewExchangeLine `json:"exchangeLineItems,omitempty"`
	// ExchangeAtOnce makes order lines of the exchange lines with the return, not as they are processed.
	ExchangeAtOnce bool `json:"exchangeAtOnce,omitempty"`

	RequestedAt *time.Time `json:"requestedAt,omitempty"` // when the customer asked for it
	Notify      bool       `json:"notifyCustomer,omitempty"`
}

// Opened is what a return begins with.
type Opened struct {
	OrderID     fulfillment.ID `json:"orderId"`
	Lines       []NewLine      `json:"returnLineItems"`
	ShippingFee *ShippingFee   `json:"returnShippingFee,omitempty"`
	RMANumber   string         `json:"rmaNumber,omitempty"` // default: the return's name
	// LocationID and ServiceID are where it comes back to; default: where the first of its lines was shipped from.
	LocationID fulfillment.ID `json:"locationId,omitempty"`
	ServiceID  fulfillment.ID `json:"serviceId,omitempty"`
}

// NewLine is units of a line of a shipment that are to come back.
type NewLine struct {
	FulfillmentLineID fulfillment.ID `json:"fulfillmentLineItemId"`
	Quantity          int            `json:"quantity"`
	Reason            Reason         `json:"returnReason,omitempty"`
	DefinitionID      fulfillment.ID `json:"returnReasonDefinitionId,omitempty"`
	ReasonNote        string         `json:"returnReasonNote,omitempty"` // of Create
	CustomerNote      string         `json:"customerNote,omitempty"`     // of Request
	RestockingFee     *RestockingFee `json:"restockingFee,omitempty"`
}

// RestockingFee is what is kept of a line's price.
type RestockingFee struct {
	Percentage string `json:"percentage"` // decimal text from 0 to 100
}

// NewExchangeLine is units that the customer is to get for what comes back.
type NewExchangeLine struct {
	Title     string `json:"title"`
	SKU       string `json:"sku,omitempty"`
	UnitPrice string `json:"unitPrice,omitempty"` // exact decimal text, in the order's currency
	Quantity  int    `json:"quantity"`
}

// IDFor is the ID of the return that a command with this idempotency key makes of an order: it is to be the first ID of
// the command. So the same, sent again, is about the same return, whoever sends it.
func IDFor(order fulfillment.ID, key string) fulfillment.ID {
	id := fulfillment.DerivedID("return", order.String()+"\x00"+key)
	if id > math.MaxInt64-2*fulfillment.IDBlock { // It is to have room for its block.
		id -= 2 * fulfillment.IDBlock
	}
	return id
}

// The arguments of the Admin API that have what a return begins with.
const (
	requestInput = "input"
	createInput  = "returnInput"
)

// Verb is Request.
func (*Request) Verb() Verb { return VerbRequest }

// Verb is Create.
func (*Create) Verb() Verb { return VerbCreate }

func (*Request) target() []string { return []string{requestInput, "orderId"} }
func (*Create) target() []string  { return []string{createInput, "orderId"} }

func (cmd *Request) opening() *Opened { return &cmd.Opened }
func (cmd *Create) opening() *Opened  { return &cmd.Opened }

func (*Request) may(*Return) *fulfillment.Error { return nil }
func (*Create) may(*Return) *fulfillment.Error  { return nil }

// begin makes the return that a command opens.
func (c *change) begin(cmd Opening) *fulfillment.Error {
	in, root := cmd.opening(), cmd.target()[0]
	if in.OrderID <= 0 || c.facts.Order == nil || c.facts.Order.ID != in.OrderID {
		return OrderNotFound(cmd)
	}
	lines := at(root, "returnLineItems")
	if len(in.Lines) == 0 {
		return refusal(CodeBlank, lines, "Return line items can't be blank")
	}
	if refused := tooMany(len(in.Lines), lines); refused != nil {
		return refused
	}
	c.r.ID = c.ids.Next()
	c.r.OrderID, c.r.OrderName = in.OrderID, c.facts.Order.Name
	c.r.Name = fmt.Sprintf("%s-R%d", c.r.OrderName, 1+max(c.facts.Earlier, len(c.facts.Returns)))
	c.r.RMANumber, c.r.Status, c.r.CreatedAt = in.RMANumber, StatusRequested, c.now
	if c.r.RMANumber == "" {
		c.r.RMANumber = c.r.Name
	}
	var wrong problems
	wrong.add(tooLong(in.RMANumber, maxText, at(root, "rmaNumber")))
	c.takeLines(in.Lines, cmd.Verb() == VerbCreate, lines, &wrong)
	wrong.add(c.takeFee(in.ShippingFee, at(root, "returnShippingFee", "amount")))
	if refused := wrong.refused(); refused != nil {
		return refused
	}
	c.r.Destination = c.destination(in)
	return cmd.apply(c)
}

// takeLines makes the return's lines of what the command names. What one line takes, the next one can't.
func (c *change) takeLines(lines []NewLine, creates bool, field []string, wrong *problems) {
	shipped := map[fulfillment.ID]ReturnableLine{}
	from := map[fulfillment.ID]fulfillment.ID{}
	for i := range c.facts.Shipments {
		for _, l := range c.facts.Shipments[i].Lines { // Also those of which nothing is left: they are known.
			if c.facts.Shipments[i].Status == fulfillment.FulfillmentSuccess {
				shipped[l.ID], from[l.ID] = ReturnableLine{FulfillmentLine: l}, c.facts.Shipments[i].ID
			}
		}
	}
	for _, f := range Returnable(c.facts.Shipments, c.facts.Returns) {
		for _, l := range f.Lines {
			shipped[l.ID] = l
		}
	}
	skus := map[fulfillment.ID]string{}
	for _, l := range c.facts.Order.LineItems {
		skus[l.ID] = l.SKU
	}
	for i, in := range lines {
		here := at(field, i)
		of, known := shipped[in.FulfillmentLineID]
		switch {
		case !known:
			wrong.add(refusal(CodeNotFound, at(here, "fulfillmentLineItemId"), "Fulfillment Line Item was not found."))
			continue
		case in.Quantity <= 0 || in.Quantity > of.Left:
			wrong.add(refusal(CodeInvalid, at(here, "quantity"), invalidQuantity))
			continue
		}
		line := Line{
			FulfillmentLineID: of.ID, FulfillmentID: from[of.ID], LineItemID: of.LineItemID, SKU: skus[of.LineItemID],
			Quantity: in.Quantity,
		}
		if refused := line.explain(in, creates, here); refused != nil {
			wrong.add(refused)
			continue
		}
		of.Left -= in.Quantity
		shipped[of.ID] = of
		line.ID = c.ids.Next()
		c.r.Lines = append(c.r.Lines, line)
	}
}

// explain notes why the units come back, and what is kept of their price.
func (l *Line) explain(in NewLine, creates bool, field []string) *fulfillment.Error {
	definition, known := DefinitionOf(in.DefinitionID)
	switch {
	case in.DefinitionID != 0 && !known:
		return refusal(
			CodeNotFound, at(field, "returnReasonDefinitionId"), "Return reason definition was not found.",
		)
	case known: // It says more than the enum.
		l.Reason, l.DefinitionID = definition.Reason, definition.ID
	case in.Reason != "":
		if definition, known = DefinitionFor(in.Reason); !known {
			return unknownWord(at(field, "returnReason"), "a return reason", in.Reason, Reasons)
		}
		l.Reason, l.DefinitionID = in.Reason, definition.ID
		if creates && in.Reason == ReasonOther && in.ReasonNote == "" {
			return refusal(
				CodeBlank, at(field, "returnReasonNote"),
				`Return line items return reason note The note is required when the return reason is "Other"`,
			)
		}
	case creates:
		return refusal(
			CodeNotFound, field, "Return line items Either return reason or return reason definition must be provided",
		)
	default:
		return refusal(CodeBlank, at(field, "returnReason"), "Return reason can't be blank")
	}
	if refused := tooLong(in.ReasonNote, maxReasonNote, at(field, "returnReasonNote")); refused != nil {
		return refused
	}
	if refused := tooLong(in.CustomerNote, maxCustomerNote, at(field, "customerNote")); refused != nil {
		return refused
	}
	l.ReasonNote, l.CustomerNote = in.ReasonNote, in.CustomerNote
	if in.RestockingFee == nil {
		return nil
	}
	fee, ok := percentage(in.RestockingFee.Percentage)
	if !ok {
		return refusal(
			CodeInvalid, at(field, "restockingFee", "percentage"), "Restocking fee percentage must be from 0 to 100.",
		)
	}
	l.RestockingFee = fee
	return nil
}

// takeFee notes what the customer pays for the way back.
func (c *change) takeFee(fee *ShippingFee, field []string) *fulfillment.Error {
	if fee == nil {
		return nil
	}
	if !fulfillment.IsDecimal(fee.Amount) {
		return refusal(
			CodeInvalid, field, "Return shipping fee must be exact decimal text that is not negative, such as 4.90.",
		)
	}
	if of := c.facts.Order.CurrencyCode; of != "" && fee.CurrencyCode != of {
		return refusal(CodeInvalid, field, "Return shipping fee must be in the order's currency, %s.", of)
	}
	if problem := fulfillment.CurrencyProblem(fee.CurrencyCode); problem != "" {
		return refusal(CodeInvalid, field, "The currency of the return shipping fee %s.", problem)
	}
	c.r.ShippingFee = &ShippingFee{ID: c.ids.Next(), Amount: fee.Amount, CurrencyCode: fee.CurrencyCode}
	return nil
}

// destination is where the return comes to.
func (c *change) destination(in *Opened) Destination {
	to := Destination{LocationID: in.LocationID, ServiceID: in.ServiceID}
	if to.LocationID != 0 {
		return to
	}
	for i := range c.facts.Shipments {
		if f := &c.facts.Shipments[i]; f.ID == c.r.Lines[0].FulfillmentID {
			return Destination{LocationID: f.LocationID, ServiceID: f.ServiceID}
		}
	}
	return to
}

func (*Request) apply(c *change) *fulfillment.Error {
	c.transition(KindRequested, "A return was asked for.", &Details{
		Lines: c.r.quantities(), Made: c.r.made(),
	}, TopicRequest)
	return nil
}

func (cmd *Create) apply(c *change) *fulfillment.Error {
	if refused := c.takeExchange(cmd.ExchangeLines, at(createInput, "exchangeLineItems")); refused != nil {
		return refused
	}
	if refused := c.expect(cmd.Expected, createInput); refused != nil {
		return refused
	}
	if at := cmd.RequestedAt; at != nil {
		if at.After(c.now) || at.UTC().Year() < firstYear {
			return refusal(CodeInvalid, []string{createInput, "requestedAt"}, "Requested at must be in the past.")
		}
		c.r.CreatedAt = at.UTC()
	}
	c.open()
	details := &Details{Lines: c.r.quantities(), ExpectedBy: c.r.ExpectedBy, Notify: cmd.Notify}
	if cmd.ExchangeAtOnce {
		for i := range c.r.ExchangeLines {
			l := &c.r.ExchangeLines[i]
			details.ExchangeLines = append(details.ExchangeLines, Quantity{ID: l.ID, Quantity: l.Quantity})
			c.send(l, l.Quantity)
		}
	}
	details.Made = c.r.made()
	c.transition(KindCreated, "A return was made.", details, TopicApprove)
	return nil
}

// open makes the work of the return's lines.
func (c *change) open() {
	c.r.Status = StatusOpen
	w := Work{ID: c.ids.Next(), Status: WorkOpen, Destination: c.r.Destination}
	for _, l := range c.r.Lines {
		w.Lines = append(w.Lines, WorkLine{ID: c.ids.Next(), ReturnLineID: l.ID, Total: l.Quantity})
	}
	c.r.Work = []Work{w}
}

// takeExchange notes what the customer gets for what comes back.
func (c *change) takeExchange(lines []NewExchangeLine, field []string) *fulfillment.Error {
	if refused := tooMany(len(lines), field); refused != nil {
		return refused
	}
	var wrong problems
	checkExchange(lines, field, &wrong)
	for _, l := range lines {
		c.r.ExchangeLines = append(c.r.ExchangeLines, ExchangeLine{
			ID: c.ids.Next(), Title: l.Title, SKU: l.SKU, UnitPrice: l.UnitPrice, Quantity: l.Quantity,
		})
	}
	return wrong.refused()
}

// checkExchange refuses lines that no order could have.
func checkExchange(lines []NewExchangeLine, field []string, wrong *problems) {
	for i, l := range lines {
		here := at(field, i)
		if l.Title == "" && l.SKU == "" {
			wrong.add(refusal(CodeBlank, at(here, "title"), "Exchange line item needs a title or an SKU."))
		}
		if l.Quantity <= 0 || l.Quantity > fulfillment.MaxLineQuantity {
			wrong.add(refusal(
				CodeInvalid, at(here, "quantity"), "Quantity must be from 1 to %d.", fulfillment.MaxLineQuantity,
			))
		}
		if l.UnitPrice != "" && !fulfillment.IsDecimal(l.UnitPrice) {
			wrong.add(refusal(
				CodeInvalid, at(here, "unitPrice"), `Unit price must be exact decimal text, such as "12.50".`,
			))
		}
		wrong.add(tooLong(l.Title, maxText, at(here, "title")))
		wrong.add(tooLong(l.SKU, maxSKU, at(here, "sku")))
	}
}

// quantities is all units by return line ID.
func (r *Return) quantities() []Quantity {
	list := make([]Quantity, len(r.Lines))
	for i, l := range r.Lines {
		list[i] = Quantity{ID: l.ID, Quantity: l.Quantity}
	}
	return list
}
