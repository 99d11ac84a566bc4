package fulfillment_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"packhorse/internal/fulfillment"
)

func TestTotals(t *testing.T) {
	t.Parallel()
	line := func(id fulfillment.ID, quantity int, price string, taxes ...fulfillment.TaxLine) fulfillment.LineItem {
		return fulfillment.LineItem{ID: id, Quantity: quantity, UnitPrice: price, TaxLines: taxes}
	}
	vat := fulfillment.TaxLine{Title: "VAT", Rate: "0.19"}
	charged := fulfillment.TaxLine{Title: "VAT", Rate: "0.19", Price: "1.00"}
	for name, c := range map[string]struct {
		currency string
		lines    []fulfillment.LineItem
		current  []fulfillment.Quantity
		want     fulfillment.Totals
	}{
		"cents add up exactly": {"EUR", []fulfillment.LineItem{line(1, 3, "0.10"), line(2, 1, "0.2")}, nil,
			fulfillment.Totals{"0.50", "0.00", "0.50", "0.50", "0.00", "0.50", "0.00"}},
		"no prices": {"", []fulfillment.LineItem{line(1, 3, "")}, nil,
			fulfillment.Totals{"0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00"}},
		"large": {"EUR", []fulfillment.LineItem{line(1, 1_000_000, "99999999999999999999.99")}, nil,
			fulfillment.Totals{
				"99999999999999999999990000.00", "0.00", "99999999999999999999990000.00",
				"99999999999999999999990000.00", "0.00", "99999999999999999999990000.00", "0.00",
			}},
		"finer than a cent": {"EUR", []fulfillment.LineItem{line(1, 3, "0.0015")}, nil,
			fulfillment.Totals{"0.0045", "0.00", "0.0045", "0.0045", "0.00", "0.0045", "0.00"}},
		"yen have no places": {"JPY", []fulfillment.LineItem{line(1, 2, "150", fulfillment.TaxLine{Rate: "0.1"})}, nil,
			fulfillment.Totals{"300", "30", "330", "300", "30", "330", "0"}},
		"dinars have three": {"KWD", []fulfillment.LineItem{line(1, 1, "1.5")}, nil,
			fulfillment.Totals{"1.500", "0.000", "1.500", "1.500", "0.000", "1.500", "0.000"}},
		"tax is rounded once a line": {"EUR", []fulfillment.LineItem{line(1, 3, "0.50", vat), line(2, 1, "0.50", vat)},
			nil,
			fulfillment.Totals{"2.00", "0.39", "2.39", "2.00", "0.39", "2.39", "0.00"}},
		"edited": {"EUR", []fulfillment.LineItem{line(1, 3, "2.00", charged), line(2, 1, "5.00", vat)},
			[]fulfillment.Quantity{{ID: 1, Quantity: 1}, {ID: 2, Quantity: 0}},
			fulfillment.Totals{"11.00", "1.95", "12.95", "2.00", "0.33", "2.33", "0.00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := fulfillment.Order{CurrencyCode: c.currency, LineItems: c.lines}
			if got := o.Totals(c.current); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// Whatever the prices, a total is exact: counting in the smallest unit gives the same.
func TestTotalsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := fulfillment.Order{CurrencyCode: "USD"}
		cents := 0
		for i := range rapid.IntRange(1, 20).Draw(t, "lines") {
			price, quantity := rapid.IntRange(0, 1_000_000).Draw(t, "cents"),
				rapid.IntRange(1, 1000).Draw(t, "quantity")
			cents += price * quantity
			o.LineItems = append(
				o.LineItems,
				fulfillment.LineItem{ID: fulfillment.ID(i + 1), Quantity: quantity, UnitPrice: inUnits(price)},
			)
		}
		if got := o.Totals(nil).Total; got != inUnits(cents) {
			t.Fatalf("got %s, want %s", got, inUnits(cents))
		}
	})
}

func inUnits(cents int) string {
	text := fulfillment.ID(cents).String()
	if len(text) < 3 {
		text = strings.Repeat("0", 3-len(text)) + text
	}
	return text[:len(text)-2] + "." + text[len(text)-2:]
}

func TestFinancialStatus(t *testing.T) {
	t.Parallel()
	pay := func(kind fulfillment.TransactionKind, amount string) fulfillment.Transaction {
		return fulfillment.Transaction{Kind: kind, Status: fulfillment.TransactionSuccess, Amount: amount}
	}
	failed := pay(fulfillment.TransactionSale, "10.00")
	failed.Status = fulfillment.TransactionFailure
	sale, refund := fulfillment.TransactionSale, fulfillment.TransactionRefund
	for name, c := range map[string]struct {
		transactions []fulfillment.Transaction
		want         fulfillment.FinancialStatus
		refunded     string
	}{
		"nothing paid": {nil, fulfillment.FinancialPending, "0.00"},
		"failed":       {[]fulfillment.Transaction{failed}, fulfillment.FinancialPending, "0.00"},
		"paid": {
			[]fulfillment.Transaction{pay(sale, "10")}, fulfillment.FinancialPaid, "0.00",
		},
		"paid in two": {
			[]fulfillment.Transaction{pay(sale, "9.99"), pay(sale, "0.01")}, fulfillment.FinancialPaid, "0.00",
		},
		"paid too much": {
			[]fulfillment.Transaction{pay(sale, "11")}, fulfillment.FinancialPaid, "0.00",
		},
		"a cent is missing": {
			[]fulfillment.Transaction{pay(sale, "9.99")}, fulfillment.FinancialPartiallyPaid, "0.00",
		},
		"authorized": {
			[]fulfillment.Transaction{pay(fulfillment.TransactionAuthorization, "10.00")},
			fulfillment.FinancialAuthorized, "0.00",
		},
		"captured": {
			[]fulfillment.Transaction{
				pay(fulfillment.TransactionAuthorization, "10.00"), pay(fulfillment.TransactionCapture, "10.00"),
			},
			fulfillment.FinancialPaid, "0.00",
		},
		"voided": {
			[]fulfillment.Transaction{
				pay(fulfillment.TransactionAuthorization, "10.00"), pay(fulfillment.TransactionVoid, "10.00"),
			},
			fulfillment.FinancialVoided, "0.00",
		},
		"partly refunded": {
			[]fulfillment.Transaction{pay(sale, "10.00"), pay(refund, "3.50")}, fulfillment.FinancialPartiallyRefunded,
			"3.50",
		},
		"refunded": {
			[]fulfillment.Transaction{pay(sale, "10.00"), pay(refund, "10.00")}, fulfillment.FinancialRefunded, "10.00",
		},
		"a sale of nothing is no payment": {
			[]fulfillment.Transaction{pay(sale, "0.00")}, fulfillment.FinancialPending, "0.00",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := fulfillment.Order{CurrencyCode: "EUR", Transactions: c.transactions,
				LineItems: []fulfillment.LineItem{{ID: 1, Quantity: 2, UnitPrice: "5.00"}}}
			totals := o.Totals(nil)
			if got := o.FinancialStatus(totals.CurrentTotal); got != c.want || totals.Refunded != c.refunded {
				t.Errorf("got %s and %s refunded, want %s and %s", got, totals.Refunded, c.want, c.refunded)
			}
		})
	}
}

func TestOrderDetailsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil          func(o *fulfillment.Order)
		field, message string
	}{
		"attribute key": {func(o *fulfillment.Order) {
			o.CustomAttributes = []fulfillment.Attribute{{Key: "a"}, {Value: "b"}}
		},
			"customAttributes.1.key", "customAttributes[1].key: must not be empty"},
		"attributes": {func(o *fulfillment.Order) {
			o.LineItems[1].CustomAttributes = make([]fulfillment.Attribute, 101)
		},
			"lineItems.1.customAttributes", "lineItems[1].customAttributes: at most 100 are allowed (are 101)"},
		"kind": {func(o *fulfillment.Order) { o.Transactions = []fulfillment.Transaction{{Kind: "GIFT", Amount: "1"}} },
			"transactions.0.kind",
			`transactions[0].kind: must be one of SALE, CAPTURE, AUTHORIZATION, VOID, REFUND, CHANGE, EMV_AUTHORIZATION or SUGGESTED_REFUND (is "GIFT")`},
		"status": {func(o *fulfillment.Order) {
			o.Transactions = []fulfillment.Transaction{{Status: "DONE", Amount: "1"}}
		},
			"transactions.0.status",
			`transactions[0].status: must be one of SUCCESS, FAILURE, PENDING, ERROR, AWAITING_RESPONSE or UNKNOWN (is "DONE")`},
		"amount": {func(o *fulfillment.Order) { o.Transactions = []fulfillment.Transaction{{Amount: "-1"}} },
			"transactions.0.amount", `transactions[0].amount: must be exact decimal text like "12.50" (is "-1")`},
		"tax rate": {func(o *fulfillment.Order) { o.LineItems[0].TaxLines = []fulfillment.TaxLine{{Title: "VAT"}} },
			"lineItems.0.taxLines.0.rate",
			`lineItems[0].taxLines[0].rate: must be exact decimal text like "12.50" (is "")`},
		"tax price": {func(o *fulfillment.Order) {
			o.LineItems[0].TaxLines = []fulfillment.TaxLine{{Rate: "0.1", Price: "1e3"}}
		},
			"lineItems.0.taxLines.0.price",
			`lineItems[0].taxLines[0].price: must be exact decimal text like "12.50" (is "1e3")`},
		"vendor": {func(o *fulfillment.Order) { o.LineItems[0].Vendor = "a\x00" },
			"lineItems.0.vendor", "lineItems[0].vendor: must not contain control characters (has U+0000)"},
		"variant title": {func(o *fulfillment.Order) { o.LineItems[0].VariantTitle = strings.Repeat("ü", 256) },
			"lineItems.0.variantTitle", "lineItems[0].variantTitle: may have at most 255 characters (has 256)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := validOrder()
			c.spoil(&o)
			refused, ok := fulfillment.AsError(o.Complete(orderTime))
			if !ok || refused.Code != fulfillment.CodeInvalid || strings.Join(refused.Field, ".") != c.field ||
				refused.Message != c.message {
				t.Errorf("refused with %v\nwant field %s\n%s", refused, c.field, c.message)
			}
		})
	}
}

func TestOrderCompletesTransactions(t *testing.T) {
	t.Parallel()
	o := validOrder()
	given := []fulfillment.Transaction{{Amount: "1"}}
	o.Transactions = given
	if err := o.Complete(orderTime); err != nil {
		t.Fatal(err)
	}
	if got := o.Transactions[0]; got.Kind != fulfillment.TransactionSale ||
		got.Status != fulfillment.TransactionSuccess || given[0].Kind != "" {
		t.Errorf("completed to %+v; the caller's own is %+v", got, given[0])
	}
}
