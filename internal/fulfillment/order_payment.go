package fulfillment

import (
	"math/big"
	"slices"
	"strings"

	"golang.org/x/text/currency"
)

// Attribute is something that the buyer or the shop noted about an order or a line, such as an engraving.
type Attribute struct {
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
}

// TaxLine is a tax on a line, on top of its price.
type TaxLine struct {
	Title string `json:"title"`
	Rate  string `json:"rate"`            // a part of the price as decimal text: "0.19" is 19 %
	Price string `json:"price,omitempty"` // on all units; default: rate times price, rounded to the smallest coin
}

// TransactionKind says what a payment transaction did, as in Shopify's OrderTransactionKind.
type TransactionKind string

// The transaction kinds.
const (
	TransactionSale             TransactionKind = "SALE" // authorized and captured at once
	TransactionAuthorization    TransactionKind = "AUTHORIZATION"
	TransactionEMVAuthorization TransactionKind = "EMV_AUTHORIZATION"
	TransactionCapture          TransactionKind = "CAPTURE"
	TransactionVoid             TransactionKind = "VOID"
	TransactionRefund           TransactionKind = "REFUND"
	TransactionChange           TransactionKind = "CHANGE"
	TransactionSuggestedRefund  TransactionKind = "SUGGESTED_REFUND"
)

// TransactionKinds lists every TransactionKind.
var TransactionKinds = []TransactionKind{TransactionSale, TransactionCapture, TransactionAuthorization, TransactionVoid,
	TransactionRefund, TransactionChange, TransactionEMVAuthorization, TransactionSuggestedRefund}

// TransactionStatus says how a payment transaction ended, as in Shopify's OrderTransactionStatus.
type TransactionStatus string

// The transaction statuses. Only successful transactions count.
const (
	TransactionSuccess          TransactionStatus = "SUCCESS"
	TransactionFailure          TransactionStatus = "FAILURE"
	TransactionPending          TransactionStatus = "PENDING"
	TransactionError            TransactionStatus = "ERROR"
	TransactionAwaitingResponse TransactionStatus = "AWAITING_RESPONSE"
	TransactionUnknown          TransactionStatus = "UNKNOWN"
)

// TransactionStatuses lists every TransactionStatus.
var TransactionStatuses = []TransactionStatus{TransactionSuccess, TransactionFailure, TransactionPending,
	TransactionError,
	TransactionAwaitingResponse, TransactionUnknown}

// Transaction is a payment, or a step of one, that another system made. Packhorse moves no money.
type Transaction struct {
	Kind    TransactionKind   `json:"kind,omitempty"`    // default SALE
	Status  TransactionStatus `json:"status,omitempty"`  // default SUCCESS
	Gateway string            `json:"gateway,omitempty"` // who handled it, such as "manual"
	Test    bool              `json:"test,omitempty"`
	Amount  string            `json:"amount"` // exact decimal text, in the order's currency
}

// PaymentsFor is the payment that the order must have had which says only where its payment stands: none for a status
// that tells neither of the whole nor of nothing.
func (o *Order) PaymentsFor(status FinancialStatus) []Transaction {
	kind := TransactionSale
	switch status {
	case FinancialPaid:
	case FinancialAuthorized:
		kind = TransactionAuthorization
	case FinancialVoided:
		kind = TransactionVoid
	default:
		return nil
	}
	return []Transaction{{Kind: kind, Status: TransactionSuccess, Gateway: "manual", Amount: o.Totals(nil).Total}}
}

// FinancialStatus is where the payments of an order stand, as in Shopify's OrderDisplayFinancialStatus.
type FinancialStatus string

// The financial statuses. EXPIRED is never derived: nothing here says when an authorization ends.
const (
	FinancialPending           FinancialStatus = "PENDING"
	FinancialAuthorized        FinancialStatus = "AUTHORIZED"
	FinancialPartiallyPaid     FinancialStatus = "PARTIALLY_PAID"
	FinancialPaid              FinancialStatus = "PAID"
	FinancialPartiallyRefunded FinancialStatus = "PARTIALLY_REFUNDED"
	FinancialRefunded          FinancialStatus = "REFUNDED"
	FinancialVoided            FinancialStatus = "VOIDED"
	FinancialExpired           FinancialStatus = "EXPIRED"
)

