package returns

import (
	"math/big"
	"slices"

	"packhorse/internal/fulfillment"
)

// Calculate is what a return would come to, before anybody makes it (returnCalculate).
type Calculate struct {
	OrderID     fulfillment.ID   `json:"orderId"`
	Lines       []CalculateUnits `json:"returnLineItems,omitempty"`
	ShippingFee *ShippingFee     `json:"returnShippingFee,omitempty"`
}

// CalculateUnits is units of a line of a shipment.
type CalculateUnits struct {
	FulfillmentLineID fulfillment.ID `json:"fulfillmentLineItemId"`
	Quantity          int            `json:"quantity"`
	RestockingFee     *RestockingFee `json:"restockingFee,omitempty"`
}

// Calculation is what a return comes to. Amounts are exact decimal texts in the order's currency, with at least as many
// places as that has: what the customer gets is negative, what is kept is positive.
type Calculation struct {
	CurrencyCode string           `json:"currencyCode,omitempty"`
	Lines        []CalculatedLine `json:"returnLineItems"`
	ShippingFee  *ShippingFee     `json:"returnShippingFee,omitempty"`
	Subtotal     string           `json:"subtotal"` // of the goods
	Tax          string           `json:"tax"`
	Fees         string           `json:"fees"` // restocking and shipping
	Total        string           `json:"total"`
}

// CalculatedLine is what units of a line come to.
type CalculatedLine struct {
	FulfillmentLineID fulfillment.ID `json:"fulfillmentLineItemId"`
	LineItemID        fulfillment.ID `json:"lineItemId"`
	Quantity          int            `json:"quantity"`
	Percentage        string         `json:"restockingFeePercentage,omitempty"` // empty: no fee
	RestockingFee     string         `json:"restockingFee,omitempty"`
	Subtotal          string         `json:"subtotal"`
	Tax               string         `json:"tax"`
}

// Calculate computes what a return of these units would come to. Facts are those of a command that begins a return.
// The tax on a line is shared out by quantity, so that the shares of all units are the whole of it, to the last coin.
func (in *Calculate) Calculate(facts Facts) (*Calculation, error) {
	if facts.Order == nil || facts.Order.ID != in.OrderID {
		return nil, refusal(CodeNotFound, at(requestInput, "orderId"), "Order was not found.")
	}
	field := at(requestInput, "returnLineItems")
	if refused := tooMany(len(in.Lines), field); refused != nil {
		return nil, refused
	}
	c := &change{r: &Return{}, ids: fulfillment.NewIDs(1), facts: facts}
	lines := make([]NewLine, len(in.Lines))
	for i, l := range in.Lines {
		lines[i] = NewLine{
			FulfillmentLineID: l.FulfillmentLineID, Quantity: l.Quantity, RestockingFee: l.RestockingFee,
			Reason: ReasonUnknown,
		}
	}
	var wrong problems
	c.takeLines(lines, false, field, &wrong)
	wrong.add(c.takeFee(in.ShippingFee, at(requestInput, "returnShippingFee", "amount")))
	if refused := wrong.refused(); refused != nil {
		return nil, refused
	}
	return c.r.Amounts(facts), nil
}

// Amounts is what the return comes to. Facts has the order with all of its returns: the units of those that were made
// before it (by ID) come first where a tax is shared out.
func (r *Return) Amounts(facts Facts) *Calculation {
	order := facts.Order
	digits := order.CurrencyDigits()
	sums := amounts{digits: digits}
	before := map[fulfillment.ID]int{}
	for _, other := range facts.Returns {
		if !other.Status.Living() || other.ID == r.ID || r.ID != 0 && other.ID > r.ID {
			continue
		}
		for _, l := range other.Lines {
			before[l.LineItemID] += l.Quantity
		}
	}
	c := &Calculation{CurrencyCode: order.CurrencyCode, ShippingFee: r.ShippingFee, Lines: []CalculatedLine{}}
	for _, l := range r.Lines {
		i := slices.IndexFunc(order.LineItems, func(of fulfillment.LineItem) bool { return of.ID == l.LineItemID })
		if i < 0 {
			continue
		}
		priceThen, taxThen := order.Part(order.LineItems[i], before[l.LineItemID])
		before[l.LineItemID] += l.Quantity
		price, tax := order.Part(order.LineItems[i], before[l.LineItemID])
		goods, taxes := minus(price, priceThen), minus(tax, taxThen)
		line := CalculatedLine{
			FulfillmentLineID: l.FulfillmentLineID, LineItemID: l.LineItemID, Quantity: l.Quantity,
			Percentage: l.RestockingFee,
			Subtotal:   sums.give(&sums.goods, goods), Tax: sums.give(&sums.tax, taxes),
		}
		if l.RestockingFee != "" {
			fee := new(big.Rat).Mul(goods, new(big.Rat).Quo(number(l.RestockingFee), big.NewRat(100, 1)))
			line.RestockingFee = sums.keep(number(fee.FloatString(digits)))
		}
		c.Lines = append(c.Lines, line)
	}
	if r.ShippingFee != nil {
		sums.keep(number(r.ShippingFee.Amount))
	}
	total := new(big.Rat).Add(&sums.goods, &sums.tax)
	c.Subtotal, c.Tax = sums.text(&sums.goods), sums.text(&sums.tax)
	c.Fees, c.Total = sums.text(&sums.fees), sums.text(total.Add(total, &sums.fees))
	return c
}

// amounts adds up what goes to the customer, and what is kept.
type amounts struct {
	digits           int
	goods, tax, fees big.Rat
}

// give adds what the customer gets to a sum, and is it as text: negative.
func (a *amounts) give(sum, amount *big.Rat) string {
	amount = new(big.Rat).Neg(amount)
	sum.Add(sum, amount)
	return a.text(amount)
}

// keep adds what is kept, and is it as text.
func (a *amounts) keep(amount *big.Rat) string {
	a.fees.Add(&a.fees, amount)
	return a.text(amount)
}

// text is exact: sums of decimals are decimals.
func (a *amounts) text(amount *big.Rat) string {
	digits := a.digits
	if places, exact := amount.FloatPrec(); exact {
		digits = max(digits, places)
	}
	return amount.FloatString(digits)
}

func minus(a, b string) *big.Rat { return new(big.Rat).Sub(number(a), number(b)) }

// number reads decimal text that was checked; anything else is 0.
func number(text string) *big.Rat {
	if n, ok := new(big.Rat).SetString(text); ok {
		return n
	}
	return new(big.Rat)
}

// percentage is a share in percent as the plainest decimal text; ok is false if it is none from 0 to 100.
func percentage(text string) (plain string, ok bool) {
	if !fulfillment.IsDecimal(text) || len(text) > 32 {
		return "", false
	}
	share := number(text)
	if share.Cmp(big.NewRat(100, 1)) > 0 {
		return "", false
	}
	places, _ := share.FloatPrec()
	return share.FloatString(places), true
}
