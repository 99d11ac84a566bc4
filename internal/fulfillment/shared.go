package fulfillment

import "math/big"

// What packages beside this one share with its commands: those that model what happens to a shipment later.

// Check refuses an envelope that a transition could not hold, and an actor of whom nobody knows what it may do.
func (m *Meta) Check() *Error { return m.check() }

// RoleOf is what the actor is; one without a role is an operator.
func (a Actor) RoleOf() Role { return a.role() }

// FingerprintOf identifies what a command of this name asks for, as [Fingerprint] does. Fields that were looked up for
// it make no difference.
func FingerprintOf(name string, cmd any, lookedUp ...string) string {
	return fingerprint(name, cmd, lookedUp...)
}

// TextProblem is what no text may have, after the name of its field; empty: nothing. See [LineProblem].
func TextProblem(text string) string { return textProblem(text) }

// LineProblem is what a text of one line may not have when it is tidy, after the name of its field; empty: nothing.
func LineProblem(text string) string { return lineProblem(text) }

// TooLong refuses a text of more characters than the limit, or with a NUL, which can't be stored.
func TooLong(text string, limit int, field ...string) *Error { return tooLong(text, limit, field...) }

// CheckWebAddress refuses a text that is no address of the web.
func CheckWebAddress(text string, field ...string) *Error { return webAddress(text, field) }

// IsDecimal tells whether a text is exact decimal text without a sign, such as "12.50".
func IsDecimal(text string) bool { return isDecimal(text) }

// Part is what n of a line's units cost: their price without taxes, and the taxes on them, as exact decimal texts.
func (o *Order) Part(l LineItem, n int) (price, tax string) {
	digits := o.currencyDigits()
	cost, taxes := new(big.Rat).Mul(decimal(l.UnitPrice), rat(n)), new(big.Rat)
	for _, t := range l.TaxLines {
		taxes.Add(taxes, t.tax(cost, n, l.Quantity, digits))
	}
	return decimalText(cost, digits), decimalText(taxes, digits)
}

// CurrencyDigits is how many places amounts of the order's currency have: 2 when that is unknown.
func (o *Order) CurrencyDigits() int { return o.currencyDigits() }