// FinancialStatus follows from the successful transactions and from what the order costs now, which is the
// CurrentTotal of its [Totals]: what was paid is what sales and captures took, and refunds give back. Without any
// successful transaction it is PENDING.
func (o *Order) FinancialStatus(total string) FinancialStatus {
	paid, refunded := new(big.Rat), new(big.Rat)
	var authorized, voided bool
	for _, t := range o.Transactions {
		if t.Status != TransactionSuccess {
			continue
		}
		switch t.Kind {
		case TransactionSale, TransactionCapture:
			paid.Add(paid, decimal(t.Amount))
		case TransactionRefund:
			refunded.Add(refunded, decimal(t.Amount))
		case TransactionAuthorization, TransactionEMVAuthorization:
			authorized = true
		case TransactionVoid:
			voided = true
		}
	}
	switch {
	case paid.Sign() > 0 && refunded.Cmp(paid) >= 0:
		return FinancialRefunded
	case paid.Sign() > 0 && refunded.Sign() > 0:
		return FinancialPartiallyRefunded
	case paid.Sign() > 0 && paid.Cmp(decimal(total)) < 0:
		return FinancialPartiallyPaid
	case paid.Sign() > 0:
		return FinancialPaid
	case voided:
		return FinancialVoided
	case authorized:
		return FinancialAuthorized
	}
	return FinancialPending
}

// Owes tells whether the customer has paid less than the order costs now, which is the CurrentTotal of its [Totals].
// What is only authorized is not paid.
func (o *Order) Owes(total string) bool {
	paid := new(big.Rat)
	for _, t := range o.Transactions {
		switch {
		case t.Status != TransactionSuccess:
		case t.Kind == TransactionSale, t.Kind == TransactionCapture:
			paid.Add(paid, decimal(t.Amount))
		case t.Kind == TransactionRefund:
			paid.Sub(paid, decimal(t.Amount))
		}
	}
	return paid.Cmp(decimal(total)) < 0
}

// Totals are sums over an order's lines: exact decimal texts in the order's currency, with as many places as that has,
// and more where prices have more. Lines without a price cost nothing.
type Totals struct {
	Subtotal        string // the prices of everything that was ever ordered
	Tax             string
	Total           string // Subtotal and Tax
	CurrentSubtotal string // the same, without what order edits took away
	CurrentTax      string
	CurrentTotal    string
	Refunded        string // what refunds gave back
}

// Totals adds up the order. current are the current quantities of its lines by line ID; a line that is not in it has
// its whole Quantity. A line's taxes shrink with its quantity.
func (o *Order) Totals(current []Quantity) Totals {
	now := make(map[ID]int, len(current))
	for _, q := range current {
		now[q.ID] = q.Quantity
	}
	digits := o.currencyDigits()
	sums := make([]big.Rat, 4) // subtotal, tax, and both of now
	for _, l := range o.LineItems {
		quantity, ok := now[l.ID]
		if !ok {
			quantity = l.Quantity
		}
		price := decimal(l.UnitPrice)
		for i, n := range []int{l.Quantity, quantity} {
			sum := new(big.Rat).Mul(price, rat(n))
			sums[2*i].Add(&sums[2*i], sum)
			for _, t := range l.TaxLines {
				sums[2*i+1].Add(&sums[2*i+1], t.tax(sum, n, l.Quantity, digits))
			}
		}
	}
	refunded := new(big.Rat)
	for _, t := range o.Transactions {
		if t.Kind == TransactionRefund && t.Status == TransactionSuccess {
			refunded.Add(refunded, decimal(t.Amount))
		}
	}
	text := func(r *big.Rat) string { return decimalText(r, digits) }
	return Totals{
		Subtotal: text(&sums[0]), Tax: text(&sums[1]), Total: text(new(big.Rat).Add(&sums[0], &sums[1])),
		CurrentSubtotal: text(&sums[2]), CurrentTax: text(&sums[3]),
		CurrentTotal: text(new(big.Rat).Add(&sums[2], &sums[3])),
		Refunded:     text(refunded),
	}
}

