package returns

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/fulfillment"
)

// Claim is a customer's complaint about goods that were sent: they are replaced, or refunded by another system, with or
// without coming back. It is a record of the order; what it shows follows from its parts.
type Claim struct {
	ID           fulfillment.ID `json:"id"`
	OrderID      fulfillment.ID `json:"orderId"`
	Name         string         `json:"name"` // "#1001-C1"
	Type         ClaimType      `json:"type"`
	Lines        []ClaimLine    `json:"claimLineItems"`
	Replacement  []Outbound     `json:"lineItems,omitempty"`    // of REPLACE
	RefundAmount string         `json:"refundAmount,omitempty"` // of REFUND: decimal text; another system pays it
	ReturnID     fulfillment.ID `json:"returnId,omitempty"`     // 0: the goods do not come back
	Send         SendWhen       `json:"send,omitempty"`         // of REPLACE
	CreatedAt    time.Time      `json:"createdAt"`
	CanceledAt   *time.Time     `json:"canceledAt,omitempty"`
}

// ClaimType says what the customer gets.
type ClaimType string

// The claim types.
const (
	ClaimReplace ClaimType = "REPLACE"
	ClaimRefund  ClaimType = "REFUND"
)

// ClaimReason says what was wrong with the goods, as in Medusa.
type ClaimReason string

// The claim reasons.
const (
	ClaimMissingItem       ClaimReason = "MISSING_ITEM"
	ClaimWrongItem         ClaimReason = "WRONG_ITEM"
	ClaimProductionFailure ClaimReason = "PRODUCTION_FAILURE"
	ClaimOther             ClaimReason = "OTHER"
)

// ClaimReasons lists every ClaimReason.
var ClaimReasons = []ClaimReason{ClaimMissingItem, ClaimWrongItem, ClaimProductionFailure, ClaimOther}

// ClaimLine is units of a line of a shipment that are complained about.
type ClaimLine struct {
	FulfillmentLineID fulfillment.ID `json:"fulfillmentLineItemId"`
	Quantity          int            `json:"quantity"`
	Reason            ClaimReason    `json:"reason"`
	Note              string         `json:"note,omitempty"`
	Images            []string       `json:"images,omitempty"` // web addresses
}

// maxImages is how many images a claim's line may have.
const maxImages = 20

// ClaimStatus is Medusa's fulfillment status of a claim.
type ClaimStatus string

// The statuses of a claim: the seven of Medusa's documents, and the two that its code has beside them.
const (
	ClaimNotFulfilled       ClaimStatus = "not_fulfilled"
	ClaimPartiallyFulfilled ClaimStatus = "partially_fulfilled" // a part is packed, and the rest is being worked on
	ClaimFulfilled          ClaimStatus = "fulfilled"           // packed, not sent
	ClaimPartiallyShipped   ClaimStatus = "partially_shipped"
	ClaimShipped            ClaimStatus = "shipped"
	ClaimPartiallyReturned  ClaimStatus = "partially_returned"
	ClaimReturned           ClaimStatus = "returned"
	ClaimCanceled           ClaimStatus = "canceled"
	ClaimRequiresAction     ClaimStatus = "requires_action"
)

// ClaimStatuses lists every ClaimStatus in the order of a life.
var ClaimStatuses = []ClaimStatus{ClaimNotFulfilled, ClaimPartiallyFulfilled, ClaimFulfilled, ClaimPartiallyShipped,
	ClaimShipped, ClaimPartiallyReturned, ClaimReturned, ClaimCanceled, ClaimRequiresAction}

// NewClaim is what a claim is made of.
type NewClaim struct {
	Type         ClaimType         `json:"type"`
	Lines        []ClaimLine       `json:"claimLineItems"`
	Replacement  []NewExchangeLine `json:"exchangeLineItems,omitempty"`
	RefundAmount string            `json:"refundAmount,omitempty"` // default, of REFUND: what the goods have cost
	Return       bool              `json:"return,omitempty"`       // the goods come back
	Send         SendWhen          `json:"send,omitempty"`         // default AT_ONCE
}