// Taxes are the tax lines of a line of the order with the price of each.
func (o *Order) Taxes(l LineItem) []TaxLine {
	digits := o.currencyDigits()
	price := new(big.Rat).Mul(decimal(l.UnitPrice), rat(l.Quantity))
	lines := slices.Clone(l.TaxLines)
	for i, t := range lines {
		lines[i].Price = decimalText(t.tax(price, l.Quantity, l.Quantity, digits), digits)
	}
	return lines
}

// tax is the tax on n of a line's units, whose prices add up to price.
func (t TaxLine) tax(price *big.Rat, n, of, digits int) *big.Rat {
	tax := new(big.Rat)
	switch {
	case t.Price == "":
		tax.Mul(price, decimal(t.Rate))
	case n == of: // A price is what was charged, also when it has more places than the currency.
		return decimal(t.Price)
	case of > 0:
		tax.Mul(decimal(t.Price), big.NewRat(int64(n), int64(of)))
	}
	return decimal(tax.FloatString(digits))
}

// currencyDigits is how many places amounts of the order's currency have: 2 when that is unknown.
func (o *Order) currencyDigits() int {
	if unit, err := currency.ParseISO(o.CurrencyCode); err == nil {
		digits, _ := currency.Standard.Rounding(unit)
		return digits
	}
	return 2
}

func rat(n int) *big.Rat { return new(big.Rat).SetInt64(int64(n)) }

// decimal reads what [Order.Complete] lets through; anything else is 0.
func decimal(text string) *big.Rat {
	r := new(big.Rat)
	if !isDecimal(text) {
		return r
	}
	r.SetString(text)
	return r
}

// decimalText is exact: sums of decimals are decimals.
func decimalText(r *big.Rat, digits int) string {
	if places, exact := r.FloatPrec(); exact {
		digits = max(digits, places)
	}
	return r.FloatString(digits)
}

func (p *orderProblems) decimal(path []string, text string) {
	if !isDecimal(text) {
		p.add(path, `must be exact decimal text like "12.50" (is %s)`, quoted(text))
	}
}

// attributes checks an ordered list of keys and values. A key may be there twice: what it means is the shop's affair.
func (p *orderProblems) attributes(path []string, attributes []Attribute) {
	if len(attributes) > maxAttributes {
		p.add(path, "at most %d are allowed (are %d)", maxAttributes, len(attributes))
		return
	}
	for i, a := range attributes {
		if strings.TrimSpace(a.Key) == "" {
			p.add(below(path, i, "key"), "must not be empty")
		}
		p.text(below(path, i, "key"), a.Key, maxNameLength)
		p.text(below(path, i, "value"), a.Value, maxMetadataValue)
	}
}

// taxLines tidies and checks taxes, and returns them in a slice of their own.
func (p *orderProblems) taxLines(path []string, lines []TaxLine) []TaxLine {
	if len(lines) > maxTaxLines {
		p.add(path, "at most %d are allowed (are %d)", maxTaxLines, len(lines))
		return lines
	}
	lines = slices.Clone(lines)
	for i := range lines {
		l := &lines[i]
		p.line(below(path, i, "title"), &l.Title, maxNameLength)
		p.decimal(below(path, i, "rate"), l.Rate)
		if l.Price != "" {
			p.decimal(below(path, i, "price"), l.Price)
		}
	}
	return lines
}

// transactions completes and checks payments, and returns them in a slice of their own.
func (p *orderProblems) transactions(path []string, transactions []Transaction) []Transaction {
	if len(transactions) > maxTransactions {
		p.add(path, "at most %d are allowed (are %d)", maxTransactions, len(transactions))
		return transactions
	}
	transactions = slices.Clone(transactions)
	for i := range transactions {
		t, at := &transactions[i], below(path, i)
		if t.Kind == "" {
			t.Kind = TransactionSale
		}
		if t.Status == "" {
			t.Status = TransactionSuccess
		}
		if !slices.Contains(TransactionKinds, t.Kind) {
			p.add(below(at, "kind"), "must be one of %s (is %s)", orList(TransactionKinds), quoted(string(t.Kind)))
		}
		if !slices.Contains(TransactionStatuses, t.Status) {
			p.add(
				below(at, "status"), "must be one of %s (is %s)", orList(TransactionStatuses), quoted(string(t.Status)),
			)
		}
		p.line(below(at, "gateway"), &t.Gateway, maxNameLength)
		p.decimal(below(at, "amount"), t.Amount)
	}
	return transactions
}