// Check refuses what is no claim. Facts are those of a command that begins a return: what is complained about was
// shipped. It may be in a return already: only units that are to come back by the claim have to be free for that.
func (in *NewClaim) Check(facts Facts) *fulfillment.Error {
	var wrong problems
	switch {
	case in.Type != ClaimReplace && in.Type != ClaimRefund:
		return refusal(CodeInvalid, at("type"), `Claim type must be one of "refund" or "replace".`)
	case len(in.Lines) == 0:
		return refusal(CodeBlank, at("claimLineItems"), "Order claim request should have at least 1 item")
	case in.Type == ClaimReplace && len(in.Replacement) == 0:
		return refusal(
			CodeBlank, at("exchangeLineItems"), `Claims with type "replace" must have at least one additional item.`,
		)
	case in.Type == ClaimReplace && in.RefundAmount != "":
		return refusal(
			CodeInvalid, at("refundAmount"),
			`Claim has type "replace" but must be type "refund" to have a refund amount.`,
		)
	case in.Type == ClaimRefund && len(in.Replacement) > 0:
		return refusal(
			CodeInvalid, at("exchangeLineItems"),
			`Claim has type "refund" but must be type "replace" to have additional items.`,
		)
	}
	if in.RefundAmount != "" && !fulfillment.IsDecimal(in.RefundAmount) {
		wrong.add(refusal(
			CodeInvalid, at("refundAmount"), `Refund amount must be exact decimal text, such as "12.50".`,
		))
	}
	if in.Send == "" {
		in.Send = SendAtOnce
	}
	wrong.add(checkSend(&in.Send))
	wrong.add(tooMany(max(len(in.Lines), len(in.Replacement)), at("claimLineItems")))
	if len(wrong) == 0 {
		in.checkLines(facts, &wrong)
		checkExchange(in.Replacement, at("exchangeLineItems"), &wrong)
	}
	return wrong.refused()
}

func (in *NewClaim) checkLines(facts Facts, wrong *problems) {
	left := map[fulfillment.ID]int{}
	for i := range facts.Shipments {
		if facts.Shipments[i].Status != fulfillment.FulfillmentSuccess {
			continue
		}
		for _, l := range facts.Shipments[i].Lines {
			left[l.ID] = l.Quantity
		}
	}
	for i, l := range in.Lines {
		here := at("claimLineItems", i)
		n, known := left[l.FulfillmentLineID]
		switch {
		case !known:
			wrong.add(refusal(CodeNotFound, at(here, "fulfillmentLineItemId"), "Fulfillment Line Item was not found."))
			continue
		case l.Quantity <= 0 || l.Quantity > n:
			wrong.add(refusal(CodeInvalid, at(here, "quantity"), "Claim line item has an invalid quantity."))
			continue
		case !slices.Contains(ClaimReasons, l.Reason):
			wrong.add(unknownWord(at(here, "reason"), "a claim reason", l.Reason, ClaimReasons))
			continue
		}
		left[l.FulfillmentLineID] -= l.Quantity
		wrong.add(tooLong(l.Note, maxNote, at(here, "note")))
		if len(l.Images) > maxImages {
			wrong.add(refusal(CodeInvalid, at(here, "images"), "There may be up to %d images.", maxImages))
			continue
		}
		for n, image := range l.Images {
			wrong.add(fulfillment.CheckWebAddress(image, at(here, "images", strconv.Itoa(n))...))
		}
	}
}

// returnReasons are what a claim's reasons are called in a return.
var returnReasons = map[ClaimReason]Reason{
	ClaimMissingItem: "NOT_AS_DESCRIBED", ClaimWrongItem: "WRONG_ITEM", ClaimProductionFailure: "DEFECTIVE",
	ClaimOther: ReasonUnknown,
}

// Create is the command that makes the claim's return; nil: nothing comes back. What is missing can't come back.
func (in *NewClaim) Create(order fulfillment.ID) *Create {
	if !in.Return {
		return nil
	}
	cmd := &Create{Opened: Opened{OrderID: order}}
	for _, l := range in.Lines {
		if l.Reason == ClaimMissingItem {
			continue
		}
		note := l.Note
		if len([]rune(note)) > maxReasonNote {
			note = string([]rune(note)[:maxReasonNote])
		}
		cmd.Lines = append(cmd.Lines, NewLine{
			FulfillmentLineID: l.FulfillmentLineID, Quantity: l.Quantity, Reason: returnReasons[l.Reason],
			ReasonNote: note,
		})
	}
	if len(cmd.Lines) == 0 {
		return nil
	}
	return cmd
}

// OrderLines are the order lines of the claim's replacement, with IDs of their own.
func (in *NewClaim) OrderLines(ids *fulfillment.IDs) []fulfillment.LineItem {
	var lines []fulfillment.LineItem
	for _, l := range in.Replacement {
		of := ExchangeLine{Title: l.Title, SKU: l.SKU, UnitPrice: l.UnitPrice, Processed: l.Quantity}
		of.LineItemID = ids.Next()
		lines = append(lines, of.orderLine())
	}
	return lines
}

// Claim is the record of the claim. Number is which one of the order it is, from 1; the lines are those of its
// replacement, and the return is nil if nothing comes back. Facts are those of Check.
func (in *NewClaim) Claim(
	id fulfillment.ID, number int, lines []fulfillment.LineItem, back *Return, facts Facts, now time.Time,
) *Claim {
	c := &Claim{
		ID: id, OrderID: facts.Order.ID, Name: fmt.Sprintf("%s-C%d", facts.Order.Name, number), Type: in.Type,
		Lines: in.Lines, RefundAmount: in.RefundAmount, Send: in.Send, CreatedAt: now,
	}
	for _, l := range lines {
		c.Replacement = append(c.Replacement, Outbound{LineItemID: l.ID, Quantity: l.Quantity})
	}
	if back != nil {
		c.ReturnID = back.ID
	}
	if c.Type == ClaimRefund && c.RefundAmount == "" {
		c.RefundAmount = in.cost(facts)
	}
	return c
}

// cost is what the goods of the claim have cost, with taxes.
func (in *NewClaim) cost(facts Facts) string {
	goods := &Return{}
	for i := range facts.Shipments {
		for _, of := range facts.Shipments[i].Lines {
			for _, l := range in.Lines {
				if l.FulfillmentLineID == of.ID {
					goods.Lines = append(goods.Lines, Line{LineItemID: of.LineItemID, Quantity: l.Quantity})
				}
			}
		}
	}
	return strings.TrimPrefix(goods.Amounts(Facts{Order: facts.Order}).Total, "-")
}

// FulfillmentStatus is Medusa's status of the claim, from how far its replacement has come and from its return (nil:
// none). What came back is told of a refund at once, and of a replacement when all of that was sent: else it would hide
// that something is still to be sent.
func (c *Claim) FulfillmentStatus(s Sent, back *Return) ClaimStatus {
	sent := ClaimNotFulfilled
	if c.CanceledAt == nil && c.Type == ClaimReplace {
		sent = replacementStatus(s, back)
	}
	switch {
	case c.CanceledAt != nil:
		return ClaimCanceled
	case c.Type == ClaimReplace && sent != ClaimShipped:
		return sent
	case back == nil || !back.Status.Living():
		return sent
	}
	switch units, all := ReturnedUnits([]*Return{back}), back.Units(); {
	case len(units) == 0:
		return sent
	case back.Outstanding() == 0 && sum(units) >= all:
		return ClaimReturned
	}
	return ClaimPartiallyReturned
}

func replacementStatus(s Sent, back *Return) ClaimStatus {
	switch {
	case s.AllTakenBack:
		return ClaimCanceled
	case s.Units > 0 && s.Shipped >= s.Units:
		return ClaimShipped
	case s.Shipped > 0:
		return ClaimPartiallyShipped
	case s.Units > 0 && s.Packed >= s.Units:
		return ClaimFulfilled
	case !s.Working || s.Held && back.late():
		return ClaimRequiresAction
	case s.Packed > 0:
		return ClaimPartiallyFulfilled
	}
	return ClaimNotFulfilled
}

func sum(units map[fulfillment.ID]int) int {
	n := 0
	for _, of := range units {
		n += of
	}
	return n
}

// MayFulfill refuses to send for a claim that is refunded, and once more what was sent; what was taken back may be sent
// again.
func (c *Claim) MayFulfill(s Sent) *fulfillment.Error {
	if c.Type == ClaimRefund {
		return refusal(CodeInvalidState, nil, `Claims with the type "refund" can not be fulfilled.`)
	}
	if s.Units > 0 && s.Packed >= s.Units {
		return refusal(CodeInvalidState, nil, "The claim has already been fulfilled.")
	}
	return nil
}

// MayCancel refuses to call off what has happened, as [Exchange.MayCancel] does.
func (c *Claim) MayCancel(s Sent, of *Return) *fulfillment.Error { return mayCancel("a claim", s, of) }
